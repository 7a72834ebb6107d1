package catalogue_test

import (
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// A refusal lists the values that the programme allows, and gives the names of the kinds of spending in both languages.
func TestARefusalNamesWhatTheProgrammeAllows(t *testing.T) {
	t.Parallel()
	d, drafted := newDesk(t).inMay(), newDesk(t)
	application := drafted.data.Application()
	application.Proposals[0].Kind = "Z"
	drafted.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: drafted.data.Programme, Application: application})
	d.report(0, invoice("I-1000", "materials", 2700001))
	asking := func(name string, payload flow.Payload) error {
		return d.try(organization1, projectRef("1"), name, payload)
	}
	reporting := func(i project.Invoice) error {
		return asking("report-spending", &project.ReportSpending{Receipts: []project.Invoice{i}})
	}
	for name, test := range map[string]struct {
		err    error
		code   domain.Code
		zh, en string
	}{
		"purposes": {
			asking("request-change", &project.RequestChange{Purpose: "sport", Reason: "r"}), "unknown-purpose",
			"elderly 扶老、disabled 助残、orphans 救孤、hardship 济困", "elderly (care for the elderly), disabled (help for disabled people)",
		},
		"kinds of project": {
			drafted.try(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}), "unknown-kind",
			"B 社会服务试点、C 社会工作服务示范、D 人员培训示范", "B (social-service pilot), C (social-work demonstration), D (training)",
		},
		"kinds of spending": {
			asking("request-change", &project.RequestChange{Budget: []plan.BudgetLine{{Kind: "misc", Fen: 20000000}}, Reason: "r"}), "unknown-spending",
			"training 培训、", "materials, training, labour_volunteer (labour and volunteers)",
		},
		"a line that is exceeded":     {reporting(invoice("I-1001", "training", 6000001)), "over-line", "“培训”（training）", "line “training”"},
		"a line below what was spent": {asking("request-change", d.shift("materials", "service", 300000)), "below-spent", "“物资”（materials）", "for “materials”"},
	} {
		if got := refusal(t, test.err); got != test.code {
			t.Errorf("%s: answer %q, want %q", name, got, test.code)
			continue
		}
		e, _ := domain.Refused(test.err)
		if zh := e.What().ZH + e.Next().ZH; !strings.Contains(zh, test.zh) || strings.Contains(zh, "reception") {
			t.Errorf("%s: %s", name, zh)
		}
		if en := e.What().EN + e.Next().EN; !strings.Contains(en, test.en) {
			t.Errorf("%s: %s", name, en)
		}
	}
}
