package main

import "slices"

// mutations lists all bugs to plant.
var mutations = slices.Concat(ofTheRecord, ofTheRoles, ofTheWaiting, ofTheLedger, ofTheRules, ofWhatIsSeen, ofTheMoney, ofTheWorkflows, ofTheEdge)

// controls names the control of each package: a test that must pass whichever guard is missing, such as one in which a
// simple command is accepted. If it fails, a mutation has broken more than a guard.
var controls = map[string]string{
	"./activities":       "TestARefusalIsAnAnswerAndEndsTheDuty",
	"./app":              "TestARegisterIsOneDocument",
	"./api":              "TestAnOfficeDraftsAndSubmitsAPilot",
	"./bank":             "TestTheStatementTellsEveryMovement",
	"./domain/calendar":  "TestParse",
	"./domain/catalogue": "TestTheFirstOfficeChecksAndEndorsesWithinOneTerm",
	"./domain/place":     "TestGet",
	"./postgres":         "TestACommandIsAnsweredWithItsOutcome",
	"./worker":           "TestOperatorsFindRunsByStage",
	"./workflows":        "TestOperatorsFindRunsByStagePlaceAndDueDay",
}

// decided is the SQL file of the function that stores a command's decision.
const decided = "postgres/schema/023_decided.sql"

// personal is the SQL file of the table of personal data and the functions that change it.
const personal = "postgres/schema/004_personal.sql"

