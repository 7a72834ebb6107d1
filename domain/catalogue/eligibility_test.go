package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

func TestRulesOfEligibility(t *testing.T) {
	t.Parallel()
	over := zhuanglang.Read().Application()
	over.RequestedFen++
	small := zhuanglang.Read().Application()
	small.RequestedFen = 1
	checkRules(t, map[string]ruleCase{
		"nothing is accepted before the directory has answered": {
			(*desk).drafted, func(d *desk) {
				if err := d.send(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}); err != nil {
					d.t.Fatal(err)
				}
			},
			zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{}, "checks-pending",
		},
		"the directory answers once a round": {
			(*desk).submitted, nil, domain.Workflow.ID, thePilot, "record-checks", &pilot.RecordChecks{}, "already-checked",
		},
		"a missing proposal cannot be refused": {
			(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: "X", Reason: "r"}, "no-such-proposal",
		},
		"a refused proposal is not refused again": {
			func(d *desk) *desk { return d.refused(q1) }, nil,
			zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: q1, Reason: "r"}, "no-such-proposal",
		},
		"a corrected application is judged by every rule again": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
			},
			zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: over}, "over-fund",
		},
		"a correction does not request less than the cheapest proposal costs": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
			},
			zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: small}, "request-too-small",
		},
		"the last day of a correction still admits it": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
				d.until(d.awaits(thePilot, pilot.AwaitCorrection).Due.At(23, 59))
			},
			zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: zhuanglang.Read().Application()}, "",
		},
		"a refused application is over": {
			(*desk).submitted, func(d *desk) { d.do(zhuanglang.CountyOfficer, thePilot, "refuse", &pilot.Refuse{Reason: "r"}) },
			zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{}, "wrong-stage",
		},
	})
}

func (d *desk) refused(proposals ...string) *desk {
	d.submitted()
	for _, q := range proposals {
		d.do(zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: q, Reason: "r"})
	}
	return d
}

func TestARemovedProposalIsCalledByTheReason(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at   func(*desk) *desk
		want pilot.Removal
	}{
		"refused in the eligibility check": {func(d *desk) *desk { return d.refused(q1) }, pilot.RemovalRefused},
		"given up by its organization": {func(d *desk) *desk {
			d.onNotice().onGolden("approval")
			d.do(organization1, thePilot, "give-up", &pilot.GiveUp{Proposal: q1, Reason: "r"})
			return d
		}, pilot.RemovalGivenUp},
		"lost by an upheld objection": {func(d *desk) *desk {
			d.onNotice()
			d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
			d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: pilot.Upheld, Reason: "r"})
			return d
		}, pilot.RemovalUpheld},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases := test.at(newDesk(t)).pilot().Cases
			if got := cases[0].StatusName(); got != pilot.Removals[test.want] {
				t.Errorf("called %v, want %v", got, pilot.Removals[test.want])
			}
			if got := cases[1].StatusName(); got != pilot.CaseStatuses[cases[1].Status] {
				t.Errorf("a proposal that stays is called %v", got)
			}
		})
	}
}

