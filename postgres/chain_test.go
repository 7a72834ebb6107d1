package postgres_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// link is a journal row as read by an auditor who does not trust the program.
type link struct {
	Kind, ID  string
	Seq       int
	Name      string
	Version   int
	At        time.Time
	Actor     string
	Day       time.Time
	Late      bool
	Data      []byte
	Hash      []byte
	following string // hash of the previous row
}

// sealed computes a link's hash by the published rule: SHA-256 over the previous hash and each field, each preceded by
// its length.
func (l link) sealed() string {
	prev, _ := hex.DecodeString(l.following)
	var text strings.Builder
	for _, field := range []string{
		string(prev), l.Kind, l.ID, strconv.Itoa(l.Seq), l.Name, strconv.Itoa(l.Version), l.At.UTC().Format(time.RFC3339Nano), l.Actor,
		l.Day.Format("2006-01-02"), strconv.FormatBool(l.Late), string(l.Data),
	} {
		fmt.Fprintf(&text, "%d:%s", len(field), field)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

// chain reads the journal rows of an aggregate.
func (r *record) chain(kind, id string) (links []link) {
	r.t.Helper()
	rows, err := r.connect().Query(r.t.Context(), `select kind, id, seq, name, version, at, actor, day, late, data::text::bytea as data, hash
		from journal where kind = $1 and id = $2 order by seq`, kind, id)
	must(r.t, err)
	links, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[link])
	must(r.t, err)
	for i := range links[1:] {
		links[i+1].following = hex.EncodeToString(links[i].Hash)
	}
	return links
}

func TestTheChainVerifiesByThePublishedRuleAlone(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _, _ := r.inPayment()
	links := r.chain("pilot", p.ID)
	if len(links) < 5 {
		t.Fatalf("%d events", len(links))
	}
	for _, l := range links {
		if got := l.sealed(); got != hex.EncodeToString(l.Hash) {
			t.Errorf("event %d has the hash %x, want %s by the rule", l.Seq, l.Hash, got)
		}
	}
}

func TestAnEventForgedWithAValidHashBreaksTheNextLink(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _, _ := r.inPayment()
	forged := r.chain("pilot", p.ID)[1]
	forged.Actor = "somebody"
	r.sql(fmt.Sprintf(`update journal set actor = 'somebody', hash = '\x%s' where kind = 'pilot' and seq = 2`, forged.sealed()))
	found := r.differences()
	want := "journal of pilot/" + p.ID + ": event 3 was changed"
	if !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, want) }) {
		t.Errorf("found %q, want %q", found, want)
	}
}
