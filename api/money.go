package api

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"mime"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"terrace/books"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/ledger"
	"terrace/postgres"
)

// bookReader is the permission to read the accounts.
var bookReader = permission{words: text(
	"有权查阅全部内容的民政部门与审计，以及查阅自己项目的组织；其他人视为没有（404）",
	"offices and auditors who may read the whole of it, and an organization its own; to others it is not there (404)",
)}

// Formatted holds the request parameter that selects JSON or a workbook.
type Formatted struct {
	Format string `query:"format" enum:"json,xlsx" default:"json" doc:"xlsx is an Excel workbook with amounts in yuan; JSON has them in fen"`
}

// At holds the request parameter for the instant at which balances are reported.
type At struct {
	At string `query:"at" format:"date-time" maxLength:"40" doc:"an instant in the past (default now)" example:"2018-06-15T18:00:00+08:00"`
}

func (a At) instant() (time.Time, error) {
	if a.At == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, a.At)
}

type trialBalanceInput struct {
	Formatted
	At
	Programme string `query:"programme" maxLength:"60" pattern:"^[a-z0-9-]+$" patternDescription:"small letters, digits and dashes" doc:"its fund, and the pilots that you may read" example:"zhuanglang-2017"`
	Pilot     string `query:"pilot" format:"uuid" maxLength:"36" doc:"the pilot with its projects, contract and recoveries" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
	Project   string `query:"project" maxLength:"60" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[0-9]{1,3}$" patternDescription:"a project's id" doc:"the project with its recoveries" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70.1"`
}

// trialBalance returns the balances of the accounts of a programme, pilot or project at an instant.
//
// Errors: one-scope, not-found.
func (s *server) trialBalance(ctx context.Context, in *trialBalanceInput) (*huma.StreamResponse, error) {
	at, err := in.instant()
	if err != nil {
		return nil, err
	}
	b, err := s.desk(ctx).TrialBalance(ctx, postgres.Scope{Programme: in.Programme, Pilot: in.Pilot, Project: in.Project}, at)
	if err != nil {
		return nil, err
	}
	return in.answer("trial-balance", b, func(w io.Writer) error {
		return books.TrialBalance(w, []string{cmp.Or(in.Programme, in.Pilot, in.Project)}, b)
	})
}

type accountStatementInput struct {
	Formatted
	Owner    string `query:"owner" required:"true" maxLength:"80" pattern:"^[0-9A-Za-z.-]+$" patternDescription:"a programme, pilot, project, contract or recovery" doc:"whose account it is" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70.1"`
	Account  string `query:"account" required:"true" maxLength:"40" doc:"which account of the chart" example:"advance"`
	Category string `query:"category" maxLength:"40" pattern:"^[0-9A-Za-z_-]*$" patternDescription:"a kind of spending" doc:"of the budget, if the account is divided by category" example:"materials"`
	From     string `query:"from" format:"date" maxLength:"10" doc:"first day of the period, by the time of recording (default the first entry)" example:"2018-01-01"`
	To       string `query:"to" format:"date" maxLength:"10" doc:"last day of the period (default today)" example:"2018-06-30"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"lines a page; a workbook holds them all"`
	Cursor   string `query:"cursor" maxLength:"200" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"a cursor as next gives it" doc:"cursor given as next on the previous page"`
}

// filter converts the request parameters to a filter for the record. The period includes its last day.
//
// Errors: not-allowed, bad-period.
func (in *accountStatementInput) filter() (f postgres.StatementFilter, err error) {
	if _, known := ledger.KindOfAccount(in.Account); !known {
		return f, domain.Refuse("not-allowed", "query.account", ledger.AccountChoice()...)
	}
	f = postgres.StatementFilter{
		AccountKey: postgres.AccountKey{Owner: in.Owner, Account: in.Account, Category: in.Category}, Limit: in.Limit, Cursor: in.Cursor,
	}
	if in.From != "" {
		from, err := calendar.Parse(in.From)
		if err != nil {
			return f, err
		}
		f.From = from.Start()
	}
	if in.To != "" {
		to, err := calendar.Parse(in.To)
		if err != nil {
			return f, err
		}
		f.Until = to.End()
	}
	if in.From != "" && in.To != "" && in.From > in.To {
		return f, domain.Refuse("bad-period", "query.from", "from", in.From, "to", in.To)
	}
	return f, nil
}

