package moneytest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
)

// A history is what eight clients do concurrently, through two processes, to the first tranche of one project and to
// the recovery of its money.
const (
	histories = 240
	clients   = 8
	calls     = 5 // number of calls by each client
	attempts  = 3
)

// trancheFen is the amount that the histories pay, in fen.
const trancheFen = 6000000

// call is one operation of a history: its name, the attempt concerned, the officer, the history's voucher, the amount,
// and, for a report of a payment's end, how the payment ended.
type call struct {
	name     string
	attempt  int
	by       int // index into releasers
	voucher  int // number of the voucher, from 1
	fen      int64
	outcome  flow.Stage
	reversed bool
}

func (c call) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %d by %d, voucher %d, %d fen, %s", c.name, c.attempt, c.by, c.voucher, c.fen, c.outcome))
}

// releasers are the officers of a history. The last one belongs to the evaluator.
var releasers = [4]string{zhuanglang.CountyFinance, secondFinance, allRounder, evaluatorsOwn}

// situation is the sequential model of one project's first tranche. It is a value, because porcupine compares and
// stores it.
type situation struct {
	payments   [attempts + 1]attempt
	attempt    int // number of the attempt that the project owes
	paid       bool
	dropped    bool
	terminated bool
	claimed    bool
	left       int64
	repaid     [3]bool // whether each voucher was used for a repayment
}

type attempt struct {
	stage   flow.Stage
	by      [4]bool
	voucher int
}

// next applies a call to the situation and returns its result: empty if accepted, the code of a refusal, or what was
// read.
func (s situation) next(c call) (situation, string) {
	var answer domain.Code
	switch c.name {
	case "terminate":
		answer = s.terminate()
	case "record-payment":
		answer = s.hear(c)
	case "open-recovery", "repay":
		answer = s.recover(c)
	case "read-payment":
		return s, string(s.payments[c.attempt].stage)
	case "read-recovery":
		return s, strconv.FormatInt(s.left, 10)
	default:
		answer = s.pay(c)
	}
	return s, string(answer)
}

func (s *situation) terminate() domain.Code {
	if s.terminated {
		return "wrong-stage"
	}
	s.terminated = true
	return ""
}

// hear informs the project how an attempt ended.
func (s *situation) hear(c call) domain.Code {
	paid := c.outcome == payment.Posted || c.reversed
	switch {
	case c.attempt != s.attempt, s.dropped, s.paid && c.outcome != payment.Returned:
		return "already-recorded"
	case s.paid && s.terminated:
		s.dropped = true
	case s.paid:
		s.paid = false
		s.attempt++
	case s.terminated:
		s.paid, s.dropped = paid, !paid || c.reversed
	case !paid || c.reversed:
		s.attempt++
	default:
		s.paid = true
	}
	return ""
}

func (s *situation) recover(c call) domain.Code {
	switch {
	case c.name == "open-recovery" && s.claimed:
		return "already-exists"
	case c.name == "open-recovery":
		s.claimed, s.left = true, trancheFen
	case !s.claimed:
		return "not-found"
	case s.left == 0:
		return "wrong-stage"
	case c.fen > s.left:
		return "over-debt"
	case s.entered(c.voucher):
		return "duplicate-voucher"
	default:
		s.left -= c.fen
		s.repaid[c.voucher] = true
	}
	return ""
}

// entered reports whether a voucher was already entered for a repayment, or for a payment that has not been returned.
func (s *situation) entered(voucher int) bool {
	for _, p := range s.payments {
		if p.voucher == voucher && p.stage != payment.Returned {
			return true
		}
	}
	return s.repaid[voucher]
}

