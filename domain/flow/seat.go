package flow

import (
	"slices"

	"terrace/domain"
)

// Seat is a part that an office, an organization or a person plays in an aggregate, such as that of the office that decides on it. The
// aggregate determines who holds a seat, and each command determines which role the holder also needs.
type Seat struct {
	Key  string
	Name domain.Text
	// Refusal is the code returned to an actor who has the right role but does not hold the seat. It is empty if everyone with the
	// role holds it.
	Refusal domain.Code
}

// The seats that exist in every aggregate.
var (
	Anyone  = Seat{Key: "anyone", Name: domain.Text{ZH: "任何人", EN: "anyone"}}        // held by everyone who has the role
	Machine = Seat{Key: "system", Name: domain.Text{ZH: "系统", EN: "Terrace itself"}} // held by Terrace's workflows
)

// Who specifies who may send a command: holders of the seat who also have one of the roles.
type Who struct {
	Roles []domain.Role
	Seat  Seat
}

// In returns a Who that admits holders of the seat with any of the roles.
func In(seat Seat, roles ...domain.Role) Who { return Who{Roles: roles, Seat: seat} }

// Itself admits only the workflows.
var Itself = In(Machine, domain.System)

// In returns the party that may send the command to a particular aggregate.
func (w Who) In(s State) domain.Party {
	party := domain.Party{}
	if w.Seat != Anyone && w.Seat != Machine {
		party = s.Party(w.Seat)
	}
	party.Roles = w.Roles
	return party
}

// Admits returns a refusal if the actor may not send the command to this aggregate.
//
// Errors: wrong-role, wrong-place, wrong-organization, wrong-person, or the seat's own Refusal. For commands reserved for the
// workflows, a person always gets wrong-role.
func (w Who) Admits(s State, a domain.Actor) error {
	party := w.In(s)
	if !party.HoldsRole(a) {
		return domain.WrongRole(w.Roles, a)
	}
	if w.Seat.Refusal != "" && party.Place == "" && len(party.Organizations)+len(party.People) == 0 {
		return domain.Refuse(w.Seat.Refusal, "", "zh", w.Seat.Name.ZH, "en", w.Seat.Name.EN, "place", "—") // nobody holds the seat
	}
	if party.Place != "" && party.Place != a.Place {
		return domain.Refuse("wrong-place", "", "zh", w.Seat.Name.ZH, "en", w.Seat.Name.EN, "place", party.Place)
	}
	if len(party.Organizations) > 0 && !slices.Contains(party.Organizations, a.Organization) {
		return domain.Refuse("wrong-organization", "", "zh", w.Seat.Name.ZH, "en", w.Seat.Name.EN)
	}
	if len(party.People) > 0 && !slices.Contains(party.People, a.ID) {
		return domain.Refuse("wrong-person", "", "zh", w.Seat.Name.ZH, "en", w.Seat.Name.EN)
	}
	return nil
}