// accountStatement lists the movements in an account.
//
// Errors: not-found, unknown-account, bad-period, bad-cursor.
func (s *server) accountStatement(ctx context.Context, in *accountStatementInput) (*huma.StreamResponse, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if in.Format == "xlsx" {
		return s.wholeStatement(ctx, in.Formatted, f)
	}
	st, err := s.desk(ctx).Statement(ctx, f)
	if err != nil {
		return nil, onQuery(err)
	}
	return in.answer("statement", st, nil)
}

// wholeStatement returns a workbook that covers the whole period, not just one page.
func (s *server) wholeStatement(ctx context.Context, format Formatted, f postgres.StatementFilter) (*huma.StreamResponse, error) {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	if f.Until.IsZero() {
		f.Until = now.Add(time.Microsecond) // excludes what is posted while the pages are being read
	}
	f.Cursor, f.Limit = "", postgres.MaxPage
	st, err := s.desk(ctx).Statement(ctx, f)
	for lines := st.Lines; err == nil && st.Next != ""; lines = st.Lines {
		f.Cursor = st.Next
		st, err = s.desk(ctx).Statement(ctx, f)
		st.Lines = append(lines, st.Lines...)
	}
	if err != nil {
		return nil, err
	}
	return format.answer("statement", st, func(w io.Writer) error { return books.Statement(w, now, st) })
}

type budgetInput struct {
	Named
	Formatted
}

// budget compares a project's budget with its spending.
//
// Errors: not-found.
func (s *server) budget(ctx context.Context, in *budgetInput) (*huma.StreamResponse, error) {
	b, err := s.desk(ctx).Budget(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return in.answer("budget", b, func(w io.Writer) error { return books.Budget(w, b) })
}

type fundInput struct {
	Formatted
	At
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"pilots a page; a workbook holds them all"`
	Cursor string `query:"cursor" maxLength:"200" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"a cursor as next gives it" doc:"cursor given as next on the previous page"`
	ID     string `path:"id" maxLength:"60" pattern:"^[a-z0-9-]+$" patternDescription:"small letters, digits and dashes" example:"zhuanglang-2017"`
}

// fund shows where a programme's money is, by pilot and by project.
//
// Errors: not-found, bad-cursor.
func (s *server) fund(ctx context.Context, in *fundInput) (*huma.StreamResponse, error) {
	at, err := in.instant()
	if err != nil {
		return nil, err
	}
	asked := postgres.FundFilter{Programme: in.ID, At: at, Cursor: in.Cursor, Limit: in.Limit}
	read := s.desk(ctx).Fund
	if in.Format == "xlsx" {
		read = s.desk(ctx).WholeFund
	}
	f, err := read(ctx, asked)
	if err != nil {
		return nil, onQuery(err)
	}
	return in.answer("fund", f, func(w io.Writer) error { return books.Fund(w, f) })
}

// answer sends the response as JSON or as a workbook. It completes the workbook before sending it, so that a failure
// results in a problem and not in a truncated file.
func (f Formatted) answer(name string, body any, workbook func(io.Writer) error) (*huma.StreamResponse, error) {
	if f.Format != "xlsx" {
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "application/json")
			_ = strictJSON.Marshal(c.BodyWriter(), body) // the client may have disconnected
		}}, nil
	}
	var file bytes.Buffer
	if err := workbook(&file); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", books.MediaType)
		c.SetHeader("Content-Length", itoa(file.Len()))
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".xlsx"}))
		_, _ = file.WriteTo(c.BodyWriter()) // likewise
	}}, nil
}

// shapeMoney returns a function that documents a response available as JSON or as a workbook.
func shapeMoney[B any](words string) func(*server, *huma.Operation) {
	return func(s *server, op *huma.Operation) {
		op.Responses["200"] = &huma.Response{Description: words, Content: map[string]*huma.MediaType{
			"application/json": {Schema: s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[B](), true, "")},
			books.MediaType:    {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
}

var moneyTypes = []string{"application/json", books.MediaType}
