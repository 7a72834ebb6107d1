package flow_test

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Request is a small aggregate for these tests. An office must answer the request. The applicant must supply papers, pay a fee and
// take an oath; the fee and the oath have the same due date. If the papers are not supplied in time, an appeal is possible.
type Request struct{ flow.Record }

// carried and swept are requests that differ only in their Carriage.
type (
	carried struct{ Request }
	swept   struct{ Request }
)

var (
	carriedRequests = requests("carried-request", &carried{}, flow.By("CarriedRequest", "carried-request"))
	sweptRequests   = requests("swept-request", &swept{}, flow.Swept)
)

func (*carried) Aggregate() *flow.Aggregate { return carriedRequests }
func (*swept) Aggregate() *flow.Aggregate   { return sweptRequests }

func (*Request) Place() string                { return "620825" }
func (*Request) Party(flow.Seat) domain.Party { return domain.Party{} }

// Readers admits everyone.
func (*Request) Readers() flow.Readers { return flow.Readers{Public: true} }

func (*Request) Part(domain.Actor) flow.State { return nil } // not used: no test reads a request

const (
	pending flow.Stage = "request-pending"
	closed  flow.Stage = "request-closed"

	answer flow.WaitKey = "answer" // soft
	papers flow.WaitKey = "papers" // hard; its lapse opens the appeal
	appeal flow.WaitKey = "appeal" // hard
	fee    flow.WaitKey = "fee"    // hard
	oath   flow.WaitKey = "oath"   // hard, with the same due date as the fee
)

// appealDays is the time for an appeal, in days from the due date of the papers.
const appealDays = 5

var asker = domain.Actor{ID: "asker", Roles: []domain.Role{domain.Public}}

// requests returns a description of a kind of request. It declares everything from scratch, because Describe modifies the declarations
// that it is given.
func requests(kind flow.Kind, empty flow.State, carriage flow.Carriage) *flow.Aggregate {
	who := flow.In(flow.Anyone, domain.Public)
	wait := func(key flow.WaitKey, hard bool) flow.Wait {
		return flow.Wait{
			Key: key, Stages: []flow.Stage{pending}, Title: domain.T("办理", "do it"), Who: who, Hard: hard,
			Exits: []flow.Exit{flow.Leads("meet", closed), flow.Leads("extend")},
		}
	}
	text := domain.T("办理", "do it")
	return flow.Describe(flow.Aggregate{
		Kind: kind, Collection: string(kind) + "s", Empty: empty, Carried: carriage,
		Stages: []flow.StageDecl{flow.Passes(pending, "待办", "pending"), flow.Ends(closed, "办结", "closed")},
		Waits:  []flow.Wait{wait(answer, false), wait(papers, true), wait(appeal, true), wait(fee, true), wait(oath, true)},
		Commands: []*flow.Declaration{
			flow.Declare[flow.State, Ask]("ask", who, text, text).Creating(),
			flow.Declare[flow.State, Meet]("meet", who, text, text),
			flow.Declare[flow.State, Extend]("extend", who, text, text),
		},
		Events: []*flow.EventType{
			flow.Happens[flow.State, Asked]("asked", text),
			flow.Happens[flow.State, Met]("met", text),
			flow.Happens[flow.State, Extended]("extended", text),
			flow.Happens[flow.State, Missed]("missed", text),
		},
	})
}

// Ask opens a request. The fee and the oath have the same due date.
type Ask struct {
	Answer, Papers, Fee calendar.Date
}

// Meet fulfils a wait.
type Meet struct{ Wait flow.WaitKey }

// Extend moves a wait's due date to the given number of days from today.
type Extend struct {
	Wait flow.WaitKey
	Days int
}

func (m *Meet) About() string   { return string(m.Wait) }
func (x *Extend) About() string { return string(x.Wait) }

func (*Ask) Check(flow.State, flow.Context) error    { return nil }
func (*Meet) Check(flow.State, flow.Context) error   { return nil }
func (*Extend) Check(flow.State, flow.Context) error { return nil }

func (a *Ask) Decide(_ flow.State, c flow.Context) []flow.Event {
	e := &Asked{}
	for _, w := range []struct {
		key flow.WaitKey
		due calendar.Date
	}{{answer, a.Answer}, {papers, a.Papers}, {fee, a.Fee}, {oath, a.Fee}} {
		e.Waits = append(e.Waits, Asking{w.key, c.By(c.Today(), w.due)})
	}
	return []flow.Event{e}
}

func (m *Meet) Decide(flow.State, flow.Context) []flow.Event { return []flow.Event{&Met{m.Wait}} }

func (x *Extend) Decide(_ flow.State, c flow.Context) []flow.Event {
	return []flow.Event{&Extended{x.Wait, c.By(c.Today(), c.Today().AddDays(x.Days))}}
}

// Lapse counts the time for an appeal from the due date of the papers, however late the lapse is recorded.
func (*Request) Lapse(turns []flow.Turn, c flow.Context) (events []flow.Event) {
	for _, t := range turns {
		e := &Missed{Wait: t.Key, Due: t.Due}
		if t.Key == papers {
			d := c.By(t.Due, t.Due.AddDays(appealDays))
			e.Appeal = &d
		}
		events = append(events, e)
	}
	return events
}

// Asking is one of the waits that a new request opens.
type Asking struct {
	Wait     flow.WaitKey
	Deadline flow.Deadline
}

// Asked records that a request was made.
type Asked struct{ Waits []Asking }

// Met records that a wait was fulfilled.
type Met struct{ Wait flow.WaitKey }

// Extended records that a wait was given a new deadline.
type Extended struct {
	Wait     flow.WaitKey
	Deadline flow.Deadline
}

// Missed records that a wait was not fulfilled by its due date.
type Missed struct {
	Wait   flow.WaitKey
	Due    calendar.Date
	Appeal *flow.Deadline
}

// EffectiveOn returns the due date.
func (e *Missed) EffectiveOn() calendar.Date { return e.Due }

func (e *Asked) Apply(s flow.State) {
	s.Common().Enter(pending)
	for _, w := range e.Waits {
		s.Common().Open(w.Wait, string(w.Wait), w.Deadline)
	}
}

func (e *Met) Apply(s flow.State) { finish(s, e.Wait) }

func (e *Extended) Apply(s flow.State) { s.Common().Open(e.Wait, string(e.Wait), e.Deadline) }

func (e *Missed) Apply(s flow.State) {
	if e.Appeal != nil {
		s.Common().Open(appeal, string(appeal), *e.Appeal)
	}
	finish(s, e.Wait)
}

func finish(s flow.State, wait flow.WaitKey) {
	r := s.Common()
	if r.Done(wait, string(wait)); len(r.Turns) == 0 {
		r.Enter(closed)
	}
}
