package api

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"terrace/bank/statement"
	"terrace/desk"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/postgres"
)

// financing is the permission to enter bank statements on behalf of an office.
var financing = permission{words: text("民政部门财务人员", "finance officers of an office"), roles: []domain.Role{domain.Finance}}

// BankStatementEntry declares that an uploaded file is a bank statement (银行对账单) of the sender's office.
type BankStatementEntry struct {
	SHA256  string `json:"sha256" pattern:"^[0-9a-f]{64}$" patternDescription:"64 hexadecimal digits, small letters" doc:"of the uploaded file" example:"5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1"`
	Format  string `json:"format" enum:"csv,camt053" doc:"our CSV, or camt.053 of ISO 20022" example:"csv"`
	Account string `json:"account" minLength:"1" maxLength:"40" doc:"what your office calls the account, always the same; not its number; spaces around it do not count" example:"专户"`
}

// BankStatement is a bank statement in the record.
type BankStatement struct {
	SHA256     string        `json:"sha256" doc:"of its file"`
	Place      string        `json:"place" doc:"of the office whose account it is (GB/T 2260)"`
	PlaceName  domain.Text   `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	Account    string        `json:"account" doc:"what the office calls the account"`
	From       calendar.Date `json:"from"`
	To         calendar.Date `json:"to" doc:"the last day"`
	OpeningFen money.Fen     `json:"opening_fen"`
	ClosingFen money.Fen     `json:"closing_fen"`
	Lines      int           `json:"lines" minimum:"0" doc:"of the file; a line that an earlier statement also holds is kept only once"`
	UploadedBy string        `json:"uploaded_by"`
	At         time.Time     `json:"at" doc:"when it was entered"`
	Href       string        `json:"href,omitempty" format:"uri-reference" doc:"the file; for those who may download it"`
}

type bankStatementInput struct{ Body BankStatementEntry }

type bankStatementOutput struct {
	Status int
	Body   BankStatement
}

// enterStatement records a bank statement with all its lines. It responds with 201 the first time, and with 200 if the
// same file has already been entered.
//
// Errors: no-office, no-such-file, bad-statement, statement-elsewhere, other-account, number-elsewhere, line-differs, evidence-damaged.
func (s *server) enterStatement(ctx context.Context, in *bankStatementInput) (*bankStatementOutput, error) {
	actor, err := ofOffice(ctx)
	if err != nil {
		return nil, err
	}
	account := strings.TrimSpace(in.Body.Account)
	places, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	read, err := s.readStatement(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	kept, fresh, err := s.Store.EnterStatement(ctx, postgres.StatementEntry{
		SHA256: in.Body.SHA256, Place: actor.Place, Account: account, By: actor.ID, Statement: read,
	})
	if err != nil {
		return nil, err
	}
	out := &bankStatementOutput{http.StatusOK, bankStatementOf(kept, places)}
	if fresh {
		out.Status = http.StatusCreated
	}
	out.Body.Href, err = s.downloadOf(ctx, kept.SHA256)
	return out, err
}

// readStatement reads the statement from the uploaded file, if the sender may name that file.
func (s *server) readStatement(ctx context.Context, entry BankStatementEntry) (statement.Statement, error) {
	named, err := s.desk(ctx).MayName(ctx, entry.SHA256)
	if err == nil && !named {
		err = domain.Refuse("no-such-file", "sha256", "sha256", entry.SHA256)
	}
	if err != nil {
		return statement.Statement{}, err
	}
	content, err := s.vault.open(ctx, entry.SHA256)
	if err != nil {
		return statement.Statement{}, err
	}
	defer func() { _ = content.Close() }() // opened for reading only
	text := bufio.NewReader(content)
	if head, _ := text.Peek(64); (entry.Format == "camt053") != bytes.HasPrefix(bytes.TrimLeft(head, "\uFEFF \t\r\n"), []byte("<")) {
		return statement.Statement{}, badStatement(&statement.Error{Code: statement.UnknownFormat, What: "the file is not in the format " + entry.Format})
	}
	read, err := statement.Parse(text)
	if wrong, ok := errors.AsType[*statement.Error](err); ok {
		return statement.Statement{}, badStatement(wrong)
	}
	if err != nil {
		return statement.Statement{}, err
	}
	now, err := s.Store.Now(ctx)
	if today := calendar.Of(now); err == nil && read.To.After(today) {
		return statement.Statement{}, badStatement(&statement.Error{Code: statement.BadPeriod, What: fmt.Sprintf("it ends on %s, after today (%s)", read.To, today)})
	}
	return read, err
}

// badStatement returns the refusal for a file that is not a valid statement. Its field identifies the faulty line, as
// in sha256.line[12].
func badStatement(e *statement.Error) *domain.Error {
	field, zh, en := "sha256", "", ""
	if e.Line > 0 {
		line := itoa(e.Line)
		field, zh, en = "sha256.line["+line+"]", "第"+line+"行", "in line "+line+", "
	}
	return domain.Refuse("bad-statement", field, "line-zh", zh, "line-en", en, "zh", cmp.Or(e.ZH, statementFaults[e.Code]), "en", e.What)
}

// statementFaults holds Chinese translations of the faults that a statement can have. The package that reads statements
// describes some of them only in English.
var statementFaults = map[string]string{
	statement.TooLarge:      "文件大小、行数或文字长度超过上限",
	statement.BadEncoding:   "文件编码不是 UTF-8 或 GB18030",
	statement.UnknownFormat: "文件格式与所声明的不符",
	statement.BadSyntax:     "文件不完整或格式有误",
	statement.BadDate:       "日期缺失或格式有误",
	statement.BadPeriod:     "截止日期晚于今天",
	statement.BadAmount:     "金额有误",
	statement.BadCurrency:   "币种不是人民币",
	statement.BadDirection:  "借贷方向有误",
	statement.BadNumber:     "缺少银行流水号，或流水号过长",
	statement.BadReference:  "业务编号过长",
}

type bankStatementsInput struct {
	Paging
	Place   string `query:"place" pattern:"^[0-9]{6}([0-9]{3}){0,2}$" patternDescription:"6, 9 or 12 digits" doc:"only of offices at or below this place" example:"620825"`
	Account string `query:"account" maxLength:"40" doc:"only of the account to which the office gives this name" example:"专户"`
}

// bankStatements lists the bank statements of the offices whose statements the caller may see.
//
// Errors: bad-cursor, unknown-place.
func (s *server) bankStatements(ctx context.Context, in *bankStatementsInput) (*pageOutput[BankStatement], error) {
	if err := s.placed(ctx, in.Place); err != nil {
		return nil, err
	}
	places, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	page, err := s.desk(ctx).BankStatements(ctx, postgres.BankStatementFilter{
		Place: in.Place, Account: in.Account, Limit: in.Limit, Cursor: in.Cursor,
	})
	out, err := pageOf(page, err, func(b postgres.BankStatement) BankStatement { return bankStatementOf(b, places) })
	if err != nil {
		return nil, err
	}
	for i := range out.Body.Items {
		b := &out.Body.Items[i]
		if b.Href, err = s.downloadOf(ctx, b.SHA256); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// downloadOf returns the URL path for downloading a file, or none if the caller may not.
func (s *server) downloadOf(ctx context.Context, sha256 string) (string, error) {
	_, err := s.desk(ctx).Evidence(ctx, sha256)
	switch {
	case desk.NotThere(err):
		return "", nil
	case err != nil:
		return "", err
	}
	return fileAt(sha256), nil
}

// fileAt returns the URL path for downloading a file.
func fileAt(sha256 string) string { return "/v1/evidence/" + sha256 }

func bankStatementOf(b postgres.BankStatement, places *place.Table) BankStatement {
	return BankStatement{
		SHA256: b.SHA256, Place: b.Place, PlaceName: placeName(places, b.Place), Account: b.Account, From: b.From, To: b.To, OpeningFen: b.OpeningFen, ClosingFen: b.ClosingFen,
		Lines: b.Lines, UploadedBy: b.UploadedBy, At: b.UploadedAt,
	}
}
