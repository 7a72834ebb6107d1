package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// turnsSetting is the setting with which a connection tells the database that it records changed turns itself, so that
// the database need not (see schema/029_turn.sql).
const turnsSetting, turnsAreWritten = "terrace.turns", "on"

// noDue stands in for the due date of a turn that has none, so that such turns sort last.
var noDue = calendar.On(9999, time.December, 31)

// turn is a stored row for an open wait, without its aggregate's kind and id.
type turn struct {
	Wait        flow.WaitKey  `json:"wait"`
	Subject     string        `json:"subject"`
	Seat        string        `json:"seat"`
	Role        domain.Role   `json:"role"`
	Pilot       string        `json:"pilot"`
	Place       string        `json:"place"`
	Programme   string        `json:"programme"`
	Draft       bool          `json:"draft"`
	LabelZH     string        `json:"label_zh"`
	LabelEN     string        `json:"label_en"`
	Due         calendar.Date `json:"due"`
	Hard        bool          `json:"hard"`
	Provisional bool          `json:"provisional"`
	Escalated   bool          `json:"escalated"`
	Urged       int           `json:"urged"`
}

// turnKey identifies a turn within its aggregate.
type turnKey struct {
	Wait    flow.WaitKey `json:"wait"`
	Subject string       `json:"subject"`
	Seat    string       `json:"seat"`
	Role    domain.Role  `json:"role"`
}

func (t turn) key() turnKey { return turnKey{t.Wait, t.Subject, t.Seat, t.Role} }

func (k turnKey) String() string {
	said := "the turn " + string(k.Wait)
	if k.Subject != "" {
		said += fmt.Sprintf(" %q", k.Subject)
	}
	who := string(k.Role)
	if k.Seat != "" {
		who = strings.TrimSpace(fmt.Sprintf("%s %q", who, k.Seat))
	}
	return said + " of " + cmp.Or(who, "nobody")
}

// turnsOf returns the turns of an aggregate's open waits.
func turnsOf(s flow.State) (all []turn) {
	r := s.Common()
	if len(r.Turns) == 0 {
		return nil
	}
	label, draft := s.Label(), s.Readers().Draft
	for _, t := range r.Turns {
		due := t.Due
		if due.IsZero() {
			due = noDue
		}
		for _, held := range flow.SeatsOf(s, t) {
			all = append(all, turn{
				Wait: t.Key, Subject: t.Subject, Seat: held.Seat, Role: held.Role, Pilot: s.Root(), Place: s.Place(), Programme: r.Programme.ID, Draft: draft,
				LabelZH: label.ZH, LabelEN: label.EN, Due: due, Hard: s.Aggregate().Wait(t.Key).Hard, Provisional: t.Provisional, Escalated: t.Escalated, Urged: t.Urged,
			})
		}
	}
	return all
}

// turnHeld converts a stored row to a turn.
func turnHeld(r db.TurnRow) turn {
	return turn{
		Wait: flow.WaitKey(r.Wait), Subject: r.Subject, Seat: r.Seat, Role: domain.Role(r.Role), Pilot: r.Pilot, Place: r.Place, Programme: r.Programme, Draft: r.Draft,
		LabelZH: r.LabelZh, LabelEN: r.LabelEn, Due: DateOf(&r.Due), Hard: r.Hard, Provisional: r.Provisional, Escalated: r.Escalated, Urged: r.Urged,
	}
}

// noteTurns queues a note that an aggregate's turns have changed, if they have. A worker later writes the new turns.
func noteTurns(ctx context.Context, q *db.Queries, ref flow.Ref, before, now []turn) error {
	if slices.Equal(before, now) {
		return nil
	}
	return q.NoteTurns(ctx, db.NoteTurnsParams{Kind: string(ref.Kind), ID: ref.ID})
}

// putTurns queues the statements that replace the stored turns with those of the aggregate's state.
func putTurns(ctx context.Context, q *db.Queries, s flow.State, stored []db.TurnRow) error {
	ref := flow.RefOf(s)
	was := make(map[turnKey]turn, len(stored))
	for _, r := range stored {
		t := turnHeld(r)
		was[t.key()] = t
	}
	kept := []turn{}
	for _, t := range turnsOf(s) {
		if old, known := was[t.key()]; !known || old != t {
			kept = append(kept, t)
		}
		delete(was, t.key())
	}
	gone := []turnKey{}
	for key := range was {
		gone = append(gone, key)
	}
	goes, err1 := json.Marshal(gone)
	comes, err2 := json.Marshal(kept)
	return errors.Join(
		err1, err2, q.PutTurns(ctx, db.PutTurnsParams{Kind: string(ref.Kind), ID: ref.ID, Gone: goes, Kept: comes}),
		q.DeleteUnturned(ctx, db.DeleteUnturnedParams{Kind: ref.Kind, ID: ref.ID}),
	)
}

