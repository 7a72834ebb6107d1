package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// event is an entry of a timeline.
type event struct {
	Position  int64
	Aggregate flow.Ref
	Seq       int
	Name      string
	On        calendar.Date
	At        time.Time
	Late      bool
	By        struct{ ID string }
	Version   int
	Data      json.RawMessage
}

func (e event) String() string { return fmt.Sprintf("%s %s", e.Aggregate.Kind, e.Name) }

// timeline returns all events of a pilot, its projects and its payments.
func (c *client) timeline(id string) (all []event) {
	c.t.Helper()
	for after := int64(0); ; {
		part := get[struct {
			Items []event
			Next  int64
		}](c, reader, fmt.Sprintf("/v1/pilots/%s/timeline?limit=500&after=%d", id, after))
		all = append(all, part.Items...)
		if part.Next == 0 {
			return all
		}
		after = part.Next
	}
}

// step is one decision as recorded in the journal, with the stages before and after it.
type step struct {
	events []event
	ours   *accepted // the command that made the decision; nil if the machine did
	before []flow.Turn
	from   flow.Stage
	to     flow.Stage
}

// followers lists the events that never start a decision: each is recorded together with the event that caused it.
var followers = []string{
	"pilot verdicts-complete", "project tranche-due", "project rollout-begun", "project closing-opened", "project terminated", "project debt-arisen",
}

// decision identifies an event by the aggregate version that it produced. Reminders produce none: they leave the
// version unchanged.
type decision struct {
	ref     flow.Ref
	version int
}

// replay splits a journal into decisions, made by users (as reported in the responses) or by the machine. It returns
// them with the final states of the aggregates.
func replay(t *testing.T, journal []event, answers []*accepted) (steps []*step, states map[flow.Ref]flow.State) {
	t.Helper()
	ours := map[decision]*accepted{}
	for _, a := range answers {
		if a.command == flow.UrgeCommand { // leaves the version unchanged
			continue
		}
		for i := range a.receipt.Events {
			ours[decision{a.ref, a.receipt.Version - i}] = a
		}
	}
	states = map[flow.Ref]flow.State{}
	last := map[flow.Ref]*step{}
	for _, e := range journal {
		before, after := apply(t, states, e)
		var mine *accepted
		if !aggregateOf(t, e.Aggregate.Kind).Event(e.Name).Quiet {
			mine = ours[decision{e.Aggregate, after.Version}]
		}
		l := last[e.Aggregate]
		if l != nil && l.ours == mine && (mine != nil || slices.Contains(followers, e.String())) {
			l.events, l.to = append(l.events, e), after.Stage
			continue
		}
		s := &step{[]event{e}, mine, before.Turns, before.Stage, after.Stage}
		last[e.Aggregate], steps = s, append(steps, s)
	}
	return steps, states
}