func TestWhatTheDirectoryKnowsDecidesAboutEligibility(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*pilot.OrganizationFacts)
		code     string
		blocking bool
	}{
		"an organization that meets every condition has no finding": {func(*pilot.OrganizationFacts) {}, "", false},
		"an unknown organization is not eligible":                   {func(f *pilot.OrganizationFacts) { *f = pilot.OrganizationFacts{} }, "not-in-directory", true},
		"the abnormal list bars":                                    {func(f *pilot.OrganizationFacts) { f.Abnormal = true }, "abnormal-list", true},
		"the list of serious dishonesty bars":                       {func(f *pilot.OrganizationFacts) { f.Dishonest = true }, "dishonest-list", true},
		"a failed annual inspection bars":                           {func(f *pilot.OrganizationFacts) { f.InspectionPassed = false }, "inspection", true},
		"two full-time staff are too few":                           {func(f *pilot.OrganizationFacts) { f.Staff = 2 }, "too-few-staff", true},
		"an organization registered tomorrow is too young":          {func(f *pilot.OrganizationFacts) { f.Registered = calendar.On(2017, 10, 1) }, "too-young", true},
		"no rating warns":                                           {func(f *pilot.OrganizationFacts) { f.Rating = 0 }, "not-rated", false},
		"an expired rating warns":                                   {func(f *pilot.OrganizationFacts) { f.RatedUntil = calendar.On(2017, 9, 29) }, "rating-expired", false},
		"another name in the directory warns":                       {func(f *pilot.OrganizationFacts) { f.Name.ZH = "另一协会" }, "name-differs", false},
		"a rating below 3A warns":                                   {func(f *pilot.OrganizationFacts) { f.Rating = 2 }, "rating-low", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			code := d.data.Projects[0].Organization.CreditCode
			facts := d.facts[code]
			test.change(&facts)
			d.facts[code] = facts
			d.submitted()
			findings, want := d.pilot().Cases[0].Findings, domain.Code("")
			switch {
			case test.code == "" && len(findings) != 0, test.code != "" && (len(findings) != 1 || findings[0].Code != test.code || findings[0].Blocking != test.blocking):
				t.Errorf("findings %+v, want %q", findings, test.code)
			case test.blocking:
				want = "not-eligible"
			}
			if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})); got != want {
				t.Errorf("accepting: %q, want %q", got, want)
			}
		})
	}
}

// Nothing found about the evaluator or a village's name bars a proposal: the office sees it and decides.
func TestTheEvaluatorAndTheVillagesAreComparedWithTheRegisters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change             func(*desk, *pilot.Application)
		evaluator, village string
	}{
		"as registered":                         {func(*desk, *pilot.Application) {}, "", ""},
		"the evaluator is not in the directory": {func(d *desk, a *pilot.Application) { delete(d.facts, a.Evaluator.CreditCode) }, "evaluator-not-in-directory", ""},
		"the evaluator has another name":        {func(_ *desk, a *pilot.Application) { a.Evaluator.Name.ZH += "一" }, "evaluator-name-differs", ""},
		"a village has another name":            {func(_ *desk, a *pilot.Application) { a.Proposals[0].Village.Name.ZH += "一" }, "", "village-name-differs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			a := d.data.Application()
			facts := d.facts[a.Evaluator.CreditCode]
			facts.Name = a.Evaluator.Name
			d.facts[a.Evaluator.CreditCode] = facts
			test.change(d, &a)
			d.drafted()
			d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: a})
			d.do(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})
			for _, about := range []struct {
				want  string
				found []pilot.Finding
			}{{test.evaluator, d.pilot().Findings}, {test.village, d.pilot().Cases[0].Findings}} {
				got := ""
				for _, f := range about.found {
					got += f.Code
				}
				if got != about.want {
					t.Errorf("found %+v, want %q", about.found, about.want)
				}
			}
			d.do(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})
		})
	}
}

func TestAPilotFailsOnlyWhenNoProposalIsLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	codes := d.proposals()
	d.refused(codes[1:]...)
	if got := d.stage(thePilot); got != pilot.Eligibility {
		t.Fatalf("with one proposal left: %s", got)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: codes[0], Reason: "r"})
	if got := d.stage(thePilot); got != pilot.Failed {
		t.Errorf("with none left: %s", got)
	}
}

func TestTheFirstOfficeChecksAndEndorsesWithinOneTerm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted()
	due := d.awaits(thePilot, pilot.AwaitEligibility).Due
	if due != d.data.Golden["county"] {
		t.Errorf("eligibility due %s, the data say %s", due, d.data.Golden["county"])
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})
	if got := d.awaits(thePilot, pilot.AwaitEndorsement).Due; got != due {
		t.Errorf("accepted on the first day, the endorsement is due %s, want %s", got, due)
	}
}
