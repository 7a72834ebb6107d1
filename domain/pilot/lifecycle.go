package pilot

import (
	"terrace/domain"
	"terrace/domain/programme"
)

// The waits, by key.
const (
	AwaitApplication  WaitKey = "application"
	AwaitEligibility  WaitKey = "eligibility"
	AwaitCorrection   WaitKey = "correction"
	AwaitEndorsement  WaitKey = "endorsement"
	AwaitReview       WaitKey = "review"
	AwaitPublication  WaitKey = "publication"
	AwaitNotice       WaitKey = "notice"
	AwaitInquiry      WaitKey = "inquiry"
	AwaitApproval     WaitKey = "approval"
	AwaitVillages     WaitKey = "villages"
	AwaitSummary      WaitKey = "summary"
	AwaitAnnouncement WaitKey = "announcement"
	AwaitSeal         WaitKey = "seal"

	AwaitAgreement      WaitKey = "agreement"
	AwaitMoney          WaitKey = "money"
	AwaitRolloutEnd     WaitKey = "rollout-end"
	AwaitMilestone      WaitKey = "milestone"
	AwaitVerification   WaitKey = "verification"
	AwaitMidTermReport  WaitKey = "midterm-report"
	AwaitMidTermVerdict WaitKey = "midterm-verdict"
	AwaitRectification  WaitKey = "rectification"
	AwaitFinalReport    WaitKey = "final-report"
	AwaitFinalVerdict   WaitKey = "final-verdict"
	AwaitSettlement     WaitKey = "settlement"
	AwaitAcceptance     WaitKey = "acceptance"
	AwaitRefund         WaitKey = "refund"
	AwaitClosing        WaitKey = "closing"

	AwaitSpendingReport WaitKey = "spending-report"
	AwaitSpendingCheck  WaitKey = "spending-check"
	AwaitChange         WaitKey = "change"
	AwaitFinality       WaitKey = "finality"
	Supervision         WaitKey = "supervision"
	Discipline          WaitKey = "discipline"
	PlanChanges         WaitKey = "plan-changes"
	EntrustedMoney      WaitKey = "entrusted-money"
	BankReturns         WaitKey = "bank-returns"
	ContractReturns     WaitKey = "contract-returns"

	AwaitWindow      WaitKey = "window"
	AwaitClearing    WaitKey = "clearing"
	AwaitPaymentEnd  WaitKey = "payment-end"
	AwaitFinalAnswer WaitKey = "final-answer"
	AwaitRepayment   WaitKey = "repayment"
	AwaitExplanation WaitKey = "explanation"

	AwaitRelease      WaitKey = "release"
	AwaitInstruction  WaitKey = "instruction"
	AwaitConfirmation WaitKey = "confirmation"
)

