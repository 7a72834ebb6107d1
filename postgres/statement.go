package postgres

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
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

// AccountKey identifies an account.
type AccountKey struct {
	Owner    string `json:"owner"`
	Account  string `json:"account"`
	Category string `json:"category,omitempty"`
}

// NamedAccount is an account with its title.
type NamedAccount struct {
	AccountKey
	OwnerName    domain.Text `json:"owner_name,omitzero" doc:"the name of the programme, pilot, project or contract; of a recovery, its debtor's (账户所有者名称)"`
	Title        domain.Text `json:"title" doc:"of the account"`
	CategoryName domain.Text `json:"category_name,omitzero" doc:"as the programme calls it"`
}

func titled(k AccountKey) NamedAccount {
	return NamedAccount{AccountKey: k, Title: ledger.Title(k.Account)}
}

// StatementLine is one movement on an account.
type StatementLine struct {
	Position   int64         `json:"position" doc:"of the event in the journal"`
	Line       int           `json:"line" doc:"of the event's entry"`
	At         time.Time     `json:"at" doc:"when it was recorded"`
	On         calendar.Date `json:"on" doc:"the day it counts from, Asia/Shanghai"`
	Aggregate  flow.Ref      `json:"aggregate" doc:"whose event it is"`
	Event      string        `json:"event" example:"opened"`
	Title      domain.Text   `json:"title" doc:"of the event"`
	Counter    NamedAccount  `json:"counter" doc:"where the money came from or went to"`
	Fen        money.Fen     `json:"fen" doc:"a debit above zero, a credit below"`
	BalanceFen money.Fen     `json:"balance_fen" doc:"of the account, with this line"`
}

// Statement (对账单) lists the movements on an account in a period, in the order in which they were recorded. Lines may be
// a single page, but the opening and closing balances are always those of the whole period.
type Statement struct {
	NamedAccount
	Book       string          `json:"book" enum:"grant,matching,entrusted"`
	BookName   domain.Text     `json:"book_name"`
	From       time.Time       `json:"from,omitzero"`
	Until      time.Time       `json:"until,omitzero" doc:"what was recorded at this instant or later is not in it"`
	OpeningFen money.Fen       `json:"opening_fen"`
	Lines      []StatementLine `json:"lines"`
	ClosingFen money.Fen       `json:"closing_fen"`
	Next       string          `json:"next,omitempty" doc:"cursor of the next page; missing on the last"`
}

// StatementFilter selects one page of a statement. A zero From means from the beginning, a zero Until means to the end,
// and a limit of 0 means 50 lines.
type StatementFilter struct {
	AccountKey
	From   time.Time
	Until  time.Time
	Cursor string
	Limit  int
}

// endOfTime is later than any time in the record.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// StatementOf returns a page of the statement of an account. The caller must check who may read it.
//
// Errors: unknown-account, bad-period, bad-cursor.
func (s *Store) StatementOf(ctx context.Context, f StatementFilter) (Statement, error) {
	after, err := openLineCursor(f.Cursor)
	if err != nil {
		return Statement{}, err
	}
	if !f.Until.IsZero() && f.Until.Before(f.From) {
		return Statement{}, domain.Refuse("bad-period", "", "from", calendar.Of(f.From).String(), "to", calendar.Of(f.Until).String())
	}
	var statement Statement
	err = s.atOneMoment(ctx, flow.Reader{}, func(q *db.Queries, _ db.DBTX) error {
		statement, err = statementOf(ctx, s.catalogue, q, f, after)
		return err
	})
	return statement, err
}

