package reading

import (
	"math/rand/v2"

	"terrace/domain"
	"terrace/postgres"
)

// readers is the number of signed-in readers of each kind.
const readers = 20

// tokenOf returns a person's bearer token.
func tokenOf(a domain.Actor) string { return "token-of-" + a.ID }

var (
	auditor = domain.Actor{ID: "auditor", Name: domain.Text{ZH: "审计", EN: "auditor"}, Roles: []domain.Role{domain.Auditor}}
	nobody  = domain.Actor{ID: "somebody", Name: domain.Text{ZH: "群众", EN: "somebody"}, Roles: []domain.Role{domain.Public}}
)

// officeOf returns an approver of a place.
func officeOf(place string) domain.Actor { return officer(place, "approver") }

func evaluatorOf(code string) domain.Actor {
	return domain.Actor{ID: "evaluator-" + code, Name: domain.Text{ZH: code, EN: code}, Roles: []domain.Role{domain.Evaluator}, Organization: code}
}

func villageOf(code string) domain.Actor {
	return domain.Actor{ID: "village-" + code, Name: domain.Text{ZH: code, EN: code}, Roles: []domain.Role{domain.Village}, Place: code}
}

// chosen returns the counties that readers come from, the same in every run.
func chosen(counties int) (all []county) {
	for n := range readers {
		all = append(all, county(rand.New(rand.NewPCG(uint64(n), 7)).IntN(counties))) //nolint:gosec // the same in every run
	}
	return all
}

// registryOf returns the registry of the readers.
func registryOf(counties int) (r postgres.Registry) {
	seen := map[string]bool{}
	for _, a := range people(counties) {
		if !seen[a.ID] {
			seen[a.ID] = true
			r.People = append(r.People, postgres.Person{Actor: a, Token: tokenOf(a)})
		}
	}
	return r
}

func people(counties int) []domain.Actor {
	all := []domain.Actor{auditor, nobody}
	for i, c := range chosen(counties) {
		all = append(all, officeOf(c.code()), officeOf(c.city()), officeOf(c.province()), applicant(c.organization(i)), evaluatorOf(c.evaluator()), villageOf(c.village(i)))
	}
	return all
}
