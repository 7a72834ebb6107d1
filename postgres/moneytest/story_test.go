package moneytest_test

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
)

// story is one pilot, with its model, on which random people perform random actions.
type story struct {
	*world
	*model
	books   *books
	states  map[flow.Ref]flow.State
	people  []domain.Actor
	past    []answered     // accepted commands, to be sent again
	endings []flow.Command // reports of how payments ended, to be sent late
	mark    string         // prefix of the numbers that this story draws
	now     time.Time
	steps   int
	ended   int // steps since every project ended
}

// answered is an accepted command with its result.
type answered struct {
	command flow.Command
	receipt flow.Receipt
}

func (w *world) story(r *rapid.T) *story {
	grants := make([]int64, rapid.IntRange(1, 4).Draw(r, "projects"))
	for i := range grants {
		most := int(w.demo.Projects[i].GrantFen)
		grants[i] = int64(most - pick(r, most*2/3, "less"))
	}
	b := w.approved(r, grants...)
	s := &story{
		world: w, model: newModel(b), books: newBooks(w.conn, b.programme, b.pilot.ID), states: map[flow.Ref]flow.State{b.pilot: b.state},
		mark: strings.ReplaceAll(b.pilot.ID[24:], "-", ""), now: b.projects[0].Turns[0].Due.AddDays(-3).At(10, 0),
	}
	for _, p := range b.projects {
		s.states[flow.Ref{Kind: project.Kind, ID: p.ID}] = p
	}
	s.people = w.around(len(grants))
	s.setClock(r, s.now)
	s.compare(r, "approve")
	return s
}

// around returns the people who may be involved with the first n projects, the most involved first.
func (w *world) around(n int) (people []domain.Actor) {
	ids := []string{zhuanglang.CountyFinance, zhuanglang.CountyApprover, secondFinance, allRounder, zhuanglang.CountyOfficer, zhuanglang.EvaluatorPerson}
	for _, p := range w.demo.Projects[:n] {
		ids = append(ids, zhuanglang.OrganizationPerson(p.Code), zhuanglang.VillagePerson(p.Code))
	}
	ids = append(ids, kin, evaluatorsOwn, cityFinance, zhuanglang.CityApprover, zhuanglang.AuditorPerson, zhuanglang.PublicPerson)
	for _, id := range ids {
		people = append(people, w.who[id])
	}
	return people
}

// act performs one random action.
func (s *story) act(r *rapid.T) {
	if s.over() {
		return
	}
	switch what := pick(r, 128, "what"); {
	case what < 62:
		s.offer(r)
	case what < 86:
		s.machine(r)
	case what < 94:
		s.again(r)
	case what < 102:
		s.anybody(r)
	case what < 107:
		s.late(r)
	case what < 115:
		s.together(r)
	default:
		s.time(r)
	}
	if s.steps++; s.steps%100 == 0 {
		s.audit(r)
	}
}

// over reports whether nothing more is expected: every project ended a while ago.
func (s *story) over() bool {
	for _, ref := range s.refs(project.Kind) {
		if !catalogue.All.Ended(flow.RecordOf(s.states[ref]).Stage) {
			s.ended = 0
			return false
		}
	}
	s.ended++
	return s.ended > 30
}

// send executes a command on one of the two processes and compares the record with the model.
func (s *story) send(r *rapid.T, c flow.Command) {
	outcome, err := s.stores[pick(r, 2, "process")].Execute(context.Background(), c)
	s.settle(r, c, outcome, err)
}

func (s *story) settle(r *rapid.T, c flow.Command, outcome postgres.Outcome, err error) {
	refusal := code(r, err)
	s.counts.count(c, outcome, refusal)
	if refusal == "" {
		if outcome.Repeated {
			r.Fatalf("%s of %s is called a repetition", c.Name, c.Aggregate)
		}
		s.note(r, c, outcome)
	}
	s.compare(r, c.Name+" "+c.Aggregate.String()+" "+string(refusal))
}

