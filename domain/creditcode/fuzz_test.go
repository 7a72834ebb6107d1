package creditcode_test

import (
	"errors"
	"strings"
	"testing"

	"terrace/domain/creditcode"
)

// FuzzParse compares the parser with a second implementation of the standard's arithmetic (GB 32100-2015, 4.2).
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "51620825MJDEM0030N", "51620825MJDEM00300", "91350211M0000XUF46", "91350100M000100Y43", "5162082SMJDEM0030N", "51620825mjdem0030n",
		"５１620825MJDEM0030N", "51620825MJDEM0030N\n", "000000000000000000", "\xff\xfe", "518888888888888888",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := creditcode.Parse(text)
		judged := creditcode.Check(text)
		switch {
		case judged == creditcode.Malformed:
			if !errors.Is(err, creditcode.ErrMalformed) || code != "" || code.Registrar() != "" {
				t.Fatalf("%q is malformed and parsed to %q, %v", text, code, err)
			}
			return
		case text[0] != '5':
			if !errors.Is(err, creditcode.ErrRegistrar) {
				t.Fatalf("%q is another registrar's and gives %v", text, err)
			}
		case judged == creditcode.BadCheckDigit:
			if !errors.Is(err, creditcode.ErrCheckDigit) || string(code) != text {
				t.Fatalf("%q fails its check digit and gives %q, %v", text, code, err)
			}
		case err != nil || string(code) != text || len(code.Registrar()) != 6:
			t.Fatalf("%q gives %q, %v", text, code, err)
		}
		if checks(text) != (judged == creditcode.Valid) {
			t.Fatalf("%q is judged %v", text, judged)
		}
	})
}

// checks reports whether both check digits of a well-formed code are correct. Instead of tables of weights it uses Horner's rule,
// because the weights in GB 32100 are powers of 3 modulo 31, and those in GB 11714 powers of 2 modulo 11.
func checks(text string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum := 0
	for i := 16; i >= 0; i-- {
		sum = (3*sum + strings.IndexByte(alphabet, text[i])) % 31
	}
	sum = (sum + strings.IndexByte(alphabet, text[17])) % 31
	inner := 0
	for _, c := range []byte(text[8:16]) {
		digit := int(c - '0')
		if c >= 'A' {
			digit = int(c-'A') + 10
		}
		inner = (inner + digit) * 2 % 11
	}
	expected := "0123456789X"[(11-inner)%11]
	return sum == 0 && expected == text[16]
}
