package pgtest

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// Two kinds of aggregates without workflows, for tests. Open a Store with catalogue.All.With(pgtest.Loans,
// pgtest.Notes).
var (
	Loans = flow.Describe(flow.Aggregate{
		Kind: LoanKind, Collection: "loans", Title: domain.T("借用", "Loan"), Empty: &Loan{}, Carried: flow.Swept,
		Stages: []flow.StageDecl{flow.Passes("lent", "已借出", "lent"), flow.Ends("loan-ended", "已了结", "ended")},
		Waits: []flow.Wait{{
			Key: AwaitReturn, Stages: []flow.Stage{"lent"}, Title: domain.T("归还", "return it"), Who: flow.In(flow.Anyone, domain.CaseOfficer), Hard: true,
			Exits: []flow.Exit{flow.Leads("return", "loan-ended")},
		}},
		Commands: []*flow.Declaration{
			flow.Declare[*Loan, Lend]("lend", flow.In(flow.Anyone, domain.CaseOfficer), domain.T("借出", "Lend"), domain.T("借出", "Lends it.")).Creating(),
			flow.Declare[*Loan, Return]("return", flow.In(flow.Anyone, domain.CaseOfficer), domain.T("归还", "Return"), domain.T("归还", "Returns it.")),
		},
		Events: []*flow.EventType{
			flow.Happens[*Loan, Lent]("lent", domain.T("已借出", "Lent")),
			flow.Happens[*Loan, Returned]("returned", domain.T("已归还", "Returned")),
			flow.Happens[*Loan, Lost]("lost", domain.T("逾期未还", "Not returned in time")),
		},
	})
	Notes = flow.Describe(flow.Aggregate{
		Kind: NoteKind, Collection: "notes", Title: domain.T("备注", "Note"), Empty: &Note{}, Carried: flow.Still,
		Stages: []flow.StageDecl{flow.Passes("noted", "已记", "noted")},
		Commands: []*flow.Declaration{
			flow.Declare[*Note, Write]("write", flow.In(flow.Anyone, domain.CaseOfficer), domain.T("记录", "Write"), domain.T("记录", "Writes it down.")).Creating(),
		},
		Events: []*flow.EventType{flow.Happens[*Note, Written]("written", domain.T("已记录", "Written"))},
	})
)

const (
	LoanKind flow.Kind = "loan"
	NoteKind flow.Kind = "note"

	AwaitReturn flow.WaitKey = "return"
)

// Loan is an item lent until a due date. If it is not returned by then, it counts as lost. Its kind is swept.
type Loan struct {
	flow.Record
	Home string `json:"home"`
}

// Note is a text that was written down. Nothing more ever happens to it.
type Note struct {
	flow.Record
	Home string `json:"home"`
}

func (*Loan) Aggregate() *flow.Aggregate { return Loans }
func (*Note) Aggregate() *flow.Aggregate { return Notes }

func (l *Loan) Place() string { return l.Home }
func (n *Note) Place() string { return n.Home }

func (*Loan) Party(flow.Seat) domain.Party { return domain.Party{} }
func (*Note) Party(flow.Seat) domain.Party { return domain.Party{} }

func (l *Loan) Part(domain.Actor) flow.State { return l }
func (n *Note) Part(domain.Actor) flow.State { return n }

// Lapse records that the loan was lost on its due date.
func (*Loan) Lapse(turns []flow.Turn, _ flow.Context) []flow.Event {
	return []flow.Event{&Lost{turns[0].Due}}
}

// Lend lends an item until the end of a day.
type Lend struct {
	Home string        `json:"home"`
	Due  calendar.Date `json:"due"`
}

// Return returns the lent item.
type Return struct{}

// Write writes a note.
type Write struct {
	Home string `json:"home"`
}

func (*Lend) Check(*Loan, flow.Context) error   { return nil }
func (*Return) Check(*Loan, flow.Context) error { return nil }
func (*Write) Check(*Note, flow.Context) error  { return nil }

func (l *Lend) Decide(_ *Loan, c flow.Context) []flow.Event {
	return []flow.Event{&Lent{l.Home, c.By(c.Today(), l.Due)}}
}
func (*Return) Decide(*Loan, flow.Context) []flow.Event { return []flow.Event{&Returned{}} }
func (w *Write) Decide(*Note, flow.Context) []flow.Event {
	return []flow.Event{&Written{w.Home}}
}

// Lent records that the item was lent.
type Lent struct {
	Home     string        `json:"home"`
	Deadline flow.Deadline `json:"deadline"`
}

// Returned records that the borrower returned the item.
type Returned struct{}

// Lost records that the borrower did not return the item in time.
type Lost struct {
	Due calendar.Date `json:"due"`
}

// EffectiveOn returns the due date, from which the item counts as lost.
func (e *Lost) EffectiveOn() calendar.Date { return e.Due }

// Written records that the note was written.
type Written struct {
	Home string `json:"home"`
}

func (e *Lent) Apply(l *Loan) {
	l.Home = e.Home
	l.Enter("lent")
	l.Open(AwaitReturn, "", e.Deadline)
}
func (*Returned) Apply(l *Loan) { l.Enter("loan-ended") }
func (*Lost) Apply(l *Loan)     { l.Enter("loan-ended") }
func (e *Written) Apply(n *Note) {
	n.Home = e.Home
	n.Enter("noted")
}
