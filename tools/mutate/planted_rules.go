package main

// ofTheRules lists bugs in the rules about who may do what, and by when.
var ofTheRules = []Mutation{
	{
		Name: "any role will do", Rule: "a command needs one of its roles",
		Edits:   in("domain/flow/seat.go", "if !party.HoldsRole(a) {", "if len(party.Roles) == 0 {"),
		Package: "./domain/catalogue", Test: "TestRules", Quick: true,
	},
	{
		Name: "any office will do", Rule: "an office acts only on what is its own",
		Edits:   in("domain/flow/seat.go", `if party.Place != "" && party.Place != a.Place {`, `if party.Place != "" && a.Place == "" {`),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "authority by the digits of a code", Rule: "the table of places says what lies in what, never a prefix",
		Edits: []Edit{
			{"domain/place/place.go", "\treturn err == nil && slices.Contains(chain, ancestor)", "\t_ = chain\n\treturn err == nil && strings.HasPrefix(string(place), strings.TrimRight(string(ancestor), \"0\"))"},
		},
		Package: "./domain/place", Test: "TestWithin", Quick: true,
	},
	{
		Name: "whoever submitted endorses", Rule: "nobody endorses what they submitted",
		Edits:   in("domain/pilot/endorsement.go", "if c.Actor.ID == p.SubmittedBy {", "if c.Actor.ID == p.ID {"),
		Package: "./domain/catalogue", Test: "TestRulesOfEndorsement",
	},
	{
		Name: "a decision on an outdated view", Rule: "If-Match refuses when the version has moved on",
		Edits:   in("domain/flow/judge.go", "if cmd.IfVersion != 0 && cmd.IfVersion != s.Common().Version {", "if cmd.IfVersion > s.Common().Version {"),
		Package: "./domain/catalogue", Test: "TestASenderWhoSawAnOlderVersionIsRefused",
	},
	{
		Name: "a hard deadline that still admits commands", Rule: "after a hard due day a command is refused",
		Edits:   in("domain/flow/wait.go", "if !late || !w.Hard {", "if !late || w.Due.EN != \"?\" {"),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "the last minute does not count", Rule: "a deadline ends with its day",
		Edits:   in("domain/flow/wait.go", "late = !t.Due.IsZero() && !c.Now.Before(t.Due.End())", "late = !t.Due.IsZero() && !c.Now.Before(t.Due.At(23, 59))"),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "a term one working day short", Rule: "the day a term is counted from is not counted",
		Edits:   in("domain/calendar/calendar.go", "\tfor n > 0 {\n", "\tfor n > 1 {\n"),
		Package: "./domain/calendar", Test: "TestGoldenChain", Quick: true,
	},
	{
		Name: "a notice one day short", Rule: "a notice runs seven working days",
		Edits: in("domain/pilot/notice.go",
			"Deadline: c.Deadline(c.Today(), NoticeTerm)}", "Deadline: c.Deadline(c.Today().AddDays(-1), NoticeTerm)}"),
		Package: "./domain/catalogue", Test: "TestANoticeRunsSevenWorkingDaysAndClearsByItself",
	},
	{
		Name: "an expert judges after recusing", Rule: "an expert who declared an interest does not judge the proposal",
		Edits:   in("domain/pilot/review.go", "if slices.Contains(q.Recused, c.Actor.ID) {", "if slices.Contains(q.Recused, \"\") {"),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "a recused expert's score counts", Rule: "a recusal takes the expert's score out",
		Edits:   in("domain/pilot/review.go", "\tdelete(q.Scores, e.Expert)\n", ""),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "a review below its quorum", Rule: "two thirds of the panel must have scored",
		Edits:   in("domain/pilot/review.go", "case q.Status != CaseReview || got >= quorum:", "case q.Status != CaseReview || got >= quorum-1:"),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "a banned organization is eligible", Rule: "after a breach an organization is banned for its time",
		Edits:   in("domain/pilot/eligibility.go", "if !f.BannedUntil.IsZero() && !today.After(f.BannedUntil) {", "if !f.BannedUntil.IsZero() && today.After(f.BannedUntil) {"),
		Package: "./domain/catalogue", Test: "TestABreachBansTheOrganizationForThreeYears",
	},
	{
		Name: "an objector's words in the journal", Rule: "the journal holds personal data only as a salted hash",
		Edits:   in("domain/pilot/notice.go", `Digest: c.Digest(o.Grounds + "\x00" + o.Contact)`, `Digest: c.Digest("") + o.Contact`),
		Package: "./postgres", Test: "TestPersonalDataStaysOutOfJournalAndState",
	},
	{
		Name: "a hash without salt", Rule: "a hash of personal data cannot be guessed from a list of names",
		Edits:   in("domain/flow/personal.go", `sha256.Sum256([]byte(salt + strings.Join(values, "\x00")))`, `sha256.Sum256([]byte(strings.Join(values, "\x00")))`),
		Package: "./domain/catalogue", Test: "TestAnotherSaltChangesTheHashOfPersonalData",
	},
}

