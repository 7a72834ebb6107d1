package postgres

import (
	"context"
	"errors"
	"fmt"

	"terrace/domain/place"
	"terrace/postgres/db"
)

// gazetteer is a process's copy of the table of places. Its version tells whether the copy is out of date.
type gazetteer struct {
	version int64
	table   *place.Table
}

// Places returns the table of places. It reads the table again only if that has changed.
func (s *Store) Places(ctx context.Context) (*place.Table, error) {
	version, err := db.New(s.reads()).GetPlaceVersion(ctx)
	if err != nil {
		return nil, err
	}
	return s.placesAt(ctx, s.reads(), version)
}

// placesAt returns the table of places in the given version or a later one. If the copy is older, placesAt reads the
// table through the given connection.
func (s *Store) placesAt(ctx context.Context, through db.DBTX, version int64) (*place.Table, error) {
	if g := s.places.Load(); g.version >= version {
		return g.table, nil
	}
	return s.loadPlaces(ctx, through)
}

func (s *Store) loadPlaces(ctx context.Context, through db.DBTX) (*place.Table, error) {
	q := db.New(through)
	version, err := q.GetPlaceVersion(ctx) // first, so that a change in between is noticed next time
	if err != nil {
		return nil, err
	}
	places, err := listPlaces(ctx, q)
	if err != nil {
		return nil, err
	}
	table, err := place.New(places)
	if err != nil {
		return nil, fmt.Errorf("table of places: %w", err)
	}
	s.places.Store(&gazetteer{version, table})
	return table, nil
}

func listPlaces(ctx context.Context, q *db.Queries) ([]place.Place, error) {
	rows, err := q.ListPlaces(ctx)
	if err != nil {
		return nil, err
	}
	places := make([]place.Place, len(rows))
	for i, r := range rows {
		places[i] = place.Place{
			Code: place.Code(r.Code), Vintage: r.Vintage, Parent: place.Code(r.Parent), Level: place.Level(r.Level), ZH: r.Zh, EN: r.En,
		}
	}
	return places, nil
}

// putPlaces adds and updates places and returns the resulting table. It refuses a change that would make the table
// inconsistent or contradict a place's code. The table gets a new version only if something has changed.
func (s *Store) putPlaces(ctx context.Context, read, write *db.Queries, places []place.Place) (*place.Table, error) {
	if len(places) == 0 {
		return s.Places(ctx)
	}
	if err := read.LockPlaces(ctx); err != nil {
		return nil, err
	}
	present, err := listPlaces(ctx, read)
	if err != nil {
		return nil, err
	}
	merged, changed := merge(present, places)
	table, err := place.New(merged)
	if err != nil || len(changed) == 0 {
		return table, err
	}
	var refused []error
	for _, p := range changed {
		refused = append(refused, table.CheckProvince(p.Code))
	}
	if err := errors.Join(refused...); err != nil {
		return nil, err
	}
	for _, p := range changed {
		err := write.PutPlace(ctx, db.PutPlaceParams{
			Code: string(p.Code), Vintage: p.Vintage, Parent: string(p.Parent), Level: string(p.Level), Zh: p.ZH, En: p.EN,
		})
		if err != nil {
			return nil, err
		}
	}
	return table, write.RaisePlaceVersion(ctx)
}

func merge(present, coming []place.Place) (merged, changed []place.Place) {
	at := make(map[place.Code]int, len(present))
	for i, p := range present {
		at[p.Code] = i
	}
	for _, p := range coming {
		i, known := at[p.Code]
		switch {
		case !known:
			at[p.Code] = len(present)
			present = append(present, p)
		case present[i] == p:
			continue
		default:
			present[i] = p
		}
		changed = append(changed, p)
	}
	return present, changed
}
