package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// Organization is an entry in the directory of social organizations (社会组织名录).
type Organization struct {
	Name        domain.Text `json:"name"`
	CodeChecked bool        `json:"code_checked,omitempty"` // whether an officer has checked a code with a wrong check digit against the certificate
	pilot.OrganizationFacts
}

// OrganizationFacts returns what the directory says about each organization, sorted by credit code. BannedUntil
// includes bans for breaches in earlier projects. Known is false for an organization that is not in the directory.
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
		facts.Name = domain.Text{ZH: r.NameZh, EN: r.NameEn}
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

const (
	wrongCodeZH = "“%s”不是有效的统一社会信用代码（GB 32100-2015），请与登记证书核对"
	wrongCodeEN = "%s is not a valid unified social credit code (GB 32100-2015): check it against the registration certificate"
)

// maxStaff is more than any social organization employs. maxRating is the rating 5A.
const maxStaff, maxRating = 1_000_000, 5

// organizations adds an error for each missing or impossible fact, and for each credit code that the standard rules out,
// unless only the check digit is wrong and an officer has checked the code against the certificate.
func (f *faults) organizations(rows []Organization) {
	for i, o := range rows {
		refuse := f.row("organizations", i, o.CreditCode)
		switch creditcode.Check(o.CreditCode) {
		case creditcode.Malformed:
			refuse("credit_code", wrongCodeZH, wrongCodeEN, o.CreditCode)
		case creditcode.BadCheckDigit:
			if !o.CodeChecked {
				refuse("credit_code", "“%s”的校验位有误（GB 32100-2015），请与登记证书核对；证书所载即为该代码的，code_checked填true",
					"the check digit of %s is wrong (GB 32100-2015): check the code against the registration certificate; if the certificate shows the same code, set code_checked to true", o.CreditCode)
			}
		case creditcode.Valid:
		}
		refuse.named(o.Name)
		if o.Registered.IsZero() {
			refuse("registered", "缺少登记日期，申报资格以此为准", "the registration date is missing: eligibility depends on it")
		}
		for _, dated := range []struct {
			field string
			day   calendar.Date
			last  int
		}{{"registered", o.Registered, lastRegistration}, {"banned_until", o.BannedUntil, lastYear}, {"rated_until", o.RatedUntil, lastYear}} {
			if !dated.day.IsZero() {
				refuse.within(dated.field, dated.day.Year(), firstYear, dated.last)
			}
		}
		refuse.within("staff", o.Staff, 0, maxStaff)
		refuse.within("rating", o.Rating, 0, maxRating) // 0 means no rating
	}
}

// confirmed returns those credit codes of people in the registry that belong to an organization in the registry or the
// directory.
func confirmed(ctx context.Context, q *db.Queries, r Registry) (map[string]bool, error) {
	known := map[string]bool{}
	for _, o := range r.Organizations {
		known[o.CreditCode] = true
	}
	var codes []string
	for _, p := range r.People {
		codes = append(append(codes, p.Interests...), p.Organization)
	}
	rows, err := q.ListFacts(ctx, codes)
	for _, row := range rows {
		known[row.CreditCode] = true
	}
	return known, err
}

func putOrganization(ctx context.Context, q *db.Queries, o Organization) error {
	o.Known, o.OrganizationFacts.Name = true, domain.Text{} // whatever the registry file says; the name has columns of its own
	facts, err := json.Marshal(o.OrganizationFacts)
	if err != nil {
		return err
	}
	return q.PutOrganization(ctx, db.PutOrganizationParams{CreditCode: o.CreditCode, NameZh: o.Name.ZH, NameEn: o.Name.EN, Facts: facts})
}
