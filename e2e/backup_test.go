package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manifest is the part of a backup's manifest that the drills read.
type manifest struct {
	Record struct {
		Instant time.Time
		Tables  map[string]int64
	}
}

// backup runs “terrace backup”, which must succeed, and returns the backup's folder and manifest.
func (s *system) backup() (backup string, m manifest) {
	s.t.Helper()
	backup = filepath.Join(tempFolder(s.t), "backup")
	s.succeeds("backup", backup)
	text, err := os.ReadFile(filepath.Join(backup, "manifest.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		s.t.Fatal(err)
	}
	return backup, m
}

// succeeds runs a terrace command that must exit with status 0, and returns its output.
func (s *system) succeeds(args ...string) string {
	s.t.Helper()
	status, text := run(s.t, s.environment(), args...)
	if status != 0 {
		s.t.Fatalf("terrace %s exits with %d:\n%s", strings.Join(args, " "), status, text)
	}
	return text
}

// restore runs “terrace restore” into an empty database, with an empty evidence store.
func (s *system) restore(empty, backup string) {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.data, "evidence")); err != nil {
		s.t.Fatal(err)
	}
	s.database = empty
	began := time.Now()
	text := s.succeeds("restore", backup)
	s.t.Logf("restored in %v", time.Since(began).Round(time.Millisecond))
	if !strings.Contains(text, "The backup is whole") || !strings.Contains(text, "terrace resume --replace") {
		s.t.Errorf("the output does not say what was done and what to do next:\n%s", text)
	}
}

// crash kills the server without warning, as a power failure would.
func (p *postgres) crash() {
	_ = syscall.Kill(p.pid, syscall.SIGKILL) // it may already have ended
	<-p.ended
}

// A backup is made while a demonstration is running. Work continues, and then everything but the backup is lost.
func TestADemonstrationIsRestoredOntoAnEmptyServerAndFinishes(t *testing.T) {
	t.Parallel()
	for name, surviving := range map[string]bool{
		"Temporal lost as well":              false,
		"workflows that knew more than this": true,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawn := moments(t, 2)
			first := drawn[0] / 2
			second := first + 60 + drawn[1]/3 // well after the backup
			server, other, fresh := ownPostgres(t), ownPostgres(t), ownPostgres(t)
			temporal, empty := ownTemporal(t, other.url), newDatabase(t, fresh.url)
			another := temporal
			if !surviving {
				another = ownTemporal(t, fresh.url)
			}
			if err := execute(server.url, "create database record"); err != nil {
				t.Fatal(err)
			}
			s := newSystem(t, inDatabase(server.url, "record"), temporal.address)
			s.launchDemo()
			s.after(first)
			backup, m := s.backup()
			s.after(second)
			s.kill()
			server.crash()
			if err := os.RemoveAll(server.data); err != nil {
				t.Fatal(err)
			}
			if !surviving {
				temporal.kill()
				other.crash()
				s.temporal = another.address
			}
			s.restore(empty, backup)
			if _, again := s.backup(); again.Record.Tables["journal"] != m.Record.Tables["journal"] {
				t.Errorf("restored %d events of %d", again.Record.Tables["journal"], m.Record.Tables["journal"])
			}
			t.Logf("%d events at the backup, more than %d when everything was lost", m.Record.Tables["journal"], second)
			s.succeeds("resume", "--replace")
			s.launchDemo()
			s.archived()
			s.asUndisturbed()
		})
	}
}

// A backup or restore that is killed, no matter when, must leave nothing that looks complete.
func TestAKilledBackupNeverLooksComplete(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.draft(1).submit()
	folder := tempFolder(t)
	for n := 0; ; n++ {
		backup := filepath.Join(folder, fmt.Sprint(n))
		p, err := launch("terrace", s.environment(), "backup", backup)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.ended:
		case <-time.After(time.Duration(n*n) * 10 * time.Millisecond): // a different delay each time
			p.kill()
		}
		_, err = os.Stat(backup)
		if p.status == 0 {
			if status, text := run(t, nil, "restore", "--check", backup); status != 0 {
				t.Errorf("a backup that succeeded is reported as damaged:\n%s", text)
			}
			t.Logf("killed %d times so far", n)
			break
		}
		if status, text := run(t, nil, "restore", "--check", backup+".partial"); status == 0 {
			t.Errorf("an incomplete backup is taken for a complete one:\n%s", text)
		}
		if err == nil { // killed after the last step
			if status, text := run(t, nil, "restore", "--check", backup); status != 0 {
				t.Errorf("a folder named like a backup is not one:\n%s", text)
			}
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}

func TestAKilledRestoreCanBeRepeated(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.draft(1).submit()
	backup, _ := s.backup()
	server := shared.postgresURL(t)
	for n := 0; ; n++ {
		env := []string{"TERRACE_DATABASE_URL=" + newDatabase(t, server), "TERRACE_EVIDENCE_URL=file://" + filepath.Join(tempFolder(t), "evidence")}
		p, err := launch("terrace", env, "restore", backup)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.ended:
		case <-time.After(time.Duration(n*n) * 10 * time.Millisecond):
			p.kill()
		}
		if p.status == 0 {
			t.Logf("killed %d times so far", n)
			break
		}
		if strings.Contains(p.output.String(), "Restored.") {
			continue // killed after the restore, during verification
		}
		status, text := run(t, env, "restore", backup)
		if status != 0 && !strings.Contains(text, "the database is not empty") { // the transaction had just committed
			t.Errorf("killed %d times and repeated, it exits with %d:\n%s", n+1, status, text)
		}
	}
}

