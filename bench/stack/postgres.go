package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"

	"terrace/postgres"
)

// tuned holds the server's settings, the same for every engine. None of them makes a commit less durable.
var tuned = [][2]string{
	{"shared_buffers", "2GB"},
	{"effective_cache_size", "8GB"},
	{"max_wal_size", "8GB"},
	{"min_wal_size", "2GB"},
	{"checkpoint_timeout", "15min"},
	{"wal_buffers", "64MB"},
	{"random_page_cost", "1.1"},
	{"jit", "off"},
	{"track_io_timing", "off"},
}

// maxConnections is the server's connection limit.
const maxConnections = 400

// startPostgres starts the server, configures it, and restarts it, because some settings take effect only at startup.
func (s *Stack) startPostgres(ctx context.Context) error {
	if err := s.launchPostgres(ctx); err != nil {
		return err
	}
	for _, setting := range tuned {
		if err := s.Execute(ctx, s.server, fmt.Sprintf("alter system set %s = '%s'", setting[0], setting[1])); err != nil {
			return err
		}
	}
	s.postgres.Stop()
	if err := s.launchPostgres(ctx); err != nil {
		return err
	}
	return s.readSettings(ctx)
}

func (s *Stack) launchPostgres(ctx context.Context) (err error) {
	args := []string{"--with-parent", "--data", filepath.Join(s.folder, "postgres"), "--durable=true", "--max-connections", strconv.Itoa(maxConnections)}
	if s.postgres, err = s.launch("postgresd", nil, args...); err != nil {
		return err
	}
	ready := struct {
		URL string
		PID int
	}{}
	if err := s.postgres.ready(ctx, &ready); err != nil {
		return err
	}
	s.server, s.pid = ready.URL, ready.PID
	return nil
}

// readSettings reads the changed settings and those that affect durability.
func (s *Stack) readSettings(ctx context.Context) (err error) {
	conn, err := pgx.Connect(ctx, s.server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	names := []string{"fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "max_connections", "server_version"}
	for _, setting := range tuned {
		names = append(names, setting[0])
	}
	s.settings = map[string]string{}
	for _, name := range names {
		var value string
		if err := conn.QueryRow(ctx, "select current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		s.settings[name] = value
	}
	if s.settings["fsync"] != "on" || s.settings["synchronous_commit"] != "on" || s.settings["full_page_writes"] != "on" {
		return errors.New("PostgreSQL does not make commits durable; measurements on it would be meaningless")
	}
	return nil
}

// PostgresURL returns the URL of the server's first database.
func (s *Stack) PostgresURL() string { return s.server }

// NewDatabase creates an empty database and returns its URL.
func (s *Stack) NewDatabase(ctx context.Context, purpose string) (databaseURL string, err error) {
	name := fmt.Sprintf("bench_%d_%s", s.databases.Add(1), purpose)
	databaseURL, _, err = postgres.CreateDatabase(ctx, s.server, name)
	return databaseURL, err
}

// NewRecord creates a database with the product's schema, as the product itself does.
func (s *Stack) NewRecord(ctx context.Context, purpose string) (databaseURL string, err error) {
	databaseURL, err = s.NewDatabase(ctx, purpose)
	if err != nil {
		return "", err
	}
	return databaseURL, postgres.Migrate(ctx, databaseURL)
}

// DropDatabase drops a database even if clients are connected to it.
func (s *Stack) DropDatabase(ctx context.Context, databaseURL string) error {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return err
	}
	return s.Execute(ctx, s.server, "drop database if exists "+pgx.Identifier{filepath.Base(u.Path)}.Sanitize()+" with (force)")
}

// Execute runs one statement on its own connection.
func (s *Stack) Execute(ctx context.Context, databaseURL, sql string) (err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// Checkpoint writes out dirty pages, so that no measurement pays for earlier work.
func (s *Stack) Checkpoint(ctx context.Context) error { return s.Execute(ctx, s.server, "checkpoint") }
