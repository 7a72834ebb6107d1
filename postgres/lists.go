package postgres

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/recovery"
	"terrace/postgres/db"
)

// Page is one page of a list, newest first. Next is the cursor of the following page, empty on the last. Rows added in
// the meantime neither repeat nor hide others.
type Page[R any] struct {
	Rows []R    `json:"rows"`
	Next string `json:"next,omitempty"`
}

// MaxPage is the maximum number of rows on a page; a limit of 0 means 50.
const MaxPage = 200

const defaultPage = 50

// PilotFilter narrows the list of pilots. Place includes every place within it. Search finds the pilots whose title or
// proposals contain each of the words. It covers titles, villages, organizations and codes; in Chinese, any two
// adjacent characters count as a word. A reader who sees only part of a pilot can find it only by its title.
type PilotFilter struct {
	Reader       flow.Reader
	Search       string
	Stage        flow.Stage
	Place        string
	Organization string // that has a proposal in the pilot
	Programme    string
	Cursor       string
	Limit        int
}

// ProjectFilter narrows the list of projects. Place is that of the office or of the village, and includes every place
// within it. Search finds the projects whose title, village, organization or code contains each of the words.
type ProjectFilter struct {
	Reader       flow.Reader
	Search       string
	Stage        flow.Stage
	Place        string
	Organization string
	Programme    string
	Pilot        string
	Cursor       string
	Limit        int
}

// PaymentFilter narrows the list of payments. Organization is the payee.
type PaymentFilter struct {
	Reader       flow.Reader
	Stage        flow.Stage
	Place        string
	Organization string
	Programme    string
	Pilot        string
	Cursor       string
	Limit        int
}

// RecoveryFilter narrows the list of recoveries. Organization is the debtor.
type RecoveryFilter struct {
	Reader       flow.Reader
	Stage        flow.Stage
	Place        string
	Organization string
	Programme    string
	Pilot        string
	Project      string
	Cursor       string
	Limit        int
}

// DifferenceFilter narrows the list of differences. Offices and auditors may see them.
type DifferenceFilter struct {
	Reader    flow.Reader
	Stage     flow.Stage
	Place     string
	Programme string
	Pilot     string
	Cursor    string
	Limit     int
}

// PilotRow is a pilot in a list.
type PilotRow struct {
	ID            string            `json:"id"`
	Stage         flow.Stage        `json:"stage"`
	Version       int               `json:"version"`
	Ended         bool              `json:"ended"`
	Place         string            `json:"place" doc:"of the launching office"`
	Programme     flow.ProgrammeRef `json:"programme"`
	Title         domain.Text       `json:"title"`
	RequestedFen  money.Fen         `json:"requested_fen"`
	CommittedFen  money.Fen         `json:"committed_fen" doc:"promised by the written approvals"`
	Organizations []string          `json:"organizations" doc:"credit codes of the proposals"`
	Projects      int               `json:"projects" doc:"approved so far"`
	Due           calendar.Date     `json:"due,omitzero" doc:"the earliest open due day"`
	CreatedAt     time.Time         `json:"created_at"`
	UpdatedAt     time.Time         `json:"updated_at"`
}

// Party is an organization in a list.
type Party struct {
	CreditCode string      `json:"credit_code"`
	Name       domain.Text `json:"name"`
}

// Village is a village in a list.
type Village struct {
	Code string      `json:"code"`
	Name domain.Text `json:"name"`
}

// ProjectRow is a project in a list.
type ProjectRow struct {
	ID           string            `json:"id"`
	Pilot        string            `json:"pilot"`
	Stage        flow.Stage        `json:"stage"`
	Version      int               `json:"version"`
	Ended        bool              `json:"ended"`
	Place        string            `json:"place" doc:"of the launching office"`
	Village      Village           `json:"village"`
	Programme    flow.ProgrammeRef `json:"programme"`
	Code         string            `json:"code" doc:"of the proposal"`
	Title        domain.Text       `json:"title"`
	Organization Party             `json:"organization"`
	Evaluator    string            `json:"evaluator"`
	GrantFen     money.Fen         `json:"grant_fen"`
	PaidFen      money.Fen         `json:"paid_fen"`
	Due          calendar.Date     `json:"due,omitzero"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
}

// PaymentRow is a payment in a list.
type PaymentRow struct {
	ID        string            `json:"id"`
	Pilot     string            `json:"pilot"`
	Payer     flow.Ref          `json:"payer"`
	Stage     flow.Stage        `json:"stage"`
	Version   int               `json:"version"`
	Ended     bool              `json:"ended"`
	Place     string            `json:"place" doc:"of the paying office"`
	Programme flow.ProgrammeRef `json:"programme"`
	Tranche   int               `json:"tranche" doc:"0 for the evaluator's contract"`
	Attempt   int               `json:"attempt"`
	Payee     Party             `json:"payee"`
	Fen       money.Fen         `json:"fen"`
	Voucher   string            `json:"voucher,omitempty"`
	Due       calendar.Date     `json:"due,omitzero"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
}

