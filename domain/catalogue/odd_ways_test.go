package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestNothingIsDraftedBeforeTheCall(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.now = d.data.Golden["call"].AddDays(-1).At(9, 0)
	draft := &pilot.Draft{Programme: d.data.Programme, Application: d.data.Application()}
	if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "draft", draft)); got != "window-not-open" {
		t.Errorf("the day before the call: %q", got)
	}
}

func TestAnExpertWhoHasNotScoredIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	const code = "ZL-2017-01"
	d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: code, Grounds: "g", Contact: "c"})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: code, Outcome: pilot.ReviewAgain, Reason: "r"})
	score := &pilot.Score{Proposal: code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 100000}}
	for _, expert := range zhuanglang.Experts[:3] {
		d.do(expert, thePilot, "score", score)
	}
	for _, expert := range zhuanglang.Experts[3:] {
		d.do(expert, thePilot, "recuse", &pilot.Recuse{Proposal: code, Interest: "kin"})
	}
	if got := refusal(t, d.try(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})); got != "below-quorum" {
		t.Fatalf("three of five: %q", got)
	}
	without := []string{"expert-2", "expert-3", "expert-6", "expert-7", "expert-8"}
	if got := refusal(t, d.try(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: without})); got != "panel-at-work" {
		t.Errorf("an expert who has scored was replaced: %q", got)
	}
	for _, id := range []string{"expert-6", "expert-7"} {
		d.people[id] = d.people["expert-1"]
		a := d.people[id]
		a.ID = id
		d.people[id] = a
	}
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: []string{"expert-1", "expert-2", "expert-3", "expert-6", "expert-7"}})
	d.do("expert-6", thePilot, "score", score)
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
}

func TestTheMoneyLastsByRank(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Fund.TotalFen = 100000000 // after the first four, 170,000 yuan are left: too little for the fifth, enough for the sixth
	d.data = &data
	d.endorsed()
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for i, q := range d.data.Projects {
		for _, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 90 - i, RecommendedFen: q.GrantFen}})
		}
	}
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
	p := d.states[thePilot].(*pilot.Pilot)
	left := slices.IndexFunc(p.Cases, func(q pilot.Case) bool { return q.Status == pilot.CaseRemoved })
	if left != 4 {
		t.Errorf("the proposal that left stands at %d, want the one that does not fit", left)
	}
	d.onGolden("approval")
	d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "1"})
	if got := d.balances[ledger.Account{Owner: id, Name: ledger.Available}]; got != 0 {
		t.Errorf("%s available", got)
	}
}

func TestAProjectThatBeginsLateIsNotJudgedByADayThatHasPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	d.on(calendar.On(2018, 7, 2)) // the mid-term's set day has passed
	d.pay(paymentRef("1", "1", "1"))
	d.on(calendar.On(2018, 7, 10))
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Fatalf("a project paid on 2018-07-02 is in stage %s", got)
	}
	d.on(calendar.On(2018, 8, 1)) // 30 days after the money came
	d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
}

func TestNoMoreIsAcceptedThanWasGranted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	data := *d.data
	data.Projects = slices.Clone(d.data.Projects)
	data.Projects[0].GrantFen -= 1000000 // the experts cut the amount; the budget's lines stay
	d.data = &data
	d.settlement()
	all := receipts(d.data.Projects[0], 0)
	d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "report-spending", &project.ReportSpending{Receipts: all})
	if got := refusal(t, d.try(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1})); got != "over-grant" {
		t.Errorf("more than the grant: %q", got)
	}
	travel := []project.Disallowance{{Invoice: "ZL-2017-01-travel", Reason: "above the grant"}} // 16,000.00
	d.do(zhuanglang.CountyFinance, projectRef("1"), "judge-spending", &project.JudgeSpending{Report: 1, Disallowed: travel})
	d.submitSettlement(0)
	d.do(zhuanglang.CountyFinance, projectRef("1"), "accept-settlement", &project.AcceptSettlement{})
}

func TestANoticeStillUnpublishedGoesOutWithTheNext(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	again := func(code string) {
		d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: code, Grounds: "g", Contact: "c"})
		d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: code, Outcome: pilot.ReviewAgain, Reason: "r"})
		for _, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: code, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 100000}})
		}
		// The workflows are away: what they owe stays undone.
		if err := d.send(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}); err != nil {
			t.Fatal(err)
		}
	}
	again("ZL-2017-01")
	d.quiet = true
	again("ZL-2017-02")
	d.quiet = false
	if duties := flow.RecordOf(d.states[thePilot]).Duties; len(duties) != 1 {
		t.Fatalf("owed: %v", duties)
	}
	d.work()
	for i := range 2 {
		if got := d.states[thePilot].(*pilot.Pilot).Cases[i].Status; got != pilot.CaseNotice {
			t.Errorf("proposal %d is %s", i, got)
		}
	}
}

func TestARequestsHashHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	one, err := flow.Canonical(&project.SignAsOrganization{AccountName: "a", AccountNumber: "62080000000001"})
	if err != nil {
		t.Fatal(err)
	}
	two, err := flow.Canonical(&project.SignAsOrganization{AccountName: "a", AccountNumber: "62080000000002"})
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Errorf("%s differs from %s", one, two)
	}
	other, err := flow.Canonical(&project.SignAsOrganization{AccountName: "b", AccountNumber: "62080000000001"})
	if err != nil || string(other) == string(one) {
		t.Errorf("another content hashes alike: %s, %v", other, err)
	}
}

func TestTheHashOfPersonalDataIsAnotherWithAnotherSalt(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	digest := func(salt string) string {
		c := d.context
		c.Now, c.Actor, c.Salt = d.now, d.people[zhuanglang.PublicPerson], salt
		command := flow.Command{Name: "object", Aggregate: thePilot, Actor: c.Actor, Payload: &pilot.Object{
			Proposal: "ZL-2017-01", Grounds: "my neighbour Wang", Contact: "13900000000",
		}}
		decision, err := flow.Judge(flow.Clone(d.states[thePilot]), command, c)
		if err != nil {
			t.Fatal(err)
		}
		return decision.Events[0].Event.(*pilot.Objected).Digest
	}
	first, again := digest("one"), digest("one")
	if first == digest("two") || first != again {
		t.Error("whoever has a list of names and numbers finds the objector")
	}
}

// What was due while the machine was away is taken in its order: the command for
// a moment never stands for another one.
func TestKeepTimeIsForOneMomentOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t).drafted()
	lapse := *flow.ProgressOf(d.states[thePilot]).Next
	d.now = d.data.Golden["applications_close"].End()
	lapse.Moment = flow.Lapse
	if got := refusal(t, d.send("terrace", thePilot, "keep-time", lapse.Keep())); got != "not-due" {
		t.Errorf("a lapse before its reminder: %q", got)
	}
}
