package domain

import (
	"slices"
	"strings"
)

// Role is the capacity in which a person uses Terrace (角色). A person may hold several roles.
type Role string

const (
	CaseOfficer Role = "case-officer" // case officer in a civil-affairs office (经办)
	Approver    Role = "approver"     // takes decisions in a civil-affairs office (审批)
	Finance     Role = "finance"      // finance officer in a civil-affairs office (财务)
	Applicant   Role = "organization" // represents a social organization (社会组织)
	Expert      Role = "expert"       // scores proposals on a review panel (评审专家)
	Evaluator   Role = "evaluator"    // evaluates projects on behalf of an independent agency (第三方评估)
	Village     Role = "village"      // represents a village committee (村民委员会)
	Auditor     Role = "auditor"      // auditor or inspector, with read-only access (审计、纪检)
	Public      Role = "public"       // any member of the public (公众)
	System      Role = "system"       // Terrace's own workflows, never a person (系统)
)

// Roles maps each role to its display name.
var Roles = map[Role]Text{
	CaseOfficer: {"经办人员", "case officer"},
	Approver:    {"审批人员", "approver"},
	Finance:     {"财务人员", "finance officer"},
	Applicant:   {"社会组织", "organization"},
	Expert:      {"评审专家", "review expert"},
	Evaluator:   {"第三方评估机构", "evaluator"},
	Village:     {"村民委员会", "village committee"},
	Auditor:     {"审计、纪检人员", "auditor"},
	Public:      {"公众", "member of the public"},
	System:      {"系统", "Terrace itself"},
}

// WrongRole returns the refusal for an actor who has none of the required roles.
func WrongRole(needed []Role, a Actor) *Error {
	var zh, en []string
	for _, r := range needed {
		zh, en = append(zh, Roles[r].ZH), append(en, Article(r)+Roles[r].EN)
	}
	haveZH, haveEN := []string{}, []string{}
	for _, r := range a.Roles {
		haveZH, haveEN = append(haveZH, Roles[r].ZH), append(haveEN, Roles[r].EN)
	}
	if len(a.Roles) == 0 {
		haveZH, haveEN = []string{"无"}, []string{"none"}
	}
	return Refuse("wrong-role", "", "zh", alternatives(zh, "、", "或"), "en", alternatives(en, ", ", " or "), "have-zh", strings.Join(haveZH, "、"), "have-en", strings.Join(haveEN, ", "))
}

// alternatives joins words into a phrase such as “a, b or c”.
func alternatives(words []string, comma, or string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], comma) + or + words[last]
}

// Article returns the indefinite article for a role's English name, followed by a space.
func Article(r Role) string {
	switch {
	case r == System:
		return ""
	case strings.Contains("aeiou", Roles[r].EN[:1]):
		return "an "
	default:
		return "a "
	}
}

// Actor is the sender of a command: a person with their roles, the place of the office or village they serve, and the credit code of
// the organization they represent.
type Actor struct {
	ID           string `json:"id"`
	Name         Text   `json:"name"`
	Roles        []Role `json:"roles"`
	Place        string `json:"place,omitempty"`
	Organization string `json:"organization,omitempty"`
	// Interests lists the credit codes of the organizations in which the person or a close relative holds office (利害关系).
	Interests []string `json:"interests,omitempty"`
}

// InterestedIn reports whether the actor represents the organization or has declared an interest in it.
func (a Actor) InterestedIn(creditCode string) bool {
	return creditCode != "" && (a.Organization == creditCode || slices.Contains(a.Interests, creditCode))
}

// Has reports whether the actor holds the role.
func (a Actor) Has(role Role) bool { return slices.Contains(a.Roles, role) }

// Workflow is the actor on whose behalf the workflows send their commands.
var Workflow = Actor{ID: "terrace", Name: Text{"梯田系统", "Terrace"}, Roles: []Role{System}}

// Party specifies who may act: holders of any of the listed roles, restricted to the office or village of a place, to organizations by
// credit code, or to named individuals. A party without restrictions admits every holder of its roles. The people listed in Done are
// not admitted.
type Party struct {
	Roles         []Role   `json:"roles"`
	Place         string   `json:"place,omitempty"`
	Organizations []string `json:"organizations,omitempty"`
	People        []string `json:"people,omitempty"`
	Done          []string `json:"done,omitempty"` // ids of people who have already acted and cannot act again
}

// HoldsRole reports whether the actor has one of the party's roles.
func (p Party) HoldsRole(a Actor) bool { return slices.ContainsFunc(p.Roles, a.Has) }

// Admits reports whether the party includes the actor.
func (p Party) Admits(a Actor) bool {
	return p.HoldsRole(a) && !slices.Contains(p.Done, a.ID) && (p.Place == "" || p.Place == a.Place) &&
		(len(p.Organizations) == 0 || slices.Contains(p.Organizations, a.Organization)) && (len(p.People) == 0 || slices.Contains(p.People, a.ID))
}
