package project

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/plan"
)

// Aggregate describes projects (项目) to the engine: their commands, events, ledger entries, stages and waits.
var Aggregate = flow.Describe(flow.Aggregate{
	Kind: Kind, Collection: "projects", Title: domain.T("项目", "Project"), Empty: &Project{},
	Doc:     "项目: one organization's work in one village. 协议、变更、里程碑、支出与票据、评估、决算、结项。",
	Carried: flow.ByChild("Project", "project"),
	Stages:  stages, Steps: steps, Waits: waits, Terms: terms, Commands: commands, Events: events, Bookings: bookings,
	Claims: []flow.Claim{{Prefix: "receipt"}, plan.VoucherClaim},
	Owner: func(s flow.State, of ledger.OwnerKind) string {
		if p := s.(*Project); of == ledger.OfPilot {
			return p.Pilot
		}
		return s.Common().ID
	},
})

// Aggregate returns the description of the aggregate kind.
func (*Project) Aggregate() *flow.Aggregate { return Aggregate }

var commands = []*flow.Declaration{
	flow.Declare[*Project, OpenProject]("open", flow.Itself,
		domain.T("设立项目", "Open the project"), domain.T("由批复生成项目", "Creates the project of an approved proposal.")).Creating(),
	flow.Declare[*Project, SignAsOrganization]("sign-as-organization", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("组织签署协议", "Sign as the organization"), domain.T("签署并提供本组织开户名和账号", "Signs the agreement and gives the organization's own account.")).
		Refusing("account-name", "already-signed"),
	flow.Declare[*Project, SignAsOffice]("sign-as-office", flow.In(plan.HomeOffice, domain.Approver),
		domain.T("民政部门签署协议", "Sign as the office"), domain.T("签署项目协议", "Signs the agreement.")).
		Refusing("already-signed"),
	flow.Declare[*Project, RefuseAgreement]("refuse-agreement", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("拒签协议", "Refuse to sign the agreement"), domain.T("说明理由，资金退回可用额度", "Ends the project, with a reason; its grant is available again.")),
	flow.Declare[*Project, RecordTranche]("record-payment", flow.Itself,
		domain.T("记录付款结果", "Record a payment"), domain.T("拨付批次付款结果", "Records how the payment of a tranche ended.")).Crossing(),
	flow.Declare[*Project, SubmitMilestone]("submit-milestone", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("提交里程碑", "Submit a milestone"), domain.T("附协议要求的全部佐证材料", "Submits a milestone with every kind of evidence that the agreement requires.")).
		Refusing("no-such-milestone", "missing-evidence", "no-such-file", "already-submitted", "already-verified"),
	flow.Declare[*Project, AcceptWork]("accept-work", flow.In(plan.VillageSeat, domain.Village),
		domain.T("村级验收", "Accept the work"), domain.T("村民委员会现场确认", "The village committee accepts the work on site.")).
		Refusing("no-such-milestone", "already-accepted", "not-submitted", "already-verified"),
	flow.Declare[*Project, VerifyMilestone]("verify-milestone", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("核实里程碑", "Verify a milestone"), domain.T("村级验收后经现场核实", "Verifies a milestone after the village's acceptance and a visit on site.")).
		Refusing("no-such-milestone", "village-first", "future-day", "visit-too-early", "not-submitted", "already-verified"),
	flow.Declare[*Project, ReturnMilestone]("return-milestone", flow.In(plan.HomeOffice, domain.CaseOfficer),
		domain.T("退回里程碑", "Return a milestone"), domain.T("说明理由，重新计算期限", "Sends it back with a reason and a new deadline.")).
		Refusing("no-such-milestone", "not-submitted", "already-verified"),
	flow.Declare[*Project, ReportMidTerm]("report-midterm", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("提交中期自评", "Submit the mid-term report"), domain.T("报告前半期情况；无正当理由逾期的，中期评估不合格", "Reports on the first half; a report that is late without excuse fails the mid-term.")).
		Refusing("no-such-file", "already-submitted", "already-judged"),
	flow.Declare[*Project, JudgeMidTerm]("judge-midterm", flow.In(plan.EvaluatorSeat, domain.Evaluator),
		domain.T("中期评估结论", "Judge the mid-term evaluation"), domain.T("合格、整改或不合格", "Pass, rectify or fail.")).
		Refusing("score-too-low", "not-submitted", "already-judged"),
	flow.Declare[*Project, ReportRectification]("report-rectification", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("提交整改报告", "Report the rectification"), domain.T("提交后复评", "A new evaluation follows.")).
		Refusing("no-such-file", "already-submitted", "already-judged"),
	flow.Declare[*Project, SubmitFinalReport]("submit-final-report", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("提交结项报告", "Submit the final report"), domain.T("逐项报告绩效指标完成情况", "Reports what was achieved, indicator by indicator.")).
		Refusing("indicator-count", "no-such-file", "already-submitted", "already-judged"),
	flow.Declare[*Project, JudgeFinal]("judge-final", flow.In(plan.EvaluatorSeat, domain.Evaluator),
		domain.T("末期评估结论", "Judge the final evaluation"), domain.T("里程碑全部核实、中期合格方可通过", "A project passes only with every milestone verified and the mid-term passed.")).
		Refusing("milestone-open", "midterm-open", "score-too-low", "not-submitted", "already-judged"),
	flow.Declare[*Project, SubmitSettlement]("submit-settlement", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("提交决算", "Submit the settlement"), domain.T("决算报告和彩票公益金标识照片；金额以核定的票据为准", "Submits the final account and photos of the lottery mark; the amounts are those of the accepted receipts.")).
		Refusing("spending-open", "entrusted-left", "change-pending", "no-such-file", "already-submitted", "already-judged"),
	flow.Declare[*Project, AcceptSettlement]("accept-settlement", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("审定决算", "Accept the settlement"), domain.T("据核定支出拨付尾款、收回结余或追回不予认可的资金", "The accepted spending decides what follows: the last tranche, a refund, or the recovery of what was disallowed.")).
		Refusing("payment-under-way", "entrusted-left", "matching-short", "not-submitted", "already-judged"),
	flow.Declare[*Project, ReturnSettlement]("return-settlement", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("退回决算", "Return the settlement"), domain.T("说明理由，重新计算期限", "Sends it back with a reason and a new deadline.")).
		Refusing("not-submitted", "already-judged"),
	flow.Declare[*Project, RecordRefund]("record-refund", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("登记结余退回", "Record the refund"), domain.T("未使用资金已退回，可分次登记", "Unspent money has been returned, all or part of it.")).
		Refusing("payment-under-way", "refund-amount", "duplicate-voucher", "no-such-file"),
	flow.Declare[*Project, DemandRefund]("demand-refund", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("催缴未退结余", "Demand the refund"), domain.T("逾期未退的结余转为应追回款项，项目继续结项", "Unspent money that was not returned in time becomes a debt; the project goes on to its closing.")).
		Refusing("payment-under-way"),
	flow.Declare[*Project, CloseProject]("close", flow.In(plan.EvaluatorSeat, domain.Evaluator),
		domain.T("结项", "Close the project"), domain.T("评估机构出具结项结论", "The evaluator gives the closing verdict.")).
		Refusing("payment-under-way"),
	flow.Declare[*Project, RefuseClosing]("refuse-closing", flow.In(plan.EvaluatorSeat, domain.Evaluator),
		domain.T("不予结项", "Refuse to close"), domain.T("说明理由", "Refuses to close the project, with the reasons.")),
	flow.Declare[*Project, ReportSpending]("report-spending", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("报告支出", "Report spending"), domain.T("逐张票据报告支出；无支出也应报告", "Reports spending receipt by receipt; a report without receipts says that nothing was spent.")).
		Refusing("unknown-spending", "forbidden-spending", "not-in-budget", "duplicate", "receipt-reported", "future-day", "over-line", "no-such-file", "before-agreement"),
	flow.Declare[*Project, JudgeSpending]("judge-spending", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("核定支出", "Judge spending"), domain.T("逐张核定；不予认可的说明理由，重复使用的票据不得认可", "Accepts every receipt that is not disallowed; a reused one cannot be accepted.")).
		Refusing("no-such-receipt", "receipt-reused", "over-grant", "over-entrusted", "no-such-report", "already-judged"),
	flow.Declare[*Project, RequestChange]("request-change", flow.In(plan.ApplicantSeat, domain.Applicant),
		domain.T("申请变更", "Ask for a change"), domain.T("小额预算调剂即时生效并备案；村、用途、受益对象等变更须审批", "A small shift within the budget takes effect at once and is logged; a change of village, purpose, beneficiaries or anything else needs approval.")).
		Refusing("change-pending", "nothing-changes", "unknown-spending", "forbidden-spending", "over-admin", "matching-short", "budget-grows", "below-spent", "below-paid", "unknown-purpose", "unknown-village", "no-such-milestone", "past-day", "after-rollout"),
	flow.Declare[*Project, ApproveChange]("approve-change", flow.In(plan.HomeOffice, domain.Approver),
		domain.T("批准变更", "Approve the change"), domain.T("计划、批次、指标和协议一并变更", "Plan, tranches, indicators and agreement change together.")).
		Refusing("nothing-changes", "below-spent", "below-paid", "no-such-milestone", "past-day", "no-change-pending"),
	flow.Declare[*Project, RefuseChange]("refuse-change", flow.In(plan.HomeOffice, domain.Approver),
		domain.T("不批准变更", "Refuse the change"), domain.T("说明理由，计划不变", "Refuses the change with a reason; the plan stays as it is.")).
		Refusing("no-change-pending"),
	flow.Declare[*Project, RecordEntrusted]("record-entrusted", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("登记受托资金", "Record entrusted money"), domain.T("捐赠方委托代为落实的资金，单独核算", "Records money that a donor entrusts for delivery; it is accounted for separately.")).
		Refusing("duplicate-voucher", "no-such-file"),
	flow.Declare[*Project, ReturnEntrusted]("return-entrusted", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("退还受托资金", "Record entrusted money given back"), domain.T("未使用的受托资金退还捐赠方", "Entrusted money that was not used goes back to the donor.")).
		Refusing("over-entrusted", "duplicate-voucher", "no-such-file"),
	flow.Declare[*Project, RecordDiversion]("record-diversion", flow.In(plan.HomeOffice, domain.Finance, domain.CaseOfficer),
		domain.T("登记挪用", "Record diverted money"), domain.T("挪用的资金立即追回，组织在禁期内不得参与申报", "Recovers the money at once and bans the organization from new applications.")).
		Refusing("over-advance", "no-such-file"),
	flow.Declare[*Project, Terminate]("terminate", flow.In(plan.HomeOffice, domain.Approver),
		domain.T("终止并追回", "Terminate and recover"), domain.T("说明理由；已拨未核定的资金追回", "Terminates the project, with a reason; what was paid and not accepted is recovered.")),
}

