// Package payment implements payments (付款). A payment is one attempt to pay a tranche of a grant, or to pay the evaluator.
package payment

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
)

// Kind is the aggregate kind of a payment.
const Kind flow.Kind = "payment"

// Payment is one attempt to pay a tranche of a grant, or to pay the evaluator (付款).
type Payment struct {
	flow.Record
	OpenPayment
	Releases  []string      `json:"releases,omitempty"`  // actor ids of the officers who released the payment
	Gateway   string        `json:"gateway,omitempty"`   // how the money is paid: “voucher” or “http”
	Reference string        `json:"reference,omitempty"` // number that the gateway assigned to the order
	Unknown   bool          `json:"unknown,omitempty"`   // whether the bank's response was lost and Terrace is asking again
	Reversed  bool          `json:"reversed,omitempty"`  // whether the bank sent the money back after the payment was posted
	Voucher   string        `json:"voucher,omitempty"`   // number of the payment voucher (付款凭证)
	Reason    string        `json:"reason,omitempty"`    // why the payment was voided or sent back
	ReasonOn  calendar.Date `json:"reason_on,omitzero"`
}

// OpenPayment opens a payment and reserves the money for it.
type OpenPayment struct {
	Payer       flow.Ref          `json:"payer"` // the project, or the pilot if the payee is the evaluator
	Pilot       string            `json:"pilot"`
	Programme   flow.ProgrammeRef `json:"rules"`
	Home        string            `json:"home"`                // place of the office that pays
	Account     string            `json:"account"`             // id of the owner of the ledger accounts: the project or the evaluator's contract
	Evaluator   string            `json:"evaluator,omitempty"` // credit code of the evaluator; no one with an interest in the evaluator may release the payment
	Tranche     int               `json:"tranche,omitempty"`
	Attempt     int               `json:"attempt"`
	Payee       plan.Organization `json:"payee"`
	AccountName string            `json:"account_name"` // name of the bank account's holder
	Fen         money.Fen         `json:"fen"`
	Deadline    flow.Deadline     `json:"deadline"`
}

// ReleasePayment is an officer's release of the payment (复核). Two different officers must release it.
type ReleasePayment struct{}

// VoidPayment abandons the attempt before the bank is instructed (作废). Once the bank has been instructed, the attempt can end only
// with a voucher from the bank or the return of the money.
type VoidPayment struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

// StopPaymentOrder abandons the attempt because the project was terminated before the money was paid.
type StopPaymentOrder struct{}

// RecordInstruction records the gateway's response to an instruction or inquiry.
type RecordInstruction struct {
	Gateway string     `json:"gateway"`
	Answer  BankAnswer `json:"answer"`
}

// ConfirmPayment enters the voucher (凭证) that proves the payment.
type ConfirmPayment struct {
	Voucher string `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the voucher"`
	Slip    string `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded slip"`
}

// ReturnPayment records that the bank sent the money back (退汇), before or after the payment was posted.
type ReturnPayment struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

func (p *Payment) Root() string { return p.Pilot }

func (p *Payment) Place() string { return p.Home }

// Label returns the name of the payee.
func (p *Payment) Label() domain.Text { return p.Payee.Name }

func (p *Payment) Party(seat flow.Seat) domain.Party {
	if seat == plan.HomeOffice {
		return domain.Party{Place: p.Home}
	}
	return domain.Party{}
}

// People returns the ids of the people whom the payment names: the officers who have released it.
func (p *Payment) People() []string { return p.Releases }

// Awaited returns, while the payment waits to be released, the office without the officers who have already released it.
func (p *Payment) Awaited(t flow.Turn) []domain.Party {
	if t.Key != AwaitRelease {
		return nil
	}
	party := flow.In(plan.HomeOffice, domain.Finance, domain.Approver).In(p)
	party.Done = p.Releases
	return []domain.Party{party}
}

// Lapse opens the payment window when the next working day begins. When the period for returns has ended, it makes the payment final
// if an officer paid by hand; if the bank paid, the bank is first asked whether the money was sent back.
func (p *Payment) Lapse(turns []flow.Turn, c flow.Context) []flow.Event {
	switch due := turns[0].Due; turns[0].Key {
	case AwaitWindow:
		return []flow.Event{&WindowOpened{On: due}}
	default:
		e := &FinalityDue{On: due}
		if p.Gateway != "" && !p.byHand() {
			e.Ask, e.Answer = true, c.Deadline(due, FinalityTerm)
		}
		return []flow.Event{e}
	}
}

