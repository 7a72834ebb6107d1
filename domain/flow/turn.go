package flow

import (
	"cmp"
	"slices"
	"strings"

	"terrace/domain"
)

// Seated is a role in a seat as the record stores it: whom an open wait waits for, or as what an actor can be awaited. A person without
// a role has done their part of the turn, and it waits for the others.
type Seated struct {
	Seat string      `json:"seat"` // such as office/620825, organization/<credit code>, village/<code> or person/<actor id>; empty if nobody holds the seat
	Role domain.Role `json:"role"`
}

// DoneBy returns how the seats of a turn say that somebody has done their part.
func DoneBy(actorID string) Seated { return Seated{Seat: personKey + actorID} }

// SeatsOf returns the seats that a turn waits for, and the people who have done their part, each once. The zero Seated stands for
// Terrace, for the calendar, and for seats that nobody holds yet.
func SeatsOf(s State, t Turn) []Seated {
	var all []Seated
	for _, p := range viewOf(s, t).Who {
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

// seatKeys returns the keys of the seats that a party is bound to, or one empty key if it is bound to none.
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

// Awaits reports whether a turn with these seats waits for the actor. A record's page and the list of turns both go by it.
func Awaits(seats []Seated, a domain.Actor) bool {
	held := SeatsHeld(a, false)
	return !slices.Contains(seats, DoneBy(a.ID)) && slices.ContainsFunc(seats, func(s Seated) bool { return slices.Contains(held, s) })
}

// Urgeable reports whether a turn with these seats waits for somebody whom the actor can urge: anybody, unless it waits for the actor,
// and then somebody in another seat.
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
	Mine   Whose = "mine"   // turns that wait for the person, in their own roles
	Seats  Whose = "seats"  // turns that wait for any role in their office, organization or village committee
	Others Whose = "others" // turns that wait for somebody else, in records that the person may see
)

// seatRoles lists the roles that exist in each kind of seat.
var seatRoles = map[string][]domain.Role{
	officeKey:       Offices,
	organizationKey: {domain.Applicant, domain.Evaluator},
	villageKey:      {domain.Village},
	personKey:       {domain.Expert},
}

// SeatsHeld returns the capacities in which an actor can be awaited: their own roles in their seats, or every role in those seats if
// anyRole is true.
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
