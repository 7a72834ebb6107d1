package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// carePage is the number of aggregates read at a time when all of them are visited.
const carePage = 500

// LeftError means that Rebuild left something unchanged. Everything else has been rebuilt.
type LeftError struct {
	Left []Difference // why aggregates were left: one of their events cannot be applied, was changed or is missing
	Held []Held       // aggregates that were left because others kept them locked
	Sums *Difference  // why the totals of funds were left; nil if they were recalculated
}

// Held is an aggregate that others kept locked.
type Held struct {
	Aggregate flow.Ref
	By        []string // the sessions, as far as they are known
}

func (h Held) String() string {
	return fmt.Sprintf("%s is locked by %s", h.Aggregate, cmp.Or(strings.Join(h.By, ", "), "another session"))
}

func (e *LeftError) Error() string {
	var all []string
	if len(e.Left) > 0 {
		all = append(all, fmt.Sprintf("%d aggregates cannot be rebuilt, the first because of the %s", len(e.Left), e.Left[0]))
	}
	for _, h := range e.Held {
		all = append(all, h.String())
	}
	if e.Sums != nil {
		all = append(all, fmt.Sprintf("the totals of funds were left because of the %s", *e.Sums))
	}
	return strings.Join(all, "; ")
}

// rebuilding is a rebuild in progress.
type rebuilding struct {
	*Store
	lost   map[flow.Ref]Difference // aggregates that have lost events (see listAhead)
	ledger findings                // where the ledger is not what the journal says
	left   LeftError
}

// Rebuild recreates states, claims and lists from the journal, one aggregate at a time, with the aggregate locked. It
// then recreates what the record keeps for fast reads: search words, the locations of places, launches and the totals
// of funds, and the row by which the journal goes on if it was lost. It never changes the journal, the ledger or
// receipts. It calls progress after each aggregate.
//
// Errors: a *LeftError.
func (s *Store) Rebuild(ctx context.Context, progress func(done, total int)) error {
	q := db.New(s.care)
	ahead, err1 := s.listAhead(ctx, q)
	err2 := q.RestoreJournalOrigin(ctx)
	_, err3 := q.RaiseJournalOrigin(ctx)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	r := rebuilding{Store: s, lost: make(map[flow.Ref]Difference, len(ahead))}
	for _, d := range ahead {
		r.lost[d.Aggregate] = d
	}
	if err := s.eachAggregate(ctx, progress, func(ref flow.Ref) error { return r.visit(ctx, ref) }); err != nil {
		return err
	}
	if err := r.whole(ctx); err != nil {
		return err
	}
	if len(r.left.Left) > 0 || len(r.left.Held) > 0 || r.left.Sums != nil {
		return &r.left
	}
	return nil
}

// visit rebuilds one aggregate, or notes why it was left.
func (r *rebuilding) visit(ctx context.Context, ref flow.Ref) error {
	err := r.rebuild(ctx, ref)
	for try := 1; try < tries && passes(err); try++ {
		err = r.rebuild(ctx, ref)
	}
	if broken, ok := errors.AsType[*damageError](err); ok {
		r.left.Left = append(r.left.Left, broken.Difference)
		return nil
	}
	if held(err) && ctx.Err() == nil {
		by, err := r.holders(ctx, ref)
		r.left.Held = append(r.left.Held, Held{ref, by})
		return err
	}
	if err != nil {
		return fmt.Errorf("rebuild %s: %w", ref, err)
	}
	return nil
}

// holders returns the sessions whose transactions keep an aggregate's row locked, or nil if they keep something else of it.
func (s *Store) holders(ctx context.Context, ref flow.Ref) ([]string, error) {
	rows, err := s.care.Query(ctx, `
		select distinct concat_ws(' ', 'process', l.pid, 'of', s.usename, '(' || nullif(s.application_name, '') || ')')
		from aggregate a join pg_locks l on l.locktype = 'transactionid' and l.granted and l.transactionid = a.xmax
			left join pg_stat_activity s on s.pid = l.pid
		where a.kind = $1 and a.id = $2`, ref.Kind, ref.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// whole deletes turns and notices of aggregates of which nothing else is known, and recreates whatever is derived from
// more than one aggregate. It keeps everything about an aggregate whose events were lost, because nothing else shows
// that there were any. While the chart of accounts or the places are incomplete, totals and locations stay as they are,
// and so do the totals while the ledger is damaged, because they would be recreated wrong.
func (r *rebuilding) whole(ctx context.Context) error {
	base, err1 := verifyBase(ctx, db.New(r.care))
	ledger, err2 := verifyLedger(ctx, db.New(r.care))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	kept, pilots := db.DeleteOrphanTurnsParams{Kinds: []string{}, Ids: []string{}}, []string{}
	for ref := range r.lost {
		kept.Kinds, kept.Ids = append(kept.Kinds, string(ref.Kind)), append(kept.Ids, ref.ID)
		if ref.Kind == pilot.Kind {
			pilots = append(pilots, ref.ID)
		}
	}
	var orphans queue
	q := db.New(&orphans)
	err := errors.Join(
		q.DeleteOrphanNoticeRows(ctx, pilots), q.DeleteOrphanTurns(ctx, kept),
		q.DeleteOrphanPilotWords(ctx), q.DeleteOrphanProjectWords(ctx), q.DeleteOrphanDeliveries(ctx), orphans.send(ctx, r.care),
	)
	if wrong := slices.Concat(base, r.ledger, ledger); len(wrong) > 0 {
		r.left.Sums = &wrong[0]
	}
	if err != nil || len(base) > 0 {
		return err
	}
	err = errors.Join(r.rebuildReach(ctx), r.rebuildLaunches(ctx))
	if err != nil || r.left.Sums != nil {
		return err
	}
	return r.rebuildSums(ctx)
}

// rebuildReach corrects the recorded locations of places, and then notes which offices read pilots outside them. It
// finds the wrong ones before taking the lock, so as not to block others for that long.
func (s *Store) rebuildReach(ctx context.Context) error {
	q := db.New(s.care)
	wrong, err := q.ListWrongReach(ctx)
	if err := errors.Join(err, s.correctReach(ctx, wrong)); err != nil {
		return err
	}
	bereft, err := q.ListMissingBereft(ctx)
	if err != nil || len(bereft) == 0 {
		return err
	}
	return q.InsertBereft(ctx, bereft)
}

func (s *Store) correctReach(ctx context.Context, wrong []db.ListWrongReachRow) error {
	if len(wrong) == 0 {
		return nil
	}
	var places []string
	var offices []bool
	for _, r := range wrong {
		places, offices = append(places, r.Place), append(offices, r.Office)
	}
	var anew queue
	q := db.New(&anew)
	return errors.Join(
		q.LockPlaces(ctx), q.DeleteReach(ctx, db.DeleteReachParams{Places: places, Offices: offices}),
		q.ReachOut(ctx, db.ReachOutParams{Places: places, Offices: offices}), anew.send(ctx, s.care),
	)
}

// rebuildLaunches deletes launches of which there is no pilot. Those that were missing came back with the rows of their
// pilots.
func (s *Store) rebuildLaunches(ctx context.Context) error {
	wrong, err := db.New(s.care).ListWrongLaunches(ctx)
	if err != nil || len(wrong) == 0 {
		return err
	}
	return pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockLaunches(ctx); err != nil {
			return err
		}
		return q.DeleteWrongLaunches(ctx)
	})
}

