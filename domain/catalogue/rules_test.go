package catalogue_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func encode(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Each row sends one command and expects either a refusal with the given code or acceptance.
func TestRules(t *testing.T) {
	t.Parallel()
	const q1 = "ZL-2017-01"
	eligibility := &flow.Urge{Wait: pilot.AwaitEligibility}
	object := &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"}
	for name, test := range map[string]struct {
		at      func(*desk) *desk
		prepare func(*desk)
		who     string
		ref     flow.Ref
		command string
		payload flow.Payload
		want    domain.Code
	}{
		"the last day of the application window still admits it": {
			(*desk).drafted, func(d *desk) { d.until(d.data.Golden["applications_close"].At(23, 59)) },
			zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "",
		},
		"after the application window the pilot is withdrawn": {
			(*desk).drafted, func(d *desk) { d.on(d.data.Golden["applications_close"].AddDays(1)) },
			zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "wrong-stage",
		},
		"a hard due day refuses before its lapse is recorded": {
			(*desk).drafted, func(d *desk) { d.now = d.data.Golden["applications_close"].End() },
			zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "deadline-passed",
		},
		"another role may not submit": {
			(*desk).drafted, nil, zhuanglang.CountyApprover, thePilot, "submit", &pilot.Submit{}, "wrong-role",
		},
		"another office cannot see a draft": {
			(*desk).drafted, nil, zhuanglang.ProvinceOfficer, thePilot, "submit", &pilot.Submit{}, "not-found",
		},
		"an office above does not withdraw": {
			(*desk).submitted, nil, zhuanglang.ProvinceOfficer, thePilot, "withdraw", &pilot.Withdraw{Reason: "r"}, "wrong-place",
		},
		"somebody who waits urges": {
			(*desk).submitted, nil, zhuanglang.OrganizationPerson(q1), thePilot, "urge", eligibility, "",
		},
		"nobody urges themselves": {
			(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "urge", eligibility, "own-turn",
		},
		"a turn is urged once a working day": {
			(*desk).submitted, func(d *desk) { d.do(zhuanglang.OrganizationPerson(q1), thePilot, "urge", eligibility) },
			zhuanglang.CountyApprover, thePilot, "urge", eligibility, "urged-already",
		},
		"on the next working day a turn is urged again": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.OrganizationPerson(q1), thePilot, "urge", eligibility)
				d.on(calendar.Of(d.now).AddDays(10)) // National Day is in between
			},
			zhuanglang.CountyApprover, thePilot, "urge", eligibility, "",
		},
		"a turn that awaits nobody cannot be urged": {
			(*desk).submitted, nil, zhuanglang.CountyApprover, thePilot, "urge", &flow.Urge{Wait: pilot.AwaitReview}, "no-such-turn",
		},
		"people cannot send the workflows' commands": {
			(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "record-checks", &pilot.RecordChecks{}, "wrong-role",
		},
		"an application is corrected once": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
				d.do(zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: d.data.Application()})
			},
			zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"}, "corrected-once",
		},
		"a correction that does not come in time withdraws the pilot": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
				d.on(d.data.Golden["county"])
			},
			zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{}, "wrong-stage",
		},
		"the county endorses before the city": {
			(*desk).accepted, nil, zhuanglang.CityApprover, thePilot, "endorse", &pilot.Endorse{}, "wrong-place",
		},
		"a late endorsement is accepted": {
			(*desk).accepted, func(d *desk) { d.on(d.data.Golden["county"].AddDays(20)) },
			zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{}, "",
		},
		"the city returns to the county": {
			(*desk).accepted, func(d *desk) {
				d.do(zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{})
				d.do(zhuanglang.CityApprover, thePilot, "return", &pilot.Return{Reason: "r"})
			},
			zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{}, "",
		},
		"the county returns to the launching office": {
			(*desk).accepted, func(d *desk) { d.do(zhuanglang.CountyApprover, thePilot, "return", &pilot.Return{Reason: "r"}) },
			zhuanglang.CountyOfficer, thePilot, "withdraw", &pilot.Withdraw{Reason: "r"}, "",
		},
		"a rejected pilot is over": {
			(*desk).accepted, func(d *desk) { d.do(zhuanglang.CountyApprover, thePilot, "reject", &pilot.Reject{Reason: "r"}) },
			zhuanglang.CountyApprover, thePilot, "endorse", &pilot.Endorse{}, "wrong-stage",
		},
		"a panel has an odd number of experts": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: []string{"a", "b", "c", "d", "e", "f"}}, "panel-size",
		},
		"a panel has at least five experts": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: []string{"a", "b", "c"}}, "panel-size",
		},
		"without a panel nobody scores": {
			(*desk).endorsed, nil, "expert-1", thePilot, "score", &pilot.Score{Proposal: q1}, "not-found",
		},
		"a review without a panel cannot be concluded": {
			(*desk).endorsed, nil, zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}, "no-panel",
		},
		"a review without scores cannot be concluded": {
			(*desk).endorsed, func(d *desk) {
				d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
			},
			zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}, "below-quorum",
		},
		"a recused expert does not score": {
			(*desk).scored, func(d *desk) { d.do("expert-1", thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"}) },
			"expert-1", thePilot, "score", &pilot.Score{Proposal: q1}, "recused",
		},
		"four of five scores are a quorum": {
			(*desk).scored, func(d *desk) { d.do("expert-1", thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"}) },
			zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}, "",
		},
		"three of five scores, and nobody left to score: the panel is short": {
			(*desk).scored, func(d *desk) {
				d.do("expert-1", thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"})
				d.do("expert-2", thePilot, "recuse", &pilot.Recuse{Proposal: q1, Interest: "kin"})
			},
			zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}, "panel-short",
		},
		"an expert who has scored cannot be replaced": {
			(*desk).scored, nil, zhuanglang.ProvinceOfficer, thePilot, "appoint-panel",
			&pilot.AppointPanel{Experts: []string{"a", "b", "c", "d", "e"}}, "panel-at-work",
		},
		"the last day of a notice still admits an objection": {
			(*desk).onNotice, func(d *desk) { d.until(d.data.Golden["notice_ends"].At(23, 59)) },
			zhuanglang.PublicPerson, thePilot, "object", object, "",
		},
		"the day after a notice admits no objection": {
			(*desk).onNotice, func(d *desk) { d.now = d.data.Golden["notice_ends"].End() },
			zhuanglang.PublicPerson, thePilot, "object", object, "notice-over",
		},
		"an objection suspends the notice of its proposal": {
			(*desk).onNotice, func(d *desk) { d.do(zhuanglang.PublicPerson, thePilot, "object", object) },
			zhuanglang.PublicPerson, thePilot, "object", object, "objection-pending",
		},
		"approval waits for the notice": {
			(*desk).onNotice, nil, zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "1"}, "wrong-stage",
		},
		"an organization can give up only its own proposal": {
			(*desk).onNotice, nil, zhuanglang.OrganizationPerson("ZL-2017-02"), thePilot, "give-up", &pilot.GiveUp{Proposal: q1, Reason: "r"}, "wrong-organization",
		},
		"an organization gives up its proposal": {
			(*desk).onNotice, nil, zhuanglang.OrganizationPerson(q1), thePilot, "give-up", &pilot.GiveUp{Proposal: q1, Reason: "r"}, "",
		},
		"money goes to the organization's own account": {
			(*desk).approved, nil, zhuanglang.OrganizationPerson(q1), projectRef("1"), "sign-as-organization", &project.SignAsOrganization{AccountName: "张三"}, "account-name",
		},
		"another organization's project cannot be seen": {
			(*desk).approved, nil, zhuanglang.OrganizationPerson("ZL-2017-02"), projectRef("1"), "sign-as-organization", &project.SignAsOrganization{}, "not-found",
		},
		"a side signs once": {
			(*desk).approved, func(d *desk) {
				d.do(zhuanglang.CountyApprover, projectRef("1"), "sign-as-office", &project.SignAsOffice{})
			},
			zhuanglang.CountyApprover, projectRef("1"), "sign-as-office", &project.SignAsOffice{}, "already-signed",
		},
		"two different officers release a payment": {
			(*desk).signed, func(d *desk) {
				d.do(zhuanglang.CountyFinance, paymentRef("1", "1", "1"), "release", &payment.ReleasePayment{})
			},
			zhuanglang.CountyFinance, paymentRef("1", "1", "1"), "release", &payment.ReleasePayment{}, "same-person",
		},
		"a payment needs both releases before its voucher": {
			(*desk).signed, func(d *desk) {
				d.do(zhuanglang.CountyFinance, paymentRef("1", "1", "1"), "release", &payment.ReleasePayment{})
			},
			zhuanglang.CountyFinance, paymentRef("1", "1", "1"), "confirm", &payment.ConfirmPayment{Voucher: "1", Slip: file}, "wrong-stage",
		},
		"a milestone needs every kind of evidence": {
			(*desk).rollout, nil, zhuanglang.OrganizationPerson(q1), projectRef("1"), "submit-milestone",
			&project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{{Kind: "attendance-sheet", SHA256: file}}}, "missing-evidence",
		},
		"evidence must have been uploaded": {
			(*desk).rollout, nil, zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: "00"}, "no-such-file",
		},
		"the village accepts before the office verifies": {
			(*desk).rollout, func(d *desk) {
				d.do(zhuanglang.OrganizationPerson(q1), projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
					{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
				}})
			},
			zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone", &project.VerifyMilestone{Milestone: "M1"}, "village-first",
		},
		"another village's project cannot be seen": {
			(*desk).rollout, nil, zhuanglang.VillagePerson("ZL-2017-02"), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"}, "not-found",
		},
		"the last day of the mid-term still admits the report": {
			(*desk).rollout, func(d *desk) { d.until(d.data.Golden["mid_term"].At(23, 59)) },
			zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"}, "",
		},
		"a late mid-term report without excuse fails": {
			(*desk).rollout, func(d *desk) { d.on(d.data.Golden["mid_term"].AddDays(1)) },
			zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file}, "wrong-stage",
		},
		"a poor score cannot pass": {
			(*desk).rollout, func(d *desk) {
				d.do(zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
			},
			zhuanglang.EvaluatorPerson, projectRef("1"), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 59}, "score-too-low",
		},
		"spending keeps to the budget's lines": {
			(*desk).rollout, func(d *desk) { d.on(calendar.On(2018, 5, 1)) }, zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-spending",
			&project.ReportSpending{Receipts: []project.Invoice{invoice("I-1", "service", 6000001)}}, "over-line",
		},
		"nothing is spent on what may not be funded": {
			(*desk).rollout, func(d *desk) { d.on(calendar.On(2018, 5, 1)) }, zhuanglang.OrganizationPerson(q1), projectRef("1"), "report-spending",
			&project.ReportSpending{Receipts: []project.Invoice{invoice("I-1", "planting_breeding", 1)}}, "forbidden-spending",
		},
		"nothing is due before its day": {
			(*desk).drafted, nil, domain.Workflow.ID, thePilot, "keep-time", &flow.KeepTime{}, "not-due",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := test.at(newDesk(t))
			if test.prepare != nil {
				test.prepare(d)
			}
			if got := refusal(t, d.try(test.who, test.ref, test.command, test.payload)); got != test.want {
				t.Errorf("answer %q, want %q", got, test.want)
			}
		})
	}
}

