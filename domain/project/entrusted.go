package project

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
)

// RecordEntrusted records money that a donor entrusted to the project for a specific purpose (代为落实). It is kept separate from all
// other money and may not be used for anything else.
type RecordEntrusted struct {
	Donor   string    `json:"donor" minLength:"1" maxLength:"200" doc:"name of the donating organization; no person's name"`
	Purpose string    `json:"purpose" minLength:"1" maxLength:"500"`
	Fen     money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Voucher string    `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the receipt voucher"`
	Slip    string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

// ReturnEntrusted returns unneeded entrusted money to the donor.
type ReturnEntrusted struct {
	Fen     money.Fen `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Voucher string    `json:"voucher" minLength:"1" maxLength:"60" doc:"number of the payment voucher"`
	Slip    string    `json:"slip" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded bank slip"`
}

func (r *RecordEntrusted) Files() []string { return []string{r.Slip} }

// Check returns an error for a terminated project, which may only return the entrusted money it holds.
func (r *RecordEntrusted) Check(p *Project, c flow.Context) error {
	if p.Stage == Terminated {
		return flow.WrongStage(p, "record-entrusted")
	}
	if err := p.freshVoucher(r.Voucher); err != nil {
		return err
	}
	return flow.Stored("slip", r.Slip, c)
}

func (r *RecordEntrusted) Decide(*Project, flow.Context) []flow.Event {
	return []flow.Event{(*EntrustedReceived)(r)}
}

func (r *ReturnEntrusted) Files() []string { return []string{r.Slip} }

func (r *ReturnEntrusted) Check(p *Project, c flow.Context) error {
	if r.Fen > p.EntrustedFen {
		return domain.Refuse("over-entrusted", "fen", "most", p.EntrustedFen.String(), "got", r.Fen.String())
	}
	if err := p.freshVoucher(r.Voucher); err != nil {
		return err
	}
	return flow.Stored("slip", r.Slip, c)
}

func (r *ReturnEntrusted) Decide(*Project, flow.Context) []flow.Event {
	return []flow.Event{(*EntrustedGivenBack)(r)}
}

func (p *Project) noEntrusted() error {
	if p.EntrustedFen > 0 {
		return domain.Refuse("entrusted-left", "", "left", p.EntrustedFen.String())
	}
	return nil
}

// freshVoucher returns an error if the project has already entered the voucher number.
func (p *Project) freshVoucher(number string) error {
	return plan.FreshVoucher(p.Vouchers, number)
}

// EntrustedReceived records that a donor's money was received.
type EntrustedReceived struct {
	Donor   string    `json:"donor"`
	Purpose string    `json:"purpose"`
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *EntrustedReceived) Files() []string { return []string{e.Slip} }

func (e *EntrustedReceived) Apply(p *Project) {
	p.EntrustedFen += e.Fen
	p.Vouchers = append(p.Vouchers, e.Voucher)
}

// EntrustedGivenBack records that entrusted money was returned to the donor.
type EntrustedGivenBack struct {
	Fen     money.Fen `json:"fen"`
	Voucher string    `json:"voucher"`
	Slip    string    `json:"slip"`
}

func (e *EntrustedGivenBack) Files() []string { return []string{e.Slip} }

func (e *EntrustedGivenBack) Apply(p *Project) {
	p.EntrustedFen -= e.Fen
	p.Vouchers = append(p.Vouchers, e.Voucher)
}
