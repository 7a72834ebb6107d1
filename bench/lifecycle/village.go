package lifecycle

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Village is one lifecycle: an approved project that has not been started yet. Only one client may use it at a time.
type Village struct {
	Project, Payment flow.Ref

	world        *World
	start        flow.Duty // the pilot's duty to start the project
	pilot        flow.Ref
	opening      *project.OpenProject
	organization domain.Actor
	project      *project.Project // as last noted
	payment      *payment.Payment
}

func newVillage(w *World, p *pilot.Pilot, start flow.Duty, opening *project.OpenProject) *Village {
	o := opening.Proposal.Organization
	return &Village{
		Project: flow.Ref{Kind: project.Kind, ID: start.Subject}, Payment: flow.Ref{Kind: payment.Kind, ID: start.Subject + ".1.1"},
		world: w, start: start, pilot: flow.Ref{Kind: pilot.Kind, ID: p.ID}, opening: opening,
		organization: domain.Actor{ID: "organization-" + o.CreditCode, Name: o.Name, Roles: []domain.Role{domain.Applicant}, Organization: o.CreditCode},
	}
}

// Decisions is the number of decisions in a lifecycle.
const Decisions = 12

// Step is one of the decisions.
type Step struct {
	Name    string // name of the command
	Machine bool   // made by the workflow, so no person sends it and it has no URL
	command func(*Village) (flow.Command, error)
}

// Steps lists the decisions in order.
var Steps = [Decisions]Step{
	{"open", true, func(v *Village) (flow.Command, error) {
		return v.duty("open", v.pilot, v.start, v.Project, v.opening), nil
	}},
	{"sign-as-organization", false, func(v *Village) (flow.Command, error) {
		return v.by(v.organization, "sign-as-organization", v.Project, &project.SignAsOrganization{
			AccountName: v.organization.Name.ZH, AccountNumber: "62220000000000001",
		}), nil
	}},
	{"sign-as-office", false, func(v *Village) (flow.Command, error) {
		return v.office(zhuanglang.CountyApprover, "sign-as-office", v.Project, &project.SignAsOffice{}), nil
	}},
	{"open", true, func(v *Village) (flow.Command, error) {
		opening, err := v.project.PaymentOpening(v.Payment.ID)
		return v.duty("open", v.Project, flow.Duty{Key: payment.Pay, Subject: v.Payment.ID}, v.Payment, opening), err
	}},
	{"release", false, func(v *Village) (flow.Command, error) {
		return v.office(zhuanglang.CountyFinance, "release", v.Payment, &payment.ReleasePayment{}), nil
	}},
	{"release", false, func(v *Village) (flow.Command, error) {
		return v.office(secondFinance, "release", v.Payment, &payment.ReleasePayment{}), nil
	}},
	{"record-instruction", true, func(v *Village) (flow.Command, error) {
		c := v.duty("record-instruction", v.Payment, flow.Duty{Key: payment.Instruct}, v.Payment, &payment.RecordInstruction{
			Gateway: payment.ByHandGateway, Answer: payment.BankAnswer{Outcome: payment.ByHand},
		})
		c.ID += "/" + string(payment.ByHand)
		c.IfVersion = v.payment.Version
		return c, nil
	}},
	{"confirm", false, func(v *Village) (flow.Command, error) {
		return v.office(zhuanglang.CountyFinance, "confirm", v.Payment, &payment.ConfirmPayment{Voucher: v.Payment.ID, Slip: file}), nil
	}},
	{"record-payment", true, func(v *Village) (flow.Command, error) {
		return v.duty("record-payment", v.Payment, flow.Duty{Key: payment.ReportPayment, Subject: string(payment.Posted)}, v.Project, catalogue.PaymentReport(v.payment)), nil
	}},
	{"submit-milestone", false, func(v *Village) (flow.Command, error) {
		return v.by(v.organization, "submit-milestone", v.Project, &project.SubmitMilestone{
			Milestone: milestone, Evidence: []project.EvidenceFile{{Kind: "photos", SHA256: file}},
		}), nil
	}},
	{"accept-work", false, func(v *Village) (flow.Command, error) {
		committee := domain.Actor{ID: v.committee(), Roles: []domain.Role{domain.Village}, Place: v.opening.Proposal.Village.Code}
		return v.by(committee, "accept-work", v.Project, &project.AcceptWork{Milestone: milestone}), nil
	}},
	{"verify-milestone", false, func(v *Village) (flow.Command, error) {
		return v.office(zhuanglang.CountyOfficer, "verify-milestone", v.Project, &project.VerifyMilestone{
			Milestone: milestone, VisitedOn: calendar.Of(v.world.day), Finding: "与申报一致",
		}), nil
	}},
}

const milestone = "M1"

// Command returns the nth decision, counted from 0. All earlier decisions must have been noted.
func (v *Village) Command(n int) (flow.Command, error) { return Steps[n].command(v) }

// Note stores an aggregate's state after a decision.
func (v *Village) Note(s flow.State) {
	switch s := s.(type) {
	case *project.Project:
		v.project = s
	case *payment.Payment:
		v.payment = s
	}
}

// Look reads the lifecycle's state from the record, as a workflow does before it acts.
func (v *Village) Look(ctx context.Context, n int) error {
	for _, ref := range map[int][]flow.Ref{3: {v.Project}, 6: {v.Payment}, 8: {v.Payment}}[n] {
		state, err := v.world.Store.Load(ctx, ref)
		if err != nil {
			return err
		}
		v.Note(state)
	}
	return nil
}

// Execute sends the nth decision at Execute. If the workflow has already made it, the command is a repetition or is
// rejected, and nothing is recorded.
func (v *Village) Execute(ctx context.Context, n int) (recorded bool, err error) {
	c, err := v.Command(n)
	if err != nil {
		return false, err
	}
	return v.send(ctx, n, c)
}

func (v *Village) send(ctx context.Context, n int, c flow.Command) (recorded bool, err error) {
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

// overtaken reads the state of the rejected command's aggregate. It returns the rejection if there is no such
// aggregate.
func (v *Village) overtaken(ctx context.Context, ref flow.Ref, refusal error) error {
	state, err := v.world.Store.Load(ctx, ref)
	if err != nil {
		return refusal
	}
	v.Note(state)
	return nil
}

func (v *Village) by(a domain.Actor, name string, ref flow.Ref, payload flow.Payload) flow.Command {
	return flow.Command{ID: uuid.Must(uuid.NewV7()).String(), Actor: a, Name: name, Aggregate: ref, Payload: payload}
}

func (v *Village) office(id, name string, ref flow.Ref, payload flow.Payload) flow.Command {
	return v.by(v.world.people[id], name, ref, payload)
}

// duty returns a workflow's command under the id that the workflow gives it, so that whoever sends it second gets the
// first sender's receipt.
func (v *Village) duty(name string, owner flow.Ref, d flow.Duty, ref flow.Ref, payload flow.Payload) flow.Command {
	c := v.by(domain.Workflow, name, ref, payload)
	c.ID = fmt.Sprintf("%s/%s/%s/%s", name, owner, d.Key, d.Subject)
	return c
}

// committee returns the person who acts for the village.
func (v *Village) committee() string {
	for _, p := range v.world.demo.Projects {
		if p.Village.Code == v.opening.Proposal.Village.Code {
			return zhuanglang.VillagePerson(p.Code)
		}
	}
	return ""
}
