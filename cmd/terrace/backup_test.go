package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // the test makes roles and gives them databases

	"terrace/postgres"
	"terrace/postgres/pgtest"
)

// says runs a command, which must exit with the status and print the given words.
func says(t *testing.T, status int, want string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	if got := run(args, &out, &out); got != status || !strings.Contains(out.String(), want) {
		t.Errorf("terrace %s exits with %d, want %d and output with %q:\n%s", strings.Join(args, " "), got, status, want, out.String())
	}
}

func TestASuccessfulRestoreLeavesAUsableRecord(t *testing.T) {
	t.Setenv("TERRACE_DATABASE_URL", pgtest.New(t)) // the owner's URL
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	folder := filepath.Join(t.TempDir(), "backup")
	says(t, 0, "It is not signed", "backup", folder)
	says(t, 0, "The backup is whole", "restore", "--check", folder)
	says(t, 1, "terrace: "+folder+"-none does not exist: name the folder that “terrace backup” wrote\n", "restore", "--check", folder+"-none")
	if err := os.WriteFile(filepath.Join(folder, "SHA256SUMS.sig"), []byte("by somebody"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, 0, "It is signed. By whom was not checked", "restore", "--check", folder)

	says(t, 1, "nothing was restored: the database is not empty", "restore", folder)
	url := pgtest.Empty(t)
	t.Setenv("TERRACE_DATABASE_URL", url)
	says(t, 0, "\nVerified: nothing differs.\n", "restore", folder)
	says(t, 1, "is a superuser", "verify", "--record-only")
	t.Setenv("TERRACE_DATABASE_URL", pgtest.Program(t, url))
	says(t, 0, "Nothing differs.", "verify", "--record-only")

	if err := postgres.MarkUnsettled(t.Context(), url, 1); err != nil { // as if the restore had been cut off before the rewind was recorded
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "api", "worker", "resume"} {
		says(t, 1, "did not finish. Make a new, empty database and run “terrace restore” again", command)
	}
	if err := postgres.MarkUnsettled(t.Context(), url, 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TERRACE_LISTEN", "nowhere:0") // an API that is allowed to start fails at this address instead
	says(t, 1, "listen: ", "api")
}

func TestVerifyAndRebuildSayWhatToDoNext(t *testing.T) {
	url := pgtest.New(t)
	store, _, _ := countyOf(t, url)
	defer store.Close()
	tamper := func(sql string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			_, err = conn.Exec(t.Context(), "set session_replication_role = replica; "+sql) // with all triggers disabled
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	pilot := "pilot/0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"
	at := func(url string) { t.Helper(); t.Setenv("TERRACE_DATABASE_URL", url) }

	tamper("delete from evidence_upload; delete from evidence; update aggregate set written_at = written_at - interval '2 minutes'")
	at(pgtest.Program(t, url))
	says(t, 1, "✗ turns of "+pilot+": they have not been written since ", "verify", "--record-only")
	says(t, 1, "\n  → turns: start “terrace worker”", "verify", "--record-only")
	says(t, 1, "✗ the lists of turns are up to date: some have not been written", "doctor")
	at(url)
	folder := filepath.Join(t.TempDir(), "backup")
	says(t, 0, "It is not signed", "backup", folder)
	restored := pgtest.Empty(t)
	at(restored)
	says(t, 0, "Restored. The record can be used", "restore", folder) // a worker will write the turns
	at(pgtest.Program(t, restored))
	says(t, 1, "✗ turns of "+pilot, "verify", "--record-only")

	tamper("insert into token values (sha256('x'), 'somebody')")
	at(pgtest.Program(t, url))
	says(t, 1, "\n  → lost row: no backup of this record can be restored. ", "verify", "--record-only")
	at(url)
	row := "✗ the table actor: the row id=somebody is missing; token rows that refer to it: 1\n  → this backup cannot be restored: "
	says(t, 1, row, "backup", folder+"-lost")
	says(t, 1, row, "restore", "--check", folder+"-lost")
	at(pgtest.Empty(t))
	says(t, 1, row, "restore", folder+"-lost")
	at(url)
	tamper("delete from token where actor = 'somebody'")

	at(pgtest.Program(t, url))
	tamper("update aggregate set stage = 'archived'")
	says(t, 1, "✗ state of "+pilot+": stage is archived, the journal says application\n", "verify", "--record-only")
	says(t, 1, "\n  → state, claim, list, sum: run “terrace rebuild”", "verify", "--record-only")
	says(t, 0, "Rebuilt 1 aggregate from the journal", "rebuild")
	tamper("update journal set name = 'conjured'")
	says(t, 1, "Left as they are: 1 aggregate, whose events are missing or cannot be applied; see below.\nRebuilt 0 aggregates", "rebuild")
	says(t, 1, "✗ journal of "+pilot+": event 1 cannot be applied: journal holds pilot event \"conjured\", which this version does not know\n", "rebuild")
	says(t, 1, "\n  → journal, ledger, evidence, bank: stored history was changed or lost. Stop Terrace", "rebuild")
}

func TestASuperuserRestoresWhatBelongsToAnOwner(t *testing.T) {
	first, second := pgtest.Empty(t), pgtest.Empty(t)
	owner := "owner_" + strings.ToLower(rand.Text()[:8])
	sql := func(at string, statements ...string) {
		t.Helper()
		conn, err := pgx.Connect(context.Background(), at) // stays valid after the test has ended
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background()) //nolint:errcheck // nothing depends on it
		for _, s := range statements {
			if _, err := conn.Exec(context.Background(), strings.ReplaceAll(s, "{owner}", owner)); err != nil {
				t.Fatal(err)
			}
		}
	}
	sql(first, "create role {owner} login")
	for _, at := range []string{first, second} {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		sql(at, "alter database "+u.Path[1:]+" owner to {owner}")
	}
	t.Cleanup(func() {
		for _, at := range []string{first, second} {
			sql(at, "reassign owned by {owner} to postgres", "drop owned by {owner}")
		}
		sql(first, "drop role {owner}")
	})
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	folder := filepath.Join(t.TempDir(), "backup")
	program := pgtest.Program(t, first)
	t.Setenv("TERRACE_DATABASE_URL", first)
	says(t, 1, "is a superuser, and the database", "migrate")
	t.Setenv("TERRACE_DATABASE_URL", strings.Replace(first, "postgres@", owner+"@", 1))
	says(t, 0, "The database is ready.", "migrate")
	says(t, 0, "It is not signed", "backup", folder)
	t.Setenv("TERRACE_DATABASE_URL", program)
	says(t, 1, "set TERRACE_DATABASE_URL to the URL of "+owner+"\n  pg_dump: exit status 1\n    pg_dump: error: ", "backup", folder+"2")
	t.Setenv("TERRACE_DATABASE_URL", second)
	says(t, 0, "Restored. The record can be used", "restore", folder)
}

func TestARestoreSaysWhetherTheSignatureHolds(t *testing.T) {
	t.Setenv("TERRACE_DATABASE_URL", pgtest.New(t))
	t.Setenv("TERRACE_EVIDENCE_URL", "file://"+t.TempDir())
	keys := t.TempDir()
	pair := func(name string) (private, public string) {
		t.Helper()
		pub, priv, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		write := func(kind string, der []byte, err error) string {
			t.Helper()
			path := filepath.Join(keys, name+kind)
			if err = errors.Join(err, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)); err != nil {
				t.Fatal(err)
			}
			return path
		}
		secret, err := x509.MarshalPKCS8PrivateKey(priv)
		private = write("PRIVATE KEY", secret, err)
		open, err := x509.MarshalPKIXPublicKey(pub)
		return private, write("PUBLIC KEY", open, err)
	}
	ours, public := pair("ours")
	_, others := pair("theirs")
	signed, unsigned := filepath.Join(t.TempDir(), "signed"), filepath.Join(t.TempDir(), "unsigned")
	says(t, 0, "The record as of", "backup", "--key", ours, signed)
	says(t, 0, "It is not signed", "backup", unsigned)
	const unproved = "\nIts files are as SHA256SUMS lists them, but who made them is not proved, so nothing was restored.\n"
	says(t, 0, "\nIt is signed, and the signature holds for the public key given.\nThe backup is whole.", "restore", "--check", "--key", public, signed)
	says(t, 0, "\nIt is not signed.\nThe backup is whole.", "restore", "--check", unsigned)
	says(t, 1, "the backup is not signed: leave out --key only if nobody else could write where it was kept"+unproved, "restore", "--check", "--key", public, unsigned)
	says(t, 1, "give the public key that belongs to the one it was signed with, or use another backup"+unproved, "restore", "--check", "--key", others, signed)
	if err := os.Remove(filepath.Join(unsigned, "heads.txt")); err != nil {
		t.Fatal(err)
	}
	says(t, 1, "✗ heads.txt: missing\nThis backup is damaged, so nothing was restored.", "restore", "--check", "--key", public, unsigned)
}
