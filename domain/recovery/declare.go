package recovery

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/plan"
)

// Aggregate describes recoveries (追回) to the engine: their commands, events, ledger entries, stages and waits.
var Aggregate = flow.Describe(flow.Aggregate{
	Kind: Kind, Collection: "recoveries", Title: domain.T("追回", "Recovery"), Empty: &Recovery{},
	Doc:     "追回: what an organization owes, until the last fen is repaid. 分期、归还。",
	Carried: flow.ByChild("Recovery", "recovery"),
	Stages:  stages, Steps: steps, Waits: waits, Terms: terms, Commands: commands, Events: events, Bookings: bookings,
	Claims: []flow.Claim{plan.VoucherClaim},
	Owner: func(s flow.State, of ledger.OwnerKind) string {
		switch r := s.(*Recovery); of {
		case ledger.OfProject:
			return r.Project
		case ledger.OfPilot:
			return r.Pilot
		default:
			return r.ID
		}
	},
})

// Aggregate returns the description of the aggregate kind.
func (*Recovery) Aggregate() *flow.Aggregate { return Aggregate }

var commands = []*flow.Declaration{
	flow.Declare[*Recovery, OpenRecovery]("open", flow.Itself,
		domain.T("发起追回", "Open the recovery"), domain.T("催缴应归还的款项", "Begins to recover what is owed.")).Creating(),
	flow.Declare[*Recovery, AgreeInstalments]("agree-instalments", flow.In(plan.HomeOffice, domain.Approver),
		domain.T("同意分期归还", "Agree on instalments"), domain.T("各期之和等于尚欠金额", "The instalments add up to what is owed.")).
		Refusing("instalment-day", "instalment-sum"),
	flow.Declare[*Recovery, RecordRepayment]("record-repayment", flow.In(plan.HomeOffice, domain.Finance),
		domain.T("登记归还", "Record a repayment"), domain.T("可分次登记，还清为止", "Records a repayment of all or part of the debt, until nothing is owed.")).
		Refusing("over-debt", "duplicate-voucher", "no-such-file"),
}

var events = []*flow.EventType{
	flow.Happens[*Recovery, RecoveryOpened]("opened", domain.T("发起追回", "Recovery opened")),
	flow.Happens[*Recovery, InstalmentsAgreed]("instalments-agreed", domain.T("同意分期归还", "Instalments agreed")).
		Formerly(flow.Upcast(instalmentsAgreed1.upcast)),
	flow.Happens[*Recovery, RepaymentRecorded]("repaid", domain.T("收到归还款项", "Money repaid")),
	flow.Happens[*Recovery, RecoveryCompleted]("recovered", domain.T("追回完毕", "Fully recovered")),
}

var bookings = []flow.Booking{
	flow.Books(domain.T("应追回金额", "what is owed"), ledger.From(ledger.OfProject, ledger.Disallowed), ledger.To(ledger.OfRecovery, ledger.Receivable),
		func(_ *Recovery, e *RecoveryOpened) []ledger.Part { return ledger.Whole(e.Fen) }),
	flow.Books(domain.T("归还金额", "the amount repaid"), ledger.From(ledger.OfRecovery, ledger.Receivable), ledger.To(ledger.OfPilot, ledger.Treasury),
		func(_ *Recovery, e *RepaymentRecorded) []ledger.Part { return ledger.Whole(e.Fen) }),
}
