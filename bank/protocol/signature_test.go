package protocol

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The key and the signature of RFC 9421, B.1.4 and B.2.6.
const (
	standardKey = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n"
	standardSig = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)

func standard(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(standardKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(ed25519.PrivateKey)
}

func TestTheSignatureIsTheStandards(t *testing.T) {
	t.Parallel()
	base := signatureBase([]component{
		{"date", "Tue, 20 Apr 2021 02:07:55 GMT"},
		{"@method", "POST"},
		{"@path", "/foo"},
		{"@authority", "example.com"},
		{"content-type", "application/json"},
		{"content-length", "18"},
	}, `("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`)
	if got := base64.StdEncoding.EncodeToString(ed25519.Sign(standard(t), base)); got != standardSig {
		t.Errorf("signed %s", got)
	}
	// RFC 9530, appendix D.
	if got := contentDigest([]byte(`{"hello": "world"}`)); got != "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:" {
		t.Errorf("digest %s", got)
	}
}

var signedAt = time.Date(2018, 3, 1, 9, 0, 0, 0, time.UTC)

func signed(t *testing.T) (*http.Request, []byte) {
	t.Helper()
	body := []byte(`{"fen":1}`)
	r := httptest.NewRequest(http.MethodPut, "https://bank.example/v1/orders/a.1.1?a=b", bytes.NewReader(body))
	Sign(r, body, standard(t), signedAt)
	return r, body
}

func TestOnlyWhatWasSignedIsAccepted(t *testing.T) {
	t.Parallel()
	_, otherKey, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(header, old, with string) func(*http.Request, []byte) {
		return func(r *http.Request, _ []byte) {
			changed := strings.Replace(r.Header.Get(header), old, with, 1)
			if changed == r.Header.Get(header) {
				panic(header + " has no " + old)
			}
			r.Header.Set(header, changed)
		}
	}
	for name, c := range map[string]struct {
		change func(*http.Request, []byte)
		later  time.Duration
		want   string // a part of the error; empty if accepted
	}{
		"as it was signed":         {},
		"as old as may be":         {later: Skew},
		"ahead as far as may be":   {later: -Skew},
		"too old":                  {later: Skew + time.Second, want: "before or after"},
		"too far ahead":            {later: -Skew - time.Second, want: "before or after"},
		"another method":           {change: func(r *http.Request, _ []byte) { r.Method = http.MethodPost }, want: "not made with a key"},
		"another host":             {change: func(r *http.Request, _ []byte) { r.Host = "other.example" }, want: "not made with a key"},
		"another path":             {change: func(r *http.Request, _ []byte) { r.URL.Path = "/v1/orders/a.1.2" }, want: "not made with a key"},
		"another query":            {change: func(r *http.Request, _ []byte) { r.URL.RawQuery = "a=c" }, want: "not made with a key"},
		"another body":             {change: func(_ *http.Request, body []byte) { body[7] = '2' }, want: "digest"},
		"another digest":           {change: replace("Content-Digest", "=:", "=:A"), want: "digest"},
		"another time of signing":  {change: replace("Signature-Input", "created=15", "created=16"), want: "not made with a key"},
		"another nonce":            {change: replace("Signature-Input", `nonce="`, `nonce="A`), want: "not made with a key"},
		"another algorithm":        {change: replace("Signature-Input", "ed25519", "hmac-sha256"), want: "Signature-Input"},
		"fewer components":         {change: replace("Signature-Input", ` "content-digest"`, ""), want: "Signature-Input"},
		"no signature":             {change: func(r *http.Request, _ []byte) { r.Header.Del("Signature") }, want: "Signature is missing"},
		"no input":                 {change: func(r *http.Request, _ []byte) { r.Header.Del("Signature-Input") }, want: "Signature-Input is missing"},
		"no digest":                {change: func(r *http.Request, _ []byte) { r.Header.Del("Content-Digest") }, want: "digest"},
		"a second signature":       {change: func(r *http.Request, _ []byte) { r.Header.Add("Signature", r.Header.Get("Signature")) }, want: "Signature is missing"},
		"a signature that is none": {change: func(r *http.Request, _ []byte) { r.Header.Set("Signature", "terrace=:AAAA:") }, want: "Signature is missing"},
		"another key":              {change: func(r *http.Request, body []byte) { Sign(r, body, otherKey, signedAt) }, want: "not made with a key"},
		"another key under the right key's id": {change: func(r *http.Request, body []byte) {
			input := r.Header.Get("Signature-Input")
			Sign(r, body, otherKey, signedAt)
			r.Header.Set("Signature-Input", input)
		}, want: "not made with a key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := signed(t)
			if c.change != nil {
				c.change(r, body)
			}
			v := &Verifier{Key: standard(t).Public().(ed25519.PublicKey), Now: func() time.Time { return signedAt.Add(c.later) }}
			err := v.Verify(r, body)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
}

func TestARequestIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	now := signedAt.Add(-Skew)
	v := &Verifier{Key: standard(t).Public().(ed25519.PublicKey), Now: func() time.Time { return now }}
	r, body := signed(t)
	if err := v.Verify(r, body); err != nil {
		t.Fatal(err)
	}
	for ; !now.After(signedAt.Add(Skew)); now = now.Add(Skew / 4) {
		// Other requests in between make the verifier forget old nonces.
		other := httptest.NewRequest(http.MethodGet, "https://bank.example/v1/orders/b", nil)
		Sign(other, nil, standard(t), now)
		if err := v.Verify(other, nil); err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(r, body); err == nil || !strings.Contains(err.Error(), "nonce") {
			t.Errorf("again at %s: %v", now, err)
		}
	}
	now = now.Add(time.Hour)
	Sign(r, body, standard(t), now)
	if err := v.Verify(r, body); err != nil {
		t.Error(err)
	}
	if len(v.newer)+len(v.older) > 20 {
		t.Errorf("remembers %d nonces", len(v.newer)+len(v.older))
	}
}
