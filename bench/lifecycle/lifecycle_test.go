package lifecycle_test

import (
	"testing"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
	"terrace/domain/pilot"
)

var s *stack.Stack

func TestMain(m *testing.M) { stacktest.Main(m, &s) }

func open(t *testing.T, n int) *lifecycle.World {
	t.Helper()
	record, err := s.NewRecord(t.Context(), "lifecycle")
	must(t, err)
	w, err := lifecycle.Open(t.Context(), record, t.TempDir())
	must(t, err)
	t.Cleanup(w.Close)
	must(t, w.Prepare(t.Context(), n))
	if w.Ready() < n {
		t.Fatalf("%d villages are ready of %d", w.Ready(), n)
	}
	return w
}

func TestALifecycleIsTwelveAcceptedDecisions(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	v := w.Take()
	for n := range lifecycle.Decisions {
		outcome, err := v.Execute(t.Context(), n)
		must(t, err)
		if outcome.Repeated || len(outcome.Receipt.Events) == 0 {
			t.Errorf("decision %d: %+v", n, outcome.Receipt)
		}
	}
	payment, err := w.Store.Load(t.Context(), v.Payment)
	must(t, err)
	if stage := pilot.RecordOf(payment).Stage; stage != pilot.Posted {
		t.Errorf("the payment is at %s", stage)
	}
	project, err := w.Store.Load(t.Context(), v.Project)
	must(t, err)
	if status := project.(*pilot.Project).Steps[0].Status; status != pilot.StepVerified {
		t.Errorf("the milestone is %s", status)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
