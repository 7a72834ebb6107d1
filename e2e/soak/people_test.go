package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// Only the full disk excuses a failed upload; any other failure is a surprise.
func TestOnlyAFullDiskExcusesAnUpload(t *testing.T) {
	t.Parallel()
	storageFull, fault := `{"code":"storage-full"}`, `{"code":"fault"}`
	full := func(f *fullness) { f.begins() }
	tests := map[string]struct {
		status   int
		body     string
		disk     func(*fullness)
		upgraded bool
		surprise bool
	}{
		"it is full":                                {507, storageFull, full, true, false},
		"it was, when the file was sent":            {507, storageFull, nil, true, false},
		"it is not full":                            {507, storageFull, func(*fullness) {}, true, true},
		"it was full before the file was sent":      {507, storageFull, func(f *fullness) { f.begins(); f.ends() }, true, true},
		"the previous program fails":                {500, fault, full, false, false},
		"the previous program fails without reason": {500, fault, func(*fullness) {}, false, true},
		"this program fails while it is full":       {500, fault, full, true, true},
		"something else fails while it is full":     {500, `{"code":"evidence-damaged"}`, full, false, true},
		"the answer is no problem document":         {502, "bad gateway", full, true, true},
		"the record is away for a while":            {503, `{"code":"database-away"}`, func(*fullness) {}, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := "previous", "present"
			s := &stack{}
			s.bin.Store(&before)
			var asked atomic.Int64
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) > 1 {
					w.WriteHeader(http.StatusCreated)
					return
				}
				if test.disk == nil {
					s.full.begins()
					s.full.ends()
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer api.Close()
			s.apis = []string{api.URL}
			log, err := openIntentLog(filepath.Join(t.TempDir(), "intents.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			p := newPeople(t.Context(), s, log, 1)
			if test.upgraded {
				s.bin.Store(&after)
			}
			if test.disk != nil {
				test.disk(&s.full)
			}
			if _, err := p.upload("somebody", "text/plain", []byte("a file")); err != nil {
				t.Fatal(err)
			}
			if first, n := p.surprise.all(); n > 0 != test.surprise {
				t.Errorf("surprises: %q", first)
			}
		})
	}
}
