package postgres_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// A number can be used only once. The other aggregate is represented by its claim alone.
func TestANumberIsUsedOnce(t *testing.T) {
	t.Parallel()
	const slip = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	for name, test := range map[string]struct {
		claim   string
		command func(*record) flow.Command
		code    domain.Code
		field   string
		entered string
	}{
		"a document number that another pilot was approved under": {
			"approval-number:甘民发〔2017〕9号", func(r *record) flow.Command {
				ref := r.onNotice()
				r.passTime(ref)
				return r.command(zhuanglang.ProvinceApprover, "approve", ref, &pilot.Approve{Number: "甘民发〔2017〕9号"})
			}, "duplicate-number", "number", "甘民发〔2017〕9号",
		},
		"a voucher number of another payment of the office": {
			"voucher:620825:2017-0042", func(r *record) flow.Command {
				_, _, paymentRef := r.inPayment()
				r.save(postgres.Evidence{SHA256: slip, MediaType: "image/png", Size: 4, Name: "回单.png", UploadedBy: zhuanglang.CountyFinance})
				r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
				r.do(zhuanglang.CountyApprover, "release", paymentRef, &payment.ReleasePayment{})
				r.do(domain.Workflow.ID, "record-instruction", paymentRef, &payment.RecordInstruction{Gateway: payment.ByHandGateway, Answer: payment.BankAnswer{Outcome: payment.ByHand}})
				return r.command(zhuanglang.CountyFinance, "confirm", paymentRef, &payment.ConfirmPayment{Voucher: "2017-0042", Slip: slip})
			}, "duplicate-voucher", "voucher", "2017-0042",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			command := test.command(r)
			r.sql("insert into claim values ('" + test.claim + "', 'pilot', 'another')")
			_, err := r.Execute(t.Context(), command)
			if e := refusal(t, err, test.code); e.Field != test.field || e.Args["key"] != test.entered {
				t.Errorf("%q, key %q, want %q and %q", e.Field, e.Args["key"], test.field, test.entered)
			}
			r.sql("delete from claim where id = 'another'")
			r.execute(command)
		})
	}
}
