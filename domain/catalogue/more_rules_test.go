package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// ruleCase sends one command and expects one answer.
type ruleCase struct {
	at      func(*desk) *desk
	prepare func(*desk)
	who     string
	ref     flow.Ref
	command string
	payload flow.Payload
	want    domain.Code
}

func checkRules(t *testing.T, cases map[string]ruleCase) {
	t.Helper()
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			if test.at != nil {
				d = test.at(d)
			}
			if test.prepare != nil {
				test.prepare(d)
			}
			if got := refusal(t, d.try(test.who, test.ref, test.command, test.payload)); got != test.want {
				t.Errorf("answer %q, want %q", got, test.want)
			}
		})
	}
}

const q1 = "ZL-2017-01"

var organization1 = zhuanglang.OrganizationPerson(q1)

func (d *desk) pilot() *pilot.Pilot { return d.states[thePilot].(*pilot.Pilot) }

func (d *desk) project1() *project.Project { return d.states[projectRef("1")].(*project.Project) }

// awaits is the open turn of an aggregate.
func (d *desk) awaits(ref flow.Ref, key flow.WaitKey) flow.Turn {
	d.t.Helper()
	for _, turn := range flow.RecordOf(d.states[ref]).Turns {
		if turn.Key == key {
			return turn
		}
	}
	d.t.Fatalf("%s does not await %s", ref, key)
	return flow.Turn{}
}

// hire gives the person one more role.
func (d *desk) hire(who string, role domain.Role) {
	actor := d.people[who]
	actor.Roles = append(slices.Clone(actor.Roles), role)
	d.people[who] = actor
}

func TestRulesOfEveryStage(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"somebody outside the panel does not score": {
			(*desk).scored, func(d *desk) { d.hire(zhuanglang.ProvinceOfficer, domain.Expert) },
			zhuanglang.ProvinceOfficer, thePilot, "score", &pilot.Score{Proposal: q1}, "wrong-person",
		},
		"a command nobody declared is unknown": {
			(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "launch", nil, "unknown-command",
		},
		"a duty that is not owed is not discharged": {
			(*desk).drafted, nil, domain.Workflow.ID, thePilot, "discharge",
			&flow.Discharge{Duty: flow.Duty{Key: pilot.Seal}}, "no-such-duty",
		},
		"a notice is opened for its own round": {
			(*desk).scored, func(d *desk) {
				if err := d.send(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}); err != nil {
					d.t.Fatal(err)
				}
			},
			domain.Workflow.ID, thePilot, "open-notice", &pilot.OpenNotice{Round: "7"}, "no-such-duty",
		},
	})
}

func TestASenderWhoSawAnOlderVersionIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t).drafted()
	d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: d.pilot().Application})
	c := d.context
	c.Now, c.Actor = d.now, d.people[zhuanglang.CountyOfficer]
	state, seen := d.states[thePilot], flow.RecordOf(d.states[thePilot]).Version
	for version, want := range map[int]domain.Code{seen: "", seen - 1: "stale-version", seen + 1: "stale-version", 0: ""} {
		command := flow.Command{Name: "submit", Aggregate: thePilot, Actor: c.Actor, IfVersion: version, Payload: &pilot.Submit{}}
		_, err := flow.Check(state, command, c)
		if got := refusal(t, err); got != want {
			t.Errorf("having seen version %d of %d: %q, want %q", version, seen, got, want)
		}
	}
	d.on(d.data.Golden["applications_close"])
	if d.awaits(thePilot, pilot.AwaitApplication).Reminded != true || flow.RecordOf(state).Version != seen {
		t.Errorf("a reminder raised the version from %d to %d", seen, flow.RecordOf(state).Version)
	}
}

func TestASoftDueDayMarksWhatComesLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	due := d.awaits(thePilot, pilot.AwaitEndorsement).Due
	c := d.context
	c.Actor = d.people[zhuanglang.CountyApprover]
	command := flow.Command{Name: "endorse", Aggregate: thePilot, Actor: c.Actor, Payload: &pilot.Endorse{Opinion: "ok"}}
	for name, want := range map[string]bool{"on the due day": false, "the day after": true} {
		c.Now = due.At(23, 59)
		if want {
			c.Now = due.End()
		}
		decision, err := flow.Judge(flow.Clone(d.states[thePilot]), command, c)
		if got := refusal(t, err); got != "" {
			t.Errorf("%s: %q, want it accepted", name, got)
		}
		if decision.Late != want {
			t.Errorf("%s: late is %t", name, decision.Late)
		}
	}
}

