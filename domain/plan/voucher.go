package plan

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
)

// VoucherClaim lets a voucher be entered once.
var VoucherClaim = flow.Claim{Prefix: "voucher", Refusal: "duplicate-voucher"}

// VoucherKey is the claim of a voucher's number: an office gives it once.
func VoucherKey(home, number string) string { return "voucher:" + home + ":" + number }

// FreshVoucher refuses a number that was entered before.
func FreshVoucher(entered []string, home, number string) error {
	if slices.Contains(entered, number) {
		return domain.Refuse("duplicate-voucher", "voucher", "key", VoucherKey(home, number))
	}
	return nil
}
