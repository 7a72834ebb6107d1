package domain

import "slices"

// Role is what a person may be for Terrace (角色). The same person can hold several.
type Role string

const (
	CaseOfficer Role = "case-officer" // 经办
	Approver    Role = "approver"     // 审批
	Finance     Role = "finance"      // 财务
	Applicant   Role = "organization" // 社会组织
	Expert      Role = "expert"       // 评审专家
	Evaluator   Role = "evaluator"    // 第三方评估
	Village     Role = "village"      // 村委会
	Auditor     Role = "auditor"      // 审计、纪检
	Public      Role = "public"       // 公众
	System      Role = "system"       // the workflows; never held by a person
)

// Roles lists every role with the words people see.
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

// Actor is who sends a command: a person with roles, the place whose office or
// village they serve, and the credit code of the organization they speak for.
type Actor struct {
	ID           string `json:"id"`
	Name         Text   `json:"name"`
	Roles        []Role `json:"roles"`
	Place        string `json:"place,omitempty"`
	Organization string `json:"organization,omitempty"`
	// Interests are the credit codes of organizations in which the person, or next of kin, holds an office (利害关系).
	Interests []string `json:"interests,omitempty"`
}

// InterestedIn reports whether the actor speaks for the organization or declared an interest in it.
func (a Actor) InterestedIn(creditCode string) bool {
	return creditCode != "" && (a.Organization == creditCode || slices.Contains(a.Interests, creditCode))
}

// Has reports whether the actor holds the role.
func (a Actor) Has(role Role) bool { return slices.Contains(a.Roles, role) }

// Workflow is the actor of everything the workflows do by themselves.
var Workflow = Actor{ID: "terrace", Name: Text{"梯田系统", "Terrace"}, Roles: []Role{System}}

// Party says who may act: holders of a role, bound to an office or village by
// Place, to organizations by credit code, or to named people. An empty binding
// admits any holder of the role.
type Party struct {
	Roles         []Role   `json:"roles"`
	Place         string   `json:"place,omitempty"`
	Organizations []string `json:"organizations,omitempty"`
	People        []string `json:"people,omitempty"`
}

// HoldsRole reports whether the actor has one of the party's roles.
func (p Party) HoldsRole(a Actor) bool { return slices.ContainsFunc(p.Roles, a.Has) }

// Admits reports whether the party includes the actor.
func (p Party) Admits(a Actor) bool {
	return p.HoldsRole(a) && (p.Place == "" || p.Place == a.Place) &&
		(len(p.Organizations) == 0 || slices.Contains(p.Organizations, a.Organization)) && (len(p.People) == 0 || slices.Contains(p.People, a.ID))
}
