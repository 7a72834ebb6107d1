// Package backup writes the record and its evidence to a folder that can be checked on any machine, and restores them
// from it.
//
// A backup (备份) is a folder:
//
//	SHA256SUMS       all other files except the signature: “sha256sum --check SHA256SUMS” shows whether the backup is complete
//	SHA256SUMS.sig   Ed25519 signature of SHA256SUMS, if a key was given
//	manifest.json    what was backed up: versions, instant, row count of each table, and a list of all files
//	database.dump    the database in pg_dump's custom format
//	heads.txt        the last link of every hash chain, as “kind/id seq hash”: keep a copy elsewhere, as proof of the record's state at the time
//	evidence/…       the uploaded files, each under its SHA-256
//
// The dump shows the database as of one instant, while commands continue. Evidence is copied afterwards. A file is
// stored before the record names it and never changes, so the copy includes every file named in the dump, even one whose
// description was lost.
package backup

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"time"

	"terrace/postgres"
)

// The names of the files in a backup.
const (
	sumsFile      = "SHA256SUMS"
	signatureFile = "SHA256SUMS.sig"
	manifestFile  = "manifest.json"
	dumpFile      = "database.dump"
	headsFile     = "heads.txt"
	evidenceDir   = "evidence"
)

// format is the version of a backup's layout.
const format = 2

// Manifest (清单) describes what was backed up, and lists the files of the backup.
type Manifest struct {
	Format       int               `json:"format"`
	Product      string            `json:"product"`                // the version of Terrace that made the backup
	PgDump       int               `json:"pg_dump"`                // the major version of pg_dump; pg_restore must be at least as new
	Ended        time.Time         `json:"ended"`                  // when the last file had been copied
	Record       postgres.Contents `json:"record"`                 // what the record contained at the instant of the backup
	Chains       int               `json:"chains"`                 // the number of lines in heads.txt
	Files        []File            `json:"files"`                  // all files except SHA256SUMS, its signature and the manifest itself
	Lost         []Loss            `json:"lost"`                   // evidence that could not be copied because the store had lost it
	Misdescribed []Loss            `json:"misdescribed,omitempty"` // evidence that was copied, but that the record describes wrongly or not at all
	// Rows that were already missing from the record although others refer to them. PostgreSQL cannot restore the database.
	LostRows []postgres.LostRow `json:"lost_rows,omitempty"`
}

// File is one file of a backup.
type File struct {
	Name      string `json:"name"` // path within the backup's folder, with “/” as the separator
	Size      int64  `json:"size"` // in bytes
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type,omitempty"` // media type of evidence; empty for all other files
}

// Loss is an evidence file that is missing or damaged in the store, or is not as the record describes it.
type Loss struct {
	SHA256 string `json:"sha256"`
	Why    string `json:"why"`
}

func (l Loss) String() string { return "evidence " + l.SHA256 + " in the store: " + l.Why }

// Bytes returns the total size of the backup's files.
func (m Manifest) Bytes() (total int64) {
	for _, f := range m.Files {
		total += f.Size
	}
	return total
}

// evidence returns the backup's evidence files.
func (m Manifest) evidence() (files []File) {
	for _, f := range m.Files {
		if path.Dir(f.Name) == evidenceDir {
			files = append(files, f)
		}
	}
	return files
}

func (m Manifest) write() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// readManifest parses a manifest whose hash has already been checked.
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

// Progress is called during a long step to report how much of it is done.
type Progress func(step string, done, total int64)
