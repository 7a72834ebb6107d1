package postgres

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres/db"
)

// listing describes how a kind of aggregate appears in the lists. A kind without a listing appears in none.
type listing struct {
	kind     flow.Kind
	searched bool // whether the kind has search words of its own, such as a title
	of       func(image) listed
	read     func(ctx context.Context, q *db.Queries, id string) (listed, error) // reads the stored rows; returns empty rows if none are stored
}

// listings holds the listings of all kinds.
var listings = []listing{pilotListing, projectListing, paymentListing, recoveryListing, differenceListing}

// listed is an aggregate's rows in the lists.
type listed interface {
	// put queues the statements that store these rows in place of before, the rows stored so far, or nil if there were
	// none.
	put(ctx context.Context, q *db.Queries, before listed) error
	// restore queues the statements that store these rows in place of whatever is there. They also restore what the
	// database derives from a new row: search words, location and launch.
	restore(ctx context.Context, q *db.Queries) error
	// compare reports how the stored rows, held, differ from these rows.
	compare(i *inspection, held listed)
}

// listingOf returns the listing of a kind.
func listingOf(kind flow.Kind) listing {
	for _, l := range listings {
		if l.kind == kind {
			return l
		}
	}
	return listing{
		kind: kind, of: func(image) listed { return unlisted{} },
		read: func(context.Context, *db.Queries, string) (listed, error) { return unlisted{}, nil },
	}
}

// unlisted implements listed for an aggregate that appears in no list.
type unlisted struct{}

func (unlisted) put(context.Context, *db.Queries, listed) error { return nil }
func (unlisted) restore(context.Context, *db.Queries) error     { return nil }
func (unlisted) compare(*inspection, listed)                    {}

// single implements listed for an aggregate with exactly one row.
type single[R any] struct {
	row  R
	keep func(q *db.Queries, ctx context.Context, row R) error
}

func (r single[R]) put(ctx context.Context, q *db.Queries, _ listed) error {
	return r.keep(q, ctx, r.row)
}

func (r single[R]) restore(ctx context.Context, q *db.Queries) error { return r.keep(q, ctx, r.row) }

func (r single[R]) compare(i *inspection, held listed) {
	i.compare(ListPart, held.(single[R]).row, r.row)
}

// singles returns the listing of a kind whose aggregates have one row each.
func singles[R any](
	kind flow.Kind, of func(image) R, keep func(*db.Queries, context.Context, R) error,
	get func(*db.Queries, context.Context, string) (R, error),
) listing {
	return listing{
		kind: kind, of: func(i image) listed { return single[R]{of(i), keep} },
		read: func(ctx context.Context, q *db.Queries, id string) (listed, error) {
			row, err := get(q, ctx, id)
			return single[R]{row, keep}, absent(err)
		},
	}
}

var (
	pilotListing = listing{
		kind: pilot.Kind, searched: true, of: func(i image) listed {
			p := i.state.(*pilot.Pilot)
			return listedPilot{*i.pilotRow(p), noticeRows(p)}
		},
		read: func(ctx context.Context, q *db.Queries, id string) (listed, error) {
			row, err := q.GetPilotRow(ctx, id)
			if absent(err) != nil {
				return nil, err
			}
			notices, err := q.ListNoticeRowsOf(ctx, id)
			return listedPilot{row, notices}, err
		},
	}
	projectListing = listing{
		kind: project.Kind, searched: true, of: func(i image) listed { return listedProject{*i.projectRow(i.state.(*project.Project))} },
		read: func(ctx context.Context, q *db.Queries, id string) (listed, error) {
			row, err := q.GetProjectRow(ctx, id)
			return listedProject{row}, absent(err)
		},
	}
	paymentListing = singles(
		payment.Kind, func(i image) db.PaymentRow { return *i.paymentRow(i.state.(*payment.Payment)) },
		func(q *db.Queries, ctx context.Context, r db.PaymentRow) error {
			return q.PutPaymentRow(ctx, db.PutPaymentRowParams(r))
		},
		(*db.Queries).GetPaymentRow,
	)
	recoveryListing = singles(
		recovery.Kind, func(i image) db.RecoveryRow { return *i.recoveryRow(i.state.(*recovery.Recovery)) },
		func(q *db.Queries, ctx context.Context, r db.RecoveryRow) error {
			return q.PutRecoveryRow(ctx, db.PutRecoveryRowParams(r))
		},
		(*db.Queries).GetRecoveryRow,
	)
	differenceListing = singles(
		difference.Kind, func(i image) db.DifferenceRow { return *i.differenceRow(i.state.(*difference.Difference)) },
		func(q *db.Queries, ctx context.Context, r db.DifferenceRow) error {
			return q.PutDifferenceRow(ctx, db.PutDifferenceRowParams(r))
		},
		(*db.Queries).GetDifferenceRow,
	)
)