// note records an accepted command.
func (s *story) note(r *rapid.T, c flow.Command, outcome postgres.Outcome) {
	s.states[c.Aggregate] = outcome.State
	s.past = append(s.past, answered{c, outcome.Receipt})
	if p, ok := outcome.State.(*payment.Payment); ok {
		s.keepEnding(p)
	}
	if err := s.took(c, outcome.Receipt.Events); err != nil {
		s.fail(r, "%s of %s by %s was accepted: %v", c.Name, c.Aggregate, c.Actor.ID, err)
	}
}

// compare requires that the ledger matches the model.
func (s *story) compare(r *rapid.T, after string) {
	wrong, err := s.books.step(s.model)
	must(r, err)
	if len(wrong) > 0 {
		s.fail(r, "after %s: %s", after, strings.Join(wrong, "; "))
	}
}

// fail logs the story so far and fails the test.
func (s *story) fail(r *rapid.T, format string, args ...any) {
	for _, a := range s.past {
		r.Logf("%s of %s by %s: %+v → %v", a.command.Name, a.command.Aggregate, a.command.Actor.ID, a.command.Payload, a.receipt.Events)
	}
	r.Fatalf(format, args...)
}

// audit checks the whole record of the pilot again.
func (s *story) audit(r *rapid.T) {
	wrong, err := s.books.whole(s.model)
	must(r, err)
	if len(wrong) > 0 {
		s.fail(r, "%s", strings.Join(wrong, "; "))
	}
}

// refs returns the aggregates in a deterministic order.
func (s *story) refs(kinds ...flow.Kind) (refs []flow.Ref) {
	for ref := range s.states {
		if len(kinds) == 0 || slices.Contains(kinds, ref.Kind) {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b flow.Ref) int { return strings.Compare(a.String(), b.String()) })
	return refs
}

// weights are how often a command is offered relative to others; the default is 20. They keep the random walk on
// commands that move money.
var weights = map[string]int{
	"terminate": 1, "refuse-agreement": 1, "void": 3, "release": 100, "return-payment": 5, "confirm": 100, "record-diversion": 4, "request-change": 14,
	"record-entrusted": 5, "return-entrusted": 15, "demand-refund": 8, "record-refund": 30, "record-repayment": 30, "agree-instalments": 4,
	"return-milestone": 4, "return-settlement": 3, "refuse-closing": 4, "report-spending": 60, "judge-spending": 80, "submit-milestone": 60, "accept-work": 60,
	"verify-milestone": 60, "report-midterm": 60, "judge-midterm": 80, "sign-as-organization": 80, "sign-as-office": 80, "submit-settlement": 16, "submit-summary": 2, "announce": 1,
}

// weigh returns a command's weight, which is low if the command is sure to be refused.
func (s *story) weigh(ref flow.Ref, command string) int {
	p := s.projects[ref.ID]
	switch weight, known := weights[command]; {
	case command == "return-entrusted" && p.donated == p.givenBack+sum(p.delivered),
		command == "record-diversion" && p.left() == 0 && sum(p.covered) == 0:
		return 1
	case command == "terminate" && s.steps%12 > 0:
		return 0
	case known:
		return weight
	default:
		return 20
	}
}

// pick draws one of n uniformly. Rapid's own ranges favor small numbers.
func pick(r *rapid.T, n int, label string) int {
	u := rapid.Uint64().Draw(r, label) * 0x9e3779b97f4a7c15
	return int((u ^ u>>32) % uint64(n))
}

func choose[V any](r *rapid.T, from []V, label string) V { return from[pick(r, len(from), label)] }

// idle is the weight of letting time pass instead of sending a command. It prevails when only commands that break
// things off are left.
const idle = 25

