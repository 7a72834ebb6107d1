package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/place"
)

// Expert is a person who may be appointed to a review panel (评审专家).
type Expert struct {
	ID           string      `json:"id" doc:"what appoint-panel takes" example:"expert-1"`
	Name         domain.Text `json:"name"`
	Place        *Coded      `json:"place,omitempty" doc:"of their office; missing for an expert of none"`
	Organization string      `json:"organization,omitempty" doc:"credit code of the organization they speak for: they cannot judge where it applies"`
}

// experts lists the registered experts.
//
// Errors: bad-cursor.
func (s *server) experts(ctx context.Context, in *struct{ Paging }) (*pageOutput[Expert], error) {
	places, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	page, err := s.Store.Experts(ctx, in.Cursor, in.Limit)
	return pageOf(page, err, func(a domain.Actor) Expert {
		e := Expert{ID: a.ID, Name: a.Name, Organization: a.Organization}
		if _, known := places.Get(place.Code(a.Place)); known {
			e.Place = &Coded{a.Place, placeName(places, a.Place)}
		}
		return e
	})
}