// aggregateOf returns the domain's declaration of a kind of aggregate.
func aggregateOf(t *testing.T, kind flow.Kind) *flow.Aggregate {
	t.Helper()
	a, err := catalogue.All.Of(kind)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// commandOf returns the domain's declaration of a command.
func commandOf(t *testing.T, kind flow.Kind, name string) *flow.Declaration {
	t.Helper()
	d, err := aggregateOf(t, kind).Command(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// apply applies one event to its aggregate and returns the aggregate's record before and after.
func apply(t *testing.T, states map[flow.Ref]flow.State, e event) (before, after flow.Record) {
	t.Helper()
	state, known := states[e.Aggregate]
	if !known {
		state = aggregateOf(t, e.Aggregate.Kind).New(e.Aggregate.ID)
		states[e.Aggregate] = state
	}
	before = flow.RecordOf(state)
	before.Turns = slices.Clone(before.Turns)
	content, err := catalogue.All.Decode(e.Aggregate.Kind, e.Name, e.Version, e.Data)
	if err != nil {
		t.Fatal(err)
	}
	flow.Apply(state, content, e.On)
	after = flow.RecordOf(state)
	if after.Seq != e.Seq {
		t.Fatalf("event %d of %s comes as number %d", e.Seq, e.Aggregate, after.Seq)
	}
	return before, after
}

// machineCommands maps each event caused by a workflow to the command that records it.
var machineCommands = map[string]string{
	"pilot eligibility-checked": "record-checks", "pilot notice-opened": "open-notice", "pilot village-ended": "record-end",
	"pilot contract-paid": "record-payment", "pilot contract-unpaid": "record-payment", "pilot archived": "archive",
	"pilot contract-final": "record-payment", "pilot contract-reversed": "record-payment",
	"project tranche-paid": "record-payment", "project tranche-unpaid": "record-payment", "project stray-payment-ended": "record-payment",
	"project tranche-final": "record-payment", "project tranche-reversed": "record-payment", "project payment-came-home": "record-payment",
	"payment instructed": "record-instruction", "payment posted": "record-instruction", "payment returned": "record-instruction", "payment settled": "record-instruction",
	"payment voided": "stop",
}

// lapses maps each event that the machine records after a hard deadline to the waits it may end.
var lapses = map[string][]flow.WaitKey{
	"pilot withdrawn": {pilot.AwaitApplication, pilot.AwaitCorrection}, "pilot cleared": {pilot.AwaitNotice},
	"project midterm-judged": {project.AwaitMidTermReport, project.AwaitRectification}, "project rollout-ended": {project.AwaitRolloutEnd},
	"payment window-opened": {payment.AwaitWindow}, "payment finality-due": {payment.AwaitPaymentEnd},
}

// walk checks the pilot's journal against the lifecycle and records what it covers.
func (s *story) walk() {
	s.t.Helper()
	steps, states := replay(s.t, s.timeline(s.id), s.accepted)
	for _, st := range steps {
		s.walkStep(st)
	}
	for ref, state := range states {
		record := flow.RecordOf(state)
		if told := s.read(ref); told.Stage != record.Stage || told.Version != record.Version || told.Progress.Seq != record.Seq {
			s.t.Errorf("%s is reported in %s at version %d; its journal says %s at version %d", ref, told.Stage, told.Version, record.Stage, record.Version)
		}
	}
}

func (s *story) walkStep(st *step) {
	s.t.Helper()
	by := st.events[0].By.ID
	switch {
	case st.ours == nil && by == domain.Workflow.ID:
		s.walkMachine(st)
	case st.ours == nil && st.events[0].Name == "urged":
		s.walkUrging(st.events[0])
	case st.ours == nil || by != st.ours.who:
		s.t.Errorf("%s by %s appears in no answer", st.events[0], by)
	default:
		if names := namesOf(st.events); !slices.Equal(names, st.ours.receipt.Events) {
			s.t.Errorf("%s reported the events %v, the journal has %v", st.ours.command, st.ours.receipt.Events, names)
		}
		if !commandOf(s.t, st.ours.ref.Kind, st.ours.command).Creates {
			st.ours.exit = s.leave(st, st.ours.command, st.ours.subject)
			walked.wasRefused(st.ours.exit, "wrong-role") // submitCommand has already tested this
		}
	}
}

// walkUrging requires that exactly one of the sender's accepted commands accounts for the event.
func (s *story) walkUrging(e event) {
	s.t.Helper()
	told := 0
	for _, a := range s.accepted {
		if a.command == flow.UrgeCommand && a.ref == e.Aggregate && a.who == e.By.ID {
			told++
		}
	}
	if told != 1 { // a user of a story urges at most once per aggregate
		s.t.Errorf("%s by %s appears in %d answers", e, e.By.ID, told)
	}
}

func namesOf(events []event) (names []string) {
	for _, e := range events {
		names = append(names, e.Name)
	}
	return names
}

// leave records which wait a step ended by which command, and the stage reached.
func (s *story) leave(st *step, command, subject string) exit {
	s.t.Helper()
	kind := aggregateOf(s.t, st.events[0].Aggregate.Kind)
	turn, ok := admitting(kind, st.before, command, subject)
	if !ok {
		turn.Key, ok = standing(kind, st.from, command)
	}
	if !ok {
		s.t.Errorf("%s was accepted in %s, where no wait allows it", command, st.from)
		return exit{}
	}
	e := exit{turn.Key, command}
	row := walked.row(turn.Key)
	if !holds(row.Stages, st.from) {
		s.t.Errorf("%s is open in %s, which is not one of its stages", turn.Key, st.from)
	}
	if st.from != st.to && !slices.ContainsFunc(row.Exits, func(x exitRow) bool { return x.Command == command && holds(x.Leads, st.to) }) {
		s.t.Errorf("%s left %s from %s to %s, which the lifecycle does not allow", command, turn.Key, st.from, st.to)
	}
	walked.took(e, st.to)
	return e
}

// standing finds the wait that allows a command throughout a stage.
func standing(kind *flow.Aggregate, stage flow.Stage, command string) (flow.WaitKey, bool) {
	for _, w := range kind.Waits {
		if w.Standing && slices.Contains(w.Stages, stage) && slices.ContainsFunc(w.Exits, func(e flow.Exit) bool { return e.Command == command }) {
			return w.Key, true
		}
	}
	return "", false
}

// admitting finds the open turn in which a command about a subject is allowed. A turn for that very subject takes
// precedence over one for any subject.
func admitting(kind *flow.Aggregate, turns []flow.Turn, command, subject string) (best flow.Turn, ok bool) {
	for _, t := range turns {
		admits := slices.ContainsFunc(kind.Wait(t.Key).Exits, func(e flow.Exit) bool { return e.Command == command })
		if !admits || (subject != "" && t.Subject != "" && t.Subject != subject) {
			continue
		}
		if !ok || t.Subject == subject {
			best, ok = t, true
		}
	}
	return best, ok
}

// walkMachine records a decision of a workflow, or an event caused by the passing of time.
func (s *story) walkMachine(st *step) {
	s.t.Helper()
	first := st.events[0]
	name := first.String()
	if first.Name == "reminded" || first.Name == "escalated" {
		key := struct{ Key flow.WaitKey }{}
		if err := json.Unmarshal(first.Data, &key); err != nil {
			s.t.Fatal(err)
		}
		walked.came(moment{key.Key, map[string]flow.Moment{"reminded": flow.Remind, "escalated": flow.Escalate}[first.Name]})
		return
	}
	if command, ok := machineCommands[name]; ok {
		if name == "payment voided" && (st.from == payment.Instruction || st.from == payment.Clearing) { // rejected by the bank
			command = "record-instruction"
		}
		s.leave(st, command, "")
		return
	}
	for _, key := range lapses[name] {
		if i := slices.IndexFunc(st.before, func(t flow.Turn) bool { return t.Key == key }); i >= 0 {
			if day := st.before[i].Due; first.On != day && name != "pilot cleared" && name != "payment window-opened" {
				s.t.Errorf("%s lapsed on %s, due %s", key, first.On, day)
			}
			walked.came(moment{key, flow.Lapse})
			return
		}
	}
	if !slices.Contains([]string{"opened", "discharged", "found"}, first.Name) {
		s.t.Errorf("the machine caused %s, which no row of the lifecycle mentions", strings.Join(namesOf(st.events), ", "))
	}
}

// balanced requires that a pilot's ledger totals zero, and returns the balances of its accounts.
func (c *client) balanced(id string) map[string]money.Fen {
	c.t.Helper()
	books := get[struct {
		Balances []struct {
			Account string
			Fen     money.Fen
		}
		SumFen money.Fen `json:"sum_fen"`
	}](c, reader, "/v1/pilots/"+id+"/ledger")
	held, sum := map[string]money.Fen{}, money.Fen(0)
	for _, b := range books.Balances {
		held[b.Account] += b.Fen
		sum += b.Fen
	}
	if sum != 0 || books.SumFen != 0 {
		c.t.Errorf("the ledger sums to %s", sum)
	}
	return held
}
