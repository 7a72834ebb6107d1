package project

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
)

// SettlementSubmitted records that the organization submitted the settlement for finance to review.
type SettlementSubmitted struct {
	Spending   []Spending    `json:"spending"` // accepted spending so far, by kind
	Account    string        `json:"account"`
	MarkPhotos []string      `json:"mark_photos"`
	Assets     []string      `json:"assets,omitempty"`
	Deadline   flow.Deadline `json:"deadline"`
}

func (e *SettlementSubmitted) Files() []string { return append([]string{e.Account}, e.MarkPhotos...) }

func (e *SettlementSubmitted) Apply(p *Project) {
	account := &Account{File: e.Account, MarkPhotos: e.MarkPhotos, Assets: e.Assets}
	if p.Account != nil {
		account.Reason, account.ReasonOn = p.Account.Reason, p.Account.ReasonOn
	}
	p.Account = account
	p.Done(AwaitSettlement, "")
	p.Done(AwaitSpendingReport, "")
	p.Open(AwaitAcceptance, "", e.Deadline)
}

// SettlementAccepted records that the settlement was accepted. Next, either the last tranche is paid or a refund is due.
type SettlementAccepted struct {
	AcceptedFen money.Fen     `json:"accepted_fen"`
	LastFen     money.Fen     `json:"last_fen"`     // amount of the last tranche
	ReleasedFen money.Fen     `json:"released_fen"` // unneeded part of the grant, which returns to the fund
	RefundFen   money.Fen     `json:"refund_fen"`   // amount that was paid but not spent, and must be returned
	Remark      string        `json:"remark,omitempty"`
	Refund      flow.Deadline `json:"refund"`
}

func (e *SettlementAccepted) Apply(p *Project) {
	p.Settled, p.RefundDue = true, e.RefundFen
	p.Enter(LastTranche)
	if e.LastFen == 0 {
		p.Tranches[len(p.Tranches)-1].Dropped = true
	}
	if e.RefundFen > 0 {
		p.Open(AwaitRefund, "", e.Refund)
	}
}

// SettlementReturned records that the settlement was sent back to the organization, with a new deadline.
type SettlementReturned struct {
	Reason   string        `json:"reason"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *SettlementReturned) Apply(p *Project) {
	p.Account.Reason, p.Account.ReasonOn = e.Reason, p.AsOf
	p.Done(AwaitAcceptance, "")
	p.Open(AwaitSettlement, "", e.Deadline)
	p.Open(AwaitSpendingReport, "", e.Deadline)
}

// RefundRecorded records that the organization returned some or all of the unspent money.
type RefundRecorded struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *RefundRecorded) Files() []string { return []string{e.Slip} }

func (e *RefundRecorded) Apply(p *Project) {
	p.RefundedFen += e.Fen
	p.Vouchers = append(p.Vouchers, e.Voucher)
	if p.RefundDue -= e.Fen; p.RefundDue == 0 {
		p.Done(AwaitRefund, "")
	}
}

// ClosingOpened records that all money is accounted for, so that the evaluator can decide whether to close the project.
type ClosingOpened struct {
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ClosingOpened) Apply(p *Project) {
	p.Enter(Closing)
	p.Open(AwaitClosing, "", e.Deadline)
}

// ClosingRefused records that the evaluator refused to close the project, with the reason and a new deadline for the closing.
type ClosingRefused struct {
	Reason   string        `json:"reason"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ClosingRefused) Apply(p *Project) {
	p.Reason, p.ReasonOn = e.Reason, p.AsOf
	p.Open(AwaitClosing, "", e.Deadline)
}

// ProjectClosed records that the evaluator closed the project (结项).
type ProjectClosed struct {
	Opinion string        `json:"opinion"`
	On      calendar.Date `json:"on"`
}

func (e *ProjectClosed) Apply(p *Project) {
	p.EndedOn, p.Reason, p.ReasonOn = e.On, "", calendar.Date{}
	p.finish(Closed)
	if !p.final() {
		p.Open(AwaitFinality, "", flow.Deadline{})
	}
}
