package main

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"terrace/postgres/pgtest"
)

func TestWhoCannotConnectIsToldWhatToDo(t *testing.T) {
	database := pgtest.New(t)
	program := pgtest.Program(t, database)
	at := func(change func(*url.URL)) string {
		u, err := url.Parse(program)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	nobody := "127.0.0.1:1" // nothing listens on this port
	t.Setenv("TERRACE_TEMPORAL_ADDRESS", nobody)
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	folder := filepath.Join(t.TempDir(), "backup")
	for name, test := range map[string]struct{ url, heading, next string }{
		"nobody listens":      {at(func(u *url.URL) { u.Host = nobody }), "✗ the database answers: ", "  → start Postgres, or correct host, port and sslmode"},
		"no such role":        {at(func(u *url.URL) { u.User = url.User("nobody") }), "✗ the database answers: ", "  → correct the user and the password"},
		"no such database":    {at(func(u *url.URL) { u.Path = "/nothing" }), "✗ the database answers: ", "  → correct the database's name"},
		"something else":      {"postgres://a b@", "✗ the database answers: ", "  → give TERRACE_DATABASE_URL a URL like"},
		"a superuser":         {database, "✗ the program's role has the rights it needs, and no others: open the record: postgres is a superuser", ""},
		"nothing is migrated": {pgtest.Program(t, pgtest.Empty(t)), "✗ the database has this version's schema: open the record: the database has no tables yet: set TERRACE_DATABASE_URL to its owner's URL", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TERRACE_DATABASE_URL", test.url)
			says(t, 1, test.heading, "doctor")
			says(t, 1, "✗ Temporal answers at "+nobody, "doctor") // whatever state the database is in
			says(t, 1, "✓ evidence can be stored at file://", "doctor")
			if test.next == "" {
				says(t, 1, "✓ the database answers\n", "doctor")
				return
			}
			says(t, 1, test.next, "doctor")
			for _, command := range [][]string{{"serve"}, {"worker"}, {"migrate"}, {"rebuild"}, {"reconcile"}, {"resume"}, {"verify"}, {"backup", folder}} {
				says(t, 1, test.next, command...)
			}
		})
	}
}

func TestADoctorWithoutADatabaseSaysHowToGetOne(t *testing.T) {
	for _, name := range []string{"TERRACE_DATABASE_URL", "DATABASE_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("TERRACE_TEMPORAL_ADDRESS", "127.0.0.1:1") // nothing listens on this port
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	says(t, 1, "✗ the database answers: TERRACE_DATABASE_URL is not set: give the URL of the Postgres that holds the record\n  → deploy/postgres/roles.sh makes the database", "doctor")
}

func TestABackupThatCannotBeMadeSaysWhyInOneLine(t *testing.T) {
	database, folder := pgtest.New(t), t.TempDir()
	t.Setenv("TERRACE_DATABASE_URL", database)
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	says(t, 2, "terrace: "+folder+" already exists: name a folder that does not exist yet\n", "backup", folder)
	says(t, 1, "terrace: no backup was made: "+folder+"/none does not exist: make that folder, or name a backup in another one\n", "backup", folder+"/none/b")
	for wrong, want := range map[string]string{
		"file://" + folder + "/typo": "and there is no such folder: name the one of the API",
		"s3://evidence":              "terrace: no backup was made: TERRACE_EVIDENCE_URL is \"s3://evidence\": name a folder, as in file:///",
		"file://evidence/folder":     "terrace: no backup was made: TERRACE_EVIDENCE_URL is \"file://evidence/folder\": name a folder, as in file:///",
		"evidence":                   "terrace: no backup was made: TERRACE_EVIDENCE_URL is \"evidence\": name a folder, as in file:///",
	} {
		t.Setenv("TERRACE_EVIDENCE_URL", wrong)
		says(t, 2, want, "backup", folder+"/b")
	}
	if made, err := os.ReadDir(folder); err != nil || len(made) != 0 {
		t.Errorf("%v, %v were left behind", made, err)
	}
}

func TestWhatElseIsMissingIsNamedWithItsNextStep(t *testing.T) {
	database, folder := pgtest.New(t), filepath.Join(t.TempDir(), "missing")
	t.Setenv("TERRACE_TEMPORAL_ADDRESS", "127.0.0.1:1") // nothing listens on this port
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, database))
	t.Setenv("TERRACE_PROGRAMMES", folder) // which does not exist
	says(t, 1, "✗ the programmes in TERRACE_PROGRAMMES="+folder+" can be used: TERRACE_PROGRAMMES: open "+folder, "doctor")
	says(t, 1, "create the folder, or correct TERRACE_PROGRAMMES", "doctor")
	says(t, 1, "✓ the database answers\n", "doctor")
	says(t, 1, "terrace: TERRACE_PROGRAMMES: open "+folder+": no such file or directory\n  → create the folder", "rebuild")
	t.Setenv("TERRACE_PROGRAMMES", "")
	for _, line := range []string{
		"✓ the database answers\n✓ the program's role has the rights it needs, and no others\n✓ the database has this version's schema\n",
		"✗ places, organizations and people are registered: there are no places, organizations, people yet\n  → run “terrace register FILE” before anything else",
		"  → start Temporal, or correct TERRACE_TEMPORAL_ADDRESS",
	} {
		says(t, 1, line, "doctor")
	}
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // no connection was made
	t.Setenv("TERRACE_LISTEN", taken.Addr().String())
	says(t, 1, "  → stop what answers there, or choose another address with TERRACE_LISTEN\n", "api")
	t.Setenv("TERRACE_EVIDENCE_URL", "file:///proc/nobody/may/write")
	says(t, 1, "terrace: make the folder of TERRACE_EVIDENCE_URL: ", "api")
	says(t, 1, "  → set TERRACE_EVIDENCE_URL to a folder this user may write", "api")
	store, _, _ := countyOf(t, database) // a pilot, so that the command looks for its workflow
	defer store.Close()
	says(t, 1, "which --record-only leaves out", "verify")
	for _, command := range []string{"verify", "resume"} {
		says(t, 1, "  → start Temporal, or correct TERRACE_TEMPORAL_ADDRESS", command)
	}
}

func TestAnAddressInUseIsChosenAsTheCommandTakesIt(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*cobra.Command{"TERRACE_LISTEN": apiCommand(), "--listen": demoCommand(), "--listen or --admin": bankCommand()} {
		if got := advice(c, fmt.Errorf("listen: %w", syscall.EADDRINUSE)); !strings.HasSuffix(got, " with "+want) {
			t.Errorf("terrace %s says %q, want %q", c.Name(), got, want)
		}
	}
}

func TestAVariableThatIsNoSettingIsNamed(t *testing.T) {
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, pgtest.New(t)))
	t.Setenv("TERRACE_TEMPORAL_ADDRESS", "127.0.0.1:1") // nothing listens on this port
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	t.Setenv("TERRACE_GATWAY", "http")
	const what = "TERRACE_GATWAY is not a setting and has no effect; the nearest is TERRACE_GATEWAY"
	says(t, 0, what, "verify", "--record-only")
	says(t, 1, "✗ every TERRACE_ variable in the environment is a setting: "+what+"\n  → correct its name", "doctor")
}
