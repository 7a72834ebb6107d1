package api

import (
	"reflect"
	"testing"

	"terrace/domain/ledger"
	"terrace/postgres"
)

func TestAPilotsMoneyIsWholeWhereverItIs(t *testing.T) {
	t.Parallel()
	for _, k := range ledger.Chart {
		if k.Book != ledger.GrantBook || k.Source || k.Owner == ledger.OfFund {
			continue
		}
		var total int64
		for _, fen := range reflect.ValueOf(*purse([]postgres.Line{{Account: k.Name, Fen: 7}})).Fields() {
			total += fen.Int()
		}
		if total != 7 {
			t.Errorf("of 7 fen in the account %s a pilot's page shows %d", k.Name, total)
		}
	}
}
