package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestTheMidTermVerdictLeadsOnOrEnds(t *testing.T) {
	t.Parallel()
	reported := func(d *desk) {
		d.onGolden("mid_term")
		d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	}
	judge := func(d *desk, outcome project.VerdictOutcome) {
		d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: outcome, Score: 60, Reason: "r"})
	}
	rectify := func(d *desk) {
		judge(d, project.Rectify)
		if got, want := d.awaits(projectRef("1"), project.AwaitRectification).Due, calendar.On(2018, 7, 30); got != want {
			d.t.Errorf("to be rectified by %s, 30 days after 2018-06-30 is %s", got, want)
		}
	}
	for name, test := range map[string]struct {
		then  func(*desk)
		stage flow.Stage
	}{
		"passed: the rollout goes on":                    {func(d *desk) { judge(d, project.Pass) }, pilot.Rollout},
		"failed: the project is terminated":              {func(d *desk) { judge(d, project.Fail) }, project.Terminated},
		"to be rectified: the rollout goes on":           {rectify, pilot.Rollout},
		"not rectified in time: terminated":              {func(d *desk) { rectify(d); d.on(calendar.On(2018, 7, 31)) }, project.Terminated},
		"rectified on the last day: evaluated again":     {func(d *desk) { d.rectified(rectify); judge(d, project.Pass) }, pilot.Rollout},
		"rectified and still failing: terminated":        {func(d *desk) { d.rectified(rectify); judge(d, project.Fail) }, project.Terminated},
		"a late verdict does not harm the project":       {func(d *desk) { d.on(calendar.On(2018, 9, 1)); judge(d, project.Pass) }, pilot.Rollout},
		"sixty points are fair, which is enough to pass": {func(d *desk) { judge(d, project.Pass) }, pilot.Rollout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			reported(d)
			if test.then(d); d.stage(projectRef("1")) != test.stage {
				t.Errorf("stage %s, want %s", d.stage(projectRef("1")), test.stage)
			}
		})
	}
}

// rectified reports the rectification on its last day.
func (d *desk) rectified(rectify func(*desk)) {
	rectify(d)
	d.until(calendar.On(2018, 7, 30).At(23, 59))
	d.do(organization1, projectRef("1"), "report-rectification", &project.ReportRectification{Report: file, Summary: "s"})
}

func TestRulesOfTheFinalEvaluation(t *testing.T) {
	t.Parallel()
	judge := &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "r"}
	midTerm := &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "r"}
	rectify := func(d *desk) {
		d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
		d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Rectify, Score: 60, Reason: "r"})
	}
	report := func(d *desk) {
		d.onGolden("final_report")
		d.do(organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	}
	checkRules(t, map[string]ruleCase{
		"one figure for each indicator": {
			(*desk).midTerm, func(d *desk) { d.onGolden("final_report") },
			organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1}}, "indicator-count",
		},
		"a late final report is accepted": {
			(*desk).midTerm, func(d *desk) { d.on(calendar.On(2019, 2, 20)) },
			organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}}, "",
		},
		"no project passes with an open milestone": {
			(*desk).midTerm, report, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "milestone-open",
		},
		"no project passes with an open mid-term evaluation": {
			(*desk).rollout, func(d *desk) {
				d.on(calendar.On(2018, 6, 15))
				for _, key := range []string{"M1", "M2", "M3", "M4"} {
					d.milestone(key)
				}
				d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
				report(d)
			},
			zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "midterm-open",
		},
		"the mid-term is judged after its report": {
			(*desk).rollout, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", midTerm, "not-submitted",
		},
		"the mid-term is judged once": {
			(*desk).midTerm, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", midTerm, "already-judged",
		},
		"a mid-term that was judged is not reported again": {
			(*desk).midTerm, nil, organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"}, "already-judged",
		},
		"a mid-term is judged again after the report on its rectification": {
			(*desk).rollout, rectify, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", midTerm, "not-submitted",
		},
		"a mid-term that is to be rectified is not reported again": {
			(*desk).rollout, rectify, organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"}, "already-submitted",
		},
		"the final report comes once": {
			(*desk).finalReport, nil, organization1, projectRef("1"), "submit-final-report", &project.SubmitFinalReport{}, "already-submitted",
		},
		"the final evaluation follows the report": {
			(*desk).midTerm, func(d *desk) { d.on(d.data.Golden["rollout_ends"].AddDays(1)) },
			zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "not-submitted",
		},
		"a final evaluation is judged once": {
			(*desk).settlement, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", judge, "already-judged",
		},
		"a settlement is accepted once it is submitted": {
			(*desk).settlement, nil, zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{}, "not-submitted",
		},
		"a settlement is submitted once": {
			(*desk).settlement, func(d *desk) { d.submitSettlement(0) },
			organization1, projectRef("1"), "submit-settlement", &project.SubmitSettlement{}, "already-submitted",
		},
		"a poor final score does not pass": {
			(*desk).finalReport, nil, zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final",
			&project.JudgeFinal{Outcome: project.Pass, Score: 59, Reason: "r"}, "score-too-low",
		},
		"a project that failed is over": {
			(*desk).finalReport, func(d *desk) {
				d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Fail, Score: 30, Reason: "r"})
			},
			organization1, projectRef("1"), "submit-settlement", &project.SubmitSettlement{}, "wrong-stage",
		},
	})
}
