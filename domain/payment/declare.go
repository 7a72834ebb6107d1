package payment

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/plan"
)

// Aggregate describes payments (付款) to the engine: their commands, events, ledger entries, stages and waits.
var Aggregate = flow.Describe(flow.Aggregate{
	Kind: Kind, Collection: "payments", Title: domain.T("付款", "Payment"), Empty: &Payment{},
	Doc:     "付款: one attempt to pay a tranche or the evaluator. 双人复核、付款清单、银行处理、凭证确认、最终确认。",
	Carried: flow.ByChild("Disbursement", "disbursement"),
	Stages:  stages, Steps: steps, Waits: waits, Terms: terms, Commands: commands, Events: events, Bookings: bookings,
	Claims:  []flow.Claim{{Prefix: "payment", Refusal: "payment-exists"}, plan.VoucherClaim},
	Patient: []flow.DutyKey{Inquire}, // a bank may take days to execute an order, and asking again delays nothing
	Owner:   func(s flow.State, _ ledger.OwnerKind) string { return s.(*Payment).Account },
})

// Aggregate returns the description of the aggregate kind.
func (*Payment) Aggregate() *flow.Aggregate { return Aggregate }

var commands = []*flow.Declaration{
	flow.Declare[*Payment, OpenPayment]("open", flow.Itself,
		domain.T("发起付款", "Open a payment"), domain.T("为一次付款预留资金", "Reserves the money for one attempt.")).Creating(),
	flow.Declare[*Payment, ReleasePayment]("release", flow.In(plan.HomeOffice, domain.Finance, domain.Approver),
		domain.T("复核付款", "Release the payment"), domain.T("由两名不同人员复核", "Two different officers have to release it.")).
		Refusing("same-person", "conflict-of-interest", "account-name"),
	flow.Declare[*Payment, RecordInstruction]("record-instruction", flow.Itself,
		domain.T("记录付款指令", "Record the instruction"), domain.T("付款通道的回执", "Records the gateway's answer.")),
	flow.Declare[*Payment, StopPaymentOrder]("stop", flow.Itself,
		domain.T("停止付款", "Stop the payment"), domain.T("项目终止时，尚未发出的付款作废", "Gives up a payment of a terminated project before the bank has it.")).Crossing(),
	flow.Declare[*Payment, ConfirmPayment]("confirm", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("确认付款", "Confirm the payment"), domain.T("录入凭证号和已上传的回单，确认款项已付，或者未被退汇", "Enters the voucher number with the uploaded slip: the money was paid, or was not sent back.")).
		Refusing("no-such-file", "duplicate-voucher"),
	flow.Declare[*Payment, VoidPayment]("void", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("作废付款", "Void the payment"), domain.T("付款指令发出前作废，随后重新发起", "Gives up this attempt before the bank is instructed; a new one follows.")),
	flow.Declare[*Payment, ReturnPayment]("return-payment", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("登记退汇", "Record a return by the bank"), domain.T("银行退回款项，已入账的冲回，随后重新发起", "The bank sent the money back: what was posted is reversed, and a new attempt follows.")).
		Refusing("bank-has-it"),
}

var events = []*flow.EventType{
	flow.Happens[*Payment, PaymentOpened]("opened", domain.T("付款发起，资金预留", "Payment opened, money reserved")),
	flow.Happens[*Payment, PaymentReleased]("released", domain.T("一名人员复核通过", "One officer released")),
	flow.Happens[*Payment, PaymentInstructed]("instructed", domain.T("付款指令已发出", "Bank instructed")),
	flow.Happens[*Payment, PaymentPosted]("posted", domain.T("付款已确认入账", "Payment confirmed")),
	flow.Happens[*Payment, PaymentVoided]("voided", domain.T("付款已作废", "Payment voided")),
	flow.Happens[*Payment, PaymentReturned]("returned", domain.T("银行退回款项", "Bank returned the money")),
	flow.Happens[*Payment, WindowOpened]("window-opened", domain.T("付款日到来", "Payment window opened")),
	flow.Happens[*Payment, FinalityDue]("finality-due", domain.T("退汇期届满", "Time for a return has passed")),
	flow.Happens[*Payment, PaymentSettled]("settled", domain.T("确认款项未退回", "Bank confirmed that the money was not sent back")),
}

var bookings = []flow.Booking{
	flow.Books(domain.T("付款金额", "the payment"), ledger.From(ledger.OfPayer, ledger.Commitment), ledger.To(ledger.OfPayer, ledger.Transit),
		func(p *Payment, _ *PaymentOpened) []ledger.Part { return ledger.Whole(p.Fen) }),
	flow.Books(domain.T("批次款", "a tranche"), ledger.From(ledger.OfPayer, ledger.Transit), ledger.To(ledger.OfPayer, ledger.Advance),
		func(p *Payment, _ *PaymentPosted) []ledger.Part { return p.when(p.Tranche > 0) }),
	flow.Books(domain.T("评估费", "the evaluator's fee"), ledger.From(ledger.OfPayer, ledger.Transit), ledger.To(ledger.OfPayer, ledger.Spent),
		func(p *Payment, _ *PaymentPosted) []ledger.Part { return p.when(p.Tranche == 0) }),
	flow.Books(domain.T("付款金额", "the payment"), ledger.From(ledger.OfPayer, ledger.Transit), ledger.To(ledger.OfPayer, ledger.Commitment),
		func(p *Payment, _ *PaymentVoided) []ledger.Part { return ledger.Whole(p.Fen) }),
	flow.Books(domain.T("入账前退回的付款", "a payment sent back before it was posted"), ledger.From(ledger.OfPayer, ledger.Transit), ledger.To(ledger.OfPayer, ledger.Commitment),
		func(p *Payment, e *PaymentReturned) []ledger.Part {
			if e.Reversed { // the payer reverses its own bookings of the money
				return nil
			}
			return ledger.Whole(p.Fen)
		}),
}

// when returns the payment's amount as the only part of a booking if applies is true, and otherwise no part.
func (p *Payment) when(applies bool) []ledger.Part {
	if !applies {
		return nil
	}
	return ledger.Whole(p.Fen)
}
