package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// Notice is a proposal whose public notice (公示) is running, with everything that the public may know about it.
type Notice struct {
	Pilot        string            `json:"pilot"`
	Proposal     string            `json:"proposal" example:"ZL-2017-01"`
	Title        domain.Text       `json:"title"`
	Village      Coded             `json:"village"`
	Organization NamedOrganization `json:"organization"`
	GrantFen     money.Fen         `json:"grant_fen" doc:"recommended amount, in fen (分)"`
	StatusName   domain.Text       `json:"status_name" doc:"whether the public notice runs, or is suspended while an objection is investigated"`
	Until        calendar.Date     `json:"until,omitzero" doc:"last day, on which objections are still accepted; missing during the inquiry into an objection"`
	Object       string            `json:"object,omitempty" format:"uri-reference" doc:"POST an objection (异议) here, with a token; missing during the inquiry into an objection"`
}

// notices returns a page of the proposals on public notice. A proposal leaves the list when its notice ends.
//
// Errors: bad-cursor.
func (s *server) notices(ctx context.Context, in *struct{ Paging }) (*pageOutput[Notice], error) {
	page, err := s.Store.Notices(ctx, in.Cursor, in.Limit)
	return pageOf(page, err, func(r postgres.Notice) Notice {
		n := Notice{
			Pilot: r.Pilot, Proposal: r.Proposal, Title: r.Title, Village: Coded{r.Village.Code, r.Village.Name},
			Organization: NamedOrganization{r.Organization.CreditCode, r.Organization.Name}, GrantFen: r.GrantFen, Until: r.Until,
			StatusName: pilot.CaseStatuses[pilot.CasePaused],
		}
		if !n.Until.IsZero() {
			n.StatusName, n.Object = pilot.CaseStatuses[pilot.CaseNotice], addressOf(pilot.Kind, r.Pilot)+"/object"
		}
		return n
	})
}
