package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres/db"
	"terrace/reconcile"
)

// Findings runs one part of the reconciliation (对账) against a single snapshot of the record. It changes nothing and
// does not block commands.
func (s *Store) Findings(ctx context.Context, part reconcile.Part, progress func(done, total int)) ([]reconcile.Finding, error) {
	switch part {
	case reconcile.BankPart:
		return s.reconcileBank(ctx, progress)
	case reconcile.BooksPart:
		return s.reconcileBooks(ctx)
	case reconcile.RecordPart:
		return s.reconcileRecord(ctx, progress)
	}
	return nil, fmt.Errorf("there is no part %q to reconcile", part)
}

// inspect reads from one snapshot, like atOneMoment, over the connections for work on the whole record.
func (s *Store) inspect(ctx context.Context, read func(q *db.Queries) error) error {
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, s.care, moment, func(tx pgx.Tx) error { return read(db.New(tx)) })
}

// reconcileBank compares the ledger with the bank statements, for every office that has entered any.
func (s *Store) reconcileBank(ctx context.Context, progress func(done, total int)) (found []reconcile.Finding, err error) {
	reach, err := s.BankReach(ctx)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, r := range reach {
		places = append(places, r.Place)
	}
	places = slices.Compact(places)
	today, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	for i, place := range places {
		office := reconcile.Office{Home: place}
		if err := s.inspect(ctx, func(q *db.Queries) error { return s.readOffice(ctx, q, &office) }); err != nil {
			return nil, err
		}
		found = append(found, reconcile.Bank(office, s.calendar, calendar.Of(today))...)
		progress(i+1, len(places))
	}
	return found, nil
}

func (s *Store) readOffice(ctx context.Context, q *db.Queries, o *reconcile.Office) error {
	statements, err1 := q.ListStatementsOf(ctx, o.Home)
	for _, r := range statements {
		o.Statements = append(o.Statements, reconcile.Statement{
			SHA256: r.Sha256, Account: r.Account, From: DateOf(&r.FirstDay), To: DateOf(&r.LastDay), Opening: r.OpeningFen, Closing: r.ClosingFen,
		})
	}
	lines, err2 := q.ListBankLinesOf(ctx, o.Home)
	for _, r := range lines {
		o.Lines = append(o.Lines, reconcile.Line{
			Statement: r.Statement, Account: r.Account, Number: r.Number, Reference: r.Reference, Fen: r.Fen, On: DateOf(&r.BookedOn),
		})
	}
	orders, err3 := q.ListOrdersOf(ctx, o.Home)
	for _, r := range orders {
		o.Orders = append(o.Orders, reconcile.Order{
			Reference: r.ID, Pilot: r.Pilot, Tranche: r.ID[:max(strings.LastIndex(r.ID, "."), 0)],
			Open: r.Stage == payment.Instruction || r.Stage == payment.Clearing || r.Stage == payment.Confirmation,
		})
	}
	movements, err4 := s.readMovements(ctx, q, o.Home)
	o.Movements = movements
	return errors.Join(err1, err2, err3, err4)
}

// moving lists the events that move money at the bank, and the event that turns a returned payment into a repayment.
var moving = func() (p db.ListMovementsOfParams) {
	for _, t := range []*flow.EventType{
		payment.Aggregate.TypeOf(&payment.PaymentPosted{}),
		payment.Aggregate.TypeOf(&payment.PaymentReturned{}),
		project.Aggregate.TypeOf(&project.PaymentCameHome{}),
		project.Aggregate.TypeOf(&project.RefundRecorded{}),
		recovery.Aggregate.TypeOf(&recovery.RepaymentRecorded{}),
		project.Aggregate.TypeOf(&project.EntrustedReceived{}),
		project.Aggregate.TypeOf(&project.EntrustedGivenBack{}),
	} {
		p.Kinds, p.Names = append(p.Kinds, string(t.Aggregate)), append(p.Names, t.Name)
	}
	return p
}()

// readMovements returns the movements at an office's bank, according to the ledger.
func (s *Store) readMovements(ctx context.Context, q *db.Queries, place string) (all []reconcile.Movement, err error) {
	rows, err := q.ListMovementsOf(ctx, db.ListMovementsOfParams{Place: place, Kinds: moving.Kinds, Names: moving.Names})
	if err != nil {
		return nil, err
	}
	posted, home := map[string]money.Fen{}, map[string]bool{}
	for _, r := range rows {
		e, err := s.catalogue.Decode(r.Kind, r.Name, r.Version, r.Data)
		if err != nil {
			return nil, fmt.Errorf("event %d of %s/%s: %w", r.Seq, r.Kind, r.ID, err)
		}
		v := reconcile.Movement{
			Event: fmt.Sprintf("%s/%s/%d", r.Kind, r.ID, r.Seq), Subject: r.ID, Pilot: r.Pilot, Fen: money.Fen(r.Fen), On: DateOf(&r.Day),
		}
		switch e := e.(type) {
		case *payment.PaymentPosted:
			posted[r.ID] = v.Fen
			v.Reference, v.Number, v.Fen, v.On = r.ID, e.Voucher, -v.Fen, e.On
		case *payment.PaymentReturned:
			if !e.Reversed { // never posted to the ledger
				continue
			}
			v.Reference, v.Fen = r.ID, posted[r.ID]
		case *project.PaymentCameHome:
			home[e.Payment] = true
			continue
		case *project.RefundRecorded:
			v.Reference, v.Number = e.Voucher, e.Voucher
		case *recovery.RepaymentRecorded:
			v.Reference, v.Number = e.Voucher, e.Voucher
		case *project.EntrustedReceived:
			v.Reference, v.Number = e.Voucher, e.Voucher
		case *project.EntrustedGivenBack:
			v.Reference, v.Number, v.Fen = e.Voucher, e.Voucher, -v.Fen
		}
		all = append(all, v)
	}
	return slices.DeleteFunc(all, func(v reconcile.Movement) bool { return v.Fen > 0 && home[v.Reference] }), nil
}

