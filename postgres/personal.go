package postgres

import (
	"context"
	"crypto/rand"
	"fmt"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// newSalt is 128 random bits as text, for the hash that stands in the journal instead of personal data.
func newSalt() string {
	var salt [16]byte
	rand.Read(salt[:]) // never fails
	return fmt.Sprintf("%x", salt)
}

// Personal is the personal data (个人信息) that came with an event, by field: empty when there was none or it has been erased.
// Whoever asks must be allowed to.
func (s *Store) Personal(ctx context.Context, ref flow.Ref, seq int) (map[string]string, error) {
	rows, err := db.New(s.care).ListPersonal(ctx, db.ListPersonalParams{Kind: ref.Kind, ID: ref.ID, Seq: seq})
	fields := make(map[string]string, len(rows))
	for _, r := range rows {
		fields[r.Field] = r.Value
	}
	return fields, err
}

// AccountNumber is the newest number of the bank account that an organization named for its project; empty when it named none, when it
// has been erased, and for a reader who is not of the finance that pays to it.
func (s *Store) AccountNumber(ctx context.Context, reader flow.Reader, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(s.readingFor(reader)), project)
}

func accountNumber(ctx context.Context, q *db.Queries, project flow.Ref) (string, error) {
	number, err := q.GetNewestPersonal(ctx, db.GetNewestPersonalParams{Kind: project.Kind, ID: project.ID, Field: "account_number"})
	return number, absent(err)
}
