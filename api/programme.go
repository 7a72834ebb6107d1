package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/programme"
)

// ProgrammeItem is one version of a programme's rules in a list.
type ProgrammeItem struct {
	ID        string        `json:"id" example:"zhuanglang-2017"`
	Version   int           `json:"version" minimum:"1"`
	Name      domain.Text   `json:"name"`
	Effective calendar.Date `json:"effective" doc:"applies to pilots drafted on or after this day"`
	Href      string        `json:"href" format:"uri-reference"`
}

// programmes lists all versions of every programme (资助计划).
func (s *server) programmes(context.Context, *struct{}) (*listOutput[ProgrammeItem], error) {
	out := &listOutput[ProgrammeItem]{}
	out.Body.Items = []ProgrammeItem{}
	for _, p := range s.Programmes {
		out.Body.Items = append(out.Body.Items, ProgrammeItem{
			ID: p.ID, Version: p.Version, Name: p.Name, Effective: p.Effective,
			Href: "/v1/programmes/" + p.ID + "?version=" + itoa(p.Version),
		})
	}
	return out, nil
}

type programmeInput struct {
	ID      string `path:"id" maxLength:"60" pattern:"^[a-z0-9-]+$" patternDescription:"small letters, digits and dashes" example:"zhuanglang-2017"`
	Version int    `query:"version" minimum:"1" maximum:"10000" doc:"which version (default the newest)" example:"1"`
}

type programmeOutput struct{ Body *programme.Programme }

// programme returns the rules of a programme, each with its source.
//
// Errors: not-found.
func (s *server) programme(_ context.Context, in *programmeInput) (*programmeOutput, error) {
	var found *programme.Programme
	for _, p := range s.Programmes {
		if p.ID == in.ID && (p.Version == in.Version || in.Version == 0 && (found == nil || p.Version > found.Version)) {
			found = p
		}
	}
	if found == nil {
		return nil, domain.Refuse("not-found", "", "kind", "programme", "id", in.ID)
	}
	return &programmeOutput{found}, nil
}
