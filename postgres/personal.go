package postgres

import (
	"context"
	"crypto/rand"
	"fmt"

	"terrace/domain/flow"
	"terrace/postgres/db"
)

// newSalt returns 128 random bits as text. They salt the hash that the journal stores in place of personal data.
func newSalt() string {
	var salt [16]byte
	rand.Read(salt[:]) // never fails
	return fmt.Sprintf("%x", salt)
}

// Personal returns the personal data (个人信息) that came with an event, by field. It is empty when there was none or it
// has been erased. The caller checks that the reader may see it.
func (s *Store) Personal(ctx context.Context, ref flow.Ref, seq int) (map[string]string, error) {
	rows, err := db.New(s.care).ListPersonal(ctx, db.ListPersonalParams{Kind: ref.Kind, ID: ref.ID, Seq: seq})
	fields := make(map[string]string, len(rows))
	for _, r := range rows {
		fields[r.Field] = r.Value
	}
	return fields, err
}

// AccountNumber returns the latest bank account number that an organization gave for its project. It is empty when none
// was given, when it was erased, and for a reader outside the finance department that pays into the account.
func (s *Store) AccountNumber(ctx context.Context, reader flow.Reader, project flow.Ref) (string, error) {
	return accountNumber(ctx, db.New(s.readingFor(reader)), project)
}

func accountNumber(ctx context.Context, q *db.Queries, project flow.Ref) (string, error) {
	number, err := q.GetNewestPersonal(ctx, db.GetNewestPersonalParams{Kind: project.Kind, ID: project.ID, Field: "account_number"})
	return number, absent(err)
}