// cheapest returns what the evaluator and the cheapest proposal of an application cost.
func cheapest(a pilot.Application) money.Fen {
	least := a.Proposals[0].BudgetFen()
	for _, q := range a.Proposals[1:] {
		least = min(least, q.BudgetFen())
	}
	return a.Evaluator.Fen + least
}

// A request in yuan instead of fen is answered with both amounts in both units.
func TestARequestTooSmallIsNamedInYuanAndFen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.drafted()
	a := d.data.Application()
	least := cheapest(a)
	a.RequestedFen = 1
	d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: a})
	e, refused := domain.Refused(d.try(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}))
	if !refused || e.Code != "request-too-small" {
		t.Fatalf("submitted: %v", e)
	}
	for _, named := range []string{"0.01", "（1分）", least.String(), strconv.FormatInt(int64(least), 10) + "分"} {
		if !strings.Contains(e.What().ZH, named) {
			t.Errorf("%s does not name %s", e.What().ZH, named)
		}
	}
}

// The content of an application is checked when it is submitted.
func TestApplicationRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*pilot.Application)
		want   domain.Code
		field  string
	}{
		"the demonstration keeps every rule":               {func(*pilot.Application) {}, "", ""},
		"no more than the fund":                            {func(a *pilot.Application) { a.RequestedFen++ }, "over-fund", "requested_fen"},
		"at least the evaluator and the cheapest proposal": {func(a *pilot.Application) { a.RequestedFen = cheapest(*a) }, "", ""},
		"one fen less than those cost":                     {func(a *pilot.Application) { a.RequestedFen = cheapest(*a) - 1 }, "request-too-small", "requested_fen"},
		"a purpose of the fund":                            {func(a *pilot.Application) { a.Purposes[0] = "sport" }, "unknown-purpose", "purposes[0]"},
		"a known kind of project":                          {func(a *pilot.Application) { a.Proposals[1].Kind = "X" }, "unknown-kind", "proposals[1].kind"},
		"a budget line that buys cattle is refused": {
			func(a *pilot.Application) { a.Proposals[2].Budget[0].Kind = "planting_breeding" }, "forbidden-spending", "proposals[2].budget[0].kind",
		},
		"a course on breeding is training": {
			func(a *pilot.Application) {
				a.Proposals[2].Budget[2].Title = &domain.Text{ZH: "养殖技术培训", EN: "course on breeding cattle"}
			}, "", "",
		},
		"a kind of spending the programme knows": {func(a *pilot.Application) { a.Proposals[0].Budget[0].Kind = "misc" }, "unknown-spending", "proposals[0].budget[0].kind"},
		"administration takes at most 5 %":       {func(a *pilot.Application) { a.Proposals[0].Budget[6].Fen = 1100001 }, "over-admin", "proposals[0].budget"},
		"a project keeps to the cap":             {func(a *pilot.Application) { a.Proposals[0].Budget[0].Fen = 30000000 }, "over-cap", "proposals[0].budget"},
		"a wrong check digit must be confirmed": {
			func(a *pilot.Application) { a.Proposals[0].Organization.CreditCode = "51620825MJDEM0030P" }, "credit-code-check", "proposals[0].organization.credit_code",
		},
		"a confirmed wrong check digit is accepted": {
			func(a *pilot.Application) {
				a.Proposals[0].Organization.CreditCode, a.Proposals[0].Organization.CodeChecked = "51620825MJDEM0030P", true
			}, "", "",
		},
		"a malformed credit code is refused": {
			func(a *pilot.Application) { a.Proposals[0].Organization.CreditCode = "51620825MJDEM0030I" }, "credit-code", "proposals[0].organization.credit_code",
		},
		"one application per organization": {
			func(a *pilot.Application) { a.Proposals[1].Organization = a.Proposals[0].Organization }, "one-application", "proposals[1].organization.credit_code",
		},
		"a proposal's code is unique":         {func(a *pilot.Application) { a.Proposals[1].Code = strings.ToLower(a.Proposals[0].Code) }, "duplicate", "proposals[1].code"},
		"the evaluator does not apply":        {func(a *pilot.Application) { a.Proposals[1].Organization = a.Evaluator.Organization }, "evaluator-applies", "proposals[1].organization.credit_code"},
		"a village of the office's own place": {func(a *pilot.Application) { a.Proposals[1].Village.Code = "620826103207" }, "unknown-village", "proposals[1].village.code"},
		"no milestone after the rollout":      {func(a *pilot.Application) { a.Proposals[0].Milestones[3].Due = calendar.On(2019, 1, 1) }, "after-rollout", "proposals[0].milestones[3].due"},
		"no milestone before the submission": {
			func(a *pilot.Application) { a.Proposals[0].Milestones[0].Due = calendar.On(2017, 9, 10) }, "past-day", "proposals[0].milestones[0].due",
		},
		"a milestone on the day of the submission": {
			func(a *pilot.Application) { a.Proposals[0].Milestones[0].Due = calendar.On(2017, 9, 11) }, "", "",
		},
		"milestones that tranches need": {func(a *pilot.Application) { a.Proposals[0].Milestones = a.Proposals[0].Milestones[:3] }, "missing-milestone", "proposals[0].milestones"},
		"a milestone's key is unique":   {func(a *pilot.Application) { a.Proposals[0].Milestones[1].Key = "M1" }, "duplicate", "proposals[0].milestones[1].key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			a := d.data.Application()
			test.change(&a)
			d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: a})
			err := d.try(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})
			if got := refusal(t, err); got != test.want {
				t.Fatalf("answer %q, want %q", got, test.want)
			}
			if e, refused := domain.Refused(err); refused && e.Field != test.field {
				t.Errorf("field %q, want %q", e.Field, test.field)
			}
		})
	}
}

