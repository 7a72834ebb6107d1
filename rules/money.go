package rules

import "terrace/domain/programme"

// aboutMoney holds the rules for money after approval: while it is being paid, while the organization holds it, and when it is
// returned.
var aboutMoney = []Rule{
	// 8 Payment
	{
		ID: "no-interest-releases", Row: 8,
		Text:   t("与收款组织或评估机构有利害关系（含近亲属任职）的人员，以及评估机构的人员，不得复核付款。", "No payment may be released by a person with an interest in the payee or the evaluator (including through close relatives), or by anyone from the evaluator."),
		Source: programme.Default, Codes: codes("conflict-of-interest"),
		Code: []string{"(*ReleasePayment).Check", "domain.Actor.InterestedIn"}, Tests: []string{
			"TestRulesOfRelease/an officer with an interest in the payee stands aside", "TestRulesOfRelease/a checker with an interest in the payee stands aside",
			"TestRulesOfRelease/an officer with an interest in the evaluator stands aside", "TestRulesOfRelease/somebody from the evaluator stands aside",
			"TestRulesOfRelease/an interest in another organization does not matter", "postgres.TestInterestsAreKept",
		},
	},
	{
		ID: "payment-window", Row: 8,
		Text:   t("付款只在工作日发出；非工作日复核的，于下一个工作日自行发出，在此之前可以作废。", "Payments go out on working days. A payment released on another day goes out on the next working day, and can be voided until then."),
		Source: programme.Default, Codes: codes("wrong-stage"), Waits: []string{"window/lapse", "window/void"},
		Code: []string{"(*ReleasePayment).Decide", "(*Payment).Lapse"}, Tests: []string{
			"TestPaymentsGoOutOnWorkingDays/released on a Saturday: on Monday", "TestPaymentsGoOutOnWorkingDays/released on a Sunday that is worked: the same day",
			"TestPaymentsGoOutOnWorkingDays/released on the first day of Spring Festival: after it",
			"TestRulesOfRelease/before the window opens a payment can be given up", "TestRulesOfRelease/nothing is paid before the window opens",
		},
	},
	{
		ID: "bank-answer-decides", Row: 8,
		Text:   t("银行已付即入账，拒付即作废，退汇即登记退回；作废和退回的重新付款。", "A payment that the bank has made is posted, one that it refuses is voided, and one that it sends back is recorded as returned; voided and returned payments are made again."),
		Source: programme.Default, Waits: []string{"clearing/record-instruction"},
		Code: []string{"(*RecordInstruction).Decide"}, Tests: []string{
			"TestWhatTheBankAnswersDecidesAboutThePayment/paid at once: posted", "TestWhatTheBankAnswersDecidesAboutThePayment/taken, then paid: posted",
			"TestWhatTheBankAnswersDecidesAboutThePayment/taken, then refused: voided, tried again",
			"TestWhatTheBankAnswersDecidesAboutThePayment/sent back before it was posted: returned",
		},
	},
	{
		ID: "unknown-is-asked-never-guessed", Row: 8,
		Text:   t("银行答复丢失的，结果未知，按参考号查询，不得推定；逾期未明的，由财务凭单确认或登记退汇。", "If the bank's response is lost, the outcome is unknown: the bank is asked by reference, and nothing is assumed. If the outcome is still unknown after the deadline, finance confirms the payment from its slip or records the return."),
		Values: []string{"terms.tranche"}, Waits: []string{"clearing/confirm", "clearing/return-payment"},
		Code: []string{"(*PaymentInstructed).Apply", "(*ConfirmPayment).Decide"}, Tests: []string{
			"TestWhatTheBankAnswersDecidesAboutThePayment/the answer lost: unknown, the bank is asked",
			"TestWhatTheBankAnswersDecidesAboutThePayment/lost, and the bank knows nothing: unknown",
			"TestWhatTheBankAnswersDecidesAboutThePayment/lost, then paid: posted once",
			"TestAnUnknownOutcomeBecomesATaskForFinance/the slip shows that it was paid", "TestAnUnknownOutcomeBecomesATaskForFinance/the statement shows it came back",
			"worker.TestWhateverTheBankAnswersThePaymentIsMadeOnce",
		},
	},
	{
		ID: "finality", Row: 8,
		Text:   t("入账后退汇期届满方为最终确认；经银行付款的，届时先向银行核对。", "A posted payment becomes final when the return period has passed; if it was made by a bank, the bank is asked first."),
		Values: []string{"terms.finality"}, Codes: codes("already-recorded", "wrong-stage"), Waits: []string{"payment-end/lapse", "final-answer/record-instruction"},
		Code: []string{"(*FinalityDue).Apply", "(*RecordInstruction).Check"}, Tests: []string{
			"TestAPaymentIsFinalOnceItsTimeHasPassed", "TestTheBankIsAskedBeforeItsPaymentIsFinal/it stayed: final",
			"TestTheBankIsAskedBeforeItsPaymentIsFinal/it came back: returned", "TestTheBankIsAskedBeforeItsPaymentIsFinal/a refusal does not change a posted payment",
		},
	},
	{
		ID: "the-bank-has-it", Row: 8,
		Text:   t("银行尚在处理的付款，期限届满前不得登记退汇，以免重复付款。", "While the bank is still processing an order, no return can be recorded before the deadline, so that nothing is paid twice."),
		Source: programme.Default, Codes: codes("bank-has-it"),
		Code: []string{"(*ReturnPayment).Check"}, Tests: []string{"TestNoReturnIsRecordedWhileTheBankHasTheOrder"},
	},
	{
		ID: "a-silent-bank-is-a-task", Row: 8,
		Text:   t("银行届时未答复款项是否退回的，逾期上报，由财务凭单确认或登记退汇。", "If the bank does not say at that time whether the money was returned, the delay is reported to the office above, and finance confirms the payment from its slip or records the return."),
		Source: programme.Default, Waits: []string{"final-answer/confirm", "final-answer/return-payment"},
		Code: []string{"(*ConfirmPayment).Decide", "(*FinalityDue).Apply"}, Tests: []string{
			"TestABankThatDoesNotSayWhetherTheMoneyStayedLeavesATaskToFinance/by slip, it is final",
			"TestABankThatDoesNotSayWhetherTheMoneyStayedLeavesATaskToFinance/it came back all the same",
		},
	},
	{
		ID: "reversal", Row: 8,
		Text: t("入账后退汇的，冲回入账和以该款抵付的支出，重新付款；已经列入追回的，由财务登记为归还。",
			"If money is returned after posting, the posting and the spending it covered are reversed and the payment is made again. If the money was already being recovered, finance records a repayment."),
		Source: programme.Default, Waits: []string{"payment-end/return-payment", "bank-returns/record-payment"},
		Code: []string{"(*RecordTranche).reversal", "(*TrancheReversed).Apply"}, Tests: []string{
			"TestMoneyThatComesBackIsTakenOutOfTheBooksAndPaidAgain/nothing was spent",
			"TestMoneyThatComesBackIsTakenOutOfTheBooksAndPaidAgain/what was spent of it stays accepted, and the next payment covers it",
			"TestMoneyThatComesBackIsTakenOutOfTheBooksAndPaidAgain/it was claimed back already: finance enters it there",
			"TestMoneyThatCameBackBeforeThePayerHeardOfItIsPaidAgain/a tranche",
		},
	},
	{
		ID: "evaluators-money-comes-back", Row: 14,
		Text:   t("评估费退汇的，同样冲回并重新付款，直至最终确认。", "A returned payment to the evaluator is likewise reversed and made again, until it is final."),
		Source: programme.Default, Waits: []string{"contract-returns/record-payment"},
		Code: []string{"(*RecordPayment).Decide", "(*ContractReversed).Apply"}, Tests: []string{
			"TestTheEvaluatorsMoneyThatComesBackIsPaidAgain", "TestMoneyThatCameBackBeforeThePayerHeardOfItIsPaidAgain/the evaluator's fee",
		},
	},
	{
		ID: "termination-stops-payments", Row: 8,
		Text:   t("项目终止时尚未发往银行的付款即行作废。", "When a project is terminated, any payment that has not been sent to the bank is voided."),
		Source: programme.Default, Waits: []string{"release/stop", "window/stop"},
		Code: []string{"(*StopPaymentOrder).Decide", "(*ProjectTerminated).Apply"}, Tests: []string{
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/with a payment not released: it stops",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/with a payment before its window: it stops",
		},
	},
	{
		ID: "reconciled-every-night", Row: 8,
		Text:   t("每晚对账：核对试算平衡、账目与银行对账单、账目与业务记录；差异逐项登记。", "Every night, the trial balance is checked, and the books are compared with the bank statements and with the record; each difference is recorded."),
		Source: programme.Default,
		Code:   []string{"reconcile.Run", "workflows.Reconciliation", "postgres.(*Store).Findings"}, Tests: []string{
			"worker.TestEveryNightTheScheduleFindsWhatDiffers", "reconcile.TestTheLedgerAgainstTheBank", "reconcile.TestExactlyWhatIsWrongIsFound",
			"postgres.TestTheBankAgainstTheLedger", "postgres.TestBooksAndRecordAreReconciled",
		},
	},
	{
		ID: "differences-are-explained", Row: 8,
		Text:   t("对账差异是财务的待办，按期查明并说明；逾期上报。", "A difference found by the reconciliation is a task for finance, who must explain it in time; a delay is reported to the office above."),
		Values: []string{"terms.explanation"}, Codes: codes("wrong-role", "wrong-stage", "no-such-file"), Waits: []string{"explanation/explain"},
		Code: []string{"(*OpenDifference).Decide", "(*ExplainDifference).Decide"}, Tests: []string{
			"TestRulesOfDifferences/finance explains a difference", "TestRulesOfDifferences/nobody else explains it",
			"TestRulesOfDifferences/a difference is explained once", "TestRulesOfDifferences/evidence for it must have been uploaded",
			"TestRulesOfDifferences/it waits five working days and is escalated",
		},
	},
	{
		ID: "never-corrected-by-itself", Row: 8,
		Text:   t("差异不自动更正：发现和说明差异都不产生分录，更正由相应操作另行办理。", "No difference is corrected automatically: neither finding nor explaining one books anything; a correction needs a separate command."),
		Source: programme.Default,
		Code:   []string{"(*ExplainDifference).Decide", "domain/difference.Aggregate"}, Tests: []string{"TestRulesOfDifferences/no difference is corrected by itself"},
	},
	{
		ID: "differences-once", Row: 8,
		Text:   t("同一差异再次发现的，不重复登记；说明过的不再提出。", "A difference that is found again is not recorded again; one that has been explained is not raised again."),
		Source: programme.Default,
		Code:   []string{"reconcile.Finding.ID", "postgres.(*Store).OpenDifference"}, Tests: []string{
			"reconcile.TestWhatIsFoundAgainHasTheSameID", "postgres.TestAnExplainedDifferenceStaysExplained", "postgres.TestTwoReconciliationsAtOnceOpenEachDifferenceOnce",
		},
	},
	{
		ID: "bank-statements", Row: 8,
		Text:   t("银行对账单逐笔留存，同一笔只计一次；不能完整读取、内容矛盾或账户不符的不予登记。", "Bank statements are kept line by line, and each line counts once. A statement that cannot be read in full, is contradictory or belongs to another account is refused."),
		Source: programme.Default, Codes: codes("bad-statement", "statement-elsewhere", "other-account", "number-elsewhere", "line-differs"),
		Code: []string{"bank/statement.Parse", "postgres.(*Store).EnterStatement"}, Tests: []string{
			"api.TestAFileThatIsNoStatementIsRefusedWithItsLine", "postgres.TestAStatementIsKeptOnceAndWhole", "postgres.TestStatementsAreAppendOnly",
		},
	},

	// 9 Rollout: spending
	{
		ID: "spending-is-reported", Row: 9,
		Text:   t("支出按期逐张票据报告，自实施起至决算止，票据日期不早于协议签订之日；无支出也应报告。逾期仍收，并上报。", "Spending must be reported in time, receipt by receipt, from the rollout to the settlement, even if nothing was spent. No receipt may be dated before the agreement. A late report is accepted, and the delay is reported to the office above."),
		Values: []string{"terms.spending-report"}, Codes: codes("wrong-stage", "future-day", "before-agreement", "no-such-file"), Waits: []string{"spending-report/report-spending"},
		Code: []string{"(*ReportSpending).Check", "(*SpendingReported).Apply"}, Tests: []string{
			"TestSpendingIsReportedEveryThreeMonthsAndCheckedInTenWorkingDays", "TestRulesOfSpending/a report can say that nothing was spent",
			"TestRulesOfSpending/nothing is spent before the first money arrives", "TestRulesOfSpending/a receipt dated tomorrow is refused",
			"TestRulesOfSpending/a receipt from the day of the agreement is accepted", "TestRulesOfSpending/a receipt from before the agreement is refused",
			"TestRulesOfSpending/a receipt dated today is accepted", "TestRulesOfSpending/a receipt must have been uploaded",
		},
	},
	{
		ID: "within-the-line", Row: 9,
		Text:   t("公益金支出按预算科目列报，各科目累计不得超过预算；不予认可的不占用预算。", "Grant spending is reported by budget line, and the total for each line may not exceed its budget. Disallowed spending does not use up the budget."),
		Source: programme.Default, Codes: codes("over-line", "not-in-budget", "unknown-spending"),
		Code: []string{"(*ReportSpending).Check", "(*Project).reported"}, Tests: []string{
			"TestRulesOfSpending/a whole line may be spent", "TestRulesOfSpending/a fen above the line may not",
			"TestRulesOfSpending/several receipts of a line count together", "TestRulesOfSpending/several reports of a line count together",
			"TestRulesOfSpending/what was disallowed does not use up the line", "TestRulesOfSpending/what matching funds pay does not use up the line",
			"TestRulesOfSpending/a kind of the programme that the budget has no line for", "TestRulesOfSpending/a kind that the programme does not know",
		},
	},
	{
		ID: "no-forbidden-spending", Row: 9,
		Text:   t("禁止列支的类别，不论由何种资金负担，均不得报支；答复注明规定出处。", "A forbidden kind of spending is refused, whoever pays for it; the answer names the rule's source."),
		Values: []string{"spending.*"}, Codes: codes("forbidden-spending"),
		Code: []string{"Fundable"}, Tests: []string{
			"TestRulesOfSpending/cattle may not be bought, not even with matching funds", "TestAForbiddenKindIsRefusedWithItsSource",
			"TestRules/nothing is spent on what may not be funded",
		},
	},
	{
		ID: "receipt-once", Row: 9,
		Text:   t("一张发票在全部资助计划的全部项目中只报一次，大小写和连字符不作区分；他处已列报的予以标记，不得核定。", "An invoice can be claimed only once across all projects and programmes, regardless of letter case and hyphens in its number; one that was claimed elsewhere is flagged and cannot be accepted."),
		Source: programme.Default, Codes: codes("duplicate", "receipt-reported", "receipt-reused"),
		Code: []string{"receiptKey", "(*Project).Claims", "(*JudgeSpending).Check"}, Tests: []string{
			"TestAnInvoiceIsUniqueOverAllProjects", "TestRulesOfSpending/an invoice is accounted for once in a report",
			"TestRulesOfSpending/an invoice is accounted for once in a project", "TestARefusedReceiptNamesTheReportThatHoldsIt", "TestRulesOfSpending/a hyphen does not make another invoice",
			"TestRulesOfJudgingSpending/a receipt of another project is not accepted", "TestRulesOfJudgingSpending/a receipt of another project is disallowed",
			"TestRulesOfJudgingSpending/the first project to report a receipt has it accepted",
			"postgres.TestAReceiptThatSomebodyElseHoldsIsFlagged", "postgres.TestOfTwoConcurrentReportsOfAReceiptOneIsFlagged",
		},
	},
	{
		ID: "spending-is-judged", Row: 9,
		Text:   t("财务按期逐张核定支出；不予认可的须为该报告中的票据并说明理由，每份报告只核定一次。", "Finance must review each report in time, receipt by receipt and only once; a disallowed receipt must belong to the report, and a reason is required."),
		Values: []string{"terms.spending-check"}, Codes: codes("no-such-receipt", "no-such-report", "already-judged", "wrong-role"), Waits: []string{"spending-check/judge-spending"},
		Code: []string{"(*JudgeSpending).Check", "(*JudgeSpending).Unadmitted", "(*SpendingJudged).Apply"}, Tests: []string{
			"TestRulesOfJudgingSpending/a report is judged as a whole", "TestRulesOfJudgingSpending/only the report's own receipts can be disallowed",
			"TestRulesOfJudgingSpending/a receipt is disallowed once", "TestRulesOfJudgingSpending/a report that was judged is closed",
			"TestRulesOfJudgingSpending/an empty report needs no judgement", "TestRulesOfJudgingSpending/a report that does not exist",
			"TestRulesOfJudgingSpending/the organization does not judge its own spending",
			"TestSpendingIsReportedEveryThreeMonthsAndCheckedInTenWorkingDays",
		},
	},
	{
		ID: "accept-within-the-grant", Row: 9,
		Text:   t("核定支出不得超过资助额。", "Accepted spending may not exceed the grant."),
		Source: programme.Default, Codes: codes("over-grant"),
		Code: []string{"(*JudgeSpending).Check"}, Tests: []string{"TestNoMoreIsAcceptedThanWasGranted"},
	},
	{
		ID: "booked-as-far-as-paid", Row: 9,
		Text:   t("核定支出以已拨资金为限入账，超出部分待下次付款时入账。", "Accepted spending is booked up to the amount paid; the rest is booked with the next payment."),
		Source: programme.Default,
		Code:   []string{"(*Project).bookable"}, Tests: []string{"TestAcceptedSpendingIsBookedAsFarAsMoneyWasPaid"},
	},
	{
		ID: "entrusted-money-apart", Row: 9,
		Text: t("受托资金（代为落实）单独核算，支出和退还不得超过结存，未用完不得决算；已终止的项目只退不收。",
			"Entrusted money has a book of its own. Spending and repayments may not exceed what is held, and no settlement is possible while any is left; a terminated project can only give it back."),
		Source: programme.Default, Codes: codes("over-entrusted", "entrusted-left", "duplicate-voucher", "no-such-file", "wrong-stage"),
		Waits: []string{"entrusted-money/record-entrusted", "entrusted-money/return-entrusted"},
		Code:  []string{"(*RecordEntrusted).Check", "(*ReturnEntrusted).Check", "(*SubmitSettlement).Check"}, Tests: []string{
			"TestMatchingAndEntrustedMoneyAreBookedApart", "TestRulesOfJudgingSpending/no more entrusted money is spent than is held",
			"TestRulesOfEntrustedMoney/no more goes back to the donor than is held", "TestRulesOfEntrustedMoney/its voucher is entered once",
			"TestRulesOfEntrustedMoney/its slip must have been uploaded", "TestRulesOfEntrustedMoney/nothing is settled while some of it is left",
			"TestRulesOfEntrustedMoney/a terminated project gives entrusted money back", "TestRulesOfEntrustedMoney/a terminated project takes no more entrusted money",
		},
	},

	// 9 Rollout: changes
	{
		ID: "small-shift-is-logged", Row: 9,
		Text: t("预算科目间调剂，自上次批准的预算起累计不超过所涉最小科目的规定比例的，即时生效并备案；超过的须审批。",
			"A shift between budget lines takes effect at once and is logged if all shifts since the budget was last approved stay within the programme's share of the smallest line affected; a larger shift needs approval."),
		Values: []string{"shift_permille"}, Waits: []string{"plan-changes/request-change"},
		Code: []string{"(*RequestChange).small", "shifted"}, Tests: []string{
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/a tenth of the smaller line is logged",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/a fen above a tenth needs approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/a 12 % shift needs approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/two 6 % shifts do not slip through",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/two 6 % shifts of different lines do not either",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/the approval of something else approves no earlier shift",
		},
	},
	{
		ID: "change-needs-approval", Row: 9,
		Text:   t("变更村、用途、受益对象、指标、里程碑日期或核减预算，一律须审批，不论大小。", "A change of village, purpose, beneficiaries, indicators or milestone dates, or a lower total budget, always needs approval, however small."),
		Values: []string{"terms.change"}, Codes: codes("wrong-role"), Waits: []string{"change/approve-change", "change/refuse-change"},
		Code: []string{"(*RequestChange).Decide", "(*ApproveChange).Decide"}, Tests: []string{
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/another village always needs approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/another purpose always needs approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/other beneficiaries always need approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/a small shift with another purpose needs approval",
			"TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval/less money in total needs approval",
			"TestRulesOfChanges/the office decides", "TestRulesOfChanges/the office may refuse", "TestRulesOfChanges/finance does not decide about a change",
			"TestARefusedChangeLeavesThePlanAsItIs",
		},
	},
	{
		ID: "one-change-at-a-time", Row: 9,
		Text:   t("同时只能有一项变更待审批，变更须有实际内容；待审批时不得决算。", "Only one change at a time can be awaiting approval, it must change something, and no settlement is possible while it is pending."),
		Source: programme.Default, Codes: codes("change-pending", "no-change-pending", "nothing-changes"),
		Code: []string{"(*RequestChange).Check", "(*Project).unchanging", "(*SubmitSettlement).Check"}, Tests: []string{
			"TestRulesOfChanges/one change at a time", "TestRulesOfChanges/a change must change something", "TestRulesOfChanges/a change is decided once", "TestRulesOfChanges/nothing is settled while a change waits",
		},
	},
	{
		ID: "budget-never-grows", Row: 9,
		Text: t("变更不得增加预算总额，各科目不得低于已列支金额，资助额不得低于已拨付和在途资金。",
			"A change may not increase the total budget, lower a line below the spending already reported, or lower the grant below what has been paid or is being paid."),
		Source: programme.Default, Codes: codes("budget-grows", "below-spent", "below-paid"),
		Code: []string{"(*RequestChange).judgeBudget"}, Tests: []string{
			"TestRulesOfChanges/the budget never grows", "TestRulesOfChanges/no line below what was reported", "TestRulesOfChanges/a line down to what was reported",
			"TestRulesOfChanges/no less than what was paid", "TestRulesOfChanges/as much as was paid is enough", "TestRulesOfChanges/a payment under way counts as paid",
		},
	},
	{
		ID: "change-keeps-the-rules", Row: 9,
		Text: t("变更后的计划须符合资助计划全部规则，批准时按当时情况再次审查；已提交的里程碑不再变更。",
			"The changed plan must comply with all of the programme's rules and is checked again on approval; a submitted milestone can no longer be changed."),
		Values: []string{"admin_permille"},
		Codes:  codes("forbidden-spending", "unknown-spending", "over-admin", "unknown-purpose", "unknown-village", "no-such-milestone", "past-day", "after-rollout", "below-spent"),
		Code:   []string{"(*RequestChange).judge", "(*ApproveChange).Check"}, Tests: []string{
			"TestRulesOfChanges/a change cannot add a forbidden kind", "TestRulesOfChanges/a change cannot add a kind that the programme does not know",
			"TestRulesOfChanges/administration stays within its share", "TestRulesOfChanges/a purpose of the fund", "TestRulesOfChanges/a village of the office's place",
			"TestRulesOfChanges/a milestone that the project has", "TestRulesOfChanges/a submitted milestone cannot be changed",
			"TestRulesOfChanges/a milestone's new due day cannot be in the past", "TestRulesOfChanges/no day after the rollout",
			"TestRulesOfChanges/spending reported meanwhile is checked again", "TestRulesOfChanges/a day that has passed meanwhile is refused",
		},
	},
	{
		ID: "change-is-one", Row: 9,
		Text:   t("变更一次生效于计划、批次、指标、里程碑和协议版本，并留存逐项对照。", "A change takes effect in the plan, the tranches, the indicators, the milestones and the agreement's revision at the same time, and is recorded item by item."),
		Source: programme.Default,
		Code:   []string{"(*RequestChange).applied", "(*ChangeApplied).Apply", "diffOf"}, Tests: []string{"TestAChangeTakesEffectInEverythingAtOnce"},
	},
	{
		ID: "less-from-the-last-tranche", Row: 9,
		Text:   t("核减的资金从尚未到期的批次自后向前扣减，退回可用额度。", "A reduction of the grant is deducted from the tranches not yet due, starting with the last, and becomes available again."),
		Values: []string{"tranches.*"},
		Code:   []string{"(*Project).resplit"}, Tests: []string{
			"TestALowerBudgetTakesFromTheTranchesThatAreNotDueYet/less than the last tranche", "TestALowerBudgetTakesFromTheTranchesThatAreNotDueYet/more than the last tranche",
			"TestALowerBudgetTakesFromTheTranchesThatAreNotDueYet/all that is not paid", "TestABudgetAboveTheGrantComesDownToIt",
		},
	},

	// 9 Rollout: supervision
	{
		ID: "diverted-money-is-claimed-back", Row: 9,
		Text: t("查实挪用的，以已拨未核定或该类已核定的金额为限，冲回核定支出，立即追回。",
			"Diverted money is recovered at once, up to the amount that was paid and is not accounted for or, with accepted spending reversed, up to the amount accepted for its kind."),
		Source: programme.Default, Codes: codes("over-advance", "no-such-file", "wrong-role", "wrong-place"), Waits: []string{"discipline/record-diversion"},
		Code: []string{"(*RecordDiversion).Check", "(*RecordDiversion).Decide"}, Tests: []string{
			"TestDivertedMoneyIsReversedRecoveredAndNotPaidAgain", "TestRulesOfDemandsAndDiversions/no more than was paid may be found diverted",
			"TestRulesOfDemandsAndDiversions/what was accounted for is found diverted only with its kind", "TestRulesOfDemandsAndDiversions/what was accounted for is found diverted with its kind",
			"TestRulesOfDemandsAndDiversions/no more of a kind than was accepted", "TestRulesOfDemandsAndDiversions/nothing is found diverted twice",
			"TestRulesOfDemandsAndDiversions/a finding has its evidence", "TestRulesOfDemandsAndDiversions/an approver may not find it",
			"TestRulesOfDemandsAndDiversions/another office may not find it",
		},
	},
	{
		ID: "breach-bans", Row: 9,
		Text:   t("挪用资金或因违约终止的，组织自当日起在规定年限内不得参与申报，禁期最后一日仍不得参与。", "An organization that diverted money, or whose project was terminated for a breach, may not apply for the number of years set by the programme, including the last day."),
		Values: []string{"ban_years"}, Codes: codes("not-eligible"),
		Code: []string{"ban", "findingsOf"}, Tests: []string{
			"TestABreachBansTheOrganizationForThreeYears/diverted money bans", "TestABreachBansTheOrganizationForThreeYears/a termination for a breach bans",
			"TestABreachBansTheOrganizationForThreeYears/a termination without one does not",
			"TestABreachBansTheOrganizationForThreeYears/on the ban's last day an application is not eligible",
			"TestABreachBansTheOrganizationForThreeYears/on the day after it is", "postgres.TestAnOrganizationThatBrokeItsAgreementIsBanned",
		},
	},
	{
		ID: "terminate-and-recover", Row: 9,
		Text: t("决算审定前可以终止项目：未拨且不在途的资金退回可用额度，已拨未核定的追回。",
			"An approver can terminate a project until its settlement is accepted: money neither paid nor being paid becomes available again, and money that was paid but not accepted is recovered."),
		Source: programme.Default, Codes: codes("wrong-role", "wrong-stage"), Waits: []string{"supervision/terminate"},
		Code: []string{"(*Terminate).Decide", "(*Project).termination"}, Tests: []string{
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/before the agreement",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/before the first tranche: its payment stops",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/in the rollout, with spending accepted",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/in the final evaluation",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/with the settlement submitted",
			"TestRulesOfDemandsAndDiversions/only an approver terminates", "TestRulesOfDemandsAndDiversions/a settled project is not terminated",
		},
	},

	// 13 Settlement, recovery
	{
		ID: "receipts-decide-the-settlement", Row: 13,
		Text: t("决算不另填金额，以核定的票据为准；尚有支出报告未核定的，不得提交决算。",
			"A settlement states no amounts of its own, because the accepted receipts decide. It cannot be submitted while a spending report is awaiting review."),
		Values: []string{"terms.settlement"}, Codes: codes("spending-open"), Waits: []string{"settlement/submit-settlement"},
		Code: []string{"(*SubmitSettlement).Check", "(*AcceptSettlement).Decide"}, Tests: []string{
			"TestRulesOfTheSettlement/every spending report is judged first", "TestTheSettlementFollowsFromTheJudgedReceipts/all is spent: the whole last tranche",
			"TestEachStepOfTheEndHasItsTerm",
		},
	},
	{
		ID: "matching-share", Row: 13,
		Text:   t("公益金不得超过项目总成本（含货币和实物配套）的规定比例，申报和决算时均须符合。", "The grant may not exceed its share of a project's total cost, including matching funds in money and in kind, either in the application or in the settlement."),
		Values: []string{"grant_permille"}, Codes: codes("matching-short"),
		Code: []string{"(*AcceptSettlement).Check", "Proposal.JudgeBudget"}, Tests: []string{
			"TestTheGrantIsLimitedToItsShareOfTheCost/matching funds paid in money count",
			"TestTheGrantIsLimitedToItsShareOfTheCost/matching in kind counts as well", "TestTheGrantIsLimitedToItsShareOfTheCost/a fen short",
			"TestTheGrantIsLimitedToItsShareOfTheCost/140,000.00 pledged are enough", "TestTheGrantIsLimitedToItsShareOfTheCost/a fen less is not",
		},
	},
	{
		ID: "disallowed-is-owed", Row: 13,
		Text:   t("已拨而不予认可的支出予以追回，其余未用部分退回；未拨的不予认可支出不产生债务。", "Disallowed spending that was paid is recovered, and other unspent money is returned; disallowed spending that was never paid is not owed."),
		Source: programme.Default,
		Code:   []string{"(*AcceptSettlement).Decide"}, Tests: []string{
			"TestTheSettlementFollowsFromTheJudgedReceipts/what was paid and disallowed is owed",
			"TestTheSettlementFollowsFromTheJudgedReceipts/what was disallowed and never paid is not owed",
			"TestTheSettlementFollowsFromTheJudgedReceipts/of what was disallowed, as much as was paid is owed",
			"TestTheSettlementFollowsFromTheJudgedReceipts/disallowed is owed, the rest is returned",
			"TestTheSettlementFollowsFromTheJudgedReceipts/diverted and disallowed money are both owed",
		},
	},
	{
		ID: "refund-is-demanded", Row: 13,
		Text:   t("逾期未退的结余可转为应追回款项，项目继续结项。", "Unspent money that is not returned in time can be turned into a debt; the project then goes on to closing."),
		Values: []string{"terms.refund"}, Codes: codes("wrong-stage", "payment-under-way"), Waits: []string{"refund/demand-refund"},
		Code: []string{"(*DemandRefund).Check", "(*DemandRefund).Decide"}, Tests: []string{
			"TestARefundThatIsNotReturnedIsDemanded", "TestRulesOfDemandsAndDiversions/nothing is demanded where nothing is to be returned",
			"TestNoRefundIsBookedOfMoneyThatIsNotThere",
		},
	},
	{
		ID: "recovery-until-nothing-is-owed", Row: 13,
		Text:   t("应追回款项按期归还，可分次，还清为止，不得多收；逾期上报。", "A debt must be repaid in time, in parts if necessary, until nothing is owed; no more than that is accepted. A delay is reported to the office above."),
		Values: []string{"terms.recovery"}, Codes: codes("over-debt", "duplicate-voucher", "no-such-file", "wrong-stage"), Waits: []string{"repayment/record-repayment"},
		Code: []string{"(*RecordRepayment).Check", "(*RecordRepayment).Decide"}, Tests: []string{
			"TestRulesOfRecoveries/all of a debt may be paid back", "TestRulesOfRecoveries/no more than is owed", "TestRulesOfRecoveries/no more than is left",
			"TestRulesOfRecoveries/a repayment's voucher is entered once", "TestRulesOfRecoveries/a repayment's slip must be uploaded",
			"TestRulesOfRecoveries/a repaid debt takes no further repayment", "TestAnOverdueRecoveryIsEscalated",
		},
	},
	{
		ID: "instalments", Row: 13,
		Text:   t("经批准可以分期归还：各期之和等于尚欠金额，日期依次在今后且不超过规定期限；各期分别计期、上报。", "An approver may agree to instalments. They must total the amount still owed, be due on successive future dates and end within the programme's limit; each has its own deadline, and a delay is reported."),
		Values: []string{"terms.instalments"}, Codes: codes("instalment-sum", "instalment-day", "wrong-role"), Waits: []string{"repayment/agree-instalments"},
		Code: []string{"(*AgreeInstalments).Check", "(*RepaymentRecorded).Apply"}, Tests: []string{
			"TestRulesOfRecoveries/instalments that add up to the debt", "TestRulesOfRecoveries/instalments that add up to less", "TestRulesOfRecoveries/instalments that add up to more",
			"TestRulesOfRecoveries/an instalment cannot be due today", "TestRulesOfRecoveries/instalments follow each other", "TestRulesOfRecoveries/twelve months are the longest",
			"TestRulesOfRecoveries/a day more than twelve months is too long", "TestRulesOfRecoveries/instalments are agreed by an approver",
			"TestADebtIsPaidBackInInstalmentsUntilNothingIsLeft", "TestEachOverdueInstalmentIsEscalated",
		},
	},
	{
		ID: "recovery-blocks-nothing", Row: 13,
		Text:   t("追回不影响项目结项和试点归档，归档后仍可归还。", "A recovery delays neither the project's closing nor the pilot's archiving, and can continue after both."),
		Source: programme.Default,
		Code:   []string{"(*DebtArisen).Apply", "(*OpenRecovery).Decide"}, Tests: []string{"TestARecoveryBlocksNeitherACloseNorTheArchive"},
	},
	{
		ID: "closed-until-final", Row: 13,
		Text:   t("付款尚未最终确认的项目照常结项，其后仍关注退汇：退回的重新付款。", "A project may close before its last payments are final; they are still followed, and one that is returned is made again."),
		Values: []string{"terms.finality"}, Waits: []string{"finality/record-payment"},
		Code: []string{"(*ProjectClosed).Apply", "(*Project).final"}, Tests: []string{
			"TestAClosedProjectStillFollowsItsLastPayments", "TestAProjectWhoseMoneyCameBackEnds",
		},
	},
}
