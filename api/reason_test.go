package api_test

import (
	"net/http"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// reasoned is the part of a project's read that says what somebody decided and why.
type reasoned struct {
	Milestones []struct {
		Status, Reason string
		On             string `json:"reason_on"`
		Evidence       []struct{ SHA256 string }
	}
	MidTerm struct{ Outcome, Reason, On string }
	Report  struct{ File, Summary string } `json:"midterm_report"`
	Change  struct {
		Outcome, Reason, On string
		Diff                []project.Alteration
	} `json:"change_decision"`
	Spending []struct {
		On       string `json:"judged_on"`
		Receipts []struct{ Reason string }
	}
}

// Whoever must correct something, or is affected, reads what and why; the reports are for those who judge by them.
func TestAProjectSaysWhatIsToBeCorrectedAndWhy(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, ref := d.rollingOut()
	today := calendar.Of(ok(d.store.Now(t.Context()))(t)).String()
	organization, village := zhuanglang.OrganizationPerson("ZL-2017-01"), zhuanglang.VillagePerson("ZL-2017-01")
	file, report := d.uploaded(organization, "a sheet"), d.uploaded(organization, "the mid-term report")
	d.do(organization, "submit-milestone", ref, &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
	}})
	d.do(officer, "return-milestone", ref, &project.ReturnMilestone{Milestone: "M1", Reason: "签到表缺页"})
	d.do(organization, "report-midterm", ref, &project.ReportMidTerm{Report: report, Summary: "过半"})
	d.do(zhuanglang.EvaluatorPerson, "judge-midterm", ref, &project.JudgeMidTerm{Outcome: project.Rectify, Score: 65, Reason: "出勤率偏低"})
	d.do(organization, "request-change", ref, &project.RequestChange{Beneficiaries: "低收入农户", Reason: "名单有调整"})
	d.do(zhuanglang.CountyApprover, "refuse-change", ref, &project.RefuseChange{Reason: "与批复不符"})
	d.do(organization, "report-spending", ref, &project.ReportSpending{Receipts: []project.Invoice{{
		Kind: "materials", Fen: 500_000, Source: project.FromGrant, Number: "0440017001-0002", On: signedDay, File: file, Title: "教材",
	}}})
	d.do(finance, "judge-spending", ref, &project.JudgeSpending{Report: 1, Disallowed: []project.Disallowance{{Invoice: "0440017001-0002", Reason: "与项目无关"}}})

	for who, full := range map[string]bool{
		organization: true, zhuanglang.EvaluatorPerson: true, officer: true, finance: true, zhuanglang.AuditorPerson: true, village: false,
	} {
		var p reasoned
		d.get(who, "/v1/projects/"+ref.ID, &p)
		if m := p.Milestones[0]; m.Status != "returned" || m.On != today || m.Reason != "签到表缺页" || len(m.Evidence) != 2 || m.Evidence[0].SHA256 != file {
			t.Errorf("%s: the milestone is %+v", who, m)
		}
		if p.MidTerm.Outcome != "rectify" || p.MidTerm.On != today || p.MidTerm.Reason != "出勤率偏低" {
			t.Errorf("%s: the verdict is %+v", who, p.MidTerm)
		}
		if c := p.Change; c.Outcome != "refused" || c.On != today || c.Reason != "与批复不符" || len(c.Diff) != 1 || c.Diff[0].To != "低收入农户" {
			t.Errorf("%s: the decision on the change is %+v", who, c)
		}
		if receipts := p.Spending[0].Receipts; (len(receipts) == 1) != full || full && receipts[0].Reason != "与项目无关" {
			t.Errorf("%s: the receipts are %+v", who, receipts)
		}
		if p.Spending[0].On != today {
			t.Errorf("%s: the receipts were judged on %q", who, p.Spending[0].On)
		}
		status := d.send(request{method: http.MethodGet, path: "/v1/evidence/" + report, who: who}).status
		if (p.Report.File == report && p.Report.Summary == "过半") != full || (status == http.StatusOK) != full {
			t.Errorf("%s: the report is %+v, its file %d", who, p.Report, status)
		}
	}
}

func TestARefusedProposalSaysWhy(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.submitted()
	d.do(officer, "refuse-proposal", ref, &pilot.RefuseProposal{Proposal: "ZL-2017-01", Reason: "不在申报范围"})
	for _, who := range []string{officer, zhuanglang.OrganizationPerson("ZL-2017-01")} {
		var p struct{ Cases []struct{ Reason string } }
		d.get(who, "/v1/pilots/"+ref.ID, &p)
		if p.Cases[0].Reason != "不在申报范围" {
			t.Errorf("%s reads %+v", who, p.Cases[0])
		}
	}
}

func TestAPaymentSaysWhyItWasVoidedOrCameBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	p, first, voided := d.paying()
	second := d.founded(p, 2)
	returned := d.signed(second, 2)
	today := calendar.Of(ok(d.store.Now(t.Context()))(t)).String()
	d.paid(second, returned, "2018-0002")
	d.do(finance, "void", voided, &payment.VoidPayment{Reason: "账号有误"})
	d.do(finance, "return-payment", returned, &payment.ReturnPayment{Reason: "户名不符"})
	for ref, want := range map[flow.Ref]string{voided: "账号有误", returned: "户名不符"} {
		for _, who := range []string{finance, zhuanglang.AuditorPerson} {
			var read struct {
				Reason string
				On     string `json:"reason_on"`
			}
			d.get(who, "/v1/payments/"+ref.ID, &read)
			if read.Reason != want || read.On != today {
				t.Errorf("%s reads of %s: %+v", who, ref, read)
			}
		}
	}
	var read struct{ Reason string }
	if d.get(zhuanglang.OrganizationPerson("ZL-2017-01"), "/v1/payments/"+voided.ID, &read); read.Reason != "账号有误" {
		t.Errorf("the payee of %s reads %q", first, read.Reason)
	}
}

func TestADebtSaysWhyItIsClaimedBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, ref := d.rollingOut()
	today := calendar.Of(ok(d.store.Now(t.Context()))(t)).String()
	found := d.uploaded(finance, "an account that shows a diversion")
	outcome := d.do(finance, "record-diversion", ref, &project.RecordDiversion{Fen: 100_000, Finding: "购置办公设备", Evidence: []string{found}})
	debt := flow.Ref{Kind: recovery.Kind, ID: ref.ID + ".r1"}
	d.do(domain.Workflow.ID, "open", debt, ok(outcome.State.(*project.Project).RecoveryOpening(debt.ID))(t))
	type reason struct{ Reason, On string }
	for who, want := range map[string]string{
		finance: "购置办公设备", zhuanglang.AuditorPerson: "购置办公设备", zhuanglang.OrganizationPerson("ZL-2017-01"): "购置办公设备",
		zhuanglang.EvaluatorPerson: "", zhuanglang.VillagePerson("ZL-2017-01"): "",
	} {
		var p struct{ Debts []reason }
		d.get(who, "/v1/projects/"+ref.ID, &p)
		if len(p.Debts) != 1 || p.Debts[0] != (reason{want, today}) {
			t.Errorf("%s reads on the project %+v", who, p.Debts)
		}
		if want == "" {
			continue
		}
		var r reason
		if d.get(who, "/v1/recoveries/"+debt.ID, &r); r != (reason{want, today}) {
			t.Errorf("%s reads on the recovery %+v", who, r)
		}
	}
}