// ofTheRecord lists bugs that would lose, repeat or alter what the record has accepted.
var ofTheRecord = []Mutation{
	{
		Name: "receipts without a unique key", Rule: "an actor's command id takes effect once",
		Edits:   in("postgres/schema/003_receipt.sql", "primary key (actor, command)", "check (actor <> '')"),
		Package: "./postgres", Test: "TestTheSameCommandTakesEffectOnce",
	},
	{
		Name: "the earlier receipt is ignored", Rule: "a repeated command gets the same receipt",
		Edits:   in("postgres/db/receipt.sql.go", "from receipt where actor = $1 and command = $2", "from receipt where actor = $1 and command = $2 and false"),
		Package: "./postgres", Test: "TestARepetitionAnswersEvenWhenTheVersionHasMovedOn",
	},
	{
		Name: "different content under a known id is answered", Rule: "an id reused for something else is refused",
		Edits:   in("postgres/receipt.go", "return bytes.Equal(given.Request, r.hash)", "return len(given.Request) == len(r.hash) && bytes.Equal(nil, nil)"),
		Package: "./postgres", Test: "TestRefusals",
	},
	{
		Name: "claims without a unique key", Rule: "a number, an application and a live payment have one holder",
		Edits:   in("postgres/schema/006_claim.sql", "key  text primary key,", "key  text not null,"),
		Package: "./postgres", Test: "TestANumberIsUsedOnce",
	},
	{
		Name: "two decisions from one state", Rule: "a decision is recorded only after the state it was made from",
		Edits: []Edit{
			{decided, "        where a.kind = decided.kind and a.id = decided.id and a.head = decided.head;\n    end if;", "        where a.kind = decided.kind and a.id = decided.id;\n    end if;"},
			{"postgres/schema/002_journal.sql", "    unique (kind, id, seq)\n", "    check (seq > 0)\n"},
		},
		Package: "./postgres", Test: "TestProcessesThatGuessAgainstEachOther",
	},
	{
		Name: "a guess from an older state", Rule: "what a process remembers counts only while the record agrees",
		Edits: in(decided, "        where a.kind = decided.kind and a.id = decided.id and a.head = decided.head;\n    end if;",
			"        where a.kind = decided.kind and a.id = decided.id and a.seq = decided.seq;\n    end if;"),
		Package: "./postgres", Test: "TestACommandIsJudgedAgainWhenTheRecordHasChanged",
	},
	{
		Name: "a guess based on older places", Rule: "authority follows the present table of places",
		Edits:   in(decided, "select v.version = decided.places and", "select v.version > 0 and"),
		Package: "./postgres", Test: "TestACommandIsJudgedAgainWhenTheRecordHasChanged",
	},
	{
		Name: "a guess based on an older clock", Rule: "the record's clock decides on deadlines",
		Edits:   in(decided, "stands := stands and found;", "stands := stands;"),
		Package: "./postgres", Test: "TestACommandIsJudgedAgainWhenTheRecordHasChanged",
	},
	{
		Name: "a guess across a full hour", Rule: "a guessed time never crosses an instant that rules compare with",
		Edits:   in("postgres/schema/001_clock.sql", "        and date_trunc('hour', clock_timestamp(), 'Asia/Shanghai') = date_trunc('hour', instant, 'Asia/Shanghai')\n", ""),
		Package: "./postgres", Test: "TestAGuessIsNeverAcceptedAcrossAFullHour",
	},
	{
		Name: "a guess that overlooks another holder", Rule: "a receipt that another project holds is flagged",
		Edits: []Edit{
			{decided, "where c.key = any(keys) and (c.kind, c.id)", "where c.key = any(keys) and false and (c.kind, c.id)"},
			{decided, "from unnest(claimed) k order by k;", "from unnest(claimed) k order by k on conflict do nothing;"},
		},
		Package: "./postgres", Test: "TestAClaimOfAnotherProjectIsNoticed",
	},
	{
		Name: "an event recorded before the one that it follows", Rule: "an aggregate's events are in the journal in order",
		Edits:   in(decided, "j.seq = decided.seq and j.position > first", "false"),
		Package: "./postgres", Test: "TestProcessesThatGuessAgainstEachOther",
	},
	{
		Name: "a journal that can be rewritten", Rule: "the journal and the books are append-only",
		Edits: in("postgres/schema/002_journal.sql",
			"raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';", "return null;"),
		Package: "./postgres", Test: "TestTheJournalAndTheBooksAreAppendOnly",
	},
	{
		Name: "a hash that forgets the event before", Rule: "each event's hash covers the one before it",
		Edits:   in("postgres/journal.go", "\t\tprev, []byte(r.Kind)", "\t\tnil, []byte(r.Kind)"),
		Package: "./postgres", Test: "TestAnEventForgedWithAValidHashBreaksTheNextLink",
	},
	{
		Name: "a hash that forgets the content", Rule: "each event's hash covers its stored bytes",
		Edits:   in("postgres/journal.go", "[]byte(strconv.FormatBool(r.Late)), r.Data,", "[]byte(strconv.FormatBool(r.Late)),"),
		Package: "./postgres", Test: "TestVerifyFindsEveryPlantedError",
	},
	{
		Name: "a follower reads past the horizon", Rule: "whoever follows the journal misses nothing that commits later",
		Edits: in("postgres/db/journal.sql.go",
			"where j.position > $1 and j.position < journal_horizon()", "where j.position > $1"),
		Package: "./postgres", Test: "TestAFollowerOfTheJournalMissesNothing",
	},
	{
		Name: "news that arrived during a delivery is dropped", Rule: "an aggregate that changed during its delivery is delivered again",
		Edits: in("postgres/db/outbox.sql.go",
			"delete from outbox where kind = $1 and id = $2 and version = $3", "delete from outbox where kind = $1 and id = $2 and $3::bigint > 0"),
		Package: "./postgres", Test: "TestAnAggregateThatChangedDuringItsDeliveryIsDeliveredAgain",
	},
	{
		Name: "a lease that keeps nobody away", Rule: "no relay claims what another one is delivering",
		Edits: in("postgres/db/outbox.sql.go",
			"where (leased_until is null or leased_until < clock_timestamp())", "where (leased_until is null or leased_until is not null)"),
		Package: "./postgres", Test: "TestABurstIsDeliveredOnceWithTheNewestProgress",
	},
	{
		Name: "coalescing without an end", Rule: "an aggregate that keeps changing is still delivered after two seconds",
		Edits: in("postgres/db/outbox.sql.go",
			"or since < clock_timestamp() - $3::interval)", "or since < clock_timestamp() - $3::interval - interval '1 day')"),
		Package: "./postgres", Test: "TestAnAggregateThatKeepsChangingIsStillDelivered",
	},
	{
		Name: "a change that no workflow is told about", Rule: "a workflow is told of every change in its aggregate's Progress",
		Edits:   in("postgres/outbox.go", "return after.Stirs(before)", "return after.Stage != before.Stage"),
		Package: "./postgres", Test: "TestAnEarlierMomentIsNewsEvenWithinAStage",
	},
	{
		Name: "an earlier moment that no workflow is told about", Rule: "a workflow is told of a moment that comes sooner than the one it knows",
		Edits:   in("domain/flow/progress.go", "(before.Next == nil || p.Next.At.Before(before.Next.At))", "before.Next == nil"),
		Package: "./domain/catalogue", Test: "TestWhatStirsAWorkflow",
	},
	{
		Name: "the calendar jumps over a due day", Rule: "a virtual calendar never passes a moment that nobody has acted on",
		Edits:   in("postgres/clock.go", "\t\ttarget = limit\n", "\t\thold := limit\n\t\t_ = hold\n"),
		Package: "./postgres", Test: "TestAVirtualCalendarMovesWithinItsBounds",
	},
}

