package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/backup"
	"terrace/postgres"
)

func restoreCommand() *cobra.Command {
	key, only := "", false
	c := &cobra.Command{
		Use: "restore FOLDER", Short: "Restore the record and its evidence from a backup", Args: oneFolder,
		Long: `Checks a backup file by file and restores it to an empty database and the
evidence store. Then compares the result with what was saved, and verifies the
record. A backup with a missing, changed or added file is refused, and the files
are listed. A database that is not empty is refused too.

  terrace restore --check /backups/2026-11-22    only check; changes nothing

To restore, on a server with the roles and the empty database that deploy/postgres/roles.sh makes:
  export TERRACE_DATABASE_URL=postgres://terrace_owner:…@…/terrace
  terrace restore /backups/2026-11-22

The database is restored in one transaction, completely or not at all. If the
restore is interrupted, it says how far it got; start again. “terrace serve”
refuses a record whose restore did not finish. Stop Terrace first: afterwards the
record is as it was at the instant of the backup, and workflows that ran on are
told so when “terrace serve” starts. This machine needs pg_restore, at least as
new as the pg_dump that wrote the backup. The status is 1 when anything differs.
` + app.SettingsHelp("DATABASE_URL", "EVIDENCE_URL", "PROGRAMMES"),
		RunE: func(c *cobra.Command, args []string) error {
			var public ed25519.PublicKey
			if key != "" {
				var err error
				if public, err = backup.ReadPublicKey(key); err != nil {
					return app.Misused(fmt.Errorf("--key: %w", err))
				}
			}
			return restore(c.Context(), c, args[0], public, only)
		},
	}
	c.Flags().StringVar(&key, "key", "", "Ed25519 public key `file` (PEM); the backup must be signed with the matching private key")
	c.Flags().BoolVar(&only, "check", false, "only check the backup")
	return c
}

func restore(ctx context.Context, c *cobra.Command, folder string, key ed25519.PublicKey, only bool) error {
	checked, err := backup.Check(ctx, folder, key, steps(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer func() { _ = checked.Close() }() // opened for reading only
	if err := list(c, checked.Findings); err != nil {
		if checked.Whole() {
			c.Println("Its files are as SHA256SUMS lists them, but who made them is not proved, so nothing was restored.")
		} else {
			c.Println("This backup is damaged, so nothing was restored. Use another backup.")
		}
		return err
	}
	describe(c, folder, checked.Manifest)
	switch {
	case checked.Signed:
		c.Println("It is signed, and the signature holds for the public key given.")
	case checked.Unproved:
		c.Println("It is signed. By whom was not checked, because no public key was given: --key FILE.")
	default:
		c.Println("It is not signed.")
	}
	c.Printf("The backup is whole. Its fingerprint (SHA-256 of SHA256SUMS) is %s.\n", checked.Fingerprint)
	lost := unrestorable(c, checked.Manifest)
	if only || lost != nil {
		return cmp.Or(list(c, faults(checked.Manifest)), lost)
	}
	s, _, err := settings(c, slog.LevelWarn)
	if err != nil {
		return err
	}
	found, err := s.Restore(ctx, checked, steps(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	if err := list(c, found); err != nil {
		c.Println("What was restored differs from what was saved: do not use it. “terrace serve” refuses it.")
		return err
	}
	err = settle(ctx, c, s, checked)
	if err == nil || errors.Is(err, app.ErrFindings) {
		return err
	}
	return fmt.Errorf("the record was restored completely, but what had to follow was interrupted: %w", err)
}

// settle makes the restored record ready for use and then verifies it.
func settle(ctx context.Context, c *cobra.Command, s app.Settings, checked *backup.Checked) error {
	m := checked.Manifest
	open, err := s.Settle(ctx, m, checked.Fingerprint)
	if err != nil {
		return err
	}
	c.Println("Restored. The record can be used from now on. It is being verified; the result follows, and “terrace verify --record-only” shows it again.")
	var differences []postgres.Difference
	err = app.Care(ctx, s.AsOwner(), slog.New(slog.DiscardHandler), func(a *app.App) error {
		differences, err = a.Store.Verify(ctx, step(c.ErrOrStderr(), "verify"))
		differences = slices.DeleteFunc(differences, func(d postgres.Difference) bool { return d.Part == postgres.TurnPart }) // a worker will write the turns
		return err
	})
	if err != nil {
		return err
	}
	if len(differences) == 0 {
		c.Println("Verified: nothing differs.")
	}
	c.Printf(`The workflows of %s will be informed, or started. Next:
  terrace serve                start the API and the workers, on this database
  terrace resume --replace     end workflows whose records were created after the backup and are lost
  terrace verify               the record and its workflows
  terrace reconcile            what the bank did after the backup
What was accepted after %s must be entered again.
`, number(open, "open aggregate", "open aggregates"), m.Record.Instant.Format("2006-01-02 15:04:05.000 MST"))
	return errors.Join(list(c, differences), list(c, faults(m)))
}

// faults lists what was wrong with the evidence when the backup was made.
func faults(m backup.Manifest) []backup.Loss { return slices.Concat(m.Lost, m.Misdescribed) }
