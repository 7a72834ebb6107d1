package catalogue_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestRulesOfRollout(t *testing.T) {
	t.Parallel()
	submit := func(d *desk) {
		d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
			{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
		}})
	}
	accept := func(d *desk) {
		submit(d)
		d.do(zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"})
	}
	checkRules(t, map[string]ruleCase{
		"a milestone has the name that the application gave it": {
			(*desk).rollout, nil, organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{}, "no-such-milestone",
		},
		"a milestone that nobody planned is not submitted": {
			(*desk).rollout, nil, organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M9"}, "no-such-milestone",
		},
		"a milestone is submitted once": {
			(*desk).rollout, submit, organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1"}, "already-submitted",
		},
		"a verified milestone is not submitted again": {
			(*desk).midTerm, nil, organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1"}, "already-verified",
		},
		"a village accepts what was submitted": {
			(*desk).rollout, nil, zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"}, "not-submitted",
		},
		"an office verifies what was submitted": {
			(*desk).rollout, nil, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone", &project.VerifyMilestone{Milestone: "M1"}, "not-submitted",
		},
		"an office returns what was submitted": {
			(*desk).rollout, nil, zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"}, "not-submitted",
		},
		"a milestone is verified once": {
			(*desk).midTerm, nil, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone", &project.VerifyMilestone{Milestone: "M1"}, "already-verified",
		},
		"a village accepts a milestone once": {
			(*desk).rollout, accept, zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"}, "already-accepted",
		},
		"a site visit cannot be in the future": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 9), Finding: "f"}, "future-day",
		},
		"a site visit cannot precede the agreement": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2017, 12, 14), Finding: "f"}, "visit-too-early",
		},
		"a site visit can be on the day of the agreement": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2017, 12, 15), Finding: "f"}, "",
		},
		"a site visit can be today": {
			(*desk).rollout, accept, zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 8), Finding: "f"}, "",
		},
		"the village accepts a returned milestone again": {
			(*desk).rollout, func(d *desk) {
				accept(d)
				d.do(zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"})
				submit(d)
			},
			zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone",
			&project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 1, 8), Finding: "f"}, "village-first",
		},
		"a milestone is still submitted after the rollout's end": {
			(*desk).midTerm, func(d *desk) { d.onGolden("final_report") },
			organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M3", Evidence: []project.EvidenceFile{
				{Kind: "photos", SHA256: file}, {Kind: "attendance-sheet", SHA256: file}, {Kind: "spending-report", SHA256: file},
			}}, "",
		},
		"a terminated project takes no milestones": {
			(*desk).rollout, func(d *desk) { d.on(d.data.Golden["mid_term"].AddDays(1)) },
			organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1"}, "wrong-stage",
		},
		"a pilot is told about its own projects only": {
			(*desk).rollout, nil, domain.Workflow.ID, thePilot, "record-end", &pilot.RecordEnd{Project: "other.1"}, "no-such-project",
		},
		"a project ends once": {
			(*desk).approved, func(d *desk) {
				d.do(organization1, projectRef("1"), "refuse-agreement", &project.RefuseAgreement{Reason: "r"})
			},
			domain.Workflow.ID, thePilot, "record-end", &pilot.RecordEnd{Project: id + ".1"}, "already-recorded",
		},
	})
}

func TestAReturnedMilestoneHasTenWorkingDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout()
	d.on(calendar.On(2018, 2, 26)) // two days before the milestone's due day
	d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
	}})
	if got, want := d.awaits(projectRef("1"), project.AwaitVerification).Due, calendar.On(2018, 3, 12); got != want {
		t.Errorf("to be verified by %s, want %s", got, want)
	}
	d.do(zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"})
	for _, turn := range flow.RecordOf(d.project1()).Turns {
		if turn.Subject == "M1" && (turn.Key != project.AwaitMilestone || turn.Due != calendar.On(2018, 3, 12)) {
			t.Errorf("after the return: %+v", turn)
		}
	}
}

func TestAMilestoneReturnedEarlyKeepsItsAgreedDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).rollout() // on 2018-01-08
	d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
	}})
	d.do(zhuanglang.CountyOfficer, projectRef("1"), "return-milestone", &project.ReturnMilestone{Milestone: "M1", Reason: "r"})
	if got, want := d.project1().Turn(project.AwaitMilestone, "M1").Due, d.data.Projects[0].Milestones[0].Due; got != want {
		t.Errorf("to be submitted again by %s, want %s", got, want)
	}
}

