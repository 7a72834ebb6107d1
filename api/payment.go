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

// Payment is one attempt to pay (拨付) as its reader sees it.
type Payment struct {
	ID          string            `json:"id"`
	Version     int               `json:"version" doc:"for If-Match, as in ETag"`
	Stage       flow.Stage        `json:"stage"`
	StageName   domain.Text       `json:"stage_name"`
	Pilot       string            `json:"pilot" doc:"id of its pilot"`
	Payer       flow.Ref          `json:"payer" doc:"the project, or the pilot for the evaluator's contract"`
	Tranche     int               `json:"tranche,omitempty" minimum:"1" doc:"which part of the grant; missing for the evaluator's contract"`
	Attempt     int               `json:"attempt" minimum:"1"`
	Payee       plan.Organization `json:"payee"`
	AccountName string            `json:"account_name" doc:"name of the bank account (开户名)"`
	Fen         money.Fen         `json:"fen" doc:"the amount, in fen (分)"`
	Releases    int               `json:"releases" minimum:"0" maximum:"2" doc:"officers who have released it; two are needed"`
	Gateway     string            `json:"gateway,omitempty" doc:"the way the money takes: voucher, where an officer pays by hand, or the bank's; set once it is instructed" example:"voucher"`
	Reference   string            `json:"reference,omitempty" doc:"what the bank or the gateway calls it"`
	Unknown     bool              `json:"unknown" doc:"the bank's answer was lost; it is asked by reference until it says, and nothing is paid again meanwhile"`
	Voucher     string            `json:"voucher,omitempty" doc:"number of the payment voucher (付款凭证), or the bank's of the transaction"`
	Final       bool              `json:"final" doc:"paid, and the bank can no longer send it back (最终确认)"`
	Progress    flow.Progress     `json:"progress" doc:"whose turn, what, until when"`
	YourTurn    []Task            `json:"your_turn" doc:"what you can do now"`
	Links       PaymentLinks      `json:"links"`
}

// PaymentLinks are the addresses of the records to which a payment belongs.
type PaymentLinks struct {
	Pilot string `json:"pilot" format:"uri-reference"`
	Payer string `json:"payer" format:"uri-reference"`
}

type paymentOutput struct {
	Versioned
	Body Payment
}

// payment returns one payment.
//
// Errors: not-found.
func (s *server) payment(ctx context.Context, in *namedInput) (*paymentOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: payment.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	p := sheet.State.(*payment.Payment)
	return &paymentOutput{Versioned{etag(p.Version)}, Payment{
		ID: p.ID, Version: p.Version, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage), Pilot: p.Pilot, Payer: p.Payer,
		Tranche: p.Tranche, Attempt: p.Attempt, Payee: p.Payee, AccountName: p.AccountName, Fen: p.Fen,
		Releases: len(p.Releases), Gateway: p.Gateway, Reference: p.Reference, Unknown: p.Unknown, Voucher: p.Voucher,
		Final:    p.Stage == payment.Final,
		Progress: sheet.Progress, YourTurn: tasks(sheet),
		Links: PaymentLinks{Pilot: addressOf(pilot.Kind, p.Pilot), Payer: addressOf(p.Payer.Kind, p.Payer.ID)},
	}}, nil
}

type paymentsInput struct {
	Paging
	Pilot        string `query:"pilot" format:"uuid" maxLength:"36" doc:"only of this pilot" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
	Stage        string `query:"stage" maxLength:"40" pattern:"^[a-z-]+$" patternDescription:"a stage as /v1/lifecycle names it" doc:"only in this stage" example:"release"`
	Programme    string `query:"programme" maxLength:"60" pattern:"^[a-z0-9-]+$" patternDescription:"small letters, digits and dashes" doc:"only of this programme" example:"zhuanglang-2017"`
	Place        string `query:"place" pattern:"^[0-9]{6}([0-9]{3}){0,2}$" patternDescription:"6, 9 or 12 digits" doc:"only paid at or below this place" example:"620825"`
	Organization string `query:"organization" pattern:"^[0-9A-HJ-NP-RT-UW-Y]{18}$" patternDescription:"a unified social credit code" doc:"only to this organization" example:"51620825MJDEM0030N"`
}

// PaymentItem is an entry in the list of payments.
type PaymentItem struct {
	ID        string        `json:"id"`
	Version   int           `json:"version"`
	Stage     flow.Stage    `json:"stage"`
	StageName domain.Text   `json:"stage_name"`
	Ended     bool          `json:"ended"`
	Pilot     string        `json:"pilot"`
	Payer     flow.Ref      `json:"payer"`
	Tranche   int           `json:"tranche,omitempty" minimum:"1"`
	Attempt   int           `json:"attempt" minimum:"1"`
	Payee     Coded         `json:"payee"`
	Fen       money.Fen     `json:"fen"`
	Voucher   string        `json:"voucher,omitempty"`
	Due       calendar.Date `json:"due,omitzero" doc:"the earliest open due day"`
	Href      string        `json:"href" format:"uri-reference"`
}

// payments lists the payments visible to the reader.
//
// Errors: bad-cursor.
func (s *server) payments(ctx context.Context, in *paymentsInput) (*pageOutput[PaymentItem], error) {
	page, err := s.desk(ctx).Payments(ctx, postgres.PaymentFilter{
		Limit: in.Limit, Cursor: in.Cursor, Pilot: in.Pilot,
		Stage: flow.Stage(in.Stage), Programme: in.Programme, Place: in.Place, Organization: in.Organization,
	})
	return pageOf(page, err, func(r postgres.PaymentRow) PaymentItem {
		return PaymentItem{
			ID: r.ID, Version: r.Version, Stage: r.Stage, StageName: catalogue.All.StageName(r.Stage), Ended: r.Ended, Pilot: r.Pilot,
			Payer: r.Payer, Tranche: r.Tranche, Attempt: r.Attempt, Payee: Coded{r.Payee.CreditCode, r.Payee.Name},
			Fen: r.Fen, Voucher: r.Voucher, Due: r.Due, Href: addressOf(payment.Kind, r.ID),
		}
	})
}