// ofTheMoney lists bugs in the rules about payments and spending.
var ofTheMoney = []Mutation{
	{
		Name: "one officer releases alone", Rule: "two different officers release a payment",
		Edits:   in("domain/payment/payment.go", "if slices.Contains(p.Releases, c.Actor.ID) {", "if len(p.Releases) > 1 {"),
		Package: "./domain/catalogue", Test: "TestRules",
	},
	{
		Name: "the first release is enough", Rule: "two different officers release a payment",
		Edits:   in("domain/payment/payment.go", "Complete: len(p.Releases) == 1}", "Complete: true}"),
		Package: "./domain/catalogue", Test: "TestRulesOfPayments",
	},
	{
		Name: "an officer pays a friend", Rule: "nobody with an interest in the payee or the evaluator releases",
		Edits:   in("domain/payment/payment.go", "if c.Actor.InterestedIn(party) {", "if c.Actor.Organization == party {"),
		Package: "./domain/catalogue", Test: "TestRulesOfRelease",
	},
	{
		Name: "two live payments of a tranche", Rule: "a tranche has one live payment",
		Edits: in("domain/payment/payment.go",
			`"payment:" + p.Account + "." + strconv.Itoa(p.Tranche)}`, `"payment:" + p.Account + "." + strconv.Itoa(p.Tranche) + "." + strconv.Itoa(p.Attempt)}`),
		Package: "./postgres", Test: "TestALivePaymentIsTheOnlyOneOfItsTranche",
	},
	{
		Name: "a voucher used twice", Rule: "an office gives a voucher's number once",
		Edits:   in("domain/payment/payment.go", `keys = append(keys, plan.VoucherKey(p.Home, p.Voucher))`, `keys = append(keys, plan.VoucherKey(p.ID, p.Voucher))`),
		Package: "./postgres", Test: "TestANumberIsUsedOnce",
	},
	{
		Name: "an approval number used twice", Rule: "an approval's number is given once",
		Edits:   in("domain/pilot/pilot.go", `"approval-number:"+n)`, `"approval-number:"+p.ID+n)`),
		Package: "./postgres", Test: "TestANumberIsUsedOnce",
	},
	{
		Name: "a payment on a day off", Rule: "money goes out on working days",
		Edits:   in("domain/payment/payment.go", "e.Complete && !workday {", "e.Complete && workday && !workday {"),
		Package: "./domain/catalogue", Test: "TestPaymentsGoOutOnWorkingDays",
	},
	{
		Name: "a posted payment is final at once", Rule: "a bank's payment is final once the bank confirms that the money stayed",
		Edits:   in("domain/payment/payment.go", `if p.Gateway != "" && !p.byHand() {`, `if p.Gateway != "" && p.Unknown {`),
		Package: "./domain/catalogue", Test: "TestTheBankIsAskedBeforeItsPaymentIsFinal",
	},
	{
		Name: "a receipt accepted twice", Rule: "a receipt that another project accounted for is never accepted",
		Edits:   in("domain/project/spending.go", `case s.ReusedBy != "":`, `case s.ReusedBy == "-":`),
		Package: "./domain/catalogue", Test: "TestRulesOfJudgingSpending",
	},
	{
		Name: "cattle are bought", Rule: "a forbidden kind of spending is refused",
		Edits:   in("domain/plan/budget.go", "case kind.Forbidden:", "case kind.Forbidden && kind.Source == \"\":"),
		Package: "./domain/catalogue", Test: "TestAForbiddenKindIsRefusedWithItsSource",
	},
	{
		Name: "a large shift of the budget is small", Rule: "more than a tenth of the smallest line needs approval",
		Edits: in("domain/project/change.go",
			"return moved <= money.Share(smallest, c.Rules.ShiftPermille.Value)", "return moved <= 2*money.Share(smallest, c.Rules.ShiftPermille.Value)"),
		Package: "./domain/catalogue", Test: "TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval",
	},
	{
		Name: "small shifts add up unseen", Rule: "all shifts since the last approval count together",
		Edits:   in("domain/project/change.go", "shifted(p.Baseline, plan.BudgetOf(next.Budget))", "shifted(p.budget(), plan.BudgetOf(next.Budget))"),
		Package: "./domain/catalogue", Test: "TestASmallShiftOfTheBudgetIsLoggedAndEveryOtherChangeNeedsApproval",
	},
}