func statementOf(ctx context.Context, kinds *flow.Catalogue, q *db.Queries, f StatementFilter, after lineKey) (Statement, error) {
	account, err := q.GetAccount(ctx, db.GetAccountParams{Owner: f.Owner, Name: f.Account, Category: f.Category})
	if errors.Is(err, pgx.ErrNoRows) {
		return Statement{}, unknownAccount(ctx, q, f.AccountKey)
	}
	if err != nil {
		return Statement{}, err
	}
	until := cmp.Or(f.Until, endOfTime)
	sums, err := q.SumStatement(ctx, db.SumStatementParams{
		Account: account.Account, Since: f.From, Until: until, AfterAt: after.At, AfterPosition: after.Position, AfterLine: after.Line,
	})
	if err != nil {
		return Statement{}, err
	}
	limit := pageLimit(f.Limit)
	rows, err := q.ListStatementLines(ctx, db.ListStatementLinesParams{
		Account: account.Account, Since: f.From, Until: until, AfterAt: after.At, AfterPosition: after.Position, AfterLine: after.Line, Max: limit + 1,
	})
	if err != nil {
		return Statement{}, err
	}
	s := Statement{
		NamedAccount: titled(f.AccountKey), Book: account.Book, BookName: bookName(account.Book), From: f.From, Until: f.Until,
		OpeningFen: money.Fen(sums.Opening), ClosingFen: money.Fen(sums.Closing), Lines: []StatementLine{},
	}
	balance := s.OpeningFen
	if after != (lineKey{}) {
		balance = money.Fen(sums.Brought)
	}
	for _, r := range rows[:min(limit, len(rows))] {
		balance += r.Fen
		s.Lines = append(s.Lines, statementLine(kinds, r, balance))
	}
	if len(rows) > limit {
		last := s.Lines[limit-1]
		s.Next = lineKey{last.At, last.Position, last.Line}.cursor()
	}
	return s, nil
}

// unknownAccount returns the refusal for an account that the owner does not have. It lists those that the owner has.
func unknownAccount(ctx context.Context, q *db.Queries, k AccountKey) error {
	pilotID, _, _ := strings.Cut(k.Owner, ".")
	rows, err := q.ListBalances(ctx, pilotID)
	if err != nil {
		return err
	}
	titles := map[string]domain.Text{}
	var held []string
	for _, r := range rows {
		if r.Owner == k.Owner {
			name := accountName(r.Name, r.Category)
			held, titles[name] = append(held, name), ledger.Title(r.Name)
		}
	}
	choice := domain.Choice(held, func(name string) domain.Text { return titles[name] })
	if len(held) == 0 {
		choice = []string{"allowed", "none", "allowed-zh", "无"}
	}
	return domain.Refuse("unknown-account", "", append(choice, "owner", k.Owner, "account", k.Account, "category", accountName("", k.Category))...)
}

func bookName(book string) domain.Text { return ledger.Books[ledger.MoneyBook(book)] }

func statementLine(c *flow.Catalogue, r db.ListStatementLinesRow, balance money.Fen) StatementLine {
	l := StatementLine{
		Position: r.Position, Line: r.Line, At: r.At.In(calendar.Shanghai), On: calendar.Of(r.Day), Aggregate: flow.Ref{Kind: r.Kind, ID: r.ID},
		Event: r.Event, Title: domain.Text{ZH: r.Event, EN: r.Event}, Fen: r.Fen, BalanceFen: balance,
		Counter: titled(AccountKey{r.CounterOwner, r.CounterName, r.CounterCategory}),
	}
	if t := c.Event(r.Kind, r.Event); t != nil {
		l.Title = t.Title
	}
	return l
}

// lineKey identifies the line after which a page of a statement starts.
type lineKey struct {
	At       time.Time `json:"at"`
	Position int64     `json:"position"`
	Line     int       `json:"line"`
}

func (k lineKey) cursor() string {
	text, err := json.Marshal(k)
	if err != nil {
		panic(err) // a time from the record can always be encoded
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func openLineCursor(cursor string) (k lineKey, err error) {
	if cursor == "" {
		return k, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil || k.Position <= 0 || k.Line <= 0 || k.At.IsZero() {
		return lineKey{}, domain.Refuse("bad-cursor", "cursor")
	}
	return k, nil
}
