package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // the test recovers a server; it reads the record over HTTP

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// A record is recovered to a point in time as docs/operations.md describes, with the settings given there.
func TestARecordIsRecoveredToItsLastArchivedSegment(t *testing.T) {
	t.Parallel()
	server := ownPostgres(t)
	archive := server.archives(t)
	if err := execute(server.url, "create database record"); err != nil {
		t.Fatal(err)
	}
	recovered := &postgres{data: filepath.Join(tempFolder(t), "postgres"), durable: true}
	t.Cleanup(func() {
		if recovered.process != nil {
			recovered.stop()
		}
	})
	s := newSystem(t, inDatabase(server.url, "record"), shared.temporalAddress(t))
	s.launch("--people=false", "--day", "2ms")
	first := s.draft(1).submit()
	base := filepath.Join(tempFolder(t), "base")
	server.tool(t, "pg_basebackup", "--pgdata="+base, "--checkpoint=fast", "--wal-method=none", "--dbname="+server.url)
	server.tool(t, "pg_verifybackup", "--no-parse-wal", base)

	second := s.draft(2).submit() // after the base backup, so only in the archive
	server.archiveAll(t)
	third := s.newStory(3) // never archived
	lost := flow.Receipt{}
	s.post(zhuanglang.CountyOfficer, "/v1/pilots", "lost", pilot.Draft{Programme: third.data.Programme, Application: third.application}).into(t, &lost)
	s.kill()
	server.crash()

	recovered.recover(t, server, base, archive)
	s.database = inDatabase(recovered.url, "record")
	s.succeeds("resume", "--replace", "--rewound", "recovered from the archive")
	s.launch("--people=false", "--day", "2ms")
	for name, test := range map[string]struct {
		ref   flow.Ref
		there bool
	}{
		"from before the base backup": {first.pilot(), true}, "from the last archived segment": {second.pilot(), true}, "from after it": {lost.Aggregate, false},
	} {
		if there := s.read(test.ref).ID != ""; there != test.there {
			t.Errorf("pilot %s exists: %t, want %t", name, there, test.there)
		}
	}
	first.accept()
	second.accept()
	s.rest()
	s.verify()
}

// archives makes the server archive its write-ahead log into a folder, as docs/operations.md says.
func (p *postgres) archives(t *testing.T) (archive string) {
	t.Helper()
	archive = tempFolder(t)
	if err := os.Chmod(archive, 0o777); err != nil { // the server's account writes there
		t.Fatal(err)
	}
	for _, setting := range []string{
		"wal_level = replica", "archive_mode = on", "archive_timeout = '60s'",
		fmt.Sprintf("archive_command = 'test ! -f %[1]s/%%f && cp %%p %[1]s/.%%f && sync %[1]s/.%%f && mv %[1]s/.%%f %[1]s/%%f'", archive),
	} {
		if err := execute(p.url, "alter system set "+setting); err != nil {
			t.Fatal(err)
		}
	}
	p.stop()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	return archive
}

// archiveAll ends the current log segment and waits until it is archived.
func (p *postgres) archiveAll(t *testing.T) {
	t.Helper()
	if err := execute(p.url, "select pg_switch_wal()"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "every segment is archived", func() bool {
		return ask(t, p.url, "select (not exists (select from pg_ls_archive_statusdir() where name like '%.ready'))::text") == "true"
	})
}

// recover starts the server from the base backup of a lost one and lets it replay the whole archive.
func (p *postgres) recover(t *testing.T, lost *postgres, base, archive string) {
	t.Helper()
	err := errors.Join(
		os.Rename(base, p.data),
		appendTo(filepath.Join(p.data, "postgresql.auto.conf"), fmt.Sprintf("restore_command = 'cp %s/%%f %%p'\n", archive)),
		appendTo(filepath.Join(p.data, "recovery.signal"), ""),
		handOver(lost.data, p.data),
	)
	if err == nil {
		err = p.start()
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the recovery has ended", func() bool { return ask(t, p.url, "select pg_is_in_recovery()::text") == "false" })
}

// tool runs a PostgreSQL program of the server's version.
func (p *postgres) tool(t *testing.T, name string, args ...string) {
	t.Helper()
	bin := ask(t, p.url, "select setting from pg_config where name = 'BINDIR'")
	if text, err := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
}

// ask returns the single value of a query.
func ask(t *testing.T, server, sql string) (answer string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }() // only read
	if err := conn.QueryRow(ctx, sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// handOver makes the owner of one folder the owner of everything in another.
func handOver(from, folder string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("folders have no owner on this system")
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, int(owner.Uid), int(owner.Gid)))
	})
}
