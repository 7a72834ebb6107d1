package api

import (
	"context"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres"
)

type turnsInput struct {
	Paging
	Whose   string `query:"whose" enum:"mine,seats,others" default:"mine" doc:"mine: you are awaited, in a role of yours. seats: your office, organization or village committee is, in whatever role. others: all that is open in what you may read and is not your own turn, whether it waits for people (your colleagues included) or for a day. 待谁办理：mine 本人；seats 本单位、本组织或本村民委员会，不论角色；others 有权查阅的、不由本人办理的事项，等待他人（包括同事）或等待期限"`
	Kind    string `query:"kind" maxLength:"40" doc:"only of this kind of record, as an item's aggregate names it. 业务对象类别" example:"project"`
	Place   string `query:"place" pattern:"^[0-9]{6}([0-9]{3}){0,2}$" patternDescription:"6, 9 or 12 digits" doc:"only of offices at or below this place. 地区代码：该地区及其下级单位" example:"620825"`
	DueBy   string `query:"due_by" format:"date" maxLength:"10" doc:"only due on this day or before. 截止日不晚于该日" example:"2017-10-31"`
	Hard    string `query:"hard" enum:"true,false" doc:"only turns with a hard due day, or only others. 是否为硬期限（逾期不再受理）"`
	Overdue string `query:"overdue" enum:"true,false" doc:"only turns whose due day has passed, or only others. 是否已逾期"`
}

