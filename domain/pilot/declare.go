package pilot

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/plan"
)

// Aggregate describes pilots (试点) to the engine: their commands, events, ledger entries, stages and waits.
var Aggregate = flow.Describe(flow.Aggregate{
	Kind: Kind, Collection: "pilots", Title: domain.T("试点", "Pilot"), Empty: &Pilot{},
	Doc:     "试点: from the application to the archive, with its proposals. 申报、审核、评审、公示、立项、总结、归档。",
	Carried: flow.By("Pilot", "pilot"),
	Stages:  stages, Steps: steps, Waits: waits, Terms: terms, Commands: commands, Events: events, Bookings: bookings,
	Claims: []flow.Claim{
		{Prefix: "application", Refusal: "double-application", Field: "proposals", Within: true},
		{Prefix: "approval-number", Refusal: "duplicate-number", Field: "number"},
	},
	Owner: func(s flow.State, of ledger.OwnerKind) string {
		switch p := s.(*Pilot); of {
		case ledger.OfFund:
			return p.Programme.ID
		case ledger.OfContract:
			return contractOwner(p.ID)
		default:
			return p.ID
		}
	},
})

// Aggregate returns the description of the aggregate kind.
func (*Pilot) Aggregate() *flow.Aggregate { return Aggregate }

var commands = []*flow.Declaration{
	flow.Declare[*Pilot, Draft]("draft", flow.In(flow.Anyone, domain.CaseOfficer),
		domain.T("起草试点申报", "Draft a pilot"),
		domain.T("新建试点申报草稿，申报期内可反复修改", "Begins an application, which can be changed until the window closes.")).Creating().
		Refusing("no-office", "window-not-open", "window-closed", "unknown-programme", "no-such-file", "too-many-proposals"),
	flow.Declare[*Pilot, SaveDraft]("save-draft", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("保存草稿", "Save the draft"), domain.T("以新内容替换草稿，未带项目的则保留原有项目", "Replaces the draft; if it has no proposals, the existing ones stay.")).
		Refusing("no-such-file", "too-many-proposals"),
	flow.Declare[*Pilot, PutProposal]("put-proposal", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("加入或替换一个项目", "Put a proposal"), domain.T("在草稿或补正中加入一个项目，编号相同的予以替换", "Adds a proposal to the draft or the correction, or replaces the one with the same code.")).
		Refusing("too-many-proposals", "double-application"),
	flow.Declare[*Pilot, RemoveProposal]("remove-proposal", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("移除一个项目", "Remove a proposal"), domain.T("从草稿或补正中移除一个项目", "Takes one proposal out of the draft or the correction.")).
		Refusing("no-such-proposal"),
	flow.Declare[*Pilot, Submit]("submit", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("提交申报", "Submit the application"), domain.T("按资助计划规则检查后提交；不符合规则的，一次性告知全部问题", "Submits the application if it meets the programme's rules; a refusal lists all of its faults.")).
		Refusing("no-proposals", "over-fund", "request-too-small", "unknown-purpose", "credit-code", "credit-code-check", "duplicate", "one-application", "double-application", "evaluator-applies", "unknown-kind", "over-cap", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "unknown-village", "after-rollout", "missing-milestone", "past-day"),
	flow.Declare[*Pilot, Withdraw]("withdraw", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("撤回申报", "Withdraw"), domain.T("评审结束前可撤回", "Withdraws the application, until the review ends.")),
	flow.Declare[*Pilot, RecordChecks]("record-checks", flow.Itself,
		domain.T("记录资格核对", "Record the eligibility checks"), domain.T("与社会组织名录核对", "Compares the proposals with the directory of organizations.")),
	flow.Declare[*Pilot, RefuseProposal]("refuse-proposal", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("单个项目不予受理", "Refuse one proposal"), domain.T("说明理由，其余项目继续", "Refuses one proposal with a reason; the others go on.")).
		Refusing("no-such-proposal"),
	flow.Declare[*Pilot, Accept]("accept", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("受理", "Accept"), domain.T("资格审查通过，进入审核推荐", "Passes the application on to endorsement.")).
		Refusing("checks-pending", "not-eligible"),
	flow.Declare[*Pilot, RequestCorrection]("request-correction", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("要求补正", "Request a correction"), domain.T("一次性告知需要补正的内容", "Asks, once, for what has to be corrected.")).
		Refusing("corrected-once"),
	flow.Declare[*Pilot, Correct]("correct", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("提交补正", "Correct the application"), domain.T("提交补正后的完整申报", "Submits the corrected application.")).
		Refusing("no-such-file", "too-many-proposals", "no-proposals", "over-fund", "request-too-small", "unknown-purpose", "credit-code", "credit-code-check", "duplicate", "one-application", "double-application", "evaluator-applies", "unknown-kind", "over-cap", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "unknown-village", "after-rollout", "missing-milestone", "past-day"),
	flow.Declare[*Pilot, Refuse]("refuse", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("不予受理", "Refuse the application"), domain.T("说明理由并结束", "Ends the application with a reason.")),
	flow.Declare[*Pilot, Endorse]("endorse", flow.In(plan.TurnOffice, domain.Approver),
		domain.T("审核推荐", "Endorse"), domain.T("推荐至上一级；最高一级推荐后进入评审", "Recommends the application to the next office; after the last one the review begins.")).
		Refusing("same-person"),
	flow.Declare[*Pilot, Return]("return", flow.In(plan.TurnOffice, domain.Approver),
		domain.T("退回", "Return"), domain.T("退回下一级，重新计算期限", "Sends the application one level down, with a new deadline.")),
	flow.Declare[*Pilot, Reject]("reject", flow.In(plan.TurnOffice, domain.Approver),
		domain.T("否决", "Reject"), domain.T("说明理由，试点终止", "Ends the pilot with a reason.")),
	flow.Declare[*Pilot, AppointPanel]("appoint-panel", flow.In(plan.HighestOffice, domain.CaseOfficer),
		domain.T("组建评审小组", "Appoint the panel"), domain.T("单数，人数由资助计划规定；未评分的专家可以更换", "Appoints an odd number of experts, at least as many as the programme requires; those who have not scored can be replaced.")).
		Refusing("panel-at-work", "panel-size", "duplicate", "no-such-expert", "expert-applies"),
	flow.Declare[*Pilot, Score]("score", flow.In(plan.PanelSeat, domain.Expert),
		domain.T("评分", "Score a proposal"), domain.T("专家对一个项目评分并建议金额", "Gives one expert's points and recommended amount for a proposal.")).
		Refusing("no-such-proposal", "recused", "over-budget"),
	flow.Declare[*Pilot, Recuse]("recuse", flow.In(plan.PanelSeat, domain.Expert),
		domain.T("回避", "Recuse"), domain.T("声明利害关系，不再评审该项目", "Declares an interest: the expert no longer judges this proposal.")).
		Refusing("no-such-proposal"),
	flow.Declare[*Pilot, ConcludeReview]("conclude-review", flow.In(plan.HighestOffice, domain.CaseOfficer),
		domain.T("汇总评审结果", "Conclude the review"), domain.T("评分达到规定份数后汇总得分、排名和建议金额", "Computes scores, ranks and amounts once the quorum is met.")).
		Refusing("no-panel", "below-quorum", "panel-short"),
	flow.Declare[*Pilot, OpenNotice]("open-notice", flow.Itself,
		domain.T("发布公示", "Open the public notice"), domain.T("公开项目、组织和金额", "Publishes project, organization and amount.")),
	flow.Declare[*Pilot, Object]("object", flow.In(flow.Anyone, domain.Public, domain.Applicant, domain.Village),
		domain.T("提出异议", "Object"), domain.T("公示期最后一日仍可提出", "Files an objection; the last day of a notice still counts.")).
		Refusing("not-on-notice", "notice-over", "objection-pending"),
	flow.Declare[*Pilot, DecideObjection]("decide-objection", flow.In(plan.HighestOffice, domain.CaseOfficer, domain.Approver),
		domain.T("作出异议处理决定", "Decide an objection"), domain.T("成立、不成立或重新评审", "Upholds or dismisses it, or orders a new review.")).
		Refusing("no-objection"),
	flow.Declare[*Pilot, Approve]("approve", flow.In(plan.HighestOffice, domain.Approver),
		domain.T("立项批复", "Approve"), domain.T("以文号批复全部公示期满且无未决异议的项目", "Approves every cleared proposal in writing, under a document number.")).
		Refusing("nothing-cleared", "duplicate-number", "fund-exhausted"),
	flow.Declare[*Pilot, GiveUp]("give-up", flow.In(plan.ProposerSeat, domain.Applicant),
		domain.T("放弃立项", "Give up the proposal"), domain.T("组织在批复前放弃自己的项目", "An organization gives up its own proposal before the approval.")).
		Refusing("no-such-proposal"),
	flow.Declare[*Pilot, RecordEnd]("record-end", flow.Itself,
		domain.T("记录项目结束", "Record a project's end"), domain.T("登记一个村的项目如何结束", "Records how a village's project ended.")).Crossing(),
	flow.Declare[*Pilot, RecordPayment]("record-payment", flow.Itself,
		domain.T("记录付款结果", "Record a payment"), domain.T("评估费付款结果", "Records how the payment of the evaluator's contract ended.")).Crossing(),
	flow.Declare[*Pilot, SubmitSummary]("submit-summary", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("提交绩效自评", "Submit the self-evaluation"), domain.T("按资助计划规定的因素逐项打分", "Scores every factor that the programme weighs.")).
		Refusing("missing-factor", "over-factor", "unknown-factor"),
	flow.Declare[*Pilot, Announce]("announce", flow.In(plan.HighestOffice, domain.CaseOfficer),
		domain.T("发布公告", "Announce"), domain.T("公告规模、项目、执行和效果", "Announces the scale, projects, execution and effects.")),
	flow.Declare[*Pilot, Archive]("archive", flow.Itself,
		domain.T("归档", "Archive"), domain.T("封存档案，开始计算保管期限", "Seals the dossier and starts its retention period.")),
}

