package lifecycle

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

// Village is one lifecycle: an approved project that has not been started. One client at a time works on it.
type Village struct {
	Project, Payment pilot.Ref

	world        *World
	start        pilot.Duty // of the pilot: to start the project
	pilot        pilot.Ref
	opening      *pilot.OpenProject
	organization domain.Actor
	project      *pilot.Project // as last seen
	payment      *pilot.Payment
}

func newVillage(w *World, p *pilot.Pilot, start pilot.Duty, opening *pilot.OpenProject) *Village {
	o := opening.Proposal.Organization
	return &Village{
		Project: pilot.Ref{Kind: pilot.ProjectKind, ID: start.Subject}, Payment: pilot.Ref{Kind: pilot.PaymentKind, ID: start.Subject + ".1.1"},
		world: w, start: start, pilot: pilot.Ref{Kind: pilot.PilotKind, ID: p.ID}, opening: opening,
		organization: domain.Actor{ID: "organization-" + o.CreditCode, Name: o.Name, Roles: []domain.Role{domain.Applicant}, Organization: o.CreditCode},
	}
}

// Decisions are how many a lifecycle has.
const Decisions = 12

// Step is one of the decisions.
type Step struct {
	Name    string // of the command
	Machine bool   // the workflow's own: no person sends it, and it has no address over HTTP
	command func(*Village) (pilot.Command, error)
}

// Steps are the decisions in their order.
var Steps = [Decisions]Step{
	{"open", true, func(v *Village) (pilot.Command, error) {
		return v.duty("open", v.pilot, v.start, v.Project, v.opening), nil
	}},
	{"sign-as-organization", false, func(v *Village) (pilot.Command, error) {
		return v.by(v.organization, "sign-as-organization", v.Project, &pilot.SignAsOrganization{
			AccountName: v.organization.Name.ZH, AccountNumber: "62220000000000001",
		}), nil
	}},
	{"sign-as-office", false, func(v *Village) (pilot.Command, error) {
		return v.office(zhuanglang.CountyApprover, "sign-as-office", v.Project, &pilot.SignAsOffice{}), nil
	}},
	{"open", true, func(v *Village) (pilot.Command, error) {
		opening, err := v.project.PaymentOpening(v.Payment.ID)
		return v.duty("open", v.Project, pilot.Duty{Key: pilot.Pay, Subject: v.Payment.ID}, v.Payment, opening), err
	}},
	{"release", false, func(v *Village) (pilot.Command, error) {
		return v.office(zhuanglang.CountyFinance, "release", v.Payment, &pilot.ReleasePayment{}), nil
	}},
	{"release", false, func(v *Village) (pilot.Command, error) {
		return v.office(secondFinance, "release", v.Payment, &pilot.ReleasePayment{}), nil
	}},
	{"record-instruction", true, func(v *Village) (pilot.Command, error) {
		c := v.duty("record-instruction", v.Payment, pilot.Duty{Key: pilot.Instruct}, v.Payment, &pilot.RecordInstruction{
			Gateway: pilot.ByHandGateway, Answer: pilot.BankAnswer{Outcome: pilot.ByHand},
		})
		c.ID += "/" + string(pilot.ByHand)
		c.IfVersion = v.payment.Version
		return c, nil
	}},
	{"confirm", false, func(v *Village) (pilot.Command, error) {
		return v.office(zhuanglang.CountyFinance, "confirm", v.Payment, &pilot.ConfirmPayment{Voucher: v.Payment.ID, Slip: file}), nil
	}},
	{"record-payment", true, func(v *Village) (pilot.Command, error) {
		return v.duty("record-payment", v.Payment, pilot.Duty{Key: pilot.ReportPayment, Subject: string(pilot.Posted)}, v.Project, v.payment.Ending()), nil
	}},
	{"submit-milestone", false, func(v *Village) (pilot.Command, error) {
		return v.by(v.organization, "submit-milestone", v.Project, &pilot.SubmitMilestone{
			Milestone: milestone, Evidence: []pilot.EvidenceFile{{Kind: "photos", SHA256: file}},
		}), nil
	}},
	{"accept-work", false, func(v *Village) (pilot.Command, error) {
		committee := domain.Actor{ID: v.committee(), Roles: []domain.Role{domain.Village}, Place: v.opening.Proposal.Village.Code}
		return v.by(committee, "accept-work", v.Project, &pilot.AcceptWork{Milestone: milestone}), nil
	}},
	{"verify-milestone", false, func(v *Village) (pilot.Command, error) {
		return v.office(zhuanglang.CountyOfficer, "verify-milestone", v.Project, &pilot.VerifyMilestone{
			Milestone: milestone, VisitedOn: calendar.Of(v.world.day), Finding: "与申报一致",
		}), nil
	}},
}

