package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// draft is a backup in progress. Its folder has a temporary name, so that an interrupted backup is never mistaken for a
// complete one.
type draft struct {
	folder string // the folder's final name
	*os.Root
	lock  *os.File // held on the draft's folder while the backup is being written
	files []File
}

// partial returns the temporary name of a backup's folder.
func partial(folder string) string { return folder + ".partial" }

// ErrExists means that a folder with the backup's name already exists.
var ErrExists = errors.New("already exists: name a folder that does not exist yet")

// begin creates the folder for a backup in progress, which only its owner can read. It removes what is left of an
// interrupted backup of the same name, unless that backup is still running. It never touches a folder that was not
// created by a backup.
func begin(folder string) (d *draft, err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(folder); err == nil {
		return nil, fmt.Errorf("%s %w", folder, ErrExists)
	}
	switch err := os.Mkdir(partial(folder), 0o700); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist: make that folder, or name a backup in another one", filepath.Dir(folder))
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("this user may not write in %s: name a backup in another folder", filepath.Dir(folder))
	case err != nil && !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	d = &draft{folder: folder}
	if err := d.enter(); err != nil {
		return nil, err
	}
	if err := d.clear(); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, d.Mkdir(evidenceDir, 0o700)
}

// enter opens and locks the draft's folder, after checking that it really is a folder and belongs to this user.
func (d *draft) enter() (err error) {
	at := partial(d.folder)
	d.lock, err = os.OpenFile(at, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_DIRECTORY, 0) //nolint:gosec // the operator's own
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return notOurs(at, "not a folder")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.lock.Close())
		}
	}()
	info, err := d.lock.Stat()
	if err != nil {
		return err
	}
	if of, ok := info.Sys().(*syscall.Stat_t); !ok || int(of.Uid) != os.Geteuid() {
		return notOurs(at, "owned by another user")
	}
	if err := syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another backup is being written to %s", at)
	}
	if d.Root, err = os.OpenRoot(at); err != nil {
		return err
	}
	if now, err := d.Stat("."); err != nil || !os.SameFile(info, now) {
		return errors.Join(fmt.Errorf("%s has been replaced meanwhile", at), err, d.Close())
	}
	return nil
}

func notOurs(folder, why string) error {
	return fmt.Errorf("%s is in the way and was not left by a backup: it is %s. Move it away, or name another folder", folder, why)
}

// clear removes the files of an interrupted backup from the folder, unless it contains any other files. It also revokes
// other users' access to the folder.
func (d *draft) clear() error {
	files := []string{sumsFile, signatureFile, manifestFile, dumpFile, headsFile}
	err := fs.WalkDir(d.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		dir, base := path.Split(name)
		switch {
		case err != nil || name == ".":
			return err
		case name == evidenceDir && entry.IsDir(),
			entry.Type().IsRegular() && slices.Contains(files, name),
			entry.Type().IsRegular() && dir == evidenceDir+"/" && evidenceName.MatchString(base):
			return nil
		default:
			return notOurs(partial(d.folder), fmt.Sprintf("a folder with %q in it", name))
		}
	})
	if err != nil {
		return err
	}
	for _, name := range append(files, evidenceDir) {
		err = errors.Join(err, d.RemoveAll(name))
	}
	return errors.Join(err, d.lock.Chmod(0o700))
}

// evidenceName matches the names of evidence files.
var evidenceName = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (d *draft) close() error { return errors.Join(d.Close(), d.lock.Close()) }

// abandon removes the draft. It releases the lock last, so that no other backup can start in a folder that is being
// removed.
func (d *draft) abandon() error {
	return errors.Join(os.RemoveAll(partial(d.folder)), d.close())
}

// put writes one file of the backup, which only its owner can read, flushes it to disk, and returns its size and hash.
func (d *draft) put(name string, write func(io.Writer) error) (File, error) {
	to, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, err
	}
	hash := sha256.New()
	buffer := bufio.NewWriterSize(io.MultiWriter(to, hash), 1<<16)
	err = write(buffer)
	if flushed := buffer.Flush(); flushed != nil { // such as a full disk, which pg_dump itself reports only as a closed pipe
		err = flushed
	}
	if err == nil {
		err = to.Sync()
	}
	info, failed := to.Stat()
	if err = errors.Join(err, failed, to.Close()); err != nil {
		return File{}, fmt.Errorf("write %s: %w", name, err)
	}
	return File{Name: name, Size: info.Size(), SHA256: fmt.Sprintf("%x", hash.Sum(nil))}, nil
}

// putText writes a text to a file of the backup.
func (d *draft) putText(name string, text []byte) (File, error) {
	return d.put(name, func(to io.Writer) error {
		_, err := to.Write(text)
		return err
	})
}

// keep adds a file to the list of the backup's files.
func (d *draft) keep(f File) { d.files = append(d.files, f) }

// finish flushes the folder to disk and then gives it its final name.
func (d *draft) finish() error {
	for _, dir := range []string{evidenceDir, "."} {
		if err := d.syncDir(dir); err != nil {
			return err
		}
	}
	if err := renameNew(partial(d.folder), d.folder); err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(d.folder))
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close(), d.close())
}

func (d *draft) syncDir(name string) error {
	dir, err := d.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// renameNew renames a folder, unless the new name is taken.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s %w", to, ErrExists)
	}
	return os.Rename(from, to) // a rename cannot replace a folder that contains files
}

// reading is a reader that stops when its context ends.
type reading struct {
	ctx  context.Context
	from io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// sums returns the contents of SHA256SUMS for the files, in the format of the sha256sum program.
func sums(files []File) []byte {
	var text strings.Builder
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(&text, "%s  %s\n", f.SHA256, f.Name)
	}
	return []byte(text.String())
}
