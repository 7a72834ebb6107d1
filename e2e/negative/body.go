package negative

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bodies generates requests with an invalid body: one that contradicts its headers, is not a JSON document, or violates
// the schema.
func (m *maker) bodies() {
	if m.Body == nil {
		m.unread()
		return
	}
	m.encodings()
	if m.Body.schema == nil {
		m.files()
		return
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(m.base.Body))
	if err != nil {
		root = map[string]any{}
	}
	m.documents(root)
	at := &place{root: root}
	m.walk(at, m.Body.schema, root, true)
	m.random.Shuffle(len(at.found), func(i, j int) { at.found[i], at.found[j] = at.found[j], at.found[i] })
	for _, make := range at.found[:min(len(at.found), m.most)] {
		v, r := make(), m.request()
		r.body = v.body
		if v.legal {
			m.harmless(v.name, r)
			continue
		}
		m.bad(v.name, v.field, r)
	}
}

// unread generates requests with a body where none is expected.
func (m *maker) unread() {
	for _, body := range []string{"{}", "{", "\x00\xff", strings.Repeat("a", 5000)} {
		r := m.request()
		r.body = []byte(body)
		m.harmless("the body "+brief(body)+", which nobody reads", r.with("Content-Type", "application/json"))
	}
}

func (m *maker) sending(body string) request {
	r := m.request()
	r.body = []byte(body)
	return r
}

// encodings generates bodies that contradict their headers or exceed a limit.
func (m *maker) encodings() {
	const field = "header.Content-Type"
	for _, value := range []string{
		"text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/octet-stream", "application/x-ndjson", "application/yaml",
		"json", "*/*", "application/*", ";", "application/json; charset=gbk", "application/json; charset=utf-16", "application/json, text/plain", "application/json;;;charset", "应用/数据",
	} {
		m.bad("Content-Type: "+value, field, m.request().with("Content-Type", value))
	}
	m.bad("no Content-Type", field, m.request().with("Content-Type"))
	m.bad("two of Content-Type", field, m.request().with("Content-Type", m.Body.Types[0], "image/gif"))
	for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "compress", "identity", "gzip, gzip", "x-unknown"} {
		m.bad("Content-Encoding: "+encoding, field, m.request().with("Content-Encoding", encoding))
	}
	bomb := m.sending(string(bomb())).with("Content-Encoding", "gzip")
	m.bad("64 MiB of zeros in a gzip", field, bomb)
	if m.Body.schema != nil {
		m.bad("a megabyte and a byte", "", m.sending(`"`+strings.Repeat(" ", 1<<20)+`"`))
		m.bad("a gigabyte is announced", "", m.request().with("Content-Length", strconv.Itoa(1<<30)))
	}
}

// bomb is a file of zeros, compressed to almost nothing.
var bomb = func() func() []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	zeros := make([]byte, 1<<20)
	for range 64 {
		_, _ = w.Write(zeros) // writing to memory does not fail
	}
	_ = w.Close() // likewise
	return b.Bytes
}()

// files generates bodies for an operation that takes arbitrary bytes, with their digest.
func (m *maker) files() {
	m.bad("an empty file", "", m.sending("").with("Content-Digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"))
	m.bad("another file than its digest says", "", m.sending("another"))
	for _, body := range []string{"%PDF", "<html>", "\x89PNG", "PK\x03\x04", "MZ\x90\x00"} {
		for _, mediaType := range m.Body.Types {
			m.bad(brief(body)+" as "+mediaType, "", m.sending(body).with("Content-Type", mediaType))
		}
	}
}

// documents generates bodies that are not JSON documents, or not objects.
func (m *maker) documents(root any) {
	good := encode(root)
	wrong := map[string]string{
		"a BOM": "\ufeff" + good, "UTF-16": string(utf16(good)), "GB 18030": strings.ReplaceAll(good, "{", "{\"\xb4\xe5\":1,"), "half a character": good[:len(good)-1] + "\"\xe6\x9d\"}",
		"two documents": good + good, "a document and a word": good + "x", "a comma too many": good[:len(good)-1] + ",}", "a comment": "/**/" + good, "a line comment": "//\n" + good,
		"single quotes": `{'a':'b'}`, "no quotes": `{a:1}`, "a bare word": "NaN", "Infinity": `{"a":Infinity}`, "a leading zero": `{"a":01}`, "a plus": `{"a":+1}`, "a hexadecimal number": `{"a":0x1}`,
		"a control character": "{\"a\":\"\x01\"}", "a line break in a text": "{\"a\":\"\n\"}", "half an escape": `{"a":"\u12"}`, "an unknown escape": `{"a":"\x41"}`,
		"a list": "[]", "a list of the document": "[" + good + "]", "a text": `"x"`, "a number": "1", "a truth": "true", "nothing but space": " \n ", "a half": good[:len(good)/2],
		"brackets": strings.Repeat("[", 25) + strings.Repeat("]", 25), "a hundred thousand brackets": strings.Repeat("[", 100_000), "objects in objects": strings.Repeat(`{"a":`, 3000) + "1" + strings.Repeat("}", 3000),
		"a form": "a=1&b=2", "YAML": "a: 1", "XML": "<a/>", "NUL": "\x00", "a gzip": "\x1f\x8b\x08\x00", "a long number": `{"a":` + strings.Repeat("9", 5000) + "}", "an exponent": `{"a":1e999999999}`,
		"many fields": "{" + strings.Repeat(`"x":1,`, 5000) + `"y":1}`, "a key of 100 kB": `{"` + strings.Repeat("k", 100_000) + `":1}`, "no key": `{"":1}`, "a prototype": `{"__proto__":{"a":1}}`,
	}
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		m.bad("the body is "+name, "", m.sending(wrong[name]))
	}
	null := m.sending("null")
	empty := m.sending("")
	if m.Body.Required {
		m.bad("the body is null", "", null)
		m.bad("the body is empty", "", empty)
		if !legal(m.Body.judge, map[string]any{}) {
			m.bad("the body is an empty object", "", m.sending("{}"))
		}
		none := m.request()
		none.body = nil
		m.bad("no body", "", none)
	} else {
		m.harmless("the body is empty", empty)
	}
}

func utf16(text string) (b []byte) {
	b = append(b, 0xff, 0xfe)
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

// literal is text inserted into a document unchanged, whether or not it is JSON.
type literal string

// encode encodes a document with sorted keys.
func encode(v any) string {
	switch v := v.(type) {
	case literal:
		return string(v)
	case map[string]any:
		parts := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, encode(key)+":"+encode(v[key]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = encode(item)
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return "null"
		}
		return string(text)
	}
}
