package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"terrace/backup"
	"terrace/postgres"
	"terrace/postgres/pgtest"
)

func TestARestoreThatBreaksOffBeforeTheRecordLeavesTheDatabaseEmpty(t *testing.T) {
	t.Parallel()
	o := found(t)
	folder := o.save()
	c := check(t, folder, nil)
	for step, says := range map[string]string{
		"evidence": "the record was not restored, and the database is empty as before",
		"database": "the record was not restored whole",
	} {
		url, files := pgtest.Empty(t), t.TempDir()
		ctx, cut := context.WithCancel(t.Context())
		to := backup.Destination{Database: url, Evidence: store(t, files)}
		_, err := c.Restore(ctx, to, func(now string, _, _ int64) {
			if now == step {
				cut()
			}
		})
		cut()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("cut off at the %s: %v", step, err)
		}
		if differ, err := c.Restore(t.Context(), to, quietly); err != nil || len(differ) > 0 {
			t.Errorf("cut off at the %s, then repeated: %v, %v", step, differ, err)
		}
	}
}

func TestARestoredRecordIsUnsettledUntilItIsToldThatItWasSetBack(t *testing.T) {
	t.Parallel()
	first := found(t)
	_, err := first.Rewound(t.Context(), "an earlier restore, which the backup knows")
	must(t, err)
	must(t, first.Settled(t.Context()))
	folder := first.save()
	c := check(t, folder, nil)
	must(t, os.Remove(filepath.Join(folder, "heads.txt"))) // by the time it is missed, the record is committed
	url, files := pgtest.Empty(t), t.TempDir()
	_, err = c.Restore(t.Context(), backup.Destination{Database: url, Evidence: store(t, files)}, quietly)
	if err == nil || !strings.Contains(err.Error(), "were restored but could not be compared") {
		t.Errorf("the error does not say how far the restore came: %v", err)
	}
	back := open(t, url, files)
	if err := back.Settled(t.Context()); !errors.Is(err, postgres.ErrUnsettled) {
		t.Errorf("before it was told: %v", err)
	}
	_, err = back.Rewound(t.Context(), "as good")
	must(t, err)
	must(t, back.Settled(t.Context()))
	again := restored(t, back.save()) // a backup does not carry the mark
	if err := again.Settled(t.Context()); !errors.Is(err, postgres.ErrUnsettled) {
		t.Errorf("restored again: %v", err)
	}
	must(t, postgres.MarkSettled(t.Context(), again.url))
	must(t, again.Settled(t.Context()))
}

func TestWhatIsRestoredIsTheDumpThatWasChecked(t *testing.T) {
	t.Parallel()
	o := found(t)
	t.Run("another file takes its name", func(t *testing.T) {
		t.Parallel()
		folder := o.save()
		c := check(t, folder, nil)
		other := filepath.Join(t.TempDir(), "dump")
		must(t, os.WriteFile(other, []byte("another"), 0o600))
		must(t, os.Rename(other, filepath.Join(folder, "database.dump")))
		differ, err := c.Restore(t.Context(), backup.Destination{Database: pgtest.Empty(t), Evidence: store(t, t.TempDir())}, quietly)
		if err != nil || len(differ) > 0 {
			t.Errorf("%v, %v", differ, err)
		}
	})
	t.Run("it is changed in place", func(t *testing.T) {
		t.Parallel()
		folder, url := o.save(), pgtest.Empty(t)
		c := check(t, folder, nil)
		dump, err := os.OpenFile(filepath.Join(folder, "database.dump"), os.O_WRONLY|os.O_APPEND, 0)
		must(t, err)
		_, err = dump.WriteString("more")
		must(t, errors.Join(err, dump.Close()))
		_, err = c.Restore(t.Context(), backup.Destination{Database: url, Evidence: store(t, t.TempDir())}, quietly)
		if err == nil || !strings.Contains(err.Error(), "database.dump was changed while it was being restored") {
			t.Errorf("restored: %v", err)
		}
		if err := open(t, url, t.TempDir()).Settled(t.Context()); !errors.Is(err, postgres.ErrUnsettled) {
			t.Errorf("the record counts as settled: %v", err)
		}
	})
}
