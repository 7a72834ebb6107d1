package catalogue_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/programmes"
)

// desk runs pilots without a database or workflows. It keeps the states and the ledger in memory, and performs the workflows' duties
// immediately.
type desk struct {
	t        testing.TB
	data     *zhuanglang.Data
	now      time.Time
	context  flow.Context
	people   map[string]domain.Actor
	facts    map[string]pilot.OrganizationFacts
	states   map[flow.Ref]flow.State
	balances map[ledger.Account]money.Fen
	days     map[string][]calendar.Date // effective dates of events, by event name
	quiet    bool                       // whether the workflows are down, so that duties are left undone
}

const id = "p"

var (
	thePilot = flow.Ref{Kind: pilot.Kind, ID: id}
	file     = strings.Repeat("ab", 32)
)

func newDesk(t testing.TB) *desk {
	t.Helper()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	data := zhuanglang.Read()
	places, err := place.New(data.Places())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := set.Find(data.Programme, 1)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{
		t: t, data: data, now: data.Golden["call"].At(9, 0),
		context: flow.Context{Rules: rules, Calendar: calendar.Published(), Places: places, Evidence: map[string]string{file: "application/pdf"}, Salt: "salt"},
		people:  map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}, facts: map[string]pilot.OrganizationFacts{},
		states: map[flow.Ref]flow.State{}, balances: map[ledger.Account]money.Fen{}, days: map[string][]calendar.Date{},
	}
	for _, a := range data.People() {
		d.people[a.ID] = a
	}
	for _, f := range data.Organizations() {
		d.facts[f.CreditCode] = f
	}
	return d
}

// try sends a command and then performs all outstanding duties.
func (d *desk) try(who string, ref flow.Ref, name string, payload flow.Payload) error {
	if err := d.send(who, ref, name, payload); err != nil {
		return err
	}
	d.work()
	return nil
}

// do sends a command that must be accepted.
func (d *desk) do(who string, ref flow.Ref, name string, payload flow.Payload) {
	d.t.Helper()
	if err := d.try(who, ref, name, payload); err != nil {
		d.t.Fatalf("%s %s by %s on %s: %v", name, ref, who, calendar.Of(d.now), err)
	}
}

func (d *desk) send(who string, ref flow.Ref, name string, payload flow.Payload) error {
	state, known := d.states[ref]
	if !known {
		var err error
		if state, err = catalogue.All.New(ref); err != nil {
			d.t.Fatal(err)
		}
	}
	c := d.context
	c.Now, c.Actor, c.People, c.Held = d.now, d.people[who], d.people, d.held(ref, payload)
	command := flow.Command{ID: name, Actor: c.Actor, Name: name, Aggregate: ref, Payload: payload}
	d.sameAllTheHour(state, command, c)
	decision, err := flow.Judge(flow.Clone(state), command, c)
	if err != nil {
		return err
	}
	if declared, err := catalogue.All.Find(ref.Kind, name); err != nil || declared.Futile(state, flow.Context{Actor: c.Actor, Rules: c.Rules, Places: c.Places}) {
		d.t.Errorf("%s of %s was accepted and is not offered", name, ref)
	}
	for _, h := range decision.Events {
		d.record(state, h)
	}
	d.states[ref] = state
	return nil
}

// sameAllTheHour requires that the decision on a command is the same at the first and the last instant of the hour. The database
// relies on this when it accepts a decision that was based on a slightly earlier reading of the clock (about_now).
func (d *desk) sameAllTheHour(state flow.State, command flow.Command, c flow.Context) {
	d.t.Helper()
	type judgement struct {
		refusal error
		late    bool
		events  []flow.Event
	}
	at := func(now time.Time) (j judgement) {
		c.Now = now
		if j.late, j.refusal = flow.Check(state, command, c); j.refusal == nil {
			j.events = flow.Decide(state, command, c)
		}
		return j
	}
	hour := c.Now.Truncate(time.Hour)
	now := at(c.Now)
	for _, other := range []time.Time{hour, hour.Add(time.Hour - time.Nanosecond)} {
		if then := at(other); !reflect.DeepEqual(then, now) {
			d.t.Fatalf("%s of %s is judged as %+v at %s but as %+v at %s", command.Name, command.Aggregate, now, c.Now, then, other)
		}
	}
}

