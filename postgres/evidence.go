package postgres

import (
	"context"
	"errors"
	"slices"
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
	Size       int64     `json:"size"`        // bytes
	Name       string    `json:"name"`        // as the reader named it, or else whoever uploaded it first
	UploadedBy string    `json:"uploaded_by"` // actor id; the reader's, if they have uploaded it
	UploadedAt time.Time `json:"uploaded_at"` // likewise
}

// SaveEvidence notes a file that is stored, and who has uploaded it; the record's clock tells when. What its uploader noted before
// stays as it was.
func (s *Store) SaveEvidence(ctx context.Context, e Evidence) error {
	err := db.New(s.commands).InsertEvidence(ctx, db.InsertEvidenceParams{
		Sha256: e.SHA256, MediaType: e.MediaType, Size: e.Size, Name: e.Name, UploadedBy: e.UploadedBy,
	})
	if err == nil {
		s.files.put(fileKey{actor: e.UploadedBy, sha256: e.SHA256}, e.MediaType, fileBytes)
	}
	return err
}

// Evidence finds what is known of a file, as an actor knows it.
//
// Errors: not-found.
func (s *Store) Evidence(ctx context.Context, sha256, reader string) (Evidence, error) {
	e, err := db.New(s.reads()).GetEvidence(ctx, db.GetEvidenceParams{Sha256: sha256, Reader: reader})
	if errors.Is(err, pgx.ErrNoRows) {
		return Evidence{}, domain.Refuse("not-found", "", "kind", "evidence", "id", sha256)
	}
	known := Evidence{e.Sha256, e.MediaType, e.Size, e.Name, e.UploadedBy, e.UploadedAt.In(calendar.Shanghai)}
	if e.OwnName != nil && e.OwnAt != nil {
		known.Name, known.UploadedBy, known.UploadedAt = *e.OwnName, reader, e.OwnAt.In(calendar.Shanghai)
	}
	return known, err
}

// mayName finds the media types of those files that a command names and its sender may name. Their own uploads stay theirs and are
// remembered; what else this process remembers holds only until the record says otherwise, and recalled reports whether it was used.
func (s *Store) mayName(ctx context.Context, r request, remembered bool) (types map[string]string, recalled bool, err error) {
	types = map[string]string{}
	var unknown []string
	for _, sha256 := range r.needs.Files {
		if mediaType, own := s.files.get(fileKey{actor: r.Actor.ID, sha256: sha256}); own {
			types[sha256] = mediaType
		} else if mediaType, known := s.files.get(fileKey{r.Actor.ID, r.Aggregate, sha256}); known && remembered {
			types[sha256], recalled = mediaType, true
		} else {
			unknown = append(unknown, sha256)
		}
	}
	if len(unknown) == 0 {
		return types, recalled, nil
	}
	own, err := asked(ctx, func() ([]db.ListOwnMediaTypesRow, error) {
		return db.New(s.poolOf(r)).ListOwnMediaTypes(ctx, db.ListOwnMediaTypesParams{Sha256: unknown, Actor: r.Actor.ID})
	})
	for _, f := range own {
		types[f.Sha256] = f.MediaType
		s.files.put(fileKey{actor: r.Actor.ID, sha256: f.Sha256}, f.MediaType, fileBytes)
	}
	unknown = slices.DeleteFunc(unknown, func(sha256 string) bool { return types[sha256] != "" })
	if err != nil || len(unknown) == 0 {
		return types, recalled, err
	}
	others, err := asked(ctx, func() ([]db.ListMediaTypesRow, error) {
		return db.New(reading{s.poolOf(r), flow.ReaderOf(r.Actor)}).ListMediaTypes(ctx, db.ListMediaTypesParams{
			Sha256: unknown, Actor: r.Actor.ID, Kind: string(r.Aggregate.Kind), ID: r.Aggregate.ID, Anything: r.Actor.ID == domain.Workflow.ID,
		})
	})
	for _, f := range others {
		types[f.Sha256] = f.MediaType
		s.files.put(fileKey{r.Actor.ID, r.Aggregate, f.Sha256}, f.MediaType, fileBytes)
	}
	return types, recalled, err
}

// asked repeats a question while the database is away, as often as a command is tried.
func asked[R any](ctx context.Context, ask func() ([]R, error)) (rows []R, err error) {
	rows, err = ask()
	for try := 1; Away(err) && try < tries && ctx.Err() == nil; try++ {
		rows, err = ask()
	}
	return rows, err
}

// fileKey is a file that somebody may name in commands to an aggregate; to any, if it is their own.
type fileKey struct {
	actor     string
	aggregate flow.Ref
	sha256    string
}

// fileBytes is about how much memory it takes to remember that.
const fileBytes = 256

// EvidenceUses lists the aggregates whose commands named the file, as far as the reader may see them.
func (s *Store) EvidenceUses(ctx context.Context, reader flow.Reader, sha256 string) ([]flow.Ref, error) {
	rows, err := db.New(s.readingFor(reader)).ListEvidenceUses(ctx, sha256)
	uses := make([]flow.Ref, len(rows))
	for i, r := range rows {
		uses[i] = flow.Ref{Kind: r.Kind, ID: r.ID}
	}
	return uses, err
}
