package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
)

// concealing is implemented by events that hold a digest in place of personal data.
type concealing interface {
	Concealed() (digest string, fields []string)
}

// Concealed returns the digest that an event holds in place of personal data (个人信息), and the names of the fields it covers, in order.
// The digest is empty if the event has no personal data.
func Concealed(e Event) (digest string, fields []string) {
	if e, ok := e.(concealing); ok {
		return e.Concealed()
	}
	return "", nil
}

// Conceals reports whether events of this type can hold a digest in place of personal data.
func (t *EventType) Conceals() bool {
	return reflect.PointerTo(t.typ).Implements(reflect.TypeFor[concealing]())
}

// Conceal returns the digest that replaces personal data: the SHA-256 hash of the salt and the values, separated by zero bytes.
func Conceal(salt string, values ...string) string {
	sum := sha256.Sum256([]byte(salt + strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Digest returns the salted hash that replaces a piece of personal data in the journal.
func (c Context) Digest(text string) string { return Conceal(c.Salt, text) }
