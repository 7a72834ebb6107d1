package main

// ofTheWorkflows lists bugs in the relay, the workflows and the activities.
var ofTheWorkflows = []Mutation{
	{
		Name: "older Progress is taken for news", Rule: "a workflow drops Progress older than what it knows",
		Edits:   in("workflows/news.go", "\tif news.OlderThan(r.news) {\n\t\treturn\n\t}\n", ""),
		Package: "./workflows", Test: "TestTimeTakesEffectWhenItsMomentComes",
	},
	{
		Name: "news of another epoch is taken for old", Rule: "after a jump of the calendar the news counts, whatever its sequence",
		Edits:   in("activities/news.go", "\t\treturn n.Epoch < other.Epoch\n", "\t\treturn n.Seq < other.Seq\n"),
		Package: "./activities", Test: "TestNewsAgeByEpochAndThenBySequence", Quick: true,
	},
	{
		Name: "a duty is started twice", Rule: "a duty in progress is not started again",
		Edits: in("workflows/runner.go",
			"case slices.ContainsFunc(r.busy, func(d deed) bool { return d.duty == duty }):", "case slices.ContainsFunc(r.busy, func(d deed) bool { return d.duty == duty && len(r.busy) > 1 }):"),
		Package: "./workflows", Test: "TestARefusedDutyIsTriedAgainEverMorePatiently",
	},
	{
		Name: "children end with their parent", Rule: "a village outlives its pilot's run",
		Edits:   in("workflows/runner.go", "enumspb.PARENT_CLOSE_POLICY_ABANDON", "enumspb.PARENT_CLOSE_POLICY_TERMINATE"),
		Package: "./worker", Test: "TestChildrenBelongToTheirPilotAndOutliveIt",
	},
	{
		Name: "a run continues as new during a duty", Rule: "a run continues as new only when it is quiet",
		Edits:   in("workflows/runner.go", "!r.news.Ended && len(r.busy) == 0 && !r.keeping", "!r.news.Ended && !r.keeping"),
		Package: "./workflows", Test: "TestALongHistoryContinuesOnlyWhenQuiet",
	},
	{
		Name: "an ended run is started again", Rule: "a workflow that ran to its end needs no news",
		Edits:   in("worker/temporal.go", "enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY", "enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE"),
		Package: "./worker", Test: "TestRelayDeliversEveryRowOnceAtMostSixteenAtATime",
	},
	{
		Name: "a signal that failed counts as delivered", Rule: "the relay removes only what has arrived",
		Edits:   in("worker/relay.go", "\t\t\tif err == nil {\n\t\t\t\tdone = append(done, d)", "\t\t\tif err == nil || away(err) {\n\t\t\t\tdone = append(done, d)"),
		Package: "./worker", Test: "TestRelayLosesNoRowWhileTemporalIsAway",
	},
	{
		Name: "no run is ever outdated", Rule: "resume --replace ends the runs of an older story",
		Edits:   in("worker/resume.go", "return story < workflows.Story, nil", "return story > workflows.Story, nil"),
		Package: "./worker", Test: "TestResumeStartsWhatIsMissingAndReplacesWhatIsOld",
	},
	{
		Name: "a command id that names its run", Rule: "a workflow's command ids name the aggregate and the duty, never a run",
		Edits: in("activities/record.go",
			"\treturn fmt.Sprintf(\"%s/%s/%s/%s\", name, t.Ref, t.Duty.Key, t.Duty.Subject)\n",
			"\treturn fmt.Sprintf(\"%s/%s/%s/%s/%p\", name, t.Ref, t.Duty.Key, t.Duty.Subject, &t)\n"),
		Package: "./activities", Test: "TestEachDutySendsItsCommands",
	},
	{
		Name: "an unknown outcome is guessed as paid", Rule: "an outcome that the bank has not reported is unknown",
		Edits: in("activities/payment.go",
			"\"payment\", p.ID, \"error\", err)\n\t\treturn payment.BankAnswer{Outcome: payment.OutcomeUnknown}, nil",
			"\"payment\", p.ID, \"error\", err)\n\t\treturn payment.BankAnswer{Outcome: payment.BankPaid}, nil"),
		Package: "./activities", Test: "TestABankIsInstructedAskedAndBelieved",
	},
	{
		Name: "a lost order is sent again instead of asked about", Rule: "the bank is asked about an unknown outcome by reference",
		Edits:   in("activities/payment.go", "\tanswer, err = a.ask(ctx, p)\n", "\tanswer, err = a.Gateway.Instruct(ctx, order)\n"),
		Package: "./activities", Test: "TestABankIsInstructedAskedAndBelieved",
	},
	{
		Name: "each try has its own reference", Rule: "the payment's id is the reference, so that the bank pays once",
		Edits: in("activities/payment.go",
			"o := Order{Reference: p.ID,", "o := Order{Reference: fmt.Sprintf(\"%s-%d\", p.ID, activity.GetInfo(ctx).Attempt),"),
		Package: "./activities", Test: "TestABankIsInstructedAskedAndBelieved",
	},
	{
		Name: "an account number in the history", Rule: "no personal data enters a workflow's history",
		Edits: in("activities/payment.go",
			"return answer, lost // retried under the same reference", "return answer, fmt.Errorf(\"%w: %s\", lost, order.AccountNumber) // retried under the same reference"),
		Package: "./worker", Test: "TestWhateverTheBankAnswersThePaymentIsMadeOnce",
	},
}

