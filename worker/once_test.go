package worker

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/log"
)

func TestTheClientSaysOnceThatTemporalIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		client := log.NewStructuredLogger(slog.New(newSayOnce(slog.NewTextHandler(&out, nil))))
		refused, slow := serviceerror.NewUnavailable("connection refused"), serviceerror.NewDeadlineExceeded("too slow")
		poll := func(err error) {
			for _, queue := range []string{"terrace", "terrace-payments"} {
				log.With(client, "TaskQueue", queue).Warn("Failed to poll for task.", "Error", err)
			}
		}
		for range 100 {
			poll(refused)
			time.Sleep(10 * time.Second)
		}
		poll(slow)
		poll(refused)
		if n := strings.Count(out.String(), "Failed to poll"); n != 2 {
			t.Errorf("said %d times, want once for each fault:\n%s", n, out.String())
		}
		time.Sleep(2 * time.Minute) // it is back, and goes away again
		poll(refused)
		poll(errors.New("not a matter of Temporal being away"))
		if n := strings.Count(out.String(), "Failed to poll"); n != 5 {
			t.Errorf("said %d times, want the new absence once and every other error:\n%s", n, out.String())
		}
	})
}
