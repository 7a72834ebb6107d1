package api

import (
	"context"
	"strconv"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/plan"
)

// The maximum numbers of proposals and of open waits on a pilot's page, however many villages the pilot has. The
// remaining proposals are available from a list of their own.
const (
	pageProposals = 50
	pageTurns     = 100
)

// ProposalItem is a proposal (申报项目) in a list, with the findings and decisions about it.
type ProposalItem struct {
	plan.Proposal
	Case *Case `json:"case,omitempty" doc:"what was found and decided; missing in a draft"`
	End  End   `json:"end,omitzero" doc:"how its project ended"`
}

// ProposalPage is one page of a pilot's proposals.
type ProposalPage struct {
	Page[ProposalItem]
	PlanNames
}

type proposalsOutput struct{ Body ProposalPage }

type proposalsInput struct {
	Named
	Paging
}

// proposals lists the proposals of a pilot that the caller may see, in the order of the application.
//
// Errors: not-found, bad-cursor.
func (s *server) proposals(ctx context.Context, in *proposalsInput) (*proposalsOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: pilot.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	p := sheet.State.(*pilot.Pilot)
	from := 0
	if in.Cursor != "" {
		if from, err = strconv.Atoi(in.Cursor); err != nil || from < 0 {
			return nil, domain.Refuse("bad-cursor", "query.cursor")
		}
	}
	page := Page[ProposalItem]{Items: []ProposalItem{}}
	until := min(from+in.Limit, len(p.Proposals))
	for i := from; i < until; i++ {
		item := ProposalItem{Proposal: p.Proposals[i]}
		if i < len(p.Cases) {
			shown := caseOf(p.Cases[i], sheet.People)
			item.Case = &shown
			if end, ended := p.Ends[shown.Project]; ended && sheet.Whole {
				item.End = endOf(end)
			}
		}
		page.Items = append(page.Items, item)
	}
	if until < len(p.Proposals) {
		page.Next = strconv.Itoa(until)
	}
	return &proposalsOutput{ProposalPage{page, planNames(s.desks.Rules(p.Programme), p.Proposals[min(from, until):until])}}, nil
}

// bounded truncates the lists of proposals and open waits on a pilot's page.
func bounded(p *Pilot) {
	p.ProposalCount, p.TurnCount = len(p.Proposals), len(p.Progress.Turns)
	p.Proposals = p.Proposals[:min(pageProposals, len(p.Proposals))]
	p.Cases = p.Cases[:min(pageProposals, len(p.Cases))]
	p.Progress.Turns = p.Progress.Turns[:min(pageTurns, len(p.Progress.Turns))]
	p.YourTurn = p.YourTurn[:min(pageTurns, len(p.YourTurn))]
	p.YouMay = p.YouMay[:min(pageTurns, len(p.YouMay))]
	shown := map[string]End{}
	for _, c := range p.Cases {
		if end, ended := p.Ends[c.Project]; ended {
			shown[c.Project] = end
		}
	}
	p.Ends = shown
}
