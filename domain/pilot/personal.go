package pilot

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Concealed tells what stands in an event in place of personal data (个人信息): the digest, and the fields it was made from, in
// their order. The digest is empty when the event holds none.
func Concealed(e Event) (digest string, fields []string) {
	switch e := e.(type) {
	case *AgreementSigned:
		return e.Digest, []string{"account_number"}
	case *Objected:
		return e.Digest, []string{"grounds", "contact"}
	case *ExpertRecused:
		return e.Digest, []string{"interest"}
	}
	return "", nil
}

// Conceal is the digest of personal data: SHA-256 of the salt and the values, which a zero byte parts.
func Conceal(salt string, values ...string) string {
	sum := sha256.Sum256([]byte(salt + strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:])
}
