package check

import (
	"encoding/hex"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A checker that shared code with the product would share its mistakes.
func TestTheCheckerImportsNoProductCode(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if strings.HasPrefix(i.Path.Value, `"terrace/`) {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

func TestAPaymentsLastEventDecidesItsStage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events []event
		want   stage
	}{
		"opened and released":               {[]event{{Name: "opened", Data: `{"fen": 5}`}, {Name: "released", Data: `{}`}}, underWay},
		"posted, the bank not yet asked":    {[]event{{Name: "posted", Data: `{}`}, {Name: "finality-due", Data: `{"ask": true}`}}, posted},
		"posted by a slip: nobody is asked": {[]event{{Name: "posted", Data: `{}`}, {Name: "finality-due", Data: `{}`}}, final},
		"posted, asked, and not returned":   {[]event{{Name: "posted", Data: `{}`}, {Name: "finality-due", Data: `{"ask": true}`}, {Name: "settled", Data: `{}`}}, final},
		"returned after posting":            {[]event{{Name: "posted", Data: `{}`}, {Name: "returned", Data: `{}`}}, returned},
		"given up before the bank was told": {[]event{{Name: "opened", Data: `{}`}, {Name: "voided", Data: `{}`}}, voided},
	} {
		p := &payment{ID: "p.1.1.1"}
		for _, e := range c.events {
			if err := p.happened(e); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.stage(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestEventsOfOneTransactionAreGrouped(t *testing.T) {
	t.Parallel()
	groups := byTransaction([]event{{Position: 7000}, {Position: 7001}, {Position: 9000}, {Position: 12999}})
	if len(groups) != 3 || len(groups[0]) != 2 {
		t.Errorf("%v", groups)
	}
}

// This row's hash was computed by hand: printf of each field after its length and a colon, piped into sha256sum.
func TestAChainIsSealedByTheDocumentedRule(t *testing.T) {
	t.Parallel()
	e := event{
		Kind: "pilot", ID: "p", Seq: 1, Name: "drafted", Version: 1, At: time.Date(2017, 10, 9, 1, 0, 0, 0, time.UTC), Actor: "a",
		Day: time.Date(2017, 10, 9, 0, 0, 0, 0, time.UTC), Data: "{}",
	}
	const want = "2ad8619e27cb398d653e7d424085ee6cd4c41b03dd2f4038237d99f100c99b20"
	if got := sealed(nil, e); want != hex.EncodeToString(got) {
		t.Errorf("%x", got)
	}
}