// pay applies a call to one attempt.
func (s *situation) pay(c call) domain.Code {
	p := &s.payments[c.attempt]
	at := func(stages ...flow.Stage) bool { return slices.Contains(stages, p.stage) }
	switch {
	case c.name == "open" && p.stage != "":
		return "already-exists"
	case c.name == "open":
		p.stage = payment.Release
	case p.stage == "":
		return "not-found"
	case c.name == "release" && at(payment.Release):
		return p.release(c.by)
	case c.name == "void" && at(payment.Release):
		p.stage = payment.Voided
	case c.name == "by-hand" && at(payment.Instruction):
		p.stage = payment.Confirmation
	case c.name == "bank-paid" && at(payment.Instruction):
		p.stage = payment.Posted
	case c.name == "confirm" && at(payment.Confirmation) && s.entered(c.voucher):
		return "duplicate-voucher"
	case c.name == "confirm" && at(payment.Confirmation):
		p.stage, p.voucher = payment.Posted, c.voucher
	case c.name == "return-payment" && at(payment.Confirmation, payment.Posted):
		p.stage = payment.Returned
	default:
		return "wrong-stage"
	}
	return ""
}

func (p *attempt) release(by int) domain.Code {
	switch others := p.by[0] || p.by[1] || p.by[2]; {
	case p.by[by]:
		return "same-person"
	case by == len(releasers)-1:
		return "conflict-of-interest"
	case others:
		p.stage = payment.Instruction
	}
	p.by[by] = true
	return ""
}

var sequential = porcupine.Model{
	Init: func() any {
		s := situation{attempt: 1}
		s.payments[1].stage = payment.Release
		return s
	},
	Step: func(state, input, output any) (bool, any) {
		after, answer := state.(situation).next(input.(call))
		return answer == output.(string), after
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v → %q", input, output) },
}

// court is the project on which one history takes place, as its clients last saw it.
type court struct {
	*world
	project flow.Ref
	opening payment.OpenPayment // payload that opens the first attempt's payment
	mark    string
	start   time.Time
	seen    sync.Mutex
	stages  [attempts + 1]*payment.Payment // last seen state of each attempt's payment
	now     *project.Project               // last seen state of the project
	claimed bool                           // whether its recovery has been seen
}

func (c *court) payment(attempt int) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: fmt.Sprintf("%s.1.%d", c.project.ID, attempt)}
}

func (c *court) recovery() flow.Ref {
	return flow.Ref{Kind: recovery.Kind, ID: c.project.ID + ".r1"}
}

// history runs the clients concurrently and returns their calls with the results and times.
func (c *court) history(t *testing.T, seed uint64) []porcupine.Operation {
	t.Helper()
	var all []porcupine.Operation
	var mutex sync.Mutex
	var everybody sync.WaitGroup
	for client := range clients {
		everybody.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			for range calls {
				o := c.operate(t, client, c.draw(random))
				mutex.Lock()
				all = append(all, o)
				mutex.Unlock()
			}
		})
	}
	everybody.Wait()
	return all
}

// draw picks a plausible next call, based on the state that the client last saw.
func (c *court) draw(random *rand.Rand) call {
	c.seen.Lock()
	defer c.seen.Unlock()
	owed := min(c.now.Tranches[0].Attempt, attempts)
	o := call{attempt: owed, by: random.IntN(len(releasers)), voucher: 1 + random.IntN(2), fen: []int64{trancheFen, trancheFen / 3, trancheFen / 4, trancheFen + 1}[random.IntN(4)]}
	if random.IntN(8) == 0 {
		o.attempt = 1
	}
	if p := c.stages[o.attempt]; p != nil && catalogue.All.Ended(p.Stage) {
		end := p.Ending()
		o.outcome, o.reversed = end.Outcome, end.Reversed
	}
	names := c.names(c.stages[o.attempt], random.IntN(6) == 0)
	o.name = names[random.IntN(len(names))]
	return o
}