// listedPilot is the row of a pilot, with its rows in the list of public notices.
type listedPilot struct {
	row     db.PilotRow
	notices []db.NoticeRow
}

func (p listedPilot) put(ctx context.Context, q *db.Queries, before listed) error {
	err := q.PutPilotRow(ctx, db.PutPilotRowParams(p.row))
	was, _ := before.(listedPilot)
	if err == nil && !sameNotices(was.notices, p.notices) {
		err = p.putNotices(ctx, q)
	}
	return err
}

func (p listedPilot) restore(ctx context.Context, q *db.Queries) error {
	return errors.Join(q.DeletePilotRow(ctx, p.row.ID), q.PutPilotRow(ctx, db.PutPilotRowParams(p.row)), p.putNotices(ctx, q))
}

func (p listedPilot) compare(i *inspection, held listed) {
	h := held.(listedPilot)
	i.compare(ListPart, h.row, p.row)
	byProposal := func(a, b db.NoticeRow) int { return bytes.Compare([]byte(a.Proposal), []byte(b.Proposal)) }
	slices.SortFunc(p.notices, byProposal)
	slices.SortFunc(h.notices, byProposal)
	if !sameNotices(h.notices, p.notices) {
		i.differs(ListPart, "the proposals on notice are not those of the journal")
	}
}

// putNotices queues the statements that replace a pilot's stored notices with its current ones.
func (p listedPilot) putNotices(ctx context.Context, q *db.Queries) error {
	kept := []string{}
	for _, n := range p.notices {
		kept = append(kept, n.Proposal)
	}
	if err := q.DeleteNoticeRowsBut(ctx, db.DeleteNoticeRowsButParams{Pilot: p.row.ID, Kept: kept}); err != nil {
		return err
	}
	for _, n := range p.notices {
		if err := q.PutNoticeRow(ctx, db.PutNoticeRowParams(n)); err != nil {
			return err
		}
	}
	return nil
}

// listedProject is the row of a project.
type listedProject struct{ row db.ProjectRow }

// put updates only the columns that change often, which have few indexes to update, unless other columns have changed
// too.
func (p listedProject) put(ctx context.Context, q *db.Queries, before listed) error {
	if was, known := before.(listedProject); known && p.moves(was) {
		r := p.row
		return q.MoveProjectRow(ctx, db.MoveProjectRowParams{
			ID: r.ID, Stage: r.Stage, Version: r.Version, Ended: r.Ended, GrantFen: r.GrantFen, PaidFen: r.PaidFen,
			Due: r.Due, UpdatedAt: r.UpdatedAt, BannedUntil: r.BannedUntil,
		})
	}
	return q.PutProjectRow(ctx, db.PutProjectRowParams(p.row))
}

func (p listedProject) moves(before listedProject) bool {
	a, b := before.row, p.row
	a.Stage, a.Version, a.Ended, a.GrantFen, a.PaidFen = b.Stage, b.Version, b.Ended, b.GrantFen, b.PaidFen
	a.Due, a.UpdatedAt, a.BannedUntil = b.Due, b.UpdatedAt, b.BannedUntil
	return reflect.DeepEqual(a, b)
}

func (p listedProject) restore(ctx context.Context, q *db.Queries) error {
	return errors.Join(q.DeleteProjectRow(ctx, p.row.ID), q.PutProjectRow(ctx, db.PutProjectRowParams(p.row)))
}

func (p listedProject) compare(i *inspection, held listed) {
	i.compare(ListPart, held.(listedProject).row, p.row)
}

