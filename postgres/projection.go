package postgres

import (
	"context"
	"slices"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// projection is what the lists hold of one aggregate: one of the rows, and a pilot's proposals that are on notice.
type projection struct {
	pilot      *db.PilotRow
	project    *db.ProjectRow
	payment    *db.PaymentRow
	recovery   *db.RecoveryRow
	difference *db.DifferenceRow
	notices    []db.NoticeRow
}

func (i image) project() projection {
	switch s := i.state.(type) {
	case *pilot.Pilot:
		return projection{pilot: i.pilotRow(s), notices: noticeRows(s)}
	case *pilot.Project:
		return projection{project: i.projectRow(s)}
	case *pilot.Payment:
		return projection{payment: i.paymentRow(s)}
	case *pilot.Recovery:
		return projection{recovery: i.recoveryRow(s)}
	case *pilot.Difference:
		return projection{difference: i.differenceRow(s)}
	}
	return projection{}
}

// put queues the rows over what is there.
func (p projection) put(ctx context.Context, q *db.Queries) error {
	switch {
	case p.project != nil:
		return q.PutProjectRow(ctx, db.PutProjectRowParams(*p.project))
	case p.payment != nil:
		return q.PutPaymentRow(ctx, db.PutPaymentRowParams(*p.payment))
	case p.recovery != nil:
		return q.PutRecoveryRow(ctx, db.PutRecoveryRowParams(*p.recovery))
	case p.difference != nil:
		return q.PutDifferenceRow(ctx, db.PutDifferenceRowParams(*p.difference))
	case p.pilot != nil:
		return q.PutPilotRow(ctx, db.PutPilotRowParams(*p.pilot))
	}
	return nil
}

// remove queues that the row goes, where the database makes more of a new one: the words of a search, where it lies, a launch.
func (p projection) remove(ctx context.Context, q *db.Queries) error {
	switch {
	case p.project != nil:
		return q.DeleteProjectRow(ctx, p.project.ID)
	case p.pilot != nil:
		return q.DeletePilotRow(ctx, p.pilot.ID)
	}
	return nil
}

// moves tells that a project's row differs from the one before in nothing but what MoveProjectRow sets.
func (p projection) moves(before projection) bool {
	if p.project == nil || before.project == nil {
		return false
	}
	a, b := *before.project, *p.project
	a.Stage, a.Version, a.Ended, a.GrantFen, a.PaidFen = b.Stage, b.Version, b.Ended, b.GrantFen, b.PaidFen
	a.Due, a.UpdatedAt, a.BannedUntil = b.Due, b.UpdatedAt, b.BannedUntil
	return a == b
}

func moved(r *db.ProjectRow) db.MoveProjectRowParams {
	return db.MoveProjectRowParams{
		ID: r.ID, Stage: r.Stage, Version: r.Version, Ended: r.Ended, GrantFen: r.GrantFen, PaidFen: r.PaidFen,
		Due: r.Due, UpdatedAt: r.UpdatedAt, BannedUntil: r.BannedUntil,
	}
}

// putNotices queues a pilot's proposals on notice in place of those that were.
func (p projection) putNotices(ctx context.Context, q *db.Queries) error {
	kept := []string{}
	for _, n := range p.notices {
		kept = append(kept, n.Proposal)
	}
	if err := q.DeleteNoticeRowsBut(ctx, db.DeleteNoticeRowsButParams{Pilot: p.pilot.ID, Kept: kept}); err != nil {
		return err
	}
	for _, n := range p.notices {
		if err := q.PutNoticeRow(ctx, db.PutNoticeRowParams(n)); err != nil {
			return err
		}
	}
	return nil
}

func (i image) pilotRow(p *pilot.Pilot) *db.PilotRow {
	row := db.PilotRow{
		ID: p.ID, Stage: p.Stage, Version: p.Version, Ended: pilot.ProgressOf(p).Ended, Place: p.Home,
		Programme: p.Programme.ID, ProgrammeVersion: p.Programme.Version, TitleZh: p.Title.ZH, TitleEn: p.Title.EN,
		RequestedFen: p.RequestedFen, CommittedFen: p.CommittedFen(), Draft: p.SubmittedBy == "", Evaluator: p.Evaluator.CreditCode,
		Organizations: []string{}, Panel: append([]string{}, p.Panel...), Villages: []string{},
		Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
	for n, q := range p.Proposals {
		row.Organizations = append(row.Organizations, q.Organization.CreditCode)
		if n < len(p.Cases) && p.Cases[n].Status == pilot.CaseApproved {
			row.Projects++
			row.Villages = append(row.Villages, q.Village.Code)
		}
	}
	return &row
}

func (i image) projectRow(p *pilot.Project) *db.ProjectRow {
	q := p.Proposal
	return &db.ProjectRow{
		ID: p.ID, Pilot: p.Pilot, Stage: p.Stage, Version: p.Version, Ended: pilot.ProgressOf(p).Ended, Place: p.Home,
		Village: q.Village.Code, VillageZh: q.Village.Name.ZH, VillageEn: q.Village.Name.EN,
		Programme: p.Programme.ID, ProgrammeVersion: p.Programme.Version, Code: q.Code, TitleZh: q.Title.ZH, TitleEn: q.Title.EN,
		Organization: q.Organization.CreditCode, OrganizationZh: q.Organization.Name.ZH, OrganizationEn: q.Organization.Name.EN,
		Evaluator: p.Evaluator.CreditCode, GrantFen: p.GrantFen, PaidFen: p.PaidFen, BannedUntil: instant(p.BannedUntil),
		Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) paymentRow(p *pilot.Payment) *db.PaymentRow {
	rules := p.Record.Programme
	return &db.PaymentRow{
		ID: p.ID, Pilot: p.Pilot, PayerKind: string(p.Payer.Kind), Payer: p.Payer.ID, Stage: p.Stage, Version: p.Version,
		Ended: pilot.ProgressOf(p).Ended, Place: p.Home, Programme: rules.ID, ProgrammeVersion: rules.Version,
		Tranche: p.Tranche, Attempt: p.Attempt,
		Organization: p.Payee.CreditCode, OrganizationZh: p.Payee.Name.ZH, OrganizationEn: p.Payee.Name.EN,
		Fen: p.Fen, Voucher: p.Voucher, Due: earliestDue(p.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) recoveryRow(r *pilot.Recovery) *db.RecoveryRow {
	rules := r.Record.Programme
	return &db.RecoveryRow{
		ID: r.ID, Pilot: r.Pilot, Project: r.Project, Stage: r.Stage, Version: r.Version, Ended: pilot.ProgressOf(r).Ended, Place: r.Home,
		Programme: rules.ID, ProgrammeVersion: rules.Version,
		Organization: r.Debtor.CreditCode, OrganizationZh: r.Debtor.Name.ZH, OrganizationEn: r.Debtor.Name.EN,
		Why: string(r.Why), Fen: r.Fen, PaidFen: r.PaidFen, Due: earliestDue(r.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

func (i image) differenceRow(d *pilot.Difference) *db.DifferenceRow {
	rules := d.Record.Programme
	return &db.DifferenceRow{
		ID: d.ID, Pilot: d.Pilot, Stage: d.Stage, Version: d.Version, Ended: pilot.ProgressOf(d).Ended, Place: d.Home,
		Programme: rules.ID, ProgrammeVersion: rules.Version, What: string(d.What), Subject: d.Subject,
		ExpectedFen: d.ExpectedFen, FoundFen: d.FoundFen, Due: earliestDue(d.Turns), CreatedAt: i.created, UpdatedAt: i.updated,
	}
}

// noticeRows are the proposals on notice, and those whose notice an objection has paused.
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

// earliestDue is the earliest due day among open turns, nil when none is set.
func earliestDue(turns []pilot.Turn) *time.Time {
	var due calendar.Date
	for _, t := range turns {
		if !t.Due.IsZero() && (due.IsZero() || t.Due.Before(due)) {
			due = t.Due
		}
	}
	return instant(due)
}

// instant is a date as the driver gives and takes it, midnight in UTC; nil for none.
func instant(d calendar.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	year, month, day := d.Start().Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return &midnight
}

// dateOf is the date of such an instant.
func dateOf(t *time.Time) calendar.Date {
	if t == nil {
		return calendar.Date{}
	}
	return calendar.On(t.Date())
}

// sameNotices tells that the public sees no difference.
func sameNotices(a, b []db.NoticeRow) bool {
	return slices.EqualFunc(a, b, func(x, y db.NoticeRow) bool { return noticeListed(x) == noticeListed(y) })
}
