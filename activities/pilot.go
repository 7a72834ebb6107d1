package activities

import (
	"context"
	"fmt"

	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Pilots holds the activities of a pilot (试点).
type Pilots struct{ Record Record }

// CheckEligibility reads what the directory knows about the pilot's organizations and its evaluator, and sends it to the record (资格审查).
func (a *Pilots) CheckEligibility(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*pilot.Pilot](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	codes := []string{p.Evaluator.CreditCode}
	for _, q := range p.Proposals {
		codes = append(codes, q.Organization.CreditCode)
	}
	facts, err := a.Record.OrganizationFacts(ctx, codes)
	if err != nil {
		return Answer{}, err
	}
	return send(ctx, a.Record, t.Ref, t.command("record-checks", &pilot.RecordChecks{Facts: facts}))
}

// PublishNotice opens the public notice (公示) on the record. The public page then shows the proposals whose notice is
// running.
func (a *Pilots) PublishNotice(ctx context.Context, t Task) (Answer, error) {
	return send(ctx, a.Record, t.Ref, t.command("open-notice", &pilot.OpenNotice{Round: t.Duty.Subject}))
}

// StartProject opens the project of an approved proposal (立项).
func (a *Pilots) StartProject(ctx context.Context, t Task) (Answer, error) {
	p, err := load[*pilot.Pilot](ctx, a.Record, t.Ref)
	if err != nil {
		return Answer{}, err
	}
	opening, err := p.ProjectOpening(t.Duty.Subject)
	if err != nil {
		return overtaken(ctx, a.Record, t, err)
	}
	project := flow.Ref{Kind: project.Kind, ID: t.Duty.Subject}
	return send(ctx, a.Record, t.Ref, command(t.id("open"), project, "open", opening), t.discharge())
}

// Seal seals the pilot's dossier (归档) with a hash of all its hash chains.
func (a *Pilots) Seal(ctx context.Context, t Task) (Answer, error) {
	dossier, err := a.Record.Dossier(ctx, t.Ref.ID)
	if err != nil {
		return Answer{}, fault(err)
	}
	return send(ctx, a.Record, t.Ref, t.command("archive", &pilot.Archive{Dossier: dossier}))
}

// load reads an aggregate and returns its state as the type that the activity expects.
func load[S flow.State](ctx context.Context, record Record, ref flow.Ref) (S, error) {
	var none S
	state, err := record.Load(ctx, ref)
	if err != nil {
		return none, fault(err)
	}
	s, ok := state.(S)
	if !ok {
		return none, fmt.Errorf("%s is a %T", ref, state)
	}
	return s, nil
}

// overtaken returns the response for a duty that the aggregate no longer owes because it has been fulfilled elsewhere.
// If the duty is still owed, overtaken returns err.
func overtaken(ctx context.Context, record Record, t Task, err error) (Answer, error) {
	news, readErr := record.News(ctx, t.Ref)
	if readErr != nil {
		return Answer{}, fault(readErr)
	}
	if news.Owes(t.Duty) {
		return Answer{}, err
	}
	return Answer{News: news, Refused: "no-such-duty"}, nil
}