func (s *Store) reconcileBooks(ctx context.Context) (found []reconcile.Finding, err error) {
	err = s.inspect(ctx, func(q *db.Queries) error {
		rows, err1 := q.ListUnbalancedEntries(ctx)
		entries := make([]reconcile.Entry, len(rows))
		for i, r := range rows {
			entries[i] = reconcile.Entry{Aggregate: flow.Ref{Kind: r.Kind, ID: r.ID}, Seq: r.Seq, Book: r.Book, Fen: money.Fen(r.Fen)}
		}
		accounts, err2 := accountSums(ctx, q)
		found = reconcile.Books(entries, accounts)
		return errors.Join(err1, err2)
	})
	return found, err
}

func accountSums(ctx context.Context, q *db.Queries) ([]reconcile.Account, error) {
	rows, err := q.ListAccountSums(ctx)
	accounts := make([]reconcile.Account, len(rows))
	for i, r := range rows {
		kind, _ := ledger.KindOfAccount(r.Name)
		accounts[i] = reconcile.Account{
			Owner: r.Owner, Group: r.Pilot, Fund: kind.Owner == ledger.OfFund, Name: r.Name, Category: r.Category, Book: r.Book, Source: r.Source,
			Balance: r.Balance, Lines: money.Fen(r.Lines),
		}
	}
	return accounts, err
}

// reconcileRecord compares the ledger with states and lists, and with every event that posted to it.
func (s *Store) reconcileRecord(ctx context.Context, progress func(done, total int)) (found []reconcile.Finding, err error) {
	err = s.inspect(ctx, func(q *db.Queries) error {
		held, err := s.readHoldings(ctx, q)
		found = held.Differences()
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.eachAggregate(ctx, progress, func(ref flow.Ref) error {
		differences, err := s.verify(ctx, ref)
		for _, d := range differences {
			if d.Part == LedgerPart {
				found = append(found, reconcile.Unposted(ref, d.What))
			}
		}
		return err
	})
	return found, err
}

func (s *Store) readHoldings(ctx context.Context, q *db.Queries) (held reconcile.Holdings, err error) {
	held = reconcile.Holdings{Listed: map[string]money.Fen{}, Returned: map[string]money.Fen{}}
	listed, err1 := q.ListPaidSums(ctx)
	for _, r := range listed {
		held.Listed[r.ID] = r.PaidFen
	}
	returned, err2 := q.ListReturnedSums(ctx)
	for _, r := range returned {
		held.Returned[r.ID] = money.Fen(r.Fen)
	}
	accounts, err3 := accountSums(ctx, q)
	held.Accounts = accounts
	if err := errors.Join(err1, err2, err3); err != nil {
		return held, err
	}
	var err4, err5, err6, err7 error
	held.Pilots, err4 = statesOf[*pilot.Pilot](ctx, s, q, pilot.Kind)
	held.Projects, err5 = statesOf[*project.Project](ctx, s, q, project.Kind)
	held.Payments, err6 = statesOf[*payment.Payment](ctx, s, q, payment.Kind)
	held.Recoveries, err7 = statesOf[*recovery.Recovery](ctx, s, q, recovery.Kind)
	return held, errors.Join(err4, err5, err6, err7)
}

// statesOf returns the states of all aggregates of one kind.
func statesOf[S flow.State](ctx context.Context, s *Store, q *db.Queries, kind flow.Kind) (states []S, err error) {
	for after := ""; ; {
		page, err := q.ListStates(ctx, db.ListStatesParams{Kind: kind, AfterID: after, Max: carePage})
		if err != nil || len(page) == 0 {
			return states, err
		}
		for _, r := range page {
			state, err := s.decode(ctx, q, flow.Ref{Kind: kind, ID: r.ID}, r.Shape, r.State)
			if err != nil {
				return states, err
			}
			states = append(states, state.(S))
			after = r.ID
		}
	}
}

// OpenDifference opens a difference for a finding, unless one exists already. Until the first pilot begins, no rules
// say who can explain a finding, so it is left for later.
func (s *Store) OpenDifference(ctx context.Context, f reconcile.Finding) (reconcile.Standing, error) {
	q := db.New(s.care)
	ref := flow.Ref{Kind: difference.Kind, ID: f.ID()}
	switch stage, err := q.GetDifferenceStage(ctx, ref.ID); {
	case err == nil && stage == difference.Explained:
		return reconcile.Explained, nil
	case err == nil:
		return reconcile.Open, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return "", err
	}
	rules, err := q.GetPilotRules(ctx, db.GetPilotRulesParams{ID: given(f.Pilot), Programme: given(f.Fund), Place: f.Home})
	if errors.Is(err, pgx.ErrNoRows) {
		return reconcile.Unopened, nil
	}
	if err != nil {
		return "", err
	}
	if f.Home == "" {
		f.Home = rules.Place
	}
	// Each attempt has its own id, so that the second of two concurrent attempts is rejected and not answered as a
	// repeat.
	_, err = s.Execute(ctx, flow.Command{
		ID: "open/" + ref.String() + "/" + rand.Text(), Actor: domain.Workflow, Name: "open", Aggregate: ref,
		Payload: f.Opening(flow.ProgrammeRef{ID: rules.Programme, Version: rules.ProgrammeVersion}),
	})
	if refusal, ok := domain.Refused(err); ok && refusal.Code == "already-exists" {
		return reconcile.Open, nil
	}
	return reconcile.Opened, err
}