var events = []*flow.EventType{
	flow.Happens[*Project, ProjectOpened]("opened", domain.T("项目设立", "Project opened")),
	flow.Happens[*Project, AgreementSigned]("agreement-signed", domain.T("一方签署协议", "One side signed")),
	flow.Happens[*Project, AgreementConcluded]("agreement-concluded", domain.T("协议签订", "Agreement concluded")),
	flow.Happens[*Project, ProjectAbandoned]("abandoned", domain.T("组织拒签协议，项目放弃", "Organization refused to sign; project abandoned")),
	flow.Happens[*Project, TrancheDue]("tranche-due", domain.T("拨付条件已满足", "Conditions of a tranche met")),
	flow.Happens[*Project, TranchePaid]("tranche-paid", domain.T("款项已拨付", "Tranche paid")),
	flow.Happens[*Project, TrancheFinal]("tranche-final", domain.T("批次款已最终确认（退汇期满）", "Tranche final")),
	flow.Happens[*Project, TrancheReversed]("tranche-reversed", domain.T("批次款被银行退回，冲回", "Tranche sent back and reversed")),
	flow.Happens[*Project, PaymentCameHome]("payment-came-home", domain.T("已列入追回的款项被银行退回，请登记归还", "Bank sent back money that is being recovered: record it as a repayment")),
	flow.Happens[*Project, TrancheUnpaid]("tranche-unpaid", domain.T("本次付款未成功", "This payment failed")),
	flow.Happens[*Project, RolloutBegun]("rollout-begun", domain.T("项目开始实施", "Rollout begun")),
	flow.Happens[*Project, MilestoneSubmitted]("milestone-submitted", domain.T("里程碑已提交", "Milestone submitted")).Formerly(flow.Upcast(milestoneSubmitted1.upcast)),
	flow.Happens[*Project, WorkAccepted]("work-accepted", domain.T("村级验收通过", "Village accepted the work")),
	flow.Happens[*Project, MilestoneVerified]("milestone-verified", domain.T("里程碑已核实", "Milestone verified")),
	flow.Happens[*Project, MilestoneReturned]("milestone-returned", domain.T("里程碑被退回", "Milestone returned")),
	flow.Happens[*Project, SpendingReported]("spending-reported", domain.T("支出已报告", "Spending reported")),
	flow.Happens[*Project, SpendingJudged]("spending-judged", domain.T("支出已核定", "Spending judged")),
	flow.Happens[*Project, ChangeRequested]("change-requested", domain.T("申请变更", "Change requested")),
	flow.Happens[*Project, ChangeApplied]("change-applied", domain.T("变更生效", "Change took effect")),
	flow.Happens[*Project, ChangeRefused]("change-refused", domain.T("变更未获批准", "Change refused")),
	flow.Happens[*Project, EntrustedReceived]("entrusted-received", domain.T("收到受托资金", "Entrusted money received")),
	flow.Happens[*Project, EntrustedGivenBack]("entrusted-given-back", domain.T("受托资金已退还", "Entrusted money given back")),
	flow.Happens[*Project, DiversionFound]("diversion-found", domain.T("查实挪用资金", "Diverted money found")),
	flow.Happens[*Project, DebtArisen]("debt-arisen", domain.T("产生应追回款项", "Debt arisen")),
	flow.Happens[*Project, MidTermReported]("midterm-reported", domain.T("中期自评已提交", "Mid-term report submitted")),
	flow.Happens[*Project, MidTermJudged]("midterm-judged", domain.T("中期评估结论", "Mid-term verdict")),
	flow.Happens[*Project, RectificationReported]("rectification-reported", domain.T("整改报告已提交", "Rectification reported")),
	flow.Happens[*Project, RolloutEnded]("rollout-ended", domain.T("实施期结束", "Rollout ended")),
	flow.Happens[*Project, FinalReported]("final-reported", domain.T("结项报告已提交", "Final report submitted")),
	flow.Happens[*Project, FinalJudged]("final-judged", domain.T("末期评估结论", "Final verdict")),
	flow.Happens[*Project, SettlementSubmitted]("settlement-submitted", domain.T("决算已提交", "Settlement submitted")),
	flow.Happens[*Project, SettlementAccepted]("settlement-accepted", domain.T("决算已审定", "Settlement accepted")),
	flow.Happens[*Project, SettlementReturned]("settlement-returned", domain.T("决算被退回", "Settlement returned")),
	flow.Happens[*Project, RefundRecorded]("refunded", domain.T("结余已退回", "Unspent money returned")),
	flow.Happens[*Project, RefundDemanded]("refund-demanded", domain.T("未退结余转为应追回款项", "Unreturned money turned into a debt")),
	flow.Happens[*Project, ClosingOpened]("closing-opened", domain.T("等待结项结论", "Closing verdict awaited")),
	flow.Happens[*Project, ClosingRefused]("closing-refused", domain.T("不予结项", "Closing refused")),
	flow.Happens[*Project, ProjectClosed]("closed", domain.T("项目结项", "Project closed")),
	flow.Happens[*Project, ProjectTerminated]("terminated", domain.T("项目终止", "Project terminated")),
	flow.Happens[*Project, StrayPaymentEnded]("stray-payment-ended", domain.T("终止时在途付款已了结", "Payment that was under way at the termination ended")),
}

