package postgres

import (
	"context"
	"crypto/rand"
	"fmt"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// newSalt returns 128 random bits as text. They are hashed together with personal data, so that the hash in the journal
// cannot be guessed from likely values.
func newSalt() string {
	var salt [16]byte
	rand.Read(salt[:]) // never fails
	return fmt.Sprintf("%x", salt)
}

// Personal returns the personal data (个人信息) that came with an event, by field. The result is empty if there were none
// or they have been erased. The caller must check that the reader may see them.
func (s *Store) Personal(ctx context.Context, ref flow.Ref, seq int) (map[string]string, error) {
	rows, err := db.New(s.care).ListPersonal(ctx, db.ListPersonalParams{Kind: ref.Kind, ID: ref.ID, Seq: seq})
	fields := make(map[string]string, len(rows))
	for _, r := range rows {
		fields[r.Field] = r.Value
	}
	return fields, err
}

// AccountNumber returns the bank account number that an organization last gave for its project. It returns an empty
// string if there is none, if the number was erased, or if the reader does not work in finance at the office that pays
// the project.
func (s *Store) AccountNumber(ctx context.Context, reader flow.Reader, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(s.readingFor(reader)), project)
}

func accountNumber(ctx context.Context, q *db.Queries, project flow.Ref) (string, error) {
	number, err := q.GetNewestPersonal(ctx, db.GetNewestPersonalParams{Kind: project.Kind, ID: project.ID, Field: "account_number"})
	return number, absent(err)
}
