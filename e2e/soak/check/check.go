// Package check holds what a soak left behind against what was meant: the intents that were sent, the journal, the ledger, the
// bank's own book, the notices and the workflows. It reads SQL, HTTP and files by itself and knows nothing of the product's code,
// so that a mistake there cannot hide itself here.
package check

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // it judges the record from outside, by the record's own tables
)

// Sources are where everything is read.
type Sources struct {
	Record     string // URL of the record's database
	Temporal   string // of Temporal's
	Visibility string // of Temporal's visibility
	Intents    string // path of the log of intents
	Bank       []Transfer
	API        string // base address; empty: not asked
	Token      string // of somebody who may read everything
}

// Transfer is a movement in the bank's own book; Fen is below zero where money goes out.
type Transfer struct {
	Reference string
	Number    string
	Kind      string // payment or return
	Fen       int64
	At        time.Time
	Payee     string
}

// Rule names what a finding breaks.
type Rule string

// The rules.
const (
	JournalGap    Rule = "journal-gap"    // numbers of an aggregate's events without gaps
	JournalHash   Rule = "journal-hash"   // the hash chain over the stored bytes
	JournalHead   Rule = "journal-head"   // every chain ends where its aggregate says
	NoIntent      Rule = "no-intent"      // every event follows from a command that somebody sent
	IntentLost    Rule = "intent-lost"    // whatever was answered stands, as it was answered
	IntentRefused Rule = "intent-refused" // whatever was refused has left nothing
	LedgerSum     Rule = "ledger-sum"     // every entry sums to zero, book by book
	LedgerBalance Rule = "ledger-balance" // balances are the sums of their lines
	FundConserved Rule = "fund"           // what a fund gave is what its pilots hold
	LedgerMoney   Rule = "ledger-money"   // payers' accounts hold what their payments moved
	BankDouble    Rule = "bank-double"    // the bank paid nothing twice
	BankMissing   Rule = "bank-missing"   // what the record calls paid the bank paid, and the other way round
	TwoOfficers   Rule = "two-officers"   // nobody paid without the word of two
	BankAmount    Rule = "bank-amount"    // by its amount, to its payee
	PaidAsMeant   Rule = "paid-as-meant"  // every tranche that fell due was paid by one attempt, nothing else was
	EndedAsMeant  Rule = "ended-as-meant" // every pilot came where its people took it
	NoticeOnce    Rule = "notice"         // every notice is published once
	WorkflowOne   Rule = "workflow"       // one running workflow for whatever is open, none for what has ended
	Stuck         Rule = "stuck"          // nothing undelivered, owed or overdue
	Answers       Rule = "answers"        // HTTP tells what the record holds
	Evidence      Rule = "evidence"       // every file that was taken can be read
)

// Finding is something that does not hold.
type Finding struct {
	Rule    Rule
	Subject string
	What    string
}

func (f Finding) String() string { return fmt.Sprintf("%s\t%s\t%s", f.Rule, f.Subject, f.What) }

// Report is what was found, and how much was looked at.
type Report struct {
	Findings  []Finding
	Counts    map[string]int
	Unnoticed map[string]Transfer // by payment: money that came back after the bank had said that it stays
}

// checker holds what was read.
type checker struct {
	Sources
	Report
	record     *pgx.Conn
	aggregates map[ref]aggregate
	events     map[ref][]event
	order      []ref // of the events' aggregates
	intents    map[intentKey]*intent
	plans      []Plan
	payments   map[string]*payment
	drafted    map[intentKey]string // pilots by the intent that drafted them
}

// ref names an aggregate.
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

// each calls a function with every row of a query.
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
