package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"terrace/activities"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// record is a fake record that returns one state and one News. It rejects or fails the commands that a test chooses.
type record struct {
	state  flow.State
	home   *pilot.Pilot // the pilot, where state is another aggregate
	news   activities.News
	refuse map[string]error // by name of command
	sent   []flow.Command
	asked  []string // credit codes
}

func (r *record) Execute(_ context.Context, cmd flow.Command) error {
	r.sent = append(r.sent, cmd)
	return r.refuse[cmd.Name]
}

func (r *record) Load(_ context.Context, ref flow.Ref) (flow.State, error) {
	switch {
	case r.state == nil:
		return nil, domain.Refuse("not-found", "")
	case r.home != nil && ref.Kind == pilot.Kind:
		return r.home, nil
	}
	return r.state, nil
}

func (r *record) News(_ context.Context, ref flow.Ref) (activities.News, error) {
	r.news.Ref = ref
	return r.news, r.refuse["news"]
}

func (r *record) Learn(ctx context.Context, ref flow.Ref) (activities.News, error) {
	return r.News(ctx, ref)
}

func (r *record) OrganizationFacts(_ context.Context, codes []string) ([]pilot.OrganizationFacts, error) {
	r.asked = codes
	return []pilot.OrganizationFacts{{CreditCode: codes[0], Known: true}}, nil
}

func (r *record) Dossier(context.Context, string) (string, error) { return "d0551e5", nil }

func (r *record) AccountNumber(_ context.Context, project string) (string, error) {
	if project != id+".1" {
		return "", errors.New("whose account?")
	}
	return accountNumber, r.refuse["account-number"]
}

const accountNumber = "62220000000001"

// bank is a fake gateway that gives the answers set for it. If none is set, its answer is lost. It keeps the orders and
// inquiries that it receives.
type bank struct {
	instructed, asked payment.BankOutcome
	orders            []activities.Order
	questions         []string
}

func (*bank) Name() string { return "bank" }

func (b *bank) Instruct(_ context.Context, order activities.Order) (payment.BankAnswer, error) {
	b.orders = append(b.orders, order)
	return say(b.instructed)
}

func (b *bank) Ask(_ context.Context, reference string) (payment.BankAnswer, error) {
	b.questions = append(b.questions, reference)
	return say(b.asked)
}

func say(outcome payment.BankOutcome) (payment.BankAnswer, error) {
	if outcome == "" {
		return payment.BankAnswer{}, errors.New("no answer in time")
	}
	return payment.BankAnswer{Outcome: outcome, Number: "B1"}, nil
}

const id = "0199"

func aPilot() *pilot.Pilot {
	p := &pilot.Pilot{Home: "620825", Cases: []pilot.Case{{Status: pilot.CaseApproved, Project: id + ".1", GrantFen: 300}}}
	p.ID = id
	p.Proposals = []plan.Proposal{{Code: "ZL-1", Organization: plan.Organization{CreditCode: "51620825MJDEM0030N"}}}
	p.Evaluator.Fen, p.Contract.Attempt = 60, 2
	return p
}

func aProject() *project.Project {
	p := &project.Project{Pilot: id, Tranches: []project.TrancheState{{Fen: 180, Attempt: 1}}}
	p.ID, p.Stage = id+".1", project.Closed
	p.Debts = []project.Debt{{Fen: 18, Why: recovery.DebtDiverted}}
	return p
}

func aPayment() *payment.Payment {
	p := &payment.Payment{}
	p.ID, p.Stage, p.Fen, p.AccountName = id+".1.1.1", payment.Posted, 180, "示例协会"
	p.Payer, p.Version = flow.Ref{Kind: project.Kind, ID: id + ".1"}, 4
	return p
}

// do runs an activity the way a worker does.
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

func task(s flow.State, key flow.DutyKey, subject string) activities.Task {
	return activities.Task{Ref: flow.RefOf(s), Duty: flow.Duty{Key: key, Subject: subject}}
}

