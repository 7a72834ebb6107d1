package rules

import "terrace/domain/programme"

// afterwards holds the rules for rows 14 and 15 of the lifecycle, in which the pilot itself is wound up.
var afterwards = []Rule{
	{
		ID: "evaluator-is-paid-last", Row: 14,
		Text:   t("全部项目结论作出后，评估费一次付清，随后进入绩效自评。", "The evaluator is paid in full after the last verdict; the self-evaluation follows."),
		Source: programme.Default, Codes: codes("already-recorded"), Waits: []string{"villages/record-payment"},
		Code: []string{"(*RecordPayment).Check", "(*Pilot).complete"}, Tests: []string{
			"TestTheEvaluatorIsPaidOnceAfterTheLastVerdict", "TestRulesOfPayments/the evaluator's payment is recorded when it is owed",
		},
	},
	{
		ID: "self-evaluation", Row: 14,
		Text:   t("绩效自评按规定因素逐项打分，不得超过各项满分，不得另立因素；总分定等级。", "The self-evaluation scores every factor listed in the programme and no other, none above its full score; the total determines the grade."),
		Values: []string{"weights", "grades"}, Codes: codes("missing-factor", "over-factor", "unknown-factor"), Waits: []string{"summary/submit-summary"},
		Code: []string{"(*SubmitSummary).Check", "(*SubmitSummary).Decide"}, Tests: []string{
			"TestRulesOfDisclosure/every factor is scored", "TestRulesOfDisclosure/a factor gets at most its full score",
			"TestRulesOfDisclosure/a factor the programme does not weigh", "TestRulesOfDisclosure/a self-evaluation with every factor scored is accepted",
			"TestTheSelfEvaluationAndTheAnnouncementAreDueOnTheProgrammesDay",
		},
	},
	{
		ID: "yearly-announcement", Row: 14,
		Text:   t("资金使用情况由批准单位按期向社会公告。", "The approving office must publish how the money was used by the date set in the programme."),
		Values: []string{"announcement"}, Codes: codes("wrong-place"), Waits: []string{"announcement/announce"},
		Code: []string{"(*Announce).Decide"}, Tests: []string{
			"TestRulesOfDisclosure/the approving office announces", "TestRulesOfDisclosure/the county does not announce",
			"TestTheSelfEvaluationAndTheAnnouncementAreDueOnTheProgrammesDay",
		},
	},
	{
		ID: "dossier-is-sealed", Row: 15,
		Text:   t("公告后即行归档，档案以全部哈希链封存。", "After publication, the dossier is sealed with a hash of all hash chains."),
		Source: programme.Default, Waits: []string{"seal/archive"},
		Code: []string{"(*Archive).Decide", "postgres.(*Store).Dossier"}, Tests: []string{
			"TestAnArchivedDossierIsKeptThirtyYears", "postgres.TestTheDossierIsSealedOverEveryChainOfThePilot",
		},
	},
	{
		ID: "retention", Row: 15,
		Text:   t("归档后按规定年限保管。", "An archived dossier is kept for the required number of years."),
		Values: []string{"retention_years"},
		Code:   []string{"(*Archive).Decide"}, Tests: []string{"TestAnArchivedDossierIsKeptThirtyYears"},
	},
}
