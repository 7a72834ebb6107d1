package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAToolThatIsTooOldOrMissingIsReported(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name  string
		needs int
		want  string
	}{
		"older than the server": {"pg_dump", 99, "is too old, because the server is PostgreSQL 99: install the PostgreSQL client of version 99 or newer"},
		"not there":             {"pg_dumb", 15, "pg_dumb is not on this machine: install the PostgreSQL client of version 15 or newer"},
	}
	for name, test := range tests {
		_, err := findTool(t.Context(), test.name, test.needs, "the server is PostgreSQL")
		var version *VersionError
		if !errors.As(err, &version) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found, err := findTool(t.Context(), "pg_dump", 10, "the server is PostgreSQL"); err != nil || found.major < 10 {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestThePasswordStaysOffTheCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ url, target, password string }{
		"in the URL's user":         {"postgres://o:s%40crt@h:5433/terrace?sslmode=require", "postgres://o@h:5433/terrace?sslmode=require", "s@crt"},
		"as a parameter":            {"postgres://o@h/terrace?password=secret", "postgres://o@h/terrace", "secret"},
		"none":                      {"postgresql://o@h/terrace", "postgresql://o@h/terrace", ""},
		"with our driver's options": {"postgres://h/t?pool_max_conns=3&sslmode=disable&default_query_exec_mode=exec", "postgres://h/t?sslmode=disable", ""},
	}
	for name, test := range tests {
		target, env, err := connection(test.url)
		if err != nil || target != test.target {
			t.Errorf("%s: %s, %v", name, target, err)
		}
		if has := slices.Contains(env, "PGPASSWORD="+test.password); has != (test.password != "") {
			t.Errorf("%s: the environment has %q", name, env)
		}
	}
	for _, wrong := range []string{"", "host=h dbname=t", "mysql://h/t", "postgres://h:port/t"} {
		if _, _, err := connection(wrong); err == nil {
			t.Errorf("%q is taken for a URL", wrong)
		}
	}
}

func TestAToolIsHeardToItsEndHoweverLongItsLines(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "pg_chatter")
	text := "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x >&2\necho >&2\necho 'error: the last word' >&2\nexit 1\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	heard := 0
	err := tool{name: "pg_chatter", path: script}.run(ctx, "postgres://h/t", nil, nil, func(line string) { heard += len(line) })
	if ctx.Err() != nil || err == nil || !strings.HasSuffix(err.Error(), "error: the last word") || heard < 3000000 {
		t.Errorf("%d bytes heard, then %v", heard, err)
	}
}
