package protocol

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzReadAnswer reads arbitrary responses. A response is accepted only if it is complete, and it must not change when
// it is written and read again.
func FuzzReadAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"reference":"r1","status":"paid","fen":100,"number":"B1","on":"2018-03-02"}`, `{"reference":"r1","status":"returned","fen":100,"number":"B2","on":"2018-03-05","why":"closed-account"}`,
		`{"reference":"r1","status":"refused","fen":1,"why":"no-cover"}`, `{"reference":"r1","status":"pending","fen":1}`, `{"reference":"r1","status":"unheard"}`, `{"reference":"r1","status":"PAID","fen":1}`,
		`{"reference":"r1","status":"paid","fen":-1,"number":"B1","on":"2018-03-02"}`, `{"reference":"r1","status":"paid","fen":1.5}`, `{"reference":"r2","status":"pending","fen":1}`,
		`{"reference":"r1","status":"paid","fen":1,"number":"B1","on":"2018-02-30"}`, `{"status":"paid","Status":"refused","reference":"r1","fen":1}`, `<html>`, `null`, ``, `{"reference":"r1"} {}`,
		`{"reference":"r1","status":"pending","fen":100,"fen":1}`,
	} {
		f.Add([]byte(seed), "r1")
	}
	f.Fuzz(func(t *testing.T, text []byte, reference string) {
		answer, err := ReadAnswer(bytes.NewReader(text), reference)
		if err != nil {
			return
		}
		if answer.Reference != reference || answer.Status != Unheard && answer.Fen <= 0 || (answer.Status == Paid || answer.Status == Returned) && (answer.On.IsZero() || answer.Number == "") {
			t.Fatalf("%s is read as %+v", text, answer)
		}
		if answer.Why.Words() == "" {
			t.Fatalf("%q has no words", answer.Why)
		}
		sent, err := json.Marshal(answer)
		if err != nil {
			t.Fatalf("%+v cannot be passed on: %v", answer, err)
		}
		if again, err := ReadAnswer(bytes.NewReader(sent), reference); err != nil || again != answer {
			t.Fatalf("%+v is passed on as %s and read as %+v: %v", answer, sent, again, err)
		}
	})
}

// FuzzVerify sends requests that the payer did not sign. None may be accepted, whatever its headers say.
func FuzzVerify(f *testing.F) {
	key := func(seed byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	}
	now := time.Unix(1514764800, 0)
	verifier := &Verifier{Key: key(7).Public().(ed25519.PublicKey), Now: func() time.Time { return now }}
	strangers := &http.Request{Method: http.MethodPost, Host: "bank", URL: &url.URL{Path: "/orders/r1"}, Header: http.Header{}}
	Sign(strangers, []byte("{}"), key(8), now)
	input := strangers.Header.Get("Signature-Input")
	f.Add(input, strangers.Header.Get("Signature"), strangers.Header.Get("Content-Digest"), "/orders/r1", []byte("{}"))
	f.Add(strings.Replace(input, KeyID(key(8).Public().(ed25519.PublicKey)), KeyID(verifier.Key), 1), strangers.Header.Get("Signature"), contentDigest([]byte("{ }")), "/orders/r1", []byte("{ }"))
	f.Add("", "", "", "", []byte{})
	f.Add("terrace=();alg=\"none\"", "terrace=::", "sha-256=::", "/%zz", []byte("\xff"))
	f.Fuzz(func(t *testing.T, input, signature, digest, path string, body []byte) {
		r := &http.Request{Method: http.MethodPost, Host: "bank", URL: &url.URL{Path: path}, Header: http.Header{}}
		r.Header.Set("Signature-Input", input)
		r.Header.Set("Signature", signature)
		r.Header.Set("Content-Digest", digest)
		if err := verifier.Verify(r, body); err == nil {
			t.Fatalf("accepted %v", r.Header)
		} else if strings.ContainsAny(err.Error(), "\r\n\x00") {
			t.Fatalf("the error quotes the request: %q", err)
		}
	})
}
