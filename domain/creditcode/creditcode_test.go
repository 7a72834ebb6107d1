package creditcode

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The demonstration's organizations. Their check digits were computed independently of this package.
var demonstration = map[Code]struct {
	kind      Kind
	registrar string
}{
	"51620825MJDEM0030N": {Association, "620825"},
	"52620825MJDEM0049G": {Institution, "620825"},
	"51620825MJDEM00659": {Association, "620825"},
	"52620800MJDEM0022H": {Institution, "620800"},
	"53620000MJDEM0014A": {Foundation, "620000"},
	"51620000MJDEM0057X": {Association, "620000"},
	"52620000MJDEM0073G": {Institution, "620000"},
	"51620825MJDEM0081Y": {Association, "620825"},
}

func TestDemonstrationCodes(t *testing.T) {
	t.Parallel()
	for code, want := range demonstration {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			got, err := Parse(string(code))
			if err != nil || got != code {
				t.Fatalf("got %q, %v", got, err)
			}
			if got.Kind() != want.kind || got.Registrar() != want.registrar {
				t.Errorf("got %s of %s, want %s of %s", got.Kind(), got.Registrar(), want.kind, want.registrar)
			}
			if got := Complete(string(code[:16])); got != code {
				t.Errorf("completed to %s", got)
			}
		})
	}
}

func TestCheckAndParse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text  string
		check Result
		err   error
	}{
		"a civil-affairs code passes both":             {"51620825MJDEM0030N", Valid, nil},
		"the published code of another registrar":      {"91350100M000100Y43", Valid, ErrRegistrar},
		"an issued code that fails its check digit":    {"91350211M0000XUF46", BadCheckDigit, ErrRegistrar},
		"only the last character is wrong":             {"51620825MJDEM0030P", BadCheckDigit, ErrCheckDigit},
		"only the organization code's own check fails": {"51620825MJDEM0031R", BadCheckDigit, ErrCheckDigit},
		"two digits swapped":                           {"51620852MJDEM0030N", BadCheckDigit, ErrCheckDigit},
		"nothing":                                      {"", Malformed, ErrMalformed},
		"one character too few":                        {"51620825MJDEM0030", Malformed, ErrMalformed},
		"one character too many":                       {"51620825MJDEM0030NN", Malformed, ErrMalformed},
		"the letter I is not of the alphabet":          {"51620825MIDEM0030N", Malformed, ErrMalformed},
		"the letter O is not a zero":                   {"51620825MJDEM0O30N", Malformed, ErrMalformed},
		"the letter S":                                 {"51620825MSDEM0030N", Malformed, ErrMalformed},
		"the letter V":                                 {"51620825MVDEM0030N", Malformed, ErrMalformed},
		"the letter Z":                                 {"51620825MZDEM0030N", Malformed, ErrMalformed},
		"lower-case letters are refused":               {"51620825mjdem0030n", Malformed, ErrMalformed},
		"a division has digits only":                   {"51620A25MJDEM0030N", Malformed, ErrMalformed},
		"six full-width digits of 18 bytes":            {"\uff15\uff11\uff16\uff12\uff10\uff18", Malformed, ErrMalformed},
		"a space inside":                               {"51620825 JDEM0030N", Malformed, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Check(tc.text); got != tc.check {
				t.Errorf("checked as %d, want %d", got, tc.check)
			}
			code, err := Parse(tc.text)
			if !errors.Is(err, tc.err) {
				t.Errorf("parse: got %v, want %v", err, tc.err)
			}
			usable := err == nil || errors.Is(err, ErrCheckDigit)
			if usable != (code == Code(tc.text) && code != "") {
				t.Errorf("parse returned %q with %v", code, err)
			}
		})
	}
}

func TestKindAndRegistrarOfOtherCodes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code      Code
		registrar string
	}{
		"a company has no kind here":               {"91350100M000100Y43", "350100"},
		"a village committee is none of the three": {"54620825MJDEM0030N", "620825"},
		"a malformed code says nothing":            {"5162", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.code.Kind() != "" || tc.code.Registrar() != tc.registrar {
				t.Errorf("got %q, %q", tc.code.Kind(), tc.code.Registrar())
			}
		})
	}
}

// anyValid draws the code of any registration authority, with two correct check digits.
func anyValid(t *rapid.T) string {
	body := rapid.StringMatching(`[1-9A-HJ-NPQRTUWXY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{8}`).Draw(t, "body")
	return string(Complete(body))
}

func TestOneWrongCharacterIsAlwaysFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := anyValid(t)
		if Check(code) != Valid {
			t.Fatalf("%s is not valid", code)
		}
		at := rapid.IntRange(0, length-1).Draw(t, "at")
		wrong := rapid.SampledFrom(strings.Split(alphabet, "")).Draw(t, "wrong")
		changed := code[:at] + wrong + code[at+1:]
		if changed != code && Check(changed) == Valid {
			t.Fatalf("%s passes as well as %s", changed, code)
		}
	})
}

func TestSwappedNeighboursAreAlwaysFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := anyValid(t)
		at := rapid.IntRange(0, length-2).Draw(t, "at")
		swapped := code[:at] + string(code[at+1]) + string(code[at]) + code[at+2:]
		if swapped != code && Check(swapped) == Valid {
			t.Fatalf("%s passes as well as %s", swapped, code)
		}
	})
}

func TestNoTextBreaksParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		if code, err := Parse(s); err == nil && string(code) != s {
			t.Fatalf("%q became %q", s, code)
		}
	})
}
