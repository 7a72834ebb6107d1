package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"terrace/activities"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

// record answers with one state and one News, and refuses or fails as told.
type record struct {
	state  pilot.State
	news   activities.News
	refuse map[string]error // by name of command
	sent   []pilot.Command
	asked  []string // credit codes
}

func (r *record) Execute(_ context.Context, cmd pilot.Command) error {
	r.sent = append(r.sent, cmd)
	return r.refuse[cmd.Name]
}

func (r *record) Load(context.Context, pilot.Ref) (pilot.State, error) {
	if r.state == nil {
		return nil, domain.Refuse("not-found", "")
	}
	return r.state, nil
}

func (r *record) News(_ context.Context, ref pilot.Ref) (activities.News, error) {
	r.news.Ref = ref
	return r.news, r.refuse["news"]
}

func (r *record) OrganizationFacts(_ context.Context, codes []string) ([]pilot.OrganizationFacts, error) {
	r.asked = codes
	return []pilot.OrganizationFacts{{CreditCode: codes[0], Known: true}}, nil
}

func (r *record) Dossier(context.Context, string) (string, error) { return "d0551e5", nil }

// bank counts what it is asked to pay.
type bank struct {
	orders []activities.Order
	err    error
}

func (b *bank) Name() string { return "bank" }

func (b *bank) Instruct(_ context.Context, order activities.Order) (pilot.BankAnswer, error) {
	b.orders = append(b.orders, order)
	return pilot.BankAnswer{Outcome: pilot.Pending, Number: "bank/" + order.Reference}, b.err
}

func (b *bank) Ask(_ context.Context, reference string) (pilot.BankAnswer, error) {
	return pilot.BankAnswer{Outcome: pilot.Pending, Number: "bank/" + reference}, b.err
}

const id = "0199"

func aPilot() *pilot.Pilot {
	p := &pilot.Pilot{Home: "620825", Cases: []pilot.Case{{Status: pilot.CaseApproved, Project: id + ".1", GrantFen: 300}}}
	p.ID = id
	p.Proposals = []pilot.Proposal{{Code: "ZL-1", Organization: pilot.Organization{CreditCode: "51620825MJDEM0030N"}}}
	p.Evaluator.Fen, p.Contract.Attempt = 60, 2
	return p
}

func aProject() *pilot.Project {
	p := &pilot.Project{Pilot: id, Tranches: []pilot.TrancheState{{Fen: 180, Attempt: 1}}}
	p.ID, p.Stage = id+".1", pilot.Closed
	return p
}

func aPayment() *pilot.Payment {
	p := &pilot.Payment{}
	p.ID, p.Stage, p.Fen, p.AccountName = id+".1.1.1", pilot.Posted, 180, "示例协会"
	p.Payer = pilot.Ref{Kind: pilot.ProjectKind, ID: id + ".1"}
	return p
}

// do runs an activity as a worker does.
func do(t *testing.T, a any, argument any) (answer activities.Answer, err error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(t.Output(), nil))))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(a, activity.RegisterOptions{Name: "it"})
	value, err := env.ExecuteActivity("it", argument)
	if err != nil {
		return answer, err
	}
	return answer, value.Get(&answer)
}

func task(s pilot.State, key pilot.DutyKey, subject string) activities.Task {
	return activities.Task{Ref: pilot.Ref{Kind: s.Kind(), ID: pilot.RecordOf(s).ID}, Duty: pilot.Duty{Key: key, Subject: subject}}
}

