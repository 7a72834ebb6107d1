package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres"
)

// Project is a project (项目) in one village, in the form shown to the caller.
type Project struct {
	ID        string            `json:"id"`
	Version   int               `json:"version" doc:"for If-Match, as in ETag"`
	Stage     flow.Stage        `json:"stage"`
	StageName domain.Text       `json:"stage_name"`
	Pilot     string            `json:"pilot" doc:"id of its pilot"`
	Programme flow.ProgrammeRef `json:"programme"`
	Home      string            `json:"home" doc:"place of the launching office (GB/T 2260)"`
	HomeName  domain.Text       `json:"home_name,omitzero" doc:"missing if the place is not registered"`
	Proposal  plan.Proposal     `json:"proposal" doc:"the plan as it stands now, with every change that took effect"`
	PlanNames
	Revision            int                    `json:"revision" minimum:"0" doc:"of the agreement; increases with each change that takes effect"`
	Change              *PendingChange         `json:"change,omitempty" doc:"a change awaiting approval"`
	ChangeDecision      *ChangeDecision        `json:"change_decision,omitempty" doc:"on the last change that needed approval"`
	GrantFen            money.Fen              `json:"grant_fen"`
	Evaluator           plan.Organization      `json:"evaluator"`
	Signed              []string               `json:"signed" doc:"sides that have signed the agreement" enum:"organization,office"`
	SignedNames         map[string]domain.Text `json:"signed_names" doc:"names of those sides"`
	Tranches            []project.TrancheState `json:"tranches"`
	PaidFen             money.Fen              `json:"paid_fen"`
	Milestones          []Step                 `json:"milestones" doc:"里程碑, in the proposal's order"`
	MidTerm             Verdict                `json:"midterm,omitzero"`
	Final               Verdict                `json:"final,omitzero"`
	MidTermReport       project.Report         `json:"midterm_report,omitzero" doc:"中期自评报告; as all reports and the settlement, for offices, auditors, the organization and the evaluator"`
	RectificationReport project.Report         `json:"rectification_report,omitzero" doc:"整改报告, the last one"`
	FinalReport         project.Report         `json:"final_report,omitzero" doc:"结项报告"`
	Settlement          *project.Account       `json:"settlement,omitempty" doc:"项目决算, as last submitted"`
	Budget              []BudgetUse            `json:"budget" doc:"the budget against the receipts, kind by kind"`
	Spending            []SpendingReport       `json:"spending" doc:"the spending reports, in order"`
	Settled             bool                   `json:"settled" doc:"the settlement (决算) is accepted"`
	AcceptedFen         money.Fen              `json:"accepted_fen" doc:"accepted spending of the grant"`
	DisallowedFen       money.Fen              `json:"disallowed_fen" doc:"spending of the grant that was not accepted"`
	MatchingFen         money.Fen              `json:"matching_fen" doc:"accepted matching funds (配套), in money and in kind"`
	EntrustedFen        money.Fen              `json:"entrusted_fen" doc:"donors' money (受托资金) that is held and not yet used"`
	RefundDueFen        money.Fen              `json:"refund_due_fen" doc:"paid and not spent, to be returned"`
	RefundedFen         money.Fen              `json:"refunded_fen"`
	Debts               []ProjectDebt          `json:"debts" doc:"what was claimed back, each with its recovery"`
	OwedFen             money.Fen              `json:"owed_fen" doc:"total that the organization was told to repay; the recoveries show how much is left"`
	BannedUntil         calendar.Date          `json:"banned_until,omitzero" doc:"last day of the organization's ban from applying after a breach"`
	EndedOn             calendar.Date          `json:"ended_on,omitzero"`
	Reason              string                 `json:"reason,omitempty" doc:"why the closing was last refused, the organization did not sign, or the office terminated the project; a failed verdict has its own reason"`
	ReasonOn            calendar.Date          `json:"reason_on,omitzero" doc:"the day on which that reason was given"`
	Progress            Progress               `json:"progress" doc:"whose turn, what, until when"`
	Doable
	Links ProjectLinks `json:"links"`
}

// Step is the state of one of a project's milestones (里程碑).
type Step struct {
	project.Step
	StatusName     domain.Text `json:"status_name"`
	AcceptedByName domain.Text `json:"accepted_by_name,omitzero" doc:"of the committee member who accepted the work; missing where the person is not registered"`
}

func steps(all []project.Step, people map[string]domain.Text) []Step {
	return plan.Each(all, func(s project.Step) Step { return Step{s, project.StepStatuses[s.Status], people[s.AcceptedBy]} })
}

// Verdict is an evaluator's verdict.
type Verdict struct {
	project.Verdict
	OutcomeName domain.Text `json:"outcome_name,omitzero"`
	GradeName   domain.Text `json:"grade_name,omitzero" doc:"as the programme calls it"`
}

func verdict(v project.Verdict, rules *programme.Programme) Verdict {
	shown := Verdict{Verdict: v, OutcomeName: project.VerdictOutcomes[v.Outcome]}
	if v.Grade != "" {
		shown.GradeName = ruled(rules, (*programme.Programme).GradeName, v.Grade)
	}
	return shown
}

