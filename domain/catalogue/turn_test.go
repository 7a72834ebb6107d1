package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// isTurnOf reports whether an open turn waits for a person. It fails the test if the list of turns and the record's page disagree.
func (d *desk) isTurnOf(who string, ref flow.Ref, key flow.WaitKey) bool {
	d.t.Helper()
	s, a := d.states[ref], d.people[who]
	listed := flow.Awaits(flow.SeatsOf(s, d.awaits(ref, key)), a)
	shown := slices.ContainsFunc(flow.TasksOf(s, a), func(t flow.Task) bool { return t.Turn.Key == key && t.Awaited })
	if listed != shown {
		d.t.Errorf("%s: listed %t, shown %t", who, listed, shown)
	}
	return listed
}

func (d *desk) turnIsOf(ref flow.Ref, key flow.WaitKey, when string, want map[string]bool) {
	d.t.Helper()
	for who, is := range want {
		if d.isTurnOf(who, ref, key) != is {
			d.t.Errorf("%s, it is the turn of %s: %t", when, who, !is)
		}
	}
}

func TestAReleaseWaitsForTheOtherOfficer(t *testing.T) {
	t.Parallel()
	d, ref := newDesk(t).signed(), paymentRef("1", "1", "1")
	d.turnIsOf(ref, payment.AwaitRelease, "before the first release", map[string]bool{zhuanglang.CountyFinance: true, zhuanglang.CountyApprover: true})
	d.do(zhuanglang.CountyFinance, ref, "release", &payment.ReleasePayment{})
	d.turnIsOf(ref, payment.AwaitRelease, "after it", map[string]bool{zhuanglang.CountyFinance: false, zhuanglang.CountyApprover: true})
	for _, task := range flow.TasksOf(d.states[ref], d.people[zhuanglang.CountyFinance]) {
		if task.Awaited || !slices.Contains(task.Commands, "void") {
			t.Errorf("whoever released can still void, without being awaited: %+v", task)
		}
	}
	urge := &flow.Urge{Wait: payment.AwaitRelease}
	if got := refusal(t, d.try(zhuanglang.CountyApprover, ref, "urge", urge)); got != "own-turn" {
		t.Errorf("the approver urges: %q", got)
	}
	d.do(zhuanglang.CountyFinance, ref, "urge", urge)
}

func TestAReviewWaitsForTheExpertsUntilTheOfficeCanAct(t *testing.T) {
	t.Parallel()
	d, office := newDesk(t).endorsed(), zhuanglang.ProvinceOfficer
	is := func(when string, want map[string]bool) {
		t.Helper()
		d.turnIsOf(thePilot, pilot.AwaitReview, when, want)
	}
	is("without a panel", map[string]bool{office: true})
	d.do(office, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	is("with a panel", map[string]bool{office: false, "expert-1": true, "expert-5": true})
	score := func(expert string) {
		for _, q := range d.data.Projects {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: q.GrantFen}})
		}
	}
	for _, expert := range zhuanglang.Experts[:3] {
		score(expert)
	}
	is("below the quorum", map[string]bool{office: false, "expert-1": false, "expert-5": true})
	score("expert-4")
	is("with the quorum", map[string]bool{office: true, "expert-4": false, "expert-5": true})
}

