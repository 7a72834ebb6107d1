package postgres

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the operating system account that runs the server. PostgreSQL refuses to run as root.
type account struct {
	uid, gid uint32
	switched bool // whether root switches to this account; if not, it is the caller's own
}

// nobody is Debian's id of the user nobody and the group nogroup, for systems that have neither name.
const nobody = 65534

// accountFor chooses the account that runs the cluster in data: the caller's own or, if the caller is root, that of the
// owner of the existing cluster, or else postgres, or else nobody.
func accountFor(data string) account {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	}
	if info, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		if uid, gid := ownerOf(info); uid != 0 {
			return account{uid: uid, gid: gid, switched: true}
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if known, err := user.Lookup(name); err == nil {
			uid, errU := strconv.ParseUint(known.Uid, 10, 32)
			gid, errG := strconv.ParseUint(known.Gid, 10, 32)
			if errU == nil && errG == nil {
				return account{uid: uint32(uid), gid: uint32(gid), switched: true}
			}
		}
	}
	return account{uid: nobody, gid: nobody, switched: true}
}

func ownerOf(info fs.FileInfo) (uid, gid uint32) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Uid, stat.Gid
	}
	return 0, 0
}

func (a account) credential() *syscall.Credential {
	if !a.switched {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

func (a account) take(dir string) error {
	if !a.switched {
		return nil
	}
	return os.Chown(dir, int(a.uid), int(a.gid))
}

// mayPass reports whether the account may pass through the directory described by info.
func (a account) mayPass(info fs.FileInfo) bool {
	uid, gid := ownerOf(info)
	switch mode := info.Mode().Perm(); {
	case uid == a.uid:
		return mode&0o100 != 0
	case gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// reach makes sure that the account can reach path. Folders within the system's temporary folder, which Go's tests and
// mktemp close to other users, are opened for traversal (o+x, not for listing). Any other closed folder is the owner's
// decision, so reach returns an error that names it.
func (a account) reach(path string) error {
	blocked := a.blocked(path)
	temporary, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		return err
	}
	for _, dir := range blocked {
		if !strings.HasPrefix(dir, temporary+"/") {
			return fmt.Errorf("user %d, who runs PostgreSQL instead of root, cannot pass through %s: "+
				"choose a data directory elsewhere, or chmod o+x that folder", a.uid, dir)
		}
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	return nil
}

// blocked lists the existing folders above path that the account cannot traverse, outermost first.
func (a account) blocked(path string) []string {
	if !a.switched {
		return nil
	}
	var dirs []string
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && !a.mayPass(info) {
			dirs = append([]string{dir}, dirs...)
		}
		if dir == filepath.Dir(dir) {
			return dirs
		}
	}
}
