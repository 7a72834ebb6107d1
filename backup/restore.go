package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gocloud.dev/blob"

	"terrace/postgres"
)

// Destination specifies where to restore a backup: an empty database, and an evidence store that may already hold some
// of the files.
type Destination struct {
	Database string // URL for the role that will own the tables, or for a role that may act as it
	Evidence *blob.Bucket
}

// Restore restores a backup that has no findings and compares the result with the manifest. It restores the evidence
// first and then the database, in one transaction, so a database with a record always has its evidence. An interrupted
// restore can be repeated. The findings describe where the result differs from the backup; if there are any, do not use
// the result. Restore marks the record as unsettled (postgres.UnsettledMark), which keeps it out of use until “terrace
// restore” has recorded that it was restored to an earlier state.
//
// Errors say how far the restore got. They include ErrUnrestorable, and a VersionError if pg_restore is missing or too old.
func (c *Checked) Restore(ctx context.Context, to Destination, progress Progress) ([]Finding, error) {
	if len(c.Findings) > 0 {
		return nil, errors.New("a damaged backup is not restored")
	}
	if c.dump == nil {
		return nil, errors.New("the backup has no " + dumpFile)
	}
	if len(c.Manifest.LostRows) > 0 {
		return nil, fmt.Errorf("nothing was restored: %w", ErrUnrestorable)
	}
	restore, err := c.fits(ctx, to.Database)
	if err != nil {
		return nil, fmt.Errorf("nothing was restored: %w", err)
	}
	if err := c.evidence(ctx, to.Evidence, progress); err != nil {
		return nil, fmt.Errorf("the record was not restored, and the database is empty as before. Files already in the evidence store may stay there. Restore again: %w", err)
	}
	if err := postgres.MarkUnsettled(ctx, to.Database, c.Manifest.Record.Tables["rewind"]); err != nil {
		return nil, fmt.Errorf("the record was not restored, and the database is empty as before; its files are in the evidence store. Restore again: %w", err)
	}
	if err := c.database(ctx, restore, to.Database, progress); err != nil {
		if strings.Contains(err.Error(), "violates foreign key constraint") { // a backup of a program that did not look for lost rows
			return nil, fmt.Errorf("the files were restored, but the record was not: %w: %w", ErrUnrestorable, err)
		}
		return nil, fmt.Errorf("the files were restored, but the record was not restored whole. Restore again, into a new database if this one is no longer empty: %w", err)
	}
	found, err := c.compareRestored(ctx, to.Database)
	if err != nil {
		return nil, fmt.Errorf("files and record were restored but could not be compared with the backup; do not work with them. Restore again, into a new database: %w", err)
	}
	return found, nil
}

// ErrUnrestorable means that rows were already missing from the record when the backup was made, although other rows
// refer to them. No attempt can succeed.
var ErrUnrestorable = errors.New("the record had already lost rows to which others refer when this backup was made, and PostgreSQL refuses such a database. " +
	"Restore an older backup, or put the rows back into the record it was made from and make another backup")

// fits checks, before anything is written, that the database can hold the record exactly as it was, and returns the
// pg_restore to use.
func (c *Checked) fits(ctx context.Context, database string) (tool, error) {
	ours, err := postgres.SchemaVersion()
	if err != nil {
		return tool{}, err
	}
	record := c.Manifest.Record
	if record.Schema > ours {
		return tool{}, fmt.Errorf("the backup has schema %d but this program works with %d: restore it with the version of Terrace that made it (%s), or a newer one", record.Schema, ours, c.Manifest.Product)
	}
	target, err := postgres.InspectTarget(ctx, database)
	if err != nil {
		return tool{}, err
	}
	if len(target.Holds) > 0 {
		return tool{}, fmt.Errorf("the database is not empty: it holds %s and perhaps more. A backup is restored into an empty one; make a new database, and set TERRACE_DATABASE_URL to it",
			strings.Join(target.Holds, ", "))
	}
	missing := target.Lacks(append([]string{record.Owner}, record.Roles...))
	if slices.Equal(missing, []string{postgres.ProgramRole}) && postgres.MakeProgramRole(ctx, database) == nil {
		missing = nil // created just now, because a superuser is restoring
	}
	if len(missing) > 0 {
		return tool{}, fmt.Errorf("the server lacks the roles %s, which have rights in the record: create them first, as deploy/postgres/roles.sh does", strings.Join(missing, ", "))
	}
	if !target.MayActAs(record.Owner) {
		return tool{}, fmt.Errorf("%s may not create what must belong to %s: set TERRACE_DATABASE_URL to the URL of %s", target.User, record.Owner, record.Owner)
	}
	if record.Schema < ours && target.User != record.Owner {
		return tool{}, fmt.Errorf("the backup has schema %d, which its owner must migrate to %d after the restore: set TERRACE_DATABASE_URL to the URL of %s", record.Schema, ours, record.Owner)
	}
	if !target.Mark {
		return tool{}, fmt.Errorf("%s may not create a schema in the database, which marks a restore that was interrupted. As the database's owner or a superuser: grant create on database %s to %s", target.User, target.Name, target.User)
	}
	return findTool(ctx, "pg_restore", c.Manifest.PgDump, "the dump was written by pg_dump")
}