func TestAnOfficeIsRemindedOnceAndItsDelayIsReportedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	d.do(zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"}) // on 2017-10-20; the city has until 10-27
	d.until(calendar.On(2017, 10, 24).At(8, 59))
	count := func(event string) int { return len(d.days["pilot "+event]) }
	reminded, escalated := count("reminded"), count("escalated")
	d.until(calendar.On(2017, 10, 24).At(9, 0))
	if got := count("reminded") - reminded; got != 1 {
		t.Errorf("three days before, at nine: reminded %d times", got)
	}
	d.until(calendar.On(2017, 10, 27).At(23, 59))
	if count("escalated") != escalated {
		t.Error("reported before the due day has passed")
	}
	d.on(calendar.On(2018, 3, 1))
	if count("reminded")-reminded != 1 || count("escalated")-escalated != 1 {
		t.Errorf("reminded %d times, reported %d times", count("reminded")-reminded, count("escalated")-escalated)
	}
}

func TestATermShorterThanTheReminderRemindsOnItsDueDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.onGolden("mid_term")
	d.do(organization1, projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
	if turn := d.awaits(projectRef("1"), project.AwaitMidTermVerdict); turn.Remind != turn.Due {
		t.Errorf("due %s, reminded of on %s", turn.Due, turn.Remind)
	}
}

func TestADeadlineInAYearWithoutANoticeIsProvisional(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted()
	d.now = calendar.On(2040, 1, 2).At(10, 0)
	d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
	if turn := d.awaits(thePilot, pilot.AwaitCorrection); !turn.Provisional {
		t.Errorf("due %s as if the holidays of 2040 were known", turn.Due)
	}
}

func TestRulesOfTheApplication(t *testing.T) {
	t.Parallel()
	data := zhuanglang.Read()
	draft := &pilot.Draft{Programme: data.Programme, Application: data.Application()}
	attached := data.Application()
	attached.Attachments = []string{"00"}
	wrong := data.Application()
	wrong.Purposes = []string{"sport"}
	withdraw := &pilot.Withdraw{Reason: "r"}
	checkRules(t, map[string]ruleCase{
		"an office further up the chain launches a pilot too": {
			nil, nil, zhuanglang.ProvinceOfficer, thePilot, "draft", draft, "",
		},
		"a village launches none": {
			nil, func(d *desk) { d.hire(zhuanglang.VillagePerson(q1), domain.CaseOfficer) },
			zhuanglang.VillagePerson(q1), thePilot, "draft", draft, "no-office",
		},
		"nobody from an unknown place launches one": {
			nil, func(d *desk) {
				d.people["stray"] = domain.Actor{ID: "stray", Roles: []domain.Role{domain.CaseOfficer}, Place: "990000"}
			},
			"stray", thePilot, "draft", draft, "no-office",
		},
		"on the last day of the window a draft can still be begun": {
			nil, func(d *desk) { d.now = d.data.Golden["applications_close"].At(23, 59) }, zhuanglang.CountyOfficer, thePilot, "draft", draft, "",
		},
		"after the window no draft is begun": {
			nil, func(d *desk) { d.now = d.data.Golden["applications_close"].End() }, zhuanglang.CountyOfficer, thePilot, "draft", draft, "window-closed",
		},
		"an attachment must have been uploaded": {
			nil, nil, zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: data.Programme, Application: attached}, "no-such-file",
		},
		"what was saved last is what is submitted": {
			(*desk).drafted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: wrong})
			},
			zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "unknown-purpose",
		},
		"a draft is withdrawn":              {(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"an application is withdrawn":       {(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"it is withdrawn while endorsed":    {(*desk).accepted, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"it is withdrawn while reviewed":    {(*desk).scored, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, ""},
		"it is not withdrawn once reviewed": {(*desk).onNotice, nil, zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, "wrong-stage"},
		"a second review does not bring the withdrawal back": {
			(*desk).onNotice, func(d *desk) {
				d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
				d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: pilot.ReviewAgain, Reason: "r"})
			},
			zhuanglang.CountyOfficer, thePilot, "withdraw", withdraw, "wrong-stage",
		},
	})
}

