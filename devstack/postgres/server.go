// Package postgres runs a private PostgreSQL server on 127.0.0.1 for development, demonstrations and tests on one
// machine. Anyone who can reach the port has full access (trust authentication), so it is not for production.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/devstack/loopback"
)

const superuser = "postgres"

// Config describes the server. Every field except Data may be left zero.
type Config struct {
	Data           string // the cluster's folder, kept between runs and never wiped
	Port           int    // on 127.0.0.1; 0 picks a free port
	Database       string // created if missing; empty means postgres
	MaxConnections int    // 0 means 200
	Volatile       bool   // faster, but a crash of the machine (not of the server) may destroy the data
}

// Server is a running PostgreSQL server. It ends with the process that started it.
type Server struct {
	Data string
	Port int
	PID  int
	URL  string // URL of Config.Database
	Log  string // file with the server's messages, truncated at each start

	ended   chan struct{} // closed when the server has ended
	release func()
}

// Start starts a server and returns when it accepts connections and the database exists. It returns an
// *AlreadyServedError if another running server uses the data.
func Start(ctx context.Context, config Config) (*Server, error) {
	data, err := preparePlace(config.Data)
	if err != nil {
		return nil, err
	}
	release, err := occupy(data)
	if err != nil {
		return nil, err
	}
	server, err := startIn(ctx, data, config)
	if err != nil {
		release()
		return nil, err
	}
	server.release = release
	if err := EnsureDatabase(ctx, url(server.Port, "postgres"), config.database()); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

// preparePlace creates the folder above the data directory and returns the data directory's real path.
func preparePlace(data string) (string, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return "", err
	}
	err = os.MkdirAll(filepath.Dir(data), 0o755) //nolint:gosec // the server's account passes through
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(data); err == nil {
		return real, nil
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(data))
	return filepath.Join(parent, filepath.Base(data)), err
}

func startIn(ctx context.Context, data string, config Config) (*Server, error) {
	major, err := clusterMajor(data)
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, major)
	if err != nil {
		return nil, err
	}
	as := accountFor(data)
	for _, path := range []string{data, filepath.Join(bin.dir, "postgres")} {
		if err := as.reach(path); err != nil {
			return nil, err
		}
	}
	if major == 0 {
		if err := createCluster(ctx, bin, as, data, !config.Volatile); err != nil {
			return nil, err
		}
	}
	if err := awaitVacancy(ctx, data); err != nil {
		return nil, err
	}
	return launchPatiently(ctx, bin, as, data, config)
}

// launchPatiently launches the server, retrying if another process took the free port, or while backends of a killed
// postmaster are still shutting down.
func launchPatiently(ctx context.Context, bin binaries, as account, data string, config Config) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		server, err := launch(ctx, bin, as, data, config)
		var ended *endedError
		if !errors.As(err, &ended) || !ended.passing(config.Port == 0) {
			return server, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// endedError means that the server ended before it was ready.
type endedError struct{ log string }

func (e *endedError) Error() string {
	return "PostgreSQL ended before it was ready:\n" + e.log
}

func (e *endedError) passing(otherPortWillDo bool) bool {
	return strings.Contains(e.log, "pre-existing shared memory block") ||
		otherPortWillDo && strings.Contains(e.log, "Address already in use")
}

func launch(ctx context.Context, bin binaries, as account, data string, config Config) (*Server, error) {
	port := config.Port
	if port == 0 {
		var err error
		if port, err = loopback.FreePort(ctx); err != nil {
			return nil, err
		}
	}
	server := &Server{Data: data, Port: port, Log: data + ".log", ended: make(chan struct{})}
	server.URL = url(port, config.database())
	log, err := os.Create(server.Log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()

	postgres := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(bin.dir, "postgres"), config.arguments(data, port)...)
	postgres.Stdout, postgres.Stderr = log, log
	postgres.Env = serverEnvironment()
	postgres.Dir = data
	postgres.SysProcAttr = &syscall.SysProcAttr{
		Credential: as.credential(),
		Setpgid:    true,           // we pass on a terminal's Ctrl-C ourselves
		Pdeathsig:  syscall.SIGINT, // fast shutdown
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the kernel watches the thread that started the child
		err := postgres.Start()
		started <- err
		if err == nil {
			_ = postgres.Wait()
			close(server.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	server.PID = postgres.Process.Pid
	if err := server.awaitReady(ctx); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

func (c Config) database() string {
	if c.Database == "" {
		return "postgres"
	}
	return c.Database
}

func (c Config) arguments(data string, port int) []string {
	connections := c.MaxConnections
	if connections == 0 {
		connections = 200
	}
	settings := []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=",
		"max_connections=" + strconv.Itoa(connections),
		"timezone=UTC",
		"log_timezone=UTC",
		"log_checkpoints=off",
	}
	if c.Volatile {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	arguments := []string{"-D", data, "-p", strconv.Itoa(port)}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	return arguments
}

func url(port int, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", superuser, port, database)
}

// awaitReady waits until the server accepts connections, which includes any crash recovery.
func (s *Server) awaitReady(ctx context.Context) error {
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return &endedError{log: s.lastMessages()}
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL is not ready: %w; its last messages:\n%s", err, s.lastMessages())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// answers checks that the server that responds is this one, and not another that held the port before.
func (s *Server) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, url(s.Port, "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var data string
	if err := conn.QueryRow(ctx, "SELECT current_setting('data_directory')").Scan(&data); err != nil {
		return err
	}
	if data != s.Data {
		return fmt.Errorf("port %d belongs to the server of %s", s.Port, data)
	}
	return nil
}

func (s *Server) lastMessages() string {
	text, _ := os.ReadFile(s.Log)
	const enough = 2000
	return strings.TrimSpace(string(text[max(0, len(text)-enough):]))
}

// EnsureDatabase creates a database on the server at url, unless it exists.
func EnsureDatabase(ctx context.Context, url, name string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return err
}

// Ended returns a channel that is closed when the server has ended for any reason.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Stop ends the server with a fast shutdown, which aborts open transactions but leaves the data clean. If that takes
// too long, Stop follows it with an immediate shutdown, from which the next start recovers.
func (s *Server) Stop() {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		select {
		case <-s.ended:
		default:
			_ = syscall.Kill(s.PID, signal)
		}
		select {
		case <-s.ended:
			if s.release != nil {
				s.release()
			}
			return
		case <-time.After(15 * time.Second):
		}
	}
}
