package statement

import (
	"math/big"
	"strings"
	"testing"
)

// FuzzAmount parses amounts in yuan as banks write them. An amount must be parsed exactly or rejected.
func FuzzAmount(f *testing.F) {
	for _, seed := range []string{"0", "0.00", "1", "1.5", "1.50", "1.500", "1.005", ".5", "5.", "-1", "+1", "1,000.00", "1e3", "１", "", "92233720368547758.07", "92233720368547758.08", "00001.10", strings.Repeat("9", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fen, ok := parseFen(text)
		if !ok {
			if fen != 0 {
				t.Fatalf("%q is refused but yields %d", text, fen)
			}
			return
		}
		exact, read := new(big.Rat).SetString(text)
		if !read || exact.Mul(exact, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(int64(fen))) != 0 {
			t.Fatalf("%q is read as %d fen", text, fen)
		}
		if again, ok := parseFen(yuan(fen)); !ok || again != fen {
			t.Fatalf("%d fen are written as %s and read as %d", fen, yuan(fen), again)
		}
	})
}
