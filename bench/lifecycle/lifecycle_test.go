package lifecycle_test

import (
	"testing"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/project"
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
		recorded, err := v.Execute(t.Context(), n)
		must(t, err)
		if !recorded {
			t.Errorf("decision %d recorded nothing", n)
		}
	}
	paid, err := w.Store.Load(t.Context(), v.Payment)
	must(t, err)
	if stage := flow.RecordOf(paid).Stage; stage != payment.Posted {
		t.Errorf("the payment is at %s", stage)
	}
	begun, err := w.Store.Load(t.Context(), v.Project)
	must(t, err)
	if status := begun.(*project.Project).Steps[0].Status; status != project.StepVerified {
		t.Errorf("the milestone is %s", status)
	}
}

func TestADecisionAlreadyTakenByTheWorkflowRecordsNothing(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	for name, id := range map[string]string{"under the same id: a repetition": "", "under another: a refusal": "another"} {
		v := w.Take()
		quicker, err := v.Command(0)
		must(t, err)
		if id != "" {
			quicker.ID = id
		}
		_, err = w.Store.Execute(t.Context(), quicker)
		must(t, err)
		if recorded, err := v.Execute(t.Context(), 0); recorded || err != nil {
			t.Errorf("%s: recorded %v, %v", name, recorded, err)
		}
		if recorded, err := v.Execute(t.Context(), 1); !recorded || err != nil {
			t.Errorf("%s: the next decision: recorded %v, %v", name, recorded, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