func TestOneApplicationOfAnOrganizationInAProgramme(t *testing.T) {
	t.Parallel()
	claim := "application:zhuanglang-2017:" + zhuanglang.Read().Projects[0].Organization.CreditCode
	for name, test := range map[string]struct {
		at   func(*desk) *desk
		want bool
	}{
		"a draft claims nothing":                 {(*desk).drafted, false},
		"an application claims":                  {(*desk).submitted, true},
		"an archived pilot still claims":         {(*desk).archived, true},
		"a withdrawn application claims no more": {func(d *desk) *desk { return d.withdrawn() }, false},
		"a refused proposal claims no more":      {func(d *desk) *desk { return d.refused(q1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := slices.Contains(test.at(newDesk(t)).pilot().Claims(), claim); got != test.want {
				t.Errorf("claims %s: %t", claim, got)
			}
		})
	}
}

func (d *desk) withdrawn() *desk {
	d.submitted().do(zhuanglang.CountyOfficer, thePilot, "withdraw", &pilot.Withdraw{Reason: "r"})
	return d
}

func (d *desk) refused(proposals ...string) *desk {
	d.submitted()
	for _, q := range proposals {
		d.do(zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: q, Reason: "r"})
	}
	return d
}

func (d *desk) proposals() (codes []string) {
	for _, q := range d.data.Projects {
		codes = append(codes, q.Code)
	}
	return codes
}

func TestRulesOfEligibility(t *testing.T) {
	t.Parallel()
	over := zhuanglang.Read().Application()
	over.RequestedFen++
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
		"a proposal that is not there is not refused": {
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

func TestWhatTheDirectoryKnowsDecidesAboutEligibility(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change   func(*pilot.OrganizationFacts)
		code     string
		blocking bool
	}{
		"an organization that keeps every condition has no finding": {func(*pilot.OrganizationFacts) {}, "", false},
		"an unknown organization is not eligible":                   {func(f *pilot.OrganizationFacts) { *f = pilot.OrganizationFacts{} }, "not-in-directory", true},
		"the abnormal list bars":                                    {func(f *pilot.OrganizationFacts) { f.Abnormal = true }, "abnormal-list", true},
		"the list of serious dishonesty bars":                       {func(f *pilot.OrganizationFacts) { f.Dishonest = true }, "dishonest-list", true},
		"a failed annual inspection bars":                           {func(f *pilot.OrganizationFacts) { f.InspectionPassed = false }, "inspection", true},
		"two full-time staff are too few":                           {func(f *pilot.OrganizationFacts) { f.Staff = 2 }, "too-few-staff", true},
		"an organization registered tomorrow is too young":          {func(f *pilot.OrganizationFacts) { f.Registered = calendar.On(2017, 10, 1) }, "too-young", true},
		"no rating warns":                                           {func(f *pilot.OrganizationFacts) { f.Rating = 0 }, "not-rated", false},
		"an expired rating warns":                                   {func(f *pilot.OrganizationFacts) { f.RatedUntil = calendar.On(2017, 9, 29) }, "rating-expired", false},
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

func TestRulesOfEndorsement(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"whoever submitted does not endorse": {
			(*desk).accepted, func(d *desk) { d.hire(zhuanglang.CountyOfficer, domain.Approver) },
			zhuanglang.CountyOfficer, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"}, "same-person",
		},
		"an office's return does not use up the one correction": {
			(*desk).accepted, func(d *desk) {
				d.do(zhuanglang.CountyApprover, thePilot, "return", &pilot.Return{Reason: "r"})
				d.do(zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: d.data.Application()})
			},
			zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"}, "",
		},
	})
}

func TestAReturnGivesTheOfficeBelowAFreshDeadline(t *testing.T) {
	t.Parallel()
	d := newDesk(t).accepted()
	d.do(zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{Opinion: "ok"})
	d.on(calendar.On(2017, 10, 27))
	d.do(zhuanglang.CityApprover, thePilot, "return", &pilot.Return{Reason: "r"})
	if got, want := d.awaits(thePilot, pilot.AwaitEndorsement).Due, calendar.On(2017, 11, 10); got != want {
		t.Errorf("returned on Friday 2017-10-27, ten working days end on %s, want %s", got, want)
	}
}