// restoreTurns queues the statements that store an aggregate's turns in place of whatever is there.
func restoreTurns(ctx context.Context, q *db.Queries, s flow.State) error {
	ref := flow.RefOf(s)
	return errors.Join(q.DeleteTurns(ctx, db.DeleteTurnsParams{Kind: ref.Kind, ID: ref.ID}), putTurns(ctx, q, s, nil))
}

// UnwrittenError means that WriteTurns failed for some aggregates. It has written the turns of all others.
type UnwrittenError struct {
	Refs  []flow.Ref
	First error // the error for the first of these aggregates; Verify reports the errors for all of them
}

func (e *UnwrittenError) Error() string {
	text := fmt.Sprintf("turns of %s: %v", e.Refs[0], e.First)
	if more := len(e.Refs) - 1; more > 0 {
		text += fmt.Sprintf(" (and of %d more)", more)
	}
	return text
}

func (e *UnwrittenError) Unwrap() error { return e.First }

// WriteTurns writes all turns that have changed, except those of the given aggregates. It locks each aggregate, so that
// no change can be noted concurrently, skips any that is already locked, and continues past any whose turns cannot be
// written. It returns the number of aggregates written.
//
// Errors: an *UnwrittenError.
func (s *Store) WriteTurns(ctx context.Context, except ...flow.Ref) (written int, err error) {
	skipped := map[flow.Ref]bool{}
	for _, ref := range except {
		skipped[ref] = true
	}
	after, failed := flow.Ref{}, &UnwrittenError{}
	for {
		page, err := db.New(s.relay).ListUnturned(ctx, db.ListUnturnedParams{AfterKind: string(after.Kind), AfterID: after.ID, Max: carePage})
		switch {
		case err == nil && len(page) == 0 && len(failed.Refs) > 0:
			return written, failed
		case err != nil || len(page) == 0:
			return written, err
		}
		for _, r := range page {
			if after = (flow.Ref{Kind: r.Kind, ID: r.ID}); skipped[after] {
				continue
			}
			free, err := s.writeTurns(ctx, after)
			switch {
			case ctx.Err() != nil:
				return written, err
			case err != nil:
				failed.Refs, failed.First = append(failed.Refs, after), cmp.Or(failed.First, err)
			case free:
				written++
			}
		}
	}
}

func (s *Store) writeTurns(ctx context.Context, ref flow.Ref) (free bool, err error) {
	err = pgx.BeginFunc(ctx, s.relay, func(tx pgx.Tx) error {
		q := db.New(tx)
		stored, err := q.LockFreeAggregate(ctx, db.LockFreeAggregateParams{Kind: ref.Kind, ID: ref.ID})
		if errors.Is(err, pgx.ErrNoRows) {
			return q.DeleteUnturnedOfNone(ctx, db.DeleteUnturnedOfNoneParams{Kind: ref.Kind, ID: ref.ID})
		}
		if err != nil {
			return err
		}
		free = true
		state, err := s.decode(ctx, q, ref, stored.Shape, stored.State)
		if err != nil {
			return err
		}
		held, err := q.ListTurns(ctx, db.ListTurnsParams{Kind: ref.Kind, ID: ref.ID})
		if err != nil {
			return err
		}
		var all queue
		if err := putTurns(ctx, db.New(&all), state, held); err != nil {
			return err
		}
		return all.send(ctx, tx)
	})
	return free, err
}

// TurnsOwed reports whether lists of turns are more than a minute out of date, either because no worker is running or
// because some turns cannot be written.
func (s *Store) TurnsOwed(ctx context.Context) (bool, error) {
	owed, err := db.New(s.readiness).ListOwedTurns(ctx, 1)
	return len(owed) > 0, err
}

// TurnFilter narrows the list of turns. The zero filter matches nothing: Whose is required.
type TurnFilter struct {
	Reader  flow.Reader
	Whose   flow.Whose
	Held    []flow.Seated // the seats that the person holds: with a role or, for flow.Seats, in any role
	Done    flow.Seated   // the seat that turns carry when the person has done their part
	Kind    flow.Kind     // kind of the aggregate
	Place   string        // only aggregates whose office in charge is at this place or within it
	DueBy   calendar.Date
	Hard    *bool
	Overdue *bool
	Cursor  string
	Limit   int
}

// TurnRow is one open wait in a list.
type TurnRow struct {
	Aggregate   flow.Ref
	Wait        flow.WaitKey
	Subject     string
	Pilot       string
	Place       string
	Programme   string
	Label       domain.Text
	Seats       []flow.Seated // the seats that the turn waits for; empty if no one needs to act
	Due         calendar.Date // zero if there is no due date
	Hard        bool
	Provisional bool
	Overdue     bool // whether the due date has passed
	Urged       int
}

