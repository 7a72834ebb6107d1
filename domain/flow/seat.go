package flow

import (
	"slices"

	"terrace/domain"
)

// Seat is a part that people take in one aggregate, such as the office that decides. The record says who sits there, and the command
// which role they need.
type Seat struct {
	Key  string
	Name domain.Text
	// Refusal is the code for a holder of the role who sits elsewhere; empty if everyone with the role sits here.
	Refusal domain.Code
}

// The seats that every aggregate has.
var (
	Anyone  = Seat{Key: "anyone", Name: domain.Text{ZH: "任何人", EN: "anyone"}}        // any holder of the role
	Machine = Seat{Key: "system", Name: domain.Text{ZH: "系统", EN: "Terrace itself"}} // the workflows
)

// Who says who may send a command: a role in a seat.
type Who struct {
	Roles []domain.Role
	Seat  Seat
}

// In returns the roles in a seat.
func In(seat Seat, roles ...domain.Role) Who { return Who{Roles: roles, Seat: seat} }

// Itself is Terrace: only the workflows may send the command.
var Itself = In(Machine, domain.System)

// In returns the party that the seat means in one aggregate.
func (w Who) In(s State) domain.Party {
	party := domain.Party{}
	if w.Seat != Anyone && w.Seat != Machine {
		party = s.Party(w.Seat)
	}
	party.Roles = w.Roles
	return party
}

// Admits refuses an actor who may not send the command to this aggregate.
//
// Errors: wrong-role, wrong-place, wrong-organization, wrong-person, or the seat's own Refusal. Steps of Terrace itself are always
// refused to people with wrong-role.
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
