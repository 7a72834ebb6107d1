package api

import (
	"context"
	"errors"
	"time"

	"terrace/domain"
)

// patience is the time limit for the database or Temporal to respond to a health check.
const patience = 2 * time.Second

// Health is the state of the service as reported by a health check.
type Health struct {
	Status          string `json:"status" enum:"ok,degraded" doc:"degraded: Temporal is away, so nothing moves by itself until it is back; or lists of turns lag behind"`
	Database        string `json:"database,omitempty" enum:"there"`
	Temporal        string `json:"temporal,omitempty" enum:"there,away"`
	Turns           string `json:"turns,omitempty" enum:"current,behind" doc:"behind: some turns have not been written for a minute. Either no worker is running, or its log gives the reason"`
	AcceptsCommands bool   `json:"accepts_commands"`
}

type healthOutput struct{ Body Health }

// live responds as long as the process is running. It checks nothing else.
func (s *server) live(context.Context, *struct{}) (*healthOutput, error) {
	return &healthOutput{Health{Status: "ok", AcceptsCommands: true}}, nil
}

// ready reports whether the service can accept commands, which requires only the database.
//
// Errors: database-away.
func (s *server) ready(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	owed, err := s.Store.TurnsOwed(ctx)
	if err = errors.Join(s.Store.Ping(ctx), err); err != nil {
		logger(ctx).WarnContext(ctx, "database does not answer", "request", requestID(ctx), "error", err)
		return nil, domain.Refuse("database-away", "")
	}
	health := Health{Status: "ok", Database: "there", Temporal: "there", Turns: "current", AcceptsCommands: true}
	if s.Runs == nil || s.Runs.Healthy(ctx) != nil {
		health.Status, health.Temporal = "degraded", "away"
	}
	if owed {
		health.Status, health.Turns = "degraded", "behind"
	}
	return &healthOutput{health}, nil
}

// Me describes the person to whom the token belongs.
type Me struct {
	domain.Actor
	RoleNames map[domain.Role]domain.Text `json:"role_names" doc:"names of the roles"`
	PlaceName domain.Text                 `json:"place_name,omitzero" doc:"missing if there is no place or it is not registered"`
}

type meOutput struct{ Body Me }

// me returns the signed-in person.
func (s *server) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	actor := actorOf(ctx)
	actor.Roles = append([]domain.Role{}, actor.Roles...)
	places, err := s.Store.Places(ctx)
	if err != nil {
		return nil, err
	}
	return &meOutput{Me{actor, namesOf(actor.Roles, roleName), placeName(places, actor.Place)}}, nil
}
