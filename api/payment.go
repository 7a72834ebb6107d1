package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/postgres"
)

// Payment is one attempt to pay (付款), in the form shown to the caller.
type Payment struct {
	ID            string            `json:"id"`
	Version       int               `json:"version" doc:"for If-Match, as in ETag"`
	Stage         flow.Stage        `json:"stage"`
	StageName     domain.Text       `json:"stage_name"`
	Pilot         string            `json:"pilot" doc:"id of its pilot"`
	Payer         flow.Ref          `json:"payer" doc:"the project, or the pilot for the evaluator's contract"`
	Tranche       int               `json:"tranche,omitempty" minimum:"1" doc:"which part of the grant; missing for the evaluator's contract"`
	Attempt       int               `json:"attempt" minimum:"1"`
	Payee         plan.Organization `json:"payee"`
	AccountName   string            `json:"account_name" doc:"name of the bank account (开户名)"`
	AccountNumber string            `json:"account_number,omitempty" doc:"personal data, for finance of the paying office; missing where the record holds none"`
	Fen           money.Fen         `json:"fen" doc:"the amount, in fen (分)"`
	Releases      int               `json:"releases" minimum:"0" maximum:"2" doc:"officers who have released it; two are needed"`
	ReleasedBy    []Sender          `json:"released_by,omitempty" doc:"those officers, in the order of their releases; for offices and auditors"`
	Gateway       string            `json:"gateway,omitempty" doc:"how the money is sent: voucher if an officer pays by hand, or the bank's gateway; set once the payment is instructed" example:"voucher"`
	GatewayName   domain.Text       `json:"gateway_name,omitzero"`
	Reference     string            `json:"reference,omitempty" doc:"the bank's or the gateway's number for it"`
	Unknown       bool              `json:"unknown" doc:"the bank's response was lost; the bank is asked by reference until the outcome is known, and nothing is paid again meanwhile"`
	Voucher       string            `json:"voucher,omitempty" doc:"number of the payment voucher (付款凭证), or the bank's transaction number"`
	Reason        string            `json:"reason,omitempty" doc:"why it was voided (作废) or came back (退汇), in the officer's or the bank's words"`
	ReasonOn      calendar.Date     `json:"reason_on,omitzero" doc:"the day of that"`
	Final         bool              `json:"final" doc:"paid, and the bank can no longer return it (最终确认)"`
	Progress      Progress          `json:"progress" doc:"whose turn, what, until when"`
	Doable
	Links PaymentLinks `json:"links"`
}

// PaymentLinks holds the URLs of the records that a payment concerns.
type PaymentLinks struct {
	Pilot string `json:"pilot" format:"uri-reference"`
	Payer string `json:"payer" format:"uri-reference"`
}

type paymentOutput struct {
	Versioned
	Body Payment
}

// payment returns one payment, if the caller may read it.
//
// Errors: not-found.
func (s *server) payment(ctx context.Context, in *namedInput) (*paymentOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: payment.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	p := sheet.State.(*payment.Payment)
	number, err := s.desk(ctx).AccountNumber(ctx, p)
	if err != nil {
		return nil, err
	}
	var released []Sender // for readers who see all of the payment
	if sheet.Whole {
		released = plan.Each(p.Releases, func(id string) Sender { return Sender{id, sheet.People[id]} })
	}
	return &paymentOutput{Versioned{etag(p.Version)}, Payment{
		ID: p.ID, Version: p.Version, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage), Pilot: p.Pilot, Payer: p.Payer,
		Tranche: p.Tranche, Attempt: p.Attempt, Payee: p.Payee, AccountName: p.AccountName, AccountNumber: number, Fen: p.Fen,
		Releases: len(p.Releases), ReleasedBy: released, Gateway: p.Gateway, GatewayName: payment.GatewayName(p.Gateway), Reference: p.Reference, Unknown: p.Unknown, Voucher: p.Voucher,
		Reason: p.Reason, ReasonOn: p.ReasonOn, Final: p.Stage == payment.Final,
		Progress: progressOf(sheet), Doable: doable(sheet),
		Links: PaymentLinks{Pilot: addressOf(pilot.Kind, p.Pilot), Payer: addressOf(p.Payer.Kind, p.Payer.ID)},
	}}, nil
}

type paymentsInput struct {
	Narrowing
	OfPilot
	OfOrganization
}

func (in paymentsInput) filter() postgres.Filter {
	f := in.Narrowing.filter()
	f.Pilot, f.Organization = in.Pilot, in.Organization
	return f
}

// PaymentItem is a payment in a list.
type PaymentItem struct {
	Entry
	Pilot   string            `json:"pilot"`
	Payer   flow.Ref          `json:"payer"`
	Tranche int               `json:"tranche,omitempty" minimum:"1"`
	Attempt int               `json:"attempt" minimum:"1"`
	Payee   NamedOrganization `json:"payee"`
	Fen     money.Fen         `json:"fen"`
	Voucher string            `json:"voucher,omitempty"`
}

func paymentItem(r postgres.PaymentRow) PaymentItem {
	return PaymentItem{
		Entry: entry(payment.Kind, r.ID, r.Version, r.Stage, r.Ended, r.Due), Pilot: r.Pilot, Payer: flow.Ref{Kind: flow.Kind(r.PayerKind), ID: r.Payer},
		Tranche: r.Tranche, Attempt: r.Attempt, Payee: NamedOrganization{r.Organization, text(r.OrganizationZh, r.OrganizationEn)}, Fen: r.Fen, Voucher: r.Voucher,
	}
}
