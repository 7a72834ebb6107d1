package protocol

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Signatures follow RFC 9421 (HTTP Message Signatures) and RFC 9530 (digests), but only in one form: exactly these
// components and parameters, in this order, with Ed25519.
const (
	label      = "terrace"
	components = `("@method" "@authority" "@path" "@query" "content-digest")`
)

var (
	inputs     = regexp.MustCompile(`^` + label + `=(` + regexp.QuoteMeta(components) + `;created=([0-9]{1,12});nonce="([A-Za-z0-9_-]{16,64})";keyid="([A-Za-z0-9_-]{1,64})";alg="ed25519")$`)
	signatures = regexp.MustCompile(`^` + label + `=:([A-Za-z0-9+/]{86}==):$`)
)

// KeyID derives a key's id from its digest, so that the id need not be configured.
func KeyID(key ed25519.PublicKey) string {
	digest := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(digest[:12])
}

// Sign signs a request with the given body by setting the headers Content-Digest, Signature-Input and Signature. Each
// retry must be signed again, because the bank accepts a nonce only once.
func Sign(r *http.Request, body []byte, key ed25519.PrivateKey, now time.Time) {
	public := key.Public().(ed25519.PublicKey)
	params := components + ";created=" + strconv.FormatInt(now.Unix(), 10) +
		`;nonce="` + rand.Text() + `";keyid="` + KeyID(public) + `";alg="ed25519"`
	r.Header.Set("Content-Digest", contentDigest(body))
	r.Header.Set("Signature-Input", label+"="+params)
	signed := ed25519.Sign(key, signatureBase(covered(r), params))
	r.Header.Set("Signature", label+"=:"+base64.StdEncoding.EncodeToString(signed)+":")
}

// Verifier verifies the signatures of requests on the bank's side. It accepts a single key, and each request only once.
type Verifier struct {
	Key ed25519.PublicKey
	Now func() time.Time

	mutex        sync.Mutex
	newer, older map[string]bool // nonces of accepted requests, each kept for at least twice Skew
	turned       time.Time
}

// Verify verifies the signature of a request with the given body. Its errors are safe to send to the client.
func (v *Verifier) Verify(r *http.Request, body []byte) error {
	input, ok := single(r.Header, "Signature-Input", inputs)
	if !ok {
		return errors.New("the header Signature-Input is missing or not in the form this bank accepts")
	}
	params, nonce := input[1], input[3]
	signature, ok := single(r.Header, "Signature", signatures)
	if !ok {
		return errors.New("the header Signature is missing or not in the form this bank accepts")
	}
	signed, err := base64.StdEncoding.Strict().DecodeString(signature[1])
	if err != nil {
		return errors.New("the header Signature is missing or not in the form this bank accepts")
	}
	if digests := r.Header.Values("Content-Digest"); len(digests) != 1 || digests[0] != contentDigest(body) {
		return errors.New("the body does not match its digest")
	}
	if input[4] != KeyID(v.Key) || !ed25519.Verify(v.Key, signatureBase(covered(r), params), signed) {
		return errors.New("the signature was not made with a key this bank knows")
	}
	created, err := strconv.ParseInt(input[2], 10, 64)
	now := v.Now()
	if err != nil || now.Sub(time.Unix(created, 0)).Abs() > Skew {
		return fmt.Errorf("signed more than %s before or after this bank's time", Skew)
	}
	if !v.first(nonce, now) {
		return errors.New("the nonce was used before")
	}
	return nil
}

// first stores the nonce and reports whether it is new.
func (v *Verifier) first(nonce string, now time.Time) bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.newer == nil || now.Sub(v.turned) > 2*Skew {
		v.newer, v.older, v.turned = map[string]bool{}, v.newer, now
	}
	if v.newer[nonce] || v.older[nonce] {
		return false
	}
	v.newer[nonce] = true
	return true
}

// single matches a header that must appear exactly once against a pattern, and returns the submatches.
func single(h http.Header, name string, form *regexp.Regexp) ([]string, bool) {
	values := h.Values(name)
	if len(values) != 1 {
		return nil, false
	}
	match := form.FindStringSubmatch(values[0])
	return match, match != nil
}

// component is one of the signed parts of a request.
type component struct{ name, value string }

// covered returns the components that the signature of a request covers (RFC 9421 §2.2).
func covered(r *http.Request) []component {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	return []component{
		{"@method", r.Method},
		{"@authority", strings.TrimSuffix(strings.ToLower(host), ":443")},
		{"@path", r.URL.EscapedPath()},
		{"@query", "?" + r.URL.RawQuery},
		{"content-digest", r.Header.Get("Content-Digest")},
	}
}

// signatureBase returns the text that is signed (RFC 9421 §2.5).
func signatureBase(covered []component, params string) []byte {
	text := strings.Builder{}
	for _, c := range covered {
		text.WriteString(`"` + c.name + `": ` + c.value + "\n")
	}
	text.WriteString(`"@signature-params": ` + params)
	return []byte(text.String())
}

// contentDigest returns the value of the Content-Digest header for a body (RFC 9530 §2).
func contentDigest(body []byte) string {
	digest := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(digest[:]) + ":"
}