// offer sends a command that an open turn asks for, as a person whose turn it is.
func (s *story) offer(r *rapid.T) {
	type chance struct {
		command string
		ref     flow.Ref
		people  []domain.Actor
	}
	var chances []*chance
	var weighted []int
	about := s.family(r)
	for _, ref := range s.refs() {
		record := flow.RecordOf(s.states[ref])
		if !strings.HasPrefix(ref.ID, about) || ref.Kind != project.Kind && (len(record.Turns) == 0 || record.Stage == pilot.Rollout) {
			continue // no open wait
		}
		named := map[string]*chance{}
		for _, a := range s.people {
			for _, task := range flow.TasksOf(s.states[ref], a) {
				for _, command := range task.Commands {
					c := named[command]
					if c == nil {
						c = &chance{command: command, ref: ref}
						named[command] = c
						for range s.weigh(ref, command) {
							weighted = append(weighted, len(chances))
						}
						chances = append(chances, c)
					}
					if !slices.ContainsFunc(c.people, func(b domain.Actor) bool { return a.ID == b.ID }) {
						c.people = append(c.people, a)
					}
				}
			}
		}
	}
	n := pick(r, len(weighted)+idle, "chance")
	if n >= len(weighted) {
		s.time(r)
		return
	}
	c := chances[weighted[n]]
	s.send(r, s.command(choose(r, c.people, "person").ID, c.command, c.ref, s.content(r, c.ref, c.command)))
}

// family draws the id prefix of a project and everything that belongs to it, usually of a project still under way.
func (s *story) family(r *rapid.T) string {
	var open, all []string
	for _, ref := range s.refs(project.Kind) {
		if all = append(all, ref.ID); !catalogue.All.Ended(flow.RecordOf(s.states[ref]).Stage) {
			open = append(open, ref.ID)
		}
	}
	switch {
	case len(open) == 0:
		return s.pilot
	case pick(r, 4, "ended too") == 0:
		open = all
	}
	return choose(r, open, "project")
}

// anybody sends a random command as a random person.
func (s *story) anybody(r *rapid.T) {
	ref := choose(r, s.refs(project.Kind, payment.Kind, recovery.Kind), "aggregate")
	var names []string
	for _, d := range catalogue.All.Commands() {
		if d.Aggregate == ref.Kind && !d.Creates {
			names = append(names, d.Name)
		}
	}
	name := choose(r, names, "command")
	actor := choose(r, s.people, "person")
	if name == "terminate" || name == "refuse-agreement" { // sent by a person who may not
		actor = s.who[cityFinance]
	}
	s.send(r, s.command(actor.ID, name, ref, s.content(r, ref, name)))
}

// machine performs a duty that the workflows owe to an aggregate, or asks the bank about a payment.
func (s *story) machine(r *rapid.T) {
	type debt struct {
		ref  flow.Ref
		duty flow.Duty
	}
	var owed []debt
	for _, ref := range s.refs() {
		for _, d := range flow.RecordOf(s.states[ref]).Duties {
			owed = append(owed, debt{ref, d})
		}
	}
	if len(owed) == 0 {
		s.offer(r)
		return
	}
	d := choose(r, owed, "duty")
	if s.perform(r, d.ref, d.duty) {
		s.send(r, s.command(domain.Workflow.ID, flow.DischargeCommand, d.ref, &flow.Discharge{Duty: d.duty}))
	}
}

// perform performs a duty and reports whether a separate command must discharge it.
func (s *story) perform(r *rapid.T, ref flow.Ref, duty flow.Duty) bool {
	machine := domain.Workflow.ID
	switch state := s.states[ref]; duty.Key {
	case payment.Instruct, payment.Inquire:
		s.send(r, s.command(machine, "record-instruction", ref, s.content(r, ref, "record-instruction")))
		return false
	case payment.Pay:
		opening, err := state.(interface {
			PaymentOpening(string) (*payment.OpenPayment, error)
		}).PaymentOpening(duty.Subject)
		if err == nil { // for a past attempt there is nothing to open
			s.send(r, s.command(machine, "open", flow.Ref{Kind: payment.Kind, ID: duty.Subject}, opening))
		}
	case project.StartRecovery:
		opening, err := state.(*project.Project).RecoveryOpening(duty.Subject)
		must(r, err)
		s.send(r, s.command(machine, "open", flow.Ref{Kind: recovery.Kind, ID: duty.Subject}, opening))
	case project.StopPayment:
		stopped := flow.Ref{Kind: payment.Kind, ID: duty.Subject}
		if s.states[stopped] == nil { // the duty to pay opens it first
			return false
		}
		s.send(r, s.command(machine, "stop", stopped, &payment.StopPaymentOrder{}))
	case payment.ReportPayment:
		p := state.(*payment.Payment)
		s.send(r, s.command(machine, "record-payment", p.Payer, catalogue.PaymentReport(p)))
	case project.ReportEnd:
		p := state.(*project.Project)
		s.send(r, s.command(machine, "record-end", flow.Ref{Kind: pilot.Kind, ID: p.Pilot}, &pilot.RecordEnd{Project: p.ID, End: p.Ending()}))
	case pilot.Seal:
		dossier, err := s.stores[0].Dossier(context.Background(), ref.ID)
		must(r, err)
		s.send(r, s.command(machine, "archive", ref, &pilot.Archive{Dossier: dossier}))
		return false
	}
	return true
}