func TestTheDirectoryIsAskedAboutTheEvaluatorAndEveryOrganization(t *testing.T) {
	t.Parallel()
	p := aPilot()
	p.Evaluator.CreditCode = "52620825MJDEM0001E"
	r := &record{state: p}
	if _, err := do(t, (&activities.Pilots{Record: r}).CheckEligibility, task(p, pilot.CheckEligibility, "1")); err != nil {
		t.Fatal(err)
	}
	if want := []string{p.Evaluator.CreditCode, p.Proposals[0].Organization.CreditCode}; !slices.Equal(r.asked, want) {
		t.Errorf("asked about %q, want %q", r.asked, want)
	}
}

func TestEachDutySendsItsCommands(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		state flow.State
		do    func(r *record) any
		key   flow.DutyKey
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
			"the evaluator's payment", aPilot(), func(r *record) any { return (&activities.Payments{Record: r}).Pay }, payment.Pay, "0199.e.2",
			[]string{"open/pilot/0199/pay/0199.e.2 → payment/0199.e.2", "discharge/pilot/0199/pay/0199.e.2 → pilot/0199"},
		},
		{
			"a tranche's payment", aProject(), func(r *record) any { return (&activities.Payments{Record: r}).Pay }, payment.Pay, "0199.1.1.1",
			[]string{"open/project/0199.1/pay/0199.1.1.1 → payment/0199.1.1.1", "discharge/project/0199.1/pay/0199.1.1.1 → project/0199.1"},
		},
		{
			"a project's end", aProject(), func(r *record) any { return (&activities.Projects{Record: r}).ReportEnd }, project.ReportEnd, "",
			[]string{"record-end/project/0199.1/report-end/0/18 → pilot/0199", "discharge/project/0199.1/report-end/0/18 → project/0199.1"},
		},
		{
			"a debt's recovery", aProject(), func(r *record) any { return (&activities.Projects{Record: r}).StartRecovery }, project.StartRecovery, "0199.1.r1",
			[]string{"open/project/0199.1/start-recovery/0199.1.r1 → recovery/0199.1.r1", "discharge/project/0199.1/start-recovery/0199.1.r1 → project/0199.1"},
		},
		{
			"a terminated project's payment", aProject(), func(r *record) any { return (&activities.Payments{Record: r}).StopPayment }, project.StopPayment, "0199.1.1.1",
			[]string{"stop/project/0199.1/stop-payment/0199.1.1.1 → payment/0199.1.1.1", "discharge/project/0199.1/stop-payment/0199.1.1.1 → project/0199.1"},
		},
		{
			"a payment's outcome", aPayment(), func(r *record) any { return (&activities.Payments{Record: r}).ReportPayment }, payment.ReportPayment, "posted",
			[]string{"record-payment/payment/0199.1.1.1/report-payment/posted → project/0199.1", "discharge/payment/0199.1.1.1/report-payment/posted → payment/0199.1.1.1"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: c.state, news: activities.News{Seq: 9}}
			for range 2 { // an activity that runs twice sends the same commands
				r.sent = nil
				answer, err := do(t, c.do(r), task(c.state, c.key, c.about))
				if err != nil || answer.Refused != "" || answer.News.Seq != 9 {
					t.Fatalf("answered %+v, %v", answer, err)
				}
				var sent []string
				for _, cmd := range r.sent {
					sent = append(sent, cmd.ID+" → "+cmd.Aggregate.String())
					if cmd.Actor.ID != domain.Workflow.ID || unknownCommand(cmd) {
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

// unknownCommand reports whether no aggregate declares the command.
func unknownCommand(cmd flow.Command) bool {
	_, err := catalogue.All.Find(cmd.Aggregate.Kind, cmd.Name)
	return err != nil
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

func TestAnEndIsOwedUntilThePilotKnowsIt(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"a pilot that is not so far is told again": false, "a pilot that knows it and has gone on needs no second word": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: aProject(), home: aPilot(), refuse: map[string]error{"record-end": domain.Refuse("wrong-stage", "")}}
			if known {
				r.home.Ends = map[string]project.End{id + ".1": {}}
			}
			answer, err := do(t, (&activities.Projects{Record: r}).ReportEnd, task(r.state, project.ReportEnd, ""))
			if last := r.sent[len(r.sent)-1].Name; err != nil || (answer.Refused == "") != known || (last == flow.DischargeCommand) != known {
				t.Errorf("answered %+v, %v, and sent %s last", answer, err, last)
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
		t.Errorf("a fault: got %v", err)
	}
	_, err = do(t, (&activities.Pilots{Record: &record{}}).StartProject, task(aPilot(), pilot.StartProject, "0199.1"))
	if !errors.As(err, &failed) || !failed.NonRetryable() || failed.Type() != "not-found" {
		t.Errorf("an unknown pilot: got %v", err)
	}
}

// at returns a payment in the given stage that owes the given duty.
func at(in flow.Stage, owed flow.Duty) *payment.Payment {
	p := aPayment()
	p.Stage, p.Duties = in, []flow.Duty{owed}
	return p
}

func unknown(p *payment.Payment) *payment.Payment {
	p.Unknown = true
	return p
}

func by(gateway string, p *payment.Payment) *payment.Payment {
	p.Gateway = gateway
	return p
}

func TestABankIsInstructedAskedAndBelieved(t *testing.T) {
	t.Parallel()
	instruct, inquire, last := flow.Duty{Key: payment.Instruct}, flow.Duty{Key: payment.Inquire}, flow.Duty{Key: payment.Inquire, Subject: "final"}
	instruction, clearing, posted := at(payment.Instruction, instruct), at(payment.Clearing, inquire), at(payment.Posted, last)
	const lost = ""
	cases := []struct {
		name              string
		state             *payment.Payment
		duty              flow.Duty
		instructed, asked payment.BankOutcome // the bank's answers
		orders, questions int                 // what the bank receives
		recorded          payment.BankOutcome // empty: the activity fails and is retried, unless it was overtaken
	}{
		{"instructed, a person pays", instruction, instruct, payment.ByHand, lost, 1, 0, payment.ByHand},
		{"instructed, the bank has it", instruction, instruct, payment.Pending, lost, 1, 0, payment.Pending},
		{"instructed, the bank paid at once", instruction, instruct, payment.BankPaid, lost, 1, 0, payment.BankPaid},
		{"instructed, the bank refused", instruction, instruct, payment.BankRefused, lost, 1, 0, payment.BankRefused},
		{"the answer is lost, and asked for", instruction, instruct, lost, payment.BankPaid, 1, 1, payment.BankPaid},
		{"the answer is lost twice: people see that it is unknown", instruction, instruct, lost, lost, 1, 1, payment.OutcomeUnknown},
		{"the order was lost on its way: it is instructed again", instruction, instruct, lost, payment.Unheard, 1, 1, ""},
		{"voided meanwhile: the bank hears nothing", at(payment.Voided, flow.Duty{Key: payment.ReportPayment}), instruct, payment.BankPaid, lost, 0, 0, ""},

		{"asked, the bank paid", clearing, inquire, lost, payment.BankPaid, 0, 1, payment.BankPaid},
		{"asked, the bank refused", clearing, inquire, lost, payment.BankRefused, 0, 1, payment.BankRefused},
		{"asked, the money came back", clearing, inquire, lost, payment.SentBack, 0, 1, payment.SentBack},
		{"asked, not yet carried out: asked again", clearing, inquire, lost, payment.Pending, 0, 1, ""},
		{"asked, the bank has what was unknown", unknown(at(payment.Clearing, inquire)), inquire, lost, payment.Pending, 0, 1, payment.Pending},
		{"asked, the bank is down: asked again", clearing, inquire, lost, lost, 0, 1, ""},
		{"asked, the order never arrived: handed over again", unknown(at(payment.Clearing, inquire)), inquire, payment.BankPaid, payment.Unheard, 1, 1, payment.BankPaid},
		{"asked, the order never arrives: asked again", clearing, inquire, lost, payment.Unheard, 1, 1, ""},
		{"confirmed meanwhile: the bank hears nothing", at(payment.Posted, last), inquire, lost, payment.BankPaid, 0, 0, ""},
		{"another gateway has it: this one is not asked", by("voucher", at(payment.Clearing, inquire)), inquire, lost, payment.BankPaid, 0, 0, ""},

		{"at last, the money stayed", posted, last, lost, payment.BankPaid, 0, 1, payment.BankPaid},
		{"at last, the money came back", posted, last, lost, payment.SentBack, 0, 1, payment.SentBack},
		{"at last, the bank repeats an old answer: asked again", posted, last, lost, payment.Pending, 0, 1, ""},
		{"at last, the bank has forgotten: never instructed again", posted, last, payment.BankPaid, payment.Unheard, 0, 1, ""},
		{"at last, the bank takes its word back: asked again", posted, last, lost, payment.BankRefused, 0, 1, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &bank{instructed: c.instructed, asked: c.asked}
			r := &record{state: c.state}
			payments := &activities.Payments{Record: r, Gateway: b}
			do1 := payments.Instruct
			if c.duty.Key == payment.Inquire {
				do1 = payments.Inquire
			}
			owed := slices.Contains(c.state.Duties, c.duty)
			answer, err := do(t, do1, task(c.state, c.duty.Key, c.duty.Subject))
			if (err != nil) != (owed && c.recorded == "") || (answer.Refused == "no-such-duty") == owed {
				t.Errorf("answered %+v, %v", answer, err)
			}
			var failed *temporal.ApplicationError
			if errors.As(err, &failed) && (failed.NonRetryable() || strings.Contains(err.Error(), accountNumber)) {
				t.Errorf("failed with %v", err)
			}
			if len(b.orders) != c.orders || len(b.questions) != c.questions {
				t.Errorf("the bank got %d orders and %d questions", len(b.orders), len(b.questions))
			}
			for _, o := range b.orders {
				if want := (activities.Order{Reference: "0199.1.1.1", Fen: 180, AccountName: "示例协会", AccountNumber: accountNumber}); o != want {
					t.Errorf("ordered %+v", o)
				}
			}
			r.mustHaveRecorded(t, c.duty, c.recorded)
		})
	}
}

// mustHaveRecorded checks that a single answer of the bank was recorded, under its own command id and for the version
// of the payment that the bank was asked about. If want is empty, nothing may have been recorded.
func (r *record) mustHaveRecorded(t *testing.T, duty flow.Duty, want payment.BankOutcome) {
	t.Helper()
	if want == "" {
		if len(r.sent) > 0 {
			t.Errorf("sent %+v", r.sent)
		}
		return
	}
	if len(r.sent) != 1 {
		t.Fatalf("sent %+v", r.sent)
	}
	cmd := r.sent[0]
	said, ok := cmd.Payload.(*payment.RecordInstruction)
	id := "record-instruction/payment/0199.1.1.1/" + string(duty.Key) + "/" + duty.Subject + "/" + string(want)
	if !ok || said.Answer.Outcome != want || said.Gateway != "bank" || cmd.ID != id || cmd.IfVersion != 4 {
		t.Errorf("recorded %+v: %+v", cmd, cmd.Payload)
	}
}

func TestTheEvaluatorsOrderNamesNoAccountThatTheRecordHasNot(t *testing.T) {
	t.Parallel()
	p := at(payment.Instruction, flow.Duty{Key: payment.Instruct})
	p.Payer = flow.Ref{Kind: pilot.Kind, ID: id}
	b := &bank{instructed: payment.BankPaid}
	if _, err := do(t, (&activities.Payments{Record: &record{state: p}, Gateway: b}).Instruct, task(p, payment.Instruct, "")); err != nil || b.orders[0].AccountNumber != "" {
		t.Errorf("%+v, %v", b.orders, err)
	}
}

func TestWithoutTheAccountNumberNoOrderGoesOut(t *testing.T) {
	t.Parallel()
	p := at(payment.Instruction, flow.Duty{Key: payment.Instruct})
	b := &bank{instructed: payment.BankPaid}
	r := &record{state: p, refuse: map[string]error{"account-number": errors.New("connection reset")}}
	if _, err := do(t, (&activities.Payments{Record: r, Gateway: b}).Instruct, task(p, payment.Instruct, "")); err == nil || len(b.orders)+len(b.questions)+len(r.sent) > 0 {
		t.Errorf("%v; the bank was asked %+v", err, b)
	}
}

func TestAPaymentThatTheBankHasIsLeftToItsEnd(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		refusal domain.Code
		refused domain.Code
		sent    int
	}{
		{"stopped: discharged", "", "", 2},
		{"too late: discharged", "wrong-stage", "", 2},
		{"not opened yet: tried again", "not-found", "not-found", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &record{state: aProject(), refuse: map[string]error{}}
			if c.refusal != "" {
				r.refuse["stop"] = domain.Refuse(c.refusal, "")
			}
			answer, err := do(t, (&activities.Payments{Record: r}).StopPayment, task(r.state, project.StopPayment, "0199.1.1.1"))
			if err != nil || answer.Refused != c.refused || len(r.sent) != c.sent {
				t.Errorf("answered %+v, %v after %d commands", answer, err, len(r.sent))
			}
		})
	}
}

func TestThePayerHearsOfTheOutcomeThatIsOwed(t *testing.T) {
	t.Parallel()
	p := aPayment()
	p.Stage = payment.Returned // meanwhile
	r := &record{state: p}
	if _, err := do(t, (&activities.Payments{Record: r}).ReportPayment, task(p, payment.ReportPayment, "posted")); err != nil {
		t.Fatal(err)
	}
	if told, ok := r.sent[0].Payload.(*project.RecordTranche); !ok || told.Outcome != payment.Posted || told.Fen != 180 {
		t.Errorf("told %+v", r.sent[0].Payload)
	}
}

func TestADutyThatWasOvertakenIsARefusal(t *testing.T) {
	t.Parallel()
	owed := flow.Duty{Key: payment.Pay, Subject: "0199.1.1.7"}
	r := &record{state: aProject()}
	answer, err := do(t, (&activities.Payments{Record: r}).Pay, task(r.state, owed.Key, owed.Subject))
	if err != nil || answer.Refused != "no-such-duty" {
		t.Errorf("not owed: %+v, %v", answer, err)
	}
	r.news.Duties = []flow.Duty{owed}
	if _, err := do(t, (&activities.Payments{Record: r}).Pay, task(r.state, owed.Key, owed.Subject)); err == nil {
		t.Error("owed and impossible, but no error")
	}
	if len(r.sent) > 0 {
		t.Errorf("sent %v", r.sent)
	}
}

func TestTheVoucherGatewayAnswersAtOnceAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	for range 2 {
		answer, err := activities.Voucher{}.Instruct(t.Context(), activities.Order{Reference: "0199.1.1.1"})
		if err != nil || answer != (payment.BankAnswer{Outcome: payment.ByHand, Number: "voucher/0199.1.1.1"}) {
			t.Errorf("%+v, %v", answer, err)
		}
	}
}

