package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// FuzzCommands feeds arbitrary bodies of every command to the parser, the schema and the decoder. A body that the
// parser and the schema accept is decoded to a payload, whose canonical text serves to recognize repeated requests.
// Decoding and encoding that text again must not change it.
func FuzzCommands(f *testing.F) {
	s := newServer(Config{})
	f.Cleanup(s.desks.Close)
	schemas := s.huma.OpenAPI().Components.Schemas
	for i, d := range catalogue.All.Commands() {
		example, err := json.Marshal(s.example(d))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint(i), example)
	}
	for _, odd := range []string{`{}`, ``, `null`, `{"fen":9223372036854775808}`, `{"fen":-0}`, `{"scores":{"a":1}}`, `{"on":"2018-02-30"}`} {
		f.Add(uint(0), []byte(odd))
	}
	f.Fuzz(func(t *testing.T, n uint, body []byte) {
		d := catalogue.All.Commands()[n%uint(len(catalogue.All.Commands()))]
		tree, err := parse(body)
		if err != nil {
			return
		}
		schema := schemas.Schema(d.PayloadType(), true, d.PayloadType().Name())
		found := &huma.ValidateResult{}
		huma.Validate(schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, tree, found)
		if len(found.Errors) > 0 {
			return
		}
		payload, raw := d.New(), json.RawMessage(body)
		if err := into(&raw, payload); err != nil {
			if refused, ok := domain.Refused(err); !ok || refused.Code != "wrong-type" {
				t.Fatalf("%s: the schema accepts %s, but decoding fails: %v", d.Name, body, err)
			}
			return
		}
		flow.NeedsOf(payload)
		canonical, err := flow.Canonical(payload)
		if err != nil {
			t.Fatal(err)
		}
		again := d.New()
		if err := json.Unmarshal(canonical, again); err != nil {
			t.Fatalf("%s became %s, which cannot be read: %v", body, canonical, err)
		}
		if back, err := flow.Canonical(again); err != nil || !bytes.Equal(back, canonical) {
			t.Fatalf("%s became %s and then %s: %v", body, canonical, back, err)
		}
	})
}

// FuzzHeaders feeds arbitrary text to the functions that parse header values.
func FuzzHeaders(f *testing.F) {
	s := newServer(Config{})
	f.Cleanup(s.desks.Close)
	key := header(f, s, "/v1/pilots", "Idempotency-Key")
	match := header(f, s, "/v1/pilots/{id}/submit", "If-Match")
	digest := header(f, s, "/v1/evidence", "Content-Digest")
	for _, seed := range []string{
		"7d1c2b6e-3f5a-4c1e-9a51-0d9f4a3f8e21", "", "a b", "键", strings.Repeat("a", 101), "\xff", `"7"`, `W/"7"`, `"0"`, `"999999999"`, "*", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
		"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:", "sha-512=::", `attachment; filename="签到表.pdf"`, `attachment; filename="../../etc/passwd"`, `attachment; filename*=UTF-8''%e2%80%ae%00x`,
		`attachment; filename="a\"b"`, "application/json;q=0.5, */*;q=0", "text/*", ";;", "Bearer x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if valid(s, key, text) && (text == "" || len(text) > 100 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })) {
			t.Fatalf("the key %q is accepted", text)
		}
		if valid(s, match, text) && text != "*" {
			if got := (Conditional{text}).version(); got <= 0 || text != strconv.Quote(strconv.Itoa(got)) {
				t.Fatalf("If-Match %q is version %d", text, got)
			}
		}
		if valid(s, digest, text) {
			if sha, err := (&Upload{Digest: text}).sha(); err == nil && !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(sha) {
				t.Fatalf("the digest %q is %q", text, sha)
			}
		}
		name := fileName(text)
		if !utf8.ValidString(name) || utf8.RuneCountInString(name) > nameLength || strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("%q names the file %q", text, name)
		}
		if accepts(text, []string{"application/json"}) && strings.TrimSpace(text) != "" && !strings.Contains(strings.ToLower(text), "json") && !strings.Contains(text, "*") {
			t.Fatalf("Accept %q admits JSON", text)
		}
	})
}

// header returns the schema of a header parameter of a POST operation, as registered with huma. Unlike the published
// document, it still has the pattern description that validation needs.
func header(f *testing.F, s *server, path, name string) *huma.Schema {
	f.Helper()
	for _, p := range s.huma.OpenAPI().Paths[path].Post.Parameters {
		if p.Name == name {
			return p.Schema
		}
	}
	f.Fatalf("%s has no %s", path, name)
	return nil
}

func valid(s *server, schema *huma.Schema, text string) bool {
	found := &huma.ValidateResult{}
	huma.Validate(s.huma.OpenAPI().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, text, found)
	return len(found.Errors) == 0
}

// FuzzQueries feeds arbitrary query strings to the API. A query that is accepted must have only one interpretation.
func FuzzQueries(f *testing.F) {
	for _, seed := range []string{"", "limit=1", "limit=1&limit=1", "a=%zz", "a;b", "a=%00", "a=%ff", "a=%0a", "%00=1", "=1", "a", "a=b=c", "&&", "a=%EF%BF%BD", "+=+", "a[]=1&a[]=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := &http.Request{RequestURI: "/?" + raw, URL: &url.URL{Path: "/", RawQuery: raw}}
		err := unclear(r)
		if err != nil {
			if refused, ok := domain.Refused(err); !ok || statusOf(refused.Code, refused.Field) >= http.StatusInternalServerError || statusOf(refused.Code, refused.Field) < http.StatusBadRequest {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		for name, values := range r.URL.Query() {
			if len(values) != 1 || !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) {
				t.Fatalf("%q lets %s through as %q", raw, name, values)
			}
		}
	})
}
