package money_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"terrace/domain/money"
)

// FuzzFen decodes amounts from JSON. Only integers within range are accepted, and the amount's String must show the same value.
func FuzzFen(f *testing.F) {
	for _, seed := range []string{
		"0", "-0", "1", "-1", "99", "100", "6000000", "120000000", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.0", "1e2", "1.5", `"1"`, "null",
		"NaN", "01", "+1", " 7 ", "[1]", "1 2", "１", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var fen money.Fen
		err := json.Unmarshal(text, &fen)
		exact, whole := new(big.Int).SetString(strings.Trim(string(text), " \t\r\n"), 10)
		switch {
		case err != nil:
			if whole && exact.IsInt64() && json.Valid(text) {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		case strings.TrimSpace(string(text)) == "null":
			return // not an amount: rejected by the schema
		case !whole || exact.Cmp(big.NewInt(int64(fen))) != 0:
			t.Fatalf("%q is read as %d", text, fen)
		}
		yuan := fen.String()
		cents, ok := new(big.Int).SetString(strings.NewReplacer(",", "", ".", "").Replace(yuan), 10)
		if !ok || cents.Cmp(exact) != 0 || yuan[len(yuan)-3] != '.' {
			t.Fatalf("%d fen are written as %s yuan", fen, yuan)
		}
	})
}

// FuzzSum compares Sum and Share with arbitrary-precision arithmetic.
func FuzzSum(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), 1000)
	f.Add(int64(9223372036854775807), int64(1), int64(-1), 0)
	f.Add(int64(-9223372036854775808), int64(-1), int64(1), 333)
	f.Fuzz(func(t *testing.T, a, b, c int64, permille int) {
		exact := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		fits := exact.IsInt64()
		exact.Add(exact, big.NewInt(c))
		fits = fits && exact.IsInt64()
		sum, ok := money.Sum(money.Fen(a), money.Fen(b), money.Fen(c))
		if ok != fits || ok && exact.Cmp(big.NewInt(int64(sum))) != 0 {
			t.Fatalf("%d + %d + %d is %d, %v", a, b, c, sum, ok)
		}
		if permille < 0 || permille > 1000 {
			return
		}
		share := new(big.Int).Mul(big.NewInt(a), big.NewInt(int64(permille)))
		share.Div(share, big.NewInt(1000)) // Euclidean division, which rounds down if the divisor is positive
		if got := money.Share(money.Fen(a), permille); share.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("%d of 1000 of %d is %d, not %s", permille, a, got, share)
		}
	})
}
