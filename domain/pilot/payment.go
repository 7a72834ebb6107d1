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
	Releases  []string `json:"releases,omitempty"` // actor ids of the officers
	Reference string   `json:"reference,omitempty"`
	Voucher   string   `json:"voucher,omitempty"` // number of the payment voucher (付款凭证)
}

// OpenPayment reserves the money of one attempt.
type OpenPayment struct {
	Payer       Ref          `json:"payer"` // the project, or the pilot for the evaluator's contract
	Pilot       string       `json:"pilot"`
	Programme   ProgrammeRef `json:"rules"`
	Home        string       `json:"home"`    // place of the paying office
	Account     string       `json:"account"` // owner of the ledger accounts
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

// RecordInstruction notes what the gateway answered.
type RecordInstruction struct {
	Reference string `json:"reference"`
}

// ConfirmPayment enters the voucher (凭证) that shows the money went out.
type ConfirmPayment struct {
	Voucher string `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the voucher"`
	Slip    string `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded slip"`
}

// ReturnPayment notes that the bank sent the money back (退汇).
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
func (p *Payment) lapse([]Turn, Context) []Event { return nil }

// claims: one live attempt per tranche, and no voucher twice.
func (p *Payment) claims() []string {
	if p.Stage == Voided || p.Stage == Returned {
		return nil
	}
	keys := []string{"payment:" + p.Account + "." + itoa(p.Tranche)}
	if p.Voucher != "" {
		keys = append(keys, "voucher:"+p.Home+":"+p.Voucher)
	}
	return keys
}

// ProgrammeRefOf is the version of the rules the payment lives under.
func (o *OpenPayment) ProgrammeRefOf() ProgrammeRef { return o.Programme }

func (*OpenPayment) check(*Payment, Context) error      { return nil }
func (o *OpenPayment) decide(*Payment, Context) []Event { return []Event{&PaymentOpened{*o}} }

// check: two people release, and the account's name must be the payee's.
func (*ReleasePayment) check(p *Payment, c Context) error {
	if slices.Contains(p.Releases, c.Actor.ID) {
		return domain.Refuse("same-person", "", "zh", "放款", "en", "released this payment")
	}
	if p.AccountName != p.Payee.Name.ZH {
		return domain.Refuse("account-name", "", "account", p.AccountName, "organization", p.Payee.Name.ZH)
	}
	return nil
}

func (*ReleasePayment) decide(p *Payment, c Context) []Event {
	return []Event{&PaymentReleased{By: c.Actor.ID, Complete: len(p.Releases) == 1}}
}

func (*RecordInstruction) check(*Payment, Context) error { return nil }
func (r *RecordInstruction) decide(p *Payment, _ Context) []Event {
	return []Event{&PaymentInstructed{Reference: r.Reference, Deadline: p.Deadline}}
}

func (v *ConfirmPayment) evidence() []string { return []string{v.Slip} }
func (v *ConfirmPayment) check(_ *Payment, c Context) error {
	return stored("slip", v.Slip, c)
}

func (v *ConfirmPayment) decide(_ *Payment, c Context) []Event {
	return []Event{&PaymentPosted{Voucher: v.Voucher, Slip: v.Slip, On: c.Today()}}
}

func (*VoidPayment) check(*Payment, Context) error        { return nil }
func (v *VoidPayment) decide(*Payment, Context) []Event   { return []Event{&PaymentVoided{v.Reason}} }
func (*ReturnPayment) check(*Payment, Context) error      { return nil }
func (r *ReturnPayment) decide(*Payment, Context) []Event { return []Event{&PaymentReturned{r.Reason}} }

// Ending is the payload of record-payment, which tells the payer how the payment ended.
func (p *Payment) Ending() Payload {
	end := RecordPayment{Payment: p.ID, Outcome: p.Stage, Fen: p.Fen}
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
	By       string `json:"by"`
	Complete bool   `json:"complete"`
}

func (e *PaymentReleased) apply(p *Payment) {
	p.Releases = append(p.Releases, e.By)
	if e.Complete {
		p.enter(Instruction)
		p.open(AwaitInstruction, "", Deadline{})
		p.owe(Instruct, "")
	}
}

// PaymentInstructed means that the gateway has it.
type PaymentInstructed struct {
	Reference string   `json:"reference"`
	Deadline  Deadline `json:"deadline"`
}

func (e *PaymentInstructed) apply(p *Payment) {
	p.Reference = e.Reference
	p.discharge(Instruct, "")
	p.enter(Confirmation)
	p.open(AwaitConfirmation, "", e.Deadline)
}

// PaymentPosted means that the voucher shows the money went out (入账).
type PaymentPosted struct {
	Voucher string        `json:"voucher"`
	Slip    string        `json:"slip"`
	On      calendar.Date `json:"on"`
}

func (e *PaymentPosted) apply(p *Payment) {
	p.Voucher = e.Voucher
	p.finish(Posted)
}

// PaymentVoided means that the attempt was given up.
type PaymentVoided struct {
	Reason string `json:"reason"`
}

func (e *PaymentVoided) apply(p *Payment) { p.finish(Voided) }

// PaymentReturned means that the bank sent the money back.
type PaymentReturned struct {
	Reason string `json:"reason"`
}

func (e *PaymentReturned) apply(p *Payment) { p.finish(Returned) }

func (p *Payment) finish(stage Stage) {
	p.enter(stage)
	p.owe(ReportPayment, "")
}

// paymentID names one attempt.
func paymentID(account string, tranche, attempt int) string {
	return account + "." + itoa(tranche) + "." + itoa(attempt)
}

// trancheDeadline is the day by which a tranche whose conditions are met must be paid.
func trancheDeadline(c Context) Deadline { return c.deadline(c.Today(), programme.TrancheTerm) }
