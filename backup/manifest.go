// Package backup writes the record and its evidence into one folder that any machine can check, and restores them from it.
//
// A backup (备份) is a folder:
//
//	SHA256SUMS       every other file but the signature: “sha256sum --check SHA256SUMS” says whether it is whole
//	SHA256SUMS.sig   Ed25519 signature over SHA256SUMS, where a key was given
//	manifest.json    what the backup is of: versions, instant, rows of each table, and each file again
//	database.dump    the database, as pg_dump writes it (custom format)
//	heads.txt        the last link of every chain of the journal, “kind/id seq hash”: keep it elsewhere as the day's anchor
//	evidence/…       the uploaded files, each under its SHA-256
//
// The database is dumped as it stood at one instant, while commands go on. Evidence is copied afterwards: a file is stored before
// the record names it and never changes, so whatever the dump names is there.
package backup

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"terrace/postgres"
)

// The names of a backup's files.
const (
	sumsFile      = "SHA256SUMS"
	signatureFile = "SHA256SUMS.sig"
	manifestFile  = "manifest.json"
	dumpFile      = "database.dump"
	headsFile     = "heads.txt"
	evidenceDir   = "evidence"
)

// format is the number of the present form of a backup.
const format = 2

// Manifest (清单) tells what a backup is of and what belongs to it.
type Manifest struct {
	Format  int               `json:"format"`
	Product string            `json:"product"` // version of Terrace that made it
	PgDump  int               `json:"pg_dump"` // major version that wrote the dump; pg_restore must be as new
	Ended   time.Time         `json:"ended"`   // when the last file had been copied
	Record  postgres.Contents `json:"record"`  // at the instant of the backup
	Chains  int               `json:"chains"`  // lines of heads.txt
	Files   []File            `json:"files"`   // all but the sums, their signature and this one
	Lost    []Loss            `json:"lost"`    // evidence that could not be copied, because it was lost before
}

// File is one file of a backup.
type File struct {
	Name      string `json:"name"` // with “/”, from the backup's folder
	Size      int64  `json:"size"` // bytes
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type,omitempty"` // of evidence
}

// Loss is evidence that the record names and the store did not give.
type Loss struct {
	SHA256 string `json:"sha256"`
	Why    string `json:"why"`
}

func (l Loss) String() string { return "evidence " + l.SHA256 + " in the store: " + l.Why }

// Bytes is the size of all files.
func (m Manifest) Bytes() (total int64) {
	for _, f := range m.Files {
		total += f.Size
	}
	return total
}

// evidence are the uploaded files.
func (m Manifest) evidence() (files []File) {
	for _, f := range m.Files {
		if f.MediaType != "" {
			files = append(files, f)
		}
	}
	return files
}

func (m Manifest) write() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// readManifest reads a manifest whose hash was found right.
func readManifest(text []byte) (m Manifest, err error) {
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestFile, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("the backup has format %d but this program reads %d: use the version of Terrace that made it (%s)", m.Format, format, m.Product)
	}
	for _, f := range m.Files {
		if !fs.ValidPath(f.Name) {
			return m, fmt.Errorf("%s names %q, which is not a file of a backup", manifestFile, f.Name)
		}
	}
	return m, nil
}

// Progress is told how far a long step has come.
type Progress func(step string, done, total int64)
