// Package postgres is the record of Terrace: it judges every command in one transaction (see Execute), keeps what happened
// in an append-only journal, and everything that follows from it: states, lists, the ledger and what the workflows must hear.
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

// Programmes finds the rules a pilot lives under.
type Programmes interface {
	// Find is an exact version.
	Find(id string, version int) (*programme.Programme, error)
	// At is the newest version in force on the day.
	At(id string, day calendar.Date) (*programme.Programme, error)
}

// Config is what a Store needs. MaxConns is the limit of connections for people's reads, and the same again for their commands; 0 means
// 12. Everything else has a few of its own (see pools).
//
// Open refuses whoever could pass over what keeps the record (*RoleError) unless Owner is set: the owner opens a record to settle
// it after a restore, and for nothing else.
type Config struct {
	Owner      bool
	Catalogue  *flow.Catalogue // the kinds that are recorded; nil for catalogue.All
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

	// What guesses are made of.
	clock      atomic.Pointer[moment]
	aggregates *memory[flow.Ref, image]
	files      *memory[fileKey, string] // media types
	guesses    guesses

	owner calendarOwner
}

// Open connects to a migrated database. Close the Store when done.
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

// begin checks what the database holds and reads what every command needs.
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

// Close ends all connections, after what is under way.
func (s *Store) Close() {
	s.owner.close()
	s.close()
}

// Ping reports whether the database answers, however busy the Store is.
func (s *Store) Ping(ctx context.Context) error { return s.readiness.Ping(ctx) }

// detached is a context for what must be finished although the caller has gone.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
}
