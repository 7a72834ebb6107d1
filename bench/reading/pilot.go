package reading

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/postgres"
)

// Each of these placeholders stands for something that differs in every copy of a pilot. Nothing else in the model
// differs.
const (
	modelCounty = "990101"
	modelTitle  = "«试点»"
)

func modelOf(what string, n int) string { return fmt.Sprintf("«%s%d»", what, n) }

func modelVillage(n int) string            { return fmt.Sprintf("%s7%05d", modelCounty, n) }
func (m *model) organization(n int) string { return creditCode("51"+modelCounty, 7000+100*m.version+n) }
func modelEvaluator() string               { return creditCode("52"+modelCounty, 7999) }
func modelCode(n int) string               { return fmt.Sprintf("MODEL-PROPOSAL-%d-X", n) }

// file is the only stored file, named as every slip.
var file = strings.Repeat("ab", 32)

// sent is an accepted command, from which its receipt is derived.
type sent struct {
	name      string
	kind, id  string // the id is empty for a creation
	canonical string
}

// model is a pilot that the product itself decided, step by step.
type model struct {
	start
	id       string
	commands map[string]sent // by actor and command id
	store    *postgres.Store
	pool     *pgxpool.Pool
}

// officer returns a person in the county's office.
func officer(countyCode, role string) domain.Actor {
	roles := map[string]domain.Role{"officer": domain.CaseOfficer, "approver": domain.Approver, "finance": domain.Finance, "finance-2": domain.Finance}
	return domain.Actor{ID: role + "-" + countyCode, Name: domain.Text{ZH: countyCode + role, EN: role + " " + countyCode}, Roles: []domain.Role{roles[role]}, Place: countyCode}
}

func applicant(code string) domain.Actor {
	return domain.Actor{ID: "organization-" + code, Name: domain.Text{ZH: code, EN: code}, Roles: []domain.Role{domain.Applicant}, Organization: code}
}

func expert() domain.Actor {
	return domain.Actor{ID: "expert-" + modelCounty, Name: domain.Text{ZH: "专家", EN: "expert"}, Roles: []domain.Role{domain.Expert}}
}

// modelPlaces returns the places in which the models are decided.
func modelPlaces() []place.Place {
	all := []place.Place{
		{Code: "990000", Vintage: 2020, Level: place.Province, ZH: "样省", EN: "Model"},
		{Code: "990100", Vintage: 2020, Parent: "990000", Level: place.City, ZH: "样市", EN: "Model"},
		{Code: modelCounty, Vintage: 2020, Parent: "990100", Level: place.County, ZH: "样县", EN: "Model"},
	}
	for n := range proposals {
		all = append(all, place.Place{Code: place.Code(modelVillage(n)), Vintage: 2020, Parent: modelCounty, Level: place.Village, ZH: "样村", EN: "Model"})
	}
	return all
}

func (m *model) setClock(ctx context.Context, at time.Time) error {
	_, err := m.pool.Exec(ctx, "insert into clock (instant, day_ms) values ($1, 100) on conflict (one) do update set instant = excluded.instant", at)
	return err
}

func (m *model) do(ctx context.Context, a domain.Actor, id, name string, ref flow.Ref, payload flow.Payload) (postgres.Outcome, error) {
	if id == "" {
		id = uuid.Must(uuid.NewV7()).String()
	}
	canonical, err := flow.Canonical(payload)
	if err != nil {
		return postgres.Outcome{}, err
	}
	outcome, err := m.store.Execute(ctx, flow.Command{ID: id, Actor: a, Name: name, Aggregate: ref, Payload: payload})
	if err != nil {
		return outcome, fmt.Errorf("%s of %s by %s: %w", name, ref, a.ID, err)
	}
	c := sent{name, string(ref.Kind), ref.ID, string(canonical)}
	declared, err := catalogue.All.Find(ref.Kind, name)
	if err != nil {
		return outcome, err
	}
	if declared.Creates {
		c.id = ""
	}
	m.commands[a.ID+"\t"+id] = c
	return outcome, nil
}