// names lists the likely calls for an attempt as last seen or, if odd is set, calls for any state of an attempt.
func (c *court) names(p *payment.Payment, odd bool) []string {
	likely := map[flow.Stage][]string{
		payment.Release:      {"release", "release", "release", "release", "void"},
		payment.Instruction:  {"by-hand", "bank-paid", "read-payment"},
		payment.Confirmation: {"confirm", "confirm", "return-payment", "read-payment"},
		payment.Posted:       {"record-payment", "record-payment", "return-payment"},
	}
	switch {
	case p == nil:
		return []string{"open"}
	case odd:
		names := []string{"release", "void", "by-hand", "bank-paid", "confirm", "return-payment", "terminate", "read-payment", "read-recovery"}
		if catalogue.All.Ended(p.Stage) {
			names = append(names, "record-payment", "record-payment")
		}
		return names
	case c.claimed:
		return []string{"repay", "repay", "repay", "repay", "repay", "read-recovery", "open-recovery"}
	case len(c.now.Debts) > 0:
		return []string{"open-recovery", "open-recovery", "open-recovery", "repay"}
	case likely[p.Stage] != nil:
		return likely[p.Stage]
	default:
		return []string{"record-payment"}
	}
}

// command converts a call to a command for the record.
func (c *court) command(o call) flow.Command {
	machine, voucher := domain.Workflow.ID, fmt.Sprintf("%s-%d", c.mark, o.voucher)
	ref := c.payment(o.attempt)
	switch o.name {
	case "open":
		opening := c.opening
		opening.Attempt = o.attempt
		return c.world.command(machine, "open", ref, &opening)
	case "release":
		return c.world.command(releasers[o.by], "release", ref, &payment.ReleasePayment{})
	case "void":
		return c.world.command(zhuanglang.CountyFinance, "void", ref, &payment.VoidPayment{Reason: "账号有误"})
	case "by-hand":
		return c.world.command(machine, "record-instruction", ref, &payment.RecordInstruction{Gateway: payment.ByHandGateway, Answer: payment.BankAnswer{Outcome: payment.ByHand}})
	case "bank-paid":
		return c.world.command(machine, "record-instruction", ref, paidAs(""))
	case "confirm":
		return c.world.command(secondFinance, "confirm", ref, &payment.ConfirmPayment{Voucher: voucher, Slip: file})
	case "return-payment":
		return c.world.command(zhuanglang.CountyFinance, "return-payment", ref, &payment.ReturnPayment{Reason: "户名不符"})
	case "record-payment":
		news := payment.End{Payment: ref.ID, Outcome: o.outcome, Fen: trancheFen, Reversed: o.reversed}
		return c.world.command(machine, "record-payment", c.project, &project.RecordTranche{End: news})
	case "terminate":
		return c.world.command(zhuanglang.CountyApprover, "terminate", c.project, &project.Terminate{Reason: "违约"})
	case "open-recovery":
		opening, err := c.now.RecoveryOpening(c.recovery().ID)
		must(c.t, err)
		return c.world.command(machine, "open", c.recovery(), opening)
	default:
		return c.world.command(zhuanglang.CountyFinance, "record-repayment", c.recovery(), &recovery.RecordRepayment{Fen: money.Fen(o.fen), Voucher: voucher, Slip: file})
	}
}

// operate performs one call on the client's process.
func (c *court) operate(t *testing.T, client int, o call) porcupine.Operation {
	store := c.stores[client%2]
	begun := time.Since(c.start).Nanoseconds()
	var state flow.State
	var err error
	var read bool
	switch o.name {
	case "read-payment":
		state, err = store.Load(context.Background(), c.payment(o.attempt))
		read = true
	case "read-recovery":
		state, err = store.Load(context.Background(), c.recovery())
		read = true
	default:
		command := c.prepared(o)
		outcome, refusal := store.Execute(context.Background(), command)
		for postgres.Busy(refusal) { // nothing was done; Temporal or the user would retry it
			outcome, refusal = store.Execute(context.Background(), command)
		}
		state, err = outcome.State, refusal
	}
	ended := time.Since(c.start).Nanoseconds()
	answer := ""
	if e, refused := domain.Refused(err); refused {
		answer = string(e.Code)
	} else if err != nil {
		t.Errorf("%v: %v", o, err)
	}
	if read {
		answer = readOf(o, state, err)
	}
	c.notice(state)
	return porcupine.Operation{ClientId: client, Input: o, Call: begun, Output: answer, Return: ended}
}

