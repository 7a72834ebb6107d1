package pilot

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// The stages of a pilot (试点).
const (
	Applying    flow.Stage = "application" // the office prepares the application (申报)
	Eligibility flow.Stage = "eligibility" // the organizations are checked for eligibility (资格审查)
	Correction  flow.Stage = "correction"  // the launching office corrects the application (补正)
	Endorsement flow.Stage = "endorsement" // the offices in the chain endorse the application (审核推荐)
	Review      flow.Stage = "review"      // experts score the proposals (评审)
	Notice      flow.Stage = "notice"      // the recommended proposals are on public notice (公示)
	Approval    flow.Stage = "approval"    // the highest office gives its written approval (立项)
	Rollout     flow.Stage = "rollout"     // the projects are carried out (实施)
	Evaluation  flow.Stage = "evaluation"  // the office evaluates its own pilot (绩效自评)
	Disclosure  flow.Stage = "disclosure"  // the office announces the results (公告)
	Sealing     flow.Stage = "sealing"     // Terrace is sealing the dossier (归档)
	Archived    flow.Stage = "archived"    // the dossier is sealed (已归档)
	Withdrawn   flow.Stage = "withdrawn"   // the application was withdrawn or its deadline was missed (撤回)
	Refused     flow.Stage = "refused"     // the application was refused (不予受理)
	Rejected    flow.Stage = "rejected"    // an office rejected the application (否决)
	Failed      flow.Stage = "failed"      // the pilot had no proposals left
)

var stages = []flow.StageDecl{
	flow.Passes(Applying, "申报", "application"),
	flow.Passes(Eligibility, "资格审查", "eligibility"),
	flow.Passes(Correction, "补正", "correction"),
	flow.Passes(Endorsement, "审核推荐", "endorsement"),
	flow.Passes(Review, "评审", "expert review"),
	flow.Passes(Notice, "公示", "public notice"),
	flow.Passes(Approval, "立项", "approval"),
	flow.Passes(Rollout, "实施", "rollout"),
	flow.Passes(Evaluation, "绩效自评", "self-evaluation"),
	flow.Passes(Disclosure, "公告", "announcement"),
	flow.Passes(Sealing, "归档中", "sealing"),
	flow.Ends(Archived, "已归档", "archived"),
	flow.Ends(Withdrawn, "已撤回", "withdrawn"),
	flow.Ends(Refused, "不予受理", "refused"),
	flow.Ends(Rejected, "否决", "rejected"),
	flow.Ends(Failed, "未立项", "failed"),
}

// steps lists the transitions between a pilot's stages, for the diagram on the lifecycle page.
var steps = []flow.Step{
	flow.Arrow("", Applying, "draft"),
	flow.Arrow(Applying, Eligibility, "submit"),
	flow.Arrow(Applying, Withdrawn, "withdraw"),
	flow.Arrow(Applying, Withdrawn, "application/lapse"),
	flow.Arrow(Eligibility, Endorsement, "accept"),
	flow.Arrow(Eligibility, Correction, "request-correction"),
	flow.Arrow(Eligibility, Refused, "refuse"),
	flow.Arrow(Eligibility, Failed, "refuse-proposal"),
	flow.Arrow(Eligibility, Withdrawn, "withdraw"),
	flow.Arrow(Correction, Eligibility, "correct"),
	flow.Arrow(Correction, Withdrawn, "withdraw"),
	flow.Arrow(Correction, Withdrawn, "correction/lapse"),
	flow.Arrow(Endorsement, Review, "endorse"),
	flow.Arrow(Endorsement, Correction, "return"),
	flow.Arrow(Endorsement, Rejected, "reject"),
	flow.Arrow(Endorsement, Withdrawn, "withdraw"),
	flow.Arrow(Review, Notice, "conclude-review"),
	flow.Arrow(Review, Failed, "conclude-review"),
	flow.Arrow(Review, Withdrawn, "withdraw"),
	flow.Arrow(Notice, Approval, "notice/lapse"),
	flow.Arrow(Notice, Failed, "decide-objection"),
	flow.Arrow(Notice, Failed, "give-up"),
	flow.Arrow(Approval, Rollout, "approve"),
	flow.Arrow(Approval, Failed, "give-up"),
	flow.Arrow(Approval, Rejected, "reject"),
	flow.Arrow(Rollout, Evaluation, "record-end"),
	flow.Arrow(Rollout, Evaluation, "record-payment"),
	flow.Arrow(Rollout, Evaluation, "conclude-review"),
	flow.Arrow(Rollout, Evaluation, "decide-objection"),
	flow.Arrow(Rollout, Evaluation, "give-up"),
	flow.Arrow(Evaluation, Disclosure, "submit-summary"),
	flow.Arrow(Disclosure, Sealing, "announce"),
	flow.Arrow(Sealing, Archived, "archive"),
}

