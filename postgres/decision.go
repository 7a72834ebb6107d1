package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/postgres/db"
)

// view is what a command is judged by, read after its aggregate was locked.
type view struct {
	before   image             // its state is nil when there is no such aggregate
	size     int               // of its stored state, in bytes
	given    *db.GetReceiptRow // the answer given before, if any
	now      time.Time
	virtual  bool  // now is a virtual calendar's
	places   int64 // version of the table of places
	evidence map[string]string
	held     map[string]pilot.Ref // claims of others among the keys that are named
	guess    bool                 // remembered; nothing is locked
}

// look is the first round trip: it locks the aggregate and then reads the receipt, the clock, and the files and keys that are named.
func (s *Store) look(ctx context.Context, conn *pgxpool.Conn, r request) (view, error) {
	v := view{evidence: map[string]string{}, held: map[string]pilot.Ref{}}
	var stored db.LockAggregateRow
	var batch pgx.Batch
	batch.Queue("begin")
	batch.Queue(db.LockAggregate, r.Aggregate.Kind, r.Aggregate.ID).QueryRow(func(row pgx.Row) error {
		return absent(row.Scan(&stored.Shape, &stored.Seq, &stored.State, &stored.Head, &stored.CreatedAt, &stored.UpdatedAt))
	})
	batch.Queue(db.GetReceipt, r.Actor.ID, r.ID).QueryRow(func(row pgx.Row) error {
		var g db.GetReceiptRow
		err := row.Scan(&g.Request, &g.Kind, &g.ID, &g.Version, &g.Events, &g.Late, &g.At)
		if err == nil {
			v.given = &g
		}
		return absent(err)
	})
	batch.Queue(db.ReadMoment).QueryRow(func(row pgx.Row) error { return row.Scan(&v.now, &v.virtual, &v.places) })
	v.lookUp(&batch, r)
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return view{}, err
	}
	v.now = v.now.In(calendar.Shanghai)
	s.learn(v, time.Now())
	if stored.Seq == 0 {
		return v, nil
	}
	state, err := decode(ctx, db.New(conn), r.Aggregate, stored.Shape, stored.State)
	v.before, v.size = image{state, stored.Head, stored.CreatedAt, stored.UpdatedAt}, len(stored.State)
	return v, err
}

// lookUp reads what the command names: files, and keys that others hold.
func (v *view) lookUp(batch *pgx.Batch, r request) {
	if files := pilot.EvidenceOf(r.Payload); len(files) > 0 {
		batch.Queue(db.ListMediaTypes, files).Query(func(rows pgx.Rows) error {
			var sha256, mediaType string
			_, err := pgx.ForEachRow(rows, []any{&sha256, &mediaType}, func() error {
				v.evidence[sha256] = mediaType
				return nil
			})
			return err
		})
	}
	if keys := pilot.KeysOf(r.Payload); len(keys) > 0 {
		batch.Queue(db.ListClaimsOfOthers, keys, r.Aggregate.Kind, r.Aggregate.ID).Query(func(rows pgx.Rows) error {
			var key string
			var holder pilot.Ref
			_, err := pgx.ForEachRow(rows, []any{&key, &holder.Kind, &holder.ID}, func() error {
				v.held[key] = holder
				return nil
			})
			return err
		})
	}
}

