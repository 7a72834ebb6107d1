package zhuanglang

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/domain/place"
)

// Places returns the demonstration's places: the province, the city, the county, and the townships and villages in
// which the projects take place.
func (d *Data) Places() []place.Place {
	all := []place.Place{
		{Code: "620000", Vintage: 2017, Level: place.Province, ZH: "甘肃省", EN: "Gansu"},
		{Code: "620800", Vintage: 2017, Parent: "620000", Level: place.City, ZH: "平凉市", EN: "Pingliang"},
		{Code: "620825", Vintage: 2017, Parent: "620800", Level: place.County, ZH: "庄浪县", EN: "Zhuanglang"},
		{Code: "620825101", Vintage: 2023, Parent: "620825", Level: place.Township, ZH: "南湖镇", EN: "Nanhu"},
		{Code: "620825103", Vintage: 2023, Parent: "620825", Level: place.Township, ZH: "万泉镇", EN: "Wanquan"},
		{Code: "620825201", Vintage: 2023, Parent: "620825", Level: place.Township, ZH: "杨河乡", EN: "Yanghe"},
		{Code: "620825215", Vintage: 2023, Parent: "620825", Level: place.Township, ZH: "郑河乡", EN: "Zhenghe"},
	}
	for _, p := range d.Projects {
		v := p.Village
		all = append(all, place.Place{
			Code: place.Code(v.Code), Vintage: v.Vintage, Parent: place.Code(v.Code[:9]), Level: place.Village, ZH: v.ZH, EN: v.EN,
		})
	}
	return all
}

// Organizations returns the directory entries of the organizations. One of them is listed for irregular activity, and
// another's rating has expired.
func (d *Data) Organizations() []pilot.OrganizationFacts {
	registered, rated := calendar.On(2010, 5, 1), calendar.On(2020, 12, 31)
	var all []pilot.OrganizationFacts
	for i, p := range d.Projects {
		f := pilot.OrganizationFacts{
			CreditCode: p.Organization.CreditCode, Known: true, Registered: registered, InspectionPassed: true,
			Staff: 3 + i, Rating: 3, RatedUntil: rated,
		}
		if i == 2 {
			f.RatedUntil = calendar.On(2016, 12, 31)
		}
		all = append(all, f)
	}
	return append(
		all,
		pilot.OrganizationFacts{CreditCode: d.RefusedExample.CreditCode, Known: true, Registered: registered, InspectionPassed: true, Staff: 4, Abnormal: true},
		pilot.OrganizationFacts{CreditCode: d.Evaluator.CreditCode, Known: true, Registered: registered, InspectionPassed: true, Staff: 12, Rating: 4, RatedUntil: rated},
	)
}

// The ids of the people in the demonstration. Each office has several people, because the same person may not both
// submit and endorse an application, and two people must release a payment.
const (
	CountyOfficer    = "county-officer"
	CountyApprover   = "county-approver"
	CountyFinance    = "county-finance"
	CityApprover     = "city-approver"
	ProvinceOfficer  = "province-officer"
	ProvinceApprover = "province-approver"
	EvaluatorPerson  = "evaluator"
	AuditorPerson    = "auditor"
	PublicPerson     = "public"
)

// Experts lists the ids of the experts on the review panel.
var Experts = []string{"expert-1", "expert-2", "expert-3", "expert-4", "expert-5"}

// People returns everyone who acts in the demonstration.
func (d *Data) People() []domain.Actor {
	office := func(id, zh, en string, office Office, roles ...domain.Role) domain.Actor {
		return domain.Actor{ID: id, Name: domain.Text{ZH: office.ZH + zh, EN: office.EN + ", " + en}, Roles: roles, Place: string(office.Place)}
	}
	county, city, province := d.Offices[0], d.Offices[1], d.Offices[2]
	people := []domain.Actor{
		office(CountyOfficer, "经办人员", "case officer", county, domain.CaseOfficer),
		office(CountyApprover, "审批人员", "approver", county, domain.Approver),
		office(CountyFinance, "财务人员", "finance officer", county, domain.Finance),
		office(CityApprover, "审批人员", "approver", city, domain.Approver),
		office(ProvinceOfficer, "经办人员", "case officer", province, domain.CaseOfficer),
		office(ProvinceApprover, "审批人员", "approver", province, domain.Approver),
		office(AuditorPerson, "审计人员", "auditor", province, domain.Auditor),
		{ID: EvaluatorPerson, Name: domain.Text{ZH: d.Evaluator.ZH, EN: d.Evaluator.EN}, Roles: []domain.Role{domain.Evaluator}, Organization: d.Evaluator.CreditCode},
		{ID: PublicPerson, Name: domain.Text{ZH: "群众（演示）", EN: "A member of the public (demonstration)"}, Roles: []domain.Role{domain.Public}},
	}
	for i, id := range Experts {
		n := string(rune('1' + i))
		people = append(people, domain.Actor{ID: id, Name: domain.Text{ZH: "评审专家" + n, EN: "Review expert " + n}, Roles: []domain.Role{domain.Expert}})
	}
	for _, p := range d.Projects {
		people = append(
			people,
			domain.Actor{
				ID: OrganizationPerson(p.Code), Name: domain.Text{ZH: p.Organization.ZH, EN: p.Organization.EN},
				Roles: []domain.Role{domain.Applicant}, Organization: p.Organization.CreditCode,
			},
			domain.Actor{
				ID: VillagePerson(p.Code), Name: domain.Text{ZH: p.Village.ZH + "村民委员会", EN: "Village committee of " + p.Village.EN},
				Roles: []domain.Role{domain.Village}, Place: p.Village.Code,
			},
		)
	}
	return people
}

// OrganizationPerson returns the id of the person who represents a project's organization.
func OrganizationPerson(project string) string { return "organization-" + project }

// VillagePerson returns the id of the person who represents a project's village committee.
func VillagePerson(project string) string { return "village-" + project }