func TestKeepTimeNamesTheMomentAndNoRun(t *testing.T) {
	t.Parallel()
	r := &record{refuse: map[string]error{"keep-time": domain.Refuse("not-due", "")}}
	moment := activities.Moment{
		Ref:  flow.Ref{Kind: pilot.Kind, ID: id},
		Next: flow.NextMoment{Moment: flow.Lapse, Key: pilot.AwaitNotice, Subject: "ZL-1", Round: 2},
	}
	answer, err := do(t, (&activities.Records{Record: r}).KeepTime, moment)
	if err != nil || answer.Refused != "not-due" || r.sent[0].ID != "keep-time/pilot/0199/notice/ZL-1/2/lapse" {
		t.Errorf("sent %q, answered %+v, %v", r.sent[0].ID, answer, err)
	}
}

func TestNewsHoldNothingPersonalAndTheEarliestDueDay(t *testing.T) {
	t.Parallel()
	p := flow.Progress{
		Seq: 7, Stage: pilot.Rollout, Place: "620825",
		Turns: []flow.TurnView{
			{Key: project.AwaitMilestone, Subject: "M1", Due: calendar.On(2018, 9, 30)},
			{Key: project.AwaitMilestone, Subject: "M2", Due: calendar.On(2018, 6, 30)},
			{Key: project.AwaitMoney},
		},
	}
	news := activities.Tell(p, 3, time.Hour)
	if news.Due != calendar.On(2018, 6, 30) || !slices.Equal(news.Awaits, []flow.WaitKey{project.AwaitMilestone, project.AwaitMoney}) || news.Wait != time.Hour {
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
