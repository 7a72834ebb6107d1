// Package postgres is Terrace's record. It judges every command in one transaction (see Execute), appends the resulting
// events to a journal, and keeps everything derived from the journal up to date: states, lists, the ledger, and pending
// signals to workflows.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/programme"
	"terrace/postgres/db"
)

// Programmes finds the rules that apply to a pilot.
type Programmes interface {
	// Find returns one version of a programme.
	Find(id string, version int) (*programme.Programme, error)
	// At returns the newest version of a programme that is in force on a date.
	At(id string, day calendar.Date) (*programme.Programme, error)
}

// Config configures a Store. MaxConns is the maximum number of connections for users' reads, and separately for their
// commands; 0 means 12. There are a few more connections for each other purpose (see pools).
//
// Open returns a *RoleError if the role could bypass the record's safeguards, unless Owner is set. Set Owner only to
// settle a record after a restore.
type Config struct {
	Owner      bool
	Catalogue  *flow.Catalogue // the kinds of aggregates; nil means catalogue.All
	URL        string
	Programmes Programmes
	Calendar   *calendar.Calendar
	MaxConns   int
}

// Store is the record. It is safe for concurrent use.
type Store struct {
	catalogue  *flow.Catalogue
	programmes Programmes
	calendar   *calendar.Calendar

	pools
	turns turnstile

	places atomic.Pointer[gazetteer]
	actors actorCache
	staff  staffCache

	// What this process remembers of the record, for use in guesses.
	clock      atomic.Pointer[moment]
	aggregates *memory[flow.Ref, image]
	files      *memory[fileKey, string] // media types of files, which never change
	guesses    guesses

	owner calendarOwner
}

// Open connects to a database with this program's schema, even if its table of places is not whole (see PlacesError).
// The caller must close the Store.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{
		catalogue: cmp.Or(c.Catalogue, catalogue.All), programmes: c.Programmes, calendar: c.Calendar, owner: calendarOwner{url: c.URL},
		aggregates: newMemory[flow.Ref, image](aggregateMemory), files: newMemory[fileKey, string](fileMemory),
	}
	s.places.Store(&gazetteer{})
	if err := s.open(ctx, c.URL, cmp.Or(c.MaxConns, answerConns)); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, c.Owner); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// begin checks the database and reads what every command needs.
func (s *Store) begin(ctx context.Context, owner bool) error {
	if err := refuseFormer(ctx, s.answers); err != nil {
		return err
	}
	if !owner {
		if err := s.checkRole(ctx); err != nil {
			return err
		}
	}
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	if err := s.checkPolicies(ctx); err != nil {
		return err
	}
	if _, err := db.New(s.care).RaiseJournalOrigin(ctx); err != nil {
		return fmt.Errorf("continue the journal's positions: %w", err)
	}
	_, err := s.loadPlaces(ctx, s.care)
	if _, broken := errors.AsType[*PlacesError](err); broken { // it is reported to whoever needs the places, and can be repaired
		return nil
	}
	return err
}

// Close waits for work in progress to finish, and then closes all connections.
func (s *Store) Close() {
	s.owner.close()
	s.close()
}

// Ping returns an error if the database does not respond. It has a connection of its own, so it never waits for other
// users.
func (s *Store) Ping(ctx context.Context) error { return s.readiness.Ping(ctx) }

// detached returns a context for work that must be completed even if the client disconnects.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
}