// The keys of a pilot's waits.
const (
	AwaitApplication  flow.WaitKey = "application"
	AwaitEligibility  flow.WaitKey = "eligibility"
	AwaitCorrection   flow.WaitKey = "correction"
	AwaitEndorsement  flow.WaitKey = "endorsement"
	AwaitReview       flow.WaitKey = "review"
	AwaitPublication  flow.WaitKey = "publication"
	AwaitNotice       flow.WaitKey = "notice"
	AwaitInquiry      flow.WaitKey = "inquiry"
	AwaitApproval     flow.WaitKey = "approval"
	AwaitVillages     flow.WaitKey = "villages"
	AwaitSummary      flow.WaitKey = "summary"
	AwaitAnnouncement flow.WaitKey = "announcement"
	AwaitSeal         flow.WaitKey = "seal"
	ContractReturns   flow.WaitKey = "contract-returns"
)

// waits declares the lifecycle of a pilot: who has to act in each stage, by when, and what happens next.
var waits = []flow.Wait{
	{
		Key: AwaitApplication, Stages: []flow.Stage{Applying}, Row: 1,
		Title: domain.T("完善并提交试点申报", "complete and submit the pilot's application"),
		Who:   flow.In(plan.HomeOffice, domain.CaseOfficer), Term: ApplicationTerm, Hard: true,
		Consequence: domain.T("申报期满未提交，视为撤回", "if not submitted in time, the application counts as withdrawn"),
		Exits:       []flow.Exit{flow.Leads("save-draft"), flow.Leads("put-proposal"), flow.Leads("remove-proposal"), flow.Leads("submit", Eligibility), flow.Leads("withdraw", Withdrawn)},
	},
	{
		Key: AwaitEligibility, Stages: []flow.Stage{Eligibility}, Row: 2,
		Title: domain.T("审查申报资格", "check eligibility"),
		Who:   flow.In(plan.HomeOffice, domain.CaseOfficer), Term: EligibilityTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("record-checks"),
			flow.Leads("refuse-proposal", Failed),
			flow.Leads("accept", Endorsement),
			flow.Leads("request-correction", Correction),
			flow.Leads("refuse", Refused),
			flow.Leads("withdraw", Withdrawn),
		},
	},
	{
		Key: AwaitCorrection, Stages: []flow.Stage{Correction}, Row: 2,
		Title: domain.T("补正申报材料", "correct the application"),
		Who:   flow.In(plan.HomeOffice, domain.CaseOfficer), Term: CorrectionTerm, Hard: true,
		Consequence: domain.T("逾期未补正，视为撤回", "if not corrected in time, the application counts as withdrawn"),
		Exits:       []flow.Exit{flow.Leads("put-proposal"), flow.Leads("remove-proposal"), flow.Leads("correct", Eligibility), flow.Leads("withdraw", Withdrawn)},
	},
	{
		Key: AwaitEndorsement, Stages: []flow.Stage{Endorsement}, Row: 3,
		Title: domain.T("审核并推荐", "endorse, return or reject the application"),
		Who:   flow.In(plan.TurnOffice, domain.Approver), Due: domain.T("各级审核期限", "the term for the office's level"),
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("endorse", Review),
			flow.Leads("return", Correction),
			flow.Leads("reject", Rejected),
			flow.Leads("withdraw", Withdrawn),
		},
	},
	{
		Key: AwaitReview, Stages: []flow.Stage{Review, Notice, Approval, Rollout}, Row: 4,
		Title:  domain.T("组织专家评审", "have the experts review the proposals"),
		Titles: map[domain.Role]domain.Text{domain.Expert: domain.T("评审项目并评分", "review the proposals and score them")},
		Who:    flow.In(plan.HighestOffice, domain.CaseOfficer), Term: ReviewTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("appoint-panel"),
			flow.Leads("score"),
			flow.Leads("recuse"),
			flow.Leads("conclude-review", Notice, Failed, Evaluation),
			flow.Leads("withdraw", Withdrawn),
		},
	},
	{
		Key: AwaitPublication, Stages: []flow.Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.T("发布公示", "publish the notice"),
		Who:   flow.Itself, Due: domain.T("即时", "at once"),
		Consequence: domain.T("系统重试至成功", "retried until it succeeds"),
		Exits:       []flow.Exit{flow.Leads("open-notice")},
	},
	{
		Key: AwaitNotice, Stages: []flow.Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.T("等待公示期满", "wait for the notice to end"),
		Who:   flow.Itself, Term: NoticeTerm, Hard: true,
		Consequence: domain.T("无未决异议的，进入立项", "with no objection outstanding, the proposal goes on to approval"),
		Exits:       []flow.Exit{flow.Leads("object"), flow.Leads("give-up", Failed, Evaluation)},
	},
	{
		Key: AwaitInquiry, Stages: []flow.Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.T("核查异议并作出决定", "inquire into the objection and decide it"),
		Who:   flow.In(plan.HighestOffice, domain.CaseOfficer, domain.Approver), Term: InquiryTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("decide-objection", Failed, Evaluation)},
	},
	{
		Key: AwaitApproval, Stages: []flow.Stage{Approval, Rollout}, Row: 6,
		Title: domain.T("下达立项批复", "give the written approval"),
		Who:   flow.In(plan.HighestOffice, domain.Approver), Term: ApprovalTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("approve", Rollout),
			flow.Leads("give-up", Failed, Evaluation),
			flow.Leads("reject", Rejected),
		},
	},
	{
		Key: AwaitVillages, Stages: []flow.Stage{Rollout}, Row: 9,
		Title: domain.T("等待各村项目全部结束", "wait for every village's project to end"),
		Who:   flow.Itself, Due: domain.T("最后一个项目结束之日", "the day the last project ends"),
		Consequence: domain.T("一村不影响他村", "one village never holds up another"),
		Exits:       []flow.Exit{flow.Leads("record-end", Evaluation), flow.Leads("record-payment", Evaluation)},
	},
	{
		Key: AwaitSummary, Stages: []flow.Stage{Evaluation}, Row: 14,
		Title: domain.T("提交绩效自评", "submit the performance self-evaluation"),
		Who:   flow.In(plan.HomeOffice, domain.CaseOfficer), Due: domain.T("次年6月30日前", "by 30 June of the next year"),
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("submit-summary", Disclosure)},
	},
	{
		Key: AwaitAnnouncement, Stages: []flow.Stage{Disclosure}, Row: 14,
		Title: domain.T("向社会公告资金使用情况", "announce the use of the money"),
		Who:   flow.In(plan.HighestOffice, domain.CaseOfficer), Due: domain.T("次年6月30日前", "by 30 June of the next year"),
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("announce", Sealing)},
	},
	{
		Key: AwaitSeal, Stages: []flow.Stage{Sealing}, Row: 15,
		Title: domain.T("归档封存", "seal the dossier"),
		Who:   flow.Itself, Due: domain.T("即时", "at once"),
		Consequence: domain.T("系统重试至成功", "retried until it succeeds"),
		Exits:       []flow.Exit{flow.Leads("archive", Archived)},
	},
	{
		Key: ContractReturns, Stages: []flow.Stage{Evaluation, Disclosure, Sealing}, Row: 14, Standing: true,
		Title: domain.T("跟踪评估费付款：最终确认或退汇", "follow the evaluator's payment until it is final or sent back"),
		Who:   flow.Itself, Due: domain.T("随时", "at any time"),
		Consequence: domain.T("退汇的重新付款", "what is sent back is paid again"),
		Exits:       []flow.Exit{flow.Leads("record-payment")},
	},
}