const milestone = "M1"

// Command is the nth decision, from 0. Those before it must have been noted.
func (v *Village) Command(n int) (pilot.Command, error) { return Steps[n].command(v) }

// Note keeps how an aggregate stands after a decision.
func (v *Village) Note(s pilot.State) {
	switch s := s.(type) {
	case *pilot.Project:
		v.project = s
	case *pilot.Payment:
		v.payment = s
	}
}

// Look reads from the record how the lifecycle stands, as a workflow does before it acts.
func (v *Village) Look(ctx context.Context, n int) error {
	for _, ref := range map[int][]pilot.Ref{3: {v.Project}, 6: {v.Payment}, 8: {v.Payment}}[n] {
		state, err := v.world.Store.Load(ctx, ref)
		if err != nil {
			return err
		}
		v.Note(state)
	}
	return nil
}

// Execute sends the nth decision at Execute. Nothing is recorded where the workflow itself was quicker with one of its own: the
// decision is then a repetition, or refused.
func (v *Village) Execute(ctx context.Context, n int) (recorded bool, err error) {
	c, err := v.Command(n)
	if err != nil {
		return false, err
	}
	return v.send(ctx, n, c)
}

func (v *Village) send(ctx context.Context, n int, c pilot.Command) (recorded bool, err error) {
	outcome, err := v.world.Store.Execute(ctx, c)
	if _, refused := domain.Refused(err); refused && Steps[n].Machine {
		return false, v.overtaken(ctx, c.Aggregate, err)
	}
	if err != nil {
		return false, fmt.Errorf("%s of %s: %w", c.Name, c.Aggregate, err)
	}
	v.Note(outcome.State)
	return !outcome.Repeated, nil
}

// overtaken reads how the aggregate of a refused command stands; the refusal stays one when there is no such aggregate.
func (v *Village) overtaken(ctx context.Context, ref pilot.Ref, refusal error) error {
	state, err := v.world.Store.Load(ctx, ref)
	if err != nil {
		return refusal
	}
	v.Note(state)
	return nil
}

func (v *Village) by(a domain.Actor, name string, ref pilot.Ref, payload pilot.Payload) pilot.Command {
	return pilot.Command{ID: uuid.Must(uuid.NewV7()).String(), Actor: a, Name: name, Aggregate: ref, Payload: payload}
}

func (v *Village) office(id, name string, ref pilot.Ref, payload pilot.Payload) pilot.Command {
	return v.by(v.world.people[id], name, ref, payload)
}

// duty is a command of the workflow, under the id that the workflow gives it: whoever comes second gets the first one's answer.
func (v *Village) duty(name string, owner pilot.Ref, d pilot.Duty, ref pilot.Ref, payload pilot.Payload) pilot.Command {
	c := v.by(domain.Workflow, name, ref, payload)
	c.ID = fmt.Sprintf("%s/%s/%s/%s", name, owner, d.Key, d.Subject)
	return c
}

// committee is the person of the village.
func (v *Village) committee() string {
	for _, p := range v.world.demo.Projects {
		if p.Village.Code == v.opening.Proposal.Village.Code {
			return zhuanglang.VillagePerson(p.Code)
		}
	}
	return ""
}
