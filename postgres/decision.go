package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/domain/programme"
	"terrace/postgres/db"
)

// view is what a command is judged by, read after its aggregate was locked.
type view struct {
	before   image             // its state is nil when there is no such aggregate
	given    *db.GetReceiptRow // the answer given before, if any
	now      time.Time
	places   int64 // version of the table of places
	evidence map[string]string
	held     map[string]pilot.Ref // claims of others among the keys that are named
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
	batch.Queue(db.ReadMoment).QueryRow(func(row pgx.Row) error { return row.Scan(&v.now, &v.places) })
	v.lookUp(&batch, r)
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return view{}, err
	}
	v.now = v.now.In(calendar.Shanghai)
	if stored.Seq == 0 {
		return v, nil
	}
	state, err := decode(ctx, db.New(conn), r.Aggregate, stored.Shape, stored.State)
	v.before = image{state, stored.Head, stored.CreatedAt, stored.UpdatedAt}
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
	fresh    bool // the command brought the aggregate into being
	receipt  pilot.Receipt
	after    image
	rows     []row
	lines    map[int][]Line // of the ledger, by the seq of their event
	rules    *programme.Programme
	released []string // claims
	claimed  []string
	notices  bool // a pilot's proposals on notice changed
	news     bool // a workflow must hear of it
	salt     string
}

// decide judges a command as the record stands and applies what it brings about.
//
// Errors: those of pilot.Check, and not-found, already-exists, unknown-programme.
func (s *Store) decide(ctx context.Context, conn *pgxpool.Conn, r request, v view) (*decision, error) {
	d := &decision{request: r, ref: r.Aggregate, fresh: r.declared.Creates, after: v.before, lines: map[int][]Line{}}
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
	c, err := s.context(ctx, conn, r, v, d.after.state)
	if err != nil {
		return nil, err
	}
	if err := pilot.Check(d.after.state, r.Command, c); err != nil {
		return nil, err
	}
	d.salt, d.rules = c.Salt, c.Rules
	if err := d.apply(c); err != nil {
		return nil, err
	}
	after := standingOf(d.after)
	d.released, d.claimed = without(before.claims, after.claims), without(after.claims, before.claims)
	d.notices = !sameNotices(before.notices, after.notices)
	d.news = concerns(r, before.progress, after.progress)
	return d, nil
}

// context is what the domain judges with.
func (s *Store) context(ctx context.Context, conn *pgxpool.Conn, r request, v view, state pilot.State) (pilot.Context, error) {
	rules, err := s.rulesFor(r, state, v.now)
	if err != nil {
		return pilot.Context{}, err
	}
	places, err := s.placesAt(ctx, conn, v.places)
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
	notices  []db.NoticeRow
}

func standingOf(i image) standing {
	return standing{pilot.ProgressOf(i.state), claimsOf(i.state), i.project().notices}
}

// write is the second round trip: everything that follows, and the commit. It is finished although the sender has gone.
func (d *decision) write(ctx context.Context, conn *pgxpool.Conn) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	var all queue
	q := db.New(&all)
	err := errors.Join(
		q.InsertReceipt(ctx, d.request.insertion(d.receipt)), // first: the same command coming twice at once stops here
		d.writeEvents(ctx, q),
		d.writeImage(ctx, q),
		moveClaims(ctx, q, d.ref, d.released, d.claimed),
		d.writeBesides(ctx, q),
	)
	if err != nil {
		return err
	}
	all.batch.Queue("commit")
	if err := all.send(ctx, conn); err != nil {
		return d.refuse(ctx, conn, err)
	}
	return nil
}

func (d *decision) writeEvents(ctx context.Context, q *db.Queries) error {
	for n, r := range d.rows {
		err := q.InsertEvent(ctx, db.InsertEventParams{
			Number: n, Kind: r.Kind, ID: r.ID, Seq: r.Seq, Name: r.Name, Version: r.Version, At: r.At, Day: r.Day,
			Actor: r.Actor, Late: r.Late, Data: r.Data, Hash: r.Hash,
		})
		if err != nil {
			return err
		}
	}
	return d.writeEntries(ctx, q)
}

func (d *decision) writeImage(ctx context.Context, q *db.Queries) error {
	if len(d.rows) == 0 {
		return nil
	}
	listed := d.after.project()
	err := errors.Join(d.after.put(ctx, q, d.fresh), listed.put(ctx, q))
	if err == nil && d.notices {
		err = listed.putNotices(ctx, q)
	}
	return err
}

// writeBesides queues what is kept beside the journal and cannot be made from it: personal data, the use of files, news.
func (d *decision) writeBesides(ctx context.Context, q *db.Queries) error {
	payload := d.request.Payload
	if len(d.rows) > 0 {
		if err := putPersonal(ctx, q, d.ref, d.rows[0].Seq, d.salt, pilot.PersonalOf(payload)); err != nil {
			return err
		}
	}
	for _, sha256 := range pilot.EvidenceOf(payload) {
		if err := q.InsertEvidenceUse(ctx, db.InsertEvidenceUseParams{Sha256: sha256, Kind: d.ref.Kind, ID: d.ref.ID}); err != nil {
			return err
		}
	}
	if d.news {
		return d.putNews(ctx, q)
	}
	return nil
}
