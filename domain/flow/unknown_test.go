package flow_test

import (
	"cmp"
	"strings"
	"testing"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// During an upgrade, an older program may read a wait that a newer one opened.
func TestAWaitOfANewerProgramIsNobodysTurn(t *testing.T) {
	t.Parallel()
	s := carriedRequests.New("r")
	s.Common().Enter(pending)
	day := calendar.On(2018, 6, 1)
	s.Common().Open("of-a-newer-program", "", flow.Deadline{Due: day, Remind: day})
	p := flow.ProgressOf(s)
	if len(p.Turns) != 1 || p.Turns[0].Key != "of-a-newer-program" || len(p.Turns[0].Who)+len(p.Turns[0].Commands) != 0 {
		t.Errorf("its turn is %+v", p.Turns)
	}
	if p.Next != nil || p.Ended {
		t.Errorf("time brings %+v, ended is %t", p.Next, p.Ended)
	}
	if tasks := flow.TasksOf(s, asker); len(tasks) != 0 {
		t.Errorf("somebody is awaited: %+v", tasks)
	}
	_, err := flow.Judge(s, flow.Command{Name: "meet", Actor: asker, Payload: &Meet{answer}}, flow.Context{Now: day.At(10, 0), Actor: asker})
	if code(err) != "wrong-stage" {
		t.Errorf("it admits a command: %v", err)
	}
}

// idle is a request whose Lapse returns no event.
type idle struct{ Request }

var idleRequests = requests("idle-request", &idle{}, flow.Swept)

func (*idle) Aggregate() *flow.Aggregate                   { return idleRequests }
func (*idle) Lapse([]flow.Turn, flow.Context) []flow.Event { return nil }

// Without an event, the wait would remain due, and KeepTime would be sent again and again.
func TestALapseWithoutAnEventIsAFault(t *testing.T) {
	t.Parallel()
	s := idleRequests.New("r")
	day := calendar.On(2018, 6, 1)
	s.Common().Enter(pending)
	s.Common().Open(fee, string(fee), flow.Deadline{Due: day, Remind: day})
	s.Common().Turn(fee, string(fee)).Reminded = true
	keep := flow.Command{Name: flow.KeepTimeCommand, Actor: domain.Workflow, Payload: flow.ProgressOf(s).Next.Keep()}
	_, err := flow.Judge(s, keep, flow.Context{Now: day.End(), Actor: domain.Workflow})
	if err == nil || code(err) != "" || !strings.Contains(err.Error(), "lapse of wait fee of idle-request/r") {
		t.Errorf("it was judged: %v", err)
	}
}

// debtor is a swept request that owes a duty although swept kinds cannot have any.
type debtor struct{ Request }

var debtorRequests = requests("debtor-request", &debtor{}, flow.Swept)

func (*debtor) Aggregate() *flow.Aggregate { return debtorRequests }

func TestAKindWithoutAWorkflowOwesNothing(t *testing.T) {
	t.Parallel()
	s := debtorRequests.New("r")
	day := calendar.On(2018, 6, 1)
	s.Common().Enter(pending)
	s.Common().Open(answer, "", flow.Deadline{Due: day, Remind: day})
	s.Common().Owe("publish", "")
	_, err := flow.Judge(s, flow.Command{Name: "meet", Actor: asker, Payload: &Meet{answer}}, flow.Context{Now: day.At(10, 0), Actor: asker})
	if err == nil || !strings.Contains(err.Error(), "debtor-request/r owes publish") {
		t.Errorf("it was judged: %v", err)
	}
}

// careless is a request whose code returns waits, claims and roots that its description does not declare.
type careless struct {
	Request
	part   string
	claims []string
}

var carelessRequests = requests("careless-request", &careless{}, flow.Swept)

func (*careless) Aggregate() *flow.Aggregate { return carelessRequests }
func (c *careless) Claims() []string         { return c.claims }

func (c *careless) Root() string { return cmp.Or(c.part, c.ID) }

func TestADecisionStaysWithinItsDeclaration(t *testing.T) {
	t.Parallel()
	day := calendar.On(2018, 6, 1)
	for name, test := range map[string]struct {
		state   func(*careless)
		payload flow.Payload
		name    string
		want    string
	}{
		"a wait":                         {func(*careless) {}, &Extend{"encore", 3}, "extend", "awaits encore, which is not declared"},
		"a claim":                        {func(c *careless) { c.claims = []string{"number:7"} }, &Ask{day, day, day}, "ask", `claims "number:7", whose prefix is not declared`},
		"a part of another, by a person": {func(c *careless) { c.part = "somebody-else" }, &Ask{day, day, day}, "ask", "only what a workflow opens is part of another"},
		"a command that stays within its declaration": {func(*careless) {}, &Ask{day, day, day}, "ask", ""},
		"a wait that a newer program opened":          {func(c *careless) { c.Open("of-a-newer-program", "", flow.Deadline{}) }, &Extend{answer, 3}, "extend", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := carelessRequests.New("r").(*careless)
			if test.name != "ask" {
				s.Enter(pending)
				s.Open(answer, "", flow.Deadline{Due: day, Remind: day})
			}
			test.state(s)
			_, err := flow.Judge(s, flow.Command{Name: test.name, Actor: asker, Payload: test.payload}, flow.Context{
				Now: day.AddDays(-9).At(10, 0), Actor: asker, Calendar: calendar.Published(),
			})
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("it was judged: %v", err)
			}
		})
	}
}
