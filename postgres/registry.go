package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"terrace/domain/place"
	"terrace/postgres/db"
)

// Registry holds the places, organizations and people around the pilots.
type Registry struct {
	Places        []place.Place  `json:"places,omitempty"`
	Organizations []Organization `json:"organizations,omitempty"`
	People        []Person       `json:"people,omitempty"`
}

// Register adds new entries and updates known ones, all or none. Registering the same entries again changes nothing. It
// never removes anything.
func (s *Store) Register(ctx context.Context, r Registry) error {
	err := pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		var all queue
		q := db.New(&all)
		if err := putPlaces(ctx, db.New(tx), q, r.Places); err != nil {
			return err
		}
		for _, o := range r.Organizations {
			if err := putOrganization(ctx, q, o); err != nil {
				return err
			}
		}
		for _, p := range r.People {
			if err := putPerson(ctx, q, p); err != nil {
				return err
			}
		}
		return all.send(ctx, tx)
	})
	if err != nil {
		return err
	}
	_, err = s.loadPlaces(ctx, s.care)
	return err
}
