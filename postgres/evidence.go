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

// Evidence describes an uploaded file (佐证材料). The contents are stored elsewhere, under the file's SHA-256.
type Evidence struct {
	SHA256     string    `json:"sha256"`
	MediaType  string    `json:"media_type"`
	Size       int64     `json:"size"`        // size of the file in bytes
	Name       string    `json:"name"`        // the reader's own name for the file if they uploaded it, or else the name given at its first upload
	UploadedBy string    `json:"uploaded_by"` // the reader if they uploaded the file, or else its first uploader
	UploadedAt time.Time `json:"uploaded_at"` // the time of the upload by UploadedBy
}

// SaveEvidence records who uploaded a stored file and, by the record's clock, when. If the same person uploads the file
// again, the first upload still counts.
func (s *Store) SaveEvidence(ctx context.Context, e Evidence) error {
	return db.New(s.commands).InsertEvidence(ctx, db.InsertEvidenceParams{
		Sha256: e.SHA256, MediaType: e.MediaType, Size: e.Size, Name: e.Name, UploadedBy: e.UploadedBy,
	})
}

// Evidence describes a file as it was first uploaded.
//
// Errors: not-found.
func (s *Store) Evidence(ctx context.Context, sha256 string) (Evidence, error) {
	e, err := db.New(s.reads()).GetEvidence(ctx, sha256)
	if errors.Is(err, pgx.ErrNoRows) {
		return Evidence{}, domain.Refuse("not-found", "", "kind", "evidence", "id", sha256)
	}
	return Evidence{e.Sha256, e.MediaType, e.Size, e.Name, e.UploadedBy, e.UploadedAt.In(calendar.Shanghai)}, err
}

// Upload is one person's upload of a file. By describes the person as they were then; their office or organization may
// have changed since.
type Upload struct {
	By        domain.Actor
	MediaType string
	Name      string
	At        time.Time
}

// Uploads lists all uploads of a file, earliest first.
func (s *Store) Uploads(ctx context.Context, sha256 string) ([]Upload, error) {
	rows, err := db.New(s.reads()).ListUploads(ctx, sha256)
	all := make([]Upload, len(rows))
	for i, r := range rows {
		all[i] = Upload{domain.Actor{ID: r.Actor, Place: r.Place, Organization: r.Organization}, r.MediaType, r.Name, r.At.In(calendar.Shanghai)}
		for _, role := range r.Roles {
			all[i].By.Roles = append(all[i].By.Roles, domain.Role(role))
		}
	}
	return all, err
}

// UploadBy returns the upload made by the given actor.
func UploadBy(actor string, all []Upload) (own Upload, found bool) {
	i := slices.IndexFunc(all, func(u Upload) bool { return u.By.ID == actor })
	if i < 0 {
		return Upload{}, false
	}
	return all[i], true
}

// As returns the description of the file with the name, uploader and time of the given upload.
func (e Evidence) As(u Upload) Evidence {
	e.MediaType, e.Name, e.UploadedBy, e.UploadedAt = u.MediaType, u.Name, u.By.ID, u.At
	return e
}

// mayName returns the media types of the files named in a command, except those that the sender may not name. Users may
// always name files that they uploaded themselves, so those are cached. Permission to name other files can change, so
// they are looked up each time.
func (s *Store) mayName(ctx context.Context, r request) (types map[string]string, err error) {
	types = map[string]string{}
	var unknown []string
	for _, sha256 := range r.needs.Files {
		if mediaType, own := s.files.get(fileKey{r.Actor.ID, sha256}); own {
			types[sha256] = mediaType
		} else {
			unknown = append(unknown, sha256)
		}
	}
	if len(unknown) == 0 {
		return types, nil
	}
	own, err := asked(ctx, func() ([]db.ListOwnMediaTypesRow, error) {
		return db.New(s.poolOf(r)).ListOwnMediaTypes(ctx, db.ListOwnMediaTypesParams{Sha256: unknown, Actor: r.Actor.ID})
	})
	for _, f := range own {
		types[f.Sha256] = f.MediaType
		s.files.put(fileKey{r.Actor.ID, f.Sha256}, f.MediaType, fileBytes)
	}
	unknown = slices.DeleteFunc(unknown, func(sha256 string) bool { return types[sha256] != "" })
	if err != nil || len(unknown) == 0 {
		return types, err
	}
	others, err := asked(ctx, func() ([]db.ListMediaTypesRow, error) {
		return db.New(reading{s.poolOf(r), flow.ReaderOf(r.Actor)}).ListMediaTypes(ctx, db.ListMediaTypesParams{
			Sha256: unknown, Actor: r.Actor.ID, Kind: string(r.Aggregate.Kind), ID: r.Aggregate.ID, Anything: r.Actor.ID == domain.Workflow.ID,
		})
	})
	for _, f := range others {
		types[f.Sha256] = f.MediaType
	}
	return types, err
}

// asked runs a query. While the database cannot be reached, it retries the query as often as a command is retried.
func asked[R any](ctx context.Context, ask func() ([]R, error)) (rows []R, err error) {
	rows, err = ask()
	for try := 1; Away(err) && try < tries && ctx.Err() == nil; try++ {
		rows, err = ask()
	}
	return rows, err
}

// fileKey identifies a file that an actor has uploaded.
type fileKey struct{ actor, sha256 string }

// fileBytes is the approximate memory that a cached file entry takes.
const fileBytes = 256

// EvidenceUses lists the aggregates that received a command naming the file, as far as the reader may see them.
func (s *Store) EvidenceUses(ctx context.Context, reader flow.Reader, sha256 string) ([]flow.Ref, error) {
	rows, err := db.New(s.readingFor(reader)).ListEvidenceUses(ctx, sha256)
	uses := make([]flow.Ref, len(rows))
	for i, r := range rows {
		uses[i] = flow.Ref{Kind: r.Kind, ID: r.ID}
	}
	return uses, err
}
