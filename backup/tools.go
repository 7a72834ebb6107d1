package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"terrace/child"
	"terrace/postgres"
)

// tool is an installed pg_dump or pg_restore.
type tool struct {
	name, path string
	major      int
}

// VersionError means that pg_dump or pg_restore is missing or too old.
type VersionError struct {
	Name  string
	Needs int    // the major version required
	Why   string // what requires this version
	Found []int  // the versions found, all too old
}

func (e *VersionError) Error() string {
	if len(e.Found) == 0 {
		return fmt.Sprintf("%s is not on this machine: install the PostgreSQL client of version %d or newer (Debian: postgresql-client-%d)", e.Name, e.Needs, e.Needs)
	}
	return fmt.Sprintf("%s %d is too old, because %s %d: install the PostgreSQL client of version %d or newer (Debian: postgresql-client-%d), and put it first in PATH",
		e.Name, slices.Max(e.Found), e.Why, e.Needs, e.Needs, e.Needs)
}

// findTool looks for a program in PATH and in Debian's folders. It returns the oldest version that is new enough,
// because its output can be read by the most other versions.
func findTool(ctx context.Context, name string, needs int, why string) (tool, error) {
	var enough []tool
	var older []int
	for _, path := range toolPaths(name) {
		switch major := majorOf(ctx, path); {
		case major >= needs:
			enough = append(enough, tool{name, path, major})
		case major > 0:
			older = append(older, major)
		}
	}
	if len(enough) == 0 {
		return tool{}, &VersionError{name, needs, why, older}
	}
	return slices.MinFunc(enough, func(a, b tool) int { return a.major - b.major }), nil
}

func toolPaths(name string) (paths []string) {
	if path, err := exec.LookPath(name); err == nil {
		paths = append(paths, path)
	}
	debian, _ := filepath.Glob(filepath.Join("/usr/lib/postgresql/*/bin", name)) // the pattern is well-formed
	return append(paths, debian...)
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf returns the major version of a program, or 0 if the program does not run.
func majorOf(ctx context.Context, path string) int {
	text, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return 0
	}
	found := majorVersion.FindSubmatch(text)
	if found == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(found[1])) // the pattern matches digits only
	return major
}

var dumping = regexp.MustCompile(`dumping contents of table "public\.([^"]+)"`)

// dump writes the database as of the snapshot. It reports progress in rows, one table at a time.
func (t tool) dump(ctx context.Context, database, snapshot string, to io.Writer, rows map[string]int64, progress Progress) error {
	var done, current, total int64
	for _, n := range rows {
		total += n
	}
	progress("database", 0, total)
	err := t.run(ctx, database, nil, to, func(line string) {
		if found := dumping.FindStringSubmatch(line); found != nil {
			done += current
			current = rows[found[1]]
			progress("database", done, total)
		}
	}, "--format=custom", "--snapshot="+snapshot, "--lock-wait-timeout=60000", "--verbose", "--exclude-schema="+postgres.UnsettledMark, "--no-blobs") // the record has no large objects, and those of others could make the dump fail
	if err == nil {
		progress("database", total, total)
	}
	return err
}

// restore restores a dump into an empty database, either completely or not at all. All restored objects belong to the
// owner.
func (t tool) restore(ctx context.Context, database, owner string, dump io.Reader) error {
	return t.run(ctx, database, dump, nil, func(string) {}, "--no-owner", "--role="+owner, "--single-transaction", "--exit-on-error")
}

// run runs the tool on a database and passes on each line that it writes to standard error. A long line may arrive in
// several pieces. The tool ends when this process ends, even if this process is killed.
func (t tool) run(ctx context.Context, database string, in io.Reader, out io.Writer, says func(line string), args ...string) error {
	target, env, err := connection(database)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.path, append(args, "--no-password", "--dbname="+target)...) //nolint:gosec // found by findTool
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "LC_") || strings.HasPrefix(v, "LANG") }), env...)
	cmd.Stdin, cmd.Stdout = in, out
	messages, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		return err
	}
	var last []string
	for lines := bufio.NewReader(messages); ; {
		line, _, err := lines.ReadLine()
		if err != nil { // closed by the tool, usually because it ended
			break
		}
		says(string(line))
		if last = append(last, string(line)); len(last) > 20 {
			last = last[1:]
		}
	}
	if err := cmd.Wait(); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("%s: %w\n    %s", t.name, err, strings.Join(complaints(last), "\n    ")))
	}
	return nil
}

// complaints returns the lines that are error messages, or all lines if none are.
func complaints(lines []string) []string {
	found := slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		return !strings.Contains(l, "error:") && !strings.Contains(l, "detail:") && !strings.Contains(l, "hint:") && !strings.Contains(l, "Command was:")
	})
	if len(found) == 0 {
		return lines
	}
	return found
}

// parameters lists the URL parameters that PostgreSQL's own programs accept. Terrace's driver also accepts others.
var parameters = []string{
	"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "ssl_min_protocol_version", "channel_binding",
	"connect_timeout", "target_session_attrs", "keepalives", "keepalives_idle", "options", "passfile", "service", "krbsrvname", "gssencmode",
}

// connection returns the URL and the environment with which PostgreSQL's programs connect to a database. The password
// is passed in the environment, where other users cannot read it.
func connection(database string) (target string, env []string, err error) {
	u, err := url.Parse(database)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", nil, errors.New("TERRACE_DATABASE_URL is not a URL like postgres://user@host:5432/terrace")
	}
	env = []string{"LC_ALL=C"}
	query := u.Query()
	password, given := u.User.Password()
	if p := query.Get("password"); p != "" {
		password, given = p, true
	}
	if given {
		env = append(env, "PGPASSWORD="+password)
	}
	if name := u.User.Username(); name != "" {
		u.User = url.User(name)
	}
	for name := range query {
		if !slices.Contains(parameters, name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), env, nil
}