// Waits is the lifecycle, row by row: who is awaited, until when, what happens
// when the day passes, and which commands lead where.
var Waits = []Wait{
	{
		Key: AwaitApplication, Aggregate: PilotKind, Stages: []Stage{Applying}, Row: 1,
		Title: domain.Text{ZH: "完善并提交试点申报", EN: "complete and submit the pilot's application"},
		Who:   who(HomeOffice, domain.CaseOfficer), Term: programme.ApplicationTerm, Hard: true,
		Consequence: domain.Text{ZH: "申报期满未提交,视为撤回", EN: "not submitted in the window: withdrawn"},
		Exits:       []Exit{{"save-draft", nil}, {"submit", []Stage{Eligibility}}, {"withdraw", []Stage{Withdrawn}}},
	},
	{
		Key: AwaitEligibility, Aggregate: PilotKind, Stages: []Stage{Eligibility}, Row: 2,
		Title: domain.Text{ZH: "审查申报资格", EN: "check eligibility"},
		Who:   who(HomeOffice, domain.CaseOfficer), Term: programme.EligibilityTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"record-checks", nil},
			{"refuse-proposal", []Stage{Failed}},
			{"accept", []Stage{Endorsement}},
			{"request-correction", []Stage{Correction}},
			{"refuse", []Stage{Refused}},
			{"withdraw", []Stage{Withdrawn}},
		},
	},
	{
		Key: AwaitCorrection, Aggregate: PilotKind, Stages: []Stage{Correction}, Row: 2,
		Title: domain.Text{ZH: "补正申报材料", EN: "correct the application"},
		Who:   who(HomeOffice, domain.CaseOfficer), Term: programme.CorrectionTerm, Hard: true,
		Consequence: domain.Text{ZH: "逾期未补正,视为撤回", EN: "not corrected in time: withdrawn"},
		Exits:       []Exit{{"correct", []Stage{Eligibility}}, {"withdraw", []Stage{Withdrawn}}},
	},
	{
		Key: AwaitEndorsement, Aggregate: PilotKind, Stages: []Stage{Endorsement}, Row: 3,
		Title: domain.Text{ZH: "审核并推荐", EN: "endorse, return or reject"},
		Who:   who(TurnOffice, domain.Approver), Due: domain.Text{ZH: "各级审核期限", EN: "the term of the office's level"},
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"endorse", []Stage{Review}},
			{"return", []Stage{Correction}},
			{"reject", []Stage{Rejected}},
			{"withdraw", []Stage{Withdrawn}},
		},
	},
	{
		Key: AwaitReview, Aggregate: PilotKind, Stages: []Stage{Review, Notice, Approval, Rollout}, Row: 4,
		Title: domain.Text{ZH: "组织专家评审", EN: "have the experts review"},
		Who:   who(HighestOffice, domain.CaseOfficer), Term: programme.ReviewTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"appoint-panel", nil},
			{"score", nil},
			{"recuse", nil},
			{"conclude-review", []Stage{Notice, Failed, Evaluation}},
			{"withdraw", []Stage{Withdrawn}},
		},
	},
	{
		Key: AwaitPublication, Aggregate: PilotKind, Stages: []Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.Text{ZH: "发布公示", EN: "publish the notice"},
		Who:   machine, Due: domain.Text{ZH: "即时", EN: "at once"},
		Consequence: domain.Text{ZH: "系统重试至成功", EN: "tried again until it is done"},
		Exits:       []Exit{{"open-notice", nil}},
	},
	{
		Key: AwaitNotice, Aggregate: PilotKind, Stages: []Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.Text{ZH: "公示期满", EN: "the notice to run its time"},
		Who:   machine, Term: programme.NoticeTerm, Hard: true,
		Consequence: domain.Text{ZH: "公示无异议,进入立项", EN: "no objection: cleared for approval"},
		Exits:       []Exit{{"object", nil}, {"give-up", []Stage{Failed, Evaluation}}},
	},
	{
		Key: AwaitInquiry, Aggregate: PilotKind, Stages: []Stage{Notice, Approval, Rollout}, Row: 5,
		Title: domain.Text{ZH: "核查异议并作出决定", EN: "inquire into the objection and decide"},
		Who:   who(HighestOffice, domain.CaseOfficer, domain.Approver), Term: programme.InquiryTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"decide-objection", []Stage{Failed, Evaluation}}},
	},
	{
		Key: AwaitApproval, Aggregate: PilotKind, Stages: []Stage{Approval, Rollout}, Row: 6,
		Title: domain.Text{ZH: "下达立项批复", EN: "give the written approval"},
		Who:   who(HighestOffice, domain.Approver), Term: programme.ApprovalTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"approve", []Stage{Rollout}},
			{"give-up", []Stage{Failed, Evaluation}},
			{"reject", []Stage{Rejected}},
		},
	},
	{
		Key: AwaitVillages, Aggregate: PilotKind, Stages: []Stage{Rollout}, Row: 9,
		Title: domain.Text{ZH: "各村项目全部结束", EN: "every village's project to end"},
		Who:   machine, Due: domain.Text{ZH: "最后一个项目结束之日", EN: "the day the last project ends"},
		Consequence: domain.Text{ZH: "一村不影响他村", EN: "one village never blocks another"},
		Exits:       []Exit{{"record-end", []Stage{Evaluation}}, {"record-payment", []Stage{Evaluation}}},
	},
	{
		Key: AwaitSummary, Aggregate: PilotKind, Stages: []Stage{Evaluation}, Row: 14,
		Title: domain.Text{ZH: "提交绩效自评", EN: "submit the performance self-evaluation"},
		Who:   who(HomeOffice, domain.CaseOfficer), Due: domain.Text{ZH: "次年6月30日前", EN: "by 30 June of the next year"},
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"submit-summary", []Stage{Disclosure}}},
	},
	{
		Key: AwaitAnnouncement, Aggregate: PilotKind, Stages: []Stage{Disclosure}, Row: 14,
		Title: domain.Text{ZH: "向社会公告资金使用情况", EN: "announce the use of the money to the public"},
		Who:   who(HighestOffice, domain.CaseOfficer), Due: domain.Text{ZH: "次年6月30日前", EN: "by 30 June of the next year"},
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"announce", []Stage{Sealing}}},
	},
	{
		Key: AwaitSeal, Aggregate: PilotKind, Stages: []Stage{Sealing}, Row: 15,
		Title: domain.Text{ZH: "归档封存", EN: "seal the dossier"},
		Who:   machine, Due: domain.Text{ZH: "即时", EN: "at once"},
		Consequence: domain.Text{ZH: "系统重试至成功", EN: "tried again until it is done"},
		Exits:       []Exit{{"archive", []Stage{Archived}}},
	},
	{
		Key: ContractReturns, Aggregate: PilotKind, Stages: []Stage{Evaluation, Disclosure, Sealing}, Row: 14, Standing: true,
		Title: domain.Text{ZH: "评估费清讫或退回", EN: "the evaluator's money to stay, or to come back from the bank"},
		Who:   machine, Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "退回的重新支付", EN: "what comes back is paid again"},
		Exits:       []Exit{{"record-payment", nil}},
	},
	{
		Key: AwaitAgreement, Aggregate: ProjectKind, Stages: []Stage{Agreement}, Row: 7,
		Title: domain.Text{ZH: "双方签订项目协议", EN: "both sides to sign the agreement"},
		Who:   who(Anyone, domain.Applicant, domain.Approver), Term: programme.AgreementTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"sign-as-organization", []Stage{FirstTranche}},
			{"sign-as-office", []Stage{FirstTranche}},
			{"refuse-agreement", []Stage{Abandoned}},
		},
	},
	{
		Key: AwaitMoney, Aggregate: ProjectKind, Stages: []Stage{FirstTranche, Rollout, FinalEvaluation, Settlement, LastTranche, Closing, Closed, Terminated}, Row: 8,
		Title: domain.Text{ZH: "款项到账", EN: "the tranche to arrive"},
		Who:   machine, Term: programme.TrancheTerm,
		Consequence: domain.Text{ZH: "由付款流程催办", EN: "the payment's own deadline escalates"},
		Exits:       []Exit{{"record-payment", []Stage{Rollout, Closing}}},
	},
	{
		Key: AwaitRolloutEnd, Aggregate: ProjectKind, Stages: []Stage{Rollout}, Row: 9,
		Title: domain.Text{ZH: "实施期结束", EN: "the rollout to end"},
		Who:   machine, Due: domain.Text{ZH: "方案规定之日", EN: "the day the programme sets"}, Hard: true,
		Consequence: domain.Text{ZH: "进入末期评估", EN: "the final evaluation begins"},
	},
	{
		Key: AwaitMilestone, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation}, Row: 9,
		Title: domain.Text{ZH: "提交里程碑及佐证材料", EN: "submit the milestone with its evidence"},
		Who:   who(ApplicantSeat, domain.Applicant), Due: domain.Text{ZH: "协议约定之日", EN: "the day the agreement sets"},
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"submit-milestone", nil}},
	},
	{
		Key: AwaitVerification, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation}, Row: 9,
		Title: domain.Text{ZH: "村级确认并核实里程碑", EN: "the village's acceptance and the office's verification of the milestone"},
		Who:   who(Anyone, domain.Village, domain.CaseOfficer), Term: programme.VerificationTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"accept-work", nil},
			{"verify-milestone", nil},
			{"return-milestone", nil},
		},
	},
	{
		Key: AwaitMidTermReport, Aggregate: ProjectKind, Stages: []Stage{Rollout}, Row: 10,
		Title: domain.Text{ZH: "提交中期自评报告", EN: "submit the mid-term self-report"},
		Who:   who(ApplicantSeat, domain.Applicant), Due: domain.Text{ZH: "方案规定之日", EN: "the day the programme sets"}, Hard: true,
		Consequence: domain.Text{ZH: "无正当理由逾期,中期评估不合格,停止拨款并终止", EN: "late without excuse: mid-term failed, payments stop, terminated"},
		Exits:       []Exit{{"report-midterm", nil}},
	},
	{
		Key: AwaitMidTermVerdict, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation}, Row: 10,
		Title: domain.Text{ZH: "作出中期评估结论", EN: "give the mid-term verdict"},
		Who:   who(EvaluatorSeat, domain.Evaluator), Term: programme.MidTermVerdictTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"judge-midterm", []Stage{Terminated}}},
	},
	{
		Key: AwaitRectification, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation}, Row: 10,
		Title: domain.Text{ZH: "完成整改并报告", EN: "rectify and report"},
		Who:   who(ApplicantSeat, domain.Applicant), Term: programme.RectificationTerm, Hard: true,
		Consequence: domain.Text{ZH: "逾期未整改,中期评估不合格并终止", EN: "not rectified in time: mid-term failed, terminated"},
		Exits:       []Exit{{"report-rectification", nil}},
	},
	{
		Key: AwaitFinalReport, Aggregate: ProjectKind, Stages: []Stage{FinalEvaluation}, Row: 12,
		Title: domain.Text{ZH: "提交结项报告", EN: "submit the final report"},
		Who:   who(ApplicantSeat, domain.Applicant), Term: programme.FinalReportTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"submit-final-report", nil}},
	},
	{
		Key: AwaitFinalVerdict, Aggregate: ProjectKind, Stages: []Stage{FinalEvaluation}, Row: 12,
		Title: domain.Text{ZH: "作出末期评估结论", EN: "give the final verdict"},
		Who:   who(EvaluatorSeat, domain.Evaluator), Term: programme.FinalVerdictTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"judge-final", []Stage{Settlement, Terminated}}},
	},
	{
		Key: AwaitSettlement, Aggregate: ProjectKind, Stages: []Stage{Settlement}, Row: 13,
		Title: domain.Text{ZH: "提交项目决算", EN: "submit the settlement"},
		Who:   who(ApplicantSeat, domain.Applicant), Term: programme.SettlementTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"submit-settlement", nil}},
	},
	{
		Key: AwaitAcceptance, Aggregate: ProjectKind, Stages: []Stage{Settlement}, Row: 13,
		Title: domain.Text{ZH: "审核项目决算", EN: "accept or return the settlement"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.AcceptanceTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"accept-settlement", []Stage{LastTranche, Closing}}, {"return-settlement", nil}},
	},
	{
		Key: AwaitRefund, Aggregate: ProjectKind, Stages: []Stage{LastTranche}, Row: 13,
		Title: domain.Text{ZH: "退回结余资金", EN: "unspent money to be returned"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.RefundTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"record-refund", []Stage{Closing}}, {"demand-refund", []Stage{Closing}}},
	},
	{
		Key: AwaitClosing, Aggregate: ProjectKind, Stages: []Stage{Closing}, Row: 13,
		Title: domain.Text{ZH: "作出结项结论", EN: "close the project or refuse to"},
		Who:   who(EvaluatorSeat, domain.Evaluator), Term: programme.ClosingTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"close", []Stage{Closed}}, {"refuse-closing", nil}},
	},
	{
		Key: AwaitSpendingReport, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.Text{ZH: "报告支出并附票据", EN: "report spending with its receipts"},
		Who:   who(ApplicantSeat, domain.Applicant), Term: programme.SpendingReportTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"report-spending", nil}},
	},
	{
		Key: AwaitSpendingCheck, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.Text{ZH: "核定支出", EN: "judge the reported spending"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.SpendingCheckTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"judge-spending", nil}},
	},
	{
		Key: AwaitChange, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement}, Row: 9,
		Title: domain.Text{ZH: "审批变更申请", EN: "decide the change request"},
		Who:   who(HomeOffice, domain.Approver), Term: programme.ChangeTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"approve-change", nil}, {"refuse-change", nil}},
	},
	{
		Key: PlanChanges, Aggregate: ProjectKind, Stages: []Stage{Rollout}, Row: 9, Standing: true,
		Title: domain.Text{ZH: "申请变更", EN: "ask for a change of the plan"},
		Who:   who(ApplicantSeat, domain.Applicant), Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "小额预算调剂记录备案,其他变更须审批", EN: "a small shift of the budget is logged, every other change needs approval"},
		Exits:       []Exit{{"request-change", nil}},
	},
	{
		Key: EntrustedMoney, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement, Terminated}, Row: 9, Standing: true,
		Title: domain.Text{ZH: "登记受托资金收退", EN: "enter money that donors entrust, or take back"},
		Who:   who(HomeOffice, domain.Finance), Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "单独核算,专款专用", EN: "kept apart, for its purpose only"},
		Exits:       []Exit{{"record-entrusted", nil}, {"return-entrusted", nil}},
	},
	{
		Key: Supervision, Aggregate: ProjectKind, Stages: []Stage{Agreement, FirstTranche, Rollout, FinalEvaluation, Settlement}, Row: 9, Standing: true,
		Title: domain.Text{ZH: "监督检查", EN: "supervise the project"},
		Who:   who(HomeOffice, domain.Approver), Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "终止并追回", EN: "terminated and recovered"},
		Exits:       []Exit{{"terminate", []Stage{Terminated}}},
	},
	{
		Key: Discipline, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement, LastTranche, Closing}, Row: 9, Standing: true,
		Title: domain.Text{ZH: "查处挪用", EN: "find diverted money"},
		Who:   who(HomeOffice, domain.Finance, domain.CaseOfficer), Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "挪用的资金随时追回", EN: "diverted money is claimed back at once"},
		Exits:       []Exit{{"record-diversion", nil}},
	},
	{
		Key: BankReturns, Aggregate: ProjectKind, Stages: []Stage{Rollout, FinalEvaluation, Settlement, LastTranche, Closing, Closed, Terminated}, Row: 8, Standing: true,
		Title: domain.Text{ZH: "已付款项清讫或退回", EN: "money that was paid to stay, or to come back from the bank"},
		Who:   machine, Due: domain.Text{ZH: "随时", EN: "at any time"},
		Consequence: domain.Text{ZH: "退回的重新支付", EN: "what comes back is paid again"},
		Exits:       []Exit{{"record-payment", nil}},
	},
	{
		Key: AwaitFinality, Aggregate: ProjectKind, Stages: []Stage{Closed}, Row: 13,
		Title: domain.Text{ZH: "已付款项清讫", EN: "the last payments to be final"},
		Who:   machine, Due: domain.Text{ZH: "付款清讫之日", EN: "the day the payments are final"},
		Consequence: domain.Text{ZH: "退回的重新支付", EN: "what comes back is paid again"},
		Exits:       []Exit{{"record-payment", nil}},
	},
	{
		Key: AwaitRelease, Aggregate: PaymentKind, Stages: []Stage{Release}, Row: 8,
		Title: domain.Text{ZH: "两人审核并放款", EN: "two officers to release the payment"},
		Who:   who(HomeOffice, domain.Finance, domain.Approver), Term: programme.TrancheTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"release", []Stage{Instruction, Window}}, {"void", []Stage{Voided}}, {"stop", []Stage{Voided}}},
	},
	{
		Key: AwaitWindow, Aggregate: PaymentKind, Stages: []Stage{Window}, Row: 8,
		Title: domain.Text{ZH: "等待下一个工作日付款", EN: "the next working day, on which payments go out"},
		Who:   machine, Due: domain.Text{ZH: "下一个工作日的前一日", EN: "the day before the next working day"}, Hard: true,
		Consequence: domain.Text{ZH: "向银行发出付款指令", EN: "the bank is instructed"},
		Exits:       []Exit{{"void", []Stage{Voided}}, {"stop", []Stage{Voided}}},
	},
	{
		Key: AwaitInstruction, Aggregate: PaymentKind, Stages: []Stage{Instruction}, Row: 8,
		Title: domain.Text{ZH: "向银行发出付款指令", EN: "the bank to be instructed"},
		Who:   machine, Due: domain.Text{ZH: "即时", EN: "at once"},
		Consequence: domain.Text{ZH: "系统重试至成功", EN: "tried again until it is done"},
		Exits:       []Exit{{"record-instruction", []Stage{Confirmation, Clearing, Posted, Voided, Returned}}},
	},
	{
		Key: AwaitClearing, Aggregate: PaymentKind, Stages: []Stage{Clearing}, Row: 8,
		Title: domain.Text{ZH: "银行处理付款,逾期由财务查明", EN: "the bank to carry the payment out; overdue, finance finds out"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.TrancheTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报,由财务凭单确认或登记退汇", EN: "overdue: escalated; finance confirms by slip, or records that it came back"},
		Exits: []Exit{
			{"record-instruction", []Stage{Posted, Voided, Returned}},
			{"confirm", []Stage{Posted}},
			{"return-payment", []Stage{Returned}},
		},
	},
	{
		Key: AwaitConfirmation, Aggregate: PaymentKind, Stages: []Stage{Confirmation}, Row: 8,
		Title: domain.Text{ZH: "录入付款凭证", EN: "the voucher to be entered"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.TrancheTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits: []Exit{
			{"confirm", []Stage{Posted}},
			{"return-payment", []Stage{Returned}},
		},
	},
	{
		Key: AwaitPaymentEnd, Aggregate: PaymentKind, Stages: []Stage{Posted}, Row: 8,
		Title: domain.Text{ZH: "退汇期届满", EN: "the time to pass in which banks send money back"},
		Who:   machine, Term: programme.FinalityTerm, Hard: true,
		Consequence: domain.Text{ZH: "无退汇则清讫,经银行付款的先向银行核对", EN: "not returned, it is final; where a bank paid, it is asked first"},
		Exits:       []Exit{{"return-payment", []Stage{Returned}}},
	},
	{
		Key: AwaitFinalAnswer, Aggregate: PaymentKind, Stages: []Stage{Posted}, Row: 8,
		Title: domain.Text{ZH: "银行确认款项未退回,逾期由财务查明", EN: "the bank to say that the money stayed; overdue, finance finds out"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.FinalityTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报,由财务凭单确认或登记退汇", EN: "overdue: escalated; finance confirms by slip, or records that it came back"},
		Exits: []Exit{
			{"record-instruction", []Stage{Final, Returned}},
			{"confirm", []Stage{Final}},
			{"return-payment", []Stage{Returned}},
		},
	},
	{
		Key: AwaitRepayment, Aggregate: RecoveryKind, Stages: []Stage{Repayment}, Row: 13,
		Title: domain.Text{ZH: "归还应追回的款项", EN: "the organization to pay back what it owes"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.RecoveryTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报,不影响项目结项", EN: "overdue: escalated; it never holds up a closing"},
		Exits:       []Exit{{"record-repayment", []Stage{Recovered}}, {"agree-instalments", nil}},
	},
	{
		Key: AwaitExplanation, Aggregate: DifferenceKind, Stages: []Stage{Inspection}, Row: 8,
		Title: domain.Text{ZH: "查明对账差异", EN: "find out what a difference is"},
		Who:   who(HomeOffice, domain.Finance), Term: programme.ExplanationTerm,
		Consequence: domain.Text{ZH: "逾期催办并上报", EN: "overdue: escalated"},
		Exits:       []Exit{{"explain", []Stage{Explained}}},
	},
}