// turnCursor identifies the turn after which a page starts.
type turnCursor struct {
	Due                     calendar.Date
	Kind, ID, Wait, Subject string
}

func (c turnCursor) seal() string {
	return sealCursor([]string{c.Due.String(), c.Kind, c.ID, c.Wait, c.Subject})
}

func openTurnCursor(cursor string) (c turnCursor, err error) {
	if cursor == "" {
		return c, nil
	}
	var parts []string
	if readCursor(cursor, &parts) && len(parts) == 5 && !slices.ContainsFunc(parts, hasControl) {
		if c.Due, err = calendar.Parse(parts[0]); err == nil {
			c.Kind, c.ID, c.Wait, c.Subject = parts[1], parts[2], parts[3], parts[4]
			return c, nil
		}
	}
	return c, domain.Refuse("bad-cursor", "cursor")
}

const (
	turnOrder  = "t.due, t.kind, t.id, t.wait, t.subject"
	todayIs    = "(terrace_now() at time zone 'Asia/Shanghai')::date"
	behindTurn = "(" + turnOrder + ") > (@due::date, @kind_at::text, @id_at::text, @wait_at::text, @subject_at::text)"
)

// done is the condition that the reader has done their part of a turn.
const done = "exists (select from turn_index d where d.kind = t.kind and d.id = t.id and d.wait = t.wait and d.subject = t.subject and d.seat = @done::text and d.role = '')"

// turnSelection is the query for a list of turns, while it is being built.
type turnSelection struct {
	TurnFilter
	args  pgx.NamedArgs
	where []string
	size  string // number of turns to read for a page
}

// Turns returns a page of open waits sorted by due date; those without one come last. It includes only aggregates that
// the reader may see.
//
// Errors: bad-cursor.
func (s *Store) Turns(ctx context.Context, f TurnFilter) (Page[TurnRow], error) {
	after, err := openTurnCursor(f.Cursor)
	if err != nil {
		return Page[TurnRow]{}, err
	}
	limit := pageLimit(f.Limit)
	through := s.readingFor(f.Reader)
	page, args, err := selectTurns(ctx, through, f, after, limit)
	if err != nil || page == "" {
		return Page[TurnRow]{Rows: []TurnRow{}}, err
	}
	mode := pgx.QueryExecModeCacheStatement // one plan suits every reader
	if f.Whose == flow.Others {
		mode = pgx.QueryExecModeCacheDescribe
	}
	found, err := through.Query(ctx, "select r.kind, r.id, r.wait, r.subject, r.seat, r.role, r.pilot, r.place, r.programme, r.label_zh, r.label_en, r.due, r.hard, r.provisional, "+
		"r.escalated or r.due < "+todayIs+", r.urged from ("+page+") t join turn_row r using (kind, id, wait, subject) order by "+turnOrder+", r.seat, r.role", mode, args)
	if err != nil {
		return Page[TurnRow]{}, err
	}
	rows, err := collectTurns(found)
	return cut(rows, limit, err, func(r TurnRow) TurnRow { return r }, func(r TurnRow) string {
		return turnCursor{cmp.Or(r.Due, noDue), string(r.Aggregate.Kind), r.Aggregate.ID, string(r.Wait), r.Subject}.seal()
	})
}

// collectTurns merges the rows of each turn, of which there is one for each seat.
func collectTurns(found pgx.Rows) (all []TurnRow, err error) {
	var r TurnRow
	var seat flow.Seated
	var due time.Time
	_, err = pgx.ForEachRow(found, []any{
		&r.Aggregate.Kind, &r.Aggregate.ID, &r.Wait, &r.Subject, &seat.Seat, &seat.Role, &r.Pilot, &r.Place, &r.Programme, &r.Label.ZH, &r.Label.EN, &due,
		&r.Hard, &r.Provisional, &r.Overdue, &r.Urged,
	}, func() error {
		if n := len(all); n == 0 || all[n-1].Aggregate != r.Aggregate || all[n-1].Wait != r.Wait || all[n-1].Subject != r.Subject {
			one := r
			if one.Due = DateOf(&due); one.Due == noDue {
				one.Due = calendar.Date{}
			}
			all = append(all, one)
		}
		if seat != (flow.Seated{}) {
			last := &all[len(all)-1]
			last.Seats = append(last.Seats, seat)
		}
		return nil
	})
	return all, err
}

