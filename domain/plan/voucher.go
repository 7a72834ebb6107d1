package plan

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
)

// VoucherClaim declares keys for voucher numbers, so that each number is entered only once.
var VoucherClaim = flow.Claim{Prefix: "voucher", Refusal: "duplicate-voucher"}

// VoucherKey returns the key for a voucher number, which is unique within an office.
func VoucherKey(home, number string) string { return "voucher:" + home + ":" + number }

// FreshVoucher refuses a voucher number that has been entered before.
func FreshVoucher(entered []string, home, number string) error {
	if slices.Contains(entered, number) {
		return domain.Refuse("duplicate-voucher", "voucher", "key", VoucherKey(home, number))
	}
	return nil
}
