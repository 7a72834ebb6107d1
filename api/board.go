package api

import (
	"context"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/project"
)

// BoardVillage is a project as shown on its pilot's progress board (进度总览).
type BoardVillage struct {
	Project      string            `json:"project" doc:"id of the project"`
	Code         string            `json:"code" doc:"of its proposal" example:"ZL-2017-01"`
	Title        domain.Text       `json:"title"`
	Village      Coded             `json:"village"`
	Organization NamedOrganization `json:"organization"`
	Stage        flow.Stage        `json:"stage"`
	StageName    domain.Text       `json:"stage_name"`
	Ended        bool              `json:"ended"`
	Due          calendar.Date     `json:"due,omitzero" doc:"the earliest open due day"`
	Late         bool              `json:"late" doc:"a due day has passed and the wait is still open"`
	GrantFen     money.Fen         `json:"grant_fen"`
	PaidFen      money.Fen         `json:"paid_fen"`
	AcceptedFen  money.Fen         `json:"accepted_fen" doc:"accepted spending of the grant"`
	Milestones   []BoardMilestone  `json:"milestones" doc:"in the proposal's order"`
	Href         string            `json:"href" format:"uri-reference"`
}

// BoardMilestone is a milestone (里程碑) as shown on the board.
type BoardMilestone struct {
	Key        string             `json:"key" example:"M1"`
	Name       domain.Text        `json:"name"`
	Status     project.StepStatus `json:"status"`
	StatusName domain.Text        `json:"status_name"`
	Due        calendar.Date      `json:"due" doc:"due day of the current wait, or else the day set in the agreement"`
	Submitted  calendar.Date      `json:"submitted_on,omitzero" doc:"day of the last submission"`
	VerifiedOn calendar.Date      `json:"verified_on,omitzero"`
	Late       bool               `json:"late" doc:"it was submitted after its due day, or what is awaited now is overdue"`
}

// board returns all projects of a pilot that the caller may see, with their milestones.
//
// Errors: not-found.
func (s *server) board(ctx context.Context, in *namedInput) (*listOutput[BoardVillage], error) {
	projects, err := s.desk(ctx).Board(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &listOutput[BoardVillage]{List[BoardVillage]{Items: make([]BoardVillage, len(projects))}}
	for i, p := range projects {
		out.Body.Items[i] = boardVillage(p)
	}
	return out, nil
}

func boardVillage(p *project.Project) BoardVillage {
	q, progress := p.Proposal, flow.ProgressOf(p)
	v := BoardVillage{
		Project: p.ID, Code: q.Code, Title: q.Title, Village: Coded{q.Village.Code, q.Village.Name},
		Organization: NamedOrganization{q.Organization.CreditCode, q.Organization.Name}, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage),
		Ended: progress.Ended, Due: progress.Due(), GrantFen: p.GrantFen, PaidFen: p.PaidFen, AcceptedFen: sum(p.Accepted),
		Late:       slices.ContainsFunc(progress.Turns, func(t flow.TurnView) bool { return t.Overdue }),
		Milestones: make([]BoardMilestone, len(q.Milestones)), Href: addressOf(project.Kind, p.ID),
	}
	for i, m := range q.Milestones {
		one := BoardMilestone{Key: m.Key, Name: m.Name, Status: project.StepPlanned, Due: m.Due}
		if i < len(p.Steps) {
			step := p.Steps[i]
			one.Status, one.Submitted, one.VerifiedOn, one.Late = step.Status, step.SubmittedOn, step.VerifiedOn, step.Late
		}
		for _, t := range progress.Turns {
			if t.Subject == m.Key && (t.Key == project.AwaitMilestone || t.Key == project.AwaitVerification) {
				one.Due, one.Late = t.Due, one.Late || t.Overdue
			}
		}
		one.StatusName = project.StepStatuses[one.Status]
		v.Milestones[i] = one
	}
	return v
}