func TestRulesOfReview(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"an expert sits on a panel once": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: []string{"a", "b", "c", "d", "d"}}, "duplicate",
		},
		"an expert recommends at most the budget": {
			(*desk).scored, nil, "expert-1", thePilot, "score",
			&pilot.Score{Proposal: q1, Opinion: pilot.Opinion{Points: 80, RecommendedFen: 21000001}}, "over-budget",
		},
		"an expert scores proposals under review": {
			(*desk).scored, nil, "expert-1", thePilot, "score", &pilot.Score{Proposal: "X"}, "no-such-proposal",
		},
		"an expert recuses from proposals under review": {
			(*desk).scored, nil, "expert-1", thePilot, "recuse", &pilot.Recuse{Proposal: "X", Interest: "kin"}, "no-such-proposal",
		},
	})
}

func TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		points      []int
		score       int // hundredths of a point
		grant       money.Fen
		recommended bool
	}{
		"five scores: the mean of the middle three":   {[]int{60, 80, 81, 85, 100}, 8200, 3000, true},
		"four scores: the mean of all":                {[]int{60, 80, 81, 100}, 8025, 2500, true},
		"a mean of sixty is recommended":              {[]int{60, 60, 60, 60, 60}, 6000, 3000, true},
		"a mean below sixty leaves":                   {[]int{59, 60, 59, 61, 60}, 5966, 3333, false},
		"a mean is cut to the hundredth, not rounded": {[]int{59, 59, 60, 61, 62}, 6000, 3000, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).scored()
			for i, expert := range zhuanglang.Experts {
				if i < len(test.points) {
					d.do(expert, thePilot, "score", &pilot.Score{Proposal: q1, Opinion: pilot.Opinion{Points: test.points[i], RecommendedFen: money.Fen(1000 * (i + 1))}})
				} else {
					d.do(expert, thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"})
				}
			}
			d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
			got := d.pilot().Cases[0]
			if got.Score != test.score || got.GrantFen != test.grant || (got.Status == pilot.CaseRemoved) == test.recommended {
				t.Errorf("score %d, grant %d fen, status %s; want %d, %d", got.Score, got.GrantFen, got.Status, test.score, test.grant)
			}
		})
	}
}

func TestRulesOfTheNotice(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"an objection names a proposal on notice": {
			(*desk).onNotice, nil, zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Grounds: "g", Contact: "c"}, "not-on-notice",
		},
		"an auditor reads and does not object": {
			(*desk).onNotice, nil, zhuanglang.AuditorPerson, thePilot, "object", &pilot.Object{Proposal: q1}, "wrong-role",
		},
		"what nobody objected to is not decided": {
			(*desk).onNotice, func(d *desk) {
				d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
			},
			zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Outcome: pilot.Dismissed, Reason: "r"}, "no-objection",
		},
	})
}

func TestANoticeRunsSevenWorkingDaysAndClearsByItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice() // published on Friday 2017-11-17
	d.until(calendar.On(2017, 11, 28).At(23, 59))
	if got := d.pilot().Cases[0].Status; got != pilot.CaseNotice {
		t.Fatalf("on its last day: %s", got)
	}
	d.until(calendar.On(2017, 11, 29).At(0, 0))
	if got := d.pilot().Cases[0].Status; got != pilot.CaseCleared {
		t.Errorf("the day after: %s", got)
	}
	if got := d.awaits(thePilot, pilot.AwaitApproval).Due; got != d.data.Golden["approval"] {
		t.Errorf("approval due %s", got)
	}
}

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
		"only what came through its notice is approved": {
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
		"an approved pilot is not rejected any more": {
			(*desk).approvedBut, nil, zhuanglang.ProvinceApprover, thePilot, "reject", &pilot.Reject{Reason: "r"}, "wrong-stage",
		},
		"a paused proposal is approved later, by a number of its own": {
			(*desk).approvedBut, nil, zhuanglang.ProvinceApprover, thePilot, "approve", approve, "",
		},
		"a cleared proposal is given up": {
			(*desk).onNotice, func(d *desk) { d.onGolden("approval") }, organization1, thePilot, "give-up", &pilot.GiveUp{Proposal: q1, Reason: "r"}, "",
		},
		"an approved proposal is not given up any more": {
			(*desk).approvedBut, nil, zhuanglang.OrganizationPerson("ZL-2017-02"), thePilot, "give-up", &pilot.GiveUp{Proposal: "ZL-2017-02", Reason: "r"}, "no-such-proposal",
		},
	})
}

// approvedBut is approved but for one proposal, whose objection was dismissed afterwards.
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
