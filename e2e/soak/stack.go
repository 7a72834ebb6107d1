package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // an operator creates the record's database and moves its virtual calendar

	"terrace/postgres"
)

// stack is a complete Terrace installation. Each part is a process that is restarted whenever it ends, behind links
// that can be degraded.
type stack struct {
	repository string // folder of the sources and bin
	folder     string // for all output
	evidence   string // uploaded files, on a small file system
	full       fullness
	bin        atomic.Pointer[string]
	day        time.Duration // real duration of a virtual day

	server   string // URL of the Postgres server, bypassing every link
	database string // URL of the record's database as its owner, bypassing every link
	program  string // the same in the program's role
	temporal string // address, bypassing every link
	bankAt   string // the bank's address for payers, bypassing every link
	adminAt  string // the bank's administration address
	apis     []string

	links    []*link
	services []*service
	postgres *service
	bank     *service
	cluster  *service // Temporal

	stop context.CancelFunc
	kept sync.WaitGroup
}

// collector makes Go's garbage collector run less often, because memory is plentiful and CPUs are few.
const collector = "GOGC=400"

const (
	apiProcesses    = 2
	workerProcesses = 2
)

// newStack creates folders, keys and the database, which the program at path migrates, and starts everything with that
// program.
func newStack(ctx context.Context, repository, folder, program string, day time.Duration) (*stack, error) {
	s := &stack{repository: repository, folder: folder, evidence: filepath.Join(folder, "evidence"), day: day}
	s.bin.Store(&program)
	for _, name := range []string{"evidence", "programmes"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o750); err != nil {
			return nil, err
		}
	}
	if err := writeProgrammes(repository, filepath.Join(folder, "programmes")); err != nil {
		return nil, err
	}
	kept, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	for _, part := range []func(ctx, kept context.Context) error{s.startPostgres, s.startTemporal, s.startBank, s.migrate, s.link, s.startTerrace} {
		if err := part(ctx, kept); err != nil {
			s.end()
			return nil, err
		}
	}
	return s, nil
}

// end stops everything.
func (s *stack) end() {
	s.stop()
	s.kept.Wait()
}

// keep keeps a service running until kept ends.
func (s *stack) keep(kept context.Context, v *service) *service {
	s.services = append(s.services, v)
	s.kept.Go(func() { v.keep(kept) })
	return v
}

func (s *stack) tool(name string) string { return filepath.Join(s.repository, "bin", name) }

// startPostgres starts a private server whose data survives a kill.
func (s *stack) startPostgres(ctx, kept context.Context) error {
	var pid atomic.Int64
	port := "0"
	v := &service{name: "postgres", kind: "postgres", launch: func() (*process, error) {
		p, err := launch(s.tool("postgresd"), nil, "--with-parent", "--data", filepath.Join(s.folder, "postgres"), "--max-connections", "400", "--port", port)
		if err != nil {
			return nil, err
		}
		ready := struct {
			URL string
			PID int64
		}{}
		if err := p.readiness(&ready); err != nil {
			return nil, err
		}
		u, err := url.Parse(ready.URL)
		if err != nil {
			return nil, err
		}
		pid.Store(ready.PID)
		if s.server == "" {
			port, s.server = u.Port(), ready.URL
		}
		return p, nil
	}, strike: func(*process) { _ = syscall.Kill(int(pid.Load()), syscall.SIGKILL) }}
	s.postgres = s.keep(kept, v)
	return s.begun(ctx, v)
}

// begun waits for a service's first run.
func (s *stack) begun(ctx context.Context, v *service) error {
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if v.await(limit) == nil {
		return fmt.Errorf("%s did not start:\n%s", v.name, v.wrote())
	}
	return nil
}

// readiness parses the line in which a server reports its address.
func (p *process) readiness(into any) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(look) {
		for line := range strings.Lines(p.output.String()) {
			if strings.HasPrefix(line, `{"ready"`) && strings.HasSuffix(line, "\n") {
				return json.Unmarshal([]byte(line), into)
			}
		}
		if !p.running() || time.Now().After(deadline) {
			p.end(syscall.SIGKILL)
			return fmt.Errorf("%s did not become ready:\n%s", p.name, p.output)
		}
	}
}

// startTemporal starts a server with its data in the same Postgres server.
func (s *stack) startTemporal(ctx, kept context.Context) error {
	port := "0"
	v := &service{name: "temporal", kind: "temporal", launch: func() (*process, error) {
		p, err := launch(s.tool("temporald"), []string{collector}, "--with-parent", "--postgres", s.server, "--port", port)
		if err != nil {
			return nil, err
		}
		ready := struct{ Address string }{}
		if err := p.readiness(&ready); err != nil {
			return nil, err
		}
		if s.temporal == "" {
			_, port, _ = strings.Cut(ready.Address, ":")
			s.temporal = ready.Address
		}
		return p, nil
	}}
	s.cluster = s.keep(kept, v)
	return s.begun(ctx, v)
}

// startBank starts the simulated bank with every fault enabled. After a kill, its faults hit other requests than
// before.
func (s *stack) startBank(ctx, kept context.Context) (err error) {
	keys := filepath.Join(s.folder, "keys")
	if _, err := run(ctx, *s.bin.Load(), nil, "bank", "keys", "--out", keys); err != nil {
		return err
	}
	if s.bankAt, err = freeAddress(ctx); err != nil {
		return err
	}
	if s.adminAt, err = freeAddress(ctx); err != nil {
		return err
	}
	lives := 0
	v := &service{name: "bank", kind: "bank", launch: func() (*process, error) {
		lives++
		p, err := launch(*s.bin.Load(), nil, "bank", "--worst", "--keys", keys, "--listen", s.bankAt, "--admin", s.adminAt,
			"--start", callDay.String(), "--day", s.day.String(), "--seed", strconv.Itoa(lives))
		if err != nil {
			return nil, err
		}
		return p, p.says("TERRACE_BANK_CA_FILE")
	}}
	s.bank = s.keep(kept, v)
	return s.begun(ctx, v)
}