// Claims returns a key for the tranche, so that it has at most one live payment, and a key for the voucher number, so that it cannot
// be entered twice.
func (p *Payment) Claims() []string {
	if p.Stage == Voided || p.Stage == Returned {
		return nil
	}
	keys := []string{"payment:" + p.Account + "." + strconv.Itoa(p.Tranche)}
	if p.Voucher != "" {
		keys = append(keys, plan.VoucherKey(p.Home, p.Voucher))
	}
	return keys
}

// Readers includes the payee.
func (p *Payment) Readers() flow.Readers {
	return flow.Readers{Organizations: []string{p.Payee.CreditCode}}
}

// Part returns the payment in full, because nothing in it is confidential.
func (p *Payment) Part(domain.Actor) flow.State { return p }

// EveryFile returns true, because everyone who can see the payment can open its files.
func (*Payment) EveryFile(domain.Actor) bool { return true }

// ProgrammeRefOf returns the version of the programme whose rules govern the payment.
func (o *OpenPayment) ProgrammeRefOf() flow.ProgrammeRef { return o.Programme }

func (*OpenPayment) Check(*Payment, flow.Context) error { return nil }

func (o *OpenPayment) Decide(*Payment, flow.Context) []flow.Event {
	return []flow.Event{&PaymentOpened{
		Payer: o.Payer, Pilot: o.Pilot, Programme: o.Programme, Home: o.Home, Account: o.Account, Evaluator: o.Evaluator, Tranche: o.Tranche,
		Attempt: o.Attempt, Payee: plan.RecordedOrganization(o.Payee), AccountName: o.AccountName, Fen: o.Fen, Deadline: o.Deadline,
	}}
}