// RecoveryRow is a recovery (追回) in a list.
type RecoveryRow struct {
	ID        string             `json:"id"`
	Pilot     string             `json:"pilot"`
	Project   string             `json:"project"`
	Stage     flow.Stage         `json:"stage"`
	Version   int                `json:"version"`
	Ended     bool               `json:"ended"`
	Place     string             `json:"place" doc:"of the office that claims it"`
	Programme flow.ProgrammeRef  `json:"programme"`
	Debtor    Party              `json:"debtor"`
	Why       recovery.DebtCause `json:"why"`
	Fen       money.Fen          `json:"fen"`
	PaidFen   money.Fen          `json:"paid_fen"`
	Due       calendar.Date      `json:"due,omitzero"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
}

// DifferenceRow is a difference (差异) found by the reconciliation, in a list.
type DifferenceRow struct {
	ID          string                 `json:"id"`
	Pilot       string                 `json:"pilot,omitempty"`
	Stage       flow.Stage             `json:"stage"`
	Version     int                    `json:"version"`
	Ended       bool                   `json:"ended"`
	Place       string                 `json:"place" doc:"of the office whose books they are"`
	Programme   flow.ProgrammeRef      `json:"programme"`
	What        difference.Discrepancy `json:"what"`
	Subject     string                 `json:"subject"`
	ExpectedFen money.Fen              `json:"expected_fen"`
	FoundFen    money.Fen              `json:"found_fen"`
	Due         calendar.Date          `json:"due,omitzero"`
	CreatedAt   time.Time              `json:"created_at"`
	UpdatedAt   time.Time              `json:"updated_at"`
}

// Notice is a proposal on public notice (公示).
type Notice struct {
	Pilot        string        `json:"pilot"`
	Proposal     string        `json:"proposal"`
	Round        int           `json:"round"`
	Title        domain.Text   `json:"title"`
	Village      Village       `json:"village"`
	Organization Party         `json:"organization"`
	GrantFen     money.Fen     `json:"grant_fen"`
	Until        calendar.Date `json:"until,omitzero" doc:"its last day, which still admits an objection; none while one is inquired into"`
}

// Pilots returns a page of the pilots that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Pilots(ctx context.Context, f PilotFilter) (Page[PilotRow], error) {
	return pageOf(ctx, s.readingFor(f.Reader), pilotList, f.Cursor, wanted{
		Reader: f.Reader, Search: f.Search, Stage: f.Stage, Place: f.Place, Organization: f.Organization, Programme: f.Programme, limit: pageLimit(f.Limit),
	}, pilotListed, pilotKey)
}

// Projects returns a page of the projects that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Projects(ctx context.Context, f ProjectFilter) (Page[ProjectRow], error) {
	return pageOf(ctx, s.readingFor(f.Reader), projectList, f.Cursor, wanted{
		Reader: f.Reader, Search: f.Search, Stage: f.Stage, Place: f.Place, Organization: f.Organization, Programme: f.Programme, Pilot: f.Pilot,
		limit: pageLimit(f.Limit),
	}, projectListed, func(r db.ProjectRow) keyset { return keyset{r.CreatedAt, r.ID} })
}

// Payments returns a page of the payments that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Payments(ctx context.Context, f PaymentFilter) (Page[PaymentRow], error) {
	return pageOf(ctx, s.readingFor(f.Reader), paymentList, f.Cursor, wanted{
		Reader: f.Reader, Stage: f.Stage, Place: f.Place, Organization: f.Organization, Programme: f.Programme, Pilot: f.Pilot, limit: pageLimit(f.Limit),
	}, paymentListed, func(r db.PaymentRow) keyset { return keyset{r.CreatedAt, r.ID} })
}

// PaymentsInstructed lists the payments of the reader's office that are at the bank or waiting for a voucher, by the
// day on which the gateway was first instructed.
func (s *Store) PaymentsInstructed(ctx context.Context, reader flow.Reader, day calendar.Date) ([]PaymentRow, error) {
	rows, err := db.New(s.readingFor(reader)).ListPaymentRowsInstructed(ctx, db.ListPaymentRowsInstructedParams{Place: reader.Place, Day: day.Start()})
	listed := make([]PaymentRow, len(rows))
	for i, r := range rows {
		listed[i] = paymentListed(r)
	}
	return listed, err
}

// Recoveries returns a page of the recoveries that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Recoveries(ctx context.Context, f RecoveryFilter) (Page[RecoveryRow], error) {
	return pageOf(ctx, s.readingFor(f.Reader), recoveryList, f.Cursor, wanted{
		Reader: f.Reader, Stage: f.Stage, Place: f.Place, Organization: f.Organization, Programme: f.Programme, Pilot: f.Pilot, Project: f.Project,
		limit: pageLimit(f.Limit),
	}, recoveryListed, func(r db.RecoveryRow) keyset { return keyset{r.CreatedAt, r.ID} })
}

// Differences returns a page of the differences that the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Differences(ctx context.Context, f DifferenceFilter) (Page[DifferenceRow], error) {
	return pageOf(ctx, s.readingFor(f.Reader), differenceList, f.Cursor, wanted{
		Reader: f.Reader, Stage: f.Stage, Place: f.Place, Programme: f.Programme, Pilot: f.Pilot, limit: pageLimit(f.Limit),
	}, differenceListed, func(r db.DifferenceRow) keyset { return keyset{r.CreatedAt, r.ID} })
}

// Notices returns a page of the proposals now on public notice, in order of pilot and proposal. A limit of 0 means 50.
//
// Errors: bad-cursor.
func (s *Store) Notices(ctx context.Context, cursor string, limit int) (Page[Notice], error) {
	at, err := openNoticeCursor(cursor)
	if err != nil {
		return Page[Notice]{}, err
	}
	limit = pageLimit(limit)
	rows, err := db.New(s.reads()).ListNoticeRows(ctx, db.ListNoticeRowsParams{AfterPilot: at.Pilot, AfterProposal: at.Proposal, Max: limit + 1})
	return cut(rows, limit, err, noticeListed, func(r db.NoticeRow) string { return noticeKey{r.Pilot, r.Proposal}.cursor() })
}

// noticeKey is the proposal after which a page of notices starts.
type noticeKey struct {
	Pilot    string `json:"pilot"`
	Proposal string `json:"proposal"`
}

func (k noticeKey) cursor() string { return sealCursor(k) }

func openNoticeCursor(cursor string) (k noticeKey, err error) {
	if cursor == "" {
		return k, nil
	}
	if !readCursor(cursor, &k) || k.Pilot == "" || hasControl(k.Pilot) || hasControl(k.Proposal) {
		return noticeKey{}, domain.Refuse("bad-cursor", "cursor")
	}
	return k, nil
}

// keyset is the row after which a page starts.
type keyset struct {
	CreatedAt time.Time `json:"at"`
	ID        string    `json:"id"`
}

func (k keyset) before() *time.Time {
	if k.ID == "" {
		return nil
	}
	return &k.CreatedAt
}

func (k keyset) cursor() string { return sealCursor(k) }

func openCursor(cursor string) (k keyset, err error) {
	if cursor == "" {
		return k, nil
	}
	if !readCursor(cursor, &k) || k.ID == "" || hasControl(k.ID) || k.CreatedAt.IsZero() {
		return keyset{}, domain.Refuse("bad-cursor", "cursor")
	}
	return k, nil
}

// sealCursor encodes a key as a cursor that clients send back for the next page.
func sealCursor(key any) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic(err) // a time from the record can always be encoded
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func readCursor(cursor string, key any) bool {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	return err == nil && json.Unmarshal(text, key) == nil
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }

// pageOf reads a page of a list.
//
// Errors: bad-cursor.
func pageOf[D, R any](ctx context.Context, through db.DBTX, l list, cursor string, w wanted, listed func(D) R, key func(D) keyset) (Page[R], error) {
	at, err := openCursor(cursor)
	if err != nil {
		return Page[R]{}, err
	}
	w.after = at
	rows, err := listRows(ctx, through, l, w, key)
	return cut(rows, w.limit, err, listed, func(r D) string { return key(r).cursor() })
}

// cut makes a page of at most limit rows. An extra row means that another page follows.
func cut[D, R any](rows []D, limit int, err error, listed func(D) R, cursor func(D) string) (Page[R], error) {
	p := Page[R]{Rows: []R{}}
	for _, r := range rows[:min(limit, len(rows))] {
		p.Rows = append(p.Rows, listed(r))
	}
	if len(rows) > limit {
		p.Next = cursor(rows[limit-1])
	}
	return p, err
}

func pageLimit(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, MaxPage)
}

func given(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

func pilotKey(r db.PilotRow) keyset { return keyset{r.CreatedAt, r.ID} }

func pilotListed(r db.PilotRow) PilotRow {
	return PilotRow{
		ID: r.ID, Stage: r.Stage, Version: r.Version, Ended: r.Ended, Place: r.Place,
		Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion}, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn},
		RequestedFen: r.RequestedFen, CommittedFen: r.CommittedFen, Organizations: r.Organizations, Projects: r.Projects,
		Due: dateOf(r.Due), CreatedAt: r.CreatedAt.In(calendar.Shanghai), UpdatedAt: r.UpdatedAt.In(calendar.Shanghai),
	}
}

func projectListed(r db.ProjectRow) ProjectRow {
	return ProjectRow{
		ID: r.ID, Pilot: r.Pilot, Stage: r.Stage, Version: r.Version, Ended: r.Ended, Place: r.Place,
		Village:   Village{r.Village, domain.Text{ZH: r.VillageZh, EN: r.VillageEn}},
		Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion}, Code: r.Code, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn},
		Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}, Evaluator: r.Evaluator,
		GrantFen: r.GrantFen, PaidFen: r.PaidFen,
		Due: dateOf(r.Due), CreatedAt: r.CreatedAt.In(calendar.Shanghai), UpdatedAt: r.UpdatedAt.In(calendar.Shanghai),
	}
}

func paymentListed(r db.PaymentRow) PaymentRow {
	return PaymentRow{
		ID: r.ID, Pilot: r.Pilot, Payer: flow.Ref{Kind: flow.Kind(r.PayerKind), ID: r.Payer}, Stage: r.Stage, Version: r.Version, Ended: r.Ended,
		Place: r.Place, Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion}, Tranche: r.Tranche, Attempt: r.Attempt,
		Payee: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}, Fen: r.Fen, Voucher: r.Voucher,
		Due: dateOf(r.Due), CreatedAt: r.CreatedAt.In(calendar.Shanghai), UpdatedAt: r.UpdatedAt.In(calendar.Shanghai),
	}
}

func recoveryListed(r db.RecoveryRow) RecoveryRow {
	return RecoveryRow{
		ID: r.ID, Pilot: r.Pilot, Project: r.Project, Stage: r.Stage, Version: r.Version, Ended: r.Ended, Place: r.Place,
		Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion},
		Debtor:    Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}, Why: recovery.DebtCause(r.Why), Fen: r.Fen, PaidFen: r.PaidFen,
		Due: dateOf(r.Due), CreatedAt: r.CreatedAt.In(calendar.Shanghai), UpdatedAt: r.UpdatedAt.In(calendar.Shanghai),
	}
}

func differenceListed(r db.DifferenceRow) DifferenceRow {
	return DifferenceRow{
		ID: r.ID, Pilot: r.Pilot, Stage: r.Stage, Version: r.Version, Ended: r.Ended, Place: r.Place,
		Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion},
		What:      difference.Discrepancy(r.What), Subject: r.Subject, ExpectedFen: r.ExpectedFen, FoundFen: r.FoundFen,
		Due: dateOf(r.Due), CreatedAt: r.CreatedAt.In(calendar.Shanghai), UpdatedAt: r.UpdatedAt.In(calendar.Shanghai),
	}
}

func noticeListed(r db.NoticeRow) Notice {
	return Notice{
		Pilot: r.Pilot, Proposal: r.Proposal, Round: r.Round, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn},
		Village:      Village{r.Village, domain.Text{ZH: r.VillageZh, EN: r.VillageEn}},
		Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}},
		GrantFen:     r.GrantFen, Until: dateOf(r.Until),
	}
}