// prepared returns the call's command, based on what was last seen.
func (c *court) prepared(o call) flow.Command {
	c.seen.Lock()
	defer c.seen.Unlock()
	return c.command(o)
}

// readOf returns what a read shows: a payment's stage, or the amount left to repay.
func readOf(o call, state flow.State, err error) string {
	switch s := state.(type) {
	case *payment.Payment:
		return string(s.Stage)
	case *recovery.Recovery:
		return strconv.FormatInt(int64(s.LeftFen()), 10)
	}
	if refusal, refused := domain.Refused(err); !refused || refusal.Code != "not-found" {
		return fmt.Sprint(err)
	}
	if o.name == "read-recovery" {
		return "0"
	}
	return ""
}

// notice remembers the newest state seen.
func (c *court) notice(state flow.State) {
	c.seen.Lock()
	defer c.seen.Unlock()
	switch s := state.(type) {
	case *payment.Payment:
		if p := c.stages[s.Attempt]; p == nil || p.Version < s.Version {
			c.stages[s.Attempt] = s
		}
	case *recovery.Recovery:
		c.claimed = true
	case *project.Project:
		if c.now.Version < s.Version {
			c.now = s
		}
	}
}

// courts starts a pilot whose projects wait for their first tranches. Each project is a court.
func (w *world) courts(t *testing.T) (all []*court) {
	t.Helper()
	grants := make([]int64, len(w.demo.Projects))
	for i := range grants {
		grants[i] = trancheFen * 10 / 6
	}
	b := w.approved(t, grants...)
	w.setClock(t, calendar.On(2017, 9, 26).At(10, 0)) // a working day
	for i, p := range b.projects {
		c := &court{world: w, project: flow.Ref{Kind: project.Kind, ID: p.ID}, mark: fmt.Sprint(b.pilot.ID[24:], ".", i)}
		w.do(t, zhuanglang.CountyApprover, "sign-as-office", c.project, &project.SignAsOffice{})
		signature := &project.SignAsOrganization{AccountName: p.Proposal.Organization.Name.ZH, AccountNumber: "62220000000000001"}
		c.now = w.do(t, zhuanglang.OrganizationPerson(w.demo.Projects[i].Code), "sign-as-organization", c.project, signature).State.(*project.Project)
		opening, err := c.now.PaymentOpening(c.payment(1).ID)
		must(t, err)
		c.opening = *opening
		c.notice(w.do(t, domain.Workflow.ID, "open", c.payment(1), opening).State)
		c.start = time.Now()
		all = append(all, c)
	}
	return all
}

// Concurrent releases, voids, payments, returns, reports of payments, terminations and repayments have the same effect
// as in some sequential order.
func TestAProjectsMoneyIsLinearizable(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	var seen answers
	seed := rand.Uint64()
	t.Cleanup(func() {
		t.Logf("%d histories: %v", done.Load(), seen.of)
		if !t.Failed() {
			seen.demand(t, int(done.Load()))
		}
	})
	for n := range 2 {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for done.Load() < histories && !t.Failed() {
				for _, c := range w.courts(t) {
					history := c.history(t, seed+uint64(done.Add(1)))
					holds(t, seed, history)
					seen.add(history)
					if again := append(history, impossible(history)...); porcupine.CheckOperationsTimeout(sequential, again, time.Minute) != porcupine.Illegal {
						t.Errorf("two terminations in a row were accepted as linearizable")
					}
				}
			}
			if found, err := violations(w.conn, ""); err != nil || len(found) > 0 {
				t.Errorf("found %q, %v", found, err)
			}
		})
	}
}

// answers counts the results of calls, by kind of call and result.
type answers struct {
	sync.Mutex
	of map[string]int
}