// record applies an event as decoded from the journal, and books its postings.
func (d *desk) record(state flow.State, h flow.Happened) {
	read, err := catalogue.All.Decode(h.Type.Aggregate, h.Type.Name, h.Type.Version, h.Data)
	if err != nil {
		d.t.Fatal(err)
	}
	flow.Apply(state, read, h.On)
	name := string(h.Type.Aggregate) + " " + h.Type.Name
	d.days[name] = append(d.days[name], h.On)
	postings := flow.Postings(state, read)
	if !slices.Equal(postings, h.Postings) {
		d.t.Errorf("%s posts %v, but %v when read from the journal", name, h.Postings, postings)
	}
	for _, p := range postings {
		d.balances[p.Credit] -= p.Fen
		d.balances[p.Debit] += p.Fen
	}
}

// work performs the workflows' duties until none is outstanding.
func (d *desk) work() {
	for again := !d.quiet; again; {
		again = false
		for ref, state := range d.states {
			for _, duty := range flow.RecordOf(state).Duties {
				d.discharge(ref, state, duty)
				again = true
				break
			}
		}
	}
}

func (d *desk) discharge(ref flow.Ref, state flow.State, duty flow.Duty) {
	machine := domain.Workflow.ID
	must := func(err error) {
		if err != nil {
			d.t.Fatalf("duty %v of %s: %v", duty, ref, err)
		}
	}
	switch duty.Key {
	case pilot.CheckEligibility:
		var facts []pilot.OrganizationFacts
		for _, q := range state.(*pilot.Pilot).Proposals {
			facts = append(facts, d.facts[q.Organization.CreditCode])
		}
		evaluator := d.facts[state.(*pilot.Pilot).Evaluator.CreditCode]
		evaluator.CreditCode = state.(*pilot.Pilot).Evaluator.CreditCode
		facts = append(facts, evaluator)
		must(d.send(machine, ref, "record-checks", &pilot.RecordChecks{Facts: facts}))
		return
	case pilot.PublishNotice:
		must(d.send(machine, ref, "open-notice", &pilot.OpenNotice{Round: duty.Subject}))
		return
	case pilot.Seal:
		must(d.send(machine, ref, "archive", &pilot.Archive{Dossier: "sealed"}))
		return
	case payment.Instruct:
		answer := payment.BankAnswer{Outcome: payment.ByHand, Number: ref.ID}
		must(d.send(machine, ref, "record-instruction", &payment.RecordInstruction{Gateway: payment.ByHandGateway, Answer: answer}))
		return
	case payment.Inquire: // there is no bank; tests record its answers themselves
	case project.StopPayment:
		stopped := flow.Ref{Kind: payment.Kind, ID: duty.Subject}
		if err := d.send(machine, stopped, "stop", &payment.StopPaymentOrder{}); err != nil && refusal(d.t, err) != "wrong-stage" {
			d.t.Fatal(err)
		}
	case project.StartRecovery:
		open, err := state.(*project.Project).RecoveryOpening(duty.Subject)
		must(err)
		must(d.send(machine, flow.Ref{Kind: recovery.Kind, ID: duty.Subject}, "open", open))
	case pilot.StartProject:
		open, err := state.(*pilot.Pilot).ProjectOpening(duty.Subject)
		must(err)
		must(d.send(machine, flow.Ref{Kind: project.Kind, ID: duty.Subject}, "open", open))
	case payment.Pay:
		open, err := state.(interface {
			PaymentOpening(string) (*payment.OpenPayment, error)
		}).PaymentOpening(duty.Subject)
		must(err)
		must(d.send(machine, flow.Ref{Kind: payment.Kind, ID: duty.Subject}, "open", open))
	case project.ReportEnd:
		p := state.(*project.Project)
		must(d.send(machine, flow.Ref{Kind: pilot.Kind, ID: p.Pilot}, "record-end", &pilot.RecordEnd{Project: p.ID, End: p.Ending()}))
	case payment.ReportPayment:
		p := state.(*payment.Payment)
		must(d.send(machine, p.Payer, "record-payment", catalogue.PaymentReport(p)))
	}
	must(d.send(machine, ref, "discharge", &flow.Discharge{Duty: duty}))
}

// until moves the clock to the given time and handles every moment that is reached on the way.
func (d *desk) until(instant time.Time) {
	for {
		var first flow.State
		for _, s := range d.states {
			if p := flow.ProgressOf(s); p.Next != nil && !p.Next.At.After(instant) &&
				(first == nil || p.Next.At.Before(flow.ProgressOf(first).Next.At)) {
				first = s
			}
		}
		if first == nil {
			d.now = instant
			return
		}
		p := flow.ProgressOf(first)
		if p.Next.At.After(d.now) {
			d.now = p.Next.At
		}
		d.do(domain.Workflow.ID, p.Aggregate, "keep-time", p.Next.Keep())
	}
}

