// Package creditcode parses and checks the unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters that name a legal
// person, its kind and its registrar.
package creditcode

import (
	"errors"
	"fmt"
	"strings"
)

// Code is a unified social credit code as printed: capital letters, no spaces.
type Code string

// Result is what the standard says about a text.
type Result int

const (
	Malformed     Result = iota // wrong length, a character outside the alphabet, or wrong digits of the administrative division (行政区划码)
	BadCheckDigit               // well formed, but one of the two check digits fails
	Valid
)

// Kind is the kind of a civil-affairs organization.
type Kind string

const (
	Association Kind = "association"         // 社会团体
	Institution Kind = "service-institution" // 社会服务机构
	Foundation  Kind = "foundation"          // 基金会
)

var (
	// ErrMalformed means that no registrar can have issued the text.
	ErrMalformed = errors.New("malformed credit code")
	// ErrRegistrar means that a department other than civil affairs (民政, first character 5) issued the code. Its check digits are not
	// checked.
	ErrRegistrar = errors.New("credit code of another registration authority")
	// ErrCheckDigit means that a check digit is wrong. A few codes were issued so, and whoever has seen the certificate may confirm
	// such a code.
	ErrCheckDigit = errors.New("credit code fails its check digit")
)

// alphabet holds the characters in the order of their values (GB 32100-2015, 4.2): no I O S V Z.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

const (
	length       = 18
	organization = 8  // first index of the organization code (GB 11714)
	innerCheck   = 16 // index of the organization code's own check digit
)

var (
	innerWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	outerWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
)

// Parse parses the code of a civil-affairs organization. Its errors wrap ErrMalformed, ErrRegistrar or ErrCheckDigit. With
// ErrCheckDigit it returns the code too, for a person to confirm.
func Parse(s string) (Code, error) {
	switch result := Check(s); {
	case result == Malformed:
		return "", fmt.Errorf("%w: want %d characters of %s, digits 3 to 8 numeric", ErrMalformed, length, alphabet)
	case s[0] != '5':
		return "", fmt.Errorf("%w: begins with %c, want 5", ErrRegistrar, s[0])
	case result == BadCheckDigit:
		return Code(s), ErrCheckDigit
	}
	return Code(s), nil
}

// Check checks the form and both check digits of a code, whoever its registrar.
func Check(s string) Result {
	if !wellFormed(s) {
		return Malformed
	}
	if s[innerCheck] != inner(s) || s[length-1] != outer(s) {
		return BadCheckDigit
	}
	return Valid
}

// Kind returns the organization's kind; empty if it is none of the three.
func (c Code) Kind() Kind {
	if len(c) != length || c[0] != '5' {
		return ""
	}
	switch c[1] {
	case '1':
		return Association
	case '2':
		return Institution
	case '3':
		return Foundation
	}
	return ""
}

// Registrar returns the six-digit division (GB/T 2260) of the authority that registered the organization; empty for a malformed code.
func (c Code) Registrar() string {
	if !wellFormed(string(c)) {
		return ""
	}
	return string(c[2:organization])
}

// Complete adds both check digits to the sixteen characters of registrar, kind, division and organization number.
func Complete(s string) Code {
	s += string(inner(s))
	return Code(s + string(outer(s)))
}

func wellFormed(s string) bool {
	if len(s) != length {
		return false
	}
	for i := range length {
		value := strings.IndexByte(alphabet, s[i])
		division := i >= 2 && i < organization
		if value < 0 || (division && value > 9) {
			return false
		}
	}
	return true
}

// inner returns the check digit of the organization code (GB 11714-1997), in which letters count from A = 10 without gaps.
func inner(s string) byte {
	sum := 0
	for i, weight := range innerWeights {
		c := s[organization+i]
		value := int(c - '0')
		if c >= 'A' {
			value = int(c-'A') + 10
		}
		sum += weight * value
	}
	return "0123456789X"[(11-sum%11)%11]
}

// outer returns the check digit of the whole code (GB 32100-2015, 5).
func outer(s string) byte {
	sum := 0
	for i, weight := range outerWeights {
		sum += weight * strings.IndexByte(alphabet, s[i])
	}
	return alphabet[(31-sum%31)%31]
}
