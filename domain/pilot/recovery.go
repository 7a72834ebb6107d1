package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Recovery follows up money that an organization owes back until nothing is left
// (追回). It stands by itself: no project and no pilot waits for it.
type Recovery struct {
	Record
	OpenRecovery
	PaidFen     money.Fen     `json:"paid_fen,omitempty"`
	Instalments []Instalment  `json:"instalments,omitempty"`
	Vouchers    []string      `json:"vouchers,omitempty"`
	EndedOn     calendar.Date `json:"ended_on,omitzero"`
}

// OpenRecovery begins to claim a debt.
type OpenRecovery struct {
	Project   string       `json:"project"`
	Pilot     string       `json:"pilot"`
	Programme ProgrammeRef `json:"rules"`
	Home      string       `json:"home"` // place of the office that claims it
	Debtor    Organization `json:"debtor"`
	Fen       money.Fen    `json:"fen"`
	Why       DebtCause    `json:"why"`
	Deadline  Deadline     `json:"deadline"`
}

// Instalment is one part of a debt with the day it is due (分期).
type Instalment struct {
	Due calendar.Date `json:"due"`
	Fen money.Fen     `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
}

// AgreeInstalments lets the organization pay back in parts; what is left of the debt is divided anew.
type AgreeInstalments struct {
	Instalments []Instalment `json:"instalments" minItems:"1" maxItems:"60"`
	Reason      string       `json:"reason" minLength:"1" maxLength:"2000"`
}

// RecordRepayment notes money that came back, all of the debt or a part.
type RecordRepayment struct {
	Fen     money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Voucher string    `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the receipt voucher"`
	Slip    string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

// Kind is RecoveryKind.
func (*Recovery) Kind() Kind { return RecoveryKind }

func (r *Recovery) pilot() string { return r.Pilot }
func (r *Recovery) place() string { return r.Home }

func (r *Recovery) party(seat Seat) domain.Party {
	switch seat {
	case HomeOffice:
		return domain.Party{Place: r.Home}
	case ApplicantSeat:
		return domain.Party{Organizations: []string{r.Debtor.CreditCode}}
	default:
		return domain.Party{}
	}
}

func (r *Recovery) awaited(t Turn) []domain.Party { return []domain.Party{waits[t.Key].Who.In(r)} }
func (r *Recovery) lapse([]Turn, Context) []Event { return nil }

// claims: a voucher is entered once.
func (r *Recovery) claims() []string {
	keys := make([]string, len(r.Vouchers))
	for i, v := range r.Vouchers {
		keys[i] = voucherKey(r.Home, v)
	}
	return keys
}

// ProgrammeRefOf is the version of the rules the recovery lives under.
func (o *OpenRecovery) ProgrammeRefOf() ProgrammeRef { return o.Programme }

// LeftFen is what is still owed.
func (r *Recovery) LeftFen() money.Fen { return r.Fen - r.PaidFen }

func (*OpenRecovery) check(*Recovery, Context) error      { return nil }
func (o *OpenRecovery) decide(*Recovery, Context) []Event { return []Event{&RecoveryOpened{*o}} }

// check: the instalments make up what is owed, one after the other, within the programme's time.
func (a *AgreeInstalments) check(r *Recovery, c Context) error {
	var sum money.Fen
	last, _ := c.Calendar.Due(c.Today(), c.Rules.Term(programme.InstalmentsTerm).Span())
	before := c.Today()
	for i, part := range a.Instalments {
		sum += part.Fen
		if !part.Due.After(before) || part.Due.After(last) {
			return domain.Refuse("instalment-day", at("instalments", i)+".due", "day", part.Due.String(), "last", last.String())
		}
		before = part.Due
	}
	if sum != r.LeftFen() {
		return domain.Refuse("instalment-sum", "instalments", "want", r.LeftFen().String(), "got", sum.String())
	}
	return nil
}

func (a *AgreeInstalments) decide(_ *Recovery, c Context) []Event {
	e := &InstalmentsAgreed{Instalments: a.Instalments, Reason: a.Reason}
	for _, part := range a.Instalments {
		e.Deadlines = append(e.Deadlines, c.by(c.Today(), part.Due))
	}
	return []Event{e}
}

func (p *RecordRepayment) evidence() []string { return []string{p.Slip} }
func (p *RecordRepayment) check(r *Recovery, c Context) error {
	if p.Fen > r.LeftFen() {
		return domain.Refuse("over-debt", "fen", "most", r.LeftFen().String(), "got", p.Fen.String())
	}
	if err := freshVoucher(r.Vouchers, r.Home, p.Voucher); err != nil {
		return err
	}
	return stored("slip", p.Slip, c)
}

func (p *RecordRepayment) decide(r *Recovery, c Context) []Event {
	events := []Event{&RepaymentRecorded{Fen: p.Fen, Voucher: p.Voucher, Slip: p.Slip}}
	if p.Fen == r.LeftFen() {
		events = append(events, &RecoveryCompleted{On: c.Today()})
	}
	return events
}

// RecoveryOpened means that the debt is claimed from the organization.
type RecoveryOpened struct{ OpenRecovery }

func (e *RecoveryOpened) apply(r *Recovery) {
	r.OpenRecovery, r.Record.Programme = e.OpenRecovery, e.Programme
	r.enter(Repayment)
	r.open(AwaitRepayment, "", e.Deadline)
}

// InstalmentsAgreed means that the rest of the debt is paid back in parts.
type InstalmentsAgreed struct {
	Instalments []Instalment `json:"instalments"`
	Deadlines   []Deadline   `json:"deadlines"`
	Reason      string       `json:"reason"`
}

func (e *InstalmentsAgreed) apply(r *Recovery) {
	r.Turns = nil
	r.Instalments = slices.Clone(e.Instalments)
	for i, d := range e.Deadlines {
		r.open(AwaitRepayment, itoa(i+1), d)
	}
}

// RepaymentRecorded means that money came back; it goes to the instalments in their order.
type RepaymentRecorded struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *RepaymentRecorded) apply(r *Recovery) {
	r.PaidFen += e.Fen
	r.Vouchers = append(r.Vouchers, e.Voucher)
	rest := e.Fen
	for i := range r.Instalments {
		part := &r.Instalments[i]
		covered := min(part.Fen, rest)
		part.Fen -= covered
		rest -= covered
		if part.Fen == 0 {
			r.done(AwaitRepayment, itoa(i+1))
		}
	}
}

// RecoveryCompleted means that nothing is owed any more (追回完毕).
type RecoveryCompleted struct {
	On calendar.Date `json:"on"`
}

func (e *RecoveryCompleted) apply(r *Recovery) {
	r.EndedOn = e.On
	r.enter(Recovered)
}