// ofTheRoles lists bugs in the rights of the database's roles.
var ofTheRoles = []Mutation{
	{
		Name: "a program that is a superuser", Rule: "the program starts only with a role that cannot bypass the record",
		Edits:   in("postgres/role.go", "(r.rolsuper or r.rolbypassrls or r.oid in (", "(r.rolbypassrls or r.oid in ("),
		Package: "./postgres", Test: "TestOnlyARoleWithExactlyTheProgramsRightsOpensTheRecord",
	},
	{
		Name: "a program that may become the owner", Rule: "the program starts only with a role that cannot bypass the record",
		Edits:   in("postgres/role.go", "where pg_has_role(session_user, r.oid, 'member') and", "where pg_has_role(session_user, r.oid, 'usage') and"),
		Package: "./postgres", Test: "TestOnlyARoleWithExactlyTheProgramsRightsOpensTheRecord",
	},
	{
		Name: "rights to more than the program needs", Rule: "the program opens accounts but never sets their balances",
		Edits:   in("postgres/schema/025_rights.sql", "grant insert (owner, name, category, floor) on ledger_account", "grant insert on ledger_account"),
		Package: "./postgres", Test: "TestTheApplicationsRoleCannotBypassTheLedger",
	},
	{
		Name: "a calendar in a record that has begun", Rule: "a record that began on real time keeps it",
		Edits:   in("postgres/schema/001_clock.sql", "if exists (select from journal) and not exists (select from clock) then", "if false then"),
		Package: "./postgres", Test: "TestARecordOnRealTimeKeepsIt",
	},
	{
		Name: "a program that writes personal data", Rule: "personal data changes only through its own functions",
		Edits: in("postgres/schema/025_rights.sql", "-- Personal data change by their functions alone.\n",
			"grant insert, update, delete on personal to terrace_program;\n"),
		Package: "./postgres", Test: "TestPersonalDataChangeOnlyThroughTheirFunctions",
	},
	{
		Name: "personal data that is added later", Rule: "personal data is stored together with its event",
		Edits:   in(personal, "            and j.xmin = pg_current_xact_id_if_assigned()::xid\n", ""),
		Package: "./postgres", Test: "TestPersonalDataChangeOnlyThroughTheirFunctions",
	},
	{
		Name: "other fields of personal data", Rule: "a correction has the same fields as its event",
		Edits:   in(personal, "if personal_fields(kind, id, seq) is distinct from (", "if personal_fields(kind, id, seq) is null and null = ("),
		Package: "./postgres", Test: "TestPersonalDataChangeOnlyThroughTheirFunctions",
	},
	{
		Name: "an erasure that is not noted", Rule: "every change of personal data is noted",
		Edits: in(personal, "    values (erase_personal.kind, erase_personal.id, erase_personal.seq, 'erased', '', erase_personal.who, erase_personal.why);",
			"    select erase_personal.kind, erase_personal.id, erase_personal.seq, 'erased', '', erase_personal.who, erase_personal.why where false;"),
		Package: "./postgres", Test: "TestEachChangeOfPersonalDataIsRecordedWithoutTheData",
	},
	{
		Name: "a rotation that keeps the salt", Rule: "after a rotation, knowing the old salt does not help to guess",
		Edits:   in(personal, "update personal p set salt = fresh where", "update personal p set salt = p.salt where"),
		Package: "./postgres", Test: "TestEachChangeOfPersonalDataIsRecordedWithoutTheData",
	},
	{
		Name: "a note that can be rewritten", Rule: "the notes about personal data are append-only",
		Edits:   in(personal, "create trigger personal_change_append_only before update or delete or truncate on", "create trigger personal_change_append_only before truncate on"),
		Package: "./postgres", Test: "TestEachChangeOfPersonalDataIsRecordedWithoutTheData",
	},
	{
		Name: "missing data that nobody notices", Rule: "personal data is missing only if an erasure was noted",
		Edits:   in("postgres/verify_personal.go", `case digest == "", !kept && c.change == "erased":`, `case digest == "", !kept:`),
		Package: "./postgres", Test: "TestVerifyFindsReceiptsAndPersonalDataThatDoNotMatchTheJournal",
	},
}

