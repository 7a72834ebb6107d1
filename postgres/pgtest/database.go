// Package pgtest gives each test its own database, with the current schema, on a real PostgreSQL server: the server at
// TERRACE_TEST_DATABASE_URL or, if that is not set, one started for the test process.
package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/postgres"
)

// New creates a database with the current schema for one test and returns its URL. The database is dropped when the
// test ends.
func New(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	template, err := templateOf(t.Context(), server)
	if err != nil {
		t.Fatalf("template database: %v", err)
	}
	return create(t, server, template)
}

// Program returns the URL with which the program connects to a test's database, in the same role as in production. The
// URL from New is a superuser's, so tests can use it for anything.
func Program(t testing.TB, database string) string {
	t.Helper()
	program, err := postgres.TrialURL(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// Copy creates a database for one test with the contents of another database, to which there must be no open
// connections.
func Copy(t testing.TB, database string) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return create(t, server, strings.TrimPrefix(u.Path, "/"))
}

func create(t testing.TB, server, template string) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	if err := run(t.Context(), server, "create database "+name+" template "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := run(ctx, server, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return inDatabase(server, name)
}

// templates records on which servers the template database has been created.
var templates struct {
	sync.Mutex
	on map[string]bool
}

// templateOf returns the name of a database with the current schema. The first call creates it.
func templateOf(ctx context.Context, server string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	templates.Lock()
	defer templates.Unlock()
	if templates.on[server] {
		return name, nil
	}
	if err := makeTemplate(ctx, server, name); err != nil {
		return "", err
	}
	templates.on = map[string]bool{server: true}
	return name, nil
}

func templateName() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(postgres.Schema(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(postgres.Schema(), path)
		hash.Write(fmt.Appendf(nil, "%s %d\n%s", path, len(text), text))
		return err
	})
	return fmt.Sprintf("terrace_template_%x", hash.Sum(nil)[:8]), err
}

// templateLock is the key of the lock that prevents two processes from creating the template concurrently.
const templateLock = 0x7e3919

func makeTemplate(ctx context.Context, server, name string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the lock ends with the connection anyway
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	unfinished := name + "_making"
	for _, sql := range []string{"drop database if exists " + unfinished, "create database " + unfinished} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, inDatabase(server, unfinished)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "alter database "+unfinished+" rename to "+name)
	return err
}

func run(ctx context.Context, server, sql string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing depends on it
	_, err = conn.Exec(ctx, sql)
	return err
}

func inDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // the server has been reached by this URL
	}
	u.Path = "/" + name
	return u.String()
}
