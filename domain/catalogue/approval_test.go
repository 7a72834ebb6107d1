package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/ledger"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestRulesOfApproval(t *testing.T) {
	t.Parallel()
	approve := &pilot.Approve{Number: "甘民发〔2017〕2号"}
	checkRules(t, map[string]ruleCase{
		"a document number is given once": {
			(*desk).onNotice, func(d *desk) {
				d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: "ZL-2017-01", Grounds: "g", Contact: "c"})
				d.onGolden("approval")
				d.do(zhuanglang.ProvinceApprover, thePilot, "approve", approve)
				d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: "ZL-2017-01", Outcome: pilot.Dismissed, Reason: "r"})
				d.on(d.data.Golden["agreement"])
			}, zhuanglang.ProvinceApprover, thePilot, "approve", approve, "duplicate-number",
		},
		"only proposals that came through their notice are approved": {
			(*desk).onNotice, func(d *desk) {
				d.onGolden("approval")
				for i := range d.pilot().Cases {
					d.pilot().Cases[i].Status = pilot.CasePaused
				}
			},
			zhuanglang.ProvinceApprover, thePilot, "approve", approve, "nothing-cleared",
		},
		"before the approval the office may still reject": {
			(*desk).onNotice, func(d *desk) { d.onGolden("approval") },
			zhuanglang.ProvinceApprover, thePilot, "reject", &pilot.Reject{Reason: "r"}, "",
		},
		"an approved pilot can no longer be rejected": {
			(*desk).approvedBut, nil, zhuanglang.ProvinceApprover, thePilot, "reject", &pilot.Reject{Reason: "r"}, "wrong-stage",
		},
		"a paused proposal is approved later, with its own document number": {
			(*desk).approvedBut, nil, zhuanglang.ProvinceApprover, thePilot, "approve", approve, "",
		},
		"a cleared proposal can be given up": {
			(*desk).onNotice, func(d *desk) { d.onGolden("approval") }, organization1, thePilot, "give-up", &pilot.GiveUp{Proposal: q1, Reason: "r"}, "",
		},
		"an approved proposal can no longer be given up": {
			(*desk).approvedBut, nil, zhuanglang.OrganizationPerson("ZL-2017-02"), thePilot, "give-up", &pilot.GiveUp{Proposal: "ZL-2017-02", Reason: "r"}, "no-such-proposal",
		},
	})
}

// approvedBut approves every proposal except one with a pending objection, and dismisses the objection afterwards.
func (d *desk) approvedBut() *desk {
	d.onNotice().do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
	d.onGolden("approval")
	d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "甘民发〔2017〕1号"})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: pilot.Dismissed, Reason: "r"})
	d.on(calendar.On(2017, 12, 13))
	return d
}

func TestTheApprovalTurnsProposalsIntoProjectsAndCommitsTheirMoney(t *testing.T) {
	t.Parallel()
	d := newDesk(t).approved()
	for i, q := range d.data.Projects {
		if got := d.stage(projectRef(n(i))); got != project.Agreement {
			t.Errorf("project %d is in stage %q", i+1, got)
		}
		if got := d.balances[ledger.Account{Owner: projectRef(n(i)).ID, Name: ledger.Commitment}]; got != q.GrantFen {
			t.Errorf("project %d: %s committed, want %s", i+1, got, q.GrantFen)
		}
		if got := d.awaits(projectRef(n(i)), project.AwaitAgreement).Due; got != d.data.Golden["agreement"] {
			t.Errorf("project %d: to be signed by %s", i+1, got)
		}
	}
	if got := d.balances[ledger.Account{Owner: id + ".e", Name: ledger.Commitment}]; got != d.data.EvaluationFen {
		t.Errorf("the evaluator's contract: %s committed", got)
	}
	if !slices.Contains(d.pilot().Claims(), "approval-number:甘民发〔2017〕1号") {
		t.Error("the document number is not claimed")
	}
}
