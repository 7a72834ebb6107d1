package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"terrace/backup"
	"terrace/postgres"
)

func backupCommand() *cobra.Command {
	key := ""
	c := &cobra.Command{
		Use: "backup FOLDER", Short: "Save the record and its evidence into a folder", Args: oneFolder,
		Long: `Writes the record and its evidence into FOLDER, which must not exist yet, while
commands go on. Everything accepted before the instant of the backup is in it,
nothing that came later. Until it is whole it is called FOLDER.partial. Temporal
needs no backup: workflows are started anew from the record.

  terrace backup /backups/2026-11-22
  terrace restore --check /backups/2026-11-22    is it whole? needs no database

Any machine can check it, without Terrace:
  cd /backups/2026-11-22 && sha256sum --check --quiet SHA256SUMS

Signed, it can be told from one that somebody made or changed:
  openssl genpkey -algorithm ed25519 -out backup.key    keep it; the other half:
  openssl pkey -in backup.key -pubout -out backup.pub   goes where backups are checked
  terrace backup --key backup.key /backups/2026-11-22
  terrace restore --check --key backup.pub /backups/2026-11-22

TERRACE_DATABASE_URL is that of the role which owns the tables, as for “terrace
migrate”. pg_dump must be on this machine, as new as the server or newer. The
folder holds personal data, and the hashes of tokens: keep it as you keep the
database. Status 1 when the evidence store has lost a file that the record names;
the rest is saved all the same, and the file is named.
` + settingsHelp,
		RunE: func(c *cobra.Command, args []string) error {
			from := backup.Source{Product: versionText()}
			if key != "" {
				var err error
				if from.Key, err = backup.ReadPrivateKey(key); err != nil {
					return usageError{fmt.Errorf("--key: %w", err)}
				}
			}
			return save(c.Context(), c, from, args[0])
		},
	}
	c.Flags().StringVar(&key, "key", "", "Ed25519 private key `file` (PEM) to sign the backup with")
	return c
}

func restoreCommand() *cobra.Command {
	key, only := "", false
	c := &cobra.Command{
		Use: "restore FOLDER", Short: "Bring the record and its evidence back from a backup", Args: oneFolder,
		Long: `Checks a backup, file by file, and restores it into an empty database and the
evidence store; then compares what is there with what was saved, and verifies
the record against itself. A backup in which anything is missing, changed or
added is refused, and the files are named. So is a database that holds anything.

  terrace restore --check /backups/2026-11-22    only check; changes nothing

To restore, on a server with the roles that deploy/postgres/roles.sh makes:
  createdb --owner=terrace_owner terrace
  export TERRACE_DATABASE_URL=postgres://terrace_owner:…@…/terrace
  terrace restore /backups/2026-11-22

The database is restored in one transaction, whole or not at all. When it is cut
off, it says how far it came; begin again. A record whose restore did not come to
its end is refused by “terrace serve”. Stop Terrace before: afterwards the record is what it was
at the instant of the backup, and workflows that ran on are told so when “terrace
serve” starts. pg_restore must be on this machine, as new as the pg_dump that
wrote the backup. Status 1 when anything differs.
` + settingsHelp,
		RunE: func(c *cobra.Command, args []string) error {
			var public ed25519.PublicKey
			if key != "" {
				var err error
				if public, err = backup.ReadPublicKey(key); err != nil {
					return usageError{fmt.Errorf("--key: %w", err)}
				}
			}
			return restore(c.Context(), c, args[0], public, only)
		},
	}
	c.Flags().StringVar(&key, "key", "", "Ed25519 public key `file` (PEM); the backup must be signed by its other half")
	c.Flags().BoolVar(&only, "check", false, "only check the backup")
	return c
}

func oneFolder(c *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usageError{fmt.Errorf("%s takes one folder", c.CommandPath())}
	}
	return nil
}

// bar shows how far a step is, in hundredths, on one line for each step.
func bar(c *cobra.Command) backup.Progress {
	step, shown := "", int64(-1)
	return func(now string, done, total int64) {
		if now != step {
			if step != "" {
				c.PrintErrln()
			}
			step, shown = now, -1
		}
		if percent := 100 * done / max(total, 1); percent != shown {
			full := barLength * int(percent) / 100
			c.PrintErrf("\r%-9s [%s%s] %3d %%", step, strings.Repeat("#", full), strings.Repeat("-", barLength-full), percent)
			shown = percent
		}
	}
}

// size writes bytes for people.
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

// named is how many findings are written out, so that the first can still be read.
const named = 50

