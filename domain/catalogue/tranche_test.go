package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/project"
)

func TestAGrantIsPaidInThreeTranchesTheLastOfWhichTakesTheRest(t *testing.T) {
	t.Parallel()
	d := newDesk(t).approved()
	for i, q := range d.data.Projects {
		for j, tranche := range d.states[projectRef(n(i))].(*project.Project).Tranches {
			if tranche.Fen != q.TranchesFen[j] {
				t.Errorf("tranche %d of %s: %s, the data say %s", j+1, q.Code, tranche.Fen, q.TranchesFen[j])
			}
		}
	}
	if got := d.context.Rules.Split(100001); !slices.Equal(got, []money.Fen{60000, 30000, 10001}) {
		t.Errorf("1,000.01 yuan split into %v fen", got)
	}
}

func TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm(t *testing.T) {
	t.Parallel()
	midTerm := func(d *desk) {
		d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
		d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "r"})
	}
	for name, test := range map[string]struct {
		then func(*desk)
		due  bool
	}{
		"milestones without the mid-term": {func(d *desk) { d.milestone("M1"); d.milestone("M2") }, false},
		"the mid-term with one milestone": {func(d *desk) { d.milestone("M1"); midTerm(d) }, false},
		"both, the mid-term last":         {func(d *desk) { d.milestone("M1"); d.milestone("M2"); midTerm(d) }, true},
		"both, a milestone last":          {func(d *desk) { d.milestone("M2"); midTerm(d); d.milestone("M1") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			d.on(calendar.On(2018, 6, 15))
			test.then(d)
			if _, opened := d.states[paymentRef("1", "2", "1")]; opened != test.due {
				t.Errorf("the second tranche is due: %t", opened)
			}
		})
	}
}