func TestASubmissionIsToldEveryFault(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.data.Application()
	a.RequestedFen++
	a.Purposes[0] = "sport"
	a.Proposals[0].Organization.CreditCode = "51620825MJDEM0030I"
	a.Proposals[0].Budget[0].Kind, a.Proposals[0].Budget[1].Kind = "misc", "planting_breeding"
	a.Proposals[1].Kind = "X"
	a.Proposals[1].Organization = a.Evaluator.Organization
	a.Proposals[1].Village.Code = "620826103207"
	a.Proposals[1].Milestones[0].Due = calendar.On(2017, 9, 10)
	a.Proposals[1].Milestones[3].Due = calendar.On(2019, 1, 1)
	want := []string{
		"over-fund requested_fen", "unknown-purpose purposes[0]",
		"credit-code proposals[0].organization.credit_code",
		"unknown-spending proposals[0].budget[0].kind", "forbidden-spending proposals[0].budget[1].kind",
		"evaluator-applies proposals[1].organization.credit_code", "unknown-kind proposals[1].kind", "unknown-village proposals[1].village.code",
		"past-day proposals[1].milestones[0].due", "after-rollout proposals[1].milestones[3].due",
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: a})
	var got []string
	for _, e := range domain.Refusals(d.try(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})) {
		got = append(got, string(e.Code)+" "+e.Field)
		if in := strings.HasPrefix(e.Field, "proposals["); in != (e.Proposal != "") {
			t.Errorf("%s: the proposal at fault is %q", e.Field, e.Proposal)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnOrganizationOnTheAbnormalListIsRefusedAndAnExpiredRatingWarns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: d.data.WithRefused()})
	d.do(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})
	if got := refusal(t, d.try(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})); got != "not-eligible" {
		t.Errorf("accepting with a listed organization: %q", got)
	}
	cases := d.states[thePilot].(*pilot.Pilot).Cases
	if f := cases[2].Findings; len(f) != 1 || f[0].Code != "rating-expired" || f[0].Blocking {
		t.Errorf("the expired rating: %+v", f)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "refuse-proposal", &pilot.RefuseProposal{Proposal: "ZL-2017-07", Reason: "abnormal list"})
	d.do(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})
}

