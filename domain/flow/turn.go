package flow

import (
	"cmp"
	"slices"
	"strings"

	"terrace/domain"
)

// Seated is a role in a seat, in the form stored in the database. It identifies either a party for which an open wait is waiting, or
// a capacity in which an actor can be awaited. An entry without a role names a person who has already acted in the turn, which still
// waits for the others.
type Seated struct {
	Seat string      `json:"seat"` // such as office/620825, organization/<credit code>, village/<code> or person/<actor id>; empty if nobody holds the seat
	Role domain.Role `json:"role"`
}

// DoneBy returns the entry that marks a person as having already acted in a turn.
func DoneBy(actorID string) Seated { return Seated{Seat: personKey + actorID} }

// SeatsOf returns the seats for which a turn waits and the people who have already acted, without duplicates. The zero Seated stands
// for Terrace, for the calendar, and for seats that nobody holds yet.
func SeatsOf(s State, t Turn) []Seated { return viewOf(s, t).Seats() }

// Seats is like SeatsOf.
func (t TurnView) Seats() []Seated {
	var all []Seated
	for _, p := range t.Who {
		for _, seat := range seatKeys(p) {
			for _, role := range p.Roles {
				all = append(all, Seated{seat, role})
			}
		}
		for _, id := range p.Done {
			all = append(all, DoneBy(id))
		}
	}
	slices.SortFunc(all, compareSeated)
	if all = slices.Compact(all); len(all) == 0 {
		all = []Seated{{}}
	}
	return all
}

func compareSeated(a, b Seated) int {
	return cmp.Or(cmp.Compare(a.Seat, b.Seat), cmp.Compare(a.Role, b.Role))
}

// seatKeys returns the keys of the seats to which a party is restricted, or one empty key if it is unrestricted.
func seatKeys(p domain.Party) (keys []string) {
	switch {
	case p.Place != "" && slices.Contains(p.Roles, domain.Village):
		return []string{villageKey + p.Place}
	case p.Place != "":
		return []string{officeKey + p.Place}
	case len(p.Organizations) > 0:
		for _, code := range p.Organizations {
			keys = append(keys, organizationKey+code)
		}
		return keys
	case len(p.People) > 0:
		for _, id := range p.People {
			keys = append(keys, personKey+id)
		}
		return keys
	default:
		return []string{""}
	}
}

// Awaits reports whether a turn with these seats waits for the actor. Both a record's page and the list of turns rely on it.
func Awaits(seats []Seated, a domain.Actor) bool { return len(RolesAwaited(seats, a)) > 0 }

// RolesAwaited returns the roles in which a turn with these seats waits for the actor.
func RolesAwaited(seats []Seated, a domain.Actor) (roles []domain.Role) {
	if slices.Contains(seats, DoneBy(a.ID)) {
		return nil
	}
	held := SeatsHeld(a, false)
	for _, s := range seats {
		if slices.Contains(held, s) {
			roles = append(roles, s.Role)
		}
	}
	return roles
}

// Urgeable reports whether the actor can urge those for whom a turn with these seats waits. If the turn waits for the actor, it must
// also wait for another seat.
func Urgeable(seats []Seated, a domain.Actor) bool {
	own := []Seated{}
	if Awaits(seats, a) {
		own = SeatsHeld(a, false)
	}
	return slices.ContainsFunc(seats, func(s Seated) bool {
		return s.Role != "" && !slices.ContainsFunc(own, func(o Seated) bool { return o.Seat == s.Seat })
	})
}

// Whose selects the turns in a list: a person's own, those of their office, organization or village committee, or those of others.
type Whose string

const (
	Mine   Whose = "mine"   // turns that wait for one of the person's own roles
	Seats  Whose = "seats"  // turns that wait for any role in the person's office, organization or village committee
	Others Whose = "others" // turns that wait for others, in records that the person may see
)

// seatRoles lists the roles available in each kind of seat.
var seatRoles = map[string][]domain.Role{
	officeKey:       Offices,
	organizationKey: {domain.Applicant, domain.Evaluator},
	villageKey:      {domain.Village},
	personKey:       {domain.Expert},
}

// SeatsHeld returns the capacities in which an actor can be awaited: the actor's own roles in each of their seats or, if anyRole is
// true, every role in those seats.
func SeatsHeld(a domain.Actor, anyRole bool) (all []Seated) {
	for _, seat := range ReaderOf(a).Keys() {
		kind, _, _ := strings.Cut(seat, "/")
		for _, role := range seatRoles[kind+"/"] {
			if anyRole || a.Has(role) {
				all = append(all, Seated{seat, role})
			}
		}
	}
	return all
}