// ProjectLinks holds the URLs of everything that belongs to a project.
type ProjectLinks struct {
	Pilot      string `json:"pilot" format:"uri-reference"`
	Payments   string `json:"payments" format:"uri-reference"`
	Recoveries string `json:"recoveries" format:"uri-reference"`
	Budget     string `json:"budget" format:"uri-reference" doc:"the budget against the ledger, by category; also as Excel"`
}

type projectOutput struct {
	Versioned
	Body Project
}

// project returns one project, if the caller may read it.
//
// Errors: not-found.
func (s *server) project(ctx context.Context, in *namedInput) (*projectOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: project.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	p := sheet.State.(*project.Project)
	debts, err := s.debts(ctx, p)
	if err != nil {
		return nil, err
	}
	rules, signed := s.desks.Rules(p.Programme), sides(p)
	names := planNames(rules, []plan.Proposal{p.Proposal})
	for _, step := range p.Steps {
		for _, file := range step.Evidence {
			names.nameEvidence(file.Kind)
		}
	}
	return &projectOutput{Versioned{etag(p.Version)}, Project{
		ID: p.ID, Version: p.Version, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage), Pilot: p.Pilot, Programme: p.Programme,
		Home: p.Home, HomeName: placeName(sheet.Places, p.Home), Proposal: p.Proposal, PlanNames: names,
		Revision: p.Revision, Change: pendingChange(p), ChangeDecision: changeDecision(p), GrantFen: p.GrantFen, Evaluator: p.Evaluator,
		Signed: signed, SignedNames: namesOf(signed, func(side string) domain.Text { return project.Sides[side] }),
		Tranches: p.Tranches, PaidFen: p.PaidFen, Milestones: steps(p.Steps, sheet.People), MidTerm: verdict(p.MidTerm, rules), Final: verdict(p.Final, rules),
		MidTermReport: p.MidTermReport, RectificationReport: p.RectificationReport, FinalReport: p.FinalReport, Settlement: p.Account,
		Budget: budgetUse(p, rules), Spending: reports(p.Statements, rules), Settled: p.Settled,
		AcceptedFen: sum(p.Accepted), DisallowedFen: p.DisallowedFen(), MatchingFen: p.MatchingFen, EntrustedFen: p.EntrustedFen,
		RefundDueFen: p.RefundDue, RefundedFen: p.RefundedFen, Debts: debts, OwedFen: p.DebtFen(), BannedUntil: p.BannedUntil, EndedOn: p.EndedOn, Reason: p.Reason, ReasonOn: p.ReasonOn,
		Progress: progressOf(sheet), Doable: doable(sheet),
		Links: ProjectLinks{
			Pilot: addressOf(pilot.Kind, p.Pilot), Payments: "/v1/payments?pilot=" + p.Pilot, Recoveries: "/v1/recoveries?project=" + p.ID,
			Budget: addressOf(project.Kind, p.ID) + "/budget",
		},
	}}, nil
}

func sum(byKind map[string]money.Fen) (total money.Fen) {
	for _, fen := range byKind {
		total += fen
	}
	return total
}

// sides returns the sides that have signed the agreement, without naming the signatories.
func sides(p *project.Project) []string {
	signed := []string{}
	for _, side := range []string{"organization", "office"} {
		if p.Signed[side] != "" {
			signed = append(signed, side)
		}
	}
	return signed
}

type projectsInput struct {
	Narrowing
	OfPilot
	OfOrganization
	Q string `query:"q" minLength:"2" maxLength:"100" pattern:"^[^\x00-\x1f\x7f]+$" patternDescription:"words to look for" doc:"only with each of these words in the title, the village, the organization or the code. Of Chinese, any two characters that follow each other; else whole words" example:"石桥 养老"`
}

func (in projectsInput) filter() postgres.Filter {
	f := in.Narrowing.filter()
	f.Search, f.Pilot, f.Organization = in.Q, in.Pilot, in.Organization
	return f
}

// ProjectItem is a project in a list.
type ProjectItem struct {
	Entry
	Pilot        string            `json:"pilot"`
	Code         string            `json:"code" doc:"of its proposal" example:"ZL-2017-01"`
	Title        domain.Text       `json:"title"`
	Village      Coded             `json:"village"`
	Organization NamedOrganization `json:"organization"`
	GrantFen     money.Fen         `json:"grant_fen"`
	PaidFen      money.Fen         `json:"paid_fen"`
}

func projectItem(r postgres.ProjectRow) ProjectItem {
	return ProjectItem{
		Entry: entry(project.Kind, r.ID, r.Version, r.Stage, r.Ended, r.Due), Pilot: r.Pilot, Code: r.Code, Title: text(r.TitleZh, r.TitleEn),
		Village: Coded{r.Village, text(r.VillageZh, r.VillageEn)}, Organization: NamedOrganization{r.Organization, text(r.OrganizationZh, r.OrganizationEn)},
		GrantFen: r.GrantFen, PaidFen: r.PaidFen,
	}
}
