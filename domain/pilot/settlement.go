package pilot

import (
	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Spending is money spent on one kind of the budget.
type Spending struct {
	Kind string    `json:"kind" minLength:"1" maxLength:"40" doc:"kind of spending, as the budget names it"`
	Fen  money.Fen `json:"fen" minimum:"0" maximum:"100000000000000" doc:"in fen (分)"`
}

// SubmitSettlement is the organization's final account (决算).
type SubmitSettlement struct {
	Spending   []Spending `json:"spending" minItems:"1" maxItems:"40"`
	Account    string     `json:"account" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded final account with its vouchers"`
	MarkPhotos []string   `json:"mark_photos" minItems:"1" maxItems:"40" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of photos that show the lottery mark (彩票公益金标识)"`
	Assets     []string   `json:"assets,omitempty" maxItems:"200" maxLength:"200" doc:"assets bought, one a line"`
}

// AcceptSettlement accepts spending kind by kind, at most what was reported.
type AcceptSettlement struct {
	Accepted []Spending `json:"accepted" minItems:"1" maxItems:"40"`
	Remark   string     `json:"remark,omitempty" maxLength:"2000"`
}

// ReturnSettlement sends the settlement back with the reason (退回).
type ReturnSettlement struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// RecordRefund notes that the organization returned unspent money (结余退回).
type RecordRefund struct {
	Fen  money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Slip string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

// CloseProject is the evaluator's closing verdict (结项).
type CloseProject struct {
	Opinion string `json:"opinion" minLength:"1" maxLength:"4000"`
}

// RefuseClosing withholds the closing with reasons (不予结项).
type RefuseClosing struct {
	Reason string `json:"reason" minLength:"1" maxLength:"4000"`
}

// within refuses spending on kinds that the limits do not have, twice on one kind, and above a limit.
func within(field string, spending []Spending, limits map[string]int64) error {
	seen := map[string]bool{}
	for i, s := range spending {
		most, known := limits[s.Kind]
		switch {
		case !known:
			return domain.Refuse("not-in-budget", at(field, i)+".kind", "kind", s.Kind)
		case seen[s.Kind]:
			return domain.Refuse("duplicate", at(field, i)+".kind", "value", s.Kind)
		case int64(s.Fen) > most:
			return domain.Refuse("over-line", at(field, i)+".fen", "kind", s.Kind, "most", money.Fen(most).String(), "got", s.Fen.String())
		}
		seen[s.Kind] = true
	}
	return nil
}

func byKind(spending []Spending) map[string]int64 {
	m := map[string]int64{}
	for _, s := range spending {
		m[s.Kind] += int64(s.Fen)
	}
	return m
}

func (p *Project) budget() map[string]int64 {
	m := map[string]int64{}
	for _, l := range p.Proposal.Budget {
		m[l.Kind] += int64(l.Fen)
	}
	return m
}

func total(spending []Spending) (sum money.Fen) {
	for _, s := range spending {
		sum += s.Fen
	}
	return sum
}

func (s *SubmitSettlement) evidence() []string { return append([]string{s.Account}, s.MarkPhotos...) }

func (s *SubmitSettlement) check(p *Project, c Context) error {
	if err := within("spending", s.Spending, p.budget()); err != nil {
		return err
	}
	if err := stored("account", s.Account, c); err != nil {
		return err
	}
	return allStored("mark_photos", s.MarkPhotos, c)
}

func (s *SubmitSettlement) decide(_ *Project, c Context) []Event {
	return []Event{&SettlementSubmitted{
		Spending: s.Spending, Account: s.Account, MarkPhotos: s.MarkPhotos, Assets: s.Assets, Deadline: c.deadline(c.Today(), programme.AcceptanceTerm),
	}}
}

// check: finance accepts only once no payment is under way.
func (a *AcceptSettlement) check(p *Project, _ Context) error {
	for i, t := range p.Tranches {
		if t.Attempt > 0 && !t.Paid {
			return domain.Refuse("payment-under-way", "", "tranche", itoa(i+1))
		}
	}
	if err := within("accepted", a.Accepted, p.Reported); err != nil {
		return err
	}
	if accepted := total(a.Accepted); accepted > p.GrantFen {
		return domain.Refuse("over-grant", "accepted", "most", p.GrantFen.String(), "got", accepted.String())
	}
	return nil
}

// decide pays at most accepted spending less what was paid; what was paid and
// not spent is to be returned, what is left of the grant goes back to the fund.
func (a *AcceptSettlement) decide(p *Project, c Context) []Event {
	accepted := total(a.Accepted)
	last := max(accepted-p.PaidFen, 0)
	settled := &SettlementAccepted{
		AcceptedFen: accepted, LastFen: last, ReleasedFen: p.GrantFen - p.PaidFen - last,
		RefundFen: max(p.PaidFen-accepted, 0), Remark: a.Remark,
		Refund: c.deadline(c.Today(), programme.RefundTerm),
	}
	events := append([]Event{settled}, p.fallDue(met{settled: true, last: last}, c)...)
	if last == 0 && settled.RefundFen == 0 {
		events = append(events, &ClosingOpened{Deadline: c.deadline(c.Today(), programme.ClosingTerm)})
	}
	return events
}

func (*ReturnSettlement) check(*Project, Context) error { return nil }
func (r *ReturnSettlement) decide(_ *Project, c Context) []Event {
	return []Event{&SettlementReturned{Reason: r.Reason, Deadline: c.deadline(c.Today(), programme.ResubmissionTerm)}}
}

func (r *RecordRefund) evidence() []string { return []string{r.Slip} }
func (r *RecordRefund) check(p *Project, c Context) error {
	if r.Fen != p.RefundDue {
		return domain.Refuse("refund-amount", "fen", "want", p.RefundDue.String(), "got", r.Fen.String())
	}
	return stored("slip", r.Slip, c)
}

func (r *RecordRefund) decide(_ *Project, c Context) []Event {
	return []Event{&RefundRecorded{Fen: r.Fen, Slip: r.Slip}, &ClosingOpened{Deadline: c.deadline(c.Today(), programme.ClosingTerm)}}
}

func (*CloseProject) check(*Project, Context) error { return nil }
func (cl *CloseProject) decide(_ *Project, c Context) []Event {
	return []Event{&ProjectClosed{Opinion: cl.Opinion, On: c.Today()}}
}

func (*RefuseClosing) check(*Project, Context) error { return nil }
func (r *RefuseClosing) decide(_ *Project, c Context) []Event {
	return []Event{&ClosingRefused{Reason: r.Reason, Deadline: c.deadline(c.Today(), programme.ResubmissionTerm)}}
}
