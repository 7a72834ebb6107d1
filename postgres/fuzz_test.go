package postgres

import (
	"testing"

	"terrace/domain"
)

// FuzzCursors opens arbitrary text as a cursor. If it is accepted, it must mean the same position after being sealed
// again.
func FuzzCursors(f *testing.F) {
	for _, seed := range []string{
		"", "eyJhdCI6IjIwMTctMDktMTFUMDk6MDA6MDArMDg6MDAiLCJpZCI6IngifQ", "eyJhdCI6IjAwMDAtMDEtMDFUMDA6MDA6MDBaIiwiaWQiOiJ4In0", "e30", "bnVsbA", "W10", "AAAA", "%", "====", "_-",
		sealCursor(noticeKey{"pilot", "ZL-1"}), sealCursor(noticeKey{"p\x00", ""}), sealCursor(keyset{ID: "x"}), "eyJwb3MiOjF9",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		row, err := openCursor(cursor)
		reopened(t, cursor, row, err, openCursor)
		notice, err := openNoticeCursor(cursor)
		reopened(t, cursor, notice, err, openNoticeCursor)
		line, err := openLineCursor(cursor)
		reopened(t, cursor, line, err, openLineCursor)
	})
}

func reopened[K comparable](t *testing.T, cursor string, key K, err error, open func(string) (K, error)) {
	t.Helper()
	var none K
	if err != nil {
		if refused, ok := domain.Refused(err); !ok || refused.Code != "bad-cursor" || refused.Field != "cursor" || key != none {
			t.Fatalf("%q: %v, %v", cursor, key, err)
		}
		return
	}
	if cursor == "" {
		if key != none {
			t.Fatalf("the first page starts after %v", key)
		}
		return
	}
	sealed := sealCursor(key)
	again, err := open(sealed)
	if err != nil || sealCursor(again) != sealed {
		t.Fatalf("%q is %v, sealed %q, which is %v: %v", cursor, key, sealed, again, err)
	}
}
