package pilot

import (
	"slices"

	"terrace/domain"
)

func t(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// Commands declares everything that can be asked for, in the order of the lifecycle.
var Commands = slices.Concat(pilotCommands, projectCommands, paymentCommands, recoveryCommands, differenceCommands, timeCommands())

var pilotCommands = []*Declaration{
	declare[*Pilot, Draft]("draft", who(Anyone, domain.CaseOfficer),
		t("起草试点申报", "Draft a pilot"),
		t("新建试点申报草稿,申报期内可反复修改", "Begins an application; it can be changed until the window closes.")).creates().
		refuses("no-office", "window-not-open", "window-closed", "unknown-programme", "no-such-file"),
	declare[*Pilot, SaveDraft]("save-draft", who(HomeOffice, domain.CaseOfficer),
		t("保存草稿", "Save the draft"), t("以新内容替换草稿", "Replaces the draft.")).
		refuses("no-such-file"),
	declare[*Pilot, Submit]("submit", who(HomeOffice, domain.CaseOfficer),
		t("提交申报", "Submit the application"), t("按资助项目规则检查后提交", "Hands the application in once it keeps the programme's rules.")).
		refuses("over-fund", "unknown-purpose", "credit-code", "credit-code-check", "duplicate", "one-application", "double-application", "evaluator-applies", "unknown-kind", "over-cap", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "unknown-village", "after-rollout", "missing-milestone"),
	declare[*Pilot, Withdraw]("withdraw", who(HomeOffice, domain.CaseOfficer),
		t("撤回申报", "Withdraw"), t("评审结束前可撤回", "Takes the application back, until the review ends.")),
	declare[*Pilot, RecordChecks]("record-checks", machine,
		t("记录资格核对", "Record the eligibility checks"), t("与社会组织名录核对", "Compares the proposals with the directory.")),
	declare[*Pilot, RefuseProposal]("refuse-proposal", who(HomeOffice, domain.CaseOfficer),
		t("单个项目不予受理", "Refuse one proposal"), t("说明理由,其余项目继续", "Takes one proposal out with a reason; the others go on.")).
		refuses("no-such-proposal"),
	declare[*Pilot, Accept]("accept", who(HomeOffice, domain.CaseOfficer),
		t("受理", "Accept"), t("资格审查通过,进入审核推荐", "Lets the application go on to endorsement.")).
		refuses("checks-pending", "not-eligible"),
	declare[*Pilot, RequestCorrection]("request-correction", who(HomeOffice, domain.CaseOfficer),
		t("要求补正", "Request a correction"), t("一次性告知需补正内容", "Asks once for what must be corrected.")).
		refuses("corrected-once"),
	declare[*Pilot, Correct]("correct", who(HomeOffice, domain.CaseOfficer),
		t("提交补正", "Correct the application"), t("提交补正后的完整申报", "Hands in the corrected application.")).
		refuses("no-such-file", "over-fund", "unknown-purpose", "credit-code", "credit-code-check", "duplicate", "one-application", "double-application", "evaluator-applies", "unknown-kind", "over-cap", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "unknown-village", "after-rollout", "missing-milestone"),
	declare[*Pilot, Refuse]("refuse", who(HomeOffice, domain.CaseOfficer),
		t("不予受理", "Refuse the application"), t("说明理由并结束", "Ends the application with a reason.")),
	declare[*Pilot, Endorse]("endorse", who(TurnOffice, domain.Approver),
		t("审核推荐", "Endorse"), t("推荐至上一级;最高一级推荐后进入评审", "Recommends to the next office; after the last, the review begins.")).
		refuses("same-person"),
	declare[*Pilot, Return]("return", who(TurnOffice, domain.Approver),
		t("退回", "Return"), t("退回下一级,重新计算期限", "Sends it one level down, with a fresh deadline.")),
	declare[*Pilot, Reject]("reject", who(TurnOffice, domain.Approver),
		t("否决", "Reject"), t("说明理由,试点终止", "Ends the pilot with a reason.")),
	declare[*Pilot, AppointPanel]("appoint-panel", who(HighestOffice, domain.CaseOfficer),
		t("组建评审小组", "Appoint the panel"), t("单数,人数由资助项目规定;未评分的专家可以更换", "An odd number of experts, at least as many as the programme asks for; those who have not scored can be replaced.")).
		refuses("panel-at-work", "panel-size", "duplicate"),
	declare[*Pilot, Score]("score", who(PanelSeat, domain.Expert),
		t("评分", "Score a proposal"), t("专家对一个项目评分并建议金额", "One expert's points and recommended amount for one proposal.")).
		refuses("no-such-proposal", "recused", "over-budget"),
	declare[*Pilot, Recuse]("recuse", who(PanelSeat, domain.Expert),
		t("回避", "Recuse"), t("声明利害关系,不再评审该项目", "Declares an interest; the expert does not judge this proposal.")).
		refuses("no-such-proposal"),
	declare[*Pilot, ConcludeReview]("conclude-review", who(HighestOffice, domain.CaseOfficer),
		t("汇总评审结果", "Conclude the review"), t("达到法定人数后汇总得分、排名和建议金额", "Draws scores, ranks and amounts once the quorum is met.")).
		refuses("below-quorum"),
	declare[*Pilot, OpenNotice]("open-notice", machine,
		t("发布公示", "Open the public notice"), t("公开项目、组织和金额", "Publishes project, organization and amount.")),
	declare[*Pilot, Object]("object", who(Anyone, domain.Public, domain.Applicant, domain.Village),
		t("提出异议", "Object"), t("公示期最后一日仍可提出", "The last day of a notice still admits an objection.")).
		refuses("not-on-notice"),
	declare[*Pilot, DecideObjection]("decide-objection", who(HighestOffice, domain.CaseOfficer, domain.Approver),
		t("作出异议处理决定", "Decide an objection"), t("成立、不成立或重新评审", "Upheld, dismissed or review again.")).
		refuses("no-objection"),
	declare[*Pilot, Approve]("approve", who(HighestOffice, domain.Approver),
		t("立项批复", "Approve"), t("以文号批复全部公示无异议的项目", "Gives the written approval, with its number, to every cleared proposal.")).
		refuses("nothing-cleared", "duplicate-number", "fund-exhausted"),
	declare[*Pilot, GiveUp]("give-up", who(ProposerSeat, domain.Applicant),
		t("放弃立项", "Give up the proposal"), t("组织在批复前放弃自己的项目", "The organization takes its own proposal back before the approval.")).
		refuses("no-such-proposal"),
	declare[*Pilot, RecordEnd]("record-end", machine,
		t("记录项目结束", "Record a project's end"), t("汇总各村项目结果", "Joins a village's project on the record.")),
	declare[*Pilot, RecordPayment]("record-payment", machine,
		t("记录付款结果", "Record a payment"), t("评估费付款结果", "Notes how the payment of the evaluator's contract ended.")),
	declare[*Pilot, SubmitSummary]("submit-summary", who(HomeOffice, domain.CaseOfficer),
		t("提交绩效自评", "Submit the self-evaluation"), t("按资助项目规定的权重逐项打分", "Scores every factor that the programme weighs.")).
		refuses("missing-factor", "over-factor", "unknown-factor"),
	declare[*Pilot, Announce]("announce", who(HighestOffice, domain.CaseOfficer),
		t("发布公告", "Announce"), t("公告规模、项目、执行和效果", "Announces scale, projects, execution and effects.")),
	declare[*Pilot, Archive]("archive", machine,
		t("归档", "Archive"), t("封存档案,开始计算保管期限", "Seals the dossier and starts the retention clock.")),
}

var projectCommands = []*Declaration{
	declare[*Project, OpenProject]("open", machine,
		t("设立项目", "Open the project"), t("由批复生成项目", "Brings an approved proposal's project into being.")).creates(),
	declare[*Project, SignAsOrganization]("sign-as-organization", who(ApplicantSeat, domain.Applicant),
		t("组织签署协议", "Sign as the organization"), t("签署并提供本组织开户名和账号", "Signs and names the organization's own account.")).
		refuses("account-name", "already-signed"),
	declare[*Project, SignAsOffice]("sign-as-office", who(HomeOffice, domain.Approver),
		t("民政部门签署协议", "Sign as the office"), t("签署项目协议", "Signs the agreement.")).
		refuses("already-signed"),
	declare[*Project, RefuseAgreement]("refuse-agreement", who(ApplicantSeat, domain.Applicant),
		t("拒签协议", "Refuse to sign"), t("说明理由,资金退回可用额度", "Ends the project; its grant returns to the fund.")),
	declare[*Project, RecordTranche]("record-payment", machine,
		t("记录付款结果", "Record a payment"), t("拨付批次付款结果", "Notes how the payment of a tranche ended.")),
	declare[*Project, SubmitMilestone]("submit-milestone", who(ApplicantSeat, domain.Applicant),
		t("提交里程碑", "Submit a milestone"), t("附协议要求的全部佐证材料", "With every kind of evidence the agreement asks for.")).
		refuses("no-such-milestone", "missing-evidence", "no-such-file"),
	declare[*Project, AcceptWork]("accept-work", who(VillageSeat, domain.Village),
		t("村级验收", "Accept the work"), t("村委会现场确认", "The village committee's acceptance on site.")).
		refuses("no-such-milestone", "already-accepted"),
	declare[*Project, VerifyMilestone]("verify-milestone", who(HomeOffice, domain.CaseOfficer),
		t("核实里程碑", "Verify a milestone"), t("村级验收后经现场核实", "After the village's acceptance and a visit on site.")).
		refuses("no-such-milestone", "village-first", "future-day"),
	declare[*Project, ReturnMilestone]("return-milestone", who(HomeOffice, domain.CaseOfficer),
		t("退回里程碑", "Return a milestone"), t("说明理由,重新计算期限", "With a reason and a fresh deadline.")).
		refuses("no-such-milestone"),
	declare[*Project, ReportMidTerm]("report-midterm", who(ApplicantSeat, domain.Applicant),
		t("提交中期自评", "Report at mid-term"), t("无正当理由逾期视为不合格", "Late without excuse, it fails.")).
		refuses("no-such-file"),
	declare[*Project, JudgeMidTerm]("judge-midterm", who(EvaluatorSeat, domain.Evaluator),
		t("中期评估结论", "Judge the mid-term"), t("合格、整改或不合格", "Pass, rectify or fail.")).
		refuses("score-too-low"),
	declare[*Project, ReportRectification]("report-rectification", who(ApplicantSeat, domain.Applicant),
		t("提交整改报告", "Report the rectification"), t("提交后复评", "Re-evaluation follows.")).
		refuses("no-such-file"),
	declare[*Project, SubmitFinalReport]("submit-final-report", who(ApplicantSeat, domain.Applicant),
		t("提交结项报告", "Submit the final report"), t("逐项报告绩效指标完成情况", "With what was achieved, indicator by indicator.")).
		refuses("indicator-count", "no-such-file"),
	declare[*Project, JudgeFinal]("judge-final", who(EvaluatorSeat, domain.Evaluator),
		t("末期评估结论", "Judge the final evaluation"), t("里程碑全部核实、中期合格方可通过", "Passes only with every milestone verified and the mid-term passed.")).
		refuses("milestone-open", "midterm-open", "score-too-low"),
	declare[*Project, SubmitSettlement]("submit-settlement", who(ApplicantSeat, domain.Applicant),
		t("提交决算", "Submit the settlement"), t("决算报告和彩票公益金标识照片;金额以核定的票据为准", "The final account and photos of the lottery mark; the amounts are those of the judged receipts.")).
		refuses("spending-open", "entrusted-left", "change-pending", "no-such-file"),
	declare[*Project, AcceptSettlement]("accept-settlement", who(HomeOffice, domain.Finance),
		t("审定决算", "Accept the settlement"), t("据核定支出拨付尾款、收回结余或追回不予认可的资金", "The last tranche, a refund, or the recovery of what was disallowed follows from the judged receipts.")).
		refuses("payment-under-way", "entrusted-left", "matching-short"),
	declare[*Project, ReturnSettlement]("return-settlement", who(HomeOffice, domain.Finance),
		t("退回决算", "Return the settlement"), t("说明理由,重新计算期限", "With a reason and a fresh deadline.")),
	declare[*Project, RecordRefund]("record-refund", who(HomeOffice, domain.Finance),
		t("登记结余退回", "Record the refund"), t("未使用资金已退回,可分次登记", "Unspent money has come back, all of it or a part.")).
		refuses("payment-under-way", "refund-amount", "duplicate-voucher", "no-such-file"),
	declare[*Project, DemandRefund]("demand-refund", who(HomeOffice, domain.Finance),
		t("追讨未退结余", "Demand the refund"), t("逾期未退的结余转为应追回款项,项目继续结项", "Unspent money that was not returned becomes a debt; the project goes on to its closing.")).
		refuses("payment-under-way"),
	declare[*Project, CloseProject]("close", who(EvaluatorSeat, domain.Evaluator),
		t("结项", "Close the project"), t("评估机构出具结项结论", "The evaluator's closing verdict.")).
		refuses("payment-under-way"),
	declare[*Project, RefuseClosing]("refuse-closing", who(EvaluatorSeat, domain.Evaluator),
		t("不予结项", "Refuse to close"), t("说明理由", "With the reasons.")),
	declare[*Project, ReportSpending]("report-spending", who(ApplicantSeat, domain.Applicant),
		t("报告支出", "Report spending"), t("逐张票据报告支出;无支出也应报告", "Receipt by receipt; a report without receipts tells that nothing was spent.")).
		refuses("unknown-spending", "forbidden-spending", "not-in-budget", "duplicate", "future-day", "over-line", "no-such-file"),
	declare[*Project, JudgeSpending]("judge-spending", who(HomeOffice, domain.Finance),
		t("核定支出", "Judge spending"), t("逐张核定;不予认可的说明理由,重复使用的票据不得认可", "Accepts every receipt but those that are disallowed; a reused one cannot be accepted.")).
		refuses("no-such-receipt", "receipt-reused", "over-grant", "over-entrusted"),
	declare[*Project, RequestChange]("request-change", who(ApplicantSeat, domain.Applicant),
		t("申请变更", "Ask for a change"), t("小额预算调剂即时生效并备案;村、用途、受益对象等变更须审批", "A small shift of the budget takes effect at once and is logged; village, purpose, beneficiaries and the rest need approval.")).
		refuses("change-pending", "nothing-changes", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "budget-grows", "below-spent", "below-paid", "unknown-purpose", "unknown-village", "no-such-milestone", "past-day", "after-rollout"),
	declare[*Project, ApproveChange]("approve-change", who(HomeOffice, domain.Approver),
		t("批准变更", "Approve the change"), t("计划、批次、指标和协议一并变更", "Plan, tranches, indicators and agreement change together.")).
		refuses("nothing-changes", "below-spent", "below-paid", "no-such-milestone", "past-day"),
	declare[*Project, RefuseChange]("refuse-change", who(HomeOffice, domain.Approver),
		t("不批准变更", "Refuse the change"), t("说明理由,计划不变", "With the reason; the plan stays.")),
	declare[*Project, RecordEntrusted]("record-entrusted", who(HomeOffice, domain.Finance),
		t("登记受托资金", "Enter entrusted money"), t("捐赠方委托代为落实的资金,单独核算", "Money that a donor entrusts for delivery, kept apart.")).
		refuses("duplicate-voucher", "no-such-file"),
	declare[*Project, ReturnEntrusted]("return-entrusted", who(HomeOffice, domain.Finance),
		t("退还受托资金", "Give entrusted money back"), t("未使用的受托资金退还捐赠方", "What was not needed goes back to the donor.")).
		refuses("over-entrusted", "duplicate-voucher", "no-such-file"),
	declare[*Project, RecordDiversion]("record-diversion", who(HomeOffice, domain.Finance, domain.CaseOfficer),
		t("登记挪用", "Record diverted money"), t("挪用的资金立即追回,组织在禁期内不得申报", "It is claimed back at once, and the organization is banned from new applications.")).
		refuses("over-advance", "no-such-file"),
	declare[*Project, Terminate]("terminate", who(HomeOffice, domain.Approver),
		t("终止并追回", "Terminate and recover"), t("说明理由;已拨未核定的资金追回", "With the reason; what was paid and not accepted is claimed back.")),
}

var recoveryCommands = []*Declaration{
	declare[*Recovery, OpenRecovery]("open", machine,
		t("发起追回", "Open the recovery"), t("追讨应归还的款项", "Begins to claim what is owed.")).creates(),
	declare[*Recovery, AgreeInstalments]("agree-instalments", who(HomeOffice, domain.Approver),
		t("同意分期归还", "Agree on instalments"), t("各期之和等于尚欠金额", "The instalments make up what is owed.")).
		refuses("instalment-day", "instalment-sum"),
	declare[*Recovery, RecordRepayment]("record-repayment", who(HomeOffice, domain.Finance),
		t("登记归还", "Record a repayment"), t("可分次登记,还清为止", "All of the debt or a part, until nothing is owed.")).
		refuses("over-debt", "duplicate-voucher", "no-such-file"),
}

var differenceCommands = []*Declaration{
	declare[*Difference, OpenDifference]("open", machine,
		t("登记差异", "Open a difference"), t("对账发现的差异", "What reconciliation found not to agree.")).creates(),
	declare[*Difference, ExplainDifference]("explain", who(HomeOffice, domain.Finance),
		t("说明差异", "Explain the difference"), t("说明原因;更正由相应操作另行办理", "Says what it was; a correction is made by the command it needs.")).
		refuses("no-such-file"),
}

var paymentCommands = []*Declaration{
	declare[*Payment, OpenPayment]("open", machine,
		t("发起付款", "Open the payment"), t("为一次付款预留资金", "Reserves the money of one attempt.")).creates(),
	declare[*Payment, ReleasePayment]("release", who(HomeOffice, domain.Finance, domain.Approver),
		t("审核放款", "Release the payment"), t("须由两名不同人员放款", "Two different officers must release it.")).
		refuses("same-person", "conflict-of-interest", "account-name"),
	declare[*Payment, RecordInstruction]("record-instruction", machine,
		t("记录付款指令", "Record the instruction"), t("付款通道的回执", "Notes the gateway's answer.")),
	declare[*Payment, StopPaymentOrder]("stop", machine,
		t("停止付款", "Stop the payment"), t("项目终止时,尚未发出的付款作废", "Of a terminated project: the attempt is given up before the bank has it.")),
	declare[*Payment, ConfirmPayment]("confirm", who(HomeOffice, domain.Finance),
		t("确认付款", "Confirm the payment"), t("录入凭证号并上传回单", "Enters the voucher's number with the uploaded slip: the money went out, or stayed out.")).
		refuses("no-such-file", "duplicate-voucher"),
	declare[*Payment, VoidPayment]("void", who(HomeOffice, domain.Finance),
		t("作废付款", "Void the payment"), t("付款指令发出前作废,随后重新发起", "Gives this attempt up before the bank is instructed; a new one follows.")),
	declare[*Payment, ReturnPayment]("return-payment", who(HomeOffice, domain.Finance),
		t("登记退汇", "Record that the bank returned it"), t("银行退回款项,随后重新发起;已入账的冲回", "The bank sent the money back; a new attempt follows. What was posted is reversed.")).
		refuses("bank-has-it"),
}

// Events declares everything that can happen, in the order of the lifecycle.
var Events = slices.Concat(pilotEvents, projectEvents, paymentEvents, recoveryEvents, differenceEvents, timeEvents())

var pilotEvents = []*EventType{
	happens[*Pilot, PilotDrafted]("drafted", t("开始起草申报", "Application begun")),
	happens[*Pilot, DraftSaved]("draft-saved", t("草稿已保存", "Draft saved")),
	happens[*Pilot, PilotSubmitted]("submitted", t("申报已提交", "Application submitted")),
	happens[*Pilot, PilotWithdrawn]("withdrawn", t("申报已撤回", "Application withdrawn")),
	happens[*Pilot, EligibilityChecked]("eligibility-checked", t("资格已与名录核对", "Eligibility checked against the directory")),
	happens[*Pilot, ProposalRemoved]("proposal-removed", t("一个项目退出", "A proposal left")),
	happens[*Pilot, PilotFailed]("failed", t("没有剩余项目,未能立项", "No proposal is left")),
	happens[*Pilot, PilotAccepted]("accepted", t("申报已受理", "Application accepted")),
	happens[*Pilot, CorrectionRequested]("correction-requested", t("要求补正", "Correction requested")),
	happens[*Pilot, PilotCorrected]("corrected", t("申报已补正", "Application corrected")),
	happens[*Pilot, PilotRefused]("refused", t("不予受理", "Application refused")),
	happens[*Pilot, PilotEndorsed]("endorsed", t("审核通过并推荐", "Endorsed")),
	happens[*Pilot, PilotReturned]("returned", t("退回下一级", "Returned one level down")),
	happens[*Pilot, PilotRejected]("rejected", t("申报被否决", "Rejected")),
	happens[*Pilot, PanelAppointed]("panel-appointed", t("评审小组成立", "Panel appointed")),
	happens[*Pilot, ProposalScored]("scored", t("专家评分", "Proposal scored")),
	happens[*Pilot, ExpertRecused]("recused", t("专家回避", "Expert recused")),
	happens[*Pilot, ReviewConcluded]("review-concluded", t("评审结束", "Review concluded")),
	happens[*Pilot, NoticeOpened]("notice-opened", t("公示开始", "Public notice opened")),
	happens[*Pilot, Objected]("objected", t("收到异议,该项目暂停", "Objection filed; the proposal pauses")),
	happens[*Pilot, ObjectionDecided]("objection-decided", t("异议已处理", "Objection decided")),
	happens[*Pilot, ProposalCleared]("cleared", t("公示期满无异议", "Notice ended, proposal cleared")),
	happens[*Pilot, PilotApproved]("approved", t("立项批复", "Written approval given")),
	happens[*Pilot, VillageEnded]("village-ended", t("一个村的项目结束", "A village's project ended")),
	happens[*Pilot, VerdictsComplete]("verdicts-complete", t("全部项目结论已出", "Every verdict is in")),
	happens[*Pilot, ContractPaid]("contract-paid", t("评估费已支付", "Evaluator paid")),
	happens[*Pilot, ContractFinal]("contract-final", t("评估费已清讫", "Payment of the evaluator final")),
	happens[*Pilot, ContractReversed]("contract-reversed", t("评估费被银行退回,冲回", "Payment of the evaluator came back, reversed")),
	happens[*Pilot, ContractUnpaid]("contract-unpaid", t("评估费付款未成功", "Payment of the evaluator failed")),
	happens[*Pilot, SummarySubmitted]("summary-submitted", t("绩效自评已提交", "Self-evaluation submitted")),
	happens[*Pilot, Announced]("announced", t("已向社会公告", "Announced to the public")),
	happens[*Pilot, PilotArchived]("archived", t("已归档", "Archived")),
}

var projectEvents = []*EventType{
	happens[*Project, ProjectOpened]("opened", t("项目设立", "Project opened")),
	happens[*Project, AgreementSigned]("agreement-signed", t("一方签署协议", "One side signed")),
	happens[*Project, AgreementConcluded]("agreement-concluded", t("协议签订", "Agreement concluded")),
	happens[*Project, ProjectAbandoned]("abandoned", t("组织放弃项目", "Project abandoned")),
	happens[*Project, TrancheDue]("tranche-due", t("拨付条件已满足", "A tranche fell due")),
	happens[*Project, TranchePaid]("tranche-paid", t("款项已拨付", "Tranche paid")),
	happens[*Project, TrancheFinal]("tranche-final", t("批次款已清讫", "Tranche final")),
	happens[*Project, TrancheReversed]("tranche-reversed", t("批次款被银行退回,冲回", "Tranche came back, reversed")),
	happens[*Project, PaymentCameHome]("payment-came-home", t("已追讨的款项被银行退回,请登记归还", "Money claimed back came home from the bank: enter it as a repayment")),
	happens[*Project, TrancheUnpaid]("tranche-unpaid", t("本次付款未成功", "This payment failed")),
	happens[*Project, RolloutBegun]("rollout-begun", t("项目开始实施", "Rollout begun")),
	happens[*Project, MilestoneSubmitted]("milestone-submitted", t("里程碑已提交", "Milestone submitted")),
	happens[*Project, WorkAccepted]("work-accepted", t("村级验收通过", "Village accepted the work")),
	happens[*Project, MilestoneVerified]("milestone-verified", t("里程碑已核实", "Milestone verified")),
	happens[*Project, MilestoneReturned]("milestone-returned", t("里程碑被退回", "Milestone returned")),
	happens[*Project, SpendingReported]("spending-reported", t("支出已报告", "Spending reported")),
	happens[*Project, SpendingJudged]("spending-judged", t("支出已核定", "Spending judged")),
	happens[*Project, ChangeRequested]("change-requested", t("申请变更", "Change requested")),
	happens[*Project, ChangeApplied]("change-applied", t("变更生效", "Change took effect")),
	happens[*Project, ChangeRefused]("change-refused", t("变更未获批准", "Change refused")),
	happens[*Project, EntrustedReceived]("entrusted-received", t("收到受托资金", "Entrusted money received")),
	happens[*Project, EntrustedGivenBack]("entrusted-given-back", t("受托资金已退还", "Entrusted money given back")),
	happens[*Project, DiversionFound]("diversion-found", t("查实挪用资金", "Diverted money found")),
	happens[*Project, DebtArisen]("debt-arisen", t("产生应追回款项", "Money is claimed back")),
	happens[*Project, MidTermReported]("midterm-reported", t("中期自评已提交", "Mid-term report submitted")),
	happens[*Project, MidTermJudged]("midterm-judged", t("中期评估结论", "Mid-term verdict")),
	happens[*Project, RectificationReported]("rectification-reported", t("整改已报告", "Rectification reported")),
	happens[*Project, RolloutEnded]("rollout-ended", t("实施期结束", "Rollout ended")),
	happens[*Project, FinalReported]("final-reported", t("结项报告已提交", "Final report submitted")),
	happens[*Project, FinalJudged]("final-judged", t("末期评估结论", "Final verdict")),
	happens[*Project, SettlementSubmitted]("settlement-submitted", t("决算已提交", "Settlement submitted")),
	happens[*Project, SettlementAccepted]("settlement-accepted", t("决算已审定", "Settlement accepted")),
	happens[*Project, SettlementReturned]("settlement-returned", t("决算被退回", "Settlement returned")),
	happens[*Project, RefundRecorded]("refunded", t("结余已退回", "Unspent money returned")),
	happens[*Project, RefundDemanded]("refund-demanded", t("未退结余转为应追回款项", "Unreturned money demanded")),
	happens[*Project, ClosingOpened]("closing-opened", t("等待结项结论", "Closing verdict awaited")),
	happens[*Project, ClosingRefused]("closing-refused", t("不予结项", "Closing refused")),
	happens[*Project, ProjectClosed]("closed", t("项目结项", "Project closed")),
	happens[*Project, ProjectTerminated]("terminated", t("项目终止", "Project terminated")),
	happens[*Project, StrayPaymentEnded]("stray-payment-ended", t("终止时在途付款已了结", "Payment under way at the termination ended")),
}

var paymentEvents = []*EventType{
	happens[*Payment, PaymentOpened]("opened", t("付款发起,资金预留", "Payment opened, money reserved")),
	happens[*Payment, PaymentReleased]("released", t("一名人员放款", "One officer released")),
	happens[*Payment, PaymentInstructed]("instructed", t("付款指令已发出", "Bank instructed")),
	happens[*Payment, PaymentPosted]("posted", t("付款已确认入账", "Payment confirmed")),
	happens[*Payment, PaymentVoided]("voided", t("付款已作废", "Payment voided")),
	happens[*Payment, PaymentReturned]("returned", t("银行退回款项", "Bank returned the money")),
	happens[*Payment, WindowOpened]("window-opened", t("付款日到来", "Payment window opened")),
	happens[*Payment, FinalityDue]("finality-due", t("退汇期届满", "Time for a return has passed")),
	happens[*Payment, PaymentSettled]("settled", t("确认款项未退回", "The money stayed")),
}

var recoveryEvents = []*EventType{
	happens[*Recovery, RecoveryOpened]("opened", t("发起追回", "Recovery opened")),
	happens[*Recovery, InstalmentsAgreed]("instalments-agreed", t("同意分期归还", "Instalments agreed")),
	happens[*Recovery, RepaymentRecorded]("repaid", t("收到归还款项", "Money paid back")),
	happens[*Recovery, RecoveryCompleted]("recovered", t("追回完毕", "Fully recovered")),
}

var differenceEvents = []*EventType{
	happens[*Difference, DifferenceFound]("found", t("发现对账差异", "Difference found")),
	happens[*Difference, DifferenceExplained]("explained", t("差异已说明", "Difference explained")),
}