// ofTheWaiting lists bugs that would let a command delay others while it waits for a lock.
var ofTheWaiting = []Mutation{
	{
		Name: "a failed read that keeps its connection", Rule: "a failed read releases its connection",
		Edits:   in("postgres/reading.go", "\t\trows.Close()\n\t\treturn nil, err\n\t}\n\treturn rows, nil", "\t\treturn nil, err\n\t}\n\treturn rows, nil"),
		Package: "./postgres", Test: "TestAReadThatMeetsALockReleasesItsConnection",
	},
	{
		Name: "a stranger who waits for a lock", Rule: "what a sender may not see does not exist for them, so they never wait for it",
		Edits:   in("postgres/execute.go", "return r.visible(given, state, places)", "_ = r.visible(given, state, places)\n\treturn nil"),
		Package: "./postgres", Test: "TestAStrangerDoesNotWait",
	},
	{
		Name: "a stranger's first command takes the lock", Rule: "visibility is decided before waiting for a lock",
		Edits:   in("postgres/execute.go", "r.unseen = errors.Is(err, errUnknown)", "r.unseen = false && errors.Is(err, errUnknown)"),
		Package: "./postgres", Test: "TestAStrangersFirstCommandMeetsNoLock",
	},
	{
		Name: "a used id reveals that a record is busy", Rule: "an id that was used before opens nothing to its sender",
		Edits:   in("postgres/execute.go", "return r.visible(given, state, places)", "if given.Kind != \"\" {\n\t\treturn nil\n\t}\n\treturn r.visible(given, state, places)"),
		Package: "./postgres", Test: "TestAStrangerDoesNotWait",
	},
	{
		Name: "an endless wait for a lock", Rule: "a statement that waits too long for a lock releases its connection",
		Edits:   in("postgres/pool.go", `strconv.FormatInt(l.lock.Milliseconds(), 10)`, `strconv.FormatInt(0, 10)`),
		Package: "./postgres", Test: "TestALockKeepsNobodyElseWaiting",
	},
	{
		Name: "a command that waits for its turn with a connection", Rule: "commands to one aggregate wait in memory",
		Edits:   in("postgres/execute.go", "s.turns.enter(patient, r.Aggregate,", "s.turns.enter(patient, flow.Ref{ID: r.ID},"),
		Package: "./postgres", Test: "TestALockKeepsNobodyElseWaiting",
	},
	{
		Name: "a queue without a limit", Rule: "the number of commands that wait for one aggregate is limited",
		Edits:   in("postgres/turnstile.go", "case l.users > mostWaiting:", "case l.users < 0:"),
		Package: "./postgres", Test: "TestTurnsComeInOrder",
	},
	{
		Name: "those who wait use up the connections of those who do not", Rule: "a command that met a lock continues on separate connections",
		Edits:   in("postgres/execute.go", "case r.waited:", "case r.waited && s.waiting == nil:"),
		Package: "./postgres", Test: "TestALockKeepsNobodyElseWaiting",
	},
	{
		Name: "a workflow's command that waits", Rule: "a workflow's command that meets a lock waits in Temporal",
		Edits:   in("postgres/execute.go", "case held(err) && r.Actor.ID != domain.Workflow.ID:", "case held(err):"),
		Package: "./postgres", Test: "TestAWorkflowsCommandWaitsInTemporal",
	},
	{
		Name: "an unknown outcome is reported as nothing done", Rule: "nobody whose command may have succeeded is told that it did not",
		Edits:   in("postgres/execute.go", "lost = err\n", "lost = nil\n"),
		Package: "./postgres", Test: "TestACommandThatMayHaveTakenEffectIsNotReportedAsUndone",
	},
	{
		Name: "readiness on the connections of reads", Rule: "using up one pool blocks nobody else",
		Edits:   in("postgres/store.go", "return s.readiness.Ping(ctx)", "return s.answers.Ping(ctx)"),
		Package: "./postgres", Test: "TestAnExhaustedPoolKeepsNobodyElseWaiting",
	},
	{
		Name: "signing in on the connections of reads", Rule: "using up one pool blocks nobody else",
		Edits:   in("postgres/actor.go", "db.New(reading{pool: s.door}).GetActorByToken", "db.New(reading{pool: s.answers}).GetActorByToken"),
		Package: "./postgres", Test: "TestAnExhaustedPoolKeepsNobodyElseWaiting",
	},
	{
		Name: "workflows that read on people's connections", Rule: "using up one pool blocks nobody else",
		Edits:   in("postgres/carrier.go", "return c.load(ctx, db.New(c.activities), ref)", "return c.load(ctx, db.New(c.answers), ref)"),
		Package: "./postgres", Test: "TestAnExhaustedPoolKeepsNobodyElseWaiting",
	},
	{
		Name: "a busy record is a fault", Rule: "a command that waited too long is refused as busy and can be sent again",
		Edits:   in("api/problem.go", "if postgres.Busy(err) {", "if postgres.Busy(nil) {"),
		Package: "./api", Test: "TestALockedPilotKeepsTheOfficeOpen",
	},
}

