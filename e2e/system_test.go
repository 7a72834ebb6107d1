package e2e

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
)

// mover lets the calendar run, and reader may read everything.
const (
	mover  = zhuanglang.CountyOfficer
	reader = zhuanglang.AuditorPerson
)

// system is a Terrace on a virtual calendar, with its own database and task queues.
type system struct {
	*client
	*process
	database string
	temporal string // address
	data     string // folder
	prefix   string // of the task queues
	settings []string
}

// start starts a Terrace on the shared servers, without simulated users.
func start(t *testing.T) *system {
	t.Helper()
	s := newSystem(t, newDatabase(t, shared.postgresURL(t)), shared.temporalAddress(t))
	s.launch("--people=false", "--day", "2ms")
	t.Cleanup(func() {
		if !t.Failed() {
			s.verify()
		}
	})
	return s
}

// newSystem returns a Terrace that has not been launched yet. It is stopped before the servers and folders it uses are
// removed.
func newSystem(t *testing.T, database, temporal string) *system {
	t.Helper()
	s := &system{client: newClient(t, ""), database: database, temporal: temporal, data: tempFolder(t), prefix: rand.Text()[:8] + "-"}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("warnings and errors of its log:\n%s", s.troubles())
		}
		if s.process == nil || !s.running() {
			return
		}
		s.signal(syscall.SIGTERM)
		if status := s.wait(t, patience); status != 0 {
			t.Errorf("exited with status %d:\n%s", status, s.tail())
		}
	})
	return s
}

// troubles returns the warnings and errors in the program's log.
func (s *system) troubles() string {
	text, err := os.ReadFile(filepath.Join(s.data, "terrace.log"))
	if err != nil {
		return err.Error()
	}
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.Contains(line, "level=INFO") })
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// launch starts “terrace demo” and waits until the API responds.
func (s *system) launch(flags ...string) {
	s.t.Helper()
	p, err := launch("terrace", s.environment(), append([]string{"demo", "--listen", "127.0.0.1:0", "--data", s.data}, flags...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.process, s.base = p, ""
	s.awaitAddress()
}

var addressLine = regexp.MustCompile(`API (http://\S+)`)

func (s *system) awaitAddress() {
	s.t.Helper()
	for deadline := time.Now().Add(3 * patience); s.base == ""; time.Sleep(look) {
		if found := addressLine.FindStringSubmatch(s.output.String()); found != nil {
			s.base = found[1]
		} else if !s.running() || time.Now().After(deadline) {
			s.t.Fatalf("the program did not become ready:\n%s", s.tail())
		}
	}
}

// environment returns the program's settings. Without a database URL, the program starts its own servers.
func (s *system) environment() []string {
	env := []string{"TERRACE_QUEUE_PREFIX=" + s.prefix, "TERRACE_EVIDENCE_URL=file://" + filepath.Join(s.data, "evidence")}
	if s.database != "" {
		env = append(env, "TERRACE_DATABASE_URL="+s.database)
	}
	env = append(env, s.settings...)
	if s.temporal != "" {
		env = append(env, "TERRACE_TEMPORAL_ADDRESS="+s.temporal)
	}
	return env
}

// verify requires that “terrace verify” finds no errors.
func (s *system) verify() {
	s.t.Helper()
	if status, text := run(s.t, s.environment(), "verify"); status != 0 {
		s.t.Errorf("terrace verify exits with %d:\n%s", status, text)
	}
}
