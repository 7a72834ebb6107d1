package flow

import (
	"slices"

	"terrace/domain"
)

// Seat is a position in one aggregate, such as that of the office that decides. The aggregate says who holds the seat, and each
// command which role they also need.
type Seat struct {
	Key  string
	Name domain.Text
	// Refusal is the code for somebody with the right role who does not hold the seat. It is empty if everybody with the role holds it.
	Refusal domain.Code
}

// The seats that every aggregate has.
var (
	Anyone  = Seat{Key: "anyone", Name: domain.Text{ZH: "任何人", EN: "anyone"}}        // seat of everybody who has the role
	Machine = Seat{Key: "system", Name: domain.Text{ZH: "系统", EN: "Terrace itself"}} // seat of Terrace's workflows
)

// Who says who may send a command: those who hold the seat and one of the roles.
type Who struct {
	Roles []domain.Role
	Seat  Seat
}

// In returns a Who that admits holders of the seat who have one of the roles.
func In(seat Seat, roles ...domain.Role) Who { return Who{Roles: roles, Seat: seat} }

// Itself means that only the workflows may send the command.
var Itself = In(Machine, domain.System)

// In returns the party that may send the command to one particular aggregate.
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
// Errors: wrong-role, wrong-place, wrong-organization, wrong-person, or the seat's own Refusal. A person always gets wrong-role for a
// command that only the workflows may send.
func (w Who) Admits(s State, a domain.Actor) error {
	party := w.In(s)
	if !party.HoldsRole(a) {
		return domain.WrongRole(w.Roles, a)
	}
	if w.Seat.Refusal != "" && party.Place == "" && len(party.Organizations)+len(party.People) == 0 {
		return domain.Refuse(w.Seat.Refusal, "", "zh", w.Seat.Name.ZH, "en", w.Seat.Name.EN, "place", "—") // nobody sits there
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
