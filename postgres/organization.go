package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// Organization is an entry in the directory of social organizations (社会组织名录).
type Organization struct {
	Name domain.Text `json:"name"`
	pilot.OrganizationFacts
}

// OrganizationFacts returns what the directory says about each organization, in the order of the credit codes.
// BannedUntil includes bans for breaches in earlier projects. For an organization that is not in the directory, Known
// is false.
func (s *Store) OrganizationFacts(ctx context.Context, codes []string) ([]pilot.OrganizationFacts, error) {
	q := db.New(s.activities)
	rows, err := q.ListFacts(ctx, codes)
	if err != nil {
		return nil, err
	}
	banned, err := q.ListBans(ctx, codes)
	if err != nil {
		return nil, err
	}
	until := make(map[string]calendar.Date, len(banned))
	for _, r := range banned {
		until[r.Organization] = DateOf(&r.Until)
	}
	known := make(map[string]pilot.OrganizationFacts, len(rows))
	for _, r := range rows {
		var facts pilot.OrganizationFacts
		if err := json.Unmarshal(r.Facts, &facts); err != nil {
			return nil, fmt.Errorf("facts of organization %s: %w", r.CreditCode, err)
		}
		known[r.CreditCode] = facts
	}
	facts := make([]pilot.OrganizationFacts, len(codes))
	for i, code := range codes {
		facts[i] = known[code]
		facts[i].CreditCode = code
		if until[code].After(facts[i].BannedUntil) {
			facts[i].BannedUntil = until[code]
		}
	}
	return facts, nil
}

func putOrganization(ctx context.Context, q *db.Queries, o Organization) error {
	o.Known = true
	facts, err := json.Marshal(o.OrganizationFacts)
	if err != nil {
		return err
	}
	return q.PutOrganization(ctx, db.PutOrganizationParams{CreditCode: o.CreditCode, NameZh: o.Name.ZH, NameEn: o.Name.EN, Facts: facts})
}
