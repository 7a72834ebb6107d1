package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// newSwept returns a record with an additional kind of aggregate, which is swept.
func newSwept(t *testing.T) *real {
	t.Helper()
	r := newReal(t)
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), postgres.Config{
		Catalogue: catalogue.All.With(pgtest.Loans), URL: pgtest.Program(t, r.url), Programmes: set, Calendar: calendar.Published(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	r.Record = worker.NewRecord(store)
	return r
}

// lend opens n loans that are due on the first day. Each first gets a reminder and then lapses.
func (r *real) lend(n int) (loans []flow.Ref) {
	r.t.Helper()
	officer := domain.Actor{ID: zhuanglang.CountyOfficer, Roles: []domain.Role{domain.CaseOfficer}, Place: "620825"}
	slots := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i := range n {
		ref := flow.Ref{Kind: pgtest.LoanKind, ID: fmt.Sprintf("loan%04d", i)}
		loans = append(loans, ref)
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			due := calendar.Of(recordtest.Start)
			if err := r.Execute(r.t.Context(), flow.Command{
				ID: uuid.NewString(), Actor: officer, Name: "lend", Aggregate: ref, Payload: &pgtest.Lend{Home: "620825", Due: due},
			}); err != nil {
				r.t.Errorf("lend %s: %v", ref, err)
			}
		})
	}
	all.Wait()
	return loans
}

// stubborn is a record that refuses every command for one aggregate until it gives in.
type stubborn struct {
	*worker.Record
	ref    flow.Ref
	gaveIn atomic.Bool
}

func (s *stubborn) Execute(ctx context.Context, cmd flow.Command) error {
	if cmd.Aggregate == s.ref && !s.gaveIn.Load() {
		return errors.New("it cannot be written")
	}
	return s.Record.Execute(ctx, cmd)
}

// due returns up to limit loans that are due.
func (r *real) due(limit int) (refs []flow.Ref) {
	r.t.Helper()
	page, err := r.DueSwept(r.t.Context(), activities.Due{}, limit)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range page {
		refs = append(refs, d.Ref)
	}
	return refs
}

func TestEveryNightWhatIsDueIsSweptOnce(t *testing.T) {
	t.Parallel()
	r, c := newSwept(t), temporaltest.Dial(t)
	const n = 1_200
	loans := r.lend(n)
	r.move(2 * virtualDay)
	bad := loans[600]
	record := &stubborn{Record: r.Record, ref: bad}
	config := r.night(c)
	config.Sweep = record
	defer worker.Start(config).Stop()
	schedule := config.Prefix + workflows.SweepSchedule

	trigger(t, c, schedule)
	recordtest.Until(t, "all but one are swept", func() bool { return slices.Equal(r.due(2), []flow.Ref{bad}) })
	recordtest.Until(t, "the one that cannot be swept is reported", func() bool {
		return slices.ContainsFunc(failures(t, c, schedule), func(why string) bool {
			return strings.Contains(why, bad.String()) && strings.Contains(why, "aggregates not swept: 1;")
		})
	})
	record.gaveIn.Store(true)
	var swept activities.Swept
	if ran(t, c, schedule, 1, &swept); swept != (activities.Swept{Aggregates: 1, Moments: 2}) {
		t.Errorf("the next try swept %+v", swept)
	}
	for _, ref := range loans {
		state, err := r.Load(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if record := flow.RecordOf(state); record.Stage != "loan-ended" || record.Seq != 3 {
			t.Errorf("%s is %s after %d events", ref, record.Stage, record.Seq)
		}
	}
	trigger(t, c, schedule)
	if ran(t, c, schedule, 2, &swept); swept != (activities.Swept{}) {
		t.Errorf("the second night swept %+v", swept)
	}
	r.runsNothingElse(c, config.Prefix)
	if found, err := r.Verify(t.Context(), func(int, int) {}); err != nil || len(found) > 0 {
		t.Errorf("the record differs: %v, %v", found, err)
	}
}

// failures returns the errors of the activities in progress in a schedule's last run.
func failures(t *testing.T, c client.Client, schedule string) (why []string) {
	t.Helper()
	described, err := c.ScheduleClient().GetHandle(t.Context(), schedule).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range described.Info.RunningWorkflows {
		found, err := c.DescribeWorkflowExecution(t.Context(), run.WorkflowID, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range found.GetPendingActivities() {
			why = append(why, p.GetLastFailure().GetMessage())
		}
	}
	return why
}

// runsNothingElse fails the test if anything other than the sweep has run on the task queue.
func (r *real) runsNothingElse(c client.Client, prefix string) {
	r.t.Helper()
	var runs []string
	recordtest.Until(r.t, "the runs are listed", func() bool {
		page, err := c.ListWorkflow(r.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Query: fmt.Sprintf("TaskQueue = '%s'", prefix+workflows.Queue),
		})
		if err != nil {
			r.t.Fatal(err)
		}
		runs = runs[:0]
		for _, run := range page.GetExecutions() {
			runs = append(runs, run.GetType().GetName())
		}
		return len(runs) >= 2
	})
	if !slices.Equal(runs, []string{workflows.SweepType, workflows.SweepType}) {
		r.t.Errorf("there ran %q", runs)
	}
}

// oneOpen is a record with one open aggregate.
type oneOpen flow.Ref

func (o oneOpen) OpenAggregates(_ context.Context, after flow.Ref, _ int) ([]flow.Ref, error) {
	if after == flow.Ref(o) {
		return nil, nil
	}
	return []flow.Ref{flow.Ref(o)}, nil
}

func (oneOpen) Known(context.Context, []flow.Ref) (map[flow.Ref]bool, error) { return nil, nil }

// When a kind no longer has a workflow, the record may still list its aggregates as open until it is rebuilt.
func TestWhatNoWorkflowCarriesIsNeitherResumedNorMissing(t *testing.T) {
	t.Parallel()
	c, open := temporaltest.Dial(t), oneOpen{Kind: pgtest.LoanKind, ID: "a"}
	missing, err := worker.Missing(t.Context(), open, c)
	if err != nil || len(missing) > 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	resumed, err := worker.Resuming{Open: open, Client: c, Prefix: temporaltest.Prefix()}.Resume(t.Context(), true, func(worker.Resumed) {})
	if err != nil || resumed != (worker.Resumed{}) {
		t.Errorf("resumed %+v, %v", resumed, err)
	}
}
