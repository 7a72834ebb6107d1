package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Payment is one attempt to pay one tranche, or the evaluator (拨付).
type Payment struct {
	Record
	OpenPayment
	Releases  []string `json:"releases,omitempty"`  // actor ids of the officers
	Gateway   string   `json:"gateway,omitempty"`   // the way the money takes: voucher, http
	Reference string   `json:"reference,omitempty"` // the gateway's own number
	Unknown   bool     `json:"unknown,omitempty"`   // the bank's answer was lost; it is being asked
	Reversed  bool     `json:"reversed,omitempty"`  // it came back after it was posted
	Voucher   string   `json:"voucher,omitempty"`   // number of the payment voucher (付款凭证)
}

// OpenPayment reserves the money of one attempt.
type OpenPayment struct {
	Payer       Ref          `json:"payer"` // the project, or the pilot for the evaluator's contract
	Pilot       string       `json:"pilot"`
	Programme   ProgrammeRef `json:"rules"`
	Home        string       `json:"home"`                // place of the paying office
	Account     string       `json:"account"`             // owner of the ledger accounts
	Evaluator   string       `json:"evaluator,omitempty"` // credit code; its people release nothing
	Tranche     int          `json:"tranche,omitempty"`
	Attempt     int          `json:"attempt"`
	Payee       Organization `json:"payee"`
	AccountName string       `json:"account_name"` // name of the bank account
	Fen         money.Fen    `json:"fen"`
	Deadline    Deadline     `json:"deadline"`
}

// ReleasePayment is one officer's word that the money may go (放款). Two different officers are needed.
type ReleasePayment struct{}

// VoidPayment gives the attempt up before the bank is instructed (作废). Once it is,
// only the bank ends it: a voucher, or the money back.
type VoidPayment struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// StopPaymentOrder gives up an attempt whose project was terminated before the money went out.
type StopPaymentOrder struct{}

// RecordInstruction notes what the gateway answered, when it was instructed or asked.
type RecordInstruction struct {
	Gateway string     `json:"gateway"`
	Answer  BankAnswer `json:"answer"`
}

// ConfirmPayment enters the voucher (凭证) that shows the money went out.
type ConfirmPayment struct {
	Voucher string `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the voucher"`
	Slip    string `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded slip"`
}

// ReturnPayment notes that the bank sent the money back (退汇), before or after it was posted.
type ReturnPayment struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// Kind is PaymentKind.
func (*Payment) Kind() Kind { return PaymentKind }

func (p *Payment) pilot() string { return p.Pilot }
func (p *Payment) place() string { return p.Home }

func (p *Payment) party(seat Seat) domain.Party {
	if seat == HomeOffice {
		return domain.Party{Place: p.Home}
	}
	return domain.Party{}
}

func (p *Payment) awaited(t Turn) []domain.Party { return []domain.Party{waits[t.Key].Who.In(p)} }

// lapse: the window opens with the next working day; a payment that did not come back is final.
func (p *Payment) lapse(turns []Turn, c Context) []Event {
	switch due := turns[0].Due; turns[0].Key {
	case AwaitWindow:
		return []Event{&WindowOpened{On: due}}
	default:
		e := &FinalityDue{On: due}
		if p.Gateway != "" && !p.byHand() {
			e.Ask, e.Answer = true, c.deadline(due, programme.FinalityTerm)
		}
		return []Event{e}
	}
}

// claims: one live attempt per tranche, and no voucher twice.
func (p *Payment) claims() []string {
	if p.Stage == Voided || p.Stage == Returned {
		return nil
	}
	keys := []string{"payment:" + p.Account + "." + itoa(p.Tranche)}
	if p.Voucher != "" {
		keys = append(keys, voucherKey(p.Home, p.Voucher))
	}
	return keys
}

// voucherKey is the claim of a voucher's number: an office gives it once.
func voucherKey(home, number string) string { return "voucher:" + home + ":" + number }

func freshVoucher(entered []string, home, number string) error {
	if slices.Contains(entered, number) {
		return domain.Refuse("duplicate-voucher", "voucher", "key", voucherKey(home, number))
	}
	return nil
}

// ProgrammeRefOf is the version of the rules the payment lives under.
func (o *OpenPayment) ProgrammeRefOf() ProgrammeRef { return o.Programme }

func (*OpenPayment) check(*Payment, Context) error      { return nil }
func (o *OpenPayment) decide(*Payment, Context) []Event { return []Event{&PaymentOpened{*o}} }

// check: two people release, neither with an interest in the payee or the evaluator,
// and the account's name must be the payee's.
func (*ReleasePayment) check(p *Payment, c Context) error {
	if slices.Contains(p.Releases, c.Actor.ID) {
		return domain.Refuse("same-person", "", "zh", "放款", "en", "released this payment")
	}
	for _, party := range []string{p.Payee.CreditCode, p.Evaluator} {
		if c.Actor.InterestedIn(party) {
			return domain.Refuse("conflict-of-interest", "", "organization", party)
		}
	}
	if p.AccountName != p.Payee.Name.ZH {
		return domain.Refuse("account-name", "", "account", p.AccountName, "organization", p.Payee.Name.ZH)
	}
	return nil
}

