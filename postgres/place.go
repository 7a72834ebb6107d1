package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// gazetteer is a process's copy of the table of places, with the version that shows whether the copy is out of date.
type gazetteer struct {
	version int64
	table   *place.Table
}

// PlacesError means that rows of the table of places were lost or changed by hand, so that it contradicts itself. The
// table can then be verified and registered again, and nothing else can be done.
type PlacesError struct{ err error }

func (e *PlacesError) Error() string { return "the table of places is not whole: " + e.err.Error() }
func (e *PlacesError) Unwrap() error { return e.err }

// Places returns the table of places. It reloads the table only if it has changed.
//
// Errors: a *PlacesError.
func (s *Store) Places(ctx context.Context) (*place.Table, error) {
	version, err := placeVersion(ctx, db.New(s.reads()))
	if err != nil {
		return nil, err
	}
	return s.placesAt(ctx, s.reads(), version)
}

// placesAt returns the table of places at the given version or a later one. If the copy is older, placesAt reloads it
// through the given connection.
//
// Errors: a *PlacesError.
func (s *Store) placesAt(ctx context.Context, through db.DBTX, version int64) (*place.Table, error) {
	if g := s.places.Load(); g.version >= version {
		return g.table, nil
	}
	return s.loadPlaces(ctx, through)
}

func (s *Store) loadPlaces(ctx context.Context, through db.DBTX) (*place.Table, error) {
	q := db.New(through)
	version, err := placeVersion(ctx, q) // first, so that a change in between is detected next time
	if err != nil {
		return nil, err
	}
	places, err := listPlaces(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		lost, err := db.New(s.care).ListLostPlaces(ctx)
		if err != nil {
			return nil, err
		}
		if len(lost) > 0 {
			return nil, &PlacesError{fmt.Errorf("it is empty, and the record names %s", strings.Join(lost, ", "))}
		}
	}
	table, err := place.New(places)
	if err != nil {
		return nil, &PlacesError{err}
	}
	s.places.Store(&gazetteer{version, table})
	return table, nil
}

// placeVersion returns the version of the table of places.
//
// Errors: a *PlacesError.
func placeVersion(ctx context.Context, q *db.Queries) (int64, error) {
	version, err := q.GetPlaceVersion(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		err = &PlacesError{errors.New("the only row of the table place_version is missing")}
	}
	return version, err
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

// mergePlaces returns the place table with the places of a registry merged into it, and the places that this changes.
// It adds an error to wrong for each place that contradicts its own code or would make the table inconsistent.
func (s *Store) mergePlaces(ctx context.Context, q *db.Queries, places []place.Place, wrong *faults) (*place.Table, []place.Place, error) {
	if len(places) == 0 {
		table, err := s.Places(ctx)
		return table, nil, err
	}
	if err := errors.Join(q.RestorePlaceVersion(ctx), q.LockPlaces(ctx)); err != nil {
		return nil, nil, err
	}
	present, err := listPlaces(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	merged, changed := wrong.merge(present, places)
	table, err := place.New(merged)
	wrong.places(places, err)
	for _, p := range changed {
		wrong.places(places, table.CheckCode(p.Code))
	}
	return table, changed, nil
}

// places adds each error about a place under the place's row in the registry.
func (f *faults) places(rows []place.Place, err error) {
	for _, e := range placeErrors(err) {
		i := slices.IndexFunc(rows, func(p place.Place) bool { return p.Code == e.Code })
		if i < 0 { // already registered, but made wrong by a row of this registry
			*f = append(*f, &RowError{"places", string(e.Code), domain.T(e.ZH, e.EN)})
			continue
		}
		f.row("places", i, string(e.Code))(e.Field, "%[1]s", "%[2]s", e.ZH, e.EN)
	}
}

// placeErrors returns every error about a place that an error joins.
func placeErrors(err error) (all []*place.Error) {
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		for _, err := range several.Unwrap() {
			all = append(all, placeErrors(err)...)
		}
		return all
	}
	if e, ok := errors.AsType[*place.Error](err); ok {
		all = append(all, e)
	}
	return all
}

// putPlaces queues the statements that store the changed places and, if there are any, increase the table's version.
func putPlaces(ctx context.Context, q *db.Queries, changed []place.Place) error {
	for _, p := range changed {
		err := q.PutPlace(ctx, db.PutPlaceParams{
			Code: string(p.Code), Vintage: p.Vintage, Parent: string(p.Parent), Level: string(p.Level), Zh: p.ZH, En: p.EN,
		})
		if err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return q.RaisePlaceVersion(ctx)
}

// merge returns the stored places with those of a registry merged into them, and the places that this changes. It adds
// an error for each place that is out of bounds, or whose vintage is older than that of the stored place, because it
// would undo a later change of the code list.
func (f *faults) merge(present, coming []place.Place) (merged, changed []place.Place) {
	at := make(map[place.Code]int, len(present))
	for i, p := range present {
		at[p.Code] = i
	}
	for row, p := range coming {
		refuse := f.row("places", row, string(p.Code))
		refuse.short("zh", p.ZH, nameLength)
		refuse.short("en", p.EN, nameLength)
		if next := time.Now().Year() + 1; p.Vintage > next { // of the real calendar, as code lists are
			refuse("vintage", "代码年份有误：%d年晚于明年（%d年）", "the vintage is wrong: %d is after next year, %d", p.Vintage, next)
		}
		i, known := at[p.Code]
		switch {
		case !known:
			at[p.Code] = len(present)
			present = append(present, p)
		case present[i].Vintage > p.Vintage:
			refuse("vintage", "已登记的代码年份为%d年，%d年的条目已过时；地区此后又有变动的，代码年份应填变动当年",
				"the registered vintage is %d, so this row of %d is out of date; if the place has changed since, set the vintage to the year of that change", present[i].Vintage, p.Vintage)
			continue
		case present[i] == p:
			continue
		default:
			present[i] = p
		}
		changed = append(changed, p)
	}
	return present, changed
}
