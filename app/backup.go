package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"terrace/backup"
	"terrace/postgres"
)

// Backup saves the record and its evidence to a folder, and signs the backup if a key is given. The evidence store must
// already exist: if Backup created an empty one, every file would be reported as lost.
//
// Errors: backup.ErrExists.
func (s Settings) Backup(ctx context.Context, folder string, key ed25519.PrivateKey, progress backup.Progress) (m backup.Manifest, err error) {
	if err := s.needDatabase(); err != nil {
		return m, err
	}
	files, err := s.evidenceFolder()
	if err != nil {
		return m, err
	}
	if _, err := os.Stat(files); errors.Is(err, fs.ErrNotExist) {
		return m, UsageError{fmt.Errorf("TERRACE_EVIDENCE_URL is %q, and there is no such folder: name the one of the API; “terrace api” or “terrace serve” makes it", s.EvidenceURL)}
	}
	evidence, err := s.openEvidence(ctx)
	if err != nil {
		return m, err
	}
	m, err = backup.Make(ctx, backup.Source{Database: s.DatabaseURL, Evidence: evidence, Product: Version(), Key: key}, folder, progress)
	return m, errors.Join(err, evidence.Close())
}

// Restore restores a checked backup to an empty database and the evidence store. It returns any differences between the
// result and the backup.
func (s Settings) Restore(ctx context.Context, checked *backup.Checked, progress backup.Progress) ([]backup.Finding, error) {
	if err := s.needDatabase(); err != nil {
		return nil, err
	}
	evidence, err := s.openEvidence(ctx)
	if err != nil {
		return nil, err
	}
	found, err := checked.Restore(ctx, backup.Destination{Database: s.DatabaseURL, Evidence: evidence}, progress)
	return found, errors.Join(err, evidence.Close())
}

// Settle makes a restored record ready for use: it upgrades the record to this version's schema and signals the
// workflows of all open aggregates. It returns the number of open aggregates.
func (s Settings) Settle(ctx context.Context, m backup.Manifest, fingerprint string) (open int, err error) {
	ours, err := postgres.SchemaVersion()
	if err == nil && m.Record.Schema < ours {
		err = s.Migrate(ctx)
	}
	if err != nil {
		return 0, err
	}
	err = Care(ctx, s.AsOwner(), slog.New(slog.DiscardHandler), func(a *App) error {
		open, err = a.Store.Rewound(ctx, fmt.Sprintf("restored from the backup of %s, %s", m.Record.Instant.Format("2006-01-02T15:04:05Z07:00"), fingerprint))
		return err
	})
	if err != nil {
		return 0, err
	}
	return open, postgres.MarkSettled(ctx, s.DatabaseURL)
}