// decide lets the money go on working days only (付款窗口).
func (*ReleasePayment) decide(p *Payment, c Context) []Event {
	e := &PaymentReleased{By: c.Actor.ID, Complete: len(p.Releases) == 1}
	if workday, _ := c.Calendar.Workday(c.Today()); e.Complete && !workday {
		next, provisional := c.Calendar.AddWorkdays(c.Today(), 1)
		e.Window = Deadline{Due: next.AddDays(-1), Remind: next.AddDays(-1), Provisional: provisional}
	}
	return []Event{e}
}

func (*StopPaymentOrder) check(*Payment, Context) error { return nil }
func (*StopPaymentOrder) decide(*Payment, Context) []Event {
	return []Event{&PaymentVoided{Reason: "terminated"}}
}

func (p *Payment) byHand() bool { return p.Gateway == ByHandGateway }

// check: what the bank had to say of a payment that is posted is that it stays or came back.
func (r *RecordInstruction) check(p *Payment, _ Context) error {
	if p.Stage == Posted && r.Answer.Outcome != BankPaid && r.Answer.Outcome != SentBack {
		return domain.Refuse("already-recorded", "answer", "id", p.ID)
	}
	return nil
}

func (r *RecordInstruction) decide(p *Payment, c Context) []Event {
	number, unknown := r.Answer.Number, r.Answer.Outcome == OutcomeUnknown
	switch r.Answer.Outcome {
	case BankPaid:
		if p.Stage == Posted {
			return []Event{&PaymentSettled{}}
		}
		on := r.Answer.On
		if on.IsZero() || on.After(c.Today()) {
			on = c.Today()
		}
		return []Event{&PaymentPosted{Gateway: r.Gateway, Voucher: number, On: on, Final: finality(c)}}
	case BankRefused:
		return []Event{&PaymentVoided{Reason: r.Answer.Why}}
	case SentBack:
		return []Event{&PaymentReturned{Reason: r.Answer.Why, Reversed: p.Stage == Posted}}
	case Unheard:
		return nil
	case ByHand, Pending, OutcomeUnknown:
	}
	if p.Stage == Clearing && unknown == p.Unknown {
		return nil
	}
	return []Event{&PaymentInstructed{
		Gateway: r.Gateway, Reference: number, Unknown: unknown, ByHand: r.Answer.Outcome == ByHand, Deadline: p.Deadline,
	}}
}

// finality is until when a bank may send back what was posted today.
func finality(c Context) Deadline { return c.deadline(c.Today(), programme.FinalityTerm) }

func (v *ConfirmPayment) evidence() []string { return []string{v.Slip} }
func (v *ConfirmPayment) check(_ *Payment, c Context) error {
	return stored("slip", v.Slip, c)
}

// decide notes that a person saw the money go out, whatever the bank could tell: a person will see it come back.
func (v *ConfirmPayment) decide(p *Payment, c Context) []Event {
	if p.Stage == Posted {
		return []Event{&PaymentSettled{Voucher: v.Voucher, Slip: v.Slip}}
	}
	return []Event{&PaymentPosted{Gateway: ByHandGateway, Voucher: v.Voucher, Slip: v.Slip, On: c.Today(), Final: finality(c)}}
}

func (*VoidPayment) check(*Payment, Context) error      { return nil }
func (v *VoidPayment) decide(*Payment, Context) []Event { return []Event{&PaymentVoided{v.Reason}} }

// check: while a bank still has the order, nobody pays it again: it can be recorded as returned
// only once the bank's time is over and finance has found out.
func (*ReturnPayment) check(p *Payment, c Context) error {
	if t := p.turn(AwaitClearing, ""); t != nil && c.Now.Before(t.Due.End()) {
		return domain.Refuse("bank-has-it", "", "due", t.Due.String())
	}
	return nil
}

func (r *ReturnPayment) decide(p *Payment, _ Context) []Event {
	return []Event{&PaymentReturned{Reason: r.Reason, Reversed: p.Stage == Posted}}
}

// Ending is the payload of record-payment, which tells the payer what became of the payment.
func (p *Payment) Ending() Payload {
	end := RecordPayment{Payment: p.ID, Outcome: p.Stage, Fen: p.Fen, Reversed: p.Reversed}
	if p.Payer.Kind == ProjectKind {
		return &RecordTranche{end}
	}
	return &end
}

// PaymentOpened means that the money is reserved.
type PaymentOpened struct{ OpenPayment }

func (e *PaymentOpened) apply(p *Payment) {
	p.OpenPayment, p.Record.Programme = e.OpenPayment, e.Programme
	p.enter(Release)
	p.open(AwaitRelease, "", e.Deadline)
}

