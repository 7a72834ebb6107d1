package driving

import (
	"context"
	"testing"
	"time"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/project"
)

var s *stack.Stack

func TestMain(m *testing.M) {
	stacktest.Main(m, &s, func(ctx context.Context, s *stack.Stack) error {
		_, err := s.StartTemporal(ctx)
		return err
	})
}

func TestEveryEngineCarriesALifecycleToItsEnd(t *testing.T) {
	t.Parallel()
	engines, err := open(t.Context(), s)
	for _, e := range engines {
		t.Cleanup(func() {
			if err := e.close(); err != nil {
				t.Error(err)
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range engines {
		c, err := e.carry(t.Context(), backToBack, 1)
		if err != nil {
			t.Fatalf("%s: %v", e.name(), err)
		}
		if c.lifecycles != 1 || c.events < 30 || c.tasks < 5 || c.took <= 0 || c.cpu["temporal"] <= 0 {
			t.Errorf("%s: %+v", e.name(), c)
		}
	}
}

func TestALifecycleOfTerraceEndsPostedAndVerified(t *testing.T) {
	t.Parallel()
	own, err := openTerrace(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.close() })
	if err := own.prepare(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	api, base, err := own.stack.API(t.Context(), own.world.URL, own.world.Environment()...)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Stop()
	carrier, err := own.stack.Worker(t.Context(), own.world.URL, own.world.Environment()...)
	if err != nil {
		t.Fatal(err)
	}
	defer carrier.Stop()
	w, err := watchOver(t.Context(), own.world.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close() //nolint:errcheck // the database goes with the server
	villages := own.take(1)
	if err := (people{t: own, base: base, watch: w, how: alone}).carry(t.Context(), villages); err != nil {
		t.Fatal(err)
	}
	village := villages[0]
	for ref, want := range map[flow.Ref]flow.Stage{village.Project: project.Rollout, village.Payment: payment.Posted} {
		state, err := own.world.Store.Load(t.Context(), ref)
		if err != nil || flow.RecordOf(state).Stage != want {
			t.Errorf("%s: %+v, %v, want %s", ref, state, err, want)
		}
		if p, ok := state.(*project.Project); ok && p.Steps[0].Status != project.StepVerified {
			t.Errorf("the milestone is %s", p.Steps[0].Status)
		}
	}
}

func TestARowIsTheMedianPerLifecycle(t *testing.T) {
	t.Parallel()
	round := func(seconds, cpu, signals int) carried {
		return carried{
			lifecycles: 10, took: time.Duration(seconds) * time.Second, signals: signals, events: 500,
			cpu: map[string]time.Duration{"api": 100 * time.Millisecond, "temporal": time.Duration(cpu) * time.Millisecond},
		}
	}
	r := row("terrace", alone, []carried{round(1, 900, 60), round(5, 400, 70), round(2, 1900, 50)})
	if r.LifecyclesPerSecond != 5 || r.LifecyclesPerSecondMin != 2 || r.LifecyclesPerSecondMax != 10 {
		t.Errorf("lifecycles/s: %+v", r)
	}
	if r.CPUPerLifecycle != 100 || r.CPU["api"] != 10 || r.CPU["temporal"] != 90 || r.SignalsPerLifecycle != 6 || r.EventsPerLifecycle != 50 {
		t.Errorf("per lifecycle: %+v", r)
	}
}

func TestPeopleSendNoneOfTheWorkflowsDecisions(t *testing.T) {
	t.Parallel()
	own := map[int]bool{opening: true, paymentOpening: true, instruction: true, report: true}
	for n, step := range lifecycle.Steps {
		if step.Machine != own[n] {
			t.Errorf("decision %d, %s: taken by the workflow: %v", n, step.Name, step.Machine)
		}
	}
}