// keepEnding keeps the report of how a payment ended, which may be sent late and out of order.
func (s *story) keepEnding(p *payment.Payment) {
	if catalogue.All.Ended(p.Stage) {
		s.endings = append(s.endings, s.command(domain.Workflow.ID, "record-payment", p.Payer, catalogue.PaymentReport(p)))
	}
}

// late reports how a payment ended, sometimes again, or opens a payment in progress for the second time.
func (s *story) late(r *rapid.T) {
	if pick(r, 4, "early") == 0 {
		s.early(r)
		return
	}
	if len(s.endings) == 0 {
		s.machine(r)
		return
	}
	c := choose(r, s.endings, "news")
	c.ID = uuid.NewString()
	s.send(r, c)
}

// early opens another attempt of a tranche whose payment is under way or was paid. There must never be a second one.
func (s *story) early(r *rapid.T) {
	var live []*payment.Payment
	for _, ref := range s.refs(payment.Kind) {
		if p := s.states[ref].(*payment.Payment); p.Stage != payment.Voided && p.Stage != payment.Returned {
			live = append(live, p)
		}
	}
	if len(live) == 0 {
		s.machine(r)
		return
	}
	p := choose(r, live, "payment")
	opening := p.OpenPayment
	opening.Attempt += 100
	id := strings.TrimSuffix(p.ID, strconv.Itoa(p.Attempt)) + strconv.Itoa(opening.Attempt)
	if got := s.resend(r, s.command(domain.Workflow.ID, "open", flow.Ref{Kind: payment.Kind, ID: id}, &opening)); got != "payment-exists" {
		s.fail(r, "payment %s beside %s: %q", id, p.ID, got)
	}
}

// again repeats an accepted command: the result is the same, and nothing moves. Different content under its id is
// rejected.
func (s *story) again(r *rapid.T) {
	if len(s.past) == 0 {
		s.offer(r)
		return
	}
	first := s.past[len(s.past)-1-pick(r, min(len(s.past), 40), "past")]
	if pick(r, 8, "altered") == 0 {
		altered := first.command
		altered.Name, altered.Payload = flow.KeepTimeCommand, &flow.KeepTime{Key: "altered"}
		if got := s.resend(r, altered); got != "idempotency-conflict" {
			r.Fatalf("another command under the id of %s: %q", first.command.Name, got)
		}
		return
	}
	outcome, err := s.stores[pick(r, 2, "process")].Execute(context.Background(), first.command)
	must(r, err)
	s.counts.count(first.command, outcome, "")
	if err := sameAnswer(first, outcome); err != nil {
		r.Fatalf("%v", err)
	}
	s.compare(r, first.command.Name+" again")
}

// resend sends a command that must be rejected, and returns the code of the refusal.
func (s *story) resend(r *rapid.T, c flow.Command) domain.Code {
	outcome, err := s.stores[0].Execute(context.Background(), c)
	refusal := code(r, err)
	s.counts.count(c, outcome, refusal)
	s.compare(r, c.Name+" that must be refused")
	return refusal
}

// together sends two commands about one payment concurrently, each to a different process: the same command twice, or
// commands of two people.
func (s *story) together(r *rapid.T) {
	var live []flow.Ref
	for _, ref := range s.refs(payment.Kind) {
		if !catalogue.All.Ended(flow.RecordOf(s.states[ref]).Stage) {
			live = append(live, ref)
		}
	}
	if len(live) == 0 {
		s.offer(r)
		return
	}
	ref := choose(r, live, "payment")
	pair := [2]flow.Command{s.aboutPayment(r, ref), s.aboutPayment(r, ref)}
	if rapid.Bool().Draw(r, "same") {
		pair[1] = pair[0]
	}
	s.race(r, pair)
}

