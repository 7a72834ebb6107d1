package workflows_test

import (
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
	sdkworker "go.temporal.io/sdk/worker"

	"terrace/worker/temporaltest"
	"terrace/workflows"
)

var (
	update   = flag.Bool("update", false, "make testdata/histories anew from real runs")
	onlyPath = flag.String("path", "", "with -update: make only the histories of the paths whose name holds this")
)

const histories = "testdata/histories"

// TestCommittedHistoriesReplay replays the committed histories, which stand for runs in progress. If it fails, such
// runs could not continue with this code.
func TestCommittedHistoriesReplay(t *testing.T) { //nolint:paralleltest,tparallel // with -update it writes what the others read
	if *update {
		makeHistories(t)
	}
	for _, file := range committed(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			replayer := sdkworker.NewWorkflowReplayer()
			workflows.Register(replayer)
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet(t), file); err != nil {
				t.Errorf("%v\nRaise workflows.Story and renew the histories (see %s/README.md), or keep the code compatible with them.", err, histories)
			}
		})
	}
}

func quiet(t *testing.T) log.Logger {
	return log.NewStructuredLogger(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError + 1})))
}

// makeHistories carries pilots along every path on a real Temporal server and saves the histories of their runs.
func makeHistories(t *testing.T) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(histories, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if *onlyPath == "" {
		for _, file := range old {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := temporaltest.Dial(t)
	t.Run("carried along", func(t *testing.T) {
		for name, p := range paths {
			if !strings.Contains(name, *onlyPath) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p.play(set(t, c, p.villages))
			})
		}
		makeNights(t, c)
	})
}
