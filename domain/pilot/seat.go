package pilot

import (
	"slices"

	"terrace/domain"
)

// Seat is a place at the table of one pilot, project or payment. Who sits there
// follows from the record; which role they need, from the command.
type Seat string

const (
	Anyone        Seat = "anyone"         // any holder of the role
	HomeOffice    Seat = "home-office"    // the office that launched the pilot, the first of its chain
	TurnOffice    Seat = "turn-office"    // the office of the chain whose endorsement is due
	HighestOffice Seat = "highest-office" // the last office of the chain, which approves
	ApplicantSeat Seat = "organization"   // the project's organization
	ProposerSeat  Seat = "proposer"       // any organization with a proposal in the pilot
	EvaluatorSeat Seat = "evaluator"      // the pilot's third-party evaluator
	PanelSeat     Seat = "panel"          // the experts of the panel
	VillageSeat   Seat = "village"        // the village committee of the project's village
	Machine       Seat = "system"         // the workflows
)

// Seats lists the seats with the words people see.
var Seats = map[Seat]domain.Text{
	Anyone:        {ZH: "任何人", EN: "anyone"},
	HomeOffice:    {ZH: "申报单位", EN: "the launching office"},
	TurnOffice:    {ZH: "当前审核单位", EN: "the office whose turn it is"},
	HighestOffice: {ZH: "批准单位", EN: "the approving office"},
	ApplicantSeat: {ZH: "项目承担组织", EN: "the project's organization"},
	ProposerSeat:  {ZH: "申报项目的组织", EN: "an organization with a proposal"},
	EvaluatorSeat: {ZH: "评估机构", EN: "the evaluator"},
	PanelSeat:     {ZH: "评审小组", EN: "the panel"},
	VillageSeat:   {ZH: "项目所在村", EN: "the project's village"},
	Machine:       {ZH: "系统", EN: "Terrace itself"},
}

// Who may send a command: a role in a seat.
type Who struct {
	Roles []domain.Role
	Seat  Seat
}

func who(seat Seat, roles ...domain.Role) Who { return Who{Roles: roles, Seat: seat} }

var machine = who(Machine, domain.System)

// In resolves the seat to the party of one aggregate.
func (w Who) In(s State) domain.Party {
	party := domain.Party{}
	if w.Seat != Anyone && w.Seat != Machine {
		party = s.party(w.Seat)
	}
	party.Roles = w.Roles
	return party
}

// admits refuses an actor who may not send the command to this aggregate.
// People are never told that a step of the machine is refused for any other reason.
func (w Who) admits(s State, a domain.Actor) error {
	party := w.In(s)
	if !party.HoldsRole(a) {
		return domain.Refuse("wrong-role", "", "zh", rolesText(w.Roles).ZH, "en", rolesText(w.Roles).EN)
	}
	if party.Place != "" && party.Place != a.Place {
		return domain.Refuse("wrong-place", "", "zh", Seats[w.Seat].ZH, "en", Seats[w.Seat].EN, "place", party.Place)
	}
	if len(party.Organizations) > 0 && !slices.Contains(party.Organizations, a.Organization) {
		return domain.Refuse("wrong-organization", "", "zh", Seats[w.Seat].ZH, "en", Seats[w.Seat].EN)
	}
	if len(party.People) > 0 && !slices.Contains(party.People, a.ID) {
		return domain.Refuse("wrong-person", "", "zh", Seats[w.Seat].ZH, "en", Seats[w.Seat].EN)
	}
	return nil
}

func rolesText(roles []domain.Role) (t domain.Text) {
	for i, r := range roles {
		if i > 0 {
			t.ZH += "、"
			t.EN += " or "
		}
		t.ZH += domain.Roles[r].ZH
		t.EN += domain.Roles[r].EN
	}
	return t
}