func (a *answers) add(history []porcupine.Operation) {
	a.Lock()
	defer a.Unlock()
	if a.of == nil {
		a.of = map[string]int{}
	}
	for _, o := range history {
		name := o.Input.(call).name
		switch {
		case strings.HasPrefix(name, "read"):
			a.of["read"]++
		case o.Output == "":
			a.of[name+" accepted"]++
		default:
			a.of[fmt.Sprint(name, " ", o.Output)]++
		}
	}
}

// demand requires enough histories, in which every kind of call was accepted at least once and refused for every
// reason.
func (a *answers) demand(t *testing.T, done int) {
	t.Helper()
	if done < histories {
		t.Errorf("%d histories, want %d", done, histories)
	}
	for _, answer := range []string{
		"release accepted", "void accepted", "by-hand accepted", "bank-paid accepted", "confirm accepted", "return-payment accepted", "record-payment accepted",
		"terminate accepted", "open-recovery accepted", "repay accepted", "open accepted", "release same-person", "release conflict-of-interest", "release wrong-stage",
		"confirm wrong-stage", "record-payment already-recorded", "open-recovery already-exists", "repay over-debt", "repay duplicate-voucher",
	} {
		if a.of[answer] == 0 {
			t.Errorf("no history has %s", answer)
		}
	}
}

// holds requires that a history is linearizable.
func holds(t *testing.T, seed uint64, history []porcupine.Operation) {
	t.Helper()
	if result := porcupine.CheckOperationsTimeout(sequential, history, time.Minute); result != porcupine.Ok {
		t.Errorf("seed %d: %s", seed, result)
		for _, o := range history {
			t.Logf("%d-%d %s", o.Call, o.Return, sequential.DescribeOperation(o.Input, o.Output))
		}
	}
}

// impossible appends to a history calls that no order can explain: a project is terminated twice.
func impossible(history []porcupine.Operation) []porcupine.Operation {
	var end int64
	for _, o := range history {
		end = max(end, o.Return)
	}
	terminate := call{name: "terminate"}
	return []porcupine.Operation{
		{ClientId: 0, Input: terminate, Call: end + 1, Output: "", Return: end + 2},
		{ClientId: 0, Input: terminate, Call: end + 3, Output: "", Return: end + 4},
	}
}

// The check accepts linearizable histories and finds those that are not.
func TestTheCheckOfHistoriesCanFail(t *testing.T) {
	t.Parallel()
	at := func(begun, ended int64, c call, answer string) porcupine.Operation {
		return porcupine.Operation{Input: c, Call: begun, Output: answer, Return: ended}
	}
	release := func(by int) call { return call{name: "release", attempt: 1, by: by} }
	void := call{name: "void", attempt: 1}
	for name, test := range map[string]struct {
		history []porcupine.Operation
		want    porcupine.CheckResult
	}{
		"two officers release":                    {[]porcupine.Operation{at(1, 2, release(0), ""), at(3, 4, release(1), "")}, porcupine.Ok},
		"one officer releases twice":              {[]porcupine.Operation{at(1, 2, release(0), ""), at(3, 4, release(0), "")}, porcupine.Illegal},
		"released, then voided":                   {[]porcupine.Operation{at(1, 2, release(0), ""), at(3, 4, release(1), ""), at(5, 6, void, "")}, porcupine.Illegal},
		"voided while the second officer decides": {[]porcupine.Operation{at(1, 2, release(0), ""), at(3, 6, release(1), "wrong-stage"), at(4, 5, void, "")}, porcupine.Ok},
		"a read that goes back in time": {[]porcupine.Operation{
			at(1, 2, void, ""), at(3, 4, call{name: "read-payment", attempt: 1}, "release"),
		}, porcupine.Illegal},
		"an interested officer releases": {[]porcupine.Operation{at(1, 2, release(3), "")}, porcupine.Illegal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := porcupine.CheckOperationsTimeout(sequential, test.history, time.Minute); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
