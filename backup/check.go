package backup

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Finding is a fault in a file of a backup, or in what was restored from it.
type Finding struct{ File, What string }

func (f Finding) String() string { return f.File + ": " + f.What }

// Checked is a backup that has been checked. A backup with findings must not be restored.
type Checked struct {
	Manifest    Manifest
	Fingerprint string // the SHA-256 of SHA256SUMS, which identifies the whole backup
	Signed      bool   // the signature is valid for the given key
	Unproved    bool   // there is a signature, but no key was given to verify it with
	Findings    []Finding

	folder *os.Root
	dump   *os.File // the open file whose hash was checked; by the time of the restore, its name may refer to another file
	dumped string   // the SHA-256 of the dump
}

// Close closes the backup's folder and dump.
func (c *Checked) Close() error {
	if c.dump == nil {
		return c.folder.Close()
	}
	return errors.Join(c.dump.Close(), c.folder.Close())
}

// Check compares a folder with its manifest and finds files that are missing, changed or unexpected. If a key is given,
// Check also verifies the signature. It needs neither a database nor an evidence store. It returns an error if the
// folder cannot be read or is not a backup.
func Check(ctx context.Context, folder string, key ed25519.PublicKey, progress Progress) (*Checked, error) {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: name the folder that “terrace backup” wrote", folder)
	}
	if err != nil {
		return nil, err
	}
	c := &Checked{folder: root}
	if err := c.check(ctx, key, progress); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Checked) check(ctx context.Context, key ed25519.PublicKey, progress Progress) error {
	text, err := c.folder.ReadFile(sumsFile)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is not a backup, or not a complete one: it has no %s", c.folder.Name(), sumsFile)
	}
	if err != nil {
		return err
	}
	c.Fingerprint = fmt.Sprintf("%x", sha256.Sum256(text))
	if key != nil {
		err := checkSignature(c.folder, text, key)
		if c.Signed = err == nil; err != nil {
			c.finds(signatureFile, err.Error())
		}
	}
	if _, err := c.folder.Lstat(signatureFile); err == nil {
		c.Unproved = key == nil
	}
	stated, err := readSums(text)
	if err != nil {
		c.finds(sumsFile, err.Error())
		return nil
	}
	manifest, err := c.folder.ReadFile(manifestFile)
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.finds(manifestFile, "missing")
		return nil
	case err != nil:
		return err
	case stated[manifestFile] != fmt.Sprintf("%x", sha256.Sum256(manifest)):
		c.finds(manifestFile, "changed: its SHA-256 is not the one in "+sumsFile)
		return nil
	}
	if c.Manifest, err = readManifest(manifest); err != nil {
		return err
	}
	delete(stated, manifestFile)
	c.compareSums(stated)
	if err := c.strangers(); err != nil {
		return err
	}
	return c.files(ctx, progress)
}

// Whole reports whether all files are as listed, whether or not the signature holds.
func (c *Checked) Whole() bool {
	return !slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.File != signatureFile })
}

func (c *Checked) finds(file, what string) { c.Findings = append(c.Findings, Finding{file, what}) }

// readSums reads SHA256SUMS and returns the hash of each file.
func readSums(text []byte) (map[string]string, error) {
	stated := map[string]string{}
	for line := range strings.Lines(string(text)) {
		hash, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || len(hash) != 2*sha256.Size || !strings.HasSuffix(line, "\n") {
			return nil, fmt.Errorf("damaged at %.80q", line)
		}
		stated[name] = hash
	}
	return stated, nil
}

// compareSums finds files that are listed in only one of SHA256SUMS and the manifest.
func (c *Checked) compareSums(stated map[string]string) {
	for _, f := range c.Manifest.Files {
		if stated[f.Name] != f.SHA256 {
			c.finds(f.Name, sumsFile+" and "+manifestFile+" do not agree about it")
		}
		delete(stated, f.Name)
	}
	for name := range stated {
		c.finds(name, "listed in "+sumsFile+" but not in "+manifestFile)
	}
}

// strangers finds files that are not part of the backup.
func (c *Checked) strangers() error {
	known := map[string]bool{sumsFile: true, signatureFile: true, manifestFile: true}
	for _, f := range c.Manifest.Files {
		known[f.Name] = true
	}
	return fs.WalkDir(c.folder.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && name != evidenceDir {
				c.finds(name, "a folder that does not belong to the backup")
			}
		case !known[name]:
			c.finds(name, "added: it does not belong to the backup")
		case !entry.Type().IsRegular():
			c.finds(name, "not a regular file")
		}
		return nil
	})
}

// files finds files that are missing or whose hashes differ from the manifest.
func (c *Checked) files(ctx context.Context, progress Progress) error {
	var done int64
	total := c.Manifest.Bytes()
	for _, f := range c.Manifest.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		what, err := c.compare(f)
		if err != nil {
			return err
		}
		if what != "" {
			c.finds(f.Name, what)
		}
		done += f.Size
		progress("check", done, total)
	}
	slices.SortFunc(c.Findings, func(a, b Finding) int { return strings.Compare(a.File, b.File) })
	return nil
}

// compare describes how a file differs from the manifest, or returns an empty string if it does not.
func (c *Checked) compare(f File) (what string, err error) {
	info, err := c.folder.Lstat(f.Name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "missing", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", nil // already reported
	case info.Size() != f.Size:
		return fmt.Sprintf("has %d bytes, should have %d", info.Size(), f.Size), nil
	}
	file, err := c.folder.Open(f.Name)
	if err != nil {
		return "", err
	}
	hash, err := hashOf(file)
	if f.Name == dumpFile {
		c.dump, c.dumped = file, hash
	} else {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", f.Name, err)
	}
	if hash != f.SHA256 {
		return "changed: its SHA-256 is " + hash, nil
	}
	return "", nil
}

func hashOf(r io.Reader) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
