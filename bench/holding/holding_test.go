package holding

import (
	"testing"
	"time"

	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

var s *stack.Stack

func TestMain(m *testing.M) { stacktest.Main(m, &s) }

func TestHeldPilotsAreReal(t *testing.T) {
	t.Parallel()
	w, err := openWorld(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	if err := w.draft(t.Context(), 2*calls); err != nil {
		t.Fatal(err)
	}
	reminded := 0
	for _, id := range w.pilots {
		state, err := w.Store.Load(t.Context(), flow.Ref{Kind: pilot.Kind, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if next := flow.ProgressOf(state).Next; next.At.Sub(w.hourBefore()) <= time.Hour {
			reminded++
		}
	}
	if reminded != 2 {
		t.Errorf("%d of %d drafts have a reminder due in the next hour, want one in %d", reminded, len(w.pilots), calls)
	}
	for _, id := range w.pilots[:2] {
		c := w.drafting(0)
		c.Aggregate.ID, c.Name, c.Payload = id, "submit", &pilot.Submit{}
		if outcome, err := w.Store.Execute(t.Context(), c); err != nil || flow.RecordOf(outcome.State).Stage != pilot.Eligibility {
			t.Errorf("submitted by %s: %v", zhuanglang.CountyOfficer, err)
		}
	}
	if _, err := w.Store.WriteTurns(t.Context()); err != nil { // as a worker would
		t.Error(err)
	}
	if differences, err := w.Store.Verify(t.Context(), func(int, int) {}); err != nil || len(differences) > 0 {
		t.Errorf("the record differs: %v, %v", differences, err)
	}
}