var events = []*flow.EventType{
	flow.Happens[*Pilot, PilotDrafted]("drafted", domain.T("开始起草申报", "Application begun")),
	flow.Happens[*Pilot, DraftSaved]("draft-saved", domain.T("草稿已保存", "Draft saved")),
	flow.Happens[*Pilot, ProposalPut]("proposal-put", domain.T("已加入或替换一个项目", "Proposal put")),
	flow.Happens[*Pilot, ProposalDropped]("proposal-dropped", domain.T("已移除一个项目", "Proposal removed")),
	flow.Happens[*Pilot, PilotSubmitted]("submitted", domain.T("申报已提交", "Application submitted")),
	flow.Happens[*Pilot, PilotWithdrawn]("withdrawn", domain.T("申报已撤回", "Application withdrawn")),
	flow.Happens[*Pilot, EligibilityChecked]("eligibility-checked", domain.T("资格已与名录核对", "Eligibility checked against the directory")),
	flow.Happens[*Pilot, ProposalRemoved]("proposal-removed", domain.T("单个项目退出（不予受理、放弃立项或异议成立）", "One proposal left the pilot (refused, given up, or an objection upheld)")),
	flow.Happens[*Pilot, PilotFailed]("failed", domain.T("没有剩余项目，未能立项", "No proposal left")),
	flow.Happens[*Pilot, PilotAccepted]("accepted", domain.T("申报已受理", "Application accepted")),
	flow.Happens[*Pilot, CorrectionRequested]("correction-requested", domain.T("要求补正", "Correction requested")),
	flow.Happens[*Pilot, PilotCorrected]("corrected", domain.T("申报已补正", "Application corrected")),
	flow.Happens[*Pilot, PilotRefused]("refused", domain.T("不予受理", "Application refused")),
	flow.Happens[*Pilot, PilotEndorsed]("endorsed", domain.T("审核通过并推荐", "Endorsed")),
	flow.Happens[*Pilot, PilotReturned]("returned", domain.T("退回下一级", "Returned one level down")),
	flow.Happens[*Pilot, PilotRejected]("rejected", domain.T("申报被否决", "Rejected")),
	flow.Happens[*Pilot, PanelAppointed]("panel-appointed", domain.T("评审小组已组建", "Panel appointed")).Formerly(flow.Upcast(panelAppointed1.upcast)),
	flow.Happens[*Pilot, ProposalScored]("scored", domain.T("专家评分", "Proposal scored")),
	flow.Happens[*Pilot, ExpertRecused]("recused", domain.T("专家回避", "Expert recused")),
	flow.Happens[*Pilot, ReviewConcluded]("review-concluded", domain.T("评审结果已汇总", "Review concluded")).Formerly(flow.Upcast(reviewConcluded1.upcast)),
	flow.Happens[*Pilot, NoticeOpened]("notice-opened", domain.T("公示已发布", "Public notice opened")),
	flow.Happens[*Pilot, Objected]("objected", domain.T("收到异议，该项目暂停", "Objection filed; the proposal pauses")),
	flow.Happens[*Pilot, ObjectionDecided]("objection-decided", domain.T("异议已处理", "Objection decided")),
	flow.Happens[*Pilot, ProposalCleared]("cleared", domain.T("公示期满，无有效异议", "Notice ended; no objection stands")),
	flow.Happens[*Pilot, PilotApproved]("approved", domain.T("立项批复", "Written approval given")),
	flow.Happens[*Pilot, VillageEnded]("village-ended", domain.T("一个村的项目结束", "A village's project ended")),
	flow.Happens[*Pilot, VerdictsComplete]("verdicts-complete", domain.T("全部项目结论已出", "All verdicts given")),
	flow.Happens[*Pilot, ContractPaid]("contract-paid", domain.T("评估费已支付", "Evaluator paid")),
	flow.Happens[*Pilot, ContractFinal]("contract-final", domain.T("评估费已最终确认（退汇期满）", "Evaluator's payment final")),
	flow.Happens[*Pilot, ContractReversed]("contract-reversed", domain.T("评估费被银行退回，冲回", "Evaluator's payment sent back and reversed")),
	flow.Happens[*Pilot, ContractUnpaid]("contract-unpaid", domain.T("评估费付款未成功", "Evaluator's payment failed")),
	flow.Happens[*Pilot, SummarySubmitted]("summary-submitted", domain.T("绩效自评已提交", "Self-evaluation submitted")),
	flow.Happens[*Pilot, Announced]("announced", domain.T("已向社会公告", "Announced to the public")),
	flow.Happens[*Pilot, PilotArchived]("archived", domain.T("已归档", "Archived")),
}