// ofWhatIsSeen lists bugs that would show users more than they may see.
var ofWhatIsSeen = []Mutation{
	{
		Name: "a policy that lets every reader of a list read all of it", Rule: "the database hides rows from those they do not concern, whatever the query",
		Edits:   in("postgres/schema/028_policies.sql", "readers && nullif(current_setting('terrace.keys', true), '')::text[]", "true"),
		Package: "./postgres", Test: "TestEverythingAgreesOnWhatAReaderSees",
	},
	{
		Name: "connections for people's reads that read as the record", Rule: "a connection that does not name its reader reads nothing",
		Edits:   in("postgres/pool.go", "2 * time.Second, 0, false}", "2 * time.Second, 0, true}"),
		Package: "./postgres", Test: "TestAConnectionWithoutAReaderReadsNothing",
	},
	{
		Name: "a list that forgets the evaluator", Rule: "lists show what single reads show",
		Edits:   in("postgres/selection.go", `parties: []way{column("organization"), column("evaluator")},`, `parties: []way{column("organization")},`),
		Package: "./postgres", Test: "TestEverythingAgreesOnWhatAReaderSees",
	},
	{
		Name: "a row twice on its pages", Rule: "a row appears once in a list, however many ways lead to it",
		Edits:   in("postgres/selection.go", "if len(parts) > 1 || s.ways[0].many {", "if len(parts) > 1 {"),
		Package: "./postgres", Test: "TestEverythingAgreesOnWhatAReaderSees",
	},
	{
		Name: "a timeline that shows what its reader may not see", Rule: "timelines and streams show what single reads show",
		Edits:   in("desk/feed.go", "if g.sight != flow.Hidden {\n\t\t\t\te = shown(e, g.sight)", "if g.sight >= flow.Hidden {\n\t\t\t\te = shown(e, g.sight)"),
		Package: "./postgres", Test: "TestEverythingAgreesOnWhatAReaderSees",
	},
	{
		Name: "an office that loses what it takes part in", Rule: "an office that takes part in a pilot sees it, even after its place has changed",
		Edits:   in("postgres/selection.go", "\t\tif bereft {\n", "\t\tif bereft && false {\n"),
		Package: "./postgres", Test: "TestEverythingAgreesOnWhatAReaderSees",
	},
	{
		Name: "a draft read by the office above", Rule: "nobody reads a draft but its own office",
		Edits:   in("domain/flow/sight.go", " && !s.Readers().Draft", ""),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "another county sees", Rule: "an office sees what it and the offices below it launched, and what it takes part in",
		Edits:   in("domain/flow/sight.go", "places.Within(place.Code(s.Place()), place.Code(r.Place))", "places.Within(place.Code(r.Place), place.Code(r.Place))"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a city that lost a county loses its seat", Rule: "offices that take part see it, even after their place has changed",
		Edits:   in("domain/flow/sight.go", `r.Place != "" && is(officeKey+r.Place)`, `r.Place != "" && is("")`),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a command reveals what a read hides", Rule: "what a sender may not see does not exist for them, whatever they send",
		Edits:   in("domain/flow/sight.go", "\t\t}\n\t}\n\treturn NotFound(RefOf(s))", "\t\t}\n\t}\n\treturn nil"),
		Package: "./domain/catalogue", Test: "TestRules", Quick: true,
	},
	{
		Name: "a repeated command answers whoever sent it", Rule: "what a sender may no longer see does not exist for them, even if they repeat a command",
		Edits:   in("domain/flow/sight.go", "!= Hidden {\n\t\treturn nil\n\t}\n\treturn NotFound(RefOf(s))", "!= Hidden {\n\t\treturn nil\n\t}\n\treturn nil"),
		Package: "./postgres", Test: "TestARepetitionAnswersOnlyWhoeverStillSees",
	},
	{
		Name: "a command answers before visibility", Rule: "what a sender may not see does not exist for them, even for a command they may send",
		Edits: in("domain/flow/sight.go",
			"\tif err := d.Visible(s, p, by, places); err != nil {\n\t\treturn err\n\t}\n\treturn named(d.Who.Admits(s, by), places)",
			"\tif err := d.Who.Admits(s, by); err != nil {\n\t\treturn err\n\t}\n\treturn d.Visible(s, p, by, places)"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "whoever comes late hears of any proposal", Rule: "of a pilot without a notice, a stranger hears of notices that ended alone",
		Edits:   in("domain/pilot/notice.go", "case p.Readers().Public:", "case p.Stage != Applying:"),
		Package: "./domain/catalogue", Test: "TestWhoComesAfterTheNoticeIsToldSo", Quick: true,
	},
	{
		Name: "a project forgets the evaluator", Rule: "the evaluator sees the projects they judge",
		Edits:   in("domain/project/sight.go", "{p.Proposal.Organization.CreditCode, p.Evaluator.CreditCode}", "{p.Proposal.Organization.CreditCode}"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a timeline shows another project's payment", Rule: "whoever sees a pilot does not see all that belongs to it",
		Edits:   in("desk/feed.go", "\t\t\tif g.sight != flow.Hidden {\n", "\t\t\tif g.sight == flow.Hidden && e.Aggregate.Kind == \"payment\" {\n\t\t\t\tg.sight = flow.Part\n\t\t\t}\n\t\t\tif g.sight != flow.Hidden {\n"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a stream catches up with what is hidden", Rule: "a stream shows only what its reader can read",
		Edits:   in("desk/feed.go", "if err == nil && g.sight != flow.Hidden {", "if err == nil {"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a hash that opens a file", Rule: "a command names files that its sender may see",
		Edits:   in("postgres/db/evidence.sql.go", "$2::boolean", "true or $2::boolean"),
		Package: "./api", Test: "TestAHashOpensNobodysFile",
	},
	{
		Name: "a stream that outlives its token", Rule: "a stream ends with the token that opened it",
		Edits:   in("api/events.go", "if !s.still(ctx) {", "if !s.still(ctx) && false {"),
		Package: "./api", Test: "TestAStreamEndsWhenItsSignInNoLongerHolds",
	},
	{
		Name: "a part says who did it", Rule: "only those who see the whole see who did what",
		Edits:   in("desk/feed.go", "if sight != flow.Whole {", "if sight == flow.Hidden {"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
	{
		Name: "a village downloads a receipt", Rule: "a file is for those who see what names it",
		Edits:   in("desk/desk.go", "s.Whole || ok && open.EveryFile(to) {", "s.Whole || ok || open != nil {"),
		Package: "./api", Test: "TestWhoSeesAndMayDoWhat",
	},
}