// ofTheLedger lists bugs in the database's own safeguards for money.
var ofTheLedger = []Mutation{
	{
		Name: "entries that need not sum to zero", Rule: "the lines of an entry sum to zero in each book",
		Edits:   in("postgres/schema/008_ledger.sql", "having sum(x.fen) <> 0 limit 1", "having false limit 1"),
		Package: "./postgres", Test: "TestTheLedgerHoldsTogetherByItself",
	},
	{
		Name: "accounts that can be overdrawn", Rule: "no account goes below its floor",
		Edits: in("postgres/schema/008_ledger.sql",
			"if present.balance < present.floor or present.floor < 0 and present.balance > 0 then", "if present.balance is null then"),
		Package: "./postgres", Test: "TestTheLedgerHoldsTogetherByItself",
	},
	{
		Name: "a fund without a limit", Rule: "a fund gives no more than its total",
		Edits:   in("domain/ledger/chart.go", "return -rules.Fund.TotalFen.Value", "return -2 * rules.Fund.TotalFen.Value"),
		Package: "./postgres", Test: "TestAFundGivesNoMoreThanItsTotal",
	},
	{
		Name: "an entry can be added to", Rule: "no line is added to a complete entry",
		Edits:   in("postgres/schema/008_ledger.sql", "where b.line > (select e.lines from ledger_entry e where e.position = b.position) limit 1;", "where false limit 1;"),
		Package: "./postgres", Test: "TestTheLedgerHoldsTogetherByItself",
	},
}