func TestAMilestoneIsLateByTheDayOfItsSubmission(t *testing.T) {
	t.Parallel()
	due := calendar.On(2018, 2, 28)
	for name, test := range map[string]struct {
		on   calendar.Date
		late bool
	}{
		"on its due day, though verified later": {due, false},
		"on the day after":                      {due.AddDays(1), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).rollout()
			d.on(test.on)
			d.do(organization1, projectRef("1"), "submit-milestone", &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
				{Kind: "attendance-sheet", SHA256: file}, {Kind: "village-confirmation", SHA256: file},
			}})
			d.do(zhuanglang.VillagePerson(q1), projectRef("1"), "accept-work", &project.AcceptWork{Milestone: "M1"})
			d.on(calendar.On(2018, 3, 5))
			d.do(zhuanglang.CountyOfficer, projectRef("1"), "verify-milestone", &project.VerifyMilestone{Milestone: "M1", VisitedOn: calendar.On(2018, 3, 5), Finding: "f"})
			if got := d.project1().Steps[0]; got.SubmittedOn != test.on || got.Late != test.late || got.Status != project.StepVerified {
				t.Errorf("the milestone: %+v", got)
			}
		})
	}
}

func TestTheRolloutEndsByItselfOnItsSetDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t).midTerm()
	d.until(d.data.Golden["rollout_ends"].At(23, 59))
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Fatalf("on the set day: %s", got)
	}
	d.on(calendar.On(2019, 1, 2))
	if got := d.stage(projectRef("1")); got != project.FinalEvaluation {
		t.Errorf("afterwards: %s", got)
	}
	if got := d.days["project rollout-ended"][0]; got != d.data.Golden["rollout_ends"] {
		t.Errorf("it ended on %s", got)
	}
	if got, want := d.awaits(projectRef("1"), project.AwaitFinalReport).Due, calendar.On(2019, 1, 31); got != want {
		t.Errorf("the final report is due %s, one month later is %s", got, want)
	}
}

func TestAProjectThatBeginsLateIsNotJudgedByADayThatHasPassed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).signed()
	d.on(calendar.On(2018, 7, 2)) // the date fixed for the mid-term report has passed
	d.pay(paymentRef("1", "1", "1"))
	d.on(calendar.On(2018, 7, 10))
	if got := d.stage(projectRef("1")); got != pilot.Rollout {
		t.Fatalf("a project paid on 2018-07-02 is in stage %s", got)
	}
	d.on(calendar.On(2018, 8, 1)) // 30 days after the money was paid
	d.do(zhuanglang.OrganizationPerson("ZL-2017-01"), projectRef("1"), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "s"})
}

func TestATerminatedProjectStaysUntilEveryTrancheUnderWayHasEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rules := *d.context.Rules
	rules.Tranches = slices.Clone(rules.Tranches)
	rules.Tranches[1].Milestones, rules.Tranches[1].MidTerm = nil, false // its conditions are met on signing, like those of the first
	d.context.Rules = &rules
	d.signed()
	first, second := paymentRef("1", "1", "1"), paymentRef("1", "2", "1")
	d.pay(first)
	d.released(second) // waiting for the officer who pays by hand
	d.do(zhuanglang.CountyApprover, projectRef("1"), "terminate", &project.Terminate{Reason: "r"})
	if p := flow.ProgressOf(d.project1()); p.Stage != project.Terminated || p.Ended || d.awaits(projectRef("1"), project.AwaitMoney).Subject != "2" {
		t.Errorf("while a payment is under way the project is %s, ended %t, and awaits %v", p.Stage, p.Ended, p.Turns)
	}
	if ends := d.pilot().Ends; len(ends) != 0 {
		t.Errorf("the pilot was told of an end that is to come: %v", ends)
	}
	d.do(zhuanglang.CountyFinance, second, "confirm", &payment.ConfirmPayment{Voucher: "V-2", Slip: file})
	if p, owed := flow.ProgressOf(d.project1()), d.project1().Ending().OwedFen; !catalogue.All.Ended(p.Stage) || len(p.Duties) != 0 || owed != d.project1().PaidFen {
		t.Errorf("after the payment the project is %s, the workflows owe %v, and %s of %s is owed back", p.Stage, p.Duties, owed, d.project1().PaidFen)
	}
}