// rebuildSums recalculates the totals of the funds from all ledger lines.
func (s *Store) rebuildSums(ctx context.Context) error {
	var anew queue
	q := db.New(&anew)
	return errors.Join(q.ResetFundCarry(ctx), q.DeleteFundSums(ctx), q.CarryAllFunds(ctx), anew.send(ctx, s.care))
}

// rebuild recreates what follows from the events of one aggregate, unless it has lost some.
func (r *rebuilding) rebuild(ctx context.Context, ref flow.Ref) (err error) {
	seq := 0
	defer survive(ref, &seq, &err)
	return pgx.BeginFunc(ctx, r.care, func(tx pgx.Tx) error {
		held := inspection{ref: ref}
		stored, err := db.New(tx).LockAggregate(ctx, db.LockAggregateParams{Kind: ref.Kind, ID: ref.ID})
		gone := errors.Is(err, pgx.ErrNoRows)
		if err != nil && !gone {
			return err
		}
		rows, err1 := db.New(tx).ListEvents(ctx, db.ListEventsParams{Kind: ref.Kind, ID: ref.ID})
		if err := errors.Join(err1, held.readLines(ctx, db.New(tx))); err != nil {
			return err
		}
		lines := moved{}
		i, err := replayed(r.catalogue, ref, rows, lines.note)
		if err != nil {
			return err
		}
		if broken := brokenLinks(ref, rows); len(broken) > 0 {
			return &damageError{broken[0], nil}
		}
		seq = flow.RecordOf(i.state).Seq
		if err := i.complete(ref, stored.Seq, stored.Head); err != nil {
			return err
		}
		if d, ahead := r.lost[ref]; ahead {
			return &damageError{d, nil}
		}
		held.compareLedger(lines)
		r.ledger = append(r.ledger, held.found...)
		var all queue
		if err := i.putAll(ctx, db.New(&all), ref, gone); err != nil {
			return err
		}
		return all.send(ctx, tx)
	})
}

// putAll queues the statements that store everything derived from an aggregate's events, in place of what is there.
func (i image) putAll(ctx context.Context, q *db.Queries, ref flow.Ref, fresh bool) error {
	claims := flow.ClaimsOf(i.state)
	return errors.Join(
		i.put(ctx, q, fresh),
		q.ClearClaims(ctx, db.ClearClaimsParams{Keys: claims, Kind: ref.Kind, ID: ref.ID}),
		q.InsertClaims(ctx, db.InsertClaimsParams{Kind: ref.Kind, ID: ref.ID, Keys: claims}),
		q.InsertUses(ctx, db.InsertUsesParams{Kind: ref.Kind, ID: ref.ID, Files: i.files}),
		listingOf(ref.Kind).of(i).restore(ctx, q), restoreTurns(ctx, q, i.state),
	)
}

// eachAggregate visits every aggregate in the journal, sorted by kind and id.
func (s *Store) eachAggregate(ctx context.Context, progress func(done, total int), each func(flow.Ref) error) error {
	q := db.New(s.care)
	total, err := q.CountAggregates(ctx)
	if err != nil {
		return err
	}
	var after db.ListFirstEventsRow
	for done := 0; ; {
		page, err := q.ListFirstEvents(ctx, db.ListFirstEventsParams{AfterKind: string(after.Kind), AfterID: after.ID, Max: carePage})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, r := range page {
			if err := each(flow.Ref{Kind: r.Kind, ID: r.ID}); err != nil {
				return err
			}
			done++
			progress(done, max(done, int(total)))
		}
		after = page[len(page)-1]
	}
}
