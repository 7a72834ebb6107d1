package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// draft is a backup that is being written, under another name than it will have: whatever ends it too early, no half backup
// stands under the name of a whole one.
type draft struct {
	folder string // where it will be
	*os.Root
	lock  *os.File // of the draft's folder, held while it is written
	files []File
}

// partial is what a backup's folder is called until it is whole.
func partial(folder string) string { return folder + ".partial" }

// ErrExists tells that something has the name that the backup is to have.
var ErrExists = errors.New("exists already: name a folder that does not exist yet")

// begin makes the folder to write in. What another backup of this name left behind is removed, unless it is still at work.
func begin(folder string) (d *draft, err error) {
	folder, err = filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(folder); err == nil {
		return nil, fmt.Errorf("%s %w", folder, ErrExists)
	}
	if err := os.Mkdir(partial(folder), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	d = &draft{folder: folder}
	if d.lock, err = os.Open(partial(folder)); err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another backup is being written to %s", partial(folder)), d.lock.Close())
	}
	if d.Root, err = os.OpenRoot(partial(folder)); err != nil {
		return nil, errors.Join(err, d.lock.Close())
	}
	if err := d.clear(); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, d.Mkdir(evidenceDir, 0o700)
}

// clear removes everything in the folder.
func (d *draft) clear() error {
	names, err := d.lock.Readdirnames(-1)
	for _, name := range names {
		err = errors.Join(err, d.RemoveAll(name))
	}
	return err
}

func (d *draft) close() error { return errors.Join(d.Close(), d.lock.Close()) }

// abandon leaves nothing behind.
func (d *draft) abandon() error {
	return errors.Join(d.close(), os.RemoveAll(partial(d.folder)))
}

// put writes one file of the backup from what it reads, to the disk, and notes its size and hash.
func (d *draft) put(ctx context.Context, name, mediaType string, from io.Reader) (File, error) {
	to, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return File{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(to, hash), reading{ctx, from})
	if err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return File{}, fmt.Errorf("write %s: %w", name, err)
	}
	return File{Name: name, Size: size, SHA256: fmt.Sprintf("%x", hash.Sum(nil)), MediaType: mediaType}, nil
}

// keep adds a file to those of the backup.
func (d *draft) keep(f File) { d.files = append(d.files, f) }

// finish gives the folder its name, once everything in it is on the disk.
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

// renameNew moves a folder to a name that nothing has.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s %w", to, ErrExists)
	}
	return os.Rename(from, to) // a folder never replaces one that holds something
}

// reading ends with its context.
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

// sums is SHA256SUMS over the files, as sha256sum writes and checks it.
func sums(files []File) []byte {
	var text strings.Builder
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b File) int { return strings.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(&text, "%s  %s\n", f.SHA256, f.Name)
	}
	return []byte(text.String())
}