var bookings = []flow.Booking{
	flow.Books(domain.T("首次批复时，按申请金额", "on the first approval, the amount asked for"), ledger.From(ledger.OfFund, ledger.FundSource), ledger.To(ledger.OfFund, ledger.Allotted),
		func(p *Pilot, e *PilotApproved) []ledger.Part { return p.first(e, p.RequestedFen) }),
	flow.Books(domain.T("首次批复时，按申请金额", "on the first approval, the amount asked for"), ledger.From(ledger.OfPilot, ledger.Appropriation), ledger.To(ledger.OfPilot, ledger.Available),
		func(p *Pilot, e *PilotApproved) []ledger.Part { return p.first(e, p.RequestedFen) }),
	flow.Books(domain.T("首次批复时，评估合同", "on the first approval, the evaluator's contract"), ledger.From(ledger.OfPilot, ledger.Available), ledger.To(ledger.OfContract, ledger.Commitment),
		func(p *Pilot, e *PilotApproved) []ledger.Part { return p.first(e, p.Evaluator.Fen) }),
	flow.Books(domain.T("各项目资助金额", "each project's grant"), ledger.From(ledger.OfPilot, ledger.Available), ledger.To(ledger.OfProject, ledger.Commitment),
		func(_ *Pilot, e *PilotApproved) (parts []ledger.Part) {
			for _, g := range e.Grants {
				parts = append(parts, ledger.Part{Of: ledger.OfProject, Owner: g.Project, Fen: g.Fen})
			}
			return parts
		}),
	flow.Books(domain.T("评估费", "the evaluator's fee"), ledger.From(ledger.OfContract, ledger.Spent), ledger.To(ledger.OfContract, ledger.Commitment),
		func(_ *Pilot, e *ContractReversed) []ledger.Part { return ledger.Whole(e.Fen) }),
}

func (p *Pilot) first(e *PilotApproved, fen money.Fen) []ledger.Part {
	if !e.First {
		return nil
	}
	return ledger.Whole(fen)
}

// contractOwner returns the owner id of the ledger accounts for a pilot's evaluation contract.
func contractOwner(pilot string) string { return pilot + ".e" }