// list prints what was found, and ends the program with status 1 when that was anything.
func list[F fmt.Stringer](c *cobra.Command, found []F) error {
	for i, f := range found {
		if i == named {
			c.Printf("… and %d more\n", len(found)-named)
			break
		}
		c.Printf("✗ %s\n", f)
	}
	if len(found) > 0 {
		return errFindings
	}
	return nil
}

func save(ctx context.Context, c *cobra.Command, from backup.Source, folder string) error {
	h, err := openStores(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	from.Database, from.Evidence = h.DatabaseURL, h.evidence
	m, err := backup.Make(ctx, from, folder, bar(c))
	c.PrintErrln()
	if errors.Is(err, backup.ErrExists) {
		return usageError{err}
	}
	if err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	describe(c, folder, m)
	if from.Key == nil {
		c.Println("It is not signed: whoever can write there could replace it. “terrace backup --help” shows how to sign.")
	}
	c.Println("Next: copy it to another place, and check it there: terrace restore --check, or sha256sum --check --quiet SHA256SUMS")
	return list(c, m.Lost)
}

func describe(c *cobra.Command, folder string, m backup.Manifest) {
	c.Printf("%s: %s in %d files.\n", folder, size(m.Bytes()), len(m.Files)+2)
	c.Printf("The record as of %s: %d events in %d chains, schema %d, PostgreSQL %d.\n",
		m.Record.Instant.Format("2006-01-02 15:04:05.000 MST"), m.Record.Tables["journal"], m.Chains, m.Record.Schema, m.Record.Server)
}

// openStores reads the settings and opens the evidence store, of a database that may be empty.
func openStores(ctx context.Context) (*house, error) {
	s, err := readSettings(os.Environ())
	if err != nil {
		return nil, err
	}
	if err := s.needDatabase(); err != nil {
		return nil, err
	}
	h := &house{settings: s}
	return h, h.openEvidence(ctx)
}

func restore(ctx context.Context, c *cobra.Command, folder string, key ed25519.PublicKey, only bool) error {
	checked, err := backup.Check(ctx, folder, key, bar(c))
	c.PrintErrln()
	if err != nil {
		return err
	}
	defer func() { _ = checked.Close() }() // it was only read
	if err := list(c, checked.Findings); err != nil {
		c.Println("This backup is damaged: nothing was restored. Take another one.")
		return err
	}
	describe(c, folder, checked.Manifest)
	if checked.Unproved {
		c.Println("It is signed. By whom was not checked, for want of the public key: --key FILE.")
	}
	c.Printf("The backup is whole. Its fingerprint (SHA-256 of SHA256SUMS) is %s.\n", checked.Fingerprint)
	if only {
		return list(c, checked.Manifest.Lost)
	}
	h, err := openStores(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	found, err := checked.Restore(ctx, backup.Destination{Database: h.DatabaseURL, Evidence: h.evidence}, bar(c))
	c.PrintErrln()
	if err != nil {
		return err
	}
	if err := list(c, found); err != nil {
		c.Println("What was restored is not what was saved: do not work with it. “terrace serve” refuses to.")
		return err
	}
	err = settle(ctx, c, h.settings, checked)
	if err == nil || errors.Is(err, errFindings) {
		return err
	}
	return fmt.Errorf("the record was restored whole; what had to follow was cut off: %w", err)
}

// settle makes the restored record ready to go on, and verifies it.
func settle(ctx context.Context, c *cobra.Command, s settings, checked *backup.Checked) error {
	if err := postgres.Migrate(ctx, s.DatabaseURL); err != nil { // does nothing to a record of this version
		return err
	}
	h, err := s.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer h.close()
	m := checked.Manifest
	open, err := h.store.Rewound(ctx, fmt.Sprintf("restored from the backup of %s, %s", m.Record.Instant.Format("2006-01-02T15:04:05Z07:00"), checked.Fingerprint))
	if err != nil {
		return err
	}
	if err := postgres.MarkSettled(ctx, s.DatabaseURL); err != nil {
		return err
	}
	c.Println("Restored. The record can be worked with from now on; it is being verified.")
	tell := bar(c)
	differences, err := h.store.Verify(ctx, func(done, total int) { tell("verify", int64(done), int64(total)) })
	c.PrintErrln()
	if err != nil {
		return err
	}
	c.Printf(`%d open aggregates will be told to their workflows, or given new ones. Next:
  terrace serve                start the API and the workers, on this database
  terrace resume --replace     end the workflows of what happened after the backup and is undone
  terrace verify               the record and its workflows
  terrace reconcile            what the bank did after the backup
What was accepted after %s must be entered again.
`, open, m.Record.Instant.Format("2006-01-02 15:04:05.000 MST"))
	return errors.Join(list(c, differences), list(c, m.Lost))
}
