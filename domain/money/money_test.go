package money_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"terrace/domain/money"
)

func TestString(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		amount money.Fen
		want   string
	}{
		"the pilot's fund":                   {1_200_000 * money.Yuan, "1,200,000.00"},
		"nothing":                            {0, "0.00"},
		"less than a yuan keeps two places":  {5, "0.05"},
		"three digits take no separator":     {999_99, "999.99"},
		"four digits take one":               {1000_00, "1,000.00"},
		"a negative amount keeps its sign":   {-123_456_07, "-123,456.07"},
		"a negative amount below one yuan":   {-5, "-0.05"},
		"the smallest amount does not break": {math.MinInt64, "-92,233,720,368,547,758.08"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.amount.String(); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestStringLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64().Draw(t, "fen"))
		digits := strings.NewReplacer(",", "", ".", "").Replace(f.String())
		if back, ok := new(big.Int).SetString(digits, 10); !ok || back.Int64() != int64(f) {
			t.Fatalf("%d became %s", int64(f), f)
		}
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want money.Fen
		ok   bool
	}{
		"an integer of fen":                    {`120000000`, 120_000_000, true},
		"a negative amount is an amount":       {`-1`, -1, true},
		"the largest amount":                   {`9223372036854775807`, math.MaxInt64, true},
		"one more is refused":                  {`9223372036854775808`, 0, false},
		"a fraction is refused":                {`1.5`, 0, false},
		"a whole fraction is refused":          {`1.0`, 0, false},
		"an exponent is refused":               {`1e3`, 0, false},
		"a string is refused":                  {`"100"`, 0, false},
		"a boolean is refused":                 {`true`, 0, false},
		"grouped thousands are not an integer": {`1,000`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got struct{ Fen money.Fen }
			err := json.Unmarshal([]byte(`{"fen":`+tc.text+`}`), &got)
			if (err == nil) != tc.ok || (tc.ok && got.Fen != tc.want) {
				t.Errorf("got %d, %v; want %d, accepted %t", got.Fen, err, tc.want, tc.ok)
			}
		})
	}
	if b, err := json.Marshal(1_200_000 * money.Yuan); err != nil || string(b) != "120000000" {
		t.Errorf("written as %s, %v", b, err)
	}
}

func TestSum(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		amounts []money.Fen
		want    money.Fen
		ok      bool
	}{
		"nothing sums to nothing":                   {nil, 0, true},
		"tranches sum to the grant":                 {[]money.Fen{12_600_000, 6_300_000, 2_100_000}, 21_000_000, true},
		"a posting and its reversal":                {[]money.Fen{500, -500}, 0, true},
		"adding zero to the largest is no overflow": {[]money.Fen{math.MaxInt64, 0}, math.MaxInt64, true},
		"more than the largest is refused":          {[]money.Fen{math.MaxInt64, 1}, 0, false},
		"less than the smallest is refused":         {[]money.Fen{math.MinInt64, -1}, 0, false},
		"an overflow on the way is refused":         {[]money.Fen{math.MaxInt64, 1, -1}, 0, false},
		"twice the smallest is refused":             {[]money.Fen{math.MinInt64, math.MinInt64}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := money.Sum(tc.amounts...); got != tc.want || ok != tc.ok {
				t.Errorf("got %d, %t; want %d, %t", got, ok, tc.want, tc.ok)
			}
		})
	}
}

func TestSumAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		want := new(big.Int).Add(big.NewInt(a), big.NewInt(b))
		got, ok := money.Sum(money.Fen(a), money.Fen(b))
		if ok != want.IsInt64() || (ok && int64(got) != want.Int64()) {
			t.Fatalf("%d + %d = %d, %t", a, b, got, ok)
		}
	})
}

func TestShare(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		total    money.Fen
		permille int
		want     money.Fen
	}{
		"60 % of the first village's grant":                   {21_000_000, 600, 12_600_000},
		"five percent for administration":                     {21_000_000, 50, 1_050_000},
		"part of a fen is dropped":                            {999, 1, 0},
		"a thousand thousandths are the whole":                {math.MaxInt64, 1000, math.MaxInt64},
		"none of it":                                          {math.MaxInt64, 0, 0},
		"a negative amount is rounded down, not towards zero": {-1, 500, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := money.Share(tc.total, tc.permille); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestShareAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		permille := rapid.IntRange(0, 1000).Draw(t, "permille")
		product := new(big.Int).Mul(big.NewInt(total), big.NewInt(int64(permille)))
		want := product.Div(product, big.NewInt(1000)).Int64()
		if got := money.Share(money.Fen(total), permille); int64(got) != want {
			t.Fatalf("%d thousandths of %d: got %d, want %d", permille, total, got, want)
		}
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		part, whole money.Fen
		want        int
	}{
		"all of it":                          {21_000_000, 21_000_000, 100},
		"two thirds are rounded down":        {2, 3, 66},
		"just short of all is not all":       {1_199_999_99, 1_200_000_00, 99},
		"overspending shows":                 {3, 2, 150},
		"a share of nothing is zero percent": {5, 0, 0},
		"large amounts do not overflow":      {80_000_000_000_000_000, 90_000_000_000_000_000, 88},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := money.Percent(tc.part, tc.whole); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}