// TurnItem is an open wait in the list of turns (待办事项).
type TurnItem struct {
	Aggregate   flow.Ref       `json:"aggregate"`
	KindName    domain.Text    `json:"kind_name"`
	Label       domain.Text    `json:"label" doc:"name by which users know the record: a pilot's title, a project's village, a payee"`
	Key         flow.WaitKey   `json:"key" doc:"identifies the wait; together with subject, the input of the command “urge”"`
	Subject     string         `json:"subject,omitempty" doc:"which milestone, proposal or round"`
	Title       domain.Text    `json:"title"`
	Who         []AwaitedParty `json:"who" doc:"who has to act; empty if Terrace or the calendar ends the wait, or nobody holds the seat yet"`
	Unstaffed   domain.Text    `json:"unstaffed,omitzero" doc:"present if nobody is registered who could act, with what to do about it"`
	Due         calendar.Date  `json:"due,omitzero" doc:"last day, Asia/Shanghai; missing where there is none"`
	Hard        bool           `json:"hard" doc:"refused after the due day"`
	Provisional bool           `json:"provisional,omitempty" doc:"calculated before the year's holiday notice was published"`
	Overdue     bool           `json:"overdue" doc:"the due day has passed"`
	Consequence domain.Text    `json:"consequence" doc:"what happens when the due day passes"`
	Urged       int            `json:"urged,omitempty" doc:"how often those who have to act were urged (催办)"`
	Place       string         `json:"place" doc:"of the office that keeps the record"`
	PlaceName   domain.Text    `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	Programme   string         `json:"programme"`
	Pilot       string         `json:"pilot,omitempty" format:"uri-reference" doc:"address of the pilot it belongs to"`
	Href        string         `json:"href" format:"uri-reference" doc:"address of the record, which lists what you can do"`
	Urge        string         `json:"urge,omitempty" format:"uri-reference" doc:"POST here to urge; missing if there is nobody else to urge, and for auditors and the public"`
}

// AwaitedParty identifies who has to act on a turn: a role, and the office, village committee or organization in which
// it is held. It names no individuals.
type AwaitedParty struct {
	Role         domain.Role `json:"role"`
	RoleName     domain.Text `json:"role_name"`
	Place        string      `json:"place,omitempty" doc:"of the office or the village committee"`
	PlaceName    domain.Text `json:"place_name,omitzero" doc:"missing if there is no place or it is not registered"`
	Organization string      `json:"organization,omitempty" doc:"credit code"`
}

// turns lists open waits and whose turn it is.
//
// Errors: bad-cursor, not-allowed, unknown-place.
func (s *server) turns(ctx context.Context, in *turnsInput) (*pageOutput[TurnItem], error) {
	f := postgres.TurnFilter{Whose: flow.Whose(in.Whose), Kind: flow.Kind(in.Kind), Place: in.Place, Hard: flag(in.Hard), Overdue: flag(in.Overdue), Cursor: in.Cursor, Limit: in.Limit}
	if in.DueBy != "" {
		day, err := calendar.Parse(in.DueBy)
		if err != nil {
			return nil, wanting("bad-format", "query.due_by", "date")
		}
		f.DueBy = day
	}
	if in.Kind != "" {
		names := map[string]domain.Text{}
		for _, a := range catalogue.All.Aggregates() {
			names[string(a.Kind)] = a.Title
		}
		if err := oneOf("query.kind", in.Kind, names); err != nil {
			return nil, err
		}
	}
	if err := s.placed(ctx, in.Place); err != nil {
		return nil, err
	}
	places, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	staff, err := s.Store.Staff(ctx)
	if err != nil {
		return nil, err
	}
	page, err := s.desk(ctx).Turns(ctx, f)
	actor := actorOf(ctx)
	return pageOf(page, err, func(r postgres.TurnRow) TurnItem {
		item := turnItem(r, actor, places)
		if staff.Vacant(r.Seats) {
			item.Unstaffed = nobody
		}
		if mayUrge(actor, r) {
			item.Urge = item.Href + "/" + flow.UrgeCommand
		}
		return item
	})
}

// mayUrge reports whether the actor may urge those for whom a turn waits. It ignores whether they have already been
// urged today.
func mayUrge(a domain.Actor, r postgres.TurnRow) bool {
	urge, err := catalogue.All.Find(r.Aggregate.Kind, flow.UrgeCommand)
	if err != nil || !(domain.Party{Roles: urge.Who.Roles}).HoldsRole(a) {
		return false
	}
	return flow.Urgeable(r.Seats, a)
}

func flag(value string) *bool {
	if value == "" {
		return nil
	}
	set := value == "true"
	return &set
}

// turnItem describes a turn to the actor, under the title of their own part in it.
func turnItem(r postgres.TurnRow, actor domain.Actor, places *place.Table) TurnItem {
	item := TurnItem{
		Aggregate: r.Aggregate, Label: r.Label, Key: r.Wait, Subject: r.Subject, Who: []AwaitedParty{}, Due: r.Due, Hard: r.Hard, Provisional: r.Provisional,
		Overdue: r.Overdue, Urged: r.Urged, Place: r.Place, PlaceName: placeName(places, r.Place), Programme: r.Programme, Href: addressOf(r.Aggregate.Kind, r.Aggregate.ID),
	}
	if r.Pilot != "" {
		item.Pilot = addressOf(pilot.Kind, r.Pilot)
	}
	if a, err := catalogue.All.Of(r.Aggregate.Kind); err == nil { // a kind of a newer version has no texts here
		w := a.Wait(r.Wait)
		item.KindName, item.Title, item.Consequence = a.Title, w.TitleFor(rolesFor(r.Seats, actor)), w.Consequence
	}
	for _, seat := range r.Seats {
		if seat.Role == "" { // the person in this seat has already acted
			continue
		}
		p := AwaitedParty{Role: seat.Role, RoleName: domain.Roles[seat.Role]}
		switch kind, value, _ := strings.Cut(seat.Seat, "/"); kind {
		case "office", "village":
			p.Place, p.PlaceName = value, placeName(places, value)
		case "organization":
			p.Organization = value
		}
		if !slices.Contains(item.Who, p) {
			item.Who = append(item.Who, p)
		}
	}
	return item
}

// rolesFor returns the roles in which the actor has to act on a turn or, if it is not the actor's turn, the roles of
// those who have to act.
func rolesFor(seats []flow.Seated, actor domain.Actor) (roles []domain.Role) {
	if roles = flow.RolesAwaited(seats, actor); len(roles) > 0 {
		return roles
	}
	for _, s := range seats {
		if s.Role != "" {
			roles = append(roles, s.Role)
		}
	}
	return roles
}
