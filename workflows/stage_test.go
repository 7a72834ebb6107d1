package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/goleak"

	"terrace/activities"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/workflows"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const id = "0199-test"

// stage runs one workflow on a clock that skips ahead, against a fake record.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	kind  flow.Kind
	began time.Time

	mu       sync.Mutex
	news     activities.News // the News that the record currently returns
	calls    []string        // activities, with the subject of their duty
	at       []time.Duration // when each was called, from the start of the run
	children []string
	// cancelled counts the cancelled children.
	cancelled int
	// answer returns an activity's result. If it is nil, the duty is done and the aggregate ends.
	answer func(call string) (activities.Answer, error)
}

func newStage(t *testing.T, kind flow.Kind, news activities.News) *stage {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(t.Output(), nil))))
	s := &stage{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), kind: kind, news: news}
	s.news.Ref = flow.Ref{Kind: kind, ID: id}
	s.SetTestTimeout(10 * time.Second)
	s.began = s.Now()
	story := map[flow.Kind]any{
		pilot.Kind: workflows.Pilot, project.Kind: workflows.Project, payment.Kind: workflows.Disbursement,
		recovery.Kind: workflows.Recovery, difference.Kind: workflows.Difference,
	}
	for each, told := range story {
		if each != kind {
			told = s.child
		}
		s.RegisterWorkflowWithOptions(told, workflow.RegisterOptions{Name: workflows.TypeOf(each)})
	}
	s.RegisterActivityWithOptions(s.readNews, activity.RegisterOptions{Name: "ReadNews"})
	s.RegisterActivityWithOptions(s.keepTime, activity.RegisterOptions{Name: "KeepTime"})
	for _, name := range []string{"CheckEligibility", "PublishNotice", "StartProject", "Seal", "ReportEnd", "Pay", "Instruct", "Inquire", "ReportPayment", "StopPayment", "StartRecovery"} {
		s.RegisterActivityWithOptions(func(_ context.Context, task activities.Task) (activities.Answer, error) {
			return s.called(name + " " + task.Duty.Subject)
		}, activity.RegisterOptions{Name: name})
	}
	return s
}

func (s *stage) child(ctx workflow.Context, _ workflows.Start) error {
	s.mu.Lock()
	s.children = append(s.children, workflow.GetInfo(ctx).WorkflowExecution.ID)
	s.mu.Unlock()
	err := workflow.Sleep(ctx, time.Hour)
	if err != nil {
		s.cancelled++
	}
	return err
}

func (s *stage) readNews(context.Context, flow.Ref) (activities.News, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news, nil
}

func (s *stage) keepTime(_ context.Context, m activities.Moment) (activities.Answer, error) {
	return s.called("KeepTime " + string(m.Next.Moment))
}

func (s *stage) called(call string) (activities.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	s.at = append(s.at, s.Now().Sub(s.began))
	if s.answer != nil {
		return s.answer(call)
	}
	s.news.Seq++
	s.news.Duties, s.news.Next, s.news.Ended = nil, nil, true
	return activities.Answer{News: s.news}, nil
}

// tell waits for the given time, then makes the record return the News and sends it to the workflow as a signal.
func (s *stage) tell(after time.Duration, news activities.News) {
	news.Ref = flow.Ref{Kind: s.kind, ID: id}
	s.RegisterDelayedCallback(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.news = news
		s.SignalWorkflow(workflows.ProgressSignal, news)
	}, after)
}

func (s *stage) run(t *testing.T) error {
	t.Helper()
	s.ExecuteWorkflow(workflows.TypeOf(s.kind), workflows.Start{ID: id})
	if !s.IsWorkflowCompleted() {
		t.Fatal("the workflow did not come to its end")
	}
	return s.GetWorkflowError()
}

func owing(in flow.Stage, duties ...flow.Duty) activities.News {
	return activities.News{Epoch: 1, Seq: 5, Stage: in, Place: "620825", Duties: duties}
}

func ended(in flow.Stage, seq int) activities.News {
	return activities.News{Epoch: 1, Seq: seq, Stage: in, Place: "620825", Ended: true}
}

