// Package difference implements differences (差异): discrepancies that reconciliation finds and a finance officer has to explain.
package difference

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
)

// Kind is the aggregate kind of a difference.
const Kind flow.Kind = "difference"

// Difference is a discrepancy between the bank, the ledger and the record (差异). The nightly reconciliation finds it and a finance
// officer has to explain it. Terrace never corrects anything automatically.
type Difference struct {
	flow.Record
	OpenDifference
	Explanation string `json:"explanation,omitempty"`
}

// Discrepancy is one of the ways in which the bank, the ledger and the record can disagree.
type Discrepancy string

const (
	BankWithoutLedger Discrepancy = "bank-without-ledger" // on the bank statement but not in the ledger (银行有、账上无)
	LedgerWithoutBank Discrepancy = "ledger-without-bank" // in the ledger but not on the bank statement (账上有、银行无)
	AmountDiffers     Discrepancy = "amount"              // in both, but with different amounts (金额不符)
	PaidTwice         Discrepancy = "paid-twice"          // the bank made the same payment twice (重复付款)
	BooksDiffer       Discrepancy = "books"               // the books do not balance (账不平)
	RecordDiffers     Discrepancy = "record"              // the ledger and the record disagree (账与业务记录不符)
)

// Discrepancies maps each discrepancy to its display name.
var Discrepancies = map[Discrepancy]domain.Text{
	BankWithoutLedger: {ZH: "银行流水有、账上无", EN: "on the bank statement but not in the ledger"},
	LedgerWithoutBank: {ZH: "账上有、银行流水无", EN: "in the ledger but not on the bank statement"},
	AmountDiffers:     {ZH: "金额不符", EN: "the amounts differ"},
	PaidTwice:         {ZH: "重复付款", EN: "paid twice"},
	BooksDiffer:       {ZH: "账不平", EN: "the books do not balance"},
	RecordDiffers:     {ZH: "账与业务记录不符", EN: "the ledger and the record disagree"},
}

// OpenDifference opens a difference for finance to explain. A later reconciliation that finds the same discrepancy uses the same id,
// so the difference is opened only once.
type OpenDifference struct {
	What        Discrepancy       `json:"what"`
	Home        string            `json:"home"`            // place of the office whose books are affected
	Pilot       string            `json:"pilot,omitempty"` // id of the pilot concerned, if any
	Programme   flow.ProgrammeRef `json:"rules"`
	Subject     string            `json:"subject"`             // affected payment, account or bank transaction
	ExpectedFen money.Fen         `json:"expected_fen"`        // amount according to the ledger
	FoundFen    money.Fen         `json:"found_fen"`           // amount according to the bank or the record
	Statement   string            `json:"statement,omitempty"` // SHA-256 of the bank statement
	Detail      string            `json:"detail,omitempty"`    // further details, without personal data
}

// ExplainDifference closes a difference with finance's explanation. Any correction is made by a separate command.
type ExplainDifference struct {
	Explanation string   `json:"explanation" minLength:"1" maxLength:"2000"`
	Evidence    []string `json:"evidence,omitempty" maxItems:"20" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of uploaded files"`
}

func (d *Difference) Root() string { return d.Pilot }

func (d *Difference) Place() string { return d.Home }

// Label returns the name of the discrepancy.
func (d *Difference) Label() domain.Text { return Discrepancies[d.What] }

func (d *Difference) Party(seat flow.Seat) domain.Party {
	if seat == plan.HomeOffice {
		return domain.Party{Place: d.Home}
	}
	return domain.Party{}
}

// Part returns the difference in full, because nothing in it is confidential.
func (d *Difference) Part(domain.Actor) flow.State { return d }

// ProgrammeRefOf returns the version of the programme that sets finance's deadline.
func (o *OpenDifference) ProgrammeRefOf() flow.ProgrammeRef { return o.Programme }

func (*OpenDifference) Check(*Difference, flow.Context) error { return nil }

func (o *OpenDifference) Decide(_ *Difference, c flow.Context) []flow.Event {
	return []flow.Event{&DifferenceFound{
		What: o.What, Home: o.Home, Pilot: o.Pilot, Programme: o.Programme, Subject: o.Subject, ExpectedFen: o.ExpectedFen, FoundFen: o.FoundFen,
		Statement: o.Statement, Detail: o.Detail, Deadline: c.Deadline(c.Today(), ExplanationTerm),
	}}
}

func (e *ExplainDifference) Files() []string { return e.Evidence }

func (e *ExplainDifference) Check(_ *Difference, c flow.Context) error {
	return flow.AllStored("evidence", e.Evidence, c)
}

func (e *ExplainDifference) Decide(_ *Difference, c flow.Context) []flow.Event {
	return []flow.Event{&DifferenceExplained{Explanation: e.Explanation, Evidence: e.Evidence, By: c.Actor.ID}}
}

// DifferenceFound records that a difference was found and that finance has to explain it.
type DifferenceFound struct {
	What        Discrepancy       `json:"what"`
	Home        string            `json:"home"`
	Pilot       string            `json:"pilot,omitempty"`
	Programme   flow.ProgrammeRef `json:"rules"`
	Subject     string            `json:"subject"`
	ExpectedFen money.Fen         `json:"expected_fen"`
	FoundFen    money.Fen         `json:"found_fen"`
	Statement   string            `json:"statement,omitempty"`
	Detail      string            `json:"detail,omitempty"`
	Deadline    flow.Deadline     `json:"deadline"`
}

func (e *DifferenceFound) Apply(d *Difference) {
	d.Record.Programme = e.Programme
	d.OpenDifference = OpenDifference{
		What: e.What, Home: e.Home, Pilot: e.Pilot, Programme: e.Programme, Subject: e.Subject, ExpectedFen: e.ExpectedFen, FoundFen: e.FoundFen,
		Statement: e.Statement, Detail: e.Detail,
	}
	d.Enter(Inspection)
	d.Open(AwaitExplanation, "", e.Deadline)
}

// DifferenceExplained records finance's explanation of the difference.
type DifferenceExplained struct {
	Explanation string   `json:"explanation"`
	Evidence    []string `json:"evidence,omitempty"`
	By          string   `json:"by"`
}

func (e *DifferenceExplained) Files() []string { return e.Evidence }

func (e *DifferenceExplained) Apply(d *Difference) {
	d.Explanation = e.Explanation
	d.Enter(Explained)
}
