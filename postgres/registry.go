package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"terrace/domain/place"
	"terrace/postgres/db"
)

// Registry is the world around the pilots: places, organizations and people.
type Registry struct {
	Places        []place.Place  `json:"places,omitempty"`
	Organizations []Organization `json:"organizations,omitempty"`
	People        []Person       `json:"people,omitempty"`
}

// Register adds what is new and changes what is known, all of it or nothing. Doing it again changes nothing; nothing is
// ever removed.
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