var bookings = []flow.Booking{
	flow.Books(domain.T("拨付前已核定的支出", "spending accepted before the money was paid"), ledger.From(ledger.OfProject, ledger.Advance), ledger.To(ledger.OfProject, ledger.Spent),
		func(_ *Project, e *TranchePaid) []ledger.Part { return byLine(e.Booked) }),
	flow.Books(domain.T("以退回款项抵付的支出，冲回", "reversal of the spending covered by the returned money"), ledger.From(ledger.OfProject, ledger.Spent), ledger.To(ledger.OfProject, ledger.Advance),
		func(_ *Project, e *TrancheReversed) []ledger.Part { return byLine(e.Unbooked) }),
	flow.Books(domain.T("退回的批次款，冲回", "reversal of the tranche that was sent back"), ledger.From(ledger.OfProject, ledger.Advance), ledger.To(ledger.OfProject, ledger.Commitment),
		func(_ *Project, e *TrancheReversed) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("核定支出，以已拨付为限", "accepted spending, up to the money paid"), ledger.From(ledger.OfProject, ledger.Advance), ledger.To(ledger.OfProject, ledger.Spent),
		func(_ *Project, e *SpendingJudged) []ledger.Part { return byLine(e.Booked) }),
	flow.Books(domain.T("货币配套", "matching funds paid in money"), ledger.From(ledger.OfProject, ledger.Matching), ledger.To(ledger.OfProject, ledger.MatchingPaid),
		func(_ *Project, e *SpendingJudged) []ledger.Part { return byLine(e.Matching) }),
	flow.Books(domain.T("实物配套", "matching in kind"), ledger.From(ledger.OfProject, ledger.Matching), ledger.To(ledger.OfProject, ledger.MatchingInKind),
		func(_ *Project, e *SpendingJudged) []ledger.Part { return byLine(e.InKind) }),
	flow.Books(domain.T("受托支出", "spending of entrusted money"), ledger.From(ledger.OfProject, ledger.EntrustedHeld), ledger.To(ledger.OfProject, ledger.EntrustedSpent),
		func(_ *Project, e *SpendingJudged) []ledger.Part { return byLine(e.Entrusted) }),
	flow.Books(domain.T("受托资金", "the entrusted money"), ledger.From(ledger.OfProject, ledger.Entrusted), ledger.To(ledger.OfProject, ledger.EntrustedHeld),
		func(_ *Project, e *EntrustedReceived) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("退还金额", "the amount given back"), ledger.From(ledger.OfProject, ledger.EntrustedHeld), ledger.To(ledger.OfProject, ledger.EntrustedReturned),
		func(_ *Project, e *EntrustedGivenBack) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("核减的资助金额", "the reduction of the grant"), ledger.From(ledger.OfProject, ledger.Commitment), ledger.To(ledger.OfPilot, ledger.Available),
		func(_ *Project, e *ChangeApplied) []ledger.Part { return ledger.Whole(e.ReleasedFen) }),
	flow.Books(domain.T("原已核定、经查挪用的支出，冲回", "reversal of accepted spending found to be diverted"), ledger.From(ledger.OfProject, ledger.Spent), ledger.To(ledger.OfProject, ledger.Advance),
		func(_ *Project, e *DiversionFound) []ledger.Part { return byLine(e.Unbooked) }),
	flow.Books(domain.T("待追回金额", "the amount to be recovered"), ledger.From(ledger.OfProject, ledger.Advance), ledger.To(ledger.OfProject, ledger.Disallowed),
		func(_ *Project, e *DebtArisen) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("尾款以外的资助余额", "what is left of the grant besides the last tranche"), ledger.From(ledger.OfProject, ledger.Commitment), ledger.To(ledger.OfPilot, ledger.Available),
		func(_ *Project, e *SettlementAccepted) []ledger.Part { return ledger.Whole(e.ReleasedFen) }),
	flow.Books(domain.T("退回的结余", "unspent money"), ledger.From(ledger.OfProject, ledger.Advance), ledger.To(ledger.OfPilot, ledger.Treasury),
		func(_ *Project, e *RefundRecorded) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("全部资助金额", "the whole grant"), ledger.From(ledger.OfProject, ledger.Commitment), ledger.To(ledger.OfPilot, ledger.Available),
		func(_ *Project, e *ProjectAbandoned) []ledger.Part { return ledger.Whole(e.ReleasedFen) }),
	flow.Books(domain.T("未拨付且不在途的资助余额", "the part of the grant neither paid nor under way"), ledger.From(ledger.OfProject, ledger.Commitment), ledger.To(ledger.OfPilot, ledger.Available),
		func(_ *Project, e *ProjectTerminated) []ledger.Part { return ledger.Whole(e.ReleasedFen) }),
	flow.Books(domain.T("未付出的款项", "the payment that was not made"), ledger.From(ledger.OfProject, ledger.Commitment), ledger.To(ledger.OfPilot, ledger.Available),
		func(_ *Project, e *StrayPaymentEnded) []ledger.Part { return ledger.Whole(e.ReleasedFen) }),
}

// byLine returns the spending as the parts of a booking, one for each kind.
func byLine(spending []Spending) []ledger.Part {
	parts := make([]ledger.Part, len(spending))
	for i, s := range spending {
		parts[i] = ledger.Part{Category: s.Kind, Fen: s.Fen}
	}
	return parts
}