// evidence stores the uploaded files and reads each of them back from the store to check it.
func (c *Checked) evidence(ctx context.Context, store *blob.Bucket, progress Progress) error {
	files := c.Manifest.evidence()
	var done, total int64
	for _, f := range files {
		total += f.Size
	}
	for _, f := range files {
		if err := c.restoreFile(ctx, store, f); err != nil {
			return fmt.Errorf("evidence %s: %w", f.SHA256, err)
		}
		done += f.Size
		progress("evidence", done, total)
	}
	return nil
}

func (c *Checked) restoreFile(ctx context.Context, store *blob.Bucket, f File) error {
	there, err := store.Exists(ctx, f.SHA256)
	if err != nil {
		return err
	}
	if !there {
		if err := c.store(ctx, store, f); err != nil {
			return err
		}
	}
	stored, err := store.NewReader(ctx, f.SHA256, nil)
	if err != nil {
		return err
	}
	hash, err := hashOf(stored)
	if err = errors.Join(err, stored.Close()); err != nil {
		return err
	}
	if hash != f.SHA256 {
		return errors.New("the evidence store holds different bytes under this name: move that file away and restore again")
	}
	return nil
}

func (c *Checked) store(ctx context.Context, store *blob.Bucket, f File) error {
	from, err := c.folder.Open(f.Name)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()     // opened for reading only
	ctx, abandon := context.WithCancel(ctx) // closing a writer whose context is cancelled discards the file
	defer abandon()
	to, err := store.NewWriter(ctx, f.SHA256, &blob.WriterOptions{ContentType: f.MediaType, DisableContentTypeDetection: true})
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		abandon()
		return errors.Join(err, to.Close())
	}
	return to.Close()
}

// errExchanged means that the dump has changed since it was checked.
var errExchanged = errors.New(dumpFile + " was changed while it was being restored: do not work with this database")

// database restores the dump from the open file that was checked, and hashes it again while reading. It reports
// progress in bytes of the dump. The server builds the indexes after the last byte.
func (c *Checked) database(ctx context.Context, restore tool, database string, progress Progress) error {
	info, err := c.dump.Stat()
	if err != nil {
		return err
	}
	if _, err := c.dump.Seek(0, io.SeekStart); err != nil {
		return err
	}
	hash := sha256.New()
	counted := &counting{from: io.TeeReader(c.dump, hash), told: func(done int64) { progress("database", done, info.Size()) }}
	if err := restore.restore(ctx, database, c.Manifest.Record.Owner, counted); err != nil {
		return err
	}
	if _, err := io.Copy(hash, c.dump); err != nil { // hash what the tool did not read
		return err
	}
	if fmt.Sprintf("%x", hash.Sum(nil)) != c.dumped {
		return errExchanged
	}
	return nil
}

type counting struct {
	from io.Reader
	done int64
	told func(done int64)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.done += int64(n)
	c.told(c.done)
	return n, err
}

// compareRestored finds where the restored database differs from the manifest or heads.txt.
func (c *Checked) compareRestored(ctx context.Context, database string) (found []Finding, err error) {
	snapshot, err := postgres.TakeSnapshot(ctx, database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	now, err := snapshot.Contents(ctx)
	if err != nil {
		return nil, err
	}
	was := c.Manifest.Record
	found = differing("table ", was.Tables, now.Tables, "rows")
	if was.Server == now.Server {
		found = append(found, differing("", was.Guards, now.Guards, "as its definition")...)
	} else { // other versions of PostgreSQL format the definitions differently
		found = append(found, differing("", names(was.Guards), names(now.Guards), "")...)
	}
	heads, err := c.compareHeads(ctx, snapshot)
	return append(found, heads...), err
}

func names(guards map[string]string) map[string]string {
	all := make(map[string]string, len(guards))
	for name := range guards {
		all[name] = "there"
	}
	return all
}

func differing[V comparable](what string, was, now map[string]V, of string) (found []Finding) {
	all := maps.Clone(was)
	maps.Copy(all, now)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		before, had := was[name]
		after, has := now[name]
		switch {
		case !has:
			found = append(found, Finding{what + name, "was not restored"})
		case !had:
			found = append(found, Finding{what + name, "is not in the backup"})
		case before != after:
			found = append(found, Finding{what + name, fmt.Sprintf("has %v %s, but the backup has %v", after, of, before)})
		}
	}
	return found
}

// compareHeads finds the hash chains whose last links differ from heads.txt. Both lists are in the same order.
func (c *Checked) compareHeads(ctx context.Context, snapshot *postgres.Snapshot) (found []Finding, err error) {
	file, err := c.folder.Open(headsFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	lines := bufio.NewScanner(file)
	err = snapshot.Heads(ctx, func(h postgres.Head) error {
		if !lines.Scan() || lines.Text() != h.Line() {
			found = append(found, Finding{headsFile, fmt.Sprintf("the journal has %q where the backup has %q", h.Line(), lines.Text())})
			return errStop
		}
		return nil
	})
	if err == nil && lines.Scan() {
		found = append(found, Finding{headsFile, fmt.Sprintf("the journal lacks %q", lines.Text())})
	}
	if errors.Is(err, errStop) {
		err = nil
	}
	return found, errors.Join(err, lines.Err())
}

// errStop ends a comparison at its first finding.
var errStop = errors.New("enough was seen")