func (i image) pilotRow(p *pilot.Pilot) *db.PilotRow {
	row := db.PilotRow{
		ID: p.ID, Stage: p.Stage, Version: p.Version, Ended: flow.ProgressOf(p).Ended, Place: p.Home,
		Programme: p.Programme.ID, ProgrammeVersion: p.Programme.Version, TitleZh: p.Title.ZH, TitleEn: p.Title.EN,
		RequestedFen: p.RequestedFen, CommittedFen: p.CommittedFen(), Draft: p.Readers().Draft, Evaluator: p.Evaluator.CreditCode,
		Organizations: []string{}, Readers: p.Readers().Keys(),
		Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
	for n, q := range p.Proposals {
		row.Organizations = append(row.Organizations, q.Organization.CreditCode)
		if n < len(p.Cases) && p.Cases[n].Status == pilot.CaseApproved {
			row.Projects++
		}
	}
	return &row
}

func (i image) projectRow(p *project.Project) *db.ProjectRow {
	q := p.Proposal
	return &db.ProjectRow{
		ID: p.ID, Pilot: p.Pilot, Stage: p.Stage, Version: p.Version, Ended: flow.ProgressOf(p).Ended, Place: p.Home,
		Village: q.Village.Code, VillageZh: q.Village.Name.ZH, VillageEn: q.Village.Name.EN,
		Programme: p.Programme.ID, ProgrammeVersion: p.Programme.Version, Code: q.Code, TitleZh: q.Title.ZH, TitleEn: q.Title.EN,
		Organization: q.Organization.CreditCode, OrganizationZh: q.Organization.Name.ZH, OrganizationEn: q.Organization.Name.EN,
		Evaluator: p.Evaluator.CreditCode, GrantFen: p.GrantFen, PaidFen: p.PaidFen, BannedUntil: instant(p.BannedUntil), Readers: p.Readers().Keys(),
		Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) paymentRow(p *payment.Payment) *db.PaymentRow {
	rules := p.Record.Programme
	return &db.PaymentRow{
		ID: p.ID, Pilot: p.Pilot, PayerKind: string(p.Payer.Kind), Payer: p.Payer.ID, Stage: p.Stage, Version: p.Version,
		Ended: flow.ProgressOf(p).Ended, Place: p.Home, Programme: rules.ID, ProgrammeVersion: rules.Version,
		Tranche: p.Tranche, Attempt: p.Attempt,
		Organization: p.Payee.CreditCode, OrganizationZh: p.Payee.Name.ZH, OrganizationEn: p.Payee.Name.EN,
		Fen: p.Fen, Voucher: p.Voucher, Readers: p.Readers().Keys(), Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) recoveryRow(r *recovery.Recovery) *db.RecoveryRow {
	rules := r.Record.Programme
	return &db.RecoveryRow{
		ID: r.ID, Pilot: r.Pilot, Project: r.Project, Stage: r.Stage, Version: r.Version, Ended: flow.ProgressOf(r).Ended, Place: r.Home,
		Programme: rules.ID, ProgrammeVersion: rules.Version,
		Organization: r.Debtor.CreditCode, OrganizationZh: r.Debtor.Name.ZH, OrganizationEn: r.Debtor.Name.EN,
		Why: string(r.Why), Fen: r.Fen, PaidFen: r.PaidFen, Readers: r.Readers().Keys(), Due: earliestDue(r.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) differenceRow(d *difference.Difference) *db.DifferenceRow {
	rules := d.Record.Programme
	return &db.DifferenceRow{
		ID: d.ID, Pilot: d.Pilot, Stage: d.Stage, Version: d.Version, Ended: flow.ProgressOf(d).Ended, Place: d.Home,
		Programme: rules.ID, ProgrammeVersion: rules.Version, What: string(d.What), Subject: d.Subject,
		ExpectedFen: d.ExpectedFen, FoundFen: d.FoundFen, Readers: d.Readers().Keys(), Due: earliestDue(d.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

// noticeRows returns a row for each proposal whose public notice is running or has been interrupted by an objection.
func noticeRows(p *pilot.Pilot) []db.NoticeRow {
	rows := []db.NoticeRow{}
	for n, q := range p.Proposals {
		if n >= len(p.Cases) || (p.Cases[n].Status != pilot.CaseNotice && p.Cases[n].Status != pilot.CasePaused) {
			continue
		}
		row := db.NoticeRow{
			Pilot: p.ID, Proposal: q.Code, Round: p.NoticeRound, TitleZh: q.Title.ZH, TitleEn: q.Title.EN,
			Village: q.Village.Code, VillageZh: q.Village.Name.ZH, VillageEn: q.Village.Name.EN,
			Organization: q.Organization.CreditCode, OrganizationZh: q.Organization.Name.ZH, OrganizationEn: q.Organization.Name.EN,
			GrantFen: p.Cases[n].GrantFen,
		}
		for _, t := range p.Turns {
			if t.Key == pilot.AwaitNotice && t.Subject == q.Code {
				row.Until = instant(t.Due)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// earliestDue returns the earliest due date of the open turns, or nil if none has one.
func earliestDue(turns []flow.Turn) *time.Time {
	var due calendar.Date
	for _, t := range turns {
		if !t.Due.IsZero() && (due.IsZero() || t.Due.Before(due)) {
			due = t.Due
		}
	}
	return instant(due)
}

// instant converts a date to midnight UTC, as the driver expects it, or to nil for the zero date.
func instant(d calendar.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	year, month, day := d.Start().Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return &midnight
}

// DateOf converts a date column to a date. nil becomes the zero date.
func DateOf(t *time.Time) calendar.Date {
	if t == nil {
		return calendar.Date{}
	}
	return calendar.On(t.Date())
}

// sameNotices reports whether two lists of notices look the same to the public.
func sameNotices(a, b []db.NoticeRow) bool {
	return slices.EqualFunc(a, b, func(x, y db.NoticeRow) bool { return noticeListed(x) == noticeListed(y) })
}
