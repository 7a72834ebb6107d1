package plan

import (
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
)

// VoucherClaim declares the keys of voucher numbers, so that no number is entered twice.
var VoucherClaim = flow.Claim{Prefix: "voucher", Refusal: "duplicate-voucher", Field: "voucher", Within: true}

// VoucherKey returns the key of a voucher number. Voucher numbers are unique within an office.
func VoucherKey(home, number string) string { return "voucher:" + home + ":" + number }

// FreshVoucher returns an error if the voucher number has already been entered.
func FreshVoucher(entered []string, number string) error {
	if slices.Contains(entered, number) {
		return domain.Refuse("duplicate-voucher", "voucher", "key", number)
	}
	return nil
}
