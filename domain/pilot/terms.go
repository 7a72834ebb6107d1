package pilot

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/programme"
)

// What a programme may set of a pilot, and what holds where it sets nothing.
var (
	ApplicationTerm = flow.Term{Key: "application", Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}     // 申报, from the call
	EligibilityTerm = flow.Term{Key: "eligibility", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}     // 资格审查 and the first office's endorsement together
	CorrectionTerm  = flow.Term{Key: "correction", Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}}       // 补正
	CountyTerm      = flow.Term{Key: "endorse-county", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}  // 审核推荐, county
	CityTerm        = flow.Term{Key: "endorse-city", Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}}     // city
	ProvinceTerm    = flow.Term{Key: "endorse-province", Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}} // province
	ReviewTerm      = flow.Term{Key: "review", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}          // 评审
	NoticeTerm      = flow.Term{Key: "notice", Default: programme.Term{Days: 7, Unit: calendar.WorkingDays, Source: programme.Default}}           // 公示
	InquiryTerm     = flow.Term{Key: "inquiry", Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}         // 核查 of an objection
	ApprovalTerm    = flow.Term{Key: "approval", Default: programme.Term{Days: 3, Unit: calendar.WorkingDays, Source: programme.Default}}         // 立项
)

var terms = []flow.Term{
	ApplicationTerm, EligibilityTerm, CorrectionTerm, CountyTerm, CityTerm, ProvinceTerm, ReviewTerm, NoticeTerm, InquiryTerm, ApprovalTerm,
}

// endorsementTerms are those of an office in the chain by its level.
var endorsementTerms = map[place.Level]flow.Term{
	place.County: CountyTerm, place.City: CityTerm, place.Province: ProvinceTerm,
}