func TestAnObjectionEndsInOneOfThreeWays(t *testing.T) {
	t.Parallel()
	const q1 = "ZL-2017-01"
	for name, test := range map[string]struct {
		outcome pilot.Outcome
		status  pilot.CaseStatus
	}{
		"upheld: the proposal leaves":                     {pilot.Upheld, pilot.CaseRemoved},
		"dismissed: the remaining notice days resume":     {pilot.Dismissed, pilot.CaseNotice},
		"review again: new scores and a whole new notice": {pilot.ReviewAgain, pilot.CaseReview},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).onNotice()
			d.on(calendar.On(2017, 11, 23)) // three working days of the notice are left: 24, 27 and 28 November
			d.do(zhuanglang.PublicPerson, thePilot, "object", &pilot.Object{Proposal: q1, Grounds: "g", Contact: "c"})
			d.onGolden("approval")
			d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "1"})
			if got := d.states[thePilot].(*pilot.Pilot).Cases[1].Status; got != pilot.CaseApproved {
				t.Fatalf("the other proposals do not wait: %s", got)
			}
			d.do(zhuanglang.ProvinceOfficer, thePilot, "decide-objection", &pilot.DecideObjection{Proposal: q1, Outcome: test.outcome, Reason: "r"})
			p := d.states[thePilot].(*pilot.Pilot)
			if got := p.Cases[0].Status; got != test.status {
				t.Fatalf("status %s, want %s", got, test.status)
			}
			switch test.outcome {
			case pilot.Dismissed:
				d.on(calendar.On(2017, 12, 7))
				if last := d.days["pilot cleared"]; last[len(last)-1] != calendar.On(2017, 12, 6) {
					t.Errorf("resumed on 2017-12-01 with three days left, cleared on %s", last[len(last)-1])
				}
				d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "2"})
				if d.stage(projectRef("1")) != project.Agreement {
					t.Error("the paused proposal is approved later")
				}
			case pilot.ReviewAgain:
				for _, expert := range zhuanglang.Experts {
					d.do(expert, thePilot, "score", &pilot.Score{Proposal: q1, Opinion: pilot.Opinion{Points: 70, RecommendedFen: 100}})
				}
				d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
				if got := d.states[thePilot].(*pilot.Pilot).Cases[0].Status; got != pilot.CaseNotice {
					t.Errorf("after the new scores: %s", got)
				}
			case pilot.Upheld:
			}
		})
	}
}

