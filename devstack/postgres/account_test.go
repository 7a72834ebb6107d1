package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server under another account")
	}
}

func userOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := ownerOf(info)
	return uid
}

func TestRootRunsTheServerAsAnotherUser(t *testing.T) {
	t.Parallel()
	asRoot(t)
	data := filepath.Join(t.TempDir(), "pg")

	server := startFor(t, data)

	if owner := userOf(t, data); owner == 0 {
		t.Error("the data belongs to root")
	}
	if owner := userOf(t, filepath.Join("/proc", strconv.Itoa(server.PID))); owner != userOf(t, data) {
		t.Errorf("the server runs as user %d, want the owner of the data, %d", owner, userOf(t, data))
	}
}

func TestAnExistingClusterIsRunByItsOwner(t *testing.T) {
	t.Parallel()
	asRoot(t)
	data := filepath.Join(t.TempDir(), "pg")
	startFor(t, data).Stop()
	const owner = 4242
	err := filepath.WalkDir(data, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, owner, owner)
	})
	if err != nil {
		t.Fatal(err)
	}

	server := startFor(t, data)

	if got := userOf(t, filepath.Join("/proc", strconv.Itoa(server.PID))); got != owner {
		t.Errorf("the server runs as user %d, want %d", got, owner)
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	asRoot(t)
	outside, err := os.MkdirTemp("/var/lib", "terrace-test-") //nolint:usetesting // it must lie outside the temporary folder
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(outside) })
	tests := map[string]struct {
		dir     string
		mode    os.FileMode
		after   os.FileMode
		refused bool
	}{
		"a closed folder in the temporary folder is opened for passing": {dir: t.TempDir(), mode: 0o700, after: 0o711},
		"an open folder is left unchanged":                              {dir: t.TempDir(), mode: 0o755, after: 0o755},
		"a closed folder elsewhere is refused":                          {dir: outside, mode: 0o700, after: 0o700, refused: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := os.Chmod(test.dir, test.mode); err != nil {
				t.Fatal(err)
			}

			err := account{uid: nobody, gid: nobody, switched: true}.reach(filepath.Join(test.dir, "pg"))

			if refused := err != nil && strings.Contains(err.Error(), test.dir); refused != test.refused || (err == nil) == test.refused {
				t.Errorf("error %v, want refusal: %v", err, test.refused)
			}
			if info, err := os.Stat(test.dir); err != nil || info.Mode().Perm() != test.after {
				t.Errorf("mode %v, %v; want %v", info.Mode().Perm(), err, test.after)
			}
		})
	}
}

func TestDefaultDataOfRoot(t *testing.T) {
	asRoot(t)
	tests := map[string]struct {
		mode os.FileMode
		want string // relative to the home folder, unless absolute
	}{
		"is in the cache folder when the server's account can get there": {mode: 0o755, want: ".cache/terrace/postgres"},
		"is a system folder when the home folder is closed":              {mode: 0o700, want: "/var/lib/terrace/postgres"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			home, err := os.MkdirTemp("", "terrace-home-") //nolint:usetesting // the folders above t.TempDir are closed
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(home) })
			if err := os.Chmod(home, test.mode); err != nil {
				t.Fatal(err)
			}
			t.Setenv("HOME", home)
			t.Setenv("XDG_CACHE_HOME", "")
			want := test.want
			if !filepath.IsAbs(want) {
				want = filepath.Join(home, want)
			}
			if got := DefaultData(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
