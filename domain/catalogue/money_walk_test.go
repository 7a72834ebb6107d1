package catalogue_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
)

// Whatever banks respond, however late the workflows are, and whatever commands users send meanwhile, the books balance after every
// step and no account is overdrawn.
func TestWhateverBanksAnswerTheBooksBalance(t *testing.T) {
	t.Parallel()
	starts := []func(*desk) *desk{(*desk).signed, (*desk).rollout, (*desk).midTerm, (*desk).settlement, (*desk).closed}
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SampledFrom(starts).Draw(r, "start")(newDesk(t))
		d.quiet = true // the test decides when the workflows' duties are performed
		people := sortedNames(d.people)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			if rapid.IntRange(0, 2).Draw(r, "a payment moves") > 0 {
				d.push(r)
			} else {
				d.step(r, people)
			}
			d.invariants(r)
			d.workflows(r)
			d.invariants(r)
		}
	})
}

// push advances one open payment, acting as an officer, the bank or finance.
func (d *desk) push(r *rapid.T) {
	var live []flow.Ref
	for _, ref := range d.refs() {
		if ref.Kind == payment.Kind && len(flow.RecordOf(d.states[ref]).Turns) > 0 {
			live = append(live, ref)
		}
	}
	if len(live) == 0 {
		return
	}
	ref := rapid.SampledFrom(live).Draw(r, "payment")
	var err error
	switch rapid.IntRange(0, 9).Draw(r, "who moves it") {
	case 0:
		err = d.try(zhuanglang.CountyFinance, ref, "confirm", &payment.ConfirmPayment{Voucher: d.number(r), Slip: file})
	case 1, 2:
		err = d.try(zhuanglang.CountyFinance, ref, "return-payment", &payment.ReturnPayment{Reason: "r"})
	case 3, 4, 5:
		outcome := rapid.SampledFrom([]payment.BankOutcome{
			payment.Pending, payment.BankPaid, payment.BankPaid, payment.BankRefused, payment.SentBack, payment.Unheard, payment.OutcomeUnknown,
		}).Draw(r, "asked, the bank answers")
		err = d.bank(ref, outcome)
	default:
		_ = d.try(zhuanglang.CountyFinance, ref, "release", &payment.ReleasePayment{})
		err = d.try(zhuanglang.CountyApprover, ref, "release", &payment.ReleasePayment{})
	}
	if err != nil {
		refusal(d.t, err)
	}
}

// workflows performs each aggregate's duties in order, and may leave some for later.
func (d *desk) workflows(r *rapid.T) {
	for _, ref := range d.refs() {
		for _, duty := range slices.Clone(flow.RecordOf(d.states[ref]).Duties) {
			if duty.Key == payment.Inquire { // push records the bank's responses
				continue
			}
			if rapid.IntRange(0, 3).Draw(r, "late") == 0 {
				break
			}
			d.carryOut(r, ref, duty)
		}
	}
}

func (d *desk) carryOut(r *rapid.T, ref flow.Ref, duty flow.Duty) {
	switch state := d.states[ref]; duty.Key {
	case payment.Instruct:
		outcome := rapid.SampledFrom([]payment.BankOutcome{
			payment.ByHand, payment.Pending, payment.BankPaid, payment.BankRefused, payment.SentBack, payment.OutcomeUnknown,
		}).Draw(r, "instructed, the bank answers")
		gateway := "http"
		if outcome == payment.ByHand {
			gateway = payment.ByHandGateway
		}
		answer := &payment.RecordInstruction{Gateway: gateway, Answer: payment.BankAnswer{Outcome: outcome}}
		d.do(domain.Workflow.ID, ref, "record-instruction", answer)
	case payment.ReportPayment: // the payer may already have the report
		p := state.(*payment.Payment)
		if err := d.try(domain.Workflow.ID, p.Payer, "record-payment", catalogue.PaymentReport(p)); err != nil {
			if code := refusal(d.t, err); code != "already-recorded" {
				r.Fatalf("%s reports to %s: %v", ref, p.Payer, err)
			}
		}
		d.do(domain.Workflow.ID, ref, "discharge", &flow.Discharge{Duty: duty})
	default:
		d.discharge(ref, state, duty)
	}
}

// refs returns the aggregates in a fixed order.
func (d *desk) refs() (all []flow.Ref) {
	for ref := range d.states {
		all = append(all, ref)
	}
	slices.SortFunc(all, func(a, b flow.Ref) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	return all
}
