package catalogue_test

import (
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

func TestRulesOfTheNotice(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"an objection names a proposal on notice": {
			(*desk).onNotice, nil, zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Grounds: "g", Contact: "c"}, "not-on-notice",
		},
		"an objection to a proposal that is not there": {
			(*desk).onNotice, nil, zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: "X", Grounds: "g", Contact: "c"}, "not-on-notice",
		},
		"an auditor reads and does not object": {
			(*desk).onNotice, nil, zhuanglang.AuditorPerson, thePilot, "object", &pilot.Object{Proposal: q1}, "wrong-role",
		},
		"an objection that nobody filed is not decided": {
			(*desk).onNotice, nil, zhuanglang.ProvinceOfficer, thePilot, "decide-objection",
			&pilot.DecideObjection{Proposal: q1, Outcome: pilot.Dismissed, Reason: "r"}, "no-objection",
		},
		"a proposal that is not there is not given up": {
			(*desk).onNotice, nil, organization1, thePilot, "give-up", &pilot.GiveUp{Proposal: "X", Reason: "r"}, "no-such-proposal",
		},
		"without an objection there is nothing to decide": {
			(*desk).onNotice, func(d *desk) {
				d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
			},
			zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Outcome: pilot.Dismissed, Reason: "r"}, "no-objection",
		},
	})
}

func TestANoticeRunsSevenWorkingDaysAndClearsByItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice() // published on Friday 2017-11-17
	d.until(calendar.On(2017, 11, 28).At(23, 59))
	if got := d.pilot().Cases[0].Status; got != pilot.CaseNotice {
		t.Fatalf("on its last day: %s", got)
	}
	d.until(calendar.On(2017, 11, 29).At(0, 0))
	if got := d.pilot().Cases[0].Status; got != pilot.CaseCleared {
		t.Errorf("the day after: %s", got)
	}
	if got := d.awaits(thePilot, pilot.AwaitApproval).Due; got != d.data.Golden["approval"] {
		t.Errorf("approval due %s", got)
	}
}

// Once the notice has ended, everyone who could have objected is told so, whether or not its end has been recorded yet. About anything
// else in the pilot, the public is told nothing.
func TestWhoComesAfterTheNoticeIsToldSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	object := func(who, proposal string) *domain.Error {
		t.Helper()
		err := d.try(who, thePilot, "object", &pilot.Object{Proposal: proposal, Grounds: "g", Contact: "c"})
		refused, ok := domain.Refused(err)
		if !ok {
			t.Fatalf("%s: %v", who, err)
		}
		return refused
	}
	over := func() {
		t.Helper()
		for _, who := range []string{zhuanglang.PublicPerson, zhuanglang.OrganizationPerson(q1), zhuanglang.VillagePerson(q1)} {
			refused := object(who, q1)
			if refused.Code != "notice-over" || !strings.Contains(refused.What().ZH, "2017-11-28") || !strings.Contains(refused.Next().ZH, "甘肃省民政部门") {
				t.Errorf("%s is refused: %s; %s", who, refused.What().ZH, refused.Next().ZH)
			}
		}
	}
	d.now = calendar.On(2017, 11, 29).At(0, 0)
	over()
	d.until(calendar.On(2017, 11, 29).At(9, 0))
	over()
	if got := object(zhuanglang.PublicPerson, "X"); got.Code != "not-found" {
		t.Errorf("of a proposal that was never on notice, the public hears %s", got)
	}
	if got := object(zhuanglang.AuditorPerson, q1); got.Code != "wrong-role" {
		t.Errorf("an auditor is refused with %s", got)
	}
	d = newDesk(t).drafted()
	if got := object(zhuanglang.PublicPerson, q1); got.Code != "not-found" {
		t.Errorf("of a draft, the public hears %s", got)
	}
}

func TestANoticeStillUnpublishedGoesOutWithTheNext(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	again := func(code string) {
		d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: code, Grounds: "g", Contact: "c"})
		d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: code, Outcome: pilot.ReviewAgain, Reason: "r"})
		for _, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 100000}})
		}
		// The workflows are down, so their duties are left undone.
		if err := d.send(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}); err != nil {
			t.Fatal(err)
		}
	}
	again("ZL-2017-01")
	d.quiet = true
	again("ZL-2017-02")
	d.quiet = false
	if duties := flow.RecordOf(d.states[thePilot]).Duties; len(duties) != 1 {
		t.Fatalf("owed: %v", duties)
	}
	d.work()
	for i := range 2 {
		if got := d.states[thePilot].(*pilot.Pilot).Cases[i].Status; got != pilot.CaseNotice {
			t.Errorf("proposal %d is %s", i, got)
		}
	}
}
