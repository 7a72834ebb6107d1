package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/bank/statement"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// BankStatement describes a bank statement in the record (银行对账单). The file itself is kept as evidence.
type BankStatement struct {
	SHA256     string
	Place      string // the place of the office that holds the account
	Account    string // the office's name for the account
	From, To   calendar.Date
	OpeningFen money.Fen
	ClosingFen money.Fen
	Lines      int
	UploadedBy string // the id of the actor who uploaded the file
	UploadedAt time.Time
}

// StatementEntry is a bank statement entered by an officer.
type StatementEntry struct {
	SHA256  string
	Place   string
	Account string
	By      string // the id of the actor who entered it
	statement.Statement
}

// MayName reports whether an actor may refer to a file, by the rule that applies to the files named in a command.
func (s *Store) MayName(ctx context.Context, actor domain.Actor, sha256 string) (bool, error) {
	types, err := s.mayName(ctx, request{Command: flow.Command{Actor: actor}, needs: flow.Needs{Files: []string{sha256}}})
	return types[sha256] != "", err
}

// EnterStatement stores a bank statement with all its lines, or nothing at all. fresh is false if the same file has
// been entered before. A line that is already in an earlier statement of the account is not stored again.
//
// Errors: statement-elsewhere, other-account, number-elsewhere, line-differs.
func (s *Store) EnterStatement(ctx context.Context, e StatementEntry) (kept BankStatement, fresh bool, err error) {
	err = pgx.BeginFunc(ctx, s.commands, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockBank(ctx, []string{e.SHA256, "number " + e.number(), e.Place + "/" + e.Account}); err != nil {
			return err
		}
		before, err := q.GetBankStatement(ctx, e.SHA256)
		switch {
		case err == nil && (before.Place != e.Place || before.Account != e.Account):
			return s.elsewhere(ctx, "statement-elsewhere", before.Place, before.Account)
		case err == nil:
			kept = statementListed(before)
			return nil
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if err := s.checkAccount(ctx, q, e); err != nil {
			return err
		}
		fresh = true
		kept, err = e.write(ctx, q)
		return err
	})
	return kept, fresh, err
}

// number returns the account's number in the form in which numbers are compared.
func (e StatementEntry) number() string {
	return strings.ToUpper(strings.ReplaceAll(e.Statement.Account, "-", ""))
}

// checkAccount checks that the account has always had this number, and that a new account's number is not another's.
func (s *Store) checkAccount(ctx context.Context, q *db.Queries, e StatementEntry) error {
	holder, err := q.GetBankHolder(ctx, db.GetBankHolderParams{Place: e.Place, Account: e.Account})
	switch {
	case err == nil && holder != e.Statement.Account:
		return domain.Refuse("other-account", "account", "account", e.Account)
	case err == nil:
		return nil
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	other, err := q.GetAccountOfNumber(ctx, db.GetAccountOfNumberParams{Number: e.number(), Place: e.Place, Account: e.Account})
	if err == nil {
		return s.elsewhere(ctx, "number-elsewhere", other.Place, other.Account)
	}
	return absent(err)
}

// elsewhere returns the refusal for what an account has already.
func (s *Store) elsewhere(ctx context.Context, code domain.Code, at, account string) error {
	places, err := s.Places(ctx)
	if err != nil {
		return err
	}
	zh, en := places.Called(place.Code(at))
	return domain.Refuse(code, "account", "account", account, "place-zh", zh, "place-en", en)
}

func (e StatementEntry) write(ctx context.Context, q *db.Queries) (BankStatement, error) {
	lines := db.InsertBankLinesParams{Place: e.Place, Account: e.Account, Statement: e.SHA256}
	for _, l := range e.Lines {
		lines.Numbers, lines.Days = append(lines.Numbers, l.Number), append(lines.Days, *instant(l.BookedOn))
		lines.Refs, lines.Fens = append(lines.Refs, l.Reference), append(lines.Fens, int64(l.Fen))
	}
	differing, err := q.ListContradictions(ctx, db.ListContradictionsParams{
		Place: e.Place, Account: e.Account, Numbers: lines.Numbers, Days: lines.Days, Refs: lines.Refs, Fens: lines.Fens,
	})
	if err != nil {
		return BankStatement{}, err
	}
	for _, d := range differing {
		return BankStatement{}, domain.Refuse("line-differs", "sha256", "number", d.Number, "statement", d.Statement)
	}
	row, err := q.InsertBankStatement(ctx, db.InsertBankStatementParams{
		Sha256: e.SHA256, Place: e.Place, Account: e.Account, Holder: e.Statement.Account, FirstDay: *instant(e.From), LastDay: *instant(e.To),
		OpeningFen: e.Opening, ClosingFen: e.Closing, Lines: len(e.Lines), UploadedBy: e.By,
	})
	if err != nil {
		return BankStatement{}, err
	}
	return statementListed(row), q.InsertBankLines(ctx, lines)
}

// BankStatementFilter narrows the list of bank statements. Place matches a place and every place within it.
type BankStatementFilter struct {
	Reader  flow.Reader
	Place   string
	Account string
	Cursor  string
	Limit   int
}

// BankStatements returns a page of the bank statements that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) BankStatements(ctx context.Context, f BankStatementFilter) (Page[BankStatement], error) {
	at, err := openCursor(f.Cursor)
	if err != nil {
		return Page[BankStatement]{}, err
	}
	limit := pageLimit(f.Limit)
	rows, err := db.New(s.readingFor(f.Reader)).ListBankStatements(ctx, db.ListBankStatementsParams{
		Place: given(f.Place), Account: given(f.Account), ReaderAll: f.Reader.All, ReaderPlace: f.Reader.Place,
		Before: at.before(), BeforeSha256: at.ID, Max: limit + 1,
	})
	return cut(rows, limit, err, statementListed, func(r db.BankStatement) string { return keyset{r.UploadedAt, r.Sha256}.cursor() })
}

func statementListed(r db.BankStatement) BankStatement {
	return BankStatement{
		SHA256: r.Sha256, Place: r.Place, Account: r.Account, From: DateOf(&r.FirstDay), To: DateOf(&r.LastDay),
		OpeningFen: r.OpeningFen, ClosingFen: r.ClosingFen, Lines: r.Lines, UploadedBy: r.UploadedBy, UploadedAt: r.UploadedAt.In(calendar.Shanghai),
	}
}

// BankReach is the period that the bank statements of one account cover.
type BankReach struct {
	Place, Account string
	From, To       calendar.Date
}

// BankReach returns the period that the bank statements cover, for each account.
func (s *Store) BankReach(ctx context.Context) ([]BankReach, error) {
	rows, err := db.New(s.care).ListBankReach(ctx)
	all := make([]BankReach, len(rows))
	for i, r := range rows {
		all[i] = BankReach{r.Place, r.Account, DateOf(&r.FirstDay), DateOf(&r.LastDay)}
	}
	return all, err
}
