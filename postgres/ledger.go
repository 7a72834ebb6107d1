package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/postgres/db"
)

// Line is one side of a ledger entry, or a balance. Debits are positive and credits are negative.
type Line struct {
	Owner    string    `json:"owner" doc:"the programme whose fund it is, a pilot, a project, the evaluator's contract, or a recovery"`
	Account  string    `json:"account"`
	Category string    `json:"category,omitempty" doc:"of the budget, where the account is divided by it"`
	Fen      money.Fen `json:"fen"`
}

// Money is the state of a pilot's accounts.
type Money struct {
	Balances []Line    `json:"balances"`
	Entries  int       `json:"entries" doc:"how many events moved money"`
	Sum      money.Fen `json:"sum" doc:"over all balances; always 0"`
}

// Balances returns the balances of a pilot, of its projects and of its evaluator's contract.
func (s *Store) Balances(ctx context.Context, pilotID string) ([]Line, error) {
	rows, err := db.New(s.reads()).ListBalances(ctx, pilotID)
	lines := make([]Line, len(rows))
	for i, r := range rows {
		lines[i] = Line{r.Owner, r.Name, r.Category, r.Balance}
	}
	return lines, err
}

// Money returns the state of the accounts of a pilot, of its projects and of its evaluator's contract.
func (s *Store) Money(ctx context.Context, pilotID string) (Money, error) {
	balances, err := s.Balances(ctx, pilotID)
	if err != nil {
		return Money{}, err
	}
	entries, err := db.New(s.reads()).CountEntries(ctx, pilotID)
	m := Money{Balances: balances, Entries: int(entries)}
	for _, b := range balances {
		m.Sum += b.Fen
	}
	return m, err
}

// linesOf returns the ledger lines of an event in pairs, a credit and then its debit.
func linesOf(postings []ledger.Posting) []Line {
	var lines []Line
	for _, p := range postings {
		lines = append(lines, Line{p.Credit.Owner, p.Credit.Name, p.Credit.Category, -p.Fen}, Line{p.Debit.Owner, p.Debit.Name, p.Debit.Category, p.Fen})
	}
	return lines
}

// enter adds the events' ledger entries to the query's arguments. All lines are stored in one statement, so all
// balances change together.
func (d *decision) enter(c *db.DecidedParams) {
	if len(d.lines) == 0 {
		return
	}
	accounts := accountsOf(slices.Concat(slices.Collect(maps.Values(d.lines))...))
	for _, a := range accounts {
		floor := ledger.Floor(ledger.Account{Owner: a.Owner, Name: a.Account, Category: a.Category}, d.rules)
		c.Owners, c.Accounts, c.Categories = append(c.Owners, a.Owner), append(c.Accounts, a.Account), append(c.Categories, a.Category)
		c.Floors = append(c.Floors, int64(floor))
	}
	for _, seq := range slices.Sorted(maps.Keys(d.lines)) {
		event := seq - c.Seq
		c.Entries, c.Counts = append(c.Entries, event), append(c.Counts, len(d.lines[seq]))
		for i, l := range d.lines[seq] {
			account, _ := slices.BinarySearchFunc(accounts, l, byAccount)
			c.LineEntries, c.LineNumbers = append(c.LineEntries, len(c.Entries)), append(c.LineNumbers, i+1)
			c.LineAccounts, c.Fens = append(c.LineAccounts, account+1), append(c.Fens, int64(l.Fen))
		}
	}
}

// accountsOf returns the accounts that appear in the lines, each once and in a fixed order. Accounts are opened in this
// order, so that two commands cannot deadlock.
func accountsOf(lines []Line) []Line {
	slices.SortFunc(lines, byAccount)
	return slices.CompactFunc(lines, func(a, b Line) bool { return byAccount(a, b) == 0 })
}

func byAccount(a, b Line) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Category, b.Category))
}

// addLines attaches to each entry the ledger lines that its event posted.
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