// selectTurns returns the query for the turns of a page, each appearing once. The query is empty if the reader cannot
// see any.
func selectTurns(ctx context.Context, through db.DBTX, f TurnFilter, after turnCursor, limit int) (query string, args pgx.NamedArgs, err error) {
	s := turnSelection{TurnFilter: f, args: pgx.NamedArgs{}, size: sized(limit)}
	s.narrow(after)
	seats, roles := []string{}, []string{}
	for _, h := range f.Held {
		seats, roles = append(seats, h.Seat), append(roles, string(h.Role))
	}
	s.args["seats"], s.args["roles"], s.args["done"] = seats, roles, f.Done.Seat
	var still []string
	if f.Whose == flow.Mine {
		still = append(still, "not "+done)
	}
	parts := []string{s.each("unnest(@seats::text[], @roles::text[]) v (seat, role)", "t.seat = v.seat and t.role = v.role", still...)}
	if f.Whose == flow.Others {
		parts, err = s.others(ctx, through)
	}
	if err != nil || len(parts) == 0 {
		return "", nil, err
	}
	return "select distinct " + turnOrder + " from (" + strings.Join(parts, " union all ") + ") t order by " + turnOrder + " limit " + s.size, s.args, nil
}

// narrow adds the conditions that every turn must meet.
func (s *turnSelection) narrow(after turnCursor) {
	add := func(condition, name string, value any) {
		s.where = append(s.where, condition)
		if name != "" {
			s.args[name] = value
		}
	}
	if !s.Reader.All { // a draft is visible only to its own office
		add("(not t.draft or t.place = @reader_place::text)", "reader_place", s.Reader.Place)
	}
	if s.Kind != "" {
		add("t.kind = @kind::text", "kind", string(s.Kind))
	}
	if s.Place != "" {
		add("t.place in (select h.place from reach h where h.above = @place::text and h.office)", "place", s.Place)
	}
	if !s.DueBy.IsZero() {
		add("t.due <= @due_by::date", "due_by", s.DueBy.String())
	}
	if s.Hard != nil {
		add("t.hard = @hard::boolean", "hard", *s.Hard)
	}
	if s.Overdue != nil {
		comparison := map[bool]string{true: "<", false: ">="}[*s.Overdue]
		add("t.due "+comparison+" "+todayIs, "", nil)
	}
	if after.ID != "" {
		add(behindTurn, "due", after.Due.String())
		s.args["kind_at"], s.args["id_at"], s.args["wait_at"], s.args["subject_at"] = after.Kind, after.ID, after.Wait, after.Subject
	}
}

// each returns the query for the first turns of every value, read from an index in due-date order.
func (s *turnSelection) each(values, found string, more ...string) string {
	return "select found.* from " + values + " cross join lateral (select distinct " + turnOrder + " from turn_index t where " +
		strings.Join(slices.Concat([]string{found}, s.where, more), " and ") + " order by " + turnOrder + " limit " + s.size + ") found"
}

// others returns the queries for other people's turns, on aggregates that the reader may see.
func (s *turnSelection) others(ctx context.Context, through db.DBTX) (parts []string, err error) {
	r := s.Reader
	const notMine = "(not exists (select from turn_index m join unnest(@seats::text[], @roles::text[]) v (seat, role) on m.seat = v.seat and m.role = v.role " +
		"where m.kind = t.kind and m.id = t.id and m.wait = t.wait and m.subject = t.subject) or " + done + ")"
	if r.All {
		return []string{s.each("(select) v", "true", notMine)}, nil
	}
	named := r
	named.Place = ""
	if r.Place != "" {
		reach, err := db.New(free(through)).GetReach(ctx, db.GetReachParams{Above: r.Place, Office: true, Max: mostPlaces + 1})
		if err != nil {
			return nil, err
		}
		if reach.Bereft {
			named.Place = r.Place
		}
		if len(reach.Places) > mostPlaces {
			parts = append(parts, s.each("(select) v", "t.place in (select h.place from reach h where h.above = @reader_place::text and h.office)", notMine))
		} else {
			s.args["reader_offices"] = append([]string{}, reach.Places...)
			parts = append(parts, s.each("unnest(@reader_offices::text[]) v (value)", "t.place = v.value", notMine))
		}
	}
	if concerning := s.concerning(named); concerning != "" {
		parts = append(parts, "(select distinct "+turnOrder+" from ("+concerning+") v join turn_index t on t.kind = v.kind and t.id = v.id where "+
			strings.Join(append(s.where, "true", notMine), " and ")+" order by "+turnOrder+" limit "+s.size+")")
	}
	return parts, nil
}

// concerning returns the query that uses the lists' indexes to find open aggregates that name the reader.
func (s *turnSelection) concerning(r flow.Reader) string {
	var found []string
	for _, l := range lists {
		var ways []bound
		sel := &selection{list: l, args: s.args}
		if l.readers.one != "" {
			if keys := r.Keys(); len(keys) > 0 {
				ways = append(ways, sel.bind("reader_keys", l.readers, keys...))
			}
		} else {
			ways = sel.namedBy(r)
		}
		if len(ways) > 0 {
			found = append(found, "select '"+string(l.kind)+"'::text as kind, r.id from "+l.index+" r where not r.ended and "+anyOf(ways))
		}
	}
	return strings.Join(found, " union all ")
}
