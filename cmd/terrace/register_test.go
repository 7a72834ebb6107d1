package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // the test removes a place by hand

	"terrace/postgres/pgtest"
)

func TestRegisterPrintsNewTokensOnceAndSaysWhatItRefuses(t *testing.T) {
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, pgtest.New(t)))
	file := filepath.Join(t.TempDir(), "people.json")
	register := func(status int, want, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, status, want, "register", file)
	}
	const gansu = `{"code": "620000", "vintage": 2017, "level": "province", "zh": "甘肃省", "en": "Gansu"}`
	const people = `{"id": "a", "name": {"zh": "甲", "en": "A"}, "roles": ["auditor"], "place": "620000"}`
	register(1, file+": 本次未登记任何内容，请更正以下各项 / nothing was registered; correct the following:\npeople[0].place “a”: 地区620000未登记：请一并登记，或更正代码 / the place 620000 is not registered", `{"people": [`+people+`]}`)
	register(1, file+": 文件为空 / the file is empty", "")
	register(1, file+": 没有可登记的内容：文件应含 \"places\"、\"organizations\" 或 \"people\"，示例见 terrace register --help / nothing to register", `{"people": []}`)
	register(0, "Registered 1 place, 0 organizations and 1 person.\nNew tokens, shown only this once.", `{"places": [`+gansu+`], "people": [`+people+`]}`)
	register(0, "Registered 0 places, 0 organizations and 1 person.\n", `{"people": [`+people+`]}`)
	register(1, "places[0].parent “420100”: 与上级地区620000不符：42开头的代码与62开头的不在同一省 / the code does not match the parent 620000", `{"places": [{"code": "420100", "vintage": 2017, "level": "city", "parent": "620000", "zh": "武汉市", "en": "Wuhan"}]}`)
}

func TestALostPlaceCanBeRegisteredAgain(t *testing.T) {
	url := pgtest.New(t)
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, url))
	t.Setenv("TERRACE_VIRTUAL_CALENDAR", "true")
	t.Setenv("TERRACE_TEMPORAL_ADDRESS", "127.0.0.1:1") // nothing listens on this port
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	store, _, _ := countyOf(t, url)
	store.Close()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), "set session_replication_role = replica; delete from place where code = '620800'")
	if err = errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	const lost, next = "the table of places is not whole: place 620825: the parent 620800 is not registered", "  → register the lost places again with “terrace register”"
	for _, command := range []string{"serve", "api", "worker"} {
		says(t, 1, lost, command)
		says(t, 1, next, command)
	}
	says(t, 1, "✗ the table of places is whole: "+lost, "doctor")
	says(t, 1, next, "doctor")
	says(t, 1, "✗ places of place/620825: the parent 620800 is not registered", "verify", "--record-only")
	file := filepath.Join(t.TempDir(), "places.json")
	register := func(status int, want, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, status, want, "register", file)
	}
	register(1, next, `{"people": [{"id": "a", "name": {"zh": "甲", "en": "A"}, "roles": ["auditor"], "place": "620825"}]}`)
	register(0, "Registered 1 place", `{"places": [{"code": "620800", "vintage": 2017, "level": "city", "parent": "620000", "zh": "平凉市", "en": "Pingliang"}]}`)
	says(t, 1, "✓ the table of places is whole\n✗ places, organizations and people are registered: there are no organizations, people yet\n", "doctor") // which finds no Temporal
	says(t, 0, "Nothing differs.", "verify", "--record-only")
}

func TestLostOutputIsAFailure(t *testing.T) {
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, pgtest.New(t)))
	file := filepath.Join(t.TempDir(), "people.json")
	if err := os.WriteFile(file, []byte(`{"people": [{"id": "a", "name": {"zh": "甲", "en": "A"}, "roles": []}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device is always full here")
	}
	defer func() { _ = full.Close() }() // nothing can be written to it
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"register", file}, `terrace: ` + file + `: everything was registered, but the new tokens could not be printed and are lost (write /dev/full: no space left on device): register again, each with a "token" of your own: a` + "\n"},
		{[]string{"verify", "--record-only"}, "terrace: the command ended, but its output was lost: write /dev/full: no space left on device\n"},
		{[]string{"version"}, "its output was lost"},
	} {
		var errs bytes.Buffer
		if got := run(c.args, full, &errs); got != 1 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("terrace %s exits with %d:\n%s", c.args, got, errs.String())
		}
	}
}

func TestRebuildSaysWhatItDidAndWhetherItAgrees(t *testing.T) {
	url := pgtest.New(t)
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, url))
	store, _, _ := countyOf(t, url)
	defer store.Close()
	says(t, 0, "Rebuilt 1 aggregate from the journal", "rebuild")
	says(t, 0, "It agrees with the journal and the ledger.\n", "rebuild")
}
