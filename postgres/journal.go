package postgres

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// row is an event as the journal stores it.
type row = db.ListEventsRow

// seal returns the hash that links a row to the previous one: the SHA-256 of the previous hash (nil for the first row)
// and of every field as stored. Each field is prefixed with its length, so that no byte can be moved from one field to
// the next unnoticed.
func seal(prev []byte, r row) []byte {
	h := sha256.New()
	for _, field := range [][]byte{
		prev, []byte(r.Kind), []byte(r.ID), []byte(strconv.Itoa(r.Seq)), []byte(r.Name), []byte(strconv.Itoa(r.Version)),
		[]byte(r.At.UTC().Format(time.RFC3339Nano)), []byte(r.Actor), []byte(r.Day.Format(time.DateOnly)),
		[]byte(strconv.FormatBool(r.Late)), r.Data,
	} {
		h.Write(fmt.Appendf(nil, "%d:", len(field)))
		h.Write(field)
	}
	return h.Sum(nil)
}

// record makes an aggregate's next journal row from an event. seq is the event's number in the hash chain.
func (i image) record(ref flow.Ref, seq int, h flow.Happened, at time.Time, actor string, late bool) row {
	r := row{
		Kind: ref.Kind, ID: ref.ID, Seq: seq, Name: h.Type.Name, Version: h.Type.Version,
		At: at, Day: *instant(h.On), Actor: actor, Late: late, Data: h.Data,
	}
	r.Hash = seal(i.head, r)
	return r
}

// replay rebuilds an aggregate from the journal alone.
func (s *Store) replay(ctx context.Context, q *db.Queries, ref flow.Ref) (image, error) {
	rows, err := q.ListEvents(ctx, db.ListEventsParams{Kind: ref.Kind, ID: ref.ID})
	if err != nil {
		return image{}, err
	}
	return replayed(s.catalogue, ref, rows, func(row, flow.State, flow.Event) {})
}

// damageError means that the events of an aggregate cannot be relied on, because rows were lost or tampered with, or were
// written by a newer program. The Difference describes the first event at fault.
type damageError struct {
	Difference
	why error // why the event cannot be applied; nil if it is missing or was changed
}

func (e *damageError) Error() string { return e.String() }
func (e *damageError) Unwrap() error { return e.why }

// unfit returns the error for an event that cannot be applied.
func unfit(ref flow.Ref, seq int, why error) error {
	return &damageError{Difference{JournalPart, ref, fmt.Sprintf("event %d cannot be applied: %v", seq, why)}, why}
}

// lacking describes events that are missing from the end of an aggregate's journal, beginning with the event numbered first.
// seq is the number of the last event that the stored state includes.
func lacking(first, seq int) string {
	return fmt.Sprintf("event %d is missing, and the record holds the state after event %d", first, seq)
}

// complete returns a *damageError if the journal, of which i is the replay, lacks its last events. seq and head are the
// number and hash of the last event that the stored state includes.
func (i image) complete(ref flow.Ref, seq int, head []byte) error {
	if has := flow.RecordOf(i.state).Seq; seq > has && !bytes.Equal(head, i.head) {
		return &damageError{Difference{JournalPart, ref, lacking(has+1, seq)}, nil}
	}
	return nil
}

// survive turns a panic into a *damageError for the event numbered seq. It must be deferred.
func survive(ref flow.Ref, seq *int, err *error) {
	if p := recover(); p != nil {
		*err = unfit(ref, *seq, fmt.Errorf("it does not fit what happened before (%v)", p))
	}
}

// replayed applies the rows in order, calling each with the row, the resulting state and the event. Every error is a
// *damageError, including one for a panic while applying a row.
func replayed(c *flow.Catalogue, ref flow.Ref, rows []row, each func(row, flow.State, flow.Event)) (i image, err error) {
	seq := 1
	if i.state, err = c.New(ref); err != nil {
		return image{}, unfit(ref, seq, err)
	}
	defer survive(ref, &seq, &err)
	for _, r := range rows {
		seq = r.Seq
		e, err := c.Decode(ref.Kind, r.Name, r.Version, r.Data)
		if err != nil {
			return image{}, unfit(ref, seq, err)
		}
		i.files = append(i.files, flow.FilesOf(e)...)
		flow.Apply(i.state, e, calendar.Of(r.Day))
		i.add(r)
		each(r, i.state, e)
	}
	return i, nil
}

