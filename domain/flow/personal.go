package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
)

// concealing is an event with a digest in place of personal data.
type concealing interface {
	Concealed() (digest string, fields []string)
}

// Concealed returns the digest that an event holds in place of personal data (个人信息), and the fields it was made from, in order. The
// digest is empty when the event holds none.
func Concealed(e Event) (digest string, fields []string) {
	if e, ok := e.(concealing); ok {
		return e.Concealed()
	}
	return "", nil
}

// Conceals reports whether events of the type can hold a digest in place of personal data.
func (t *EventType) Conceals() bool {
	return reflect.PointerTo(t.typ).Implements(reflect.TypeFor[concealing]())
}

// Conceal returns the digest of personal data: the SHA-256 of the salt and the values, which are separated by zero bytes.
func Conceal(salt string, values ...string) string {
	sum := sha256.Sum256([]byte(salt + strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Digest returns what replaces a text of personal data in the journal.
func (c Context) Digest(text string) string { return Conceal(c.Salt, text) }