func TestEachDutySendsItsCommands(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		state pilot.State
		do    func(r *record) any
		key   pilot.DutyKey
		about string
		want  []string // command id, and aggregate
	}{
		{
			"eligibility", aPilot(), func(r *record) any { return (&activities.Pilots{Record: r}).CheckEligibility }, pilot.CheckEligibility, "1",
			[]string{"record-checks/pilot/0199/check-eligibility/1 → pilot/0199"},
		},
		{
			"notice", aPilot(), func(r *record) any { return (&activities.Pilots{Record: r}).PublishNotice }, pilot.PublishNotice, "2",
			[]string{"open-notice/pilot/0199/publish-notice/2 → pilot/0199"},
		},
		{
			"project", aPilot(), func(r *record) any { return (&activities.Pilots{Record: r}).StartProject }, pilot.StartProject, "0199.1",
			[]string{"open/pilot/0199/start-project/0199.1 → project/0199.1", "discharge/pilot/0199/start-project/0199.1 → pilot/0199"},
		},
		{
			"seal", aPilot(), func(r *record) any { return (&activities.Pilots{Record: r}).Seal }, pilot.Seal, "",
			[]string{"archive/pilot/0199/seal/ → pilot/0199"},
		},
		{
			"the evaluator's payment", aPilot(), func(r *record) any { return (&activities.Payments{Record: r}).Pay }, pilot.Pay, "0199.e.2",
			[]string{"open/pilot/0199/pay/0199.e.2 → payment/0199.e.2", "discharge/pilot/0199/pay/0199.e.2 → pilot/0199"},
		},
		{
			"a tranche's payment", aProject(), func(r *record) any { return (&activities.Payments{Record: r}).Pay }, pilot.Pay, "0199.1.1.1",
			[]string{"open/project/0199.1/pay/0199.1.1.1 → payment/0199.1.1.1", "discharge/project/0199.1/pay/0199.1.1.1 → project/0199.1"},
		},
		{
			"a project's end", aProject(), func(r *record) any { return (&activities.Projects{Record: r}).ReportEnd }, pilot.ReportEnd, "",
			[]string{"record-end/project/0199.1/report-end/ → pilot/0199", "discharge/project/0199.1/report-end/ → project/0199.1"},
		},
		{
			"a payment's end", aPayment(), func(r *record) any { return (&activities.Payments{Record: r}).ReportPayment }, pilot.ReportPayment, "",
			[]string{"record-payment/payment/0199.1.1.1/report-payment/ → project/0199.1", "discharge/payment/0199.1.1.1/report-payment/ → payment/0199.1.1.1"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: c.state, news: activities.News{Seq: 9}}
			for range 2 { // an activity that is done again sends the same commands
				r.sent = nil
				answer, err := do(t, c.do(r), task(c.state, c.key, c.about))
				if err != nil || answer.Refused != "" || answer.News.Seq != 9 {
					t.Fatalf("answered %+v, %v", answer, err)
				}
				var sent []string
				for _, cmd := range r.sent {
					sent = append(sent, cmd.ID+" → "+cmd.Aggregate.String())
					if cmd.Actor.ID != domain.Workflow.ID || pilot.Find(cmd.Aggregate.Kind, cmd.Name) == nil {
						t.Errorf("%s sends %q", cmd.Actor.ID, cmd.Name)
					}
				}
				if !slices.Equal(sent, c.want) {
					t.Errorf("sent %q, want %q", sent, c.want)
				}
			}
		})
	}
}

func TestARefusalIsAnAnswerAndEndsTheDuty(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		refusal domain.Code
		sent    int
		refused domain.Code
	}{
		{"a project that may not be opened is not discharged", "wrong-stage", 1, "wrong-stage"},
		{"what was recorded before is discharged", "already-recorded", 2, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: aPilot(), refuse: map[string]error{"open": domain.Refuse(c.refusal, "")}}
			answer, err := do(t, (&activities.Pilots{Record: r}).StartProject, task(r.state, pilot.StartProject, "0199.1"))
			if err != nil || answer.Refused != c.refused || len(r.sent) != c.sent {
				t.Errorf("answered %+v, %v after %d commands", answer, err, len(r.sent))
			}
		})
	}
}

func TestAFaultIsTriedAgainAndAnUnknownAggregateIsNot(t *testing.T) {
	t.Parallel()
	broken := &record{state: aPilot(), refuse: map[string]error{"open-notice": errors.New("connection reset")}}
	_, err := do(t, (&activities.Pilots{Record: broken}).PublishNotice, task(broken.state, pilot.PublishNotice, "1"))
	var failed *temporal.ApplicationError
	if !errors.As(err, &failed) || failed.NonRetryable() {
		t.Errorf("a fault answered %v", err)
	}
	_, err = do(t, (&activities.Pilots{Record: &record{}}).StartProject, task(aPilot(), pilot.StartProject, "0199.1"))
	if !errors.As(err, &failed) || !failed.NonRetryable() || failed.Type() != "not-found" {
		t.Errorf("an unknown pilot answered %v", err)
	}
}