func (s *story) aboutPayment(r *rapid.T, ref flow.Ref) flow.Command {
	name := choose(r, []string{"release", "release", "confirm", "void", "return-payment", "record-instruction"}, "command")
	actor := domain.Workflow.ID
	if name != "record-instruction" {
		actor = choose(r, s.people[:4], "person").ID
	}
	return s.command(actor, name, ref, s.content(r, ref, name))
}

// race sends a pair of commands concurrently and notes those accepted in order of their versions. The same command sent
// twice has only one result.
func (s *story) race(r *rapid.T, pair [2]flow.Command) {
	var outcomes [2]postgres.Outcome
	var errs [2]error
	var both sync.WaitGroup
	for i, c := range pair {
		both.Go(func() { outcomes[i], errs[i] = s.stores[i].Execute(context.Background(), c) })
	}
	both.Wait()
	same := pair[0].ID == pair[1].ID
	if same && errs[0] == nil && errs[1] == nil {
		if outcomes[0].Repeated == outcomes[1].Repeated || !reflect.DeepEqual(outcomes[0].Receipt, outcomes[1].Receipt) {
			r.Fatalf("%s twice at once: %+v and %+v", pair[0].Name, outcomes[0].Receipt, outcomes[1].Receipt)
		}
	}
	order := []int{0, 1}
	slices.SortStableFunc(order, func(i, j int) int { // a command that changed nothing comes after what it saw
		a, b := outcomes[i].Receipt, outcomes[j].Receipt
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(len(b.Events), len(a.Events)))
	})
	for _, i := range order {
		s.counts.count(pair[i], outcomes[i], code(r, errs[i]))
		if errs[i] == nil && !outcomes[i].Repeated {
			s.note(r, pair[i], outcomes[i])
		}
	}
	s.compare(r, pair[0].Name+" beside "+pair[1].Name)
}

// time advances the calendar by some days, or until something ends by itself, and lets whatever is then due take
// effect.
func (s *story) time(r *rapid.T) {
	to := s.now.AddDate(0, 0, rapid.IntRange(1, 12).Draw(r, "days"))
	if due := s.lapses(r); !due.IsZero() && pick(r, 3, "jump") > 0 {
		to = due.End().Add(time.Hour * 10)
	}
	if !to.After(s.now) {
		return
	}
	s.now = to
	s.setClock(r, to)
	for _, ref := range s.refs() {
		for range 4 { // the rest is left for another time
			progress := flow.ProgressOf(s.states[ref])
			if !progress.DueBy(s.now) {
				break
			}
			s.send(r, s.command(domain.Workflow.ID, flow.KeepTimeCommand, ref, progress.Next.Keep()))
		}
	}
}

// lapses returns the due date of a wait that ends by itself. It seldom returns the end of the rollout while mid-term
// reports are awaited.
func (s *story) lapses(r *rapid.T) calendar.Date {
	var days, ends []calendar.Date
	reports := false
	for _, ref := range s.refs() {
		for _, t := range flow.RecordOf(s.states[ref]).Turns {
			switch t.Key {
			case payment.AwaitWindow, payment.AwaitPaymentEnd:
				days = append(days, t.Due)
			case project.AwaitRolloutEnd:
				ends = append(ends, t.Due)
			case project.AwaitMidTermReport, project.AwaitRectification:
				reports = true
			}
		}
	}
	if !reports || pick(r, 16, "early end") == 15 {
		days = append(ends, days...)
	}
	days = slices.DeleteFunc(days, calendar.Date.IsZero)
	if len(days) == 0 {
		return calendar.Date{}
	}
	return choose(r, days, "day")
}

// sameAnswer requires that a repeated command returned the receipt of the first time.
func sameAnswer(first answered, again postgres.Outcome) error {
	if !again.Repeated || !reflect.DeepEqual(first.receipt, again.Receipt) {
		return fmt.Errorf("%s of %s repeated: answered %+v, the first time %+v", first.command.Name, first.command.Aggregate, again.Receipt, first.receipt)
	}
	return nil
}