// The terms that a programme can set for pilots, with their defaults.
var (
	ApplicationTerm = flow.Term{Key: "application", Name: domain.T("申报期", "application window"), Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}                              // time for applying, counted from the call for applications (申报)
	EligibilityTerm = flow.Term{Key: "eligibility", Name: domain.T("资格审查及首级审核推荐", "eligibility check and first endorsement"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}} // time for the eligibility check and the first office's endorsement together (资格审查)
	CorrectionTerm  = flow.Term{Key: "correction", Name: domain.T("补正", "correction"), Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}}                                         // time for the launching office to correct the application (补正)
	CountyTerm      = flow.Term{Key: "endorse-county", Name: domain.T("县级审核推荐", "endorsement by the county"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}                 // time for the county's endorsement (县级审核推荐)
	CityTerm        = flow.Term{Key: "endorse-city", Name: domain.T("市级审核推荐", "endorsement by the city"), Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}}                      // time for the city's endorsement (市级审核推荐)
	ProvinceTerm    = flow.Term{Key: "endorse-province", Name: domain.T("省级审核推荐", "endorsement by the province"), Default: programme.Term{Days: 5, Unit: calendar.WorkingDays, Source: programme.Default}}              // time for the province's endorsement (省级审核推荐)
	ReviewTerm      = flow.Term{Key: "review", Name: domain.T("专家评审", "expert review"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}                                       // time for the experts' review (评审)
	NoticeTerm      = flow.Term{Key: "notice", Name: domain.T("公示期", "public notice"), Default: programme.Term{Days: 7, Unit: calendar.WorkingDays, Source: programme.Default}}                                         // duration of the public notice (公示)
	InquiryTerm     = flow.Term{Key: "inquiry", Name: domain.T("异议核查", "inquiry into an objection"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}                          // time for the inquiry into an objection (核查)
	ApprovalTerm    = flow.Term{Key: "approval", Name: domain.T("立项批复", "written approval"), Default: programme.Term{Days: 3, Unit: calendar.WorkingDays, Source: programme.Default}}                                   // time for the written approval (立项)
)

var terms = []flow.Term{
	ApplicationTerm, EligibilityTerm, CorrectionTerm, CountyTerm, CityTerm, ProvinceTerm, ReviewTerm, NoticeTerm, InquiryTerm, ApprovalTerm,
}

// endorsementTerms holds the terms for endorsement by the offices in the chain, by level of administration.
var endorsementTerms = map[place.Level]flow.Term{
	place.County: CountyTerm, place.City: CityTerm, place.Province: ProvinceTerm,
}