// Check rejects a second release by the same person, a release by anyone with an interest in the payee or the evaluator, and a
// payment to an account that is not in the payee's name.
//
// Errors: same-person, conflict-of-interest, account-name.
func (*ReleasePayment) Check(p *Payment, c flow.Context) error {
	if slices.Contains(p.Releases, c.Actor.ID) {
		return domain.Refuse("same-person", "", "zh", "复核该笔付款", "en", "released this payment")
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

// Decide records the release. The second officer's release completes it, and the money then leaves on a working day (等待付款日).
func (*ReleasePayment) Decide(p *Payment, c flow.Context) []flow.Event {
	e := &PaymentReleased{By: c.Actor.ID, Complete: len(p.Releases) == 1}
	if workday, _ := c.Calendar.Workday(c.Today()); e.Complete && !workday {
		next, provisional := c.Calendar.AddWorkdays(c.Today(), 1)
		e.Window = flow.Deadline{Due: next.AddDays(-1), Remind: next.AddDays(-1), Provisional: provisional}
	}
	return []flow.Event{e}
}

func (*StopPaymentOrder) Check(*Payment, flow.Context) error { return nil }

func (*StopPaymentOrder) Decide(*Payment, flow.Context) []flow.Event {
	return []flow.Event{&PaymentVoided{Reason: "项目已终止，不再付款 / the project was terminated"}}
}

func (p *Payment) byHand() bool { return p.Gateway == ByHandGateway }

// Check accepts only two outcomes for a posted payment: that the money stayed with the payee, or that it was sent back.
//
// Errors: already-recorded.
func (r *RecordInstruction) Check(p *Payment, _ flow.Context) error {
	if p.Stage == Posted && r.Answer.Outcome != BankPaid && r.Answer.Outcome != SentBack {
		return domain.Refuse("already-recorded", "answer", "id", p.ID)
	}
	return nil
}

func (r *RecordInstruction) Decide(p *Payment, c flow.Context) []flow.Event {
	number, unknown := r.Answer.Number, r.Answer.Outcome == OutcomeUnknown
	switch r.Answer.Outcome {
	case BankPaid:
		if p.Stage == Posted {
			return []flow.Event{&PaymentSettled{}}
		}
		on := r.Answer.On
		if on.IsZero() || on.After(c.Today()) {
			on = c.Today()
		}
		return []flow.Event{&PaymentPosted{Gateway: r.Gateway, Voucher: number, On: on, Final: finality(c)}}
	case BankRefused:
		return []flow.Event{&PaymentVoided{Reason: r.Answer.Why}}
	case SentBack:
		return []flow.Event{&PaymentReturned{Reason: r.Answer.Why, Reversed: p.Stage == Posted}}
	case Unheard:
		return nil
	case ByHand, Pending, OutcomeUnknown:
	}
	if p.Stage == Clearing && unknown == p.Unknown {
		return nil
	}
	return []flow.Event{&PaymentInstructed{
		Gateway: r.Gateway, Reference: number, Unknown: unknown, ByHand: r.Answer.Outcome == ByHand, Deadline: p.Deadline,
	}}
}

// finality returns the deadline until which the bank may return money that is posted today.
func finality(c flow.Context) flow.Deadline { return c.Deadline(c.Today(), FinalityTerm) }

func (v *ConfirmPayment) Files() []string { return []string{v.Slip} }

func (v *ConfirmPayment) Check(_ *Payment, c flow.Context) error {
	return flow.Stored("slip", v.Slip, c)
}

// Decide records that an officer has seen proof of the payment, whatever the bank responded. Terrace no longer asks the bank about
// it, so an officer has to watch for the money being sent back.
func (v *ConfirmPayment) Decide(p *Payment, c flow.Context) []flow.Event {
	if p.Stage == Posted {
		return []flow.Event{&PaymentSettled{Voucher: v.Voucher, Slip: v.Slip}}
	}
	return []flow.Event{&PaymentPosted{Gateway: ByHandGateway, Voucher: v.Voucher, Slip: v.Slip, On: c.Today(), Final: finality(c)}}
}

func (*VoidPayment) Check(*Payment, flow.Context) error { return nil }

func (v *VoidPayment) Decide(*Payment, flow.Context) []flow.Event {
	return []flow.Event{&PaymentVoided{v.Reason}}
}

// Check rejects a return while the bank still has the order, so that nothing is paid twice. After the bank's deadline, finance may
// record what it has found out.
//
// Errors: bank-has-it.
func (*ReturnPayment) Check(p *Payment, c flow.Context) error {
	if t := p.Turn(AwaitClearing, ""); t != nil && c.Now.Before(t.Due.End()) {
		return domain.Refuse("bank-has-it", "", "due", t.Due.String())
	}
	return nil
}

func (r *ReturnPayment) Decide(p *Payment, _ flow.Context) []flow.Event {
	return []flow.Event{&PaymentReturned{Reason: r.Reason, Reversed: p.Stage == Posted}}
}

// End is the outcome of a payment as reported to the payer.
type End struct {
	Payment string     `json:"payment"`
	Outcome flow.Stage `json:"outcome"` // posted, voided, returned or final
	Fen     money.Fen  `json:"fen"`
	// Reversed is true if the bank sent the money back after the payment was posted. A payer that has no record of the posting then
	// books both the payment and its return.
	Reversed bool `json:"reversed,omitempty"`
}

// Paid reports whether the money was paid, even if it was later sent back.
func (e End) Paid() bool { return e.Outcome == Posted || e.Outcome == Final || e.Reversed }

// Ending returns the outcome of the payment for the report to the payer.
func (p *Payment) Ending() End {
	return End{Payment: p.ID, Outcome: p.Stage, Fen: p.Fen, Reversed: p.Reversed}
}

// PaymentOpened records that money was reserved for a payment.
type PaymentOpened struct {
	Payer       flow.Ref                  `json:"payer"`
	Pilot       string                    `json:"pilot"`
	Programme   flow.ProgrammeRef         `json:"rules"`
	Home        string                    `json:"home"`
	Account     string                    `json:"account"`
	Evaluator   string                    `json:"evaluator,omitempty"`
	Tranche     int                       `json:"tranche,omitempty"`
	Attempt     int                       `json:"attempt"`
	Payee       plan.RecordedOrganization `json:"payee"`
	AccountName string                    `json:"account_name"`
	Fen         money.Fen                 `json:"fen"`
	Deadline    flow.Deadline             `json:"deadline"`
}

func (e *PaymentOpened) Apply(p *Payment) {
	p.Record.Programme = e.Programme
	p.OpenPayment = OpenPayment{
		Payer: e.Payer, Pilot: e.Pilot, Programme: e.Programme, Home: e.Home, Account: e.Account, Evaluator: e.Evaluator, Tranche: e.Tranche,
		Attempt: e.Attempt, Payee: plan.Organization(e.Payee), AccountName: e.AccountName, Fen: e.Fen, Deadline: e.Deadline,
	}
	p.Enter(Release)
	p.Open(AwaitRelease, "", e.Deadline)
}

// PaymentReleased records that one officer released the payment. Complete is true for the second officer.
type PaymentReleased struct {
	By       string        `json:"by"`
	Complete bool          `json:"complete"`
	Window   flow.Deadline `json:"window,omitzero"` // wait that ends the day before the money can leave; zero if it can leave immediately
}

func (e *PaymentReleased) Apply(p *Payment) {
	p.Releases = append(p.Releases, e.By)
	switch {
	case !e.Complete:
	case e.Window.Due.IsZero():
		p.instruct()
	default:
		p.Enter(Window)
		p.Open(AwaitWindow, "", e.Window)
	}
}

func (p *Payment) instruct() {
	p.Enter(Instruction)
	p.Open(AwaitInstruction, "", flow.Deadline{})
	p.Owe(Instruct, "")
}

// WindowOpened records that a working day has begun and the payment can be sent.
type WindowOpened struct {
	On calendar.Date `json:"on"` // last day of the wait
}

func (*WindowOpened) Apply(p *Payment) { p.instruct() }

// PaymentInstructed records that the order was sent to the gateway. If the gateway's response was lost, Unknown is true: the gateway
// may or may not have received the order, and is queried with the payment's reference until the outcome is known.
type PaymentInstructed struct {
	Gateway   string        `json:"gateway"`
	Reference string        `json:"reference,omitempty"`
	ByHand    bool          `json:"by_hand,omitempty"` // whether an officer pays by hand and enters the voucher
	Unknown   bool          `json:"unknown,omitempty"`
	Deadline  flow.Deadline `json:"deadline"`
}

func (e *PaymentInstructed) Apply(p *Payment) {
	p.Gateway, p.Unknown = e.Gateway, e.Unknown
	if e.Reference != "" {
		p.Reference = e.Reference
	}
	p.Discharge(Instruct, "")
	if e.ByHand {
		p.Enter(Confirmation)
		p.Open(AwaitConfirmation, "", e.Deadline)
		return
	}
	if p.Stage != Clearing {
		p.Enter(Clearing)
		p.Open(AwaitClearing, "", e.Deadline)
		p.Owe(Inquire, "")
	}
}

// PaymentPosted records that the money was paid, according to the voucher or the bank (入账). The bank may send it back until the Final
// deadline.
type PaymentPosted struct {
	Gateway string        `json:"gateway,omitempty"`
	Voucher string        `json:"voucher"` // voucher number, or the bank's transaction number
	Slip    string        `json:"slip,omitempty"`
	On      calendar.Date `json:"on"`
	Final   flow.Deadline `json:"final"`
}

func (e *PaymentPosted) Files() []string { return []string{e.Slip} }

func (e *PaymentPosted) Apply(p *Payment) {
	p.Voucher = e.Voucher
	if e.Gateway != "" {
		p.Gateway = e.Gateway
	}
	p.finish(Posted)
	p.Open(AwaitPaymentEnd, "", e.Final)
}

// FinalityDue records that the period for returns has ended. If the bank made the payment, Ask is true and the bank is asked whether
// the money was sent back.
type FinalityDue struct {
	On     calendar.Date `json:"on"`
	Ask    bool          `json:"ask,omitempty"`
	Answer flow.Deadline `json:"answer,omitzero"` // deadline for the bank's response, after which finance must find out what happened
}

func (e *FinalityDue) EffectiveOn() calendar.Date { return e.On }

func (e *FinalityDue) Apply(p *Payment) {
	if !e.Ask {
		p.finish(Final)
		return
	}
	p.Done(AwaitPaymentEnd, "")
	p.Open(AwaitFinalAnswer, "", e.Answer)
	p.Owe(Inquire, "final")
}

// PaymentSettled records that the money stayed with the payee, according to the bank or to the bank slip that finance uploaded.
type PaymentSettled struct {
	Voucher string `json:"voucher,omitempty"`
	Slip    string `json:"slip,omitempty"`
}

func (e *PaymentSettled) Files() []string { return []string{e.Slip} }

func (*PaymentSettled) Apply(p *Payment) { p.finish(Final) }

// PaymentVoided records that the attempt was abandoned or that the bank refused the order.
type PaymentVoided struct {
	Reason string `json:"reason"`
}

func (e *PaymentVoided) Apply(p *Payment) {
	p.Reason, p.ReasonOn = e.Reason, p.AsOf
	p.finish(Voided)
}

// PaymentReturned records that the bank sent the money back. Reversed is true if the payment had already been posted.
type PaymentReturned struct {
	Reason   string `json:"reason"`
	Reversed bool   `json:"reversed,omitempty"`
}

func (e *PaymentReturned) Apply(p *Payment) {
	p.Reversed, p.Reason, p.ReasonOn = e.Reversed, e.Reason, p.AsOf
	p.finish(Returned)
}

// finish moves the payment to the stage of its outcome, which the workflows then report to the payer.
func (p *Payment) finish(stage flow.Stage) {
	p.Enter(stage)
	p.Unknown = false
	p.Duties = slices.DeleteFunc(p.Duties, func(d flow.Duty) bool { return d.Key == Instruct || d.Key == Inquire })
	p.Owe(ReportPayment, string(stage))
}

// IDOf returns the id of a payment: one attempt to pay one tranche from the accounts of one owner.
func IDOf(account string, tranche, attempt int) string {
	return account + "." + strconv.Itoa(tranche) + "." + strconv.Itoa(attempt)
}
