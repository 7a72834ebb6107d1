package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/postgres/db"
)

// Scope selects the accounts that a trial balance covers. Exactly one of Programme, Pilot and Project must be set. A
// pilot includes its contract, projects and recoveries, and a project includes its recoveries.
type Scope struct {
	Programme string
	Pilot     string
	Project   string
	// Reader limits a programme to the pilots that the reader may see. For a pilot or a project, the caller must check
	// who may read it.
	Reader flow.Reader
}

// AccountBalance is an account's balance at an instant, with its total debits and credits up to then.
type AccountBalance struct {
	Book         string      `json:"book" enum:"grant,matching,entrusted"`
	BookName     domain.Text `json:"book_name"`
	Owner        string      `json:"owner" doc:"the programme whose fund it is, a pilot, a project, the evaluator's contract (.e), or a recovery (.r1)"`
	OwnerName    domain.Text `json:"owner_name,omitzero" doc:"the name of the programme, pilot, project or contract; of a recovery, its debtor's (账户所有者名称). Missing for a moment after the approval of a project"`
	Account      string      `json:"account" example:"commitment"`
	Category     string      `json:"category,omitempty" doc:"of the budget, where the account is divided by it"`
	CategoryName domain.Text `json:"category_name,omitzero" doc:"as the programme calls it"`
	Title        domain.Text `json:"title" doc:"of the account"`
	DebitFen     money.Fen   `json:"debit_fen" doc:"all that came in"`
	CreditFen    money.Fen   `json:"credit_fen" doc:"all that went out"`
	BalanceFen   money.Fen   `json:"balance_fen" doc:"debits less credits; a source of money runs negative"`
}

// BookTotal is the total over all accounts in one book.
type BookTotal struct {
	Book       string      `json:"book" enum:"grant,matching,entrusted"`
	BookName   domain.Text `json:"book_name"`
	DebitFen   money.Fen   `json:"debit_fen"`
	CreditFen  money.Fen   `json:"credit_fen"`
	BalanceFen money.Fen   `json:"balance_fen" doc:"0 for a whole programme or pilot; of a single project, what others put into it"`
}

// TrialBalance (试算平衡表) is the state of accounts at an instant.
type TrialBalance struct {
	At       time.Time        `json:"at"`
	Accounts []AccountBalance `json:"accounts"`
	Books    []BookTotal      `json:"books"`
}

// TrialBalance returns the balances of accounts at an instant (now if at is zero), as the totals of all lines recorded
// up to then.
//
// Errors: one-scope.
func (s *Store) TrialBalance(ctx context.Context, scope Scope, at time.Time) (b TrialBalance, err error) {
	err = s.atOneMoment(ctx, scope.Reader, func(q *db.Queries, _ db.DBTX) error {
		if b, err = trialBalance(ctx, q, scope, at); err != nil {
			return err
		}
		return s.nameOwners(ctx, q, scope.Programme, b)
	})
	return b, err
}

// nameOwners fills in the names of the accounts' owners.
func (s *Store) nameOwners(ctx context.Context, q *db.Queries, programme string, b TrialBalance) error {
	var owners []string
	for _, a := range b.Accounts {
		owners = append(owners, a.Owner)
	}
	names, err := ownerNames(ctx, q, owners)
	if rules, err := s.programmes.At(programme, calendar.Of(b.At)); err == nil {
		names[programme] = rules.Name
	}
	for i, a := range b.Accounts {
		b.Accounts[i].OwnerName = names[a.Owner]
	}
	return err
}

// OwnerNames returns the names of the accounts' owners, as far as the reader may see them: those of pilots, projects and
// contracts, and of a recovery its debtor's.
func (s *Store) OwnerNames(ctx context.Context, reader flow.Reader, owners []string) (map[string]domain.Text, error) {
	return ownerNames(ctx, db.New(s.readingFor(reader)), owners)
}

func ownerNames(ctx context.Context, q *db.Queries, owners []string) (map[string]domain.Text, error) {
	names := map[string]domain.Text{}
	for _, owner := range owners {
		if strings.HasSuffix(owner, ".e") {
			names[owner] = contractTitle
		}
	}
	rows, err := q.ListOwnerNames(ctx, owners)
	for _, r := range rows {
		names[r.ID] = domain.Text{ZH: r.Zh, EN: r.En}
	}
	return names, err
}

// atOneMoment runs several queries on behalf of a reader, all against the same snapshot.
func (s *Store) atOneMoment(ctx context.Context, reader flow.Reader, read func(*db.Queries, db.DBTX) error) error {
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	conn, err := s.readingFor(reader).acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return pgx.BeginTxFunc(ctx, conn, moment, func(tx pgx.Tx) error {
		if err := setReader(ctx, tx, reader); err != nil {
			return err
		}
		return read(db.New(tx), tx)
	})
}

func trialBalance(ctx context.Context, q *db.Queries, scope Scope, at time.Time) (b TrialBalance, err error) {
	if at.IsZero() {
		clock, err := readClock(ctx, q)
		if err != nil {
			return b, err
		}
		at = clock.now
	}
	wanted := db.ListBalancesAtParams{At: at}
	switch {
	case scope.Programme != "" && scope.Pilot == "" && scope.Project == "":
		if wanted.Pilots, err = ownersOf(ctx, q, scope); err != nil {
			return b, err
		}
	case scope.Pilot != "" && scope.Programme == "" && scope.Project == "":
		wanted.Pilots = []string{scope.Pilot}
	case scope.Project != "" && scope.Programme == "" && scope.Pilot == "":
		wanted.Project = scope.Project
		pilot, _, _ := strings.Cut(scope.Project, ".")
		wanted.Pilots = []string{pilot}
	default:
		return b, domain.Refuse("one-scope", "")
	}
	rows, err := q.ListBalancesAt(ctx, wanted)
	return balanced(at, rows), err
}

// ownersOf returns the owners of a programme's accounts: the pilots that the reader may see and, if the reader sees all
// of them, also the programme itself as owner of the fund.
func ownersOf(ctx context.Context, q *db.Queries, scope Scope) (owners []string, err error) {
	whole, err := seesWholeFund(ctx, q, scope.Reader, scope.Programme)
	if err != nil {
		return nil, err
	}
	owners, err = q.ListPilotsOf(ctx, db.ListPilotsOfParams{Programme: scope.Programme, ReaderAll: scope.Reader.All, ReaderPlace: scope.Reader.Place})
	if whole {
		owners = append(owners, scope.Programme)
	}
	return owners, err
}

func balanced(at time.Time, rows []db.ListBalancesAtRow) TrialBalance {
	b := TrialBalance{At: at.In(calendar.Shanghai), Accounts: make([]AccountBalance, len(rows)), Books: []BookTotal{}}
	for i, r := range rows {
		b.Accounts[i] = AccountBalance{
			Book: r.Book, BookName: bookName(r.Book), Owner: r.Owner, Account: r.Name, Category: r.Category, Title: ledger.Title(r.Name),
			DebitFen: money.Fen(r.Debit), CreditFen: money.Fen(r.Credit), BalanceFen: money.Fen(r.Debit - r.Credit),
		}
		if n := len(b.Books); n == 0 || b.Books[n-1].Book != r.Book {
			b.Books = append(b.Books, BookTotal{Book: r.Book, BookName: bookName(r.Book)})
		}
		total := &b.Books[len(b.Books)-1]
		total.DebitFen += money.Fen(r.Debit)
		total.CreditFen += money.Fen(r.Credit)
		total.BalanceFen += money.Fen(r.Debit - r.Credit)
	}
	return b
}
