package api

import (
	"testing"

	"terrace/domain/calendar"
	"terrace/domain/plan"
	"terrace/domain/project"
)

func TestTheBoardCallsAMilestoneLateByTheDayOfItsSubmission(t *testing.T) {
	t.Parallel()
	due := calendar.On(2018, 2, 28)
	p := &project.Project{
		Proposal: plan.Proposal{Milestones: []plan.Milestone{{Key: "M1", Due: due}, {Key: "M2", Due: due}, {Key: "M3", Due: due}}},
		Steps: []project.Step{
			{Key: "M1", Status: project.StepVerified, SubmittedOn: due, VerifiedOn: due.AddDays(5)},
			{Key: "M2", Status: project.StepVerified, SubmittedOn: due.AddDays(1), Late: true, VerifiedOn: due.AddDays(5)},
			{Key: "M3", Status: project.StepVerified, VerifiedOn: due.AddDays(5)}, // recorded before the day of submission was
		},
	}
	p.Stage = project.Settlement
	for i, want := range []bool{false, true, false} {
		got := boardVillage(p).Milestones[i]
		if got.Late != want || got.Submitted != p.Steps[i].SubmittedOn || got.VerifiedOn != p.Steps[i].VerifiedOn {
			t.Errorf("%+v, want late: %t", got, want)
		}
	}
}
