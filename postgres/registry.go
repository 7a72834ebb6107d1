package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"terrace/domain/place"
	"terrace/postgres/db"
)

// Registry holds the places, organizations and people that pilots need.
type Registry struct {
	Places        []place.Place  `json:"places,omitempty"`
	Organizations []Organization `json:"organizations,omitempty"`
	People        []Person       `json:"people,omitempty"`
}

// PersonError means that a person in a registry is refused.
type PersonError struct{ ID, Why string }

func (e *PersonError) Error() string { return fmt.Sprintf("person %q %s", e.ID, e.Why) }

// Register adds new entries and updates known ones, either all of them or none. It never removes anything, and
// registering the same entries again changes nothing.
//
// Errors: a *place.Error for each place and a *PersonError for each person that is refused.
func (s *Store) Register(ctx context.Context, r Registry) error {
	err := pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		var all queue
		q := db.New(&all)
		places, err := s.putPlaces(ctx, db.New(tx), q, r.Places)
		if err != nil {
			return err
		}
		for _, o := range r.Organizations {
			if err := putOrganization(ctx, q, o); err != nil {
				return err
			}
		}
		var refused []error
		for _, p := range r.People {
			refused = append(refused, putPerson(ctx, q, places, p))
		}
		if err := errors.Join(refused...); err != nil {
			return err
		}
		return all.send(ctx, tx)
	})
	if err != nil {
		return err
	}
	_, err = s.loadPlaces(ctx, s.care)
	return err
}
