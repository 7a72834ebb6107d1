package project

import (
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
)

// SettlementSubmitted means that the final account is in; finance judges it.
type SettlementSubmitted struct {
	Spending   []Spending    `json:"spending"` // as accepted so far, by kind
	Account    string        `json:"account"`
	MarkPhotos []string      `json:"mark_photos"`
	Assets     []string      `json:"assets,omitempty"`
	Deadline   flow.Deadline `json:"deadline"`
}

func (e *SettlementSubmitted) Apply(p *Project) {
	p.Done(AwaitSettlement, "")
	p.Done(AwaitSpendingReport, "")
	p.Open(AwaitAcceptance, "", e.Deadline)
}

// SettlementAccepted means that what was spent is accepted; the last tranche or a refund follows.
type SettlementAccepted struct {
	AcceptedFen money.Fen     `json:"accepted_fen"`
	LastFen     money.Fen     `json:"last_fen"`     // last tranche
	ReleasedFen money.Fen     `json:"released_fen"` // of the grant, not needed: back to the fund
	RefundFen   money.Fen     `json:"refund_fen"`   // paid and not spent: to be returned
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

// SettlementReturned asks for the settlement again, with a fresh deadline.
type SettlementReturned struct {
	Reason   string        `json:"reason"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *SettlementReturned) Apply(p *Project) {
	p.Done(AwaitAcceptance, "")
	p.Open(AwaitSettlement, "", e.Deadline)
	p.Open(AwaitSpendingReport, "", e.Deadline)
}

// RefundRecorded means that unspent money came back, in full or in part.
type RefundRecorded struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *RefundRecorded) Apply(p *Project) {
	p.RefundedFen += e.Fen
	p.Vouchers = append(p.Vouchers, e.Voucher)
	if p.RefundDue -= e.Fen; p.RefundDue == 0 {
		p.Done(AwaitRefund, "")
	}
}

// ClosingOpened means that the books balance; the evaluator's closing verdict is awaited.
type ClosingOpened struct {
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ClosingOpened) Apply(p *Project) {
	p.Enter(Closing)
	p.Open(AwaitClosing, "", e.Deadline)
}

// ClosingRefused withholds the closing for the reason given, with a fresh deadline.
type ClosingRefused struct {
	Reason   string        `json:"reason"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ClosingRefused) Apply(p *Project) { p.Open(AwaitClosing, "", e.Deadline) }

// ProjectClosed means that the project is done (结项).
type ProjectClosed struct {
	Opinion string        `json:"opinion"`
	On      calendar.Date `json:"on"`
}

func (e *ProjectClosed) Apply(p *Project) {
	p.EndedOn = e.On
	p.finish(Closed)
	if !p.final() {
		p.Open(AwaitFinality, "", flow.Deadline{})
	}
}
