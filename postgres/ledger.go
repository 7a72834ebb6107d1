package postgres

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/programme"
	"terrace/postgres/db"
)

// Line is one side of a ledger entry, or a balance: a debit above zero, a credit below.
type Line struct {
	Owner    string    `json:"owner" doc:"the programme whose fund it is, a pilot, a project, the evaluator's contract, or a recovery"`
	Account  string    `json:"account"`
	Category string    `json:"category,omitempty" doc:"of the budget, where the account is divided by it"`
	Fen      money.Fen `json:"fen"`
}

// Money is how the books of a pilot stand.
type Money struct {
	Balances []Line    `json:"balances"`
	Entries  int       `json:"entries" doc:"how many events moved money"`
	Sum      money.Fen `json:"sum" doc:"over all balances; always 0"`
}

// Balances are how the accounts of a pilot, its projects and its evaluator's contract stand.
func (s *Store) Balances(ctx context.Context, pilotID string) ([]Line, error) {
	rows, err := db.New(s.answers).ListBalances(ctx, pilotID)
	lines := make([]Line, len(rows))
	for i, r := range rows {
		lines[i] = Line{r.Owner, r.Name, r.Category, r.Balance}
	}
	return lines, err
}

// Money is the books of a pilot, its projects and its evaluator's contract.
func (s *Store) Money(ctx context.Context, pilotID string) (Money, error) {
	balances, err := s.Balances(ctx, pilotID)
	if err != nil {
		return Money{}, err
	}
	entries, err := db.New(s.answers).CountEntries(ctx, pilotID)
	m := Money{Balances: balances, Entries: int(entries)}
	for _, b := range balances {
		m.Sum += b.Fen
	}
	return m, err
}

// accountTitle is what the chart calls an account.
func accountTitle(name string) domain.Text {
	kind, _ := pilot.KindOfAccount(name)
	return kind.Title
}

// linesOf are the ledger lines of an event, in pairs: from where, to where. s is the state after it.
func linesOf(s pilot.State, e pilot.Event) []Line {
	var lines []Line
	for _, p := range pilot.Postings(s, e) {
		lines = append(lines, Line{p.Credit.Owner, p.Credit.Name, p.Credit.Category, -p.Fen}, Line{p.Debit.Owner, p.Debit.Name, p.Debit.Category, p.Fen})
	}
	return lines
}

// writeEntries queues the entries of the command's events, all their lines at once: the balances of a command move together.
func (d *decision) writeEntries(ctx context.Context, q *db.Queries) error {
	if len(d.lines) == 0 {
		return nil
	}
	entries := db.InsertEntriesParams{Kind: d.ref.Kind, ID: d.ref.ID, Seqs: slices.Sorted(maps.Keys(d.lines))}
	booked := db.InsertLinesParams{Kind: d.ref.Kind, ID: d.ref.ID}
	var all []Line
	for _, seq := range entries.Seqs {
		entries.Lines = append(entries.Lines, len(d.lines[seq]))
		for i, l := range d.lines[seq] {
			booked.Seqs, booked.Lines = append(booked.Seqs, seq), append(booked.Lines, i+1)
			booked.Owners, booked.Names = append(booked.Owners, l.Owner), append(booked.Names, l.Account)
			booked.Categories, booked.Fens = append(booked.Categories, l.Category), append(booked.Fens, int64(l.Fen))
			all = append(all, l)
		}
	}
	return errors.Join(q.OpenAccounts(ctx, accountsOf(all, d.rules)), q.InsertEntries(ctx, entries), q.InsertLines(ctx, booked))
}

// accountsOf are the accounts of lines, each once and with its least balance by the rules. Those that are new are opened in one
// order, so that two commands never wait for each other.
func accountsOf(lines []Line, rules *programme.Programme) (all db.OpenAccountsParams) {
	sorted := slices.SortedFunc(slices.Values(lines), func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Category, b.Category))
	})
	same := func(a, b Line) bool { return a.Owner == b.Owner && a.Account == b.Account && a.Category == b.Category }
	for _, l := range slices.CompactFunc(sorted, same) {
		all.Owners, all.Names = append(all.Owners, l.Owner), append(all.Names, l.Account)
		all.Categories = append(all.Categories, l.Category)
		all.Floors = append(all.Floors, int64(pilot.Floor(pilot.Account{Owner: l.Owner, Name: l.Account, Category: l.Category}, rules)))
	}
	return all
}

// addLines puts the money beside what moved it.
func addLines(ctx context.Context, q *db.Queries, entries []Entry) error {
	positions := make([]int64, len(entries))
	at := make(map[int64]int, len(entries))
	for i, e := range entries {
		positions[i], at[e.Position] = e.Position, i
	}
	if len(positions) == 0 {
		return nil
	}
	rows, err := q.ListLines(ctx, positions)
	for _, r := range rows {
		e := &entries[at[r.Position]]
		e.Lines = append(e.Lines, Line{r.Owner, r.Name, r.Category, r.Fen})
	}
	return err
}