func TestOneVillageNeverBlocksAnother(t *testing.T) {
	t.Parallel()
	d := newDesk(t).approved()
	d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "refuse-agreement", &project.RefuseAgreement{Reason: "r"})
	if d.stage(projectRef("1")) != project.Abandoned || d.stage(projectRef("2")) != project.Agreement || d.stage(thePilot) != pilot.Rollout {
		t.Errorf("stages %s, %s, %s", d.stage(projectRef("1")), d.stage(projectRef("2")), d.stage(thePilot))
	}
	if got := d.balances[ledger.Account{Owner: id, Name: ledger.Available}]; got != 21000000 {
		t.Errorf("%s returned to the fund", got)
	}
}

func TestMissedMidTermTerminatesAndTheMoneyIsOwed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.on(d.data.Golden["mid_term"].AddDays(3))
	if got := d.stage(projectRef("1")); got != project.Terminated {
		t.Fatalf("stage %s", got)
	}
	if got := d.days["project terminated"][0]; got != d.data.Golden["mid_term"] {
		t.Errorf("it ends on the due day, however late the machine acts: %s", got)
	}
	if got := d.balances[ledger.Account{Owner: projectRef("1").ID + ".r1", Name: ledger.Receivable}]; got != 12600000 {
		t.Errorf("owed %s", got)
	}
	if d.sum() != 0 || d.holds(ledger.Commitment) != 0 || d.holds(ledger.Transit) != 6000000 {
		t.Errorf("sum %d, committed %s, in transit %s: only the evaluator's contract is still paid", d.sum(), d.holds(ledger.Commitment), d.holds(ledger.Transit))
	}
}

func TestAVoidedPaymentIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	d.do(zhuanglang.CountyFinance, paymentRef("1", "1", "1"), "void", &payment.VoidPayment{Reason: "wrong slip"})
	if got := d.stage(paymentRef("1", "1", "2")); got != payment.Release {
		t.Fatalf("second attempt: %q", got)
	}
	d.pay(paymentRef("1", "1", "2"))
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Errorf("project: %s", got)
	}
	if d.sum() != 0 || d.balances[ledger.Account{Owner: projectRef("1").ID, Name: ledger.Advance}] != 12600000 {
		t.Errorf("sum %d, advance %v", d.sum(), d.balances)
	}
}

func TestAPaymentUnderWayAtTheTerminationIsOwedOrReturned(t *testing.T) {
	t.Parallel()
	second := paymentRef("1", "2", "1")
	for name, test := range map[string]struct {
		before, after func(*desk)
		owed, back    int64
	}{
		"the bank has it: paid all the same, it is owed with the rest": {
			func(d *desk) {
				d.do(zhuanglang.CountyFinance, second, "release", &payment.ReleasePayment{})
				d.do(zhuanglang.CountyApprover, second, "release", &payment.ReleasePayment{})
			},
			func(d *desk) {
				d.do(zhuanglang.CountyFinance, second, "confirm", &payment.ConfirmPayment{Voucher: "V", Slip: file})
			},
			12600000 + 6300000, 2100000,
		},
		"the bank has it: sent back, it returns to the fund": {
			func(d *desk) {
				d.do(zhuanglang.CountyFinance, second, "release", &payment.ReleasePayment{})
				d.do(zhuanglang.CountyApprover, second, "release", &payment.ReleasePayment{})
			},
			func(d *desk) {
				d.do(zhuanglang.CountyFinance, second, "return-payment", &payment.ReturnPayment{Reason: "r"})
			},
			12600000, 6300000 + 2100000,
		},
		"not released yet: it is stopped and returns to the fund": {func(*desk) {}, nil, 12600000, 6300000 + 2100000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).midTerm()
			d.onGolden("final_report")
			test.before(d)
			d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
			d.do(zhuanglang.EvaluatorPerson, projectRef("1"), "judge-final", &project.JudgeFinal{Outcome: project.Fail, Score: 30, Reason: "r"})
			if test.after != nil {
				if _, reported := d.states[thePilot].(*pilot.Pilot).Ends[projectRef("1").ID]; reported {
					t.Error("its end is reported before the payment has ended")
				}
				test.after(d)
			}
			end := d.states[thePilot].(*pilot.Pilot).Ends[projectRef("1").ID]
			if int64(end.OwedFen) != test.owed {
				t.Errorf("owed %s, want %d fen", end.OwedFen, test.owed)
			}
			if got := d.balances[ledger.Account{Owner: id, Name: ledger.Available}]; int64(got) != test.back {
				t.Errorf("%s back in the fund, want %d fen", got, test.back)
			}
			if d.sum() != 0 || d.balances[ledger.Account{Owner: projectRef("1").ID, Name: ledger.Commitment}] != 0 {
				t.Errorf("sum %d, still committed %v", d.sum(), d.balances)
			}
		})
	}
}
