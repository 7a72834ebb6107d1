package pilot_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/programmes"
)

// desk runs pilots without a database and without workflows: it keeps states
// and ledger in memory and does at once what the workflows owe.
type desk struct {
	t        testing.TB
	data     *zhuanglang.Data
	now      time.Time
	context  pilot.Context
	people   map[string]domain.Actor
	facts    map[string]pilot.OrganizationFacts
	states   map[pilot.Ref]pilot.State
	balances map[pilot.Account]money.Fen
	days     map[string][]calendar.Date // event name → effective days
	quiet    bool                       // the workflows are away
}

const id = "p"

var (
	thePilot = pilot.Ref{Kind: pilot.PilotKind, ID: id}
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
		context: pilot.Context{Rules: rules, Calendar: calendar.Published(), Places: places, Evidence: map[string]string{file: "application/pdf"}, Salt: "salt"},
		people:  map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}, facts: map[string]pilot.OrganizationFacts{},
		states: map[pilot.Ref]pilot.State{}, balances: map[pilot.Account]money.Fen{}, days: map[string][]calendar.Date{},
	}
	for _, a := range data.People() {
		d.people[a.ID] = a
	}
	for _, f := range data.Organizations() {
		d.facts[f.CreditCode] = f
	}
	return d
}

// try sends a command and lets the workflows do what they owe afterwards.
func (d *desk) try(who string, ref pilot.Ref, name string, payload pilot.Payload) error {
	if err := d.send(who, ref, name, payload); err != nil {
		return err
	}
	d.work()
	return nil
}

// do is try for a command that must be accepted.
func (d *desk) do(who string, ref pilot.Ref, name string, payload pilot.Payload) {
	d.t.Helper()
	if err := d.try(who, ref, name, payload); err != nil {
		d.t.Fatalf("%s %s by %s on %s: %v", name, ref, who, calendar.Of(d.now), err)
	}
}

func (d *desk) send(who string, ref pilot.Ref, name string, payload pilot.Payload) error {
	state, known := d.states[ref]
	if !known {
		state = pilot.Empty(ref.Kind)
		pilot.SetID(state, ref.ID)
	}
	c := d.context
	c.Now, c.Actor, c.Held = d.now, d.people[who], d.held(ref, payload)
	command := pilot.Command{ID: name, Actor: c.Actor, Name: name, Aggregate: ref, Payload: payload}
	d.sameAllTheHour(state, command, c)
	if err := pilot.Check(state, command, c); err != nil {
		return err
	}
	for _, e := range pilot.Decide(state, command, c) {
		d.record(state, e)
	}
	d.states[ref] = state
	return nil
}

// sameAllTheHour demands that a judgement is the same at the first and the last instant of its hour: whoever judges by a clock that
// is read a little earlier relies on it (about_now of the record).
func (d *desk) sameAllTheHour(state pilot.State, command pilot.Command, c pilot.Context) {
	d.t.Helper()
	type judgement struct {
		refusal error
		late    bool
		events  []pilot.Event
	}
	at := func(now time.Time) (j judgement) {
		c.Now = now
		if j.refusal = pilot.Check(state, command, c); j.refusal == nil {
			j.late, j.events = pilot.Late(state, command, c), pilot.Decide(state, command, c)
		}
		return j
	}
	hour := c.Now.Truncate(time.Hour)
	now := at(c.Now)
	for _, other := range []time.Time{hour, hour.Add(time.Hour - time.Nanosecond)} {
		if then := at(other); !reflect.DeepEqual(then, now) {
			d.t.Fatalf("%s of %s is judged as %+v at %s and as %+v at %s", command.Name, command.Aggregate, now, c.Now, then, other)
		}
	}
}

// record applies an event as the journal would give it back, and books it.
func (d *desk) record(state pilot.State, e pilot.Event) {
	typ := pilot.TypeOf(state.Kind(), e)
	data, err := json.Marshal(e)
	if err != nil {
		d.t.Fatal(err)
	}
	read, err := pilot.Decode(state.Kind(), typ.Name, typ.Version, data)
	if err != nil {
		d.t.Fatal(err)
	}
	pilot.Apply(state, read)
	day := pilot.EffectiveDay(read)
	if day.IsZero() {
		day = calendar.Of(d.now)
	}
	d.days[string(state.Kind())+" "+typ.Name] = append(d.days[string(state.Kind())+" "+typ.Name], day)
	for _, p := range pilot.Postings(state, read) {
		d.balances[p.Credit] -= p.Fen
		d.balances[p.Debit] += p.Fen
	}
}

// work does what the workflows owe, until nothing is owed.
func (d *desk) work() {
	for again := !d.quiet; again; {
		again = false
		for ref, state := range d.states {
			for _, duty := range pilot.RecordOf(state).Duties {
				d.discharge(ref, state, duty)
				again = true
				break
			}
		}
	}
}

