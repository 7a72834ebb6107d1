package e2e

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // the tests create and drop databases; they read records over HTTP
)

// shared holds the Postgres and Temporal servers for tests that do not harm them: those named in the environment or, if
// none are, servers that the first test to need one starts.
var shared sharedServers

type sharedServers struct {
	mutex    sync.Mutex
	postgres *postgres
	temporal *temporal
}

// postgresURL returns the URL of a database on the shared server.
func (s *sharedServers) postgresURL(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("TERRACE_TEST_DATABASE_URL"); given != "" {
		return given
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.postgres == nil {
		server := &postgres{data: filepath.Join(folder, "postgres")}
		if err := server.start(); err != nil {
			t.Fatal(err)
		}
		s.postgres = server
	}
	return s.postgres.url
}

// temporalAddress returns the shared server's address.
func (s *sharedServers) temporalAddress(t *testing.T) string {
	t.Helper()
	if given := os.Getenv("TERRACE_TEST_TEMPORAL"); given != "" {
		return given
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.temporal == nil {
		server := &temporal{}
		if err := server.start(); err != nil {
			t.Fatal(err)
		}
		s.temporal = server
	}
	return s.temporal.address
}

func (s *sharedServers) stop() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.temporal != nil {
		s.temporal.stop()
	}
	if s.postgres != nil {
		s.postgres.stop()
	}
}

// postgres is a private PostgreSQL server that can be killed and restarted on its data.
type postgres struct {
	*process
	data    string
	durable bool // committed data survives a kill
	url     string
	pid     int // of the server itself, below postgresd
}

// ownPostgres starts a server for a single test.
func ownPostgres(t *testing.T) *postgres {
	t.Helper()
	p := &postgres{data: filepath.Join(tempFolder(t), "postgres"), durable: true}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop() })
	return p
}

// start starts the server, at its previous address if it has run before.
func (p *postgres) start() (err error) {
	args := []string{"--with-parent", "--data", p.data, "--durable=" + strconv.FormatBool(p.durable), "--max-connections", "400"}
	if p.url != "" {
		args = append(args, "--port", portOf(p.url))
	}
	if p.process, err = launch("postgresd", nil, args...); err != nil {
		return err
	}
	ready := struct {
		URL string
		PID int
	}{}
	if err := p.ready(&ready); err != nil {
		return err
	}
	p.url, p.pid = ready.URL, ready.PID
	return nil
}

// temporal is a Temporal server, in memory or with its data in PostgreSQL.
type temporal struct {
	*process
	postgres string // URL; empty: in memory
	address  string
}

// ownTemporal starts a server for a single test, with its data in PostgreSQL.
func ownTemporal(t *testing.T, postgres string) *temporal {
	t.Helper()
	s := &temporal{postgres: postgres}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// start starts the server, at its previous address if it has run before.
func (s *temporal) start() (err error) {
	args := []string{"--with-parent", "--in-memory"}
	if s.postgres != "" {
		args = []string{"--with-parent", "--postgres", s.postgres}
	}
	if s.address != "" {
		_, port, _ := strings.Cut(s.address, ":")
		args = append(args, "--port", port)
	}
	if s.process, err = launch("temporald", nil, args...); err != nil {
		return err
	}
	ready := struct{ Address string }{}
	if err := s.ready(&ready); err != nil {
		return err
	}
	s.address = ready.Address
	return nil
}

// ready reads the line in which a server reports its address.
func (p *process) ready(into any) error {
	line, err := p.firstLine()
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(line), into)
}

// newDatabase creates an empty database for this test.
func newDatabase(t *testing.T, server string) string {
	t.Helper()
	name := "e2e_" + strings.ToLower(rand.Text())
	if err := execute(server, "create database "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dropDatabase(t, server, name) })
	return inDatabase(server, name)
}

func dropDatabase(t *testing.T, server, name string) {
	t.Helper()
	if err := execute(server, "drop database if exists "+name+" with (force)"); err != nil {
		t.Errorf("drop the database %s: %v", name, err)
	}
}

func execute(server, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also after the test has ended
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // it has been used to connect
	}
	u.Path = "/" + name
	return u.String()
}

func portOf(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // reported by one of our own servers
	}
	return cmp.Or(u.Port(), "5432")
}

// tempFolder creates a folder that a private Postgres can access even when it runs as another user. It is removed when
// the test ends.
func tempFolder(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp(folder, "test-") //nolint:usetesting // below a folder that others may pass through
	if err == nil {
		err = os.Chmod(path, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for deadline := time.Now().Add(patience); ; time.Sleep(look) { // a killed program's children may still write
			if err := os.RemoveAll(path); err == nil {
				return
			} else if time.Now().After(deadline) {
				t.Error(err)
				return
			}
		}
	})
	return path
}