// live plays the pilot: up to its notice, or on through the approval to projects in every early stage.
func (m *model) live(ctx context.Context) error {
	ref := flow.Ref{Kind: pilot.Kind, ID: m.id}
	if err := m.apply(ctx, ref); err != nil || m.notice {
		return err
	}
	state, err := m.store.Load(ctx, ref)
	if err != nil {
		return err
	}
	for next := flow.ProgressOf(state).Next; flow.RecordOf(state).Stage == pilot.Notice; next = flow.ProgressOf(state).Next {
		if err := m.setClock(ctx, next.At); err != nil {
			return err
		}
		outcome, err := m.do(ctx, domain.Workflow, "keep-time/"+m.id+"/"+next.At.Format(time.DateOnly), flow.KeepTimeCommand, ref, next.Keep())
		if err != nil {
			return err
		}
		state = outcome.State
		if err := m.setClock(ctx, workday(calendar.Of(next.At)).At(10, 0)); err != nil {
			return err
		}
	}
	outcome, err := m.do(ctx, officer(modelCounty, "approver"), "", "approve", ref, &pilot.Approve{Number: m.id})
	if err != nil {
		return err
	}
	return m.rollOut(ctx, ref, outcome.State.(*pilot.Pilot))
}

func (m *model) apply(ctx context.Context, ref flow.Ref) error {
	if err := m.setClock(ctx, m.call.At(9, 0)); err != nil {
		return err
	}
	a := m.application()
	office := officer(modelCounty, "officer")
	steps := []struct {
		actor   domain.Actor
		name    string
		payload flow.Payload
	}{
		{office, "draft", &pilot.Draft{Programme: m.programme(), Application: a}},
		{office, "submit", &pilot.Submit{}},
		{domain.Workflow, "record-checks", &pilot.RecordChecks{Facts: facts(a)}},
		{office, "accept", &pilot.Accept{}},
		{officer(modelCounty, "approver"), "endorse", &pilot.Endorse{Opinion: "同意推荐"}},
		{office, "appoint-panel", &pilot.AppointPanel{Experts: []string{expert().ID}}},
	}
	for _, s := range steps {
		if _, err := m.do(ctx, s.actor, m.machine(s.actor, s.name), s.name, ref, s.payload); err != nil {
			return err
		}
	}
	for _, q := range a.Proposals {
		if _, err := m.do(ctx, expert(), "", "score", ref, &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 90, RecommendedFen: q.BudgetFen()}}); err != nil {
			return err
		}
	}
	if _, err := m.do(ctx, office, "", "conclude-review", ref, &pilot.ConcludeReview{}); err != nil {
		return err
	}
	_, err := m.do(ctx, domain.Workflow, m.machine(domain.Workflow, "open-notice"), "open-notice", ref, &pilot.OpenNotice{Round: "1"})
	return err
}

// machine returns the id of a workflow's command, derived from the aggregate as in the workflows. A person's command
// has an id of its own.
func (m *model) machine(a domain.Actor, name string) string {
	if a.ID == domain.Workflow.ID {
		return name + "/" + m.id
	}
	return ""
}