func TestAReviewWaitsForTheOfficeWhenTooFewExpertsAreLeft(t *testing.T) {
	t.Parallel()
	d, office := newDesk(t).endorsed(), zhuanglang.ProvinceOfficer
	d.do(office, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for i, expert := range zhuanglang.Experts[:2] {
		if d.isTurnOf(office, thePilot, pilot.AwaitReview) {
			t.Errorf("with %d recused, it is the office's turn", i)
		}
		d.do(expert, thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"})
	}
	if !d.isTurnOf(office, thePilot, pilot.AwaitReview) {
		t.Error("three of five experts are left for a quorum of four, and nobody tells the office")
	}
}

// A turn in which a person can only withdraw or object is not that person's turn.
func TestWhoCanOnlyWithdrawIsNotAwaited(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	d.turnIsOf(thePilot, pilot.AwaitEndorsement, "at the endorsement", map[string]bool{zhuanglang.CountyOfficer: false, zhuanglang.CountyApprover: true})
	tasks := flow.TasksOf(d.states[thePilot], d.people[zhuanglang.CountyOfficer])
	if len(tasks) != 1 || tasks[0].Awaited || !slices.Equal(tasks[0].Commands, []string{"withdraw"}) {
		t.Errorf("the launching office can withdraw: %+v", tasks)
	}
}

func TestARefusedUrgeSaysWhatToUrge(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	ref := projectRef("1")
	for name, test := range map[string]struct {
		urge       flow.Urge
		what, next string
	}{
		"the subject left out": {flow.Urge{Wait: project.AwaitMilestone}, "“提交里程碑及佐证材料”（wait 填 milestone）", "“提交里程碑及佐证材料”（wait 填 milestone，subject 填 M1）；"},
		"another subject":      {flow.Urge{Wait: project.AwaitMilestone, Subject: "M9"}, "“提交里程碑及佐证材料”（wait 填 milestone，subject 填 M9）", "subject 填 M2）"},
		"a wait mistyped":      {flow.Urge{Wait: "milestones", Subject: "M1"}, "“milestones”（wait 填 milestones，subject 填 M1）", "“提交中期自评报告”（wait 填 midterm-report）"},
		"a wait for a day":     {flow.Urge{Wait: project.AwaitRolloutEnd}, "“等待实施期结束”（wait 填 rollout-end）", "（wait 填 spending-report）"},
	} {
		err := d.try(zhuanglang.CountyOfficer, ref, "urge", &test.urge)
		if refusal(t, err) != "no-such-turn" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		refused, _ := domain.Refused(err)
		what, next := refused.What().ZH, refused.Next()
		if !strings.HasPrefix(what, test.what) || !strings.Contains(next.ZH, test.next) || strings.Contains(next.ZH, "rollout-end") || !strings.Contains(next.EN, "(wait milestone, subject M1)") {
			t.Errorf("%s: %s %s %s", name, what, next.ZH, next.EN)
		}
	}
}

func TestAnUrgeThatIsRepeatedSaysWhoUrgedAndWhen(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted() // on Saturday 2017-09-30, the last working day before the holidays
	urge := &flow.Urge{Wait: pilot.AwaitEligibility}
	d.do(zhuanglang.CountyApprover, thePilot, "urge", urge)
	for who, want := range map[string]string{
		organization1:              "审批人员（庄浪县 620825）已于2017-09-30催办该事项",
		zhuanglang.CountyApprover:  "您已于2017-09-30催办该事项",
		zhuanglang.ProvinceOfficer: "审批人员（庄浪县 620825）已于2017-09-30催办该事项",
	} {
		err := d.try(who, thePilot, "urge", urge)
		if refusal(t, err) != "urged-already" {
			t.Fatal(err)
		}
		refused, _ := domain.Refused(err)
		if got := refused.What().ZH; got != want || refused.Next().ZH != "2017-10-09起可再次催办" {
			t.Errorf("%s: %s, %s", who, got, refused.Next().ZH)
		}
	}
}

// Once the panel has been appointed, an urging is addressed to the experts, and earlier urgings of the office do not count.
func TestAnUrgeOfTheOfficeDoesNotCountAgainstThePanel(t *testing.T) {
	t.Parallel()
	d := newDesk(t).endorsed()
	urge := &flow.Urge{Wait: pilot.AwaitReview}
	d.do(zhuanglang.CountyOfficer, thePilot, "urge", urge)
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	if turn := d.awaits(thePilot, pilot.AwaitReview); turn.Urged != 0 {
		t.Errorf("the experts were urged %d times", turn.Urged)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "urge", urge)
}

// titled returns the title under which the record's page shows a turn to a person.
func (d *desk) titled(who string, ref flow.Ref, key flow.WaitKey) (title domain.Text) {
	for _, task := range flow.TasksOf(d.states[ref], d.people[who]) {
		if task.Turn.Key == key {
			title = task.Turn.Title
		}
	}
	return title
}

func TestATurnIsCalledByThePartOfWhoeverHasIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t).endorsed()
	office, experts := domain.T("组织专家评审", "have the experts review the proposals"), domain.T("评审项目并评分", "review the proposals and score them")
	review := func(when string, want domain.Text, by map[string]domain.Text) {
		t.Helper()
		if got := flow.ProgressOf(d.states[thePilot]).Turns[0].Title; got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
		for who, want := range by {
			if got := d.titled(who, thePilot, pilot.AwaitReview); got != want {
				t.Errorf("%s, to %s: %s, want %s", when, who, got, want)
			}
		}
	}
	review("without a panel", office, map[string]domain.Text{zhuanglang.ProvinceOfficer: office})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	review("with a panel", experts, map[string]domain.Text{"expert-1": experts, zhuanglang.ProvinceOfficer: office})
	for _, expert := range zhuanglang.Experts[:4] {
		for _, q := range d.data.Projects {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: q.GrantFen}})
		}
	}
	review("with the quorum", office, map[string]domain.Text{"expert-1": experts, "expert-5": experts, zhuanglang.ProvinceOfficer: office})
	if got := refused(t, d.try(zhuanglang.ProvinceOfficer, thePilot, "urge", &flow.Urge{Wait: pilot.AwaitInquiry})); !strings.Contains(got.Next().ZH, "“组织专家评审”") {
		t.Errorf("what can be urged: %s", got.Next().ZH)
	}
}

func refused(t *testing.T, err error) *domain.Error {
	t.Helper()
	r, ok := domain.Refused(err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	return r
}

func TestAMilestoneIsForTheVillageToAcceptAndForTheOfficeToVerify(t *testing.T) {
	t.Parallel()
	d, ref, village := newDesk(t).rollout(), projectRef("1"), zhuanglang.VillagePerson(q1)
	d.do(organization1, ref, "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
	}})
	if got := d.titled(village, ref, project.AwaitVerification); got != domain.T("现场验收里程碑", "accept the milestone's work on site") {
		t.Errorf("to the village: %s", got)
	}
	d.do(village, ref, "accept-work", &project.AcceptWork{Milestone: "M1"})
	if got := d.titled(zhuanglang.CountyOfficer, ref, project.AwaitVerification); got != domain.T("核实里程碑", "verify the milestone") {
		t.Errorf("to the office: %s", got)
	}
}
