// Package postgres is Terrace's record. It judges every command in one transaction (see Execute), adds what happened to
// a journal, and keeps up to date everything that follows from the journal: states, lists, the ledger, and news for the
// workflows.
package postgres

import (
	"cmp"
	"context"
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
	// At returns the newest version of a programme that is in force on a day.
	At(id string, day calendar.Date) (*programme.Programme, error)
}

// Config configures a Store. MaxConns is the largest number of connections for reads by people, and the largest number
// for their commands; 0 means 12. There are a few more connections for each other purpose (see pools).
//
// Open refuses a role that could bypass the record's safeguards (*RoleError) unless Owner is set. Set Owner only to
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

	// What this process remembers of the record, as a basis for guesses.
	clock      atomic.Pointer[moment]
	aggregates *memory[flow.Ref, image]
	files      *memory[fileKey, string] // media types of files, which do not change
	guesses    guesses

	owner calendarOwner
}

// Open connects to a database that has this program's schema. Close the Store when it is no longer needed.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{
		catalogue: cmp.Or(c.Catalogue, catalogue.All), programmes: c.Programmes, calendar: c.Calendar, owner: calendarOwner{url: c.URL},
		aggregates: newMemory[flow.Ref, image](aggregateMemory), files: newMemory[fileKey, string](fileMemory),
	}
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
	return err
}

// Close waits until work in progress has finished, and then closes all connections.
func (s *Store) Close() {
	s.owner.close()
	s.close()
}

// Ping returns an error if the database does not answer. It does not wait for connections that others use.
func (s *Store) Ping(ctx context.Context) error { return s.readiness.Ping(ctx) }

// detached returns a context for work that must be completed even if the caller has gone.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
}