// rollOut opens the projects and brings each to a stage that depends on its number: opened, signed by one side, signed
// by both, first payment ready for release, paid, or declined by the organization.
func (m *model) rollOut(ctx context.Context, ref flow.Ref, p *pilot.Pilot) error {
	for i, d := range p.Duties {
		if d.Key != pilot.StartProject {
			continue
		}
		opening, err := p.ProjectOpening(d.Subject)
		if err != nil {
			return err
		}
		projectRef := flow.Ref{Kind: project.Kind, ID: d.Subject}
		if _, err := m.do(ctx, domain.Workflow, "open/"+projectRef.ID, "open", projectRef, opening); err != nil {
			return err
		}
		if err := m.carry(ctx, projectRef, opening, i%proposals); err != nil {
			return err
		}
	}
	for _, d := range p.Duties {
		if _, err := m.do(ctx, domain.Workflow, "discharge/"+ref.ID+"/"+string(d.Key)+"/"+d.Subject, flow.DischargeCommand, ref, &flow.Discharge{Duty: d}); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) carry(ctx context.Context, projectRef flow.Ref, opening *project.OpenProject, far int) error {
	organization := applicant(opening.Proposal.Organization.CreditCode)
	if far < 2 {
		return nil
	}
	if far == 9 {
		_, err := m.do(ctx, organization, "", "refuse-agreement", projectRef, &project.RefuseAgreement{Reason: "人手不足"})
		return err
	}
	_, err := m.do(ctx, organization, "", "sign-as-organization", projectRef, &project.SignAsOrganization{
		AccountName: opening.Proposal.Organization.Name.ZH, AccountNumber: "62220000000000001",
	})
	if err != nil || far < 4 {
		return err
	}
	outcome, err := m.do(ctx, officer(modelCounty, "approver"), "", "sign-as-office", projectRef, &project.SignAsOffice{})
	if err != nil || far < 5 {
		return err
	}
	return m.pay(ctx, outcome.State.(*project.Project), far > 5)
}

func (m *model) pay(ctx context.Context, p *project.Project, wholly bool) error {
	paymentRef := flow.Ref{Kind: payment.Kind, ID: p.ID + ".1.1"}
	opening, err := p.PaymentOpening(paymentRef.ID)
	if err != nil {
		return err
	}
	if _, err := m.do(ctx, domain.Workflow, "open/"+paymentRef.ID, "open", paymentRef, opening); err != nil || !wholly {
		return err
	}
	steps := []struct {
		actor   domain.Actor
		name    string
		payload flow.Payload
	}{
		{officer(modelCounty, "finance"), "release", &payment.ReleasePayment{}},
		{officer(modelCounty, "finance-2"), "release", &payment.ReleasePayment{}},
		{domain.Workflow, "record-instruction", &payment.RecordInstruction{Gateway: payment.ByHandGateway, Answer: payment.BankAnswer{Outcome: payment.ByHand}}},
		{officer(modelCounty, "finance"), "confirm", &payment.ConfirmPayment{Voucher: paymentRef.ID, Slip: file}},
	}
	var paid postgres.Outcome
	for _, s := range steps {
		id := ""
		if s.actor.ID == domain.Workflow.ID {
			id = s.name + "/" + paymentRef.ID
		}
		if paid, err = m.do(ctx, s.actor, id, s.name, paymentRef, s.payload); err != nil {
			return err
		}
	}
	_, err = m.do(ctx, domain.Workflow, "record-payment/"+paymentRef.ID, "record-payment", flow.RefOf(p), catalogue.PaymentReport(paid.State.(*payment.Payment)))
	return err
}

// application returns the demonstration's application, with one short plan for each proposal.
func (m *model) application() pilot.Application {
	a := zhuanglang.Read().Application()
	like := a.Proposals[0]
	a.Title = domain.Text{ZH: modelTitle, EN: modelOf("pilot", 0)}
	a.Evaluator.Organization = plan.Organization{CreditCode: modelEvaluator(), Name: domain.Text{ZH: modelOf("评估", 0), EN: modelOf("evaluator", 0)}}
	a.Proposals, a.RequestedFen = nil, a.Evaluator.Fen
	for n := range proposals {
		q := like
		q.Code, q.Title = modelCode(n), domain.Text{ZH: modelOf("题", n), EN: modelOf("title", n)}
		q.Organization = plan.Organization{CreditCode: m.organization(n), Name: domain.Text{ZH: modelOf("组织", n), EN: modelOf("organization", n)}}
		q.Village = plan.Village{Code: modelVillage(n), Vintage: 2020, Name: domain.Text{ZH: modelOf("村", n), EN: modelOf("village", n)}}
		q.Budget, q.Indicators = q.Budget[:min(2, len(q.Budget))], q.Indicators[:1]
		q.Milestones = append([]plan.Milestone(nil), q.Milestones[:2]...)
		for j := range q.Milestones {
			q.Milestones[j].Evidence, q.Milestones[j].Due = []string{"photos"}, m.call.AddDays(150*(j+1))
		}
		a.Proposals = append(a.Proposals, q)
		a.RequestedFen += q.BudgetFen()
	}
	return a
}

func facts(a pilot.Application) (all []pilot.OrganizationFacts) {
	for _, q := range a.Proposals {
		all = append(all, pilot.OrganizationFacts{
			CreditCode: q.Organization.CreditCode, Known: true, Registered: calendar.On(2010, 5, 1), InspectionPassed: true, Staff: 5, Rating: 3, RatedUntil: calendar.On(2040, 1, 1),
		})
	}
	return all
}
