package project

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// The stages of a project (项目).
const (
	Agreement       flow.Stage = "agreement"        // both sides sign the agreement (协议)
	FirstTranche    flow.Stage = "first-tranche"    // the first tranche is paid (首款)
	Rollout         flow.Stage = "rollout"          // the organization does the work (实施)
	FinalEvaluation flow.Stage = "final-evaluation" // the evaluator gives the final verdict (末期评估)
	Settlement      flow.Stage = "settlement"       // the organization submits its final account, and finance reviews it (决算)
	LastTranche     flow.Stage = "last-tranche"     // the last tranche is paid (尾款) or unspent money is returned (结余退回)
	Closing         flow.Stage = "closing"          // the evaluator decides whether to close the project (结项)
	Closed          flow.Stage = "closed"           // the project is closed (已结项)
	Abandoned       flow.Stage = "abandoned"        // the organization declined to sign
	Terminated      flow.Stage = "terminated"       // the project was terminated early (终止)
)

var stages = []flow.StageDecl{
	flow.Passes(Agreement, "签订协议", "agreement"),
	flow.Passes(FirstTranche, "首款拨付", "first tranche"),
	flow.Passes(Rollout, "实施", "rollout"),
	flow.Passes(FinalEvaluation, "末期评估", "final evaluation"),
	flow.Passes(Settlement, "决算", "settlement"),
	flow.Passes(LastTranche, "尾款拨付", "last tranche"),
	flow.Passes(Closing, "结项", "closing"),
	flow.Ends(Closed, "已结项", "closed"),
	flow.Ends(Abandoned, "放弃", "abandoned"),
	flow.Ends(Terminated, "终止", "terminated"),
}

// steps lists the transitions between a project's stages, for the diagram on the lifecycle page.
var steps = []flow.Step{
	flow.Arrow("", Agreement, "open"),
	flow.Arrow(Agreement, FirstTranche, "sign-as-organization"),
	flow.Arrow(Agreement, FirstTranche, "sign-as-office"),
	flow.Arrow(Agreement, Abandoned, "refuse-agreement"),
	flow.Arrow(Agreement, Terminated, "terminate"),
	flow.Arrow(FirstTranche, Rollout, "record-payment"),
	flow.Arrow(FirstTranche, Terminated, "terminate"),
	flow.Arrow(Rollout, FinalEvaluation, "rollout-end/lapse"),
	flow.Arrow(Rollout, Terminated, "judge-midterm"),
	flow.Arrow(Rollout, Terminated, "midterm-report/lapse"),
	flow.Arrow(Rollout, Terminated, "rectification/lapse"),
	flow.Arrow(Rollout, Terminated, "terminate"),
	flow.Arrow(FinalEvaluation, Settlement, "judge-final"),
	flow.Arrow(FinalEvaluation, Terminated, "judge-final"),
	flow.Arrow(FinalEvaluation, Terminated, "judge-midterm"),
	flow.Arrow(FinalEvaluation, Terminated, "rectification/lapse"),
	flow.Arrow(FinalEvaluation, Terminated, "terminate"),
	flow.Arrow(Settlement, LastTranche, "accept-settlement"),
	flow.Arrow(Settlement, Closing, "accept-settlement"),
	flow.Arrow(Settlement, Terminated, "terminate"),
	flow.Arrow(LastTranche, Closing, "record-payment"),
	flow.Arrow(LastTranche, Closing, "record-refund"),
	flow.Arrow(LastTranche, Closing, "demand-refund"),
	flow.Arrow(Closing, Closed, "close"),
}

// The keys of a project's waits.
const (
	AwaitAgreement      flow.WaitKey = "agreement"
	AwaitMoney          flow.WaitKey = "money"
	AwaitRolloutEnd     flow.WaitKey = "rollout-end"
	AwaitMilestone      flow.WaitKey = "milestone"
	AwaitVerification   flow.WaitKey = "verification"
	AwaitMidTermReport  flow.WaitKey = "midterm-report"
	AwaitMidTermVerdict flow.WaitKey = "midterm-verdict"
	AwaitRectification  flow.WaitKey = "rectification"
	AwaitFinalReport    flow.WaitKey = "final-report"
	AwaitFinalVerdict   flow.WaitKey = "final-verdict"
	AwaitSettlement     flow.WaitKey = "settlement"
	AwaitAcceptance     flow.WaitKey = "acceptance"
	AwaitRefund         flow.WaitKey = "refund"
	AwaitClosing        flow.WaitKey = "closing"
	AwaitSpendingReport flow.WaitKey = "spending-report"
	AwaitSpendingCheck  flow.WaitKey = "spending-check"
	AwaitChange         flow.WaitKey = "change"
	PlanChanges         flow.WaitKey = "plan-changes"
	EntrustedMoney      flow.WaitKey = "entrusted-money"
	Supervision         flow.WaitKey = "supervision"
	Discipline          flow.WaitKey = "discipline"
	BankReturns         flow.WaitKey = "bank-returns"
	AwaitFinality       flow.WaitKey = "finality"
)