func (d *desk) discharge(ref pilot.Ref, state pilot.State, duty pilot.Duty) {
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
		must(d.send(machine, ref, "record-checks", &pilot.RecordChecks{Facts: facts}))
		return
	case pilot.PublishNotice:
		must(d.send(machine, ref, "open-notice", &pilot.OpenNotice{Round: duty.Subject}))
		return
	case pilot.Seal:
		must(d.send(machine, ref, "archive", &pilot.Archive{Dossier: "sealed"}))
		return
	case pilot.Instruct:
		answer := pilot.BankAnswer{Outcome: pilot.ByHand, Number: ref.ID}
		must(d.send(machine, ref, "record-instruction", &pilot.RecordInstruction{Gateway: pilot.ByHandGateway, Answer: answer}))
		return
	case pilot.Inquire: // there is no bank: a test answers in its place
	case pilot.StopPayment:
		stopped := pilot.Ref{Kind: pilot.PaymentKind, ID: duty.Subject}
		if err := d.send(machine, stopped, "stop", &pilot.StopPaymentOrder{}); err != nil && refusal(d.t, err) != "wrong-stage" {
			d.t.Fatal(err)
		}
	case pilot.StartRecovery:
		open, err := state.(*pilot.Project).RecoveryOpening(duty.Subject)
		must(err)
		must(d.send(machine, pilot.Ref{Kind: pilot.RecoveryKind, ID: duty.Subject}, "open", open))
	case pilot.StartProject:
		open, err := state.(*pilot.Pilot).ProjectOpening(duty.Subject)
		must(err)
		must(d.send(machine, pilot.Ref{Kind: pilot.ProjectKind, ID: duty.Subject}, "open", open))
	case pilot.Pay:
		open, err := state.(interface {
			PaymentOpening(string) (*pilot.OpenPayment, error)
		}).PaymentOpening(duty.Subject)
		must(err)
		must(d.send(machine, pilot.Ref{Kind: pilot.PaymentKind, ID: duty.Subject}, "open", open))
	case pilot.ReportEnd:
		p := state.(*pilot.Project)
		must(d.send(machine, pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot}, "record-end", p.Ending()))
	case pilot.ReportPayment:
		p := state.(*pilot.Payment)
		must(d.send(machine, p.Payer, "record-payment", p.Ending()))
	}
	must(d.send(machine, ref, "discharge", &pilot.Discharge{Duty: duty}))
}

// until moves the calendar to an instant and lets time take its effect on the way.
func (d *desk) until(instant time.Time) {
	for {
		var first pilot.State
		for _, s := range d.states {
			if p := pilot.ProgressOf(s); p.Next != nil && !p.Next.At.After(instant) &&
				(first == nil || p.Next.At.Before(pilot.ProgressOf(first).Next.At)) {
				first = s
			}
		}
		if first == nil {
			d.now = instant
			return
		}
		p := pilot.ProgressOf(first)
		if p.Next.At.After(d.now) {
			d.now = p.Next.At
		}
		d.do(domain.Workflow.ID, p.Aggregate, "keep-time", p.Next.Keep())
	}
}

// on moves to ten o'clock of a day.
func (d *desk) on(day calendar.Date) { d.until(day.At(10, 0)) }

// onGolden moves to a day that the demonstration's data name.
func (d *desk) onGolden(name string) { d.on(d.data.Golden[name]) }

// onDue moves to the due day of an open turn.
func (d *desk) onDue(ref pilot.Ref, key pilot.WaitKey) {
	d.t.Helper()
	for _, turn := range pilot.ProgressOf(d.states[ref]).Turns {
		if turn.Key == key {
			d.on(turn.Due)
			return
		}
	}
	d.t.Fatalf("%s does not await %s: %+v", ref, key, pilot.ProgressOf(d.states[ref]).Turns)
}

func project(n string) pilot.Ref { return pilot.Ref{Kind: pilot.ProjectKind, ID: id + "." + n} }

func payment(project, tranche, attempt string) pilot.Ref {
	return pilot.Ref{Kind: pilot.PaymentKind, ID: id + "." + project + "." + tranche + "." + attempt}
}

func (d *desk) stage(ref pilot.Ref) pilot.Stage { return pilot.RecordOf(d.states[ref]).Stage }

// sum is the whole ledger's balance.
func (d *desk) sum() (sum money.Fen) {
	for _, fen := range d.balances {
		sum += fen
	}
	return sum
}

// held finds the keys of a payload that another aggregate holds.
func (d *desk) held(ref pilot.Ref, payload pilot.Payload) map[string]pilot.Ref {
	held := map[string]pilot.Ref{}
	for other, state := range d.states {
		for _, key := range pilot.KeysOf(payload) {
			if other != ref && slices.Contains(pilot.Claims(state), key) {
				held[key] = other
			}
		}
	}
	return held
}

// holds is what all accounts of a name hold.
func (d *desk) holds(name string) (sum money.Fen) {
	for account, fen := range d.balances {
		if account.Name == name {
			sum += fen
		}
	}
	return sum
}

// refusal is the code of a refused command; empty when it was accepted.
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
