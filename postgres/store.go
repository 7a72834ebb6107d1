// Package postgres is the record of Terrace: it judges every command in one transaction (see Execute), keeps what happened
// in an append-only journal, and everything that follows from it: states, lists, the ledger and what the workflows must hear.
package postgres

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/domain"
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

// Config is what a Store needs. MaxConns is the limit of connections for people's commands and reads, 0 means 16; the
// workflows and the relay have 8 and 4 of their own, so that neither keeps people waiting.
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

	answers    *pgxpool.Pool // people
	activities *pgxpool.Pool // workflows
	relay      *pgxpool.Pool // the relay, and care of the record

	places atomic.Pointer[gazetteer]
	actors actorCache

	// What guesses are made of.
	clock      atomic.Pointer[moment]
	aggregates *memory[flow.Ref, image]
	files      *memory[string, string] // media types by SHA-256
	guesses    guesses

	owner calendarOwner
}

const (
	answerConns   = 16
	activityConns = 8
	relayConns    = 4
)

// Open connects to a migrated database. Close the Store when done.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{
		catalogue: cmp.Or(c.Catalogue, catalogue.All), programmes: c.Programmes, calendar: c.Calendar, owner: calendarOwner{url: c.URL},
		aggregates: newMemory[flow.Ref, image](aggregateMemory), files: newMemory[string, string](fileMemory),
	}
	if c.MaxConns == 0 {
		c.MaxConns = answerConns
	}
	for _, p := range []struct {
		pool **pgxpool.Pool
		name string
		max  int
	}{{&s.answers, "answers", c.MaxConns}, {&s.activities, "activities", activityConns}, {&s.relay, "relay", relayConns}} {
		pool, err := openPool(ctx, c.URL, p.name, p.max)
		if err != nil {
			s.Close()
			return nil, err
		}
		*p.pool = pool
	}
	if err := s.begin(ctx, c.Owner); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func openPool(ctx context.Context, url, name string, limit int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(limit)
	config.MaxConnLifetimeJitter = config.MaxConnLifetime / 10
	config.ConnConfig.RuntimeParams["application_name"] = "terrace " + name
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000" // a process that hangs frees its locks
	config.ConnConfig.RuntimeParams["jit"] = "off"                                   // compiling a statement takes longer than any answer may
	config.ConnConfig.RuntimeParams["timezone"] = calendar.Shanghai.String()         // days and hours are those of the rules, whatever the server's
	return pgxpool.NewWithConfig(ctx, config)
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
	if _, err := db.New(s.answers).RaiseJournalOrigin(ctx); err != nil {
		return fmt.Errorf("continue the journal's positions: %w", err)
	}
	_, err := s.loadPlaces(ctx, s.answers)
	return err
}

// Close ends all connections, after what is under way.
func (s *Store) Close() {
	s.owner.close()
	for _, pool := range []*pgxpool.Pool{s.answers, s.activities, s.relay} {
		if pool != nil {
			pool.Close()
		}
	}
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.answers.Ping(ctx) }

// poolOf keeps the workflows' commands apart from people's.
func (s *Store) poolOf(a domain.Actor) *pgxpool.Pool {
	if a.ID == domain.Workflow.ID {
		return s.activities
	}
	return s.answers
}

// detached is a context for what must be finished although the caller has gone.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
}