// waits declares the lifecycle of a project: who has to act in each stage, by when, and what happens next.
var waits = []flow.Wait{
	{
		Key: AwaitAgreement, Stages: []flow.Stage{Agreement}, Row: 7,
		Title: domain.T("签订项目协议", "sign the project agreement"),
		Who:   flow.In(flow.Anyone, domain.Applicant, domain.Approver), Term: AgreementTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("sign-as-organization", FirstTranche),
			flow.Leads("sign-as-office", FirstTranche),
			flow.Leads("refuse-agreement", Abandoned),
		},
	},
	{
		Key: AwaitMoney, Stages: []flow.Stage{FirstTranche, Rollout, FinalEvaluation, Settlement, LastTranche, Closing, Closed, Terminated}, Row: 8,
		Title: domain.T("等待款项到账", "wait for the tranche to arrive"),
		Who:   flow.Itself, Term: payment.TrancheTerm,
		Consequence: domain.T("付款另有期限", "the payment has its own deadline"),
		Exits:       []flow.Exit{flow.Leads("record-payment", Rollout, Closing)},
	},
	{
		Key: AwaitRolloutEnd, Stages: []flow.Stage{Rollout}, Row: 9,
		Title: domain.T("等待实施期结束", "wait for the rollout to end"),
		Who:   flow.Itself, Due: domain.T("资助计划规定之日", "the day the programme sets"), Hard: true,
		Consequence: domain.T("进入末期评估", "the final evaluation begins"),
	},
	{
		Key: AwaitMilestone, Stages: []flow.Stage{Rollout, FinalEvaluation}, Row: 9,
		Title: domain.T("提交里程碑及佐证材料", "submit the milestone with its evidence"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Due: domain.T("协议约定之日", "the day the agreement sets"),
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("submit-milestone")},
	},
	{
		Key: AwaitVerification, Stages: []flow.Stage{Rollout, FinalEvaluation}, Row: 9,
		Title: domain.T("验收并核实里程碑", "accept the milestone's work and verify it"),
		Titles: map[domain.Role]domain.Text{
			domain.Village:     domain.T("现场验收里程碑", "accept the milestone's work on site"),
			domain.CaseOfficer: domain.T("核实里程碑", "verify the milestone"),
		},
		Who: flow.In(flow.Anyone, domain.Village, domain.CaseOfficer), Term: VerificationTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("accept-work"),
			flow.Leads("verify-milestone"),
			flow.Leads("return-milestone"),
		},
	},
	{
		Key: AwaitMidTermReport, Stages: []flow.Stage{Rollout}, Row: 10,
		Title: domain.T("提交中期自评报告", "submit the mid-term self-report"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Due: domain.T("资助计划规定之日", "the day the programme sets"), Hard: true,
		Consequence: domain.T("无正当理由逾期的，中期评估不合格，停止拨付并终止项目", "if the report is late without good reason, the project fails its mid-term evaluation, payments stop and the project is terminated"),
		Exits:       []flow.Exit{flow.Leads("report-midterm")},
	},
	{
		Key: AwaitMidTermVerdict, Stages: []flow.Stage{Rollout, FinalEvaluation}, Row: 10,
		Title: domain.T("作出中期评估结论", "give the mid-term verdict"),
		Who:   flow.In(plan.EvaluatorSeat, domain.Evaluator), Term: MidTermVerdictTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("judge-midterm", Terminated)},
	},
	{
		Key: AwaitRectification, Stages: []flow.Stage{Rollout, FinalEvaluation}, Row: 10,
		Title: domain.T("完成整改并报告", "rectify and report"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Term: RectificationTerm, Hard: true,
		Consequence: domain.T("逾期未整改的，中期评估不合格，项目终止", "if matters are not rectified in time, the project fails its mid-term evaluation and is terminated"),
		Exits:       []flow.Exit{flow.Leads("report-rectification")},
	},
	{
		Key: AwaitFinalReport, Stages: []flow.Stage{FinalEvaluation}, Row: 12,
		Title: domain.T("提交结项报告", "submit the final report"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Term: FinalReportTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("submit-final-report")},
	},
	{
		Key: AwaitFinalVerdict, Stages: []flow.Stage{FinalEvaluation}, Row: 12,
		Title: domain.T("作出末期评估结论", "give the final verdict"),
		Who:   flow.In(plan.EvaluatorSeat, domain.Evaluator), Term: FinalVerdictTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("judge-final", Settlement, Terminated)},
	},
	{
		Key: AwaitSettlement, Stages: []flow.Stage{Settlement}, Row: 13,
		Title: domain.T("提交项目决算", "submit the settlement"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Term: SettlementTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("submit-settlement")},
	},
	{
		Key: AwaitAcceptance, Stages: []flow.Stage{Settlement}, Row: 13,
		Title: domain.T("审核项目决算", "accept or return the settlement"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: AcceptanceTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("accept-settlement", LastTranche, Closing), flow.Leads("return-settlement")},
	},
	{
		Key: AwaitRefund, Stages: []flow.Stage{LastTranche}, Row: 13,
		Title: domain.T("登记结余退回，或转为追回", "record the return of unspent money, or demand it"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: RefundTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("record-refund", Closing), flow.Leads("demand-refund", Closing)},
	},
	{
		Key: AwaitClosing, Stages: []flow.Stage{Closing}, Row: 13,
		Title: domain.T("作出结项结论", "close the project, or refuse to close it"),
		Who:   flow.In(plan.EvaluatorSeat, domain.Evaluator), Term: ClosingTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("close", Closed), flow.Leads("refuse-closing")},
	},
	{
		Key: AwaitSpendingReport, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.T("报告支出并附票据", "report spending with its receipts"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Term: SpendingReportTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("report-spending")},
	},
	{
		Key: AwaitSpendingCheck, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.T("核定支出", "judge the reported spending"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: SpendingCheckTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("judge-spending")},
	},
	{
		Key: AwaitChange, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.T("审批变更申请", "decide the change request"),
		Who:   flow.In(plan.HomeOffice, domain.Approver), Term: ChangeTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("approve-change"), flow.Leads("refuse-change")},
	},
	{
		Key: PlanChanges, Stages: []flow.Stage{Rollout}, Row: 9, Standing: true,
		Title: domain.T("申请变更", "ask for a change"),
		Who:   flow.In(plan.ApplicantSeat, domain.Applicant), Due: domain.T("随时", "at any time"),
		Consequence: domain.T("小额预算调剂记录备案，其他变更须审批", "a small shift within the budget is logged; every other change needs approval"),
		Exits:       []flow.Exit{flow.Leads("request-change")},
	},
	{
		Key: EntrustedMoney, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement, Terminated}, Row: 9, Standing: true,
		Title: domain.T("登记受托资金收退", "record entrusted money received or given back"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Due: domain.T("随时", "at any time"),
		Consequence: domain.T("单独核算，专款专用", "accounted for separately and used for its purpose only"),
		Exits:       []flow.Exit{flow.Leads("record-entrusted"), flow.Leads("return-entrusted")},
	},
	{
		Key: Supervision, Stages: []flow.Stage{Agreement, FirstTranche, Rollout, FinalEvaluation, Settlement}, Row: 9, Standing: true,
		Title: domain.T("监督检查", "supervise the project"),
		Who:   flow.In(plan.HomeOffice, domain.Approver), Due: domain.T("随时", "at any time"),
		Consequence: domain.T("终止并追回", "terminated, and the money recovered"),
		Exits:       []flow.Exit{flow.Leads("terminate", Terminated)},
	},
	{
		Key: Discipline, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement, LastTranche, Closing}, Row: 9, Standing: true,
		Title: domain.T("查处挪用", "investigate diverted money"),
		Who:   flow.In(plan.HomeOffice, domain.Finance, domain.CaseOfficer), Due: domain.T("随时", "at any time"),
		Consequence: domain.T("查实挪用的资金立即追回", "diverted money is recovered at once"),
		Exits:       []flow.Exit{flow.Leads("record-diversion")},
	},
	{
		Key: BankReturns, Stages: []flow.Stage{Rollout, FinalEvaluation, Settlement, LastTranche, Closing, Closed, Terminated}, Row: 8, Standing: true,
		Title: domain.T("跟踪已付款项：最终确认或退汇", "follow the payments until they are final or sent back"),
		Who:   flow.Itself, Due: domain.T("随时", "at any time"),
		Consequence: domain.T("退汇的重新付款", "what is sent back is paid again"),
		Exits:       []flow.Exit{flow.Leads("record-payment")},
	},
	{
		Key: AwaitFinality, Stages: []flow.Stage{Closed}, Row: 13,
		Title: domain.T("等待已付款项最终确认", "wait for the last payments to be final"),
		Who:   flow.Itself, Due: domain.T("付款最终确认之日", "the day the payments are final"),
		Consequence: domain.T("退汇的重新付款", "what is sent back is paid again"),
		Exits:       []flow.Exit{flow.Leads("record-payment")},
	},
}

