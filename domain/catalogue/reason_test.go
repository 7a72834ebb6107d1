package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Whoever has to correct the settlement reads why, and finance still reads it beside what was corrected.
func TestAReturnedSettlementSaysWhyUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "return-settlement", &project.ReturnSettlement{Reason: "照片不清"})
	account := func(when string) *project.Account {
		t.Helper()
		got := d.project1().Account
		if got == nil || got.Reason != "照片不清" || got.File != file || len(got.MarkPhotos) == 0 {
			t.Fatalf("%s: %+v", when, got)
		}
		return got
	}
	before := account("once returned")
	d.submitSettlement(0)
	if account("once submitted again") == before {
		t.Error("the submission changed nothing")
	}
	d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
}

func TestARefusedClosingSaysWhyUntilTheProjectIsClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).settlement()
	d.settle(0, 2100000)
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "refuse-closing", &project.RefuseClosing{Reason: "资产未登记"})
	if got := d.project1().Reason; got != "资产未登记" {
		t.Errorf("after the refusal: %q", got)
	}
	d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "close", &project.CloseProject{Opinion: "同意"})
	if got := d.project1().Reason; got != "" {
		t.Errorf("a closed project gives the reason %q", got)
	}
}

// What an office has to correct may be about anybody's plan. Why a pilot ended concerns all who applied.
func TestTheReasonOfACorrectionIsForOfficesAndThatOfAnEndForAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted()
	reads := func(who string) string { return d.pilot().Part(d.people[who]).(*pilot.Pilot).Reason }
	d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "补充预算说明"})
	if d.pilot().Reason != "补充预算说明" || reads(organization1) != "" {
		t.Errorf("to correct: %q; organizations read %q", d.pilot().Reason, reads(organization1))
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: d.pilot().Application})
	if d.pilot().Reason != "补充预算说明" {
		t.Error("whoever checks the correction cannot read what was asked for")
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})
	if got := d.pilot().Reason; got != "" {
		t.Errorf("an accepted application gives the reason %q", got)
	}
	d.do(zhuanglang.CountyApprover, thePilot, "reject", &pilot.Reject{Reason: "与上年重复"})
	if d.pilot().Reason != "与上年重复" || reads(organization1) != "与上年重复" {
		t.Errorf("rejected: %q; organizations read %q", d.pilot().Reason, reads(organization1))
	}
}

func TestTheDecisionOnAnObjectionSaysWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: pilot.Dismissed, Reason: "与事实不符"})
	if got := d.pilot().Part(d.people[organization1]).(*pilot.Pilot).Cases[0].Reason; got != "与事实不符" {
		t.Errorf("the organization reads %q", got)
	}
}

func TestThePanelReadsTheAttachments(t *testing.T) {
	t.Parallel()
	d := newDesk(t).scored()
	d.pilot().Attachments = []string{file}
	for who, want := range map[string]bool{zhuanglang.Experts[0]: true, organization1: false, zhuanglang.EvaluatorPerson: false} {
		if got := len(d.pilot().Part(d.people[who]).(*pilot.Pilot).Attachments) == 1; got != want {
			t.Errorf("%s sees the attachments: %t", who, got)
		}
	}
	outside := domain.Actor{ID: "expert-9", Roles: []domain.Role{domain.Expert}}
	if got := d.pilot().Part(outside).(*pilot.Pilot).Attachments; len(got) > 0 {
		t.Errorf("an expert of no panel sees %v", got)
	}
}
