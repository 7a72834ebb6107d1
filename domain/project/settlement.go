package project

import (
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/recovery"
)

// SubmitSettlement submits the organization's final account (决算). Its amounts come from the receipts already reported and assessed.
type SubmitSettlement struct {
	Account    string   `json:"account" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded final account with its vouchers"`
	MarkPhotos []string `json:"mark_photos" minItems:"1" maxItems:"40" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of photos that show the lottery mark (彩票公益金标识)"`
	Assets     []string `json:"assets,omitempty" maxItems:"200" maxLength:"200" doc:"assets bought, one a line"`
}

// Account is the settlement that the organization last submitted (决算).
type Account struct {
	File       string        `json:"file" doc:"SHA-256 of the final account with its vouchers"`
	MarkPhotos []string      `json:"mark_photos" doc:"SHA-256 of photos that show the lottery mark (彩票公益金标识)"`
	Assets     []string      `json:"assets,omitempty" doc:"assets bought, one a line"`
	Reason     string        `json:"reason,omitempty" doc:"why finance last returned it (退回理由); kept with the next submission, for those who check it"`
	ReasonOn   calendar.Date `json:"reason_on,omitzero" doc:"the day on which it was returned"`
}

// AcceptSettlement accepts the final account. The cost of the project is the total of the individually accepted receipts.
type AcceptSettlement struct {
	Remark string `json:"remark,omitempty" maxLength:"2000"`
}

// ReturnSettlement sends the settlement back to the organization, with the reason (退回).
type ReturnSettlement struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// RecordRefund records that the organization returned some or all of the unspent money (结余退回).
type RecordRefund struct {
	Fen     money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Voucher string    `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the receipt voucher"`
	Slip    string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

// CloseProject is the evaluator's decision to close the project (结项).
type CloseProject struct {
	Opinion string `json:"opinion" minLength:"1" maxLength:"4000"`
}

// RefuseClosing records the evaluator's refusal to close the project, with the reasons (不予结项).
type RefuseClosing struct {
	Reason string `json:"reason" minLength:"1" maxLength:"4000"`
}

func (s *SubmitSettlement) Files() []string { return append([]string{s.Account}, s.MarkPhotos...) }

// Check rejects a settlement while a spending report has not been assessed or entrusted money is left.
func (s *SubmitSettlement) Check(p *Project, c flow.Context) error {
	for i, statement := range p.Statements {
		if !statement.Judged {
			return domain.Refuse("spending-open", "", "report", strconv.Itoa(i+1))
		}
	}
	if err := p.noEntrusted(); err != nil {
		return err
	}
	if p.Turn(AwaitChange, "") != nil {
		return domain.Refuse("change-pending", "")
	}
	if err := flow.Stored("account", s.Account, c); err != nil {
		return err
	}
	return flow.AllStored("mark_photos", s.MarkPhotos, c)
}

func (s *SubmitSettlement) Decide(p *Project, c flow.Context) []flow.Event {
	return []flow.Event{&SettlementSubmitted{
		Spending: p.lines(p.Accepted), Account: s.Account, MarkPhotos: s.MarkPhotos, Assets: s.Assets, Deadline: c.Deadline(c.Today(), AcceptanceTerm),
	}}
}

// Check returns an error while a payment is under way or entrusted money is left, or if the matching funds are less than the programme
// requires.
func (a *AcceptSettlement) Check(p *Project, c flow.Context) error {
	if err := p.underWay(-1); err != nil {
		return err
	}
	if err := p.noEntrusted(); err != nil {
		return err
	}
	accepted := sumOf(p.Accepted)
	if most := money.Share(accepted+p.MatchingFen, c.Rules.GrantPermille.Value); accepted > most {
		return domain.Refuse("matching-short", "", "most", most.String(), "got", accepted.String(), "source", c.Rules.GrantPermille.Source)
	}
	return nil
}

// underWay returns an error if a payment is under way. It skips the tranche whose index is except; -1 skips none.
func (p *Project) underWay(except int) error {
	for i, t := range p.Tranches {
		if i != except && t.Attempt > 0 && !t.Paid && !t.Dropped {
			return domain.Refuse("payment-under-way", "", "tranche", strconv.Itoa(i+1))
		}
	}
	return nil
}

// Decide settles the money. The last tranche is limited to the accepted spending, less the money that was paid and has not been
// claimed back. Money that was paid but not spent must be returned, money that was paid but not accepted as spending is claimed back,
// and the rest of the grant returns to the fund.
func (a *AcceptSettlement) Decide(p *Project, c flow.Context) []flow.Event {
	accepted, kept := sumOf(p.Accepted), p.PaidFen-p.DebtFen()
	last := min(max(accepted-kept, 0), p.GrantFen-p.PaidFen)
	over := max(kept-accepted, 0)
	owed := min(over, p.DisallowedFen())
	settled := &SettlementAccepted{
		AcceptedFen: accepted, LastFen: last, ReleasedFen: p.GrantFen - p.PaidFen - last,
		RefundFen: over - owed, Remark: a.Remark,
		Refund: c.Deadline(c.Today(), RefundTerm),
	}
	events := append([]flow.Event{settled}, p.debt(owed, recovery.DebtDisallowed, c.Today(), c)...)
	events = append(events, p.fallDue(met{settled: true, last: last}, c)...)
	if last == 0 && settled.RefundFen == 0 {
		events = append(events, &ClosingOpened{Deadline: c.Deadline(c.Today(), ClosingTerm)})
	}
	return events
}

func (*ReturnSettlement) Check(*Project, flow.Context) error { return nil }

func (r *ReturnSettlement) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&SettlementReturned{Reason: r.Reason, Deadline: c.Deadline(c.Today(), ResubmissionTerm)}}
}

func (r *RecordRefund) Files() []string { return []string{r.Slip} }

func (r *RecordRefund) Check(p *Project, c flow.Context) error {
	if err := p.underWay(-1); err != nil { // a payment that the bank sent back must first be made again
		return err
	}
	if r.Fen > p.RefundDue {
		return domain.Refuse("refund-amount", "fen", "want", p.RefundDue.String(), "got", r.Fen.String())
	}
	if err := p.freshVoucher(r.Voucher); err != nil {
		return err
	}
	return flow.Stored("slip", r.Slip, c)
}

func (r *RecordRefund) Decide(p *Project, c flow.Context) []flow.Event {
	events := []flow.Event{&RefundRecorded{Fen: r.Fen, Voucher: r.Voucher, Slip: r.Slip}}
	if r.Fen == p.RefundDue {
		events = append(events, &ClosingOpened{Deadline: c.Deadline(c.Today(), ClosingTerm)})
	}
	return events
}

// Check returns an error while a payment is under way, which can happen after the bank has sent money back.
func (*CloseProject) Check(p *Project, _ flow.Context) error { return p.underWay(-1) }

func (cl *CloseProject) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&ProjectClosed{Opinion: cl.Opinion, On: c.Today()}}
}

func (*RefuseClosing) Check(*Project, flow.Context) error { return nil }

func (r *RefuseClosing) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&ClosingRefused{Reason: r.Reason, Deadline: c.Deadline(c.Today(), ResubmissionTerm)}}
}
