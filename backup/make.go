package backup

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"terrace/domain"
	"terrace/postgres"
)

// Source specifies what to back up.
type Source struct {
	Database string             // URL for a role that may read everything, which is normally the owner of the tables
	Evidence *blob.Bucket       // uploaded files, each under its SHA-256
	Product  string             // the version of this program
	Key      ed25519.PrivateKey // signs the backup; if nil, the backup is not signed
}

// Make writes a backup to a new folder. The folder gets its final name only when the backup is complete and on disk. If
// the store has lost any evidence, or the record describes it wrongly, the manifest says so, and the backup continues.
//
// Errors: ErrExists; a VersionError if pg_dump is missing or too old; a *postgres.OwnerError if a role other than the
// owner could not read everything.
func Make(ctx context.Context, from Source, folder string, progress Progress) (m Manifest, err error) {
	d, err := begin(folder)
	if err != nil {
		return m, err
	}
	whole := false
	defer func() {
		if !whole {
			err = errors.Join(err, d.abandon())
		}
	}()
	m = Manifest{Format: format, Product: from.Product, Lost: []Loss{}}
	evidence, err := d.record(ctx, from, &m, progress)
	if err != nil {
		return m, err
	}
	if err := d.evidence(ctx, from.Evidence, evidence, &m, progress); err != nil {
		return m, err
	}
	if err := d.seal(&m, from.Key); err != nil {
		return m, err
	}
	if err := d.finish(); err != nil {
		return m, err
	}
	whole = true
	return m, nil
}

// record saves the database as of one instant, with the last link of each hash chain. It returns descriptions of the
// evidence named in the record at that instant.
func (d *draft) record(ctx context.Context, from Source, m *Manifest, progress Progress) (evidence []postgres.SnapshotFile, err error) {
	snapshot, err := postgres.TakeSnapshot(ctx, from.Database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	if m.Record, err = snapshot.Contents(ctx); err != nil {
		return nil, err
	}
	dump, err := findTool(ctx, "pg_dump", m.Record.Server, "the server is PostgreSQL")
	if err != nil {
		return nil, err
	}
	m.PgDump = dump.major
	dumped, err := d.put(dumpFile, func(to io.Writer) error {
		return snapshot.Denied(dump.dump(ctx, from.Database, snapshot.ID, to, m.Record.Tables, progress))
	})
	if err != nil {
		return nil, err
	}
	heads, err := d.put(headsFile, func(to io.Writer) error {
		return snapshot.Heads(ctx, func(h postgres.Head) error {
			m.Chains++
			_, err := fmt.Fprintln(to, h.Line())
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	d.keep(dumped)
	d.keep(heads)
	if m.LostRows, err = snapshot.LostRows(ctx); err != nil {
		return nil, snapshot.Denied(err)
	}
	err = snapshot.Files(ctx, func(e postgres.SnapshotFile) error {
		evidence = append(evidence, e)
		return nil
	})
	return evidence, err
}

// evidence copies the uploaded files, checking that each matches its SHA-256 and its description in the record.
func (d *draft) evidence(ctx context.Context, store *blob.Bucket, files []postgres.SnapshotFile, m *Manifest, progress Progress) error {
	var done, total int64
	for _, e := range files {
		total += e.Size
	}
	for _, e := range files {
		lost, misdescribed, err := d.copyEvidence(ctx, store, e)
		switch {
		case err != nil:
			return err
		case lost != "":
			m.Lost = append(m.Lost, Loss{e.SHA256, lost})
		case misdescribed != "":
			m.Misdescribed = append(m.Misdescribed, Loss{e.SHA256, misdescribed})
		}
		done += e.Size
		progress("evidence", done, total)
	}
	return nil
}

// copyEvidence copies one uploaded file. If the store has lost the file, or the file is not as the record describes it,
// it says why.
func (d *draft) copyEvidence(ctx context.Context, store *blob.Bucket, e postgres.SnapshotFile) (lost, misdescribed string, err error) {
	from, err := store.NewReader(ctx, e.SHA256, nil)
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound && !e.Certain:
		return "", "", nil
	case gcerrors.Code(err) == gcerrors.NotFound:
		return "missing", "", nil
	case err != nil:
		return "", "", fmt.Errorf("read evidence %s: %w", e.SHA256, err)
	}
	content := bufio.NewReader(reading{ctx, from})
	head, _ := content.Peek(domain.SignatureBytes) // any error comes again from the copy
	fits := domain.IsMediaType(e.MediaType, head)
	name := evidenceDir + "/" + e.SHA256
	f, err := d.put(name, func(to io.Writer) error {
		_, err := io.Copy(to, content)
		return err
	})
	f.MediaType = e.MediaType
	if err = errors.Join(err, from.Close()); err != nil {
		return "", "", err
	}
	if f.SHA256 != e.SHA256 {
		return "damaged: its bytes are not those of its name", "", d.Remove(name)
	}
	d.keep(f)
	switch {
	case !e.Described:
		misdescribed = "is not described: the table evidence has no row of it, and other rows or events name it"
	case f.Size != e.Size:
		misdescribed = fmt.Sprintf("has %d bytes, and the record says %d", f.Size, e.Size)
	case !fits:
		misdescribed = fmt.Sprintf("is not of the type %q, as the record says", e.MediaType)
	}
	return "", misdescribed, nil
}

// seal writes the manifest, SHA256SUMS and the signature.
func (d *draft) seal(m *Manifest, key ed25519.PrivateKey) error {
	m.Ended, m.Files = time.Now().UTC(), d.files
	text, err := m.write()
	if err != nil {
		return err
	}
	manifest, err := d.putText(manifestFile, text)
	if err != nil {
		return err
	}
	all := sums(append(slices.Clip(d.files), manifest))
	if _, err := d.putText(sumsFile, all); err != nil || key == nil {
		return err
	}
	_, err = d.putText(signatureFile, ed25519.Sign(key, all))
	return err
}
