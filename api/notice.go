package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// Notice is one proposal on public notice (公示): what the public may know, and no more.
type Notice struct {
	Pilot        string        `json:"pilot"`
	Proposal     string        `json:"proposal" example:"ZL-2017-01"`
	Title        domain.Text   `json:"title"`
	Village      Coded         `json:"village"`
	Organization Coded         `json:"organization"`
	GrantFen     money.Fen     `json:"grant_fen" doc:"recommended amount, in fen (分)"`
	Until        calendar.Date `json:"until,omitzero" doc:"last day, which still admits an objection; missing while an objection is inquired into"`
	Object       string        `json:"object" format:"uri-reference" doc:"POST an objection (异议) here, with a token"`
}

// notices is the public list; a proposal leaves it when its notice ends.
func (s *server) notices(ctx context.Context, _ *struct{}) (*listOutput[Notice], error) {
	rows, err := s.Store.Notices(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOutput[Notice]{List[Notice]{make([]Notice, len(rows))}}
	for i, r := range rows {
		out.Body.Items[i] = Notice{
			Pilot: r.Pilot, Proposal: r.Proposal, Title: r.Title, Village: Coded{r.Village.Code, r.Village.Name},
			Organization: Coded{r.Organization.CreditCode, r.Organization.Name}, GrantFen: r.GrantFen, Until: r.Until,
			Object: "/v1/pilots/" + r.Pilot + "/object",
		}
	}
	return out, nil
}
