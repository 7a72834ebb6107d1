package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// TestEveryPlantedBugStillApplies keeps the mutations in step with the code: a rewritten guard needs a rewritten
// mutation.
func TestEveryPlantedBugStillApplies(t *testing.T) {
	t.Parallel()
	names, quick := map[string]bool{}, 0
	for pkg, control := range controls {
		if !declared(t, filepath.Join(root, pkg), control) {
			t.Errorf("%s has no test %s", pkg, control)
		}
	}
	for _, m := range mutations {
		if names[m.Name] {
			t.Errorf("two bugs are called %q", m.Name)
		}
		names[m.Name] = true
		if m.Quick {
			quick++
		}
		if m.Rule == "" || len(m.Edits) == 0 {
			t.Errorf("%q does not say what it breaks", m.Name)
		}
		if control := controls[m.Package]; control == "" || control == m.Test {
			t.Errorf("%q: %q is not a control of %s", m.Name, control, m.Package)
		}
		texts, err := m.apply(root)
		if err != nil {
			t.Errorf("%q: %v", m.Name, err)
		}
		for path, text := range texts {
			if now, err := os.ReadFile(path); err != nil || string(now) == text {
				t.Errorf("%q changes nothing in %s: %v", m.Name, path, err)
			}
		}
		if !declared(t, filepath.Join(root, m.Package), m.Test) {
			t.Errorf("%q: %s has no test %s", m.Name, m.Package, m.Test)
		}
	}
	if quick < 3 {
		t.Errorf("only %d bugs are quick; the short run needs more", quick)
	}
}

// created is the head of a function in the schema.
var created = regexp.MustCompile(`(?m)^create (?:or replace )?function (\w+)`)

// A bug planted in a database function must be in its last definition, because a later migration may redefine the
// function.
func TestABugInTheDatabaseIsPlantedInTheLastDefinition(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "postgres/schema/*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	texts, last := map[string]string{}, map[string]string{} // by file; and by function, the last file that defines it
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
		for _, f := range created.FindAllStringSubmatch(string(text), -1) {
			last[f[1]] = filepath.Base(file)
		}
	}
	for _, m := range mutations {
		for _, e := range m.Edits {
			file := filepath.Base(e.File)
			before, _, _ := strings.Cut(texts[file], e.Old)
			if f := around(before); f != "" && last[f] != file {
				t.Errorf("%q: %s is redefined by %s", m.Name, f, last[f])
			}
		}
	}
}

// around returns the function in which a migration's text breaks off; empty if it is in none.
func around(text string) string {
	all := created.FindAllStringSubmatchIndex(text, -1)
	if len(all) == 0 {
		return ""
	}
	if f := all[len(all)-1]; !strings.Contains(text[f[1]:], "$$;") {
		return text[f[2]:f[3]]
	}
	return ""
}

// declared reports whether a package's folder has a test of that name.
func declared(t *testing.T, folder, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	function := regexp.MustCompile(`(?m)^func ` + test + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if function.Match(text) {
			return true
		}
	}
	return false
}

func TestAPlantedBugIsReportedWithTheTestThatCaughtIt(t *testing.T) {
	t.Parallel()
	const named, control = "TestNoMoreIsPaidThanIsHeld", "TestSomethingIsPaid"
	cases := []struct {
		name string
		m    Mutation
		want string // in the table or the error
		fine bool
	}{
		{"caught by the named test", Mutation{Edits: in("till.go", "if fen > held {", "if fen > held+1 {"), Test: named}, named + "/one_fen_too_much |", true},
		{"caught by another one", Mutation{Edits: in("till.go", "return held - fen, true", "return held - fen + 1, true"), Test: named}, "TestWhatIsPaidIsGone |", true},
		{"in an embedded file", Mutation{Edits: in("limit.txt", "at most", "at least"), Test: named}, "TestTheLimitIsWritten |", true},
		{"in two places", Mutation{Edits: []Edit{{"till.go", "if fen > held {", "if fen > held*2 {"}, {"till.go", "if fen < 0 {", "if fen < -1 {"}}, Test: named}, named, true},
		{"nothing is paid at all", Mutation{Edits: in("till.go", "if fen < 0 {", "if fen > 0 {"), Test: "TestWhatIsPaidIsGone"}, "broken, not caught: " + control, false},
		{"survives", Mutation{Edits: in("till.go", "if fen < 0 {", "if fen < -5 {"), Test: named}, "survived", false},
		{"the text is gone", Mutation{Edits: in("till.go", "if fen < 10 {", ""), Test: named}, "0 times", false},
		{"the text occurs twice", Mutation{Edits: in("till.go", "return held, false", ""), Test: named}, "2 times", false},
		{"it does not compile", Mutation{Edits: in("till.go", "if fen < 0 {", "if fen < nobody {"), Test: named}, "does not compile", false},
		{"the named test is missing", Mutation{Edits: in("till.go", "if fen < 0 {", ""), Test: "TestNobodyWroteThis"}, "has no test TestNobodyWroteThis", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.m.Name, c.m.Package = c.name, "."
			var table strings.Builder
			err := (&trial{module: "testdata/fixture", controls: map[string]string{".": control}, out: &table}).run(t.Context(), []Mutation{c.m})
			if said := table.String(); err != nil && !strings.Contains(err.Error(), c.want) || err == nil && !strings.Contains(said, c.want) {
				t.Errorf("printed %q and returned %v, want %q", said, err, c.want)
			}
			if (err == nil) != c.fine {
				t.Errorf("returned %v", err)
			}
		})
	}
}

func TestATestThatFailsAnywayCatchesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/fixture")); err != nil {
		t.Fatal(err)
	}
	broken := "package till\n\nimport \"testing\"\n\nfunc TestThatIsBroken(t *testing.T) { t.Fail() }\n"
	if err := os.WriteFile(filepath.Join(folder, "broken_test.go"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	m := Mutation{Name: "a bug", Edits: in("till.go", "if fen > held {", "if fen > held+1 {"), Package: ".", Test: "TestThatIsBroken"}
	err := (&trial{module: folder, controls: map[string]string{".": "TestTheLimitIsWritten"}, out: io.Discard}).run(t.Context(), []Mutation{m})
	if err == nil || !strings.Contains(err.Error(), "although nothing is planted") {
		t.Errorf("returned %v", err)
	}
}

func TestBugsAreSelectedByAWord(t *testing.T) {
	t.Parallel()
	all := []Mutation{{Name: "one officer"}, {Name: "a notice", Quick: true}, {Name: "one notice", Quick: true}}
	if got := choose(all, regexp.MustCompile("one"), false); len(got) != 2 {
		t.Errorf("%d contain the word", len(got))
	}
	if got := choose(all, regexp.MustCompile("one"), true); len(got) != 1 || got[0].Name != "one notice" {
		t.Errorf("quick: %v", got)
	}
	if err := (&trial{out: io.Discard}).run(t.Context(), nil); err == nil {
		t.Error("planted nothing and reported no error")
	}
}
