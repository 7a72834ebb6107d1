package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/backup"
)

func backupCommand() *cobra.Command {
	key := ""
	c := &cobra.Command{
		Use: "backup FOLDER", Short: "Save the record and its evidence into a folder", Args: oneFolder,
		Long: `Writes the record and its evidence to FOLDER, which must not exist yet, while
commands go on. The backup contains everything accepted before its instant, and
nothing accepted later. Until it is complete it is called FOLDER.partial.
Temporal needs no backup: workflows can be restarted from the record.

  terrace backup /backups/2026-11-22
  terrace restore --check /backups/2026-11-22    is it whole? needs no database

To check it on any machine, without Terrace:
  cd /backups/2026-11-22 && sha256sum --check --quiet SHA256SUMS

A signature tells it from a backup that somebody has forged or changed:
  openssl genpkey -algorithm ed25519 -out backup.key    keep it; the public key
  openssl pkey -in backup.key -pubout -out backup.pub   goes where backups are checked
  terrace backup --key backup.key /backups/2026-11-22
  terrace restore --check --key backup.pub /backups/2026-11-22

TERRACE_DATABASE_URL must name the role that owns the tables, as for “terrace
migrate”. This machine needs pg_dump, at least as new as the server. The folder
contains personal data and the hashes of tokens: protect it like the database.
The status is 1 when the evidence store has lost a file that the record names, a
file's size or type is not what the record says, or the record has lost a row that
others refer to, so that the backup cannot be restored; everything else is saved,
and the file or row is reported.
` + app.SettingsHelp("DATABASE_URL", "EVIDENCE_URL"),
		RunE: func(c *cobra.Command, args []string) error {
			var private ed25519.PrivateKey
			if key != "" {
				var err error
				if private, err = backup.ReadPrivateKey(key); err != nil {
					return app.Misused(fmt.Errorf("--key: %w", err))
				}
			}
			return save(c.Context(), c, args[0], private)
		},
	}
	c.Flags().StringVar(&key, "key", "", "Ed25519 private key `file` (PEM) to sign the backup with")
	return c
}

func oneFolder(c *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return app.Misused(fmt.Errorf("%s takes one folder", c.CommandPath()))
	}
	return nil
}

// size formats a number of bytes in KiB, MiB or GiB.
func size(bytes int64) string {
	switch {
	case bytes >= 10<<30:
		return fmt.Sprintf("%d GiB", bytes>>30)
	case bytes >= 10<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	default:
		return fmt.Sprintf("%d KiB", (bytes+1023)>>10)
	}
}

// named is the maximum number of findings printed, so that the first ones do not scroll out of view.
const named = 50

// list prints the findings, and returns ErrFindings if there are any.
func list[F fmt.Stringer](c *cobra.Command, found []F) error {
	for i, f := range found {
		if i == named {
			c.Printf("… and %d more\n", len(found)-named)
			break
		}
		c.Printf("✗ %s\n", f)
	}
	if len(found) > 0 {
		return app.ErrFindings
	}
	return nil
}

func save(ctx context.Context, c *cobra.Command, folder string, key ed25519.PrivateKey) error {
	s, _, err := settings(c, slog.LevelWarn)
	if err != nil {
		return err
	}
	m, err := s.Backup(ctx, folder, key, steps(c.ErrOrStderr()))
	if errors.Is(err, backup.ErrExists) {
		return app.Misused(err)
	}
	if err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	describe(c, folder, m)
	if key == nil {
		c.Println("It is not signed: anybody who can write there could replace it. “terrace backup --help” shows how to sign.")
	}
	c.Println("Next: copy it to another place and check it there: terrace restore --check, or sha256sum --check --quiet SHA256SUMS")
	lost := list(c, m.Lost)
	if lost != nil {
		c.Println("  → look for these files in an older backup; if they are many, TERRACE_EVIDENCE_URL may name another folder than the API's")
	}
	misdescribed := list(c, m.Misdescribed)
	if misdescribed != nil {
		c.Println("  → these files are intact, but what the record says of them was changed or lost: compare the table evidence with an older backup, and find out who changed it")
	}
	return cmp.Or(lost, misdescribed, unrestorable(c, m))
}

// unrestorable prints the rows without which a backup cannot be restored, and what to do. It returns ErrFindings if there
// are any.
func unrestorable(c *cobra.Command, m backup.Manifest) error {
	err := list(c, m.LostRows)
	if err != nil {
		c.Println("  → this backup cannot be restored: the record has lost these rows, and others refer to them. Keep the older backups: restore one of them,")
		c.Println("    or put the rows back (people and places with “terrace register”, others from an older backup) and make another backup; find out who removed them")
	}
	return err
}

func describe(c *cobra.Command, folder string, m backup.Manifest) {
	c.Printf("%s: %s in %d files.\n", folder, size(m.Bytes()), len(m.Files)+2)
	c.Printf("The record as of %s: %s in %s, schema %d, PostgreSQL %d.\n",
		m.Record.Instant.Format("2006-01-02 15:04:05.000 MST"), number(m.Record.Tables["journal"], "event", "events"), number(m.Chains, "chain", "chains"), m.Record.Schema, m.Record.Server)
}
