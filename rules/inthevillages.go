package rules

import "terrace/domain/programme"

// inTheVillages holds the rules for rows 7 to 13 of the lifecycle, which concern projects and their payments.
var inTheVillages = []Rule{
	// 7 Agreement
	{
		ID: "both-sides-sign", Row: 7,
		Text:   t("项目协议由组织和民政部门双方签署，各签一次。", "An agreement must be signed by the organization and by the office, once each."),
		Values: []string{"terms.agreement"}, Codes: codes("already-signed", "not-found"),
		Waits: []string{"agreement/sign-as-organization", "agreement/sign-as-office"},
		Code:  []string{"(*Project).bothSigned", "(*Project).unsigned"}, Tests: []string{
			"TestRules/a side signs once", "TestRules/another organization's project cannot be seen", "TestTheDemonstrationKeepsItsGoldenDates",
		},
	},
	{
		ID: "own-account", Row: 7,
		Text:   t("款项只拨入组织自己的账户，开户名须与组织名称一致。", "Money is paid only into the organization's own account, which must be held in the organization's name."),
		Source: programme.Default, Codes: codes("account-name"),
		Code: []string{"(*SignAsOrganization).Check", "(*ReleasePayment).Check"}, Tests: []string{
			"TestRules/money goes to the organization's own account", "TestRulesOfPayments/no money goes to an account in another name",
		},
	},
	{
		ID: "refuse-to-sign", Row: 7,
		Text:   t("组织可以拒签，项目资金退回可用额度。", "An organization may refuse to sign; its grant then becomes available again."),
		Source: programme.Default, Waits: []string{"agreement/refuse-agreement"},
		Code: []string{"(*RefuseAgreement).Decide"}, Tests: []string{"TestOneVillageNeverBlocksAnother"},
	},

	// 8 Payment
	{
		ID: "tranches", Row: 8,
		Text:   t("资助金额按批次拨付，末批取其余数，各批之和恒等于资助金额。", "A grant is paid in tranches; the last takes the remainder, so that the tranches always total the grant."),
		Values: []string{"tranches.*"},
		Code:   []string{"domain/programme.(*Programme).Split"}, Tests: []string{"TestAGrantIsPaidInThreeTranchesTheLastOfWhichTakesTheRest"},
	},
	{
		ID: "first-tranche-after-signing", Row: 8,
		Text:   t("双方签订协议后，首款即应拨付；首款到账后项目开始实施。", "The first tranche falls due when both sides have signed; the rollout begins when it has arrived."),
		Values: []string{"tranches.1", "terms.tranche"}, Waits: []string{"money/record-payment"},
		Code: []string{"(*Project).fallDue", "(*Project).begin"}, Tests: []string{
			"TestOneLiveAttemptOfATrancheAndNoVoucherTwice", "TestTheDemonstrationKeepsItsGoldenDates",
		},
	},
	{
		ID: "two-officers-release", Row: 8,
		Text:   t("每笔付款由两名不同人员复核。", "Every payment must be released by two different officers."),
		Source: programme.Default, Codes: codes("same-person", "wrong-stage"), Waits: []string{"release/release"},
		Code: []string{"(*ReleasePayment).Check", "(*ReleasePayment).Decide"}, Tests: []string{
			"TestRules/two different officers release a payment", "TestRules/a payment needs both releases before its voucher",
		},
	},
	{
		ID: "instructed-at-once", Row: 8,
		Text:   t("两人复核后，当日为工作日的，系统即发出付款指令。", "After the second release, the payment is instructed at once if it is a working day."),
		Source: programme.Default, Waits: []string{"instruction/record-instruction"},
		Code: []string{"(*PaymentReleased).Apply"}, Tests: []string{"TestAPaymentTheBankReturnsIsTriedAgain"},
	},
	{
		ID: "confirmed-by-voucher", Row: 8,
		Text:   t("付款以凭证确认，回单须已上传。", "A payment is confirmed with its voucher; the bank slip must have been uploaded."),
		Source: programme.Default, Codes: codes("no-such-file"), Waits: []string{"confirmation/confirm"},
		Code: []string{"(*ConfirmPayment).Check"}, Tests: []string{
			"TestRulesOfPayments/a voucher confirms the payment", "TestRulesOfPayments/a voucher's slip must have been uploaded",
		},
	},
	{
		ID: "voucher-once", Row: 8,
		Text:   t("同一单位的凭证号不得重复使用。", "An office may use a voucher number only once."),
		Source: programme.Default, Codes: codes("duplicate-voucher"),
		Code: []string{"(*Payment).Claims", "postgres.(*Store).refuseTaken"}, Tests: []string{
			"TestOneLiveAttemptOfATrancheAndNoVoucherTwice", "postgres.TestANumberIsUsedOnce/a voucher number of another payment of the office",
		},
	},
	{
		ID: "one-live-attempt", Row: 8,
		Text:   t("每批款项同时只能有一笔未作废、未退汇的付款。", "A tranche may have only one payment that is neither voided nor returned."),
		Source: programme.Default, Codes: codes("payment-exists"),
		Code: []string{"(*Payment).Claims", "postgres.(*Store).refuseTaken"}, Tests: []string{
			"TestOneLiveAttemptOfATrancheAndNoVoucherTwice", "postgres.TestALivePaymentIsTheOnlyOneOfItsTranche",
		},
	},
	{
		ID: "void-before-confirmed", Row: 8,
		Text:   t("付款指令发出前可以作废，随后重新发起；发出后只能确认或退汇。", "Until a payment has been instructed, it can be voided and is then made again; after that, it can only be confirmed or returned."),
		Source: programme.Default, Codes: codes("wrong-stage"), Waits: []string{"release/void"},
		Code: []string{"(*VoidPayment).Decide", "(*RecordTranche).Decide"}, Tests: []string{
			"TestAVoidedPaymentIsTriedAgain", "TestRulesOfPayments/a payment the bank has is not voided", "TestRulesOfPayments/a paid payment is not voided",
		},
	},
	{
		ID: "returned-is-tried-again", Row: 8,
		Text:   t("银行退汇的款项重新发起付款。", "A payment that the bank returns is made again."),
		Source: programme.Default, Waits: []string{"confirmation/return-payment"},
		Code: []string{"(*ReturnPayment).Decide", "(*RecordTranche).Decide"}, Tests: []string{"TestAPaymentTheBankReturnsIsTriedAgain"},
	},
	{
		ID: "payment-ends-once", Row: 8,
		Text:   t("一笔付款的结果只登记一次；已放弃的付款不再计入。", "The outcome of a payment is recorded once; an abandoned attempt no longer counts."),
		Source: programme.Default, Codes: codes("already-recorded"),
		Code: []string{"(*RecordTranche).Check"}, Tests: []string{
			"TestRulesOfPayments/an attempt that was given up no longer counts", "TestRulesOfPayments/a payment's end is recorded once",
		},
	},

	// 9 Rollout
	{
		ID: "one-village-never-blocks", Row: 9,
		Text:   t("一村不影响他村；全部项目结束后试点进入下一阶段。", "One village never holds up another; the pilot moves on when every project has ended."),
		Source: programme.Default, Codes: codes("no-such-project", "already-recorded"), Waits: []string{"villages/record-end"},
		Code: []string{"(*RecordEnd).Check", "(*RecordEnd).Decide"}, Tests: []string{
			"TestOneVillageNeverBlocksAnother", "TestRulesOfRollout/a pilot is told about its own projects only", "TestRulesOfRollout/a project ends once",
		},
	},
	{
		ID: "evidence-of-every-kind", Row: 9,
		Text:   t("里程碑须附申报时约定的全部种类佐证材料。", "A milestone must come with every kind of evidence named in the application."),
		Source: programme.Default, Codes: codes("no-such-milestone", "missing-evidence"), Waits: []string{"milestone/submit-milestone"},
		Code: []string{"(*SubmitMilestone).Check"}, Tests: []string{
			"TestRules/a milestone needs every kind of evidence", "TestRulesOfRollout/a milestone has the name that the application gave it",
			"TestRulesOfRollout/a milestone that nobody planned is not submitted",
		},
	},
	{
		ID: "submitted-then-judged", Row: 9,
		Text:   t("里程碑、报告和决算各提交一次、办结一次；不予受理的，说明其尚未提交、等待办结或已经办结。", "Milestones, reports and settlements are each submitted once and then decided once; a refusal says whether the submission is missing, awaiting a decision or already decided."),
		Source: programme.Default, Codes: codes("not-submitted", "already-submitted", "already-verified", "already-judged"),
		Code: []string{"(*Project).unadmitted", "(*Project).resubmitted", "(*Project).unready"}, Tests: []string{
			"TestRulesOfRollout/a milestone is submitted once", "TestRulesOfRollout/a verified milestone is not submitted again",
			"TestRulesOfRollout/a village accepts what was submitted", "TestRulesOfRollout/an office verifies what was submitted",
			"TestRulesOfRollout/an office returns what was submitted", "TestRulesOfRollout/a milestone is verified once",
			"TestRulesOfTheFinalEvaluation/the mid-term is judged after its report", "TestRulesOfTheFinalEvaluation/the mid-term is judged once",
			"TestRulesOfTheFinalEvaluation/a mid-term that was judged is not reported again",
			"TestRulesOfTheFinalEvaluation/a mid-term is judged again after the report on its rectification",
			"TestRulesOfTheFinalEvaluation/a mid-term that is to be rectified is not reported again",
			"TestRulesOfTheFinalEvaluation/the final report comes once", "TestRulesOfTheFinalEvaluation/the final evaluation follows the report",
			"TestRulesOfTheFinalEvaluation/a final evaluation is judged once", "TestRulesOfTheFinalEvaluation/a settlement is accepted once it is submitted",
			"TestRulesOfTheFinalEvaluation/a settlement is submitted once",
		},
	},
	{
		ID: "village-accepts-first", Row: 9,
		Text:   t("里程碑须先经项目所在村验收一次，再由民政部门核实。", "The project's own village must accept a milestone once before the office verifies it."),
		Values: []string{"terms.verification"}, Codes: codes("village-first", "already-accepted", "not-found"),
		Waits: []string{"verification/accept-work", "verification/verify-milestone"},
		Code:  []string{"(*AcceptWork).Check", "(*VerifyMilestone).Check"}, Tests: []string{
			"TestRules/the village accepts before the office verifies", "TestRules/another village's project cannot be seen",
			"TestRulesOfRollout/a village accepts a milestone once", "TestAReturnedMilestoneHasTenWorkingDays",
		},
	},
	{
		ID: "visited-before-verified", Row: 9,
		Text:   t("核实须以协议签订后已经进行的现场走访为据。", "A verification must be based on a site visit that has taken place since the agreement was signed."),
		Source: programme.Default, Codes: codes("future-day", "visit-too-early"),
		Code: []string{"(*VerifyMilestone).Check"}, Tests: []string{
			"TestRulesOfRollout/a site visit cannot be in the future", "TestRulesOfRollout/a site visit can be today",
			"TestRulesOfRollout/a site visit cannot precede the agreement", "TestRulesOfRollout/a site visit can be on the day of the agreement",
		},
	},
	{
		ID: "returned-milestone", Row: 9,
		Text: t("退回的里程碑重新计算期限，但不早于协议约定的截止日，并须重新经村级验收。",
			"A returned milestone gets a new deadline, no earlier than the day set in the agreement, and must be accepted by the village again."),
		Values: []string{"terms.resubmission"}, Codes: codes("village-first"), Waits: []string{"verification/return-milestone"},
		Code: []string{"(*ReturnMilestone).Decide", "(*MilestoneReturned).Apply"}, Tests: []string{
			"TestAReturnedMilestoneHasTenWorkingDays", "TestAMilestoneReturnedEarlyKeepsItsAgreedDay", "TestRulesOfRollout/the village accepts a returned milestone again",
		},
	},
	{
		ID: "rollout-ends-by-itself", Row: 9,
		Text:   t("实施期在规定之日自行结束，遇节假日不顺延；未完成的里程碑仍可提交。", "The rollout ends automatically on its set date, even on a holiday; open milestones can still be submitted."),
		Values: []string{"rollout_ends"}, Waits: []string{"rollout-end/lapse"},
		Code: []string{"(*Project).Lapse", "(*RolloutEnded).Apply"}, Tests: []string{
			"TestTheRolloutEndsByItselfOnItsSetDay", "TestRulesOfRollout/a milestone is still submitted after the rollout's end",
		},
	},
	{
		ID: "terminated-is-over", Row: 9,
		Text:   t("已终止的项目不再办理实施事项。", "Nothing more can be done for the rollout of a terminated project."),
		Source: programme.Default, Codes: codes("wrong-stage"),
		Code: []string{"(*Project).finish"}, Tests: []string{"TestRulesOfRollout/a terminated project takes no milestones"},
	},

	// 10 Mid-term
	{
		ID: "midterm-in-time", Row: 10,
		Text:   t("中期报告期限最后一日仍可提交。", "The mid-term report is still accepted on its last day."),
		Values: []string{"midterm"}, Waits: []string{"midterm-report/report-midterm"},
		Code: []string{"inTime", "(*ReportMidTerm).Decide"}, Tests: []string{"TestRules/the last day of the mid-term still admits the report"},
	},
	{
		ID: "late-midterm-fails", Row: 10,
		Text:   t("中期报告无正当理由逾期的，视为不合格，停止拨付并终止项目。", "A mid-term report that is late without a valid excuse counts as failed: payments stop and the project is terminated."),
		Source: "地方管理办法：无正当理由逾期报送的视为不合格", Codes: codes("wrong-stage"), Waits: []string{"midterm-report/lapse"},
		Code: []string{"(*Project).Lapse", "(*Project).termination"}, Tests: []string{
			"TestRules/a late mid-term report without excuse fails", "TestMissedMidTermTerminatesAndTheMoneyIsOwed",
		},
	},
	{
		ID: "midterm-verdict", Row: 10,
		Text:   t("评估机构作出合格、整改或不合格的中期结论，不合格即终止。", "The evaluator's mid-term verdict is pass, rectify or fail; a project that fails is terminated."),
		Values: []string{"terms.midterm-verdict"}, Waits: []string{"midterm-verdict/judge-midterm"},
		Code: []string{"(*JudgeMidTerm).Decide"}, Tests: []string{
			"TestTheMidTermVerdictLeadsOnOrEnds/passed: the rollout goes on", "TestTheMidTermVerdictLeadsOnOrEnds/failed: the project is terminated",
			"TestTheMidTermVerdictLeadsOnOrEnds/a late verdict does not harm the project",
		},
	},
	{
		ID: "poor-does-not-pass", Row: 10,
		Text:   t("最低等级的分数不得判为合格。", "A score in the lowest grade cannot pass."),
		Values: []string{"grades"}, Codes: codes("score-too-low"),
		Code: []string{"judgeable", "domain/programme.(*Programme).Grade"}, Tests: []string{
			"TestRules/a poor score cannot pass", "TestRulesOfTheFinalEvaluation/a poor final score does not pass",
			"TestTheMidTermVerdictLeadsOnOrEnds/sixty points are fair, which is enough to pass",
		},
	},
	{
		ID: "rectify-and-be-judged-again", Row: 10,
		Text:   t("整改期限最后一日仍可报告，报告后重新评估。", "The report on a rectification is still accepted on its last day and leads to a new evaluation."),
		Values: []string{"terms.rectification"}, Waits: []string{"rectification/report-rectification"},
		Code: []string{"(*ReportRectification).Decide"}, Tests: []string{
			"TestTheMidTermVerdictLeadsOnOrEnds/rectified on the last day: evaluated again",
			"TestTheMidTermVerdictLeadsOnOrEnds/rectified and still failing: terminated",
		},
	},
	{
		ID: "late-start", Row: 9,
		Text:   t("首款到账时中期或实施期末的规定之日已过的，另给期限，不追溯。", "If the first tranche arrives after the set date of the mid-term report or of the rollout's end, the project gets a new deadline."),
		Values: []string{"terms.late-start"},
		Code:   []string{"setDay"}, Tests: []string{"TestAProjectThatBeginsLateIsNotJudgedByADayThatHasPassed"},
	},
	{
		ID: "not-rectified-is-terminated", Row: 10,
		Text:   t("逾期未整改的，中期评估不合格并终止。", "If a project is not rectified in time, it fails the mid-term evaluation and is terminated."),
		Source: programme.Default, Waits: []string{"rectification/lapse"},
		Code: []string{"(*Project).Lapse"}, Tests: []string{"TestTheMidTermVerdictLeadsOnOrEnds/not rectified in time: terminated"},
	},
	{
		ID: "terminated-owes", Row: 10,
		Text:   t("项目终止的，未拨资金退回可用额度，已拨未核定的资金转为应追回款。", "When a project is terminated, unpaid money becomes available again, and money that was paid but not accepted is recovered."),
		Source: programme.Default,
		Code:   []string{"(*Project).termination", "domain/project.bookings"}, Tests: []string{"TestMissedMidTermTerminatesAndTheMoneyIsOwed"},
	},
	{
		ID: "stray-payment", Row: 10,
		Text:   t("终止时在途的付款按结果处理：已付的应追回，未付的退回；处理完毕前不报告项目结束。", "A payment in progress at the termination is settled first: if it is paid, the money is owed back; if not, it becomes available again. The project's end is not reported before that."),
		Source: programme.Default,
		Code:   []string{"(*StrayPaymentEnded).Apply", "(*Project).inTransit"}, Tests: []string{
			"TestAPaymentUnderWayAtTheTerminationIsOwedOrReturned/the bank has it: paid all the same, it is owed with the rest",
			"TestAPaymentUnderWayAtTheTerminationIsOwedOrReturned/the bank has it: sent back, it returns to the fund",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/paid all the same: owed with the rest",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/refused by the bank: back to the fund",
			"TestATerminationReleasesWhatIsNotPaidAndClaimsWhatIsNotAccepted/paid, then sent back: finance enters it there",
		},
	},

	// 11 Second tranche
	{
		ID: "second-tranche", Row: 11,
		Text:   t("第二批款须所需里程碑全部核实且中期评估合格，先后不论。", "The second tranche requires that its milestones are verified and the mid-term evaluation is passed, in either order."),
		Values: []string{"tranches.2"},
		Code:   []string{"(*Project).meets"}, Tests: []string{
			"TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm/milestones without the mid-term",
			"TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm/the mid-term with one milestone",
			"TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm/both, the mid-term last",
			"TestTheSecondTrancheNeedsTwoMilestonesAndTheMidTerm/both, a milestone last",
		},
	},

	// 12 Final evaluation
	{
		ID: "final-report", Row: 12,
		Text:   t("实施期结束后须按期提交结项报告，逐项报告绩效指标；逾期仍收，标记为逾期。", "The final report follows the rollout, with one figure for each indicator; a late report is still accepted but marked late."),
		Values: []string{"terms.final-report"}, Codes: codes("indicator-count"), Waits: []string{"final-report/submit-final-report"},
		Code: []string{"(*SubmitFinalReport).Check"}, Tests: []string{
			"TestRulesOfTheFinalEvaluation/one figure for each indicator", "TestRulesOfTheFinalEvaluation/a late final report is accepted",
			"TestTheRolloutEndsByItselfOnItsSetDay",
		},
	},
	{
		ID: "pass-with-everything-done", Row: 12,
		Text:   t("里程碑全部核实、中期评估合格，末期评估方可通过。", "A project can pass the final evaluation only if every milestone is verified and the mid-term evaluation is passed."),
		Source: programme.Default, Codes: codes("milestone-open", "midterm-open"),
		Code: []string{"(*JudgeFinal).Check"}, Tests: []string{
			"TestRulesOfTheFinalEvaluation/no project passes with an open milestone", "TestRulesOfTheFinalEvaluation/no project passes with an open mid-term evaluation",
		},
	},
	{
		ID: "final-verdict", Row: 12,
		Text:   t("末期评估通过则进入决算，不通过则终止项目。", "A project that passes the final evaluation goes on to settlement; one that fails is terminated."),
		Values: []string{"terms.final-verdict"}, Codes: codes("wrong-stage"), Waits: []string{"final-verdict/judge-final"},
		Code: []string{"(*JudgeFinal).Decide"}, Tests: []string{
			"TestRulesOfTheFinalEvaluation/a project that failed is over", "TestTheDemonstrationKeepsItsGoldenDates",
		},
	},

	// 13 Settlement, last tranche, close
	{
		ID: "lottery-mark", Row: 13,
		Text:   t("决算须附彩票公益金标识照片。", "A settlement must include photos of the lottery mark."),
		Values: []string{"lottery_mark"}, Codes: codes("no-such-file"),
		Code: []string{"(*SubmitSettlement).Check"}, Tests: []string{"TestRulesOfTheSettlement/a photo of the lottery mark must have been uploaded"},
	},
	{
		ID: "settle-after-payments", Row: 13,
		Text:   t("付款尚未了结的，不得审定决算。", "No settlement can be accepted while a payment is in progress."),
		Values: []string{"terms.acceptance"}, Codes: codes("payment-under-way"), Waits: []string{"acceptance/accept-settlement"},
		Code: []string{"(*AcceptSettlement).Check"}, Tests: []string{
			"TestRulesOfTheSettlement/nothing is settled while a payment is under way", "TestEachStepOfTheEndHasItsTerm",
		},
	},
	{
		ID: "returned-settlement", Row: 13,
		Text:   t("退回的决算重新计算期限，须重新提交。", "A returned settlement gets a new deadline and must be submitted again."),
		Values: []string{"terms.resubmission"}, Waits: []string{"acceptance/return-settlement"},
		Code: []string{"(*ReturnSettlement).Decide"}, Tests: []string{
			"TestRulesOfTheSettlement/a returned settlement is submitted again", "TestEachStepOfTheEndHasItsTerm",
		},
	},
	{
		ID: "last-tranche-pays-what-was-spent", Row: 13,
		Text: t("尾款为核定支出减去已拨且未列入追回的资金，以资助余额为限，其余退回可用额度。",
			"The last tranche is the accepted spending less what was paid and is not being recovered, up to what is left of the grant; the rest becomes available again."),
		Values: []string{"tranches.3"},
		Code:   []string{"(*AcceptSettlement).Decide"}, Tests: []string{
			"TestUnspentMoneyLowersTheLastTrancheAndReturns/all spent: the whole last tranche",
			"TestUnspentMoneyLowersTheLastTrancheAndReturns/less than the last tranche unspent",
			"TestUnspentMoneyLowersTheLastTrancheAndReturns/exactly the last tranche unspent",
			"TestTheSettlementFollowsFromTheJudgedReceipts/a fen more than was paid: a last tranche of a fen",
			"TestTheSettlementFollowsFromTheJudgedReceipts/the last tranche makes up for what was diverted",
			"TestTheSettlementFollowsFromTheJudgedReceipts/the last tranche never exceeds the grant", "TestDivertedMoneyIsReversedRecoveredAndNotPaidAgain",
		},
	},
	{
		ID: "unspent-money-returns", Row: 13,
		Text:   t("已拨未用的资金如数退回，可分次，退清或转为追回后方可结项。", "Before a project closes, money that was paid but not spent must be returned in full, in parts if necessary, or turned into a debt."),
		Values: []string{"terms.refund"}, Source: "中华人民共和国预算法第42条", Codes: codes("refund-amount", "duplicate-voucher", "payment-under-way", "wrong-stage"), Waits: []string{"refund/record-refund"},
		Code: []string{"(*RecordRefund).Check"}, Tests: []string{
			"TestUnspentMoneyLowersTheLastTrancheAndReturns/more than the last tranche unspent: a refund",
			"TestRulesOfTheSettlement/no more unspent money is returned than there is", "TestRulesOfTheSettlement/unspent money can be returned in parts",
			"TestRulesOfTheSettlement/the refund's voucher is entered once", "TestRulesOfTheSettlement/a project closes once its money is back",
			"TestNoRefundIsBookedOfMoneyThatIsNotThere", "TestTheSettlementFollowsFromTheJudgedReceipts/a fen less than was paid: a refund of a fen",
		},
	},
	{
		ID: "evaluator-closes", Row: 13,
		Text:   t("结项由评估机构作出结论；不予结项须说明理由，并重新计算期限。", "The evaluator decides whether to close a project; a refusal requires reasons and sets a new deadline."),
		Values: []string{"terms.closing", "terms.resubmission"}, Codes: codes("wrong-role"), Waits: []string{"closing/close", "closing/refuse-closing"},
		Code: []string{"(*CloseProject).Decide", "(*RefuseClosing).Decide"}, Tests: []string{
			"TestRulesOfTheSettlement/the evaluator closes a project", "TestRulesOfTheSettlement/the office does not close a project",
			"TestRulesOfTheSettlement/a refused closing can be decided again", "TestEachStepOfTheEndHasItsTerm",
		},
	},
}
