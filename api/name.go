package api

import (
	"cmp"

	"terrace/domain"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// namesOf maps each code to its name. It leaves out codes that have none.
func namesOf[Code ~string](codes []Code, name func(Code) domain.Text) map[Code]domain.Text {
	named := map[Code]domain.Text{}
	for _, code := range codes {
		if said := name(code); said != (domain.Text{}) {
			named[code] = said
		}
	}
	return named
}

func roleName(r domain.Role) domain.Text { return domain.Roles[r] }

// personName returns a function that returns the name of a person by id.
func personName(people map[string]domain.Text) func(string) domain.Text {
	return func(id string) domain.Text { return people[id] }
}

// placeName returns the name of a place, or an empty text for a place that is not registered.
func placeName(places *place.Table, code string) domain.Text {
	return text(places.Name(place.Code(code)))
}

// PlanNames holds the names of the codes in proposals. The names are kept outside the proposals, so that a client can
// edit a proposal and send it back without removing anything.
type PlanNames struct {
	KindNames     map[string]domain.Text `json:"kind_names" doc:"of the kinds of project in the proposals, as the programme calls them"`
	PurposeNames  map[string]domain.Text `json:"purpose_names" doc:"of the purposes of the fund"`
	SpendingNames map[string]domain.Text `json:"spending_names" doc:"of the kinds of spending in the budgets (预算科目), as the programme calls them"`
	EvidenceNames map[string]domain.Text `json:"evidence_names" doc:"of the kinds of evidence (佐证材料); a kind of the application's own is its own name"`
}

// planNames returns the names of the codes in the proposals, and of the given purposes.
func planNames(rules *programme.Programme, proposals []plan.Proposal, purposes ...string) PlanNames {
	n := PlanNames{map[string]domain.Text{}, namesOf(purposes, programme.PurposeName), map[string]domain.Text{}, map[string]domain.Text{}}
	for _, q := range proposals {
		n.KindNames[q.Kind] = kindName(rules, q.Kind)
		if said := programme.PurposeName(q.Purpose); said != (domain.Text{}) {
			n.PurposeNames[q.Purpose] = said
		}
		for _, line := range q.Budget {
			n.SpendingNames[line.Kind] = spendingName(rules, line.Kind)
		}
		for _, m := range q.Milestones {
			n.nameEvidence(m.Evidence...)
		}
	}
	return n
}

func (n PlanNames) nameEvidence(kinds ...string) {
	for _, kind := range kinds {
		n.EvidenceNames[kind] = plan.EvidenceName(kind)
	}
}

// kindName returns the name of a kind of project, or its key if the programme does not list it. The rules are nil if
// this version of Terrace does not know the programme.
func kindName(rules *programme.Programme, key string) domain.Text {
	return ruled(rules, (*programme.Programme).KindName, key)
}

// spendingName returns the name of a kind of spending, or its key if the programme does not list it.
func spendingName(rules *programme.Programme, key string) domain.Text {
	return ruled(rules, (*programme.Programme).SpendingName, key)
}

func ruled(rules *programme.Programme, name func(*programme.Programme, string) domain.Text, key string) (said domain.Text) {
	if rules != nil {
		said = name(rules, key)
	}
	return cmp.Or(said, text(key, key))
}
