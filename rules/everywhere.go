package rules

import "terrace/domain/programme"

var everywhere = []Rule{
	{
		ID:     "right-person",
		Text:   t("一项操作只能由持有规定角色、属于规定单位的人办理。", "A command is accepted only from a person who has the required role in the office or organization concerned."),
		Source: programme.Default, Codes: codes("wrong-role", "wrong-place", "wrong-organization", "wrong-person"),
		Code: []string{"Who.Admits"},
		Tests: []string{
			"TestRules/another role may not submit", "TestRules/an office above does not withdraw",
			"TestRules/an organization can give up only its own proposal", "TestRulesOfEveryStage/nobody outside the panel scores",
		},
	},
	{
		ID: "not-there",
		Text: t("无权查阅的记录视同不存在，无论提交什么操作；对公示（含已届满的公示）提出异议除外。",
			"For a sender who may not see it, a record does not exist, whatever command is sent. The exception is an objection to a proposal that is or was on public notice."),
		Source: programme.Default, Codes: codes("not-found"),
		Code: []string{"Reader.Sees", "Readers", "(*Declaration).Visible"}, Tests: []string{
			"TestRules/another office cannot see a draft", "TestRules/another organization's project cannot be seen",
			"TestRules/another village's project cannot be seen", "TestWhateverPeopleSendTheBooksBalance", "api.TestWhoSeesAndMayDoWhat",
		},
	},
	{
		ID:     "nobody-plays-the-machine",
		Text:   t("系统自身的步骤不接受任何人代办。", "No user can take a step that is reserved for Terrace itself."),
		Source: programme.Default, Codes: codes("wrong-role"),
		Code: []string{"(*Declaration).Internal"}, Tests: []string{"TestRules/people cannot send the workflows' commands"},
	},
	{
		ID:     "signed-in",
		Text:   t("没有有效访问令牌者，不得办理任何事项。", "Nothing can be done without a valid access token."),
		Source: programme.Default, Codes: codes("unauthenticated"),
		Code: []string{"postgres.(*Store).ActorByToken"}, Tests: []string{"postgres.TestATokenStandsForItsPerson"},
	},
	{
		ID:     "own-turn",
		Text:   t("当前事项不包含的操作不予受理。", "A command that no open turn includes is refused."),
		Source: programme.Default, Codes: codes("wrong-stage"),
		Code: []string{"inTime"}, Tests: []string{
			"TestRules/approval waits for the notice", "TestRules/a rejected pilot is over",
			"TestEveryExitIsADeclaredCommandAndEveryCommandHasAnExit",
		},
	},
	{
		ID:     "done-is-done",
		Text:   t("本人部分已办结的事项，不再列为其待办；专家评分期间，评审不列为单位的待办，评分达到规定份数或专家人数不足时方列入。", "A turn no longer waits for a person who has done their part. While the experts are scoring, a review does not wait for the office; it does once the quorum is met or can no longer be met."),
		Source: programme.Default,
		Code:   []string{"Awaits", "(*Payment).Awaited", "(*Pilot).Awaited", "(*Project).Awaited"}, Tests: []string{
			"TestAReleaseWaitsForTheOtherOfficer", "TestAReviewWaitsForTheExpertsUntilTheOfficeCanAct", "TestAReviewWaitsForTheOfficeWhenTooFewExpertsAreLeft",
			"TestWhoCanOnlyWithdrawIsNotAwaited",
		},
	},
	{
		ID:     "urge",
		Text:   t("可查阅记录的人员可以催办他人承办的事项，同一事项每个工作日一次；催办不改变期限。", "Anyone who can read a record may urge others to act on an open turn, once per working day for each turn. Urging does not change a deadline."),
		Source: programme.Default, Codes: codes("no-such-turn", "own-turn", "urged-already"),
		Code: []string{"(*Urge).Check"}, Tests: []string{
			"TestRules/somebody who waits urges", "TestRules/nobody urges themselves", "TestRules/a turn is urged once a working day",
			"TestRules/on the next working day a turn is urged again", "TestRules/a turn that awaits nobody cannot be urged",
			"TestARefusedUrgeSaysWhatToUrge", "TestAnUrgeThatIsRepeatedSaysWhoUrgedAndWhen",
		},
	},
	{
		ID:     "due-day-ends-with-its-day",
		Text:   t("期限截至当日结束；硬期限一过即不再受理，不论系统是否已登记。", "A deadline runs until the end of its day. After a hard deadline a command is refused, whether or not the lapse has been recorded yet."),
		Source: programme.Default, Codes: codes("deadline-passed"),
		Code: []string{"inTime", "domain/calendar.Date.End"}, Tests: []string{
			"TestRules/a hard due day refuses before its lapse is recorded", "TestRules/the day after a notice admits no objection",
		},
	},
	{
		ID:     "late-is-marked",
		Text:   t("软期限已过仍可办理，但标记为逾期。", "After a soft deadline a command is still accepted but marked late."),
		Source: programme.Default,
		Code:   []string{"inTime", "Judge"}, Tests: []string{"TestASoftDueDayMarksWhatComesLate", "TestRules/a late endorsement is accepted"},
	},
	{
		ID:     "reminded-once-reported-once",
		Text:   t("到期前提醒承办人一次；软期限逾期的，向上级报告一次。", "Those who have to act are reminded once before the due day; a delay past a soft deadline is reported once to the office above."),
		Values: []string{"reminder_days"},
		Code:   []string{"Turn.next", "(*KeepTime).Decide"}, Tests: []string{
			"TestAnOfficeIsRemindedOnceAndItsDelayIsReportedOnce", "TestATermShorterThanTheReminderRemindsOnItsDueDay",
		},
	},
	{
		ID:     "nothing-early",
		Text:   t("未到期的事项不提前处理。", "Nothing takes effect before it is due."),
		Source: programme.Default, Codes: codes("not-due"),
		Code: []string{"(*KeepTime).Check"}, Tests: []string{"TestRules/nothing is due before its day"},
	},
	{
		ID:     "deadline-dates-itself",
		Text:   t("因期限届满而结束的事项，以届满之日为准，不论系统何时处理。", "A turn that is ended by a deadline counts as ended on the due day, however late Terrace processes it."),
		Source: programme.Default,
		Code:   []string{"EffectiveDay"}, Tests: []string{
			"TestMissedMidTermTerminatesAndTheMoneyIsOwed", "TestTheDemonstrationKeepsItsGoldenDates",
		},
	},
	{
		ID:     "working-days",
		Text:   t("工作日按国务院年度放假通知计算，含调休；起算日不计入。", "Working days follow the State Council's annual holiday notices, including working weekends; the day on which a period begins is not counted."),
		Source: "国务院办公厅关于部分节假日安排的通知",
		Code:   []string{"domain/calendar.(*Calendar).Workday", "domain/calendar.(*Calendar).AddWorkdays"}, Tests: []string{
			"domain/calendar.TestGoldenChain", "domain/calendar.TestWorkday", "domain/calendar.TestDue",
		},
	},
	{
		ID:     "unknown-year-is-provisional",
		Text:   t("放假通知尚未公布的年份，期限只作暂定。", "A deadline in a year whose holiday notice has not been published is provisional."),
		Source: programme.Default,
		Code:   []string{"domain/calendar.(*Calendar).Workday"}, Tests: []string{
			"TestADeadlineInAYearWithoutANoticeIsProvisional", "domain/calendar.TestANoticeSettlesTheLastDaysOfAnUnknownYear",
		},
	},
	{
		ID:     "duties-are-owed-once",
		Text:   t("系统承担的每项职责只履行一次；不存在的职责，不得登记为已履行。", "Each duty of the workflows is done once; a duty that does not exist cannot be recorded as done."),
		Source: programme.Default, Codes: codes("no-such-duty"),
		Code: []string{"(*Discharge).Check", "(*OpenNotice).Check"}, Tests: []string{
			"TestRulesOfEveryStage/a duty that is not owed is not discharged", "TestRulesOfEveryStage/a notice is opened for its own round",
		},
	},
	{
		ID:     "decide-on-what-you-saw",
		Text:   t("办理人所见版本已经变动的，不予受理；到期提醒不改变版本。", "A command based on an outdated version is refused; a reminder does not change the version."),
		Source: programme.Default, Codes: codes("stale-version"),
		Code: []string{"domain/flow.Check", "Apply"}, Tests: []string{"TestASenderWhoSawAnOlderVersionIsRefused"},
	},
	{
		ID: "same-key-same-answer",
		Text: t("同一幂等键重复提交的，返回结果不变；内容不同的，不予受理；发送人已不能查看该记录的，视同记录不存在。",
			"A command repeated with the same idempotency key gets the same response; with different content it is refused, and to a sender who can no longer see the record it does not exist."),
		Source: programme.Default, Codes: codes("idempotency-conflict"),
		Code: []string{"postgres.request.receiptOf", "(*Declaration).Answers"}, Tests: []string{
			"postgres.TestRefusals/different content under the same id", "postgres.TestTheSameCommandTakesEffectOnce",
			"postgres.TestARepetitionAnswersOnlyWhoeverStillSees", "postgres.TestARepeatedObjectionIsAnsweredAfterTheNotice",
		},
	},
	{
		ID:     "declared-commands-only",
		Text:   t("只受理已声明的操作。", "Only declared commands are accepted."),
		Source: programme.Default, Codes: codes("unknown-command"),
		Code: []string{"domain/flow.Check"}, Tests: []string{"TestRulesOfEveryStage/an undeclared command is unknown"},
	},
	{
		ID:     "one-of-each-id",
		Text:   t("记录不存在的，不予受理；编号已存在的，不得重复设立。", "A record that does not exist cannot be acted on, and one that exists cannot be created again."),
		Source: programme.Default, Codes: codes("not-found", "already-exists"),
		Code: []string{"postgres.(*Store).Load", "postgres.(*Store).Execute"}, Tests: []string{
			"postgres.TestRefusals/an aggregate that does not exist", "postgres.TestRefusals/the creation of an existing aggregate",
		},
	},
	{
		ID:     "evidence-first",
		Text:   t("引用的文件须已上传。", "A file must have been uploaded before a command can refer to it."),
		Source: programme.Default, Codes: codes("no-such-file"),
		Code: []string{"Stored", "AllStored"}, Tests: []string{
			"TestRules/evidence must have been uploaded", "TestRulesOfTheApplication/an attachment must have been uploaded",
		},
	},
	{
		ID:     "no-personal-data",
		Text:   t("个人信息不进入日志和状态，只留加盐摘要。", "Personal data is kept out of the journal and the state, which hold only a salted hash of it."),
		Source: "中华人民共和国个人信息保护法",
		Code:   []string{"NeedsOf", "Context.Digest"}, Tests: []string{"TestJournalHoldsNoPersonalData"},
	},
	{
		ID:     "books-balance",
		Text:   t("每笔分录在每本账内借贷恒等；除资金来源科目外不得透支。", "Every entry totals zero in each book it touches, and no account except a source can be overdrawn."),
		Source: programme.Default,
		Code:   []string{"Postings", "(*Catalogue).Bookings", "Chart"}, Tests: []string{
			"TestWhateverPeopleSendTheBooksBalance", "TestWhateverBanksAnswerTheBooksBalance", "TestEveryFenOfTheDemonstrationIsAccountedFor",
			"TestMatchingAndEntrustedMoneyAreBookedApart", "postgres.TestTheLedgerHoldsTogetherByItself",
		},
	},
	{
		ID:     "ledger-keeps-itself",
		Text:   t("账目完整性由数据库自行保证，程序的权限不能绕过；差错以冲回更正。", "The database itself protects the integrity of the ledger, and the program's role cannot bypass this; a mistake is reversed, never altered."),
		Source: programme.Default,
		Code:   []string{"postgres.(*Store).Execute"}, Tests: []string{
			"postgres.TestTheLedgerHoldsTogetherByItself", "postgres.TestTheApplicationsRoleCannotBypassTheLedger",
			"postgres.TestADoubleReleaseIsFoundEvenWithoutTheUniqueKey", "postgres.TestLedgerErrorsAreFoundEvenWithoutTriggers",
		},
	},
	{
		ID:     "ledger-is-read-as-it-was",
		Text:   t("试算平衡表和科目明细账可按任一过去时点查询，科目、范围和期间须存在且成立。", "Trial balances and account statements can be read as of any past instant; the account, scope and period must exist and be valid."),
		Source: programme.Default, Codes: codes("unknown-account", "one-scope", "bad-period"),
		Code: []string{"postgres.(*Store).TrialBalance", "postgres.(*Store).StatementOf"}, Tests: []string{
			"postgres.TestAPastTrialBalanceShowsTheBooksOfThatTime", "postgres.TestATrialBalanceHasExactlyOneScope",
			"postgres.TestAnInvalidStatementFilterIsRefused", "postgres.TestAStatementAddsUpFromOpeningToClosing",
		},
	},
	{
		ID:     "rules-name-their-source",
		Text:   t("资助计划的每个数值都须注明出处，规则不得自相矛盾。", "Every number in a programme states its source, and a programme whose rules contradict each other is refused."),
		Source: programme.Default,
		Code:   []string{"domain/programme.(*Programme).Validate"}, Tests: []string{"domain/programme.TestAProgrammeIsRefusedForWhatIsMissingOrContradictsItself"},
	},
	{
		ID:     "pages-in-order",
		Text:   t("分页标记只能使用上一页返回的值。", "A page must be requested with the cursor that the previous page returned."),
		Source: programme.Default, Codes: codes("bad-cursor"),
		Code: []string{"postgres.openCursor"}, Tests: []string{"postgres.TestAListIsBounded"},
	},
}
