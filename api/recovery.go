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
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
)

// Recovery is money that an organization must pay back (追回), in the form shown to offices, auditors and the
// organization itself.
type Recovery struct {
	ID          string             `json:"id"`
	Version     int                `json:"version" doc:"for If-Match, as in ETag"`
	Stage       flow.Stage         `json:"stage"`
	StageName   domain.Text        `json:"stage_name"`
	Pilot       string             `json:"pilot" doc:"id of its pilot"`
	Project     string             `json:"project" doc:"id of the project whose money it was"`
	Programme   flow.ProgrammeRef  `json:"programme"`
	Home        string             `json:"home" doc:"place of the office that claims it (GB/T 2260)"`
	HomeName    domain.Text        `json:"home_name,omitzero" doc:"missing if the place is not registered"`
	Debtor      plan.Organization  `json:"debtor"`
	Why         recovery.DebtCause `json:"why"`
	WhyName     domain.Text        `json:"why_name"`
	Reason      string             `json:"reason,omitempty" doc:"what the office found, or the reason it gave; disallowed spending has the reason of each receipt instead"`
	On          calendar.Date      `json:"on,omitzero" doc:"the day on which it was claimed back"`
	Fen         money.Fen          `json:"fen" doc:"amount claimed, in fen (分)"`
	PaidFen     money.Fen          `json:"paid_fen" doc:"amount repaid"`
	LeftFen     money.Fen          `json:"left_fen" doc:"what is still owed"`
	Instalments []InstalmentLeft   `json:"instalments" doc:"the agreed instalments (分期), in order; if none, the whole amount is due at once"`
	Agreed      *InstalmentsAgreed `json:"agreed,omitempty" doc:"why the instalments were agreed"`
	EndedOn     calendar.Date      `json:"ended_on,omitzero" doc:"the day on which the debt was settled"`
	Progress    Progress           `json:"progress" doc:"whose turn, what, until when"`
	Doable
	Links RecoveryLinks `json:"links"`
}

// InstalmentsAgreed is the reason for which the office last agreed to instalments.
type InstalmentsAgreed struct {
	Reason string        `json:"reason"`
	On     calendar.Date `json:"on"`
}

// InstalmentLeft is the state of one instalment of a debt. Repayments settle the instalments in order.
type InstalmentLeft struct {
	Due     calendar.Date `json:"due"`
	LeftFen money.Fen     `json:"left_fen" doc:"amount of this instalment still owed; 0 once it is paid"`
}

// RecoveryLinks holds the URLs of the records that a recovery concerns.
type RecoveryLinks struct {
	Pilot   string `json:"pilot" format:"uri-reference"`
	Project string `json:"project" format:"uri-reference"`
}

type recoveryOutput struct {
	Versioned
	Body Recovery
}

// recovery returns one recovery, if the caller may read it.
//
// Errors: not-found.
func (s *server) recovery(ctx context.Context, in *namedInput) (*recoveryOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: recovery.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	r := sheet.State.(*recovery.Recovery)
	owing, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: project.Kind, ID: r.Project}) // whoever reads a recovery reads its project
	if err != nil {
		return nil, err
	}
	debt, _ := owing.State.(*project.Project).DebtOf(r.ID)
	var agreed *InstalmentsAgreed
	if len(r.Instalments) > 0 {
		agreed = &InstalmentsAgreed{r.Reason, r.ReasonOn}
	}
	instalments := make([]InstalmentLeft, len(r.Instalments))
	for i, part := range r.Instalments {
		instalments[i] = InstalmentLeft{Due: part.Due, LeftFen: part.Fen}
	}
	return &recoveryOutput{Versioned{etag(r.Version)}, Recovery{
		ID: r.ID, Version: r.Version, Stage: r.Stage, StageName: catalogue.All.StageName(r.Stage), Pilot: r.Pilot, Project: r.Project, Programme: r.Record.Programme,
		Home: r.Home, HomeName: placeName(sheet.Places, r.Home), Debtor: r.Debtor, Why: r.Why, WhyName: recovery.DebtCauses[r.Why], Reason: debt.Reason, On: debt.On,
		Fen: r.Fen, PaidFen: r.PaidFen, LeftFen: r.LeftFen(), Instalments: instalments, Agreed: agreed, EndedOn: r.EndedOn,
		Progress: progressOf(sheet), Doable: doable(sheet),
		Links: RecoveryLinks{Pilot: addressOf(pilot.Kind, r.Pilot), Project: addressOf(project.Kind, r.Project)},
	}}, nil
}

type recoveriesInput struct {
	Narrowing
	OfPilot
	OfOrganization
	Project string `query:"project" maxLength:"60" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[0-9]{1,3}$" patternDescription:"a project's id" doc:"only of this project" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70.1"`
}

func (in recoveriesInput) filter() postgres.Filter {
	f := in.Narrowing.filter()
	f.Pilot, f.Project, f.Organization = in.Pilot, in.Project, in.Organization
	return f
}

// RecoveryItem is a recovery in a list.
type RecoveryItem struct {
	Entry
	Pilot   string             `json:"pilot"`
	Project string             `json:"project"`
	Debtor  NamedOrganization  `json:"debtor"`
	Why     recovery.DebtCause `json:"why"`
	WhyName domain.Text        `json:"why_name"`
	Fen     money.Fen          `json:"fen"`
	PaidFen money.Fen          `json:"paid_fen"`
}

func recoveryItem(r postgres.RecoveryRow) RecoveryItem {
	why := recovery.DebtCause(r.Why)
	return RecoveryItem{
		Entry: entry(recovery.Kind, r.ID, r.Version, r.Stage, r.Ended, r.Due), Pilot: r.Pilot, Project: r.Project,
		Debtor: NamedOrganization{r.Organization, text(r.OrganizationZh, r.OrganizationEn)}, Why: why, WhyName: recovery.DebtCauses[why], Fen: r.Fen, PaidFen: r.PaidFen,
	}
}