// The terms that a programme can set for projects, with their defaults.
var (
	AgreementTerm      = flow.Term{Key: "agreement", Name: domain.T("签订协议", "signing of the agreement"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}             // time for both sides to sign the agreement (协议)
	VerificationTerm   = flow.Term{Key: "verification", Name: domain.T("里程碑核实", "verification of a milestone"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}      // time for the office to verify a milestone (核实)
	ResubmissionTerm   = flow.Term{Key: "resubmission", Name: domain.T("重新提交", "resubmission"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}                      // time for the organization to resubmit a returned milestone or settlement
	MidTermVerdictTerm = flow.Term{Key: "midterm-verdict", Name: domain.T("中期评估", "mid-term verdict"), Default: programme.Term{Days: 0, Unit: calendar.WorkingDays, Source: programme.Default}}                // time for the mid-term verdict, counted from the organization's report (中期评估结论)
	RectificationTerm  = flow.Term{Key: "rectification", Name: domain.T("整改", "rectification"), Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}}                     // time for the organization to rectify shortcomings (整改)
	LateStartTerm      = flow.Term{Key: "late-start", Name: domain.T("启动较晚时的宽限", "allowance for a late start"), Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}}     // time for anything that the programme requires by a fixed date, if that date passed before the work began
	FinalReportTerm    = flow.Term{Key: "final-report", Name: domain.T("结项报告", "final report"), Default: programme.Term{Days: 1, Unit: calendar.Months, Source: "地方管理办法：项目结束后1个月内"}}                           // time for the final report, counted from the end of the rollout (结项报告)
	FinalVerdictTerm   = flow.Term{Key: "final-verdict", Name: domain.T("末期评估", "final verdict"), Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: "末期评估30日"}}                           // time for the final verdict, counted from the final report (末期评估结论)
	SettlementTerm     = flow.Term{Key: "settlement", Name: domain.T("项目决算", "settlement"), Default: programme.Term{Days: 30, Unit: calendar.CalendarDays, Source: programme.Default}}                         // time for the settlement, counted from the final verdict (决算)
	AcceptanceTerm     = flow.Term{Key: "acceptance", Name: domain.T("决算审核", "review of the settlement"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}            // time for finance to review the settlement, counted from its submission (决算审核)
	RefundTerm         = flow.Term{Key: "refund", Name: domain.T("结余退回", "return of unspent money"), Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}                 // time for returning unspent money, counted from the acceptance of the settlement (结余退回)
	ClosingTerm        = flow.Term{Key: "closing", Name: domain.T("结项", "closing"), Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: programme.Default}}                                  // time for closing the project, counted from the last payment (结项)
	SpendingReportTerm = flow.Term{Key: "spending-report", Name: domain.T("支出报告", "spending report"), Default: programme.Term{Days: 3, Unit: calendar.Months, Source: programme.Default}}                      // time for each spending report, counted from the previous one (支出报告)
	SpendingCheckTerm  = flow.Term{Key: "spending-check", Name: domain.T("核定支出", "assessment of a spending report"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}} // time for finance to assess a spending report, counted from its submission (核定支出)
	ChangeTerm         = flow.Term{Key: "change", Name: domain.T("变更审批", "decision on a change"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}}                    // time for the office to decide on a change, counted from the request (变更审批)
)

var terms = []flow.Term{
	AgreementTerm, VerificationTerm, ResubmissionTerm, MidTermVerdictTerm, RectificationTerm, LateStartTerm, FinalReportTerm, FinalVerdictTerm, SettlementTerm, AcceptanceTerm, RefundTerm, ClosingTerm, SpendingReportTerm, SpendingCheckTerm, ChangeTerm,
}
