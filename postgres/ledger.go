package postgres

import (
	"cmp"
	"context"
	"slices"

	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// Line is one side of a ledger entry, or a balance: a debit above zero, a credit below.
type Line struct {
	Owner   string    `json:"owner" doc:"a pilot, a project, or the evaluator's contract"`
	Account string    `json:"account"`
	Fen     money.Fen `json:"fen"`
}

// Money is how the books of a pilot stand.
type Money struct {
	Balances []Line    `json:"balances"`
	Entries  int       `json:"entries" doc:"how many events moved money"`
	Sum      money.Fen `json:"sum" doc:"over all balances; always 0"`
}

// Money is the books of a pilot, its projects and its evaluator's contract.
func (s *Store) Money(ctx context.Context, pilotID string) (Money, error) {
	q := db.New(s.answers)
	rows, err := q.ListBalances(ctx, pilotID)
	if err != nil {
		return Money{}, err
	}
	entries, err := q.CountEntries(ctx, pilotID)
	if err != nil {
		return Money{}, err
	}
	m := Money{Balances: make([]Line, len(rows)), Entries: int(entries)}
	for i, r := range rows {
		m.Balances[i] = Line{r.Owner, r.Name, r.Balance}
		m.Sum += r.Balance
	}
	return m, nil
}

// linesOf are the ledger lines of an event; s is the state after it.
func linesOf(s pilot.State, e pilot.Event) []Line {
	var lines []Line
	for _, p := range pilot.Postings(s, e) {
		lines = append(lines, Line{p.Credit.Owner, p.Credit.Name, -p.Fen}, Line{p.Debit.Owner, p.Debit.Name, p.Fen})
	}
	return lines
}

// book queues the entry of one event.
func book(ctx context.Context, q *db.Queries, r row, lines []Line) error {
	if err := q.InsertEntry(ctx, db.InsertEntryParams{Kind: r.Kind, ID: r.ID, Seq: r.Seq}); err != nil {
		return err
	}
	for i, l := range lines {
		err := q.InsertLine(ctx, db.InsertLineParams{Kind: r.Kind, ID: r.ID, Seq: r.Seq, Line: i + 1, Owner: l.Owner, Name: l.Account, Fen: l.Fen})
		if err != nil {
			return err
		}
	}
	return nil
}

// moveBalances queues the sum of lines for each account, opening those that are new. Accounts are locked in the order of
// owner and name, so that two commands never wait for each other.
func moveBalances(ctx context.Context, q *db.Queries, lines []Line) error {
	for _, l := range totals(lines) {
		if err := q.MoveBalance(ctx, db.MoveBalanceParams{Owner: l.Owner, Name: l.Account, Fen: l.Fen}); err != nil {
			return err
		}
	}
	return nil
}

func totals(lines []Line) []Line {
	sorted := slices.SortedStableFunc(slices.Values(lines), func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Account, b.Account))
	})
	var sums []Line
	for _, l := range sorted {
		if n := len(sums); n > 0 && sums[n-1].Owner == l.Owner && sums[n-1].Account == l.Account {
			sums[n-1].Fen += l.Fen
			continue
		}
		sums = append(sums, l)
	}
	return sums
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
		e.Lines = append(e.Lines, Line{r.Owner, r.Name, r.Fen})
	}
	return err
}
