package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"terrace/desk"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/postgres"
)

// Paging holds the request parameters for one page of a list.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"items a page. 每页条数"`
	Cursor string `query:"cursor" maxLength:"600" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"a cursor as next gives it" doc:"cursor given as next on the previous page. 上一页返回的 next"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"cursor of the next page; missing on the last"`
}

type pageOutput[T any] struct{ Body Page[T] }

// List is a complete list, without paging.
type List[T any] struct {
	Items []T `json:"items"`
}

type listOutput[T any] struct{ Body List[T] }

// Narrowing holds the request parameters for a filtered page of the records of one kind, newest first.
type Narrowing struct {
	Paging
	Stage     string `query:"stage" maxLength:"40" doc:"only in this stage, as /v1/lifecycle names it" example:"rollout"`
	Programme string `query:"programme" maxLength:"60" doc:"only of this programme" example:"zhuanglang-2017"`
	Place     string `query:"place" pattern:"^[0-9]{6}([0-9]{3}){0,2}$" patternDescription:"6, 9 or 12 digits" doc:"only of offices at or below this place, or of villages in it" example:"620825"`
}

func (n Narrowing) filter() postgres.Filter {
	return postgres.Filter{Limit: n.Limit, Cursor: n.Cursor, Stage: flow.Stage(n.Stage), Programme: n.Programme, Place: n.Place}
}

// OfPilot filters a list by pilot.
type OfPilot struct {
	Pilot string `query:"pilot" format:"uuid" maxLength:"36" doc:"only of this pilot" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
}

// OfOrganization filters a list by organization.
type OfOrganization struct {
	Organization string `query:"organization" pattern:"^[0-9A-HJ-NP-RT-UW-Y]{18}$" patternDescription:"a unified social credit code" doc:"only of this organization: with a proposal or project of its own, paid to it, owed by it" example:"51620825MJDEM0030N"`
}

// Entry holds the fields that list items of every kind share.
type Entry struct {
	ID        string        `json:"id"`
	Version   int           `json:"version"`
	Stage     flow.Stage    `json:"stage"`
	StageName domain.Text   `json:"stage_name"`
	Ended     bool          `json:"ended"`
	Due       calendar.Date `json:"due,omitzero" doc:"the earliest open due day"`
	Href      string        `json:"href" format:"uri-reference"`
}

func entry(kind flow.Kind, id string, version int, stage flow.Stage, ended bool, due *time.Time) Entry {
	return Entry{id, version, stage, catalogue.All.StageName(stage), ended, postgres.DateOf(due), addressOf(kind, id)}
}

// Coded identifies a place by code and name.
type Coded struct {
	Code string      `json:"code"`
	Name domain.Text `json:"name"`
}

// NamedOrganization identifies an organization by credit code and name.
type NamedOrganization struct {
	CreditCode string      `json:"credit_code" doc:"unified social credit code (统一社会信用代码)"`
	Name       domain.Text `json:"name"`
}

// listed returns a handler that lists those records of one kind that the caller may see.
//
// Errors: bad-cursor, too-short, bad-format, not-allowed, unknown-place.
func listed[In interface{ filter() postgres.Filter }, R, I any](s *server, l postgres.Listed[R], item func(R) I) func(context.Context, *In) (*pageOutput[I], error) {
	return func(ctx context.Context, in *In) (*pageOutput[I], error) {
		return list(ctx, s, l, (*in).filter(), item)
	}
}

// listedWithPlaces is like listed, but is for records that show the name of a place.
func listedWithPlaces[In interface{ filter() postgres.Filter }, R, I any](s *server, l postgres.Listed[R], item func(R, *place.Table) I) func(context.Context, *In) (*pageOutput[I], error) {
	return func(ctx context.Context, in *In) (*pageOutput[I], error) {
		places, err := s.Store.Places(ctx)
		if err != nil {
			return nil, err
		}
		return list(ctx, s, l, (*in).filter(), func(r R) I { return item(r, places) })
	}
}

func list[R, I any](ctx context.Context, s *server, l postgres.Listed[R], f postgres.Filter, item func(R) I) (*pageOutput[I], error) {
	if err := searchable(f.Search); err != nil {
		return nil, err
	}
	if err := s.offered(ctx, l.Kind(), f); err != nil {
		return nil, err
	}
	page, err := desk.Page(ctx, s.desk(ctx), l, f)
	return pageOf(page, err, item)
}

// offered rejects a filter by an unknown stage, programme or place, because an empty list could be mistaken for a valid
// result.
//
// Errors: not-allowed, unknown-place.
func (s *server) offered(ctx context.Context, kind flow.Kind, f postgres.Filter) error {
	if f.Stage != "" {
		a, err := catalogue.All.Of(kind)
		if err != nil {
			return err
		}
		names := map[string]domain.Text{}
		for _, stage := range a.Stages {
			names[string(stage.Stage)] = stage.Name
		}
		if err := oneOf("query.stage", string(f.Stage), names); err != nil {
			return err
		}
	}
	if f.Programme != "" {
		names := map[string]domain.Text{}
		for _, p := range s.Programmes {
			names[p.ID] = p.Name
		}
		if err := oneOf("query.programme", f.Programme, names); err != nil {
			return err
		}
	}
	return s.placed(ctx, f.Place)
}

// oneOf returns an error that lists the valid values if the value is not a key of names.
func oneOf(field, value string, names map[string]domain.Text) error {
	if _, known := names[value]; known {
		return nil
	}
	values := slices.Sorted(maps.Keys(names))
	return domain.Refuse("not-allowed", field, choice(values, names)...)
}

// placed rejects a filter by a place that is not registered.
//
// Errors: unknown-place.
func (s *server) placed(ctx context.Context, code string) error {
	if code == "" {
		return nil
	}
	places, err := s.Store.Places(ctx)
	if err != nil {
		return err
	}
	if _, known := places.Get(place.Code(code)); !known {
		return domain.Refuse("unknown-place", "query.place", "place", code)
	}
	return nil
}

func pageOf[Row, Item any](page postgres.Page[Row], err error, item func(Row) Item) (*pageOutput[Item], error) {
	if err != nil {
		return nil, onQuery(err)
	}
	out := &pageOutput[Item]{Page[Item]{Items: make([]Item, len(page.Rows)), Next: page.Next}}
	for i, row := range page.Rows {
		out.Body.Items[i] = item(row)
	}
	return out, nil
}

// onQuery adds the name of the query parameter to the refusal of an invalid cursor.
func onQuery(err error) error {
	if refused, ok := domain.Refused(err); ok && refused.Code == "bad-cursor" {
		return domain.Refuse(refused.Code, "query.cursor")
	}
	return err
}
