package catalogue_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"

	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/recovery"
)

// written holds entries as earlier programs wrote them to the journal: up to three for each event, with different fields set. A new
// version of an event adds lines; no line is ever changed or removed.
//
//go:embed testdata/journal.jsonl
var written []byte

func TestTheJournalOfEarlierProgramsIsRead(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for line := range bytes.Lines(written) {
		var entry struct {
			Kind    flow.Kind
			Name    string
			Version int
			Data    json.RawMessage
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		e, err := catalogue.All.Decode(entry.Kind, entry.Name, entry.Version, entry.Data)
		if err != nil {
			t.Errorf("%s %s: %v", entry.Kind, entry.Name, err)
			continue
		}
		typ := catalogue.All.Event(entry.Kind, entry.Name)
		seen[fmt.Sprint(entry.Kind, "/", entry.Name, " v", entry.Version)] = true
		again, err := json.Marshal(e)
		if err != nil || entry.Version == typ.Version && !bytes.Equal(again, entry.Data) {
			t.Errorf("%s %s was written as\n%s\nand is now written as\n%s (%v)", entry.Kind, entry.Name, entry.Data, again, err)
		}
	}
	for _, typ := range catalogue.All.Events() {
		for version := 1; version < typ.Version; version++ {
			if form := fmt.Sprint(typ.Aggregate, "/", typ.Name, " v", version); !seen[form] {
				t.Errorf("there is no entry of %s", form)
			}
		}
	}
}

// Version 1 stored instalments and their deadlines as two lists in the same order; version 2 combines them.
func TestInstalmentsInTheirFirstVersionAreReadInTheSecond(t *testing.T) {
	t.Parallel()
	var forms [2]string
	for line := range bytes.Lines(written) {
		var entry struct {
			Name    string
			Version int
			Data    json.RawMessage
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Name != "instalments-agreed" {
			continue
		}
		e, err := catalogue.All.Decode(recovery.Kind, entry.Name, entry.Version, entry.Data)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		forms[entry.Version-1] = string(text)
	}
	if forms[0] == "" || forms[0] != forms[1] {
		t.Errorf("the first form is read as\n%s\nand the second as\n%s", forms[0], forms[1])
	}
	if _, err := catalogue.All.Decode(recovery.Kind, "instalments-agreed", 3, nil); err == nil {
		t.Error("an entry of a newer program was read")
	}
	if _, err := catalogue.All.Decode(recovery.Kind, "instalments-agreed", 1, []byte(`{"instalments":[{"due":"2018-06-01","fen":1}],"reason":"r"}`)); err == nil {
		t.Error("an instalment without its deadline was read")
	}
}
