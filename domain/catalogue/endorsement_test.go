package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

func TestRulesOfEndorsement(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"whoever submitted does not endorse": {
			(*desk).accepted, func(d *desk) { d.hire(zhuanglang.CountyOfficer, domain.Approver) },
			zhuanglang.CountyOfficer, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"}, "same-person",
		},
		"an office's return does not use up the one correction": {
			(*desk).accepted, func(d *desk) {
				d.do(zhuanglang.CountyApprover, thePilot, "return", &pilot.Return{Reason: "r"})
				d.do(zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: d.data.Application()})
			},
			zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"}, "",
		},
	})
}

func TestAReturnGivesTheOfficeBelowAFreshDeadline(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	d.do(zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"})
	d.on(calendar.On(2017, 10, 27))
	d.do(zhuanglang.CityApprover, thePilot, "return", &pilot.Return{Reason: "r"})
	if got, want := d.awaits(thePilot, pilot.AwaitEndorsement).Due, calendar.On(2017, 11, 10); got != want {
		t.Errorf("returned on Friday 2017-10-27, ten working days end on %s, want %s", got, want)
	}
}
