package flow_test

import (
	"testing"

	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// While programs are replaced, an older one reads what a newer one awaits.
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
		t.Errorf("somebody is asked to %+v", tasks)
	}
	_, err := flow.Judge(s, flow.Command{Name: "meet", Actor: asker, Payload: &Meet{answer}}, flow.Context{Now: day.At(10, 0), Actor: asker})
	if code(err) != "wrong-stage" {
		t.Errorf("it admits a command: %v", err)
	}
}
