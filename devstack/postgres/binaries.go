package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// binaries is a folder with initdb and postgres of one major version.
type binaries struct {
	dir   string
	major int
}

var errNoBinaries = errors.New("no PostgreSQL server found: install Debian's package postgresql, " +
	"or set TERRACE_POSTGRES_BIN to a folder that holds initdb and postgres")

// findBinaries looks in $TERRACE_POSTGRES_BIN, then in PATH, then in Debian's folders, newest first. An existing
// cluster (major above 0) needs binaries of the same major version.
func findBinaries(ctx context.Context, major int) (binaries, error) {
	var found []int
	for _, dir := range binaryDirs() {
		bin := binaries{dir: dir, major: serverMajor(ctx, dir)}
		if bin.major == 0 {
			continue
		}
		if major == 0 || bin.major == major {
			return bin, nil
		}
		found = append(found, bin.major)
	}
	if len(found) == 0 {
		return binaries{}, errNoBinaries
	}
	return binaries{}, fmt.Errorf("the data was written by PostgreSQL %d, but only version %v was found: install version %[1]d, "+
		"set TERRACE_POSTGRES_BIN, or choose another data directory", major, found)
}

func binaryDirs() []string {
	if dir := os.Getenv("TERRACE_POSTGRES_BIN"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return debianMajor(b) - debianMajor(a) })
	return append(dirs, debian...)
}

func debianMajor(dir string) int {
	major, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return major
}

var versionNumber = regexp.MustCompile(`\d+`)

// serverMajor returns the major version of the programs in dir, or 0 unless both are there.
func serverMajor(ctx context.Context, dir string) int {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	version, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	major, _ := strconv.Atoi(string(versionNumber.Find(version)))
	return major
}
