package catalogue_test

import (
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestASoftDueDayMarksWhatComesLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	due := d.awaits(thePilot, pilot.AwaitEndorsement).Due
	c := d.context
	c.Actor = d.people[zhuanglang.CountyApprover]
	command := flow.Command{Name: "endorse", Aggregate: thePilot, Actor: c.Actor, Payload: &pilot.Endorse{Opinion: "ok"}}
	for name, want := range map[string]bool{"on the due day": false, "the day after": true} {
		c.Now = due.At(23, 59)
		if want {
			c.Now = due.End()
		}
		decision, err := flow.Judge(flow.Clone(d.states[thePilot]), command, c)
		if got := refusal(t, err); got != "" {
			t.Errorf("%s: %q, want it accepted", name, got)
		}
		if decision.Late != want {
			t.Errorf("%s: late is %t", name, decision.Late)
		}
	}
}

func TestAnOfficeIsRemindedOnceAndItsDelayIsReportedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	d.do(zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"}) // on 2017-10-20; the city's deadline is 10-27
	d.until(calendar.On(2017, 10, 24).At(8, 59))
	count := func(event string) int { return len(d.days["pilot "+event]) }
	reminded, escalated := count("reminded"), count("escalated")
	d.until(calendar.On(2017, 10, 24).At(9, 0))
	if got := count("reminded") - reminded; got != 1 {
		t.Errorf("three days before, at nine: reminded %d times", got)
	}
	d.until(calendar.On(2017, 10, 27).At(23, 59))
	if count("escalated") != escalated {
		t.Error("reported before the due day has passed")
	}
	d.on(calendar.On(2018, 3, 1))
	if count("reminded")-reminded != 1 || count("escalated")-escalated != 1 {
		t.Errorf("reminded %d times, reported %d times", count("reminded")-reminded, count("escalated")-escalated)
	}
}

// The timeline must show later readers what was due, and when.
func TestAReminderAndAReportSayWhatWasDue(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	due := d.awaits(thePilot, pilot.AwaitEndorsement).Due
	for moment, at := range map[flow.Moment]time.Time{flow.Remind: due.At(8, 0), flow.Escalate: due.End()} {
		state := flow.Clone(d.states[thePilot])
		turn := state.Common().Turn(pilot.AwaitEndorsement, "")
		turn.Reminded = moment == flow.Escalate
		c := d.context
		c.Actor, c.Now = domain.Workflow, at
		next := *flow.ProgressOf(state).Next
		decision, err := flow.Judge(state, flow.Command{Name: flow.KeepTimeCommand, Aggregate: thePilot, Actor: c.Actor, Payload: next.Keep()}, c)
		if next.Moment != moment || refusal(t, err) != "" {
			t.Fatalf("%s: %v", next.Moment, err)
		}
		if key, subject, said := flow.About(decision.Events[0].Event); key != pilot.AwaitEndorsement || subject != "" || said != due {
			t.Errorf("%s is about %s %q, due %s; want %s", moment, key, subject, said, due)
		}
	}
}

func TestATermShorterThanTheReminderRemindsOnItsDueDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.onGolden("mid_term")
	d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	if turn := d.awaits(projectRef("1"), project.AwaitMidTermVerdict); turn.Remind != turn.Due {
		t.Errorf("due %s, reminded of on %s", turn.Due, turn.Remind)
	}
}

func TestADeadlineInAYearWithoutANoticeIsProvisional(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted()
	d.now = calendar.On(2040, 1, 2).At(10, 0)
	d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
	if turn := d.awaits(thePilot, pilot.AwaitCorrection); !turn.Provisional {
		t.Errorf("due %s as if the holidays of 2040 were known", turn.Due)
	}
}

// Moments that passed while the workflows were down are handled in order, and a command for one moment never acts on another.
func TestKeepTimeActsOnlyAtItsOwnMoment(t *testing.T) {
	t.Parallel()
	d := newDesk(t).drafted()
	lapse := *flow.ProgressOf(d.states[thePilot]).Next
	d.now = d.data.Golden["applications_close"].End()
	lapse.Moment = flow.Lapse
	if got := refusal(t, d.send("terrace", thePilot, "keep-time", lapse.Keep())); got != "not-due" {
		t.Errorf("a lapse before its reminder: %q", got)
	}
}