func TestAPaymentIsInstructedOnlyWhileItIsOwed(t *testing.T) {
	t.Parallel()
	instruct := pilot.Duty{Key: pilot.Instruct}
	cases := []struct {
		name   string
		owed   []pilot.Duty
		bank   bank
		orders int
		sent   int
		failed bool
	}{
		{"owed: the bank is asked, and its reference recorded", []pilot.Duty{instruct}, bank{}, 1, 1, false},
		{"voided meanwhile: the bank is not asked", nil, bank{}, 0, 0, false},
		{"the bank's answer is lost: nothing is recorded, and it is asked again", []pilot.Duty{instruct}, bank{err: errors.New("timeout")}, 1, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: aPayment(), news: activities.News{Duties: c.owed}}
			_, err := do(t, (&activities.Payments{Record: r, Gateway: &c.bank}).Instruct, task(r.state, pilot.Instruct, ""))
			if (err != nil) != c.failed || len(c.bank.orders) != c.orders || len(r.sent) != c.sent {
				t.Fatalf("%v, %d orders, %d commands", err, len(c.bank.orders), len(r.sent))
			}
			if c.orders > 0 && (c.bank.orders[0].Reference != "0199.1.1.1" || c.bank.orders[0].Fen != 180 || c.bank.orders[0].AccountName != "示例协会") {
				t.Errorf("ordered %+v", c.bank.orders[0])
			}
			if c.sent > 0 && r.sent[0].Payload.(*pilot.RecordInstruction).Reference != "bank/0199.1.1.1" {
				t.Errorf("recorded %+v", r.sent[0].Payload)
			}
		})
	}
}

func TestADutyThatWasOvertakenIsARefusal(t *testing.T) {
	t.Parallel()
	owed := pilot.Duty{Key: pilot.Pay, Subject: "0199.1.1.7"}
	r := &record{state: aProject()}
	answer, err := do(t, (&activities.Payments{Record: r}).Pay, task(r.state, owed.Key, owed.Subject))
	if err != nil || answer.Refused != "no-such-duty" {
		t.Errorf("not owed: %+v, %v", answer, err)
	}
	r.news.Duties = []pilot.Duty{owed}
	if _, err := do(t, (&activities.Payments{Record: r}).Pay, task(r.state, owed.Key, owed.Subject)); err == nil {
		t.Error("owed and impossible: no fault")
	}
	if len(r.sent) > 0 {
		t.Errorf("sent %v", r.sent)
	}
}

func TestTheVoucherGatewayAnswersAtOnceAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for range 2 {
		answer, err := activities.Voucher{}.Instruct(t.Context(), activities.Order{Reference: "0199.1.1.1"})
		if err != nil || answer != (pilot.BankAnswer{Outcome: pilot.ByHand, Number: "voucher/0199.1.1.1"}) {
			t.Errorf("%+v, %v", answer, err)
		}
	}
}

func TestKeepTimeNamesTheMomentAndNoRun(t *testing.T) {
	t.Parallel()
	r := &record{refuse: map[string]error{"keep-time": domain.Refuse("not-due", "")}}
	moment := activities.Moment{
		Ref:  pilot.Ref{Kind: pilot.PilotKind, ID: id},
		Next: pilot.NextMoment{Moment: pilot.Lapse, Key: pilot.AwaitNotice, Subject: "ZL-1", Round: 2},
	}
	answer, err := do(t, (&activities.Records{Record: r}).KeepTime, moment)
	if err != nil || answer.Refused != "not-due" || r.sent[0].ID != "keep-time/pilot/0199/notice/ZL-1/2/lapse" {
		t.Errorf("sent %q, answered %+v, %v", r.sent[0].ID, answer, err)
	}
}

func TestNewsHoldNothingPersonalAndTheEarliestDueDay(t *testing.T) {
	t.Parallel()
	p := pilot.Progress{
		Seq: 7, Stage: pilot.Rollout, Place: "620825",
		Turns: []pilot.TurnView{
			{Key: pilot.AwaitMilestone, Subject: "M1", Due: calendar.On(2018, 9, 30)},
			{Key: pilot.AwaitMilestone, Subject: "M2", Due: calendar.On(2018, 6, 30)},
			{Key: pilot.AwaitMoney},
		},
	}
	news := activities.Tell(p, 3, time.Hour)
	if news.Due != calendar.On(2018, 6, 30) || !slices.Equal(news.Awaits, []pilot.WaitKey{pilot.AwaitMilestone, pilot.AwaitMoney}) || news.Wait != time.Hour {
		t.Errorf("told %+v", news)
	}
}

func TestNewsAgeByEpochAndThenBySequence(t *testing.T) {
	t.Parallel()
	at := func(epoch, seq int) activities.News { return activities.News{Epoch: epoch, Seq: seq} }
	cases := []struct {
		name     string
		is, than activities.News
		older    bool
	}{
		{"fewer events", at(1, 5), at(1, 6), true},
		{"the same", at(1, 5), at(1, 5), false},
		{"more events", at(1, 6), at(1, 5), false},
		{"before a jump of the calendar", at(1, 5), at(2, 5), true},
		{"after a jump of the calendar", at(2, 5), at(1, 5), false},
	}
	for _, c := range cases {
		if c.is.OlderThan(c.than) != c.older {
			t.Errorf("%s: older is %v", c.name, !c.older)
		}
	}
}
