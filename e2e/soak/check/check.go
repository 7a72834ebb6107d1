// Package check compares what a soak has left behind with what was intended: the requests sent, the journal, the
// ledger, the bank's own books, the notices and the workflows. It reads SQL, HTTP and files independently and shares no
// code with the product, so that a mistake in the product cannot hide here.
package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // it judges the record from outside, by the record's own tables
)

// Sources holds the locations of everything that the checker reads.
type Sources struct {
	Record     string // URL of the record's database
	Temporal   string // URL of Temporal's database
	Visibility string // URL of Temporal's visibility database
	Intents    string // path of the log of intents
	Bank       []Transfer
	API        string // base URL; empty to skip the API
	Token      string // token of a user who may read everything
}

// Transfer is a transfer in the bank's own books. Fen is negative for money out.
type Transfer struct {
	Reference string
	Number    string
	Kind      string // payment or return
	Fen       int64
	At        time.Time
	Payee     string
}

// Rule is the name of the rule that a finding violates.
type Rule string

const (
	JournalGap    Rule = "journal-gap"    // an aggregate's events are numbered without gaps
	JournalHash   Rule = "journal-hash"   // every hash follows from the bytes as stored
	JournalHead   Rule = "journal-head"   // every chain ends with the hash that its aggregate holds
	NoIntent      Rule = "no-intent"      // every event follows from a command that was sent
	IntentLost    Rule = "intent-lost"    // every response still holds
	IntentRefused Rule = "intent-refused" // a rejected command left nothing behind
	LedgerSum     Rule = "ledger-sum"     // every entry totals zero in every book
	LedgerBalance Rule = "ledger-balance" // balances are the totals of their lines
	FundConserved Rule = "fund"           // a fund's allotments are what its pilots hold
	LedgerMoney   Rule = "ledger-money"   // payers' accounts hold what their payments moved
	BankDouble    Rule = "bank-double"    // the bank made no payment twice
	BankMissing   Rule = "bank-missing"   // the bank made every payment that the record shows as paid, and no other
	TwoOfficers   Rule = "two-officers"   // no payment was made without releases by two officers
	BankAmount    Rule = "bank-amount"    // the bank paid the right amount to the right payee
	PaidAsMeant   Rule = "paid-as-meant"  // every tranche that fell due was paid by one attempt, and no other tranche was paid
	EndedAsMeant  Rule = "ended-as-meant" // every pilot ended as planned
	NoticeOnce    Rule = "notice"         // every notice was published once
	WorkflowOne   Rule = "workflow"       // every open aggregate has one running workflow, and no ended one has any
	Stuck         Rule = "stuck"          // nothing is undelivered, owed or overdue
	Answers       Rule = "answers"        // responses over HTTP agree with the record
	Evidence      Rule = "evidence"       // every accepted file can be read
)

// Finding is a violated rule.
type Finding struct {
	Rule    Rule
	Subject string
	What    string
}

func (f Finding) String() string { return fmt.Sprintf("%s\t%s\t%s", f.Rule, f.Subject, f.What) }

// Report holds the findings and counts of what was checked.
type Report struct {
	Findings  []Finding
	Counts    map[string]int
	Unnoticed map[string]Transfer // money returned after the bank had declared the payment final, by payment
}

// checker holds the data that was read.
type checker struct {
	Sources
	Report
	record     *pgx.Conn
	aggregates map[ref]aggregate
	events     map[ref][]event
	order      []ref // the aggregates, by their first event
	intents    map[intentKey]*intent
	plans      []Plan
	payments   map[string]*payment
	drafted    map[intentKey]string // pilots, by the intent that drafted them
}

// ref identifies an aggregate.
type ref struct{ Kind, ID string }

func (r ref) String() string { return r.Kind + "/" + r.ID }

// Check reads everything and compares it. An error means that something could not be read.
func Check(ctx context.Context, s Sources) (Report, error) {
	c := &checker{Sources: s, Report: Report{Counts: map[string]int{}, Unnoticed: map[string]Transfer{}}}
	conn, err := pgx.Connect(ctx, s.Record)
	if err != nil {
		return c.Report, err
	}
	defer func() { _ = conn.Close(ctx) }()
	c.record = conn
	for _, part := range []func(context.Context) error{
		c.readIntents, c.readAggregates, c.readJournal, c.chains, c.receipts, c.entries, c.balances, c.funds,
		c.readPayments, c.bank, c.tranches, c.ledgerMoney, c.ends, c.notices, c.workflows, c.stuck, c.answers, c.files,
	} {
		if err := part(ctx); err != nil {
			return c.Report, err
		}
	}
	slices.SortFunc(c.Findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject)) })
	return c.Report, nil
}

func (c *checker) find(rule Rule, subject any, what string, args ...any) {
	c.Findings = append(c.Findings, Finding{rule, fmt.Sprint(subject), fmt.Sprintf(what, args...)})
}

// each calls visit with every row of a query.
func each[T any](ctx context.Context, conn *pgx.Conn, visit func(T), sql string, args ...any) error {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	for _, row := range all {
		visit(row)
	}
	return err
}
