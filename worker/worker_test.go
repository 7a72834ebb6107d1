package worker_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/goleak"

	"terrace/domain/pilot"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a record, a Temporal and a Worker between them.
type house struct {
	*recordtest.Record
	client client.Client
	config worker.Config
}

func newHouse(t *testing.T, c client.Client) *house {
	t.Helper()
	record := recordtest.New(t)
	return &house{record, c, worker.Config{
		Client: c, Record: record, Outbox: record, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Prefix: temporaltest.Prefix(), Indexed: true, Poll: 5 * time.Millisecond, Lease: time.Second, Resurface: 200 * time.Millisecond,
	}}
}

func (h *house) open(t *testing.T) *worker.Worker {
	t.Helper()
	w := worker.Start(h.config)
	t.Cleanup(w.Stop)
	return w
}

func (h *house) stage(t *testing.T, ref pilot.Ref) pilot.Stage {
	t.Helper()
	s, err := h.Load(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return pilot.RecordOf(s).Stage
}

func never() bool { return false }

func TestWorkflowsCarryAPilotFromDraftToArchive(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 2)
	p.Carry(h, never)

	home := pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}
	if got := h.stage(t, home); got != pilot.Archived {
		t.Fatalf("the pilot ended as %s", got)
	}
}
