// Package creditcode parses and checks unified social credit codes (统一社会信用代码, GB 32100-2015). Their 18 characters identify an
// organization, its kind and the authority that registered it.
package creditcode

import (
	"errors"
	"fmt"
	"strings"
)

// Code is a unified social credit code as printed, in capital letters and without spaces.
type Code string

// Result says whether a text is a credit code according to the standard.
type Result int

const (
	Malformed     Result = iota // the length, a character or the administrative division (行政区划码) is wrong
	BadCheckDigit               // well formed, but one of the two check digits is wrong
	Valid
)

// Kind is a kind of organization that civil-affairs departments register.
type Kind string

const (
	Association Kind = "association"         // social association (社会团体)
	Institution Kind = "service-institution" // social service institution (社会服务机构)
	Foundation  Kind = "foundation"          // foundation (基金会)
)

var (
	// ErrMalformed means that the text cannot be a credit code at all.
	ErrMalformed = errors.New("malformed credit code")
	// ErrRegistrar means that the code was not issued by a civil-affairs department (民政), whose codes begin with 5. Its check digits
	// have not been checked.
	ErrRegistrar = errors.New("credit code of another registration authority")
	// ErrCheckDigit means that a check digit is wrong. A few codes were issued that way, so somebody who has seen the certificate may
	// confirm the code.
	ErrCheckDigit = errors.New("credit code fails its check digit")
)

// alphabet holds the permitted characters in the order of their values (GB 32100-2015, 4.2). The letters I, O, S, V and Z are not
// used.
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

// Parse parses the code of a civil-affairs organization. Its errors wrap ErrMalformed, ErrRegistrar or ErrCheckDigit. In the last case
// it also returns the code, so that a person can confirm it.
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

// Check checks the form and both check digits of a code, whichever department issued it.
func Check(s string) Result {
	if !wellFormed(s) {
		return Malformed
	}
	if s[innerCheck] != inner(s) || s[length-1] != outer(s) {
		return BadCheckDigit
	}
	return Valid
}

// Kind returns the kind of the organization, or an empty string if it is none of the three.
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

// Registrar returns the six-digit code (GB/T 2260) of the place where the organization is registered, or an empty string if the code
// is malformed.
func (c Code) Registrar() string {
	if !wellFormed(string(c)) {
		return ""
	}
	return string(c[2:organization])
}

// Complete adds the two check digits to the other sixteen characters: registrar, kind, division and organization number.
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

// inner returns the check digit of the organization code (GB 11714-1997). There, letters count from A = 10 without gaps.
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
