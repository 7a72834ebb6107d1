package postgres

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Staff lists, for each role in a seat, the ids of the people who are registered for it.
type Staff map[flow.Seated][]string

// Vacant reports whether a turn with these seats waits for people of whom none is registered, apart from those who have
// already done their part.
func (s Staff) Vacant(seats []flow.Seated) bool {
	waits := false
	for _, seat := range seats {
		if seat.Role == "" { // nobody has to act, or this entry names a person who has
			continue
		}
		if seat.Seat == "" { // anyone with the role
			return false
		}
		waits = true
		if slices.ContainsFunc(s[seat], func(id string) bool { return !slices.Contains(seats, flow.DoneBy(id)) }) {
			return false
		}
	}
	return waits
}

// staffCache holds the staff for actorLife, after which a registration by another process takes effect.
type staffCache struct {
	mu    sync.Mutex
	staff Staff
	until time.Time
}

// forget makes the next reader read the staff from the record.
func (c *staffCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Time{}
}

// Staff returns who is registered for which seat. It may be up to actorLife out of date. The caller must not change it.
func (s *Store) Staff(ctx context.Context) (Staff, error) {
	c := &s.staff
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(c.until) {
		return c.staff, nil
	}
	rows, err := db.New(s.reads()).ListActors(ctx)
	if err != nil {
		return nil, err
	}
	c.staff, c.until = Staff{}, time.Now().Add(actorLife)
	for _, r := range rows {
		for _, seat := range flow.SeatsHeld(actorOf(r), false) {
			c.staff[seat] = append(c.staff[seat], r.ID)
		}
	}
	return c.staff, nil
}

// Unregistered returns what nothing is registered of, among places, organizations and people.
func (s *Store) Unregistered(ctx context.Context) (none []string, err error) {
	has, err := db.New(s.care).GetRegistered(ctx)
	if err != nil {
		return nil, err
	}
	for _, list := range []struct {
		there bool
		name  string
	}{{has.Places, "places"}, {has.Organizations, "organizations"}, {has.People, "people"}} {
		if !list.there {
			none = append(none, list.name)
		}
	}
	return none, nil
}

// Vacancies returns the seats for which open turns wait although nobody who could act is registered, such as “finance of
// office/620825”.
func (s *Store) Vacancies(ctx context.Context) ([]string, error) {
	staff, err := s.Staff(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.care).ListAwaited(ctx)
	var vacant []string
	for _, r := range rows {
		var seats []flow.Seated
		var said []string
		for i, seat := range r.Seats {
			seats = append(seats, flow.Seated{Seat: seat, Role: domain.Role(r.Roles[i])})
			if r.Roles[i] != "" {
				said = append(said, r.Roles[i]+" of "+seat)
			}
		}
		if staff.Vacant(seats) {
			vacant = append(vacant, strings.Join(said, " or "))
		}
	}
	return vacant, err
}