// PaymentReleased means that one officer gave the word; Complete with the second.
type PaymentReleased struct {
	By       string   `json:"by"`
	Complete bool     `json:"complete"`
	Window   Deadline `json:"window,omitzero"` // the last day before the next window, where none is open
}

func (e *PaymentReleased) apply(p *Payment) {
	p.Releases = append(p.Releases, e.By)
	switch {
	case !e.Complete:
	case e.Window.Due.IsZero():
		p.instruct()
	default:
		p.enter(Window)
		p.open(AwaitWindow, "", e.Window)
	}
}

func (p *Payment) instruct() {
	p.enter(Instruction)
	p.open(AwaitInstruction, "", Deadline{})
	p.owe(Instruct, "")
}

// WindowOpened means that a working day begins, on which payments go out.
type WindowOpened struct {
	On calendar.Date `json:"on"` // the day that ended
}

func (*WindowOpened) apply(p *Payment) { p.instruct() }

// PaymentInstructed means that the gateway has it, or may have it: where the answer was
// lost, Unknown, the bank is asked by reference until it says.
type PaymentInstructed struct {
	Gateway   string   `json:"gateway"`
	Reference string   `json:"reference,omitempty"`
	ByHand    bool     `json:"by_hand,omitempty"` // an officer pays and enters the voucher
	Unknown   bool     `json:"unknown,omitempty"`
	Deadline  Deadline `json:"deadline"`
}

func (e *PaymentInstructed) apply(p *Payment) {
	p.Gateway, p.Unknown = e.Gateway, e.Unknown
	if e.Reference != "" {
		p.Reference = e.Reference
	}
	p.discharge(Instruct, "")
	if e.ByHand {
		p.enter(Confirmation)
		p.open(AwaitConfirmation, "", e.Deadline)
		return
	}
	if p.Stage != Clearing {
		p.enter(Clearing)
		p.open(AwaitClearing, "", e.Deadline)
		p.owe(Inquire, "")
	}
}

// PaymentPosted means that the voucher, or the bank, shows the money went out (入账).
// The bank may still send it back until the final day.
type PaymentPosted struct {
	Gateway string        `json:"gateway,omitempty"`
	Voucher string        `json:"voucher"` // number of the voucher, or the bank's of the transaction
	Slip    string        `json:"slip,omitempty"`
	On      calendar.Date `json:"on"`
	Final   Deadline      `json:"final"`
}

func (e *PaymentPosted) apply(p *Payment) {
	p.Voucher = e.Voucher
	if e.Gateway != "" {
		p.Gateway = e.Gateway
	}
	p.finish(Posted)
	p.open(AwaitPaymentEnd, "", e.Final)
}

// FinalityDue means that the time has passed in which banks send money back; Ask the
// bank whether it did, where a bank paid.
type FinalityDue struct {
	On     calendar.Date `json:"on"`
	Ask    bool          `json:"ask,omitempty"`
	Answer Deadline      `json:"answer,omitzero"` // of the bank; then finance finds out
}

func (e *FinalityDue) on() calendar.Date { return e.On }

func (e *FinalityDue) apply(p *Payment) {
	if !e.Ask {
		p.finish(Final)
		return
	}
	p.done(AwaitPaymentEnd, "")
	p.open(AwaitFinalAnswer, "", e.Answer)
	p.owe(Inquire, "final")
}

// PaymentSettled means that the money stayed: the bank says so, or the slip that finance entered.
type PaymentSettled struct {
	Voucher string `json:"voucher,omitempty"`
	Slip    string `json:"slip,omitempty"`
}

func (*PaymentSettled) apply(p *Payment) { p.finish(Final) }

// PaymentVoided means that the attempt was given up, or the bank refused it.
type PaymentVoided struct {
	Reason string `json:"reason"`
}

func (e *PaymentVoided) apply(p *Payment) { p.finish(Voided) }

// PaymentReturned means that the bank sent the money back; Reversed when it was posted already.
type PaymentReturned struct {
	Reason   string `json:"reason"`
	Reversed bool   `json:"reversed,omitempty"`
}

func (e *PaymentReturned) apply(p *Payment) {
	p.Reversed = e.Reversed
	p.finish(Returned)
}

// finish moves to an outcome that the payer must hear of.
func (p *Payment) finish(stage Stage) {
	p.enter(stage)
	p.Unknown = false
	p.Duties = slices.DeleteFunc(p.Duties, func(d Duty) bool { return d.Key == Instruct || d.Key == Inquire })
	p.owe(ReportPayment, string(stage))
}

// paymentID names one attempt.
func paymentID(account string, tranche, attempt int) string {
	return account + "." + itoa(tranche) + "." + itoa(attempt)
}

// trancheDeadline is the day by which a tranche whose conditions are met must be paid.
func trancheDeadline(c Context) Deadline { return c.deadline(c.Today(), programme.TrancheTerm) }
