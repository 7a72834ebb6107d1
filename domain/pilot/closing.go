package pilot

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// SettlementSubmitted means that the final account is in; finance judges it.
type SettlementSubmitted struct {
	Spending   []Spending `json:"spending"` // as accepted so far, by kind
	Account    string     `json:"account"`
	MarkPhotos []string   `json:"mark_photos"`
	Assets     []string   `json:"assets,omitempty"`
	Deadline   Deadline   `json:"deadline"`
}

func (e *SettlementSubmitted) apply(p *Project) {
	p.done(AwaitSettlement, "")
	p.done(AwaitSpendingReport, "")
	p.open(AwaitAcceptance, "", e.Deadline)
}

// SettlementAccepted means that what was spent is accepted; the last tranche or a refund follows.
type SettlementAccepted struct {
	AcceptedFen money.Fen `json:"accepted_fen"`
	LastFen     money.Fen `json:"last_fen"`     // last tranche
	ReleasedFen money.Fen `json:"released_fen"` // of the grant, not needed: back to the fund
	RefundFen   money.Fen `json:"refund_fen"`   // paid and not spent: to be returned
	Remark      string    `json:"remark,omitempty"`
	Refund      Deadline  `json:"refund"`
}

func (e *SettlementAccepted) apply(p *Project) {
	p.Settled, p.RefundDue = true, e.RefundFen
	p.enter(LastTranche)
	if e.LastFen == 0 {
		p.Tranches[len(p.Tranches)-1].Dropped = true
	}
	if e.RefundFen > 0 {
		p.open(AwaitRefund, "", e.Refund)
	}
}

// SettlementReturned asks for the settlement again, with a fresh deadline.
type SettlementReturned struct {
	Reason   string   `json:"reason"`
	Deadline Deadline `json:"deadline"`
}

func (e *SettlementReturned) apply(p *Project) {
	p.done(AwaitAcceptance, "")
	p.open(AwaitSettlement, "", e.Deadline)
	p.open(AwaitSpendingReport, "", e.Deadline)
}

// RefundRecorded means that unspent money is back, all of it or a part.
type RefundRecorded struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *RefundRecorded) apply(p *Project) {
	p.RefundedFen += e.Fen
	p.Vouchers = append(p.Vouchers, e.Voucher)
	if p.RefundDue -= e.Fen; p.RefundDue == 0 {
		p.done(AwaitRefund, "")
	}
}

// ClosingOpened means that the books balance; the evaluator's closing verdict is awaited.
type ClosingOpened struct {
	Deadline Deadline `json:"deadline"`
}

func (e *ClosingOpened) apply(p *Project) {
	p.enter(Closing)
	p.open(AwaitClosing, "", e.Deadline)
}

// ClosingRefused withholds the closing for the reason given, with a fresh deadline.
type ClosingRefused struct {
	Reason   string   `json:"reason"`
	Deadline Deadline `json:"deadline"`
}

func (e *ClosingRefused) apply(p *Project) { p.open(AwaitClosing, "", e.Deadline) }

// ProjectClosed means that the project is done (结项).
type ProjectClosed struct {
	Opinion string        `json:"opinion"`
	On      calendar.Date `json:"on"`
}

func (e *ProjectClosed) apply(p *Project) {
	p.EndedOn = e.On
	p.finish(Closed)
	if !p.final() {
		p.open(AwaitFinality, "", Deadline{})
	}
}
