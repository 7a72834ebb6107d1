package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
)

func TestRulesOfDisclosure(t *testing.T) {
	t.Parallel()
	paid := func(d *desk) *desk {
		d.closed().pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.1"})
		return d
	}
	scores := func(execution int, more ...string) *pilot.SubmitSummary {
		s := map[string]int{"execution": execution, "outputs": 50, "benefits": 30, "satisfaction": 10}
		for _, factor := range more {
			s[factor] = 1
		}
		return &pilot.SubmitSummary{Scores: s, Narrative: "n"}
	}
	checkRules(t, map[string]ruleCase{
		"a factor gets at most its full score":  {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(11), "over-factor"},
		"a factor the programme does not weigh": {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10, "beauty"), "unknown-factor"},
		"every factor is scored": {
			paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{Scores: map[string]int{"execution": 10}}, "missing-factor",
		},
		"a self-evaluation with every factor scored is accepted": {paid, nil, zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10), ""},
		"the county does not announce": {
			paid, func(d *desk) { d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10)) },
			zhuanglang.CountyOfficer, thePilot, "announce", &pilot.Announce{Text: "t"}, "wrong-place",
		},
		"the approving office announces": {
			paid, func(d *desk) { d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", scores(10)) },
			zhuanglang.ProvinceOfficer, thePilot, "announce", &pilot.Announce{Text: "t"}, "",
		},
	})
}

func TestTheSelfEvaluationAndTheAnnouncementAreDueOnTheProgrammesDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).closed()
	d.pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.1"})
	if got := d.awaits(thePilot, pilot.AwaitSummary).Due; got != d.data.Golden["announcement"] {
		t.Errorf("self-evaluation due %s", got)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{
		Scores: map[string]int{"execution": 10, "outputs": 50, "benefits": 20, "satisfaction": 9}, Narrative: "n",
	})
	if got := d.awaits(thePilot, pilot.AwaitAnnouncement).Due; got != d.data.Golden["announcement"] {
		t.Errorf("announcement due %s", got)
	}
	if got := d.pilot().Summary; got.Total != 89 || got.Grade != "good" {
		t.Errorf("89 points are %+v", got)
	}
}

func TestAnArchivedDossierIsKeptThirtyYears(t *testing.T) {
	t.Parallel()
	d := newDesk(t).archived()
	if got := d.pilot(); got.Stage != pilot.Archived || got.Dossier == "" || len(got.Turns)+len(got.Duties) != 0 {
		t.Fatalf("archived: %s, dossier %q, still open %v %v", got.Stage, got.Dossier, got.Turns, got.Duties)
	}
	c := d.context
	c.Now, c.Actor = calendar.On(2019, 6, 30).At(10, 0), domain.Workflow
	for _, e := range (&pilot.Archive{Dossier: "sealed"}).Decide(d.pilot(), c) {
		if got := e.(*pilot.PilotArchived).RetainUntil; got != calendar.On(2049, 6, 30) {
			t.Errorf("kept until %s", got)
		}
	}
}