func TestEachStageDoesWhatItOwes(t *testing.T) {
	t.Parallel()
	check := flow.Duty{Key: pilot.CheckEligibility, Subject: "1"}
	publish := flow.Duty{Key: pilot.PublishNotice, Subject: "2"}
	begin := flow.Duty{Key: pilot.StartProject, Subject: id + ".1"}
	pay := flow.Duty{Key: payment.Pay, Subject: id + ".1.1"}
	report, reportPayment := flow.Duty{Key: project.ReportEnd}, flow.Duty{Key: payment.ReportPayment, Subject: "posted"}
	recover, stop := flow.Duty{Key: project.StartRecovery, Subject: id + ".r1"}, flow.Duty{Key: project.StopPayment, Subject: id + ".1.1"}
	inquire, last := flow.Duty{Key: payment.Inquire}, flow.Duty{Key: payment.Inquire, Subject: "final"}
	cases := []struct {
		name  string
		kind  flow.Kind
		stage flow.Stage
		duty  flow.Duty
		call  string
		child string
	}{
		{"eligibility compares the organizations with the directory", pilot.Kind, pilot.Eligibility, check, "CheckEligibility 1", ""},
		{"notice publishes the proposals", pilot.Kind, pilot.Notice, publish, "PublishNotice 2", ""},
		{"approval publishes a proposal that was reviewed again", pilot.Kind, pilot.Approval, publish, "PublishNotice 2", ""},
		{"rollout publishes a proposal that was reviewed again", pilot.Kind, pilot.Rollout, publish, "PublishNotice 2", ""},
		{"rollout starts a village's project", pilot.Kind, pilot.Rollout, begin, "StartProject " + id + ".1", "project/" + id + ".1"},
		{"rollout pays the evaluator", pilot.Kind, pilot.Rollout, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"evaluation pays the evaluator again", pilot.Kind, pilot.Evaluation, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"disclosure pays the evaluator again", pilot.Kind, pilot.Disclosure, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"sealing pays the evaluator again", pilot.Kind, pilot.Sealing, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"sealing seals the dossier", pilot.Kind, pilot.Sealing, flow.Duty{Key: pilot.Seal}, "Seal ", ""},
		{"first tranche is paid", project.Kind, project.FirstTranche, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"rollout pays the tranche that falls due", project.Kind, pilot.Rollout, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"final evaluation pays the tranche that falls due", project.Kind, project.FinalEvaluation, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"settlement pays a tranche again that came back", project.Kind, project.Settlement, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"last tranche is paid", project.Kind, project.LastTranche, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"closing pays a tranche again that came back", project.Kind, project.Closing, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"a closed project pays a tranche again that came back", project.Kind, project.Closed, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"rollout claims diverted money back", project.Kind, pilot.Rollout, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"final evaluation claims diverted money back", project.Kind, project.FinalEvaluation, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"settlement claims diverted money back", project.Kind, project.Settlement, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"last tranche claims disallowed money back", project.Kind, project.LastTranche, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"closing claims unreturned money back", project.Kind, project.Closing, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"a closed project claims back what it owes", project.Kind, project.Closed, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"a terminated project claims back what it owes", project.Kind, project.Terminated, recover, "StartRecovery " + id + ".r1", "recovery/" + id + ".r1"},
		{"a terminated project stops a payment", project.Kind, project.Terminated, stop, "StopPayment " + id + ".1.1", ""},
		{"a terminated project opens the payment that fell due before", project.Kind, project.Terminated, pay, "Pay " + id + ".1.1", "disbursement/" + id + ".1.1"},
		{"a closed project reports its end", project.Kind, project.Closed, report, "ReportEnd ", ""},
		{"an abandoned project reports its end", project.Kind, project.Abandoned, report, "ReportEnd ", ""},
		{"a terminated project reports its end", project.Kind, project.Terminated, report, "ReportEnd ", ""},
		{"a released payment is instructed", payment.Kind, payment.Instruction, flow.Duty{Key: payment.Instruct}, "Instruct ", ""},
		{"a payment that the bank has is asked about", payment.Kind, payment.Clearing, inquire, "Inquire ", ""},
		{"a posted payment is asked about at last", payment.Kind, payment.Posted, last, "Inquire final", ""},
		{"a posted payment is told", payment.Kind, payment.Posted, reportPayment, "ReportPayment posted", ""},
		{"a final payment is told", payment.Kind, payment.Final, reportPayment, "ReportPayment posted", ""},
		{"a voided payment is told", payment.Kind, payment.Voided, reportPayment, "ReportPayment posted", ""},
		{"a returned payment is told", payment.Kind, payment.Returned, reportPayment, "ReportPayment posted", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.kind, owing(c.stage, c.duty))
			if err := s.run(t); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.calls, []string{c.call}) {
				t.Errorf("called %q, want %q", s.calls, c.call)
			}
			if c.child != "" && !slices.Equal(s.children, []string{c.child}) || c.child == "" && s.children != nil {
				t.Errorf("started %q, want %q", s.children, c.child)
			}
		})
	}
}

