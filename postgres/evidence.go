package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// Evidence is what is known of an uploaded file (佐证材料). The file itself lies elsewhere, under its SHA-256.
type Evidence struct {
	SHA256     string    `json:"sha256"`
	MediaType  string    `json:"media_type"`
	Size       int64     `json:"size"` // bytes
	Name       string    `json:"name"`
	UploadedBy string    `json:"uploaded_by"` // actor id
	UploadedAt time.Time `json:"uploaded_at"`
}

// SaveEvidence notes a file that is stored; the record's clock tells when. A file that is known already stays as it was
// first described.
func (s *Store) SaveEvidence(ctx context.Context, e Evidence) error {
	err := db.New(s.commands).InsertEvidence(ctx, db.InsertEvidenceParams{
		Sha256: e.SHA256, MediaType: e.MediaType, Size: e.Size, Name: e.Name, UploadedBy: e.UploadedBy,
	})
	if err == nil {
		s.rememberFile(e.SHA256, e.MediaType)
	}
	return err
}

// Evidence finds what is known of a file.
//
// Errors: not-found.
func (s *Store) Evidence(ctx context.Context, sha256 string) (Evidence, error) {
	e, err := db.New(s.reads()).GetEvidence(ctx, sha256)
	if errors.Is(err, pgx.ErrNoRows) {
		return Evidence{}, domain.Refuse("not-found", "", "kind", "evidence", "id", sha256)
	}
	return Evidence{e.Sha256, e.MediaType, e.Size, e.Name, e.UploadedBy, e.UploadedAt.In(calendar.Shanghai)}, err
}

// EvidenceUses lists the aggregates whose commands named the file, as far as the reader may see them.
func (s *Store) EvidenceUses(ctx context.Context, reader flow.Reader, sha256 string) ([]flow.Ref, error) {
	rows, err := db.New(s.readingFor(reader)).ListEvidenceUses(ctx, sha256)
	uses := make([]flow.Ref, len(rows))
	for i, r := range rows {
		uses[i] = flow.Ref{Kind: r.Kind, ID: r.ID}
	}
	return uses, err
}
