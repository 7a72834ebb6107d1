// Package creditcode parses and checks unified social credit codes (统一社会信用代码, GB 32100-2015). A code's 18 characters identify an
// organization, its kind and the authority with which it is registered.
package creditcode

import (
	"errors"
	"fmt"
	"strings"
)

// Code is a unified social credit code in its printed form: capital letters and digits, without spaces.
type Code string

// Result is the outcome of checking a text against the credit code standard.
type Result int

const (
	Malformed     Result = iota // wrong length, invalid character or invalid administrative division (行政区划码)
	BadCheckDigit               // well formed, but one of the two check digits is wrong
	Valid
)

// Kind is one of the kinds of organization registered by civil-affairs departments.
type Kind string

const (
	Association Kind = "association"         // social association (社会团体)
	Institution Kind = "service-institution" // social service institution (社会服务机构)
	Foundation  Kind = "foundation"          // foundation (基金会)
)

var (
	// ErrMalformed means that the text does not have the form of a credit code.
	ErrMalformed = errors.New("malformed credit code")
	// ErrRegistrar means that the code was not issued by a civil-affairs department (民政), all of whose codes begin with 5. The check
	// digits of such a code are not verified.
	ErrRegistrar = errors.New("credit code of another registration authority")
	// ErrCheckDigit means that a check digit is wrong. A few codes were issued with a wrong check digit, so a user who has seen the
	// certificate may confirm the code.
	ErrCheckDigit = errors.New("wrong check digit in credit code")
)

// alphabet holds the permitted characters in order of value (GB 32100-2015, 4.2). The letters I, O, S, V and Z are not used.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

const (
	length       = 18
	organization = 8  // index at which the organization code (GB 11714) begins
	innerCheck   = 16 // index of the check digit of the organization code
)

var (
	innerWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	outerWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
)

// Parse parses the credit code of an organization registered with a civil-affairs department. Its errors wrap ErrMalformed,
// ErrRegistrar or ErrCheckDigit. With ErrCheckDigit it also returns the code, so that a user can confirm it.
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

// Check verifies the form and both check digits of a code, whichever department issued it.
func Check(s string) Result {
	if !wellFormed(s) {
		return Malformed
	}
	if s[innerCheck] != inner(s) || s[length-1] != outer(s) {
		return BadCheckDigit
	}
	return Valid
}

// Kind returns the kind of the organization, or an empty string if it is not one of the three above.
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

// Registrar returns the six-digit code (GB/T 2260) of the place in which the organization is registered, or an empty string if the
// code is malformed.
func (c Code) Registrar() string {
	if !wellFormed(string(c)) {
		return ""
	}
	return string(c[2:organization])
}

// Complete inserts the two check digits into the other sixteen characters: registrar, kind, division and organization number.
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

// inner returns the check digit of the organization code (GB 11714-1997). That standard assigns values to letters without gaps,
// starting at A = 10.
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

// outer returns the check digit of the whole credit code (GB 32100-2015, 5).
func outer(s string) byte {
	sum := 0
	for i, weight := range outerWeights {
		sum += weight * strings.IndexByte(alphabet, s[i])
	}
	return alphabet[(31-sum%31)%31]
}