// migrate creates and migrates the record's database.
func (s *stack) migrate(ctx, _ context.Context) error {
	if err := execute(ctx, s.server, "create database record"); err != nil {
		return err
	}
	s.database = inDatabase(s.server, "record")
	if _, err := run(ctx, *s.bin.Load(), s.owning(), "migrate"); err != nil {
		return err
	}
	var err error
	s.program, err = postgres.TrialURL(ctx, s.database)
	return err
}

// owning returns the environment of “terrace migrate”.
func (s *stack) owning() []string { return s.environment(s.database, s.temporal, s.bankAt, "") }

// caring returns the environment of maintenance commands, which bypass the links that can be degraded.
func (s *stack) caring() []string { return s.environment(s.program, s.temporal, s.bankAt, "") }

func (s *stack) environment(database, temporal, bank, listen string) []string {
	key := func(name string) string { return filepath.Join(s.folder, "keys", name) }
	return []string{
		"TERRACE_DATABASE_URL=" + database, "TERRACE_TEMPORAL_ADDRESS=" + temporal, "TERRACE_VIRTUAL_CALENDAR=true", "TERRACE_LISTEN=" + listen,
		"TERRACE_PROGRAMMES=" + filepath.Join(s.folder, "programmes"), "TERRACE_EVIDENCE_URL=file://" + s.evidence + "?no_tmp_dir=true",
		"TERRACE_GATEWAY=http", "TERRACE_BANK_URL=https://" + bank, "TERRACE_BANK_KEY_FILE=" + key("key.pem"),
		"TERRACE_BANK_CERT_FILE=" + key("cert.pem"), "TERRACE_BANK_CERT_KEY_FILE=" + key("cert-key.pem"), "TERRACE_BANK_CA_FILE=" + key("ca.pem"),
		"TERRACE_LOG_LEVEL=WARN", collector,
	}
}

// The links, each named after its two ends.
const (
	apiPostgres    = "api-postgres"
	workerPostgres = "worker-postgres"
	workerTemporal = "worker-temporal"
	workerBank     = "worker-bank"
)

func (s *stack) link(ctx, _ context.Context) error {
	record, err := url.Parse(s.database)
	if err != nil {
		return err
	}
	for _, way := range [][2]string{{apiPostgres, record.Host}, {workerPostgres, record.Host}, {workerTemporal, s.temporal}, {workerBank, s.bankAt}} {
		l, err := newLink(ctx, way[0], way[1])
		if err != nil {
			return err
		}
		s.links = append(s.links, l)
	}
	return nil
}

func (s *stack) through(name string) string {
	for _, l := range s.links {
		if l.name == name {
			return l.address()
		}
	}
	panic("no link " + name)
}

// startTerrace starts the APIs and the workers.
func (s *stack) startTerrace(ctx, kept context.Context) error {
	at := func(link string) string {
		u, _ := url.Parse(s.program) // it was built from a URL
		u.Host = s.through(link)
		return u.String()
	}
	start := func(name, kind, ready string, env []string) error {
		env = append(env, "TERRACE_LOG_LEVEL=INFO")
		v := &service{name: name, kind: kind, launch: func() (*process, error) {
			p, err := launch(*s.bin.Load(), env, kind)
			if err != nil {
				return nil, err
			}
			return p, p.says(ready)
		}}
		return s.begun(ctx, s.keep(kept, v))
	}
	for n := range apiProcesses {
		listen, err := freeAddress(ctx)
		if err != nil {
			return err
		}
		s.apis = append(s.apis, "http://"+listen)
		err = start("api "+strconv.Itoa(n+1), "api", "the API answers", s.environment(at(apiPostgres), s.temporal, s.bankAt, listen))
		if err != nil {
			return err
		}
	}
	for n := range workerProcesses {
		env := s.environment(at(workerPostgres), s.through(workerTemporal), s.through(workerBank), "")
		if err := start("worker "+strconv.Itoa(n+1), "worker", "carrying the workflows", env); err != nil {
			return err
		}
	}
	return nil
}

// of returns the services of a kind.
func (s *stack) of(kind string) (all []*service) {
	for _, v := range s.services {
		if v.kind == kind {
			all = append(all, v)
		}
	}
	return all
}

// terrace runs a maintenance command with the current program.
func (s *stack) terrace(ctx context.Context, args ...string) (string, error) {
	return run(ctx, *s.bin.Load(), s.caring(), args...)
}

func execute(ctx context.Context, database, sql string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql, args...)
	return errors.Join(err, conn.Close(ctx))
}

func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // it has been used to connect
	}
	u.Path = "/" + name
	return u.String()
}

// connection is a database connection that is reopened whenever it is lost.
type connection struct{ conn *pgx.Conn }

// open returns the connection, or nil if the database cannot be reached.
func (c *connection) open(ctx context.Context, database string) *pgx.Conn {
	if c.conn != nil && !c.conn.IsClosed() {
		return c.conn
	}
	limit, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(limit, database)
	if err != nil {
		return nil
	}
	c.conn = conn
	return conn
}

func (c *connection) close(ctx context.Context) {
	if c.conn != nil {
		_ = c.conn.Close(context.WithoutCancel(ctx))
	}
}
