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

// Concealed tells what stands in an event in place of personal data (个人信息): the digest, and the fields it was made from, in
// their order. The digest is empty when the event holds none.
func Concealed(e Event) (digest string, fields []string) {
	if e, ok := e.(concealing); ok {
		return e.Concealed()
	}
	return "", nil
}

// Conceals reports whether such an event may hold a digest in place of personal data.
func (t *EventType) Conceals() bool {
	return reflect.PointerTo(t.typ).Implements(reflect.TypeFor[concealing]())
}

// Conceal is the digest of personal data: SHA-256 of the salt and the values, which a zero byte parts.
func Conceal(salt string, values ...string) string {
	sum := sha256.Sum256([]byte(salt + strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Digest replaces personal data in the journal.
func (c Context) Digest(text string) string { return Conceal(c.Salt, text) }