func TestBackupAndRestoreReportMistakes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.draft(1).submit()
	s.upload(mover, "evidence of the backup")
	backup, _ := s.backup()
	damaged := func(damage func(folder string) error) string {
		folder := filepath.Join(tempFolder(t), "damaged")
		if err := errors.Join(os.CopyFS(folder, os.DirFS(backup)), damage(folder)); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	evidence, err := filepath.Glob(filepath.Join(backup, "evidence", "*"))
	if err != nil || len(evidence) == 0 {
		t.Fatalf("%v, %v", evidence, err)
	}
	blob := filepath.Join("evidence", filepath.Base(evidence[0]))
	empty := append(s.environment(), "TERRACE_DATABASE_URL="+newDatabase(t, shared.postgresURL(t)), "TERRACE_EVIDENCE_URL=file://"+filepath.Join(tempFolder(t), "evidence"))
	tests := map[string]struct {
		env    []string
		args   []string
		status int
		want   string
	}{
		"a backup of no name":               {s.environment(), []string{"backup"}, 2, "takes one folder"},
		"two of one":                        {s.environment(), []string{"backup", "a", "b"}, 2, "takes one folder"},
		"one over another":                  {s.environment(), []string{"backup", backup}, 2, "already exists"},
		"one in no folder":                  {s.environment(), []string{"backup", "/nowhere/at/all"}, 1, "/nowhere/at does not exist: make that folder"},
		"one without a database":            {nil, []string{"backup", backup + "2"}, 2, "TERRACE_DATABASE_URL is not set"},
		"one of an empty database":          {append(s.environment(), "TERRACE_DATABASE_URL="+newDatabase(t, shared.postgresURL(t))), []string{"backup", backup + "2"}, 1, "holds no record of Terrace"},
		"one signed with no key":            {s.environment(), []string{"backup", "--key", "/nowhere", backup + "2"}, 2, "--key: "},
		"a restore of nothing":              {empty, []string{"restore", "/nowhere"}, 1, "/nowhere does not exist: name the folder"},
		"one of what is no backup":          {empty, []string{"restore", s.data}, 1, "is not a backup"},
		"one over a record":                 {s.environment(), []string{"restore", backup}, 1, "the database is not empty"},
		"one that must be signed":           {empty, []string{"restore", "--key", publicKey(t), backup}, 1, "SHA256SUMS.sig: the backup is not signed"},
		"a check of a whole one":            {nil, []string{"restore", "--check", backup}, 0, "The backup is whole"},
		"one with a flipped byte":           {empty, []string{"restore", damaged(flip("database.dump"))}, 1, "✗ database.dump: changed"},
		"one with a truncated dump":         {empty, []string{"restore", damaged(func(f string) error { return os.Truncate(filepath.Join(f, "database.dump"), 1000) })}, 1, "✗ database.dump: has 1000 bytes"},
		"one with missing evidence":         {empty, []string{"restore", damaged(func(f string) error { return os.Remove(filepath.Join(f, blob)) })}, 1, "✗ " + blob + ": missing"},
		"one with changed evidence":         {empty, []string{"restore", damaged(flip(blob))}, 1, "✗ " + blob + ": changed"},
		"one with a file too many":          {empty, []string{"restore", damaged(func(f string) error { return os.WriteFile(filepath.Join(f, "more"), nil, 0o600) })}, 1, "✗ more: added"},
		"one whose hashes were truncated":   {empty, []string{"restore", damaged(func(f string) error { return os.Truncate(filepath.Join(f, "SHA256SUMS"), 100) })}, 1, "✗ SHA256SUMS: damaged"},
		"one that somebody has half copied": {empty, []string{"restore", damaged(func(f string) error { return os.Remove(filepath.Join(f, "SHA256SUMS")) })}, 1, "is not a backup, or not a complete one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := run(t, test.env, test.args...)
			if status != test.status || !strings.Contains(text, test.want) {
				t.Errorf("terrace %s exits with %d, want %d and %q:\n%s", strings.Join(test.args, " "), status, test.status, test.want, text)
			}
		})
	}
}

func flip(name string) func(string) error {
	return func(folder string) error {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text[len(text)/2] ^= 1
		return os.WriteFile(path, text, 0o600)
	}
}

// publicKey writes a public key whose private key is unknown, and returns the file's path.
func publicKey(t *testing.T) string {
	t.Helper()
	path := filepath.Join(tempFolder(t), "backup.pub")
	text := "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