// Entry is a journal event as returned to users and other programs.
type Entry struct {
	Position  int64           `json:"position" doc:"where to go on reading from"`
	Aggregate flow.Ref        `json:"aggregate"`
	Seq       int             `json:"seq"`
	Name      string          `json:"name"`
	Title     domain.Text     `json:"title"`
	On        calendar.Date   `json:"on" doc:"the day it counts from, Asia/Shanghai"`
	At        time.Time       `json:"at" doc:"when it was recorded"`
	Actor     Sender          `json:"actor"`
	Late      bool            `json:"late,omitempty" doc:"after a soft due day"`
	Version   int             `json:"version" doc:"of the form of data"`
	Data      json.RawMessage `json:"data"`
	Lines     []Line          `json:"lines,omitempty" doc:"what it moved in the ledger"`
	Project   domain.Text     `json:"-"` // village and title of the project to which the aggregate belongs, where the reader asked for it
}

// Sender is the person who sent a command, with their current name.
type Sender struct {
	ID   string      `json:"id"`
	Name domain.Text `json:"name"`
}

// Timeline lists the events of a pilot, its projects and its payments after a position. It may miss events that are
// being written concurrently; Tail never does.
func (s *Store) Timeline(ctx context.Context, pilotID string, after int64, limit int) ([]Entry, error) {
	q := db.New(s.reads())
	rows, err := q.ListTimeline(ctx, db.ListTimelineParams{Pilot: pilotID, After: after, Max: limit})
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = s.entryOf(db.ListTailRow(r))
	}
	return entries, addLines(ctx, q, entries)
}

// Tail reads the whole journal after a position. It misses nothing, because anything committed later gets a higher
// position than anything already returned. The price is that any open transaction on the server delays newer entries.
func (s *Store) Tail(ctx context.Context, after int64, limit int) ([]Entry, error) {
	q := db.New(s.reads())
	rows, err := q.ListTail(ctx, db.ListTailParams{After: after, Max: limit})
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = s.entryOf(r)
	}
	return entries, addLines(ctx, q, entries)
}

// ErrNoOrigin means that the row was lost from which new events get their positions, so that nothing can be recorded.
var ErrNoOrigin = errors.New("the only row of the table journal_origin is missing, so nothing can be recorded: run “terrace rebuild”, which puts it back")

// GoesOn returns ErrNoOrigin if the journal cannot go on.
func (s *Store) GoesOn(ctx context.Context) error {
	there, err := db.New(s.care).HasJournalOrigin(ctx)
	if err == nil && !there {
		err = ErrNoOrigin
	}
	return err
}

// LastPosition returns the position up to which Tail can currently read.
func (s *Store) LastPosition(ctx context.Context) (int64, error) {
	return db.New(s.reads()).GetLastPosition(ctx)
}

func (s *Store) entryOf(r db.ListTailRow) Entry {
	e := Entry{
		Position: r.Position, Aggregate: flow.Ref{Kind: r.Kind, ID: r.ID}, Seq: r.Seq, Name: r.Name, Title: domain.Text{ZH: r.Name, EN: r.Name},
		On: calendar.Of(r.Day), At: r.At.In(calendar.Shanghai), Actor: Sender{ID: r.Actor}, Late: r.Late, Version: r.Version, Data: r.Data,
	}
	if t := s.catalogue.Event(r.Kind, r.Name); t != nil {
		e.Title = t.Title
	}
	switch {
	case r.Actor == domain.Workflow.ID:
		e.Actor.Name = domain.Workflow.Name
	case r.ActorZh != nil && r.ActorEn != nil:
		e.Actor.Name = domain.Text{ZH: *r.ActorZh, EN: *r.ActorEn}
	}
	return e
}

// archived is the name of the event by which a pilot is archived.
var archived = pilot.Aggregate.TypeOf(&pilot.PilotArchived{}).Name

// Dossier returns the SHA-256 of the last links of all of a pilot's hash chains, written as lines “kind/id hex” sorted
// by kind and id. It leaves out events after the pilot was archived, such as the late repayment of a debt, so the hash
// of an archived pilot never changes.
//
// Errors: not-found.
func (s *Store) Dossier(ctx context.Context, pilotID string) (string, error) {
	heads, err := db.New(s.activities).ListHeads(ctx, db.ListHeadsParams{Pilot: pilotID, Sealed: archived})
	if err != nil {
		return "", err
	}
	if len(heads) == 0 {
		return "", notFound(flow.Ref{Kind: pilot.Kind, ID: pilotID})
	}
	slices.SortFunc(heads, func(a, b db.ListHeadsRow) int { // bytewise, whatever the collation of the server
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	h := sha256.New()
	for _, head := range heads {
		h.Write(fmt.Appendf(nil, "%s/%s %x\n", head.Kind, head.ID, head.Hash))
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
