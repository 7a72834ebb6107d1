package money_test

import (
	"fmt"

	"terrace/domain/money"
)

func ExampleShare() {
	grant := 210_000 * money.Yuan
	fmt.Println(money.Share(grant, 600), "of", grant)
	// Output: 126,000.00 of 210,000.00
}