func absent(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// decision is what follows from a command, ready to be written.
type decision struct {
	request  request
	ref      pilot.Ref
	view     view
	fresh    bool // the command brought the aggregate into being
	receipt  pilot.Receipt
	after    image
	progress pilot.Progress // of after
	size     int            // of its stored state, in bytes
	rows     []row
	lines    map[int][]Line // of the ledger, by the seq of their event
	rules    *programme.Programme
	places   *place.Table
	released []string // claims
	claimed  []string
	listed   projection // of after
	shown    projection // of what was before; empty when nothing was
	news     bool       // a workflow must hear of it
	salt     string
}

// decide judges a command as the record stands and applies what it brings about.
//
// Errors: those of pilot.Check, and not-found, already-exists, unknown-programme.
func (s *Store) decide(ctx context.Context, through db.DBTX, r request, v view) (*decision, error) {
	d := &decision{request: r, ref: r.Aggregate, view: v, fresh: r.declared.Creates, after: v.before, lines: map[int][]Line{}}
	var before standing
	switch {
	case d.fresh && v.before.state != nil:
		return nil, domain.Refuse("already-exists", "", "kind", string(d.ref.Kind), "id", d.ref.ID)
	case d.fresh:
		d.after.state = pilot.Empty(d.ref.Kind)
		pilot.SetID(d.after.state, d.ref.ID)
	case v.before.state == nil:
		return nil, notFound(d.ref)
	default:
		before = standingOf(v.before)
	}
	c, err := s.context(ctx, through, r, v, d.after.state)
	if err != nil {
		return nil, err
	}
	if err := pilot.Check(d.after.state, r.Command, c); err != nil {
		return nil, err
	}
	d.salt, d.rules, d.places = c.Salt, c.Rules, c.Places
	if err := d.apply(c); err != nil {
		return nil, err
	}
	after := standingOf(d.after)
	d.released, d.claimed = without(before.claims, after.claims), without(after.claims, before.claims)
	d.progress = after.progress
	d.shown, d.listed = before.listed, after.listed
	d.news = concerns(r, before.progress, after.progress)
	return d, nil
}

// context is what the domain judges with.
func (s *Store) context(ctx context.Context, through db.DBTX, r request, v view, state pilot.State) (pilot.Context, error) {
	rules, err := s.rulesFor(r, state, v.now)
	if err != nil {
		return pilot.Context{}, err
	}
	places, err := s.placesAt(ctx, through, v.places)
	if err != nil {
		return pilot.Context{}, err
	}
	c := pilot.Context{Now: v.now, Actor: r.Actor, Rules: rules, Calendar: s.calendar, Places: places, Evidence: v.evidence, Held: v.held}
	if len(pilot.PersonalOf(r.Payload)) > 0 {
		c.Salt = newSalt()
	}
	return c, nil
}

// rulesFor finds the programme: a new pilot takes the version in force, a new project or payment the one its command names,
// and everything else keeps its own.
func (s *Store) rulesFor(r request, state pilot.State, now time.Time) (*programme.Programme, error) {
	ref := pilot.RecordOf(state).Programme
	switch p := r.Payload.(type) {
	case interface{ ProgrammeOf() string }:
		rules, err := s.programmes.At(p.ProgrammeOf(), calendar.Of(now))
		if err != nil {
			return nil, domain.Refuse("unknown-programme", "programme", "programme", p.ProgrammeOf())
		}
		return rules, nil
	case interface{ ProgrammeRefOf() pilot.ProgrammeRef }:
		ref = p.ProgrammeRefOf()
	}
	return s.programmes.Find(ref.ID, ref.Version)
}

// maxEvents is how many positions of the journal a transaction has.
const maxEvents = 1000

// apply lets the command's events happen to the image, and keeps a row and the ledger lines of each.
func (d *decision) apply(c pilot.Context) error {
	late := pilot.Late(d.after.state, d.request.Command, c)
	names := []string{}
	for _, e := range pilot.Decide(d.after.state, d.request.Command, c) {
		r, err := d.after.record(d.ref, e, c.Now, c.Actor.ID, late)
		if err != nil {
			return err
		}
		d.after.add(r, e)
		if d.rows = append(d.rows, r); len(d.rows) > maxEvents {
			return fmt.Errorf("%s of %s brings more than %d events", d.request.Name, d.ref, maxEvents)
		}
		names = append(names, r.Name)
		if lines := linesOf(d.after.state, e); len(lines) > 0 {
			d.lines[r.Seq] = lines
		}
	}
	d.receipt = pilot.Receipt{Aggregate: d.ref, Version: pilot.RecordOf(d.after.state).Version, Events: names, Late: late, At: c.Now}
	return nil
}

// standing is what an aggregate shows and holds, to see what a command changes of it.
type standing struct {
	progress pilot.Progress
	claims   []string
	listed   projection
}

func standingOf(i image) standing {
	return standing{progress: pilot.ProgressOf(i.state), claims: claimsOf(i.state), listed: i.project()}
}

// write records everything that follows, and commits. It is finished although the sender has gone.
func (d *decision) write(ctx context.Context, conn *pgxpool.Conn) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	columns, err := d.columns()
	if err != nil {
		return err
	}
	var all queue
	q := db.New(&all)
	if _, err := q.Decided(ctx, columns); err != nil {
		return err
	}
	written := all.touched()
	if err := d.list(ctx, q); err != nil {
		return err
	}
	if !d.view.guess { // a guess is a transaction of its own, and ends with the batch
		all.batch.Queue("commit")
	}
	switch err := all.send(ctx, conn); {
	case err != nil:
		return err
	case *written == 0:
		return errMovedOn
	}
	return nil
}

// list queues what the lists show.
func (d *decision) list(ctx context.Context, q *db.Queries) error {
	if len(d.rows) == 0 {
		return nil
	}
	if d.listed.moves(d.shown) {
		return q.MoveProjectRow(ctx, moved(d.listed.project))
	}
	err := d.listed.put(ctx, q)
	if err == nil && !sameNotices(d.shown.notices, d.listed.notices) {
		err = d.listed.putNotices(ctx, q)
	}
	return err
}

// columns is the decision as the record takes it.
func (d *decision) columns() (db.DecidedParams, error) {
	after, err := d.after.columns(d.progress)
	if err != nil {
		return db.DecidedParams{}, err
	}
	d.size = len(after.State)
	r, v := d.request, d.view
	c := db.DecidedParams{
		Kind: string(d.ref.Kind), ID: d.ref.ID, Seq: after.Seq - len(d.rows), Head: v.before.head, Now: v.now,
		Guess: v.guess, Virtual: v.virtual, Places: v.places, Keys: pilot.KeysOf(r.Payload),
		Actor: r.Actor.ID, Command: r.ID, Request: r.hash, Version: d.receipt.Version, Late: d.receipt.Late,
		Place: after.Place, Stage: string(after.Stage), Shape: after.Shape, State: after.State, NextAt: after.NextAt, Owes: after.Owes,
		Ended: after.Ended, CreatedAt: after.CreatedAt,
		Released: d.released, Claimed: d.claimed, Salt: d.salt, News: d.news, Held: d.held(),
	}
	for _, row := range d.rows {
		c.Names, c.Versions, c.Days = append(c.Names, row.Name), append(c.Versions, row.Version), append(c.Days, row.Day)
		c.Data, c.Hashes = append(c.Data, row.Data), append(c.Hashes, row.Hash)
	}
	for _, sha256 := range pilot.EvidenceOf(r.Payload) {
		c.Files, c.MediaTypes = append(c.Files, sha256), append(c.MediaTypes, v.evidence[sha256])
	}
	personal := pilot.PersonalOf(r.Payload)
	for _, field := range slices.Sorted(maps.Keys(personal)) {
		c.Fields, c.Contents = append(c.Fields, field), append(c.Contents, personal[field])
	}
	d.enter(&c)
	return c, nil
}
