package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/pilot"
)

func TestRulesOfTheApplication(t *testing.T) {
	t.Parallel()
	data := zhuanglang.Read()
	draft := &pilot.Draft{Programme: data.Programme, Application: data.Application()}
	attached := data.Application()
	attached.Attachments = []string{"00"}
	wrong := data.Application()
	wrong.Purposes = []string{"sport"}
	withdraw := &pilot.Withdraw{Reason: "r"}
	checkRules(t, map[string]ruleCase{
		"an office further up the chain can launch a pilot too": {
			nil, nil, zhuanglang.ProvinceOfficer, thePilot, "draft", draft, "",
		},
		"a village cannot launch a pilot": {
			nil, func(d *desk) { d.hire(zhuanglang.VillagePerson(q1), domain.CaseOfficer) },
			zhuanglang.VillagePerson(q1), thePilot, "draft", draft, "no-office",
		},
		"nobody from an unknown place can launch a pilot": {
			nil, func(d *desk) {
				d.people["stray"] = domain.Actor{ID: "stray", Roles: []domain.Role{domain.CaseOfficer}, Place: "990000"}
			},
			"stray", thePilot, "draft", draft, "no-office",
		},
		"on the last day of the window a draft can still be begun": {
			nil, func(d *desk) { d.now = d.data.Golden["applications_close"].At(23, 59) }, zhuanglang.CountyOfficer, thePilot, "draft", draft, "",
		},
		"no draft can be begun after the window": {
			nil, func(d *desk) { d.now = d.data.Golden["applications_close"].End() }, zhuanglang.CountyOfficer, thePilot, "draft", draft, "window-closed",
		},
		"an attachment must have been uploaded": {
			nil, nil, zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: data.Programme, Application: attached}, "no-such-file",
		},
		"the last saved draft is submitted": {
			(*desk).drafted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: wrong})
			},
			zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "unknown-purpose",
		},
		"a draft can be withdrawn":                            {(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"an application can be withdrawn":                     {(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"an application can be withdrawn during endorsement":  {(*desk).accepted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"an application can be withdrawn during the review":   {(*desk).scored, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"an application cannot be withdrawn after the review": {(*desk).onNotice, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, "wrong-stage"},
		"a second review does not make withdrawal possible again": {
			(*desk).onNotice, func(d *desk) {
				d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
				d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: pilot.ReviewAgain, Reason: "r"})
			},
			zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, "wrong-stage",
		},
	})
}

func TestNothingIsDraftedBeforeTheCall(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.now = d.data.Golden["call"].AddDays(-1).At(9, 0)
	draft := &pilot.Draft{Programme: d.data.Programme, Application: d.data.Application()}
	if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "draft", draft)); got != "window-not-open" {
		t.Errorf("the day before the call: %q", got)
	}
}

func TestOneApplicationOfAnOrganizationInAProgramme(t *testing.T) {
	t.Parallel()
	claim := "application:zhuanglang-2017:" + zhuanglang.Read().Projects[0].Organization.CreditCode
	for name, test := range map[string]struct {
		at   func(*desk) *desk
		want bool
	}{
		"a draft claims nothing":                            {(*desk).drafted, false},
		"an application claims":                             {(*desk).submitted, true},
		"an archived pilot still claims":                    {(*desk).archived, true},
		"a withdrawn application no longer claims anything": {func(d *desk) *desk { return d.withdrawn() }, false},
		"a refused proposal no longer claims anything":      {func(d *desk) *desk { return d.refused(q1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := slices.Contains(test.at(newDesk(t)).pilot().Claims(), claim); got != test.want {
				t.Errorf("claims %s: %t", claim, got)
			}
		})
	}
}

func (d *desk) withdrawn() *desk {
	d.submitted().do(zhuanglang.CountyOfficer, thePilot, "withdraw", &pilot.Withdraw{Reason: "r"})
	return d
}