// ofTheEdge lists bugs in the HTTP API.
var ofTheEdge = []Mutation{
	{
		Name: "If-Match is not passed on", Rule: "a decision on an outdated view is refused with 412",
		Edits:   in("api/command.go", "IfVersion: in.version()}", "IfVersion: 0 * in.version()}"),
		Package: "./api", Test: "TestADecisionOnAnOutdatedViewIsRefused",
	},
	{
		Name: "a refusal with another status", Rule: "every code has its one HTTP status",
		Edits:   in("api/problem.go", "domain.Conflict:  http.StatusConflict,", "domain.Conflict:  http.StatusBadRequest,"),
		Package: "./api", Test: "TestEveryCodeIsExplained",
	},
	{
		Name: "a fault reveals its internals", Rule: "internals never reach a client",
		Edits:   in("api/problem.go", `return domain.Refuse("fault", "")`, `return domain.Refuse("fault", err.Error())`),
		Package: "./api", Test: "TestAFaultTellsItsIDAndNothingElse",
	},
	{
		Name: "evidence under another file's hash", Rule: "a file is kept only under its own SHA-256",
		Edits: in("api/evidence.go",
			"if hex.EncodeToString(hash.Sum(nil)) != sha {\n\t\treturn 0, domain.Refuse(\"digest-mismatch\"", "if len(sha) != 64 {\n\t\treturn 0, domain.Refuse(\"digest-mismatch\""),
		Package: "./api", Test: "TestAFileIsKeptUnderItsHash",
	},
	{
		Name: "damaged evidence is handed out", Rule: "a file is checked against its name before anybody gets it",
		Edits: in("api/evidence.go",
			"if hex.EncodeToString(hash.Sum(nil)) != sha {\n\t\treturn nil, errors.Join(domain.Refuse(\"evidence-damaged\"", "if len(sha) != 64 {\n\t\treturn nil, errors.Join(domain.Refuse(\"evidence-damaged\""),
		Package: "./api", Test: "TestADamagedFileIsNotHandedOut",
	},
	{
		Name: "a page from a server in between is taken for the bank's answer", Rule: "an answer counts only with the status code that belongs to it",
		Edits:   in("bank/gateway.go", "if response.StatusCode != http.StatusOK && !refused && !unheard {", "if response.StatusCode == http.StatusUnauthorized {"),
		Package: "./bank", Test: "TestWhatIsNoAnswerIsAnUnknownOutcome",
	},
	{
		Name: "an answer about another amount is believed", Rule: "an answer of another amount is about another order",
		Edits:   in("bank/gateway.go", "case answer.Status == protocol.Unheard, answer.Fen != order.Fen:", "case answer.Status == protocol.Unheard:"),
		Package: "./bank", Test: "TestAnotherOrderUnderTheSameReferenceIsAConflict",
	},
	{
		Name: "the worker outlives the program", Rule: "nothing of a program runs after it is closed",
		Edits:   in("app/app.go", "\tif a.worker != nil {\n\t\ta.worker.Stop()\n\t}\n", ""),
		Package: "./app", Test: "TestAProgramThatIsClosedLeavesNothingBehind",
	},
	{
		Name: "the connection to Temporal outlives the program", Rule: "nothing of a program runs after it is closed",
		Edits:   in("app/app.go", "\t\ta.Temporal.Close()\n", "\t\ta.Temporal = nil\n"),
		Package: "./app", Test: "TestAProgramThatIsClosedLeavesNothingBehind",
	},
	{
		Name: "a stream keeps the program from stopping", Rule: "an open stream ends when the program is to stop",
		Edits:   in("api/server.go", "\tserver.RegisterOnShutdown(h.Stop)\n", ""),
		Package: "./app", Test: "TestAProgramThatIsClosedLeavesNothingBehind",
	},
	{
		Name: "a request that hangs outlives the program", Rule: "requests that exceed their time are cut off",
		Edits:   in("app/app.go", "patience, err), d.server.Close())", "patience, err))"),
		Package: "./app", Test: "TestARequestThatTakesTooLongIsCutOff",
	},
}
