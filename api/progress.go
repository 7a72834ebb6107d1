package api

import (
	"slices"

	"terrace/desk"
	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/place"
)

// Progress says who has to act, on what and by when, with the names of the codes in it.
type Progress struct {
	flow.Progress
	StageName domain.Text `json:"stage_name"`
	PlaceName domain.Text `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	Turns     []TurnView  `json:"turns"`
}

// TurnView is an open wait, as shown with the record that it belongs to.
type TurnView struct {
	flow.TurnView
	Who           []Party                `json:"who" doc:"who may act; empty if Terrace or the calendar ends the wait"`
	CommandTitles map[string]domain.Text `json:"command_titles" doc:"the commands in words"`
	Unstaffed     domain.Text            `json:"unstaffed,omitzero" doc:"present if nobody is registered who could act, with what to do about it"`
	EndedBy       domain.Text            `json:"ended_by,omitzero" doc:"who ends the wait, where nobody needs to act: Terrace itself (系统)"`
}

// Party specifies who may act.
type Party struct {
	domain.Party
	RoleNames   map[domain.Role]domain.Text `json:"role_names" doc:"names of the roles"`
	PeopleNames map[string]domain.Text      `json:"people_names,omitempty" doc:"of people and done, by id"`
	PlaceName   domain.Text                 `json:"place_name,omitzero" doc:"of the office or the village; missing if the place is not registered"`
}

// nobody says that a turn waits for people of whom none is registered.
var nobody = text("尚未登记可以办理此事项的人员，请联系管理员登记", "nobody who could act on this is registered; ask the administrator to register somebody")

// progressOf returns the progress on a sheet.
func progressOf(sheet desk.Sheet) Progress {
	shown := progress(sheet.Progress, sheet.Places, sheet.People)
	for i, vacant := range sheet.Vacant {
		if vacant {
			shown.Turns[i].Unstaffed = nobody
		}
	}
	return shown
}

func progress(p flow.Progress, places *place.Table, people map[string]domain.Text) Progress {
	shown := Progress{
		Progress: p, StageName: catalogue.All.StageName(p.Stage), PlaceName: placeName(places, p.Place), Turns: make([]TurnView, len(p.Turns)),
	}
	for i, t := range p.Turns {
		shown.Turns[i] = turnView(p.Aggregate.Kind, t, places, people)
	}
	return shown
}

func turnView(kind flow.Kind, t flow.TurnView, places *place.Table, people map[string]domain.Text) TurnView {
	shown := TurnView{
		TurnView: t, Who: make([]Party, len(t.Who)),
		CommandTitles: namesOf(t.Commands, func(name string) domain.Text { return commandTitle(kind, name) }),
	}
	if a, err := catalogue.All.Of(kind); err == nil && a.Wait(t.Key).ByItself() {
		shown.EndedBy = roleName(domain.System)
	}
	for i, p := range t.Who {
		shown.Who[i] = Party{p, namesOf(p.Roles, roleName), namesOf(slices.Concat(p.People, p.Done), personName(people)), placeName(places, p.Place)}
	}
	return shown
}
