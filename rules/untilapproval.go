package rules

import "terrace/domain/programme"

// untilApproval holds the rules for rows 1 to 6 of the lifecycle, which concern the pilot.
var untilApproval = []Rule{
	// 1 Application
	{
		ID: "launching-office", Row: 1,
		Text:   t("试点由审核链上的民政部门发起，其上各级依次审核。", "A pilot is launched by an office in the chain; the offices above it endorse it in turn."),
		Values: []string{"chain"}, Codes: codes("no-office"),
		Code: []string{"(*Draft).Check", "chainOf"}, Tests: []string{
			"TestRulesOfTheApplication/a village cannot launch a pilot", "TestRulesOfTheApplication/nobody from an unknown place can launch a pilot",
			"TestRulesOfTheApplication/an office further up the chain can launch a pilot too",
		},
	},
	{
		ID: "known-programme", Row: 1,
		Text:   t("试点须属于一个生效中的资助计划，并始终适用起草时的规则版本。", "A pilot must belong to a programme in force, and keeps the version of its rules under which it was drafted."),
		Source: programme.Default, Codes: codes("unknown-programme"),
		Code: []string{"(*Draft).Decide", "programmes.(*Set).At"}, Tests: []string{"postgres.TestRefusals/an unknown programme"},
	},
	{
		ID: "application-window", Row: 1,
		Text:   t("申报期自申报通知起算，最后一日仍可申报，期满不再起草。", "The application window begins with the call. Applications are accepted on its last day; after that, no draft can be started."),
		Values: []string{"call", "terms.application"}, Codes: codes("window-closed"), Waits: []string{"application/submit"},
		Code: []string{"draftDeadline", "(*Draft).Check"}, Tests: []string{
			"TestRules/the last day of the application window still admits it",
			"TestRulesOfTheApplication/on the last day of the window a draft can still be begun",
			"TestRulesOfTheApplication/no draft can be begun after the window",
		},
	},
	{
		ID: "not-before-the-call", Row: 1,
		Text:   t("申报通知发出前不得起草。", "No draft can be started before the call."),
		Values: []string{"call"}, Codes: codes("window-not-open"),
		Code: []string{"(*Draft).Check"}, Tests: []string{"TestNothingIsDraftedBeforeTheCall"},
	},
	{
		ID: "village-of-the-place", Row: 1,
		Text:   t("项目村须是申报单位辖区内登记的村。", "A project's village must be registered and lie in the launching office's area."),
		Source: programme.Default, Codes: codes("unknown-village"),
		Code: []string{"Proposal.Judge"}, Tests: []string{"TestApplicationRules/a village of the office's own place"},
	},
	{
		ID: "unsubmitted-is-withdrawn", Row: 1,
		Text:   t("申报期满未提交的草稿，视为撤回。", "A draft not submitted within the window counts as withdrawn."),
		Source: programme.Default, Waits: []string{"application/lapse"},
		Code: []string{"(*Pilot).Lapse"}, Tests: []string{"TestRules/after the application window the pilot is withdrawn"},
	},
	{
		ID: "draft-can-change", Row: 1,
		Text:   t("草稿在提交前可反复修改，以最后保存的内容提交。", "A draft can be changed until it is submitted; the content saved last is submitted."),
		Source: programme.Default, Waits: []string{"application/save-draft"},
		Code: []string{"(*SaveDraft).Decide"}, Tests: []string{"TestRulesOfTheApplication/the last saved draft is submitted"},
	},
	{
		ID: "proposals-one-by-one", Row: 1,
		Text:   t("草稿和补正中的项目可以逐个加入、替换或移除；保存其余内容时不带项目的"+"，原有项目不变。", "In a draft or a correction, proposals can be added, replaced and removed one by one; saving the rest without proposals leaves them unchanged."),
		Source: programme.Default, Codes: codes("no-such-proposal", "no-proposals"),
		Waits: []string{"application/put-proposal", "application/remove-proposal", "correction/put-proposal", "correction/remove-proposal"},
		Code:  []string{"(*PutProposal).Check", "(*RemoveProposal).Check", "Application.over"}, Tests: []string{
			"TestRulesOfProposals/a proposal that is not in the draft is not removed", "TestRulesOfProposals/an application without proposals is not submitted",
			"TestProposalsArePutAndRemovedOneByOne", "TestProposalsArePutAndRemovedInACorrection",
		},
	},
	{
		ID: "proposals-at-most", Row: 1,
		Text:   t("一个试点的项目数不得超过资助计划的规定。", "A pilot may have no more proposals than the programme allows."),
		Values: []string{"proposals"}, Codes: codes("too-many-proposals"),
		Code: []string{"withinLimit"}, Tests: []string{
			"TestRulesOfProposals/a draft does not begin above the limit", "TestRulesOfProposals/a draft is not saved above the limit",
			"TestRulesOfProposals/no proposal is put above the limit", "TestRulesOfProposals/at the limit one can still be replaced",
		},
	},
	{
		ID: "withdraw-until-reviewed", Row: 1,
		Text:   t("评审结束前可以撤回申报，评审之后不可。", "An application can be withdrawn until its review has ended."),
		Source: programme.Default, Codes: codes("wrong-stage"),
		Waits: []string{"application/withdraw", "eligibility/withdraw", "correction/withdraw", "endorsement/withdraw", "review/withdraw"},
		Code:  []string{"(*Withdraw).Check"}, Tests: []string{
			"TestRulesOfTheApplication/a draft can be withdrawn", "TestRulesOfTheApplication/an application can be withdrawn",
			"TestRules/the county returns to the launching office", "TestRulesOfTheApplication/an application can be withdrawn during endorsement",
			"TestRulesOfTheApplication/an application can be withdrawn during the review", "TestRulesOfTheApplication/an application cannot be withdrawn after the review",
			"TestRulesOfTheApplication/a second review does not make withdrawal possible again",
		},
	},
	{
		ID: "within-the-fund", Row: 1,
		Text:   t("申请金额不得超过资金总额。", "An application may not ask for more than the fund's total."),
		Values: []string{"fund.total_fen"}, Codes: codes("over-fund"),
		Code: []string{"Application.judge"}, Tests: []string{"TestApplicationRules/no more than the fund", "TestApplicationRules/the demonstration keeps every rule"},
	},
	{
		ID: "covers-one-proposal", Row: 1,
		Text:   t("申请金额须足以支付评估费和预算最低的一个项目，提交和补正时均予检查：把元填作分的，评审将无一项目可以推荐。", "An application must request enough for the evaluator and its cheapest proposal, when it is submitted and when it is corrected: with yuan entered as fen, the review could recommend nothing."),
		Source: programme.Default, Codes: codes("request-too-small"),
		Code: []string{"Application.covers"}, Tests: []string{
			"TestApplicationRules/at least the evaluator and the cheapest proposal", "TestApplicationRules/one fen less than those cost",
			"TestRulesOfEligibility/a correction does not request less than the cheapest proposal costs", "TestARequestTooSmallIsNamedInYuanAndFen",
		},
	},
	{
		ID: "purpose-of-the-fund", Row: 1,
		Text:   t("试点须符合资金的用途。", "A pilot must serve the purposes of the fund."),
		Values: []string{"purposes"}, Codes: codes("unknown-purpose"),
		Code: []string{"Application.judge"}, Tests: []string{"TestApplicationRules/a purpose of the fund"},
	},
	{
		ID: "kind-and-cap", Row: 1,
		Text:   t("项目须属于规定类别，预算不得超过该类别上限。", "A project must be of a kind that the programme lists, and its budget must stay within the cap for that kind."),
		Values: []string{"kinds.*"}, Codes: codes("unknown-kind", "over-cap"),
		Code: []string{"Proposal.Judge"}, Tests: []string{"TestApplicationRules/a known kind of project", "TestApplicationRules/a project keeps to the cap"},
	},
	{
		ID: "forbidden-spending", Row: 1,
		Text:   t("预算科目须属于规定的支出类别，禁止类支出不得列入。", "A budget line must be of a kind of spending that the programme lists and does not forbid."),
		Values: []string{"spending.*"}, Codes: codes("unknown-spending", "forbidden-spending"),
		Code: []string{"Proposal.JudgeBudget"}, Tests: []string{
			"TestApplicationRules/a budget line that buys cattle is refused", "TestApplicationRules/a kind of spending the programme knows",
		},
	},
	{
		ID: "spending-by-kind", Row: 1,
		Text:   t("支出按申报类别判断，不按科目名称中的字词判断：养殖技术培训属于培训。", "Spending is classified by its declared kind, never by the words of its title: a course on breeding is training."),
		Source: programme.Default,
		Code:   []string{"Proposal.JudgeBudget"}, Tests: []string{"TestApplicationRules/a course on breeding is training"},
	},
	{
		ID: "administrative-share", Row: 1,
		Text:   t("管理费占预算的比例不得超过上限。", "The share of administrative costs in a budget is limited."),
		Values: []string{"admin_permille"}, Codes: codes("over-admin"),
		Code: []string{"Proposal.JudgeBudget"}, Tests: []string{"TestApplicationRules/administration takes at most 5 %"},
	},
	{
		ID: "credit-code", Row: 1,
		Text:   t("统一社会信用代码须合乎标准；仅校验位不符的，经人工确认可以受理。", "A credit code must conform to the standard. If only the check digit is wrong, the code is accepted once a person has confirmed it."),
		Source: "GB 32100-2015", Codes: codes("credit-code", "credit-code-check"),
		Code: []string{"Organization.Judge", "domain/creditcode.Check"}, Tests: []string{
			"TestApplicationRules/a malformed credit code is refused", "TestApplicationRules/a wrong check digit must be confirmed",
			"TestApplicationRules/a confirmed wrong check digit is accepted", "domain/creditcode.TestCheckAndParse",
		},
	},
	{
		ID: "one-application", Row: 1,
		Text:   t("一个组织在同一资助计划中只能参与申报一个项目，不得重复资助。", "An organization may have only one proposal in a programme and cannot be funded twice."),
		Source: "地方管理办法：一个组织只申报一个项目，不重复资助", Codes: codes("one-application", "double-application"),
		Code: []string{"Application.judge", "(*Pilot).Claims", "postgres.(*Store).refuseTaken"}, Tests: []string{
			"TestApplicationRules/one application per organization", "TestOneApplicationOfAnOrganizationInAProgramme",
			"postgres.TestRefusals/a second application of the same organizations", "postgres.TestAWithdrawnApplicationFreesItsOrganizations",
		},
	},
	{
		ID: "evaluator-stands-apart", Row: 1,
		Text:   t("评估机构不得参与申报。", "The evaluator may not take part in an application."),
		Source: programme.Default, Codes: codes("evaluator-applies"),
		Code: []string{"Application.judge"}, Tests: []string{"TestApplicationRules/the evaluator does not apply"},
	},
	{
		ID: "codes-are-unique", Row: 1,
		Text:   t("同一试点内项目编号、同一项目内里程碑编号不得重复。", "A proposal's code must be unique within its pilot, and a milestone's key within its project."),
		Source: programme.Default, Codes: codes("duplicate"),
		Code: []string{"Application.judge", "Proposal.judgeMilestones"}, Tests: []string{
			"TestApplicationRules/a proposal's code is unique", "TestApplicationRules/a milestone's key is unique",
		},
	},
	{
		ID: "milestones-within-the-rollout", Row: 1,
		Text:   t("提交申报时，里程碑不得早于当日，也不得晚于实施期末；拨付条件所需的里程碑不得缺少。", "When an application is submitted, no milestone may be due before that day or after the rollout, and every milestone that a tranche requires must be present."),
		Values: []string{"rollout_ends", "tranches.*"}, Codes: codes("past-day", "after-rollout", "missing-milestone"),
		Code: []string{"Proposal.Judge", "Milestone.JudgeDue", "Proposal.judgeMilestones"}, Tests: []string{
			"TestApplicationRules/no milestone before the submission", "TestApplicationRules/a milestone on the day of the submission",
			"TestApplicationRules/no milestone after the rollout", "TestApplicationRules/milestones that tranches need",
		},
	},

	// 2 Eligibility
	{
		ID: "directory-first", Row: 2,
		Text:   t("与社会组织名录核对之后方可受理；每轮核对一次。", "An application can be accepted only after it has been checked against the directory of organizations, once per round."),
		Source: programme.Default, Codes: codes("checks-pending", "already-checked"), Waits: []string{"eligibility/record-checks"},
		Code: []string{"(*RecordChecks).Check", "(*Accept).Check"}, Tests: []string{
			"TestRulesOfEligibility/nothing is accepted before the directory has answered", "TestRulesOfEligibility/the directory answers once a round",
		},
	},
	{
		ID: "eligible-organizations", Row: 2,
		Text: t("承担单位须在名录中，年检合格、登记年限和专职人员达标，且不在异常或失信名单。", "An organization must be in the directory, have passed its latest inspection, have been registered long enough, have enough full-time staff, and be on no list of abnormal or dishonest organizations."),
		Values: []string{
			"eligibility.inspection_passed", "eligibility.min_years", "eligibility.min_staff", "eligibility.not_listed",
		}, Codes: codes("not-eligible"),
		Code: []string{"findingsOf", "(*Accept).Check"}, Tests: []string{
			"TestWhatTheDirectoryKnowsDecidesAboutEligibility", "TestAnOrganizationOnTheAbnormalListIsRefusedAndAnExpiredRatingWarns",
		},
	},
	{
		ID: "names-as-registered", Row: 2,
		Text:   t("组织、评估机构、村的名称与名录、地名表不一致，或评估机构不在名录中的，只作提示，由民政部门决定是否要求补正。", "A name of an organization, the evaluator or a village that differs from the directory or the table of places, or an evaluator who is not in the directory, only causes a warning; the office decides whether to request a correction."),
		Source: programme.Default,
		Code:   []string{"findingsOf", "aboutEvaluator"}, Tests: []string{
			"TestWhatTheDirectoryKnowsDecidesAboutEligibility/another name in the directory warns", "TestTheEvaluatorAndTheVillagesAreComparedWithTheRegisters",
		},
	},
	{
		ID: "rating-is-a-preference", Row: 2,
		Text:   t("评估等级是优先条件而非门槛：未评估、过期或偏低只作提示。", "A rating is a preference, not a requirement: a missing, expired or low rating only causes a warning."),
		Values: []string{"eligibility.preferred_rating"},
		Code:   []string{"findingsOf"}, Tests: []string{
			"TestWhatTheDirectoryKnowsDecidesAboutEligibility/no rating warns", "TestWhatTheDirectoryKnowsDecidesAboutEligibility/an expired rating warns",
			"TestWhatTheDirectoryKnowsDecidesAboutEligibility/a rating below 3A warns",
		},
	},
	{
		ID: "one-term-for-the-first-office", Row: 2,
		Text:   t("资格审查与首级审核推荐共用一个期限：受理不重新计算期限。", "The eligibility check and the first endorsement share one deadline: acceptance does not set a new one."),
		Values: []string{"terms.eligibility"}, Waits: []string{"eligibility/accept"},
		Code: []string{"(*Accept).Decide"}, Tests: []string{"TestTheFirstOfficeChecksAndEndorsesWithinOneTerm"},
	},
	{
		ID: "refuse-one-proposal", Row: 2,
		Text:   t("可以只对一个项目不予受理，其余继续。", "A single proposal can be refused, with a reason; the others continue."),
		Source: programme.Default, Codes: codes("no-such-proposal"), Waits: []string{"eligibility/refuse-proposal"},
		Code: []string{"(*RefuseProposal).Check", "(*Pilot).remove"}, Tests: []string{
			"TestRulesOfEligibility/a missing proposal cannot be refused", "TestRulesOfEligibility/a refused proposal is not refused again",
			"TestAPilotFailsOnlyWhenNoProposalIsLeft",
		},
	},
	{
		ID: "fails-when-none-is-left", Row: 2,
		Text:   t("所有项目都退出时，试点才告失败。", "A pilot fails only when no proposal is left."),
		Source: programme.Default,
		Code:   []string{"(*Pilot).without"}, Tests: []string{"TestAPilotFailsOnlyWhenNoProposalIsLeft"},
	},
	{
		ID: "corrected-once", Row: 2,
		Text:   t("补正只能要求一次。", "A correction can be requested only once."),
		Values: []string{"terms.correction"}, Codes: codes("corrected-once"), Waits: []string{"eligibility/request-correction"},
		Code: []string{"(*RequestCorrection).Check"}, Tests: []string{"TestRules/an application is corrected once"},
	},
	{
		ID: "correction-is-judged-again", Row: 2,
		Text:   t("补正期最后一日仍可补正；补正后的申报按全部规则重新审查。", "A correction is still accepted on its last day; the corrected application is checked against every rule again."),
		Source: programme.Default, Waits: []string{"correction/correct"},
		Code: []string{"(*Correct).Check", "(*PilotCorrected).Apply"}, Tests: []string{
			"TestRulesOfEligibility/the last day of a correction still admits it",
			"TestRulesOfEligibility/a corrected application is judged by every rule again",
		},
	},
	{
		ID: "overdue-correction-withdraws", Row: 2,
		Text:   t("逾期未补正的，视为撤回。", "If no correction is submitted in time, the application counts as withdrawn."),
		Source: programme.Default, Waits: []string{"correction/lapse"},
		Code: []string{"(*Pilot).Lapse"}, Tests: []string{"TestRules/a correction that does not come in time withdraws the pilot"},
	},
	{
		ID: "refused-application-is-over", Row: 2,
		Text:   t("不予受理即告终止，须说明理由。", "A refusal ends the application and requires a reason."),
		Source: programme.Default, Codes: codes("wrong-stage"), Waits: []string{"eligibility/refuse"},
		Code: []string{"(*Refuse).Decide"}, Tests: []string{"TestRulesOfEligibility/a refused application is over"},
	},

	// 3 Endorsement
	{
		ID: "chain-in-order", Row: 3,
		Text:   t("各级民政部门由低到高依次审核推荐，各有期限；首级的期限与资格审查共用，被上级退回后方另计。", "The offices of the chain endorse in order, lowest first, each by its own deadline. The first office's is that of the eligibility check, until the office above returns the application to it."),
		Values: []string{"chain", "terms.endorse-county", "terms.endorse-city", "terms.endorse-province"},
		Codes:  codes("wrong-place"), Waits: []string{"endorsement/endorse"},
		Code: []string{"(*Endorse).Decide", "(*Pilot).endorsement", "domain/place.(*Table).Chain"}, Tests: []string{
			"TestRules/the county endorses before the city", "TestTheDemonstrationKeepsItsGoldenDates",
		},
	},
	{
		ID: "submitter-does-not-endorse", Row: 3,
		Text:   t("提交申报的人员不得审核推荐。", "The person who submitted the application may not endorse it."),
		Source: programme.Default, Codes: codes("same-person"),
		Code: []string{"(*Endorse).Check"}, Tests: []string{"TestRulesOfEndorsement/whoever submitted does not endorse"},
	},
	{
		ID: "return-one-level-down", Row: 3,
		Text:   t("退回只退一级，重新计算期限；首级退回即要求补正，但不占用那一次补正。", "An application is returned only one level down, with a new deadline. If the first office returns it, a correction is requested, which does not count as the one correction allowed."),
		Source: programme.Default, Waits: []string{"endorsement/return"},
		Code: []string{"(*Return).Decide"}, Tests: []string{
			"TestRules/the city returns to the county", "TestRules/the county returns to the launching office",
			"TestAReturnGivesTheOfficeBelowAFreshDeadline", "TestRulesOfEndorsement/an office's return does not use up the one correction",
		},
	},
	{
		ID: "rejected-is-over", Row: 3,
		Text:   t("被否决的试点即告终止。", "A rejection ends the pilot."),
		Source: programme.Default, Codes: codes("wrong-stage"), Waits: []string{"endorsement/reject"},
		Code: []string{"(*Reject).Decide"}, Tests: []string{"TestRules/a rejected pilot is over"},
	},

	// 4 Expert review
	{
		ID: "odd-panel", Row: 4,
		Text:   t("评审小组须为单数，不少于规定人数，一人一席。", "A panel must have an odd number of members, no fewer than required, each appointed only once."),
		Values: []string{"panel.min_size", "terms.review"}, Codes: codes("panel-size", "duplicate"), Waits: []string{"review/appoint-panel"},
		Code: []string{"(*AppointPanel).Check"}, Tests: []string{
			"TestRules/a panel has an odd number of experts", "TestRules/a panel has at least five experts", "TestRulesOfReview/an expert sits on a panel once",
		},
	},
	{
		ID: "panel-of-experts", Row: 4,
		Text:   t("评审小组由已登记的评审专家组成；申报组织的人员不得参加。", "A panel consists of registered experts; nobody who acts for an applicant organization may sit on it."),
		Source: programme.Default, Codes: codes("no-such-expert", "expert-applies"),
		Code: []string{"(*Pilot).maySit"}, Tests: []string{
			"TestRulesOfReview/nobody sits on a panel who is not registered", "TestRulesOfReview/nobody sits on a panel who is no expert",
			"TestRulesOfReview/nobody sits on a panel who speaks for an applicant", "TestRulesOfReview/an expert of another organization sits on a panel",
			"TestRulesOfReview/whoever has scored stays on the panel, though no longer registered", "postgres.TestAPanelIsOfRegisteredExperts",
		},
	},
	{
		ID: "panel-stands", Row: 4,
		Text:   t("已评分的专家不得更换，未评分的可以更换。", "An expert who has scored cannot be replaced; one who has not scored can be."),
		Source: programme.Default, Codes: codes("panel-at-work"),
		Code: []string{"(*AppointPanel).Check"}, Tests: []string{"TestRules/an expert who has scored cannot be replaced", "TestAnExpertWhoHasNotScoredIsReplaced"},
	},
	{
		ID: "panel-scores", Row: 4,
		Text:   t("只有小组成员可以评分，且只评审中的项目。", "Only panel members may score, and only proposals under review."),
		Source: programme.Default, Codes: codes("wrong-person", "no-such-proposal"), Waits: []string{"review/score"},
		Code: []string{"(*Pilot).underReview"}, Tests: []string{
			"TestRules/without a panel nobody scores", "TestRulesOfEveryStage/nobody outside the panel scores", "TestRulesOfReview/an expert scores proposals under review",
		},
	},
	{
		ID: "recommended-within-budget", Row: 4,
		Text:   t("建议金额不得超过项目预算。", "A recommended amount may not exceed the project's budget."),
		Source: programme.Default, Codes: codes("over-budget"),
		Code: []string{"(*Score).Check"}, Tests: []string{"TestRulesOfReview/an expert recommends at most the budget"},
	},
	{
		ID: "recused-does-not-score", Row: 4,
		Text:   t("已回避的专家不再评审该项目，已有评分作废。", "A recused expert no longer reviews the proposal; any earlier score is void."),
		Source: "参照《社会组织评估管理办法》（民政部令第39号）", Codes: codes("recused", "no-such-proposal"), Waits: []string{"review/recuse"},
		Code: []string{"(*Score).Check", "(*ExpertRecused).Apply"}, Tests: []string{
			"TestRules/a recused expert does not score", "TestRulesOfReview/an expert recuses from proposals under review",
		},
	},
	{
		ID: "quorum", Row: 4,
		Text:   t("每个项目的评分份数须达到小组人数的规定比例（参照《社会组织评估管理办法》）。", "A review can be concluded only when the required share of the panel has scored every proposal (by analogy with the Measures for the Evaluation of Social Organizations 《社会组织评估管理办法》)."),
		Values: []string{"panel.quorum_third"}, Codes: codes("no-panel", "below-quorum", "panel-short"), Waits: []string{"review/conclude-review"},
		Code: []string{"(*ConcludeReview).Check"}, Tests: []string{
			"TestRules/a review without a panel cannot be concluded", "TestRules/a review without scores cannot be concluded",
			"TestRules/three of five scores, and nobody left to score: the panel is short", "TestRules/four of five scores are a quorum",
		},
	},
	{
		ID: "drop-highest-and-lowest", Row: 4,
		Text:   t("评分达到规定份数时，去掉一个最高分和一个最低分后取平均；金额取同一批专家建议的平均。", "With enough scores, the highest and the lowest are dropped and the rest averaged; the amount is the mean of the same experts' recommendations."),
		Values: []string{"panel.drop_from"},
		Code:   []string{"Case.mean"}, Tests: []string{
			"TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain/five scores: the mean of the middle three",
			"TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain/four scores: the mean of all",
		},
	},
	{
		ID: "recommended-from", Row: 4,
		Text:   t("平均分达到规定分数方可推荐，未达到的项目退出。", "A proposal whose mean score reaches the required score is recommended; any other is removed."),
		Values: []string{"panel.min_score"},
		Code:   []string{"(*ConcludeReview).Decide"}, Tests: []string{
			"TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain/a mean of sixty is recommended",
			"TestTheHighestAndTheLowestScoreAreDroppedWhenEnoughRemain/a mean below sixty leaves",
		},
	},

	// 5 Public notice
	{
		ID: "notice-runs", Row: 5,
		Text:   t("评审结束即行公示；期满且无未决异议的项目自动进入立项。", "The public notice begins when the review ends; when it is over, a proposal without an outstanding objection goes on to approval automatically."),
		Values: []string{"terms.notice"}, Waits: []string{"publication/open-notice", "notice/lapse"},
		Code: []string{"(*OpenNotice).Decide", "(*Pilot).noticeRuns"}, Tests: []string{"TestANoticeRunsSevenWorkingDaysAndClearsByItself"},
	},
	{
		ID: "notice-last-day", Row: 5,
		Text:   t("公示最后一日仍可提出异议；期满后提出的，告知公示何时届满、可向何处反映。", "Objections are accepted on the last day of a notice. A later objector is told when the notice ended and where to turn."),
		Values: []string{"terms.notice"}, Codes: codes("notice-over"), Waits: []string{"notice/object"},
		Code: []string{"inTime", "(*Object).Unadmitted"}, Tests: []string{
			"TestRules/the last day of a notice still admits an objection", "TestRules/the day after a notice admits no objection",
			"TestWhoComesAfterTheNoticeIsToldSo",
		},
	},
	{
		ID: "who-objects", Row: 5,
		Text:   t("公众、社会组织和村民委员会均可对公示中的项目提出异议。", "Only members of the public, organizations and village committees can object to a proposal on public notice."),
		Source: programme.Default, Codes: codes("not-on-notice", "wrong-role"),
		Code: []string{"(*Object).Check"}, Tests: []string{
			"TestRulesOfTheNotice/an objection names a proposal on notice", "TestRulesOfTheNotice/an auditor reads and does not object",
		},
	},
	{
		ID: "objection-pauses-one", Row: 5,
		Text:   t("异议只暂停所涉项目，其余继续。", "An objection pauses only the proposal that it concerns; the others continue."),
		Source: programme.Default, Codes: codes("objection-pending"),
		Code: []string{"(*Objected).Apply"}, Tests: []string{"TestRules/an objection suspends the notice of its proposal", "TestAnObjectionEndsInOneOfThreeWays"},
	},
	{
		ID: "objection-is-decided", Row: 5,
		Text:   t("异议经核查作出决定：成立则项目退出；不成立则续行剩余公示日；重新评审则重新评分、重新公示。", "An objection is decided after an inquiry. If it is upheld, the proposal is removed; if it is dismissed, the notice resumes for its remaining days; a new review means new scores and a full new notice."),
		Values: []string{"terms.inquiry"}, Codes: codes("no-objection"), Waits: []string{"inquiry/decide-objection"},
		Code: []string{"(*DecideObjection).Decide", "remaining"}, Tests: []string{
			"TestAnObjectionEndsInOneOfThreeWays/upheld: the proposal leaves",
			"TestAnObjectionEndsInOneOfThreeWays/dismissed: the remaining notice days resume",
			"TestAnObjectionEndsInOneOfThreeWays/review again: new scores and a whole new notice",
			"TestRulesOfTheNotice/without an objection there is nothing to decide",
		},
	},

	// 6 Approval
	{
		ID: "approve-what-is-cleared", Row: 6,
		Text:   t("只批复公示期满且无未决异议的项目，每个项目自此立项。", "Only proposals whose notice has ended and that have no outstanding objection are approved; each of them becomes a project."),
		Values: []string{"terms.approval"}, Codes: codes("nothing-cleared", "wrong-stage"), Waits: []string{"approval/approve"},
		Code: []string{"(*Approve).Check", "(*PilotApproved).Apply"}, Tests: []string{
			"TestRulesOfApproval/only proposals that came through their notice are approved", "TestRules/approval waits for the notice",
			"TestTheApprovalTurnsProposalsIntoProjectsAndCommitsTheirMoney",
		},
	},
	{
		ID: "rank-while-the-money-lasts", Row: 4,
		Text:   t("按排名推荐，以申请金额扣除评估费为限；超出限额的退出，并注明系资金不足而非评分不足。", "Proposals are recommended in order of rank, within the amount applied for less the evaluation fee; those that do not fit are removed, with that reason rather than as weak."),
		Source: programme.Default,
		Code:   []string{"(*ConcludeReview).Decide", "(*Pilot).promisedFen"}, Tests: []string{"TestProposalsAreFundedByRankWhileTheMoneyLasts", "TestAProposalBeyondTheMoneyIsNotCalledWeak"},
	},
	{
		ID: "number-given-once", Row: 6,
		Text:   t("同一试点的每次批复各用一个文号。", "Each approval of a pilot has a document number of its own."),
		Source: programme.Default, Codes: codes("duplicate-number"),
		Code: []string{"(*Approve).Check"}, Tests: []string{"TestRulesOfApproval/a document number is given once"},
	},
	{
		ID: "paused-is-approved-later", Row: 6,
		Text:   t("暂停的项目恢复后另行批复，另用文号。", "A paused proposal is approved separately once it resumes, under another document number."),
		Source: programme.Default,
		Code:   []string{"(*Approve).Decide"}, Tests: []string{"TestRulesOfApproval/a paused proposal is approved later, with its own document number"},
	},
	{
		ID: "document-number-once", Row: 6,
		Text:   t("批复文号不得重复使用。", "A document number may be used only once."),
		Source: programme.Default, Codes: codes("duplicate-number"),
		Code: []string{"(*Pilot).Claims", "postgres.(*Store).refuseTaken"}, Tests: []string{
			"TestTheApprovalTurnsProposalsIntoProjectsAndCommitsTheirMoney", "postgres.TestANumberIsUsedOnce/a document number that another pilot was approved under",
		},
	},
	{
		ID: "approval-commits-the-money", Row: 6,
		Text:   t("批复即承诺各项目资金，首次批复同时承诺评估合同资金。", "The approval commits each project's grant and, with the first approval, the money for the evaluation contract."),
		Source: programme.Default,
		Code:   []string{"domain/pilot.bookings", "Postings"}, Tests: []string{"TestTheApprovalTurnsProposalsIntoProjectsAndCommitsTheirMoney"},
	},
	{
		ID: "fund-total", Row: 6,
		Text:   t("各试点获得的资金合计不得超过资助计划的资金总额。", "All pilots of a programme together may not receive more than the fund's total."),
		Values: []string{"fund.total_fen"}, Codes: codes("fund-exhausted"),
		Code: []string{"Floor", "postgres.(*Store).Execute"}, Tests: []string{
			"TestTheFundIsTheOnlyAccountWithAFloorBelowZero", "postgres.TestAFundGivesNoMoreThanItsTotal",
		},
	},
	{
		ID: "give-up-your-own", Row: 6,
		Text:   t("组织在批复前可以放弃自己的项目，不能放弃他人的。", "Before the approval an organization may give up its own proposal, but no other."),
		Source: programme.Default, Codes: codes("wrong-organization", "no-such-proposal"), Waits: []string{"notice/give-up", "approval/give-up"},
		Code: []string{"(*GiveUp).Check"}, Tests: []string{
			"TestRules/an organization gives up its proposal", "TestRules/an organization can give up only its own proposal",
			"TestRulesOfApproval/a cleared proposal can be given up", "TestRulesOfApproval/an approved proposal can no longer be given up",
		},
	},
	{
		ID: "reject-before-approval", Row: 6,
		Text:   t("首次批复前仍可否决，批复后不可。", "The office may reject the pilot until the first approval, not afterwards."),
		Source: programme.Default, Codes: codes("wrong-stage"), Waits: []string{"approval/reject"},
		Code: []string{"(*Reject).Check"}, Tests: []string{
			"TestRulesOfApproval/before the approval the office may still reject", "TestRulesOfApproval/an approved pilot can no longer be rejected",
		},
	},
}
