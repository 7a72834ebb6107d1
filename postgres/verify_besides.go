package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
)

// The parts of the record that are not derived from the journal but must agree with it.
const (
	ReceiptPart  Part = "receipt"       // the response to a command, by which a repeated command is recognized
	PersonalPart Part = "personal data" // data of which the journal holds only a salted hash
	DossierPart  Part = "dossier"       // the hash with which an archived pilot was sealed
)

// verifyBesides finds receipts, personal data and seals that do not agree with the journal, in one snapshot.
func (s *Store) verifyBesides(ctx context.Context) (found []Difference, err error) {
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.care, moment, func(tx pgx.Tx) error {
		receipts, err1 := s.verifyReceipts(ctx, tx)
		personal, err2 := s.verifyPersonal(ctx, tx)
		dossiers, err3 := verifyDossiers(ctx, tx)
		found = slices.Concat(receipts, personal, dossiers)
		return errors.Join(err1, err2, err3)
	})
	return found, err
}
