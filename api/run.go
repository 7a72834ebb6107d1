package api

import (
	"context"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// Runs is the information that the API needs from Temporal.
type Runs interface {
	// Describe returns the state of the workflow of each aggregate, in the order of refs.
	Describe(ctx context.Context, refs []flow.Ref) ([]Run, error)
	// Healthy returns an error if Temporal does not respond.
	Healthy(ctx context.Context) error
}

// Run is the most recent run of an aggregate's workflow.
type Run struct {
	ID      string    `json:"id" doc:"id of the workflow" example:"pilot/0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
	Type    string    `json:"type" example:"Pilot"`
	Status  string    `json:"status" example:"running" doc:"running, completed, failed, canceled, terminated, continued-as-new or timed-out; none: never started, or no longer retained"`
	RunID   string    `json:"run_id,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Closed  time.Time `json:"closed,omitzero"`
	Events  int64     `json:"events" minimum:"0" doc:"length of its history"`
	Pending []Pending `json:"pending" doc:"activities in progress"`
}

// Pending is an activity that a workflow is waiting for.
type Pending struct {
	Activity string    `json:"activity"`
	Attempt  int       `json:"attempt" minimum:"1"`
	Since    time.Time `json:"since,omitzero" doc:"when it was scheduled"`
}

// PilotRun holds the state of the workflows of a pilot and everything that belongs to it.
type PilotRun struct {
	Workflows []Run    `json:"workflows"`
	Missing   []string `json:"missing" doc:"ids of workflows that should be running but are not; terrace resume starts them"`
}

type runOutput struct{ Body PilotRun }

// run returns the state of the workflows of a pilot and everything that belongs to it.
//
// Errors: not-found, temporal-away.
func (s *server) run(ctx context.Context, in *namedInput) (*runOutput, error) {
	if _, err := s.desk(ctx).ReadAll(ctx, flow.Ref{Kind: pilot.Kind, ID: in.ID}); err != nil {
		return nil, err
	}
	parts, err := s.Store.Carried(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	runs, err := s.describe(ctx, parts)
	if err != nil {
		return nil, err
	}
	out := &runOutput{PilotRun{Workflows: runs, Missing: []string{}}}
	for i, r := range runs {
		if !parts[i].Ended && r.Status != "running" {
			out.Body.Missing = append(out.Body.Missing, r.ID)
		}
	}
	return out, nil
}

func (s *server) describe(ctx context.Context, parts []postgres.CarriedPart) ([]Run, error) {
	if s.Runs == nil || s.Runs.Healthy(ctx) != nil {
		return nil, domain.Refuse("temporal-away", "")
	}
	refs := make([]flow.Ref, len(parts))
	for i, a := range parts {
		refs[i] = a.Ref
	}
	runs, err := s.Runs.Describe(ctx, refs)
	if err != nil {
		logger(ctx).WarnContext(ctx, "workflows not described", "request", requestID(ctx), "error", err)
		return nil, domain.Refuse("temporal-away", "")
	}
	return runs, nil
}