func TestEveryStageWaitsForTheRecord(t *testing.T) {
	t.Parallel()
	stages := map[flow.Kind][]flow.Stage{
		pilot.Kind: {
			pilot.Applying, pilot.Eligibility, pilot.Correction, pilot.Endorsement, pilot.Review, pilot.Notice,
			pilot.Approval, pilot.Rollout, pilot.Evaluation, pilot.Disclosure, pilot.Sealing, "a stage of a later version",
		},
		project.Kind: {
			project.Agreement, project.FirstTranche, pilot.Rollout, project.FinalEvaluation, project.Settlement, project.LastTranche,
			project.Closing, project.Closed, project.Terminated, "a stage of a later version",
		},
		payment.Kind: {
			payment.Release, payment.Window, payment.Instruction, payment.Clearing, payment.Confirmation, payment.Posted, "a stage of a later version",
		},
		recovery.Kind:   {recovery.Repayment, "a stage of a later version"},
		difference.Kind: {difference.Inspection, "a stage of a later version"},
	}
	for kind, all := range stages {
		for _, in := range all {
			t.Run(string(kind)+" in "+string(in), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, kind, owing(in))
				s.tell(50*24*time.Hour, ended("over", 6))
				if err := s.run(t); err != nil {
					t.Fatal(err)
				}
				if waited := s.Now().Sub(s.began); s.calls != nil || waited < 50*24*time.Hour {
					t.Errorf("did %q and waited %v", s.calls, waited)
				}
			})
		}
	}
}

func TestVillagesStartSideBySide(t *testing.T) {
	t.Parallel()
	first, second := flow.Duty{Key: pilot.StartProject, Subject: id + ".1"}, flow.Duty{Key: pilot.StartProject, Subject: id + ".2"}
	s := newStage(t, pilot.Kind, owing(pilot.Rollout, first, second))
	failures := 0
	s.answer = func(call string) (activities.Answer, error) {
		if call == "StartProject "+first.Subject && failures < 5 {
			failures++
			return activities.Answer{}, errors.New("the record is away")
		}
		s.news.Seq++
		s.news.Duties = slices.DeleteFunc(slices.Clone(s.news.Duties), func(d flow.Duty) bool { return call == "StartProject "+d.Subject })
		s.news.Ended = len(s.news.Duties) == 0
		return activities.Answer{News: s.news}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if want := []string{"project/" + second.Subject, "project/" + first.Subject}; !slices.Equal(s.children, want) {
		t.Errorf("started %q, want the second not to wait for the first: %q", s.children, want)
	}
}

func TestAChildThatRunsAlreadyCountsAsStarted(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Rollout, flow.Duty{Key: pilot.StartProject, Subject: id + ".1"}))
	s.answer = func(string) (activities.Answer, error) {
		if s.news.Seq++; s.news.Seq == 8 {
			s.news.Duties, s.news.Ended = nil, true
		}
		return activities.Answer{News: s.news}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if len(s.calls) != 3 || len(s.children) != 1 {
		t.Errorf("called %q and started %q, want one child whatever is asked again", s.calls, s.children)
	}
}

func TestAnAggregateThatTheRecordDoesNotKnowFailsItsRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Sealing, flow.Duty{Key: pilot.Seal}))
	s.answer = func(string) (activities.Answer, error) {
		return activities.Answer{}, temporal.NewNonRetryableApplicationError("no such pilot", "not-found", nil)
	}
	var refused *temporal.ApplicationError
	if err := s.run(t); !errors.As(err, &refused) || refused.Type() != "not-found" {
		t.Errorf("ended with %v", err)
	}
}
