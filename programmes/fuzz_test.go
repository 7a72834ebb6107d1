package programmes

import (
	"encoding/json"
	"io/fs"
	"testing"

	"terrace/domain/programme"
)

// FuzzDecode decodes programmes. Every accepted programme must be complete and valid, and must survive a round trip
// through JSON, the format in which the API sends it.
func FuzzDecode(f *testing.F) {
	names, err := fs.Glob(builtin, "*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(builtin, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, odd := range []string{
		"", "---", "--- a\n--- b", "id: x\nid: y", "a: &a [*a]", "a: &a [b,b]\nc: &c [*a,*a]\nd: [*c,*c]", "? [a]\n: b", "!!binary x", "%YAML 9.9\n---\n", "\ufeffid: x", "\x00", "id: !!int x",
		"total_fen: 1.5", "total_fen: 0o17", "total_fen: 1_000", "call: {opens: 2017-02-30}", "<<: {id: x}", "- id: x",
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := decode(text)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("accepted, but not valid: %v", err)
		}
		sent, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("accepted, but cannot be sent: %v", err)
		}
		again := &programme.Programme{}
		if err := json.Unmarshal(sent, again); err != nil {
			t.Fatalf("cannot be read back: %v in %s", err, sent)
		}
		back, err := json.Marshal(again)
		if err != nil || string(back) != string(sent) {
			t.Fatalf("sent %s and read %s: %v", sent, back, err)
		}
	})
}