// on moves the clock to ten o'clock on a date.
func (d *desk) on(day calendar.Date) { d.until(day.At(10, 0)) }

// onGolden moves the clock to a date named in the demonstration's data.
func (d *desk) onGolden(name string) { d.on(d.data.Golden[name]) }

// onDue moves the clock to the due date of an open turn.
func (d *desk) onDue(ref flow.Ref, key flow.WaitKey) {
	d.t.Helper()
	for _, turn := range flow.ProgressOf(d.states[ref]).Turns {
		if turn.Key == key {
			d.on(turn.Due)
			return
		}
	}
	d.t.Fatalf("%s does not await %s: %+v", ref, key, flow.ProgressOf(d.states[ref]).Turns)
}

func projectRef(n string) flow.Ref { return flow.Ref{Kind: project.Kind, ID: id + "." + n} }

func paymentRef(project, tranche, attempt string) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: id + "." + project + "." + tranche + "." + attempt}
}

func (d *desk) stage(ref flow.Ref) flow.Stage { return flow.RecordOf(d.states[ref]).Stage }

// sum returns the balance of the whole ledger.
func (d *desk) sum() (sum money.Fen) {
	for _, fen := range d.balances {
		sum += fen
	}
	return sum
}

// held returns those keys of a payload that another aggregate holds, with their holders.
func (d *desk) held(ref flow.Ref, payload flow.Payload) map[string]flow.Ref {
	held := map[string]flow.Ref{}
	for other, state := range d.states {
		for _, key := range flow.NeedsOf(payload).Keys {
			if other != ref && slices.Contains(state.Claims(), key) {
				held[key] = other
			}
		}
	}
	return held
}

// holds returns the total balance of all accounts with the name.
func (d *desk) holds(name string) (sum money.Fen) {
	for account, fen := range d.balances {
		if account.Name == name {
			sum += fen
		}
	}
	return sum
}

// refusal returns the code of a refused command, or an empty code if it was accepted.
func refusal(t testing.TB, err error) domain.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	e, refused := domain.Refused(err)
	if !refused {
		t.Fatalf("not a refusal: %v", err)
	}
	if _, known := domain.Codes[e.Code]; !known {
		t.Errorf("code %s has no words", e.Code)
	}
	for _, text := range []string{e.What().ZH, e.What().EN, e.Next().ZH, e.Next().EN} {
		if text == "" || strings.ContainsAny(text, "{}") {
			t.Errorf("code %s: text %q misses its arguments %v", e.Code, text, e.Args)
		}
	}
	return e.Code
}

func zhuanglangDay(d *desk) calendar.Date { return calendar.Of(d.now) }

// ruleCase sends one command and expects the code of a refusal, or an empty code if the command must be accepted.
type ruleCase struct {
	at      func(*desk) *desk
	prepare func(*desk)
	who     string
	ref     flow.Ref
	command string
	payload flow.Payload
	want    domain.Code
}

func checkRules(t *testing.T, cases map[string]ruleCase) {
	t.Helper()
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			if test.at != nil {
				d = test.at(d)
			}
			if test.prepare != nil {
				test.prepare(d)
			}
			if got := refusal(t, d.try(test.who, test.ref, test.command, test.payload)); got != test.want {
				t.Errorf("answer %q, want %q", got, test.want)
			}
		})
	}
}

const q1 = "ZL-2017-01"

var organization1 = zhuanglang.OrganizationPerson(q1)

func (d *desk) pilot() *pilot.Pilot { return d.states[thePilot].(*pilot.Pilot) }

func (d *desk) project1() *project.Project { return d.states[projectRef("1")].(*project.Project) }

// awaits returns the open turn of an aggregate.
func (d *desk) awaits(ref flow.Ref, key flow.WaitKey) flow.Turn {
	d.t.Helper()
	for _, turn := range flow.RecordOf(d.states[ref]).Turns {
		if turn.Key == key {
			return turn
		}
	}
	d.t.Fatalf("%s does not await %s", ref, key)
	return flow.Turn{}
}

// hire gives a person an additional role.
func (d *desk) hire(who string, role domain.Role) {
	actor := d.people[who]
	actor.Roles = append(slices.Clone(actor.Roles), role)
	d.people[who] = actor
}

func (d *desk) proposals() (codes []string) {
	for _, q := range d.data.Projects {
		codes = append(codes, q.Code)
	}
	return codes
}
