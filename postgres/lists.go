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
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/postgres/db"
)

// Page is one page of a list, newest first. Next is the cursor of the following page, or empty on the last page. No row
// is repeated or skipped because others are added between two requests.
type Page[R any] struct {
	Rows []R    `json:"rows"`
	Next string `json:"next,omitempty"`
}

// MaxPage is the maximum number of rows on a page. A limit of 0 means 50.
const MaxPage = 200

const defaultPage = 50

// Filter narrows a list. Place matches a place and every place within it. Pilot applies only to kinds that belong to a
// pilot, Project only to recoveries, Organization to everything except differences, and Search only to pilots and
// projects.
//
// Search finds the rows that contain every one of the words: pilots by their title and proposals, projects by title,
// village, organization and code. In Chinese, any two adjacent characters count as a word. A reader who sees only part
// of a pilot can find it only by its title.
type Filter struct {
	Reader       flow.Reader
	Search       string
	Stage        flow.Stage
	Place        string // place of the office or, in the list of projects, of the village
	Organization string // organization that has a proposal in the pilot, runs the project, receives the payment or owes the debt
	Programme    string
	Pilot        string
	Project      string
	Cursor       string
	Limit        int
}

// The rows of the lists, as the record stores them.
type (
	PilotRow      = db.PilotRow
	ProjectRow    = db.ProjectRow
	PaymentRow    = db.PaymentRow
	RecoveryRow   = db.RecoveryRow
	DifferenceRow = db.DifferenceRow
)

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

// Notice is a proposal whose public notice (公示) is running.
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

// Listed is the list of all aggregates of one kind, with rows of type R.
type Listed[R any] struct {
	list
	key func(R) keyset
}

// Kind returns the aggregate kind of the rows.
func (l Listed[R]) Kind() flow.Kind { return l.kind }

// Page returns a page of the rows that the reader in the filter may see.
//
// Errors: bad-cursor.
func (l Listed[R]) Page(ctx context.Context, s *Store, f Filter) (Page[R], error) {
	return l.page(ctx, s.readingFor(f.Reader), wanted{Filter: f})
}

// PaymentsInstructed lists the payments by the reader's office that the gateway was first instructed to make on the
// given date and that are still waiting for the bank or for a voucher.
func (s *Store) PaymentsInstructed(ctx context.Context, reader flow.Reader, day calendar.Date) ([]PaymentRow, error) {
	return db.New(s.readingFor(reader)).ListPaymentRowsInstructed(ctx, db.ListPaymentRowsInstructedParams{Place: reader.Place, Day: day.Start()})
}

// Notices returns a page of the proposals whose public notice is running, sorted by pilot and proposal. A limit of 0
// means 50.
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

// noticeKey identifies the proposal after which a page of notices starts.
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

// keyset identifies the row after which a page starts.
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

// sealCursor encodes a key as an opaque cursor, which the client sends back to request the next page.
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

func (l Listed[R]) page(ctx context.Context, through db.DBTX, w wanted) (_ Page[R], err error) {
	if w.after, err = openCursor(w.Cursor); err != nil {
		return Page[R]{}, err
	}
	w.limit = pageLimit(w.Limit)
	rows, err := l.rows(ctx, through, w)
	return cut(rows, w.limit, err, func(r R) R { return r }, func(r R) string { return l.key(r).cursor() })
}

// cut makes a page of at most limit rows from at most limit+1. The extra row shows that another page follows.
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

func noticeListed(r db.NoticeRow) Notice {
	return Notice{
		Pilot: r.Pilot, Proposal: r.Proposal, Round: r.Round, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn},
		Village:      Village{r.Village, domain.Text{ZH: r.VillageZh, EN: r.VillageEn}},
		Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}},
		GrantFen:     r.GrantFen, Until: DateOf(r.Until),
	}
}
