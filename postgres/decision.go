package postgres

import (
	"cmp"
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
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/postgres/db"
)

// view is the part of the record needed to judge a command, as read after locking the aggregate.
type view struct {
	before  image             // the aggregate before the command; the state is nil if there was no such aggregate
	size    int               // size of the stored state, in bytes
	given   *db.GetReceiptRow // the receipt already issued for this command id, if any
	now     time.Time
	virtual bool                    // whether now comes from a virtual calendar
	places  int64                   // version of the place table
	held    map[string]flow.Ref     // the other aggregates that claim keys named in the command, by key
	people  map[string]domain.Actor // the people named in the command, by id
	guess   bool                    // whether this view was recalled from memory, with nothing locked
}

// look makes the first round trip to the database. It locks the aggregate and reads the receipt, the clock, and which
// aggregates claim the keys named in the command.
func (s *Store) look(ctx context.Context, conn *pgxpool.Conn, r request) (view, error) {
	v := view{held: map[string]flow.Ref{}, people: map[string]domain.Actor{}}
	var stored db.LockAggregateRow
	var batch pgx.Batch
	batch.Queue("begin")
	lock := db.LockAggregate
	if r.unseen { // waiting would reveal to a stranger that the aggregate exists
		lock += " nowait"
	}
	batch.Queue(lock, r.Aggregate.Kind, r.Aggregate.ID).QueryRow(func(row pgx.Row) error {
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
	state, err := s.decode(ctx, db.New(conn), r.Aggregate, stored.Shape, stored.State)
	v.before, v.size = image{state: state, head: stored.Head, created: stored.CreatedAt, updated: stored.UpdatedAt}, len(stored.State)
	return v, err
}

// lookUp queues the queries for the people named in the command, and for claims by other aggregates on the keys that it
// names.
func (v *view) lookUp(batch *pgx.Batch, r request) {
	if keys := r.needs.Keys; len(keys) > 0 {
		batch.Queue(db.ListClaimsOfOthers, keys, r.Aggregate.Kind, r.Aggregate.ID).Query(func(rows pgx.Rows) error {
			var key string
			var holder flow.Ref
			_, err := pgx.ForEachRow(rows, []any{&key, &holder.Kind, &holder.ID}, func() error {
				v.held[key] = holder
				return nil
			})
			return err
		})
	}
	if ids := r.needs.People; len(ids) > 0 {
		batch.Queue(db.ListPeople, ids).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[db.Actor])
			for _, a := range found {
				v.people[a.ID] = actorOf(a)
			}
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

// decision is everything that follows from a command, ready to be written.
type decision struct {
	flow.Decision
	request request
	ref     flow.Ref
	view    view
	fresh   bool // whether the command creates the aggregate
	receipt flow.Receipt
	after   image
	size    int // size of the stored state, in bytes
	rows    []row
	lines   map[int][]Line // the ledger lines of each event, by the event's number
	rules   *programme.Programme
	places  *place.Table
	listed  listed // the aggregate's rows in the lists after the command
	shown   listed // the aggregate's rows in the lists before the command; nil if there were none
	turns   []turn // the open turns before the command
	news    bool   // whether to signal a workflow about the change
	salt    string
}

// decide judges a command against the view and applies the resulting events.
//
// Errors: those of flow.Judge, and not-found, already-exists, unknown-programme.
func (s *Store) decide(ctx context.Context, through db.DBTX, r request, v view) (*decision, error) {
	d := &decision{request: r, ref: r.Aggregate, view: v, fresh: r.declared.Creates, after: v.before, lines: map[int][]Line{}}
	list := listingOf(d.ref.Kind)
	switch {
	case d.fresh && v.before.state != nil:
		return nil, domain.Refuse("already-exists", "", "kind", string(d.ref.Kind), "id", d.ref.ID)
	case d.fresh:
		d.after.state = r.about.New(d.ref.ID)
	case v.before.state == nil:
		return nil, notFound(d.ref)
	default:
		d.shown, d.turns = list.of(v.before), turnsOf(v.before.state)
	}
	c, err := s.context(ctx, through, r, v, d.after.state)
	if err != nil {
		return nil, err
	}
	seq := d.after.state.Common().Seq
	if d.Decision, err = flow.Judge(d.after.state, r.Command, c); err != nil {
		return nil, err
	}
	d.salt, d.rules, d.places = c.Salt, c.Rules, c.Places
	if err := d.record(c, seq); err != nil {
		return nil, err
	}
	d.listed = list.of(d.after)
	d.news = concerns(r, d.Before, d.After)
	return d, nil
}

// context collects what the domain needs to judge a command.
func (s *Store) context(ctx context.Context, through db.DBTX, r request, v view, state flow.State) (flow.Context, error) {
	rules, err := s.rulesFor(r, state, v.now)
	if err != nil {
		return flow.Context{}, err
	}
	places, err := s.placesAt(ctx, through, v.places)
	if err != nil {
		return flow.Context{}, err
	}
	c := flow.Context{Now: v.now, Actor: r.Actor, Rules: rules, Calendar: s.calendar, Places: places, Evidence: r.evidence, People: v.people, Held: v.held}
	if len(r.needs.Personal) > 0 {
		c.Salt = newSalt()
	}
	return c, nil
}

// rulesFor finds the programme version that applies to a command. A new pilot takes the version in force, a new project
// or payment takes the version named in its command, and any other aggregate keeps its own. An aggregate outside any
// programme has none.
func (s *Store) rulesFor(r request, state flow.State, now time.Time) (*programme.Programme, error) {
	ref := state.Common().Programme
	switch needs := r.needs; {
	case needs.Opens != nil:
		rules, err := s.programmes.At(*needs.Opens, calendar.Of(now))
		if err != nil {
			return nil, domain.Refuse("unknown-programme", "programme", "programme", *needs.Opens)
		}
		return rules, nil
	case needs.Under != nil:
		ref = *needs.Under
	case ref == (flow.ProgrammeRef{}):
		return nil, nil //nolint:nilnil // having no programme is not an error
	}
	return s.programmes.Find(ref.ID, ref.Version)
}

// maxEvents is the number of journal positions reserved for each transaction.
const maxEvents = 1000

// record makes a journal row and the ledger lines for each event. seq is the aggregate's number of events before the
// command.
func (d *decision) record(c flow.Context, seq int) error {
	if len(d.Events) > maxEvents {
		return fmt.Errorf("%s of %s causes more than %d events", d.request.Name, d.ref, maxEvents)
	}
	for n, h := range d.Events {
		r := d.after.record(d.ref, seq+n+1, h, c.Now, c.Actor.ID, d.Late)
		d.after.add(r)
		d.rows = append(d.rows, r)
		if len(h.Postings) > 0 {
			d.lines[r.Seq] = linesOf(h.Postings)
		}
	}
	d.receipt = flow.Receipt{Aggregate: d.ref, Version: d.After.Version, Events: d.Names(), Late: d.Late, At: c.Now}
	return nil
}

// write stores the decision and commits the transaction, even if the client disconnects meanwhile.
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
	if len(d.rows) > 0 {
		err := errors.Join(d.listed.put(ctx, q, d.shown), noteTurns(ctx, q, d.ref, d.turns, turnsOf(d.after.state)))
		if err != nil {
			return err
		}
	}
	if !d.view.guess { // a guess is a transaction of its own and ends with the batch
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

// rootOf returns the id under which an aggregate's events are filed: the id of its root or, if it has none, its own.
func rootOf(s flow.State) string { return cmp.Or(s.Root(), s.Common().ID) }

// columns returns the arguments of the query that stores the decision.
func (d *decision) columns() (db.DecidedParams, error) {
	after, err := d.after.columns(d.After)
	if err != nil {
		return db.DecidedParams{}, err
	}
	d.size = len(after.State)
	r, v := d.request, d.view
	c := db.DecidedParams{
		Kind: string(d.ref.Kind), ID: d.ref.ID, Seq: after.Seq - len(d.rows), Head: v.before.head, Now: v.now,
		Guess: v.guess, Virtual: v.virtual, Places: v.places, Keys: r.needs.Keys,
		Actor: r.Actor.ID, Command: r.ID, Request: r.hash, Version: d.receipt.Version, Late: d.receipt.Late,
		Place: after.Place, Stage: string(after.Stage), Shape: after.Shape, State: after.State, NextAt: after.NextAt, Owes: after.Owes,
		Ended: after.Ended, CreatedAt: after.CreatedAt,
		Released: d.Released, Claimed: d.Claimed, Salt: d.salt, News: d.news, Held: d.held(), Root: rootOf(d.after.state), Carried: after.Carried,
	}
	for _, row := range d.rows {
		c.Names, c.Versions, c.Days = append(c.Names, row.Name), append(c.Versions, row.Version), append(c.Days, row.Day)
		c.Data, c.Hashes = append(c.Data, row.Data), append(c.Hashes, row.Hash)
	}
	for _, sha256 := range r.needs.Files {
		c.Files, c.MediaTypes = append(c.Files, sha256), append(c.MediaTypes, r.evidence[sha256])
	}
	for _, field := range slices.Sorted(maps.Keys(r.needs.Personal)) {
		c.Fields, c.Contents = append(c.Fields, field), append(c.Contents, r.needs.Personal[field])
	}
	d.enter(&c)
	return c, nil
}
