package postgres_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/postgres"
)

func TestTheJournalAndTheBooksAreAppendOnly(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.approved()
	for _, table := range []string{"journal", "ledger_entry", "ledger_line"} {
		for _, sql := range []string{"update %s set position = position", "delete from %s", "truncate %s cascade"} {
			sql = fmt.Sprintf(sql, table)
			_, err := r.connect().Exec(t.Context(), sql)
			var fault *pgconn.PgError
			if !errors.As(err, &fault) || !strings.HasSuffix(fault.Message, "is append-only") {
				t.Errorf("the owner's %q returns %v", sql, err)
			}
		}
	}
}

func TestTheTimelineShowsWhatHappenedToAPilotAndItsProjects(t *testing.T) {
	t.Parallel()
	r := open(t)
	other := r.drafted()
	p, project, payment := r.inPayment()
	entries, err := r.Timeline(t.Context(), p.ID, 0, 1000)
	must(t, err)

	of := map[flow.Ref]int{}
	position := int64(0)
	for _, e := range entries {
		of[e.Aggregate]++
		if e.Position <= position {
			t.Errorf("%s comes at %d, after %d", e.Name, e.Position, position)
		}
		position = e.Position
	}
	if of[p] == 0 || of[project] == 0 || of[payment] == 0 || of[other] != 0 || len(of) != 3 {
		t.Errorf("entries are of %v", of)
	}
	first := entries[0]
	officer := r.who[zhuanglang.CountyOfficer]
	if first.Name != "drafted" || first.Seq != 1 || first.On != calendar.Of(callDay) || !first.At.Equal(callDay) ||
		first.Actor.ID != officer.ID || first.Actor.Name != officer.Name || first.Title.ZH == "" {
		t.Errorf("it begins with %+v", first)
	}
	cleared := entries[slices.IndexFunc(entries, func(e postgres.Entry) bool { return e.Name == "cleared" })]
	if cleared.Actor.Name != domain.Workflow.Name {
		t.Errorf("sent by %v", cleared.Actor)
	}
	// The notice ran its full period: it ends on its last day, although the workflow acts later.
	if cleared.On != calendar.Of(cleared.At).AddDays(-1) {
		t.Errorf("cleared on %s, recorded at %s", cleared.On, cleared.At)
	}
	opened := entries[slices.IndexFunc(entries, func(e postgres.Entry) bool { return e.Aggregate == payment })]
	if len(opened.Lines) != 2 || opened.Lines[0].Fen != -opened.Lines[1].Fen || opened.Lines[1].Fen != r.demo.Projects[0].TranchesFen[0] {
		t.Errorf("the payment moved %v", opened.Lines)
	}

	rest, err := r.Timeline(t.Context(), p.ID, entries[2].Position, 2)
	must(t, err)
	if len(rest) != 2 || rest[0].Position != entries[3].Position {
		t.Errorf("after the third come %v", rest)
	}
}

// appendEvent writes an event directly, bypassing commands.
func appendEvent(t *testing.T, tx pgx.Tx, id string) {
	t.Helper()
	_, err := tx.Exec(t.Context(), `insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
		select (pg_current_xact_id()::text::bigint + shift) * 1000, 'pilot', $1, $1, 1, 'drafted', 1, now(), current_date, 'x', false, '{}', $2 from journal_origin`, id, make([]byte, sha256.Size))
	must(t, err)
}

func TestAFollowerOfTheJournalMissesNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, slow, quick pgx.Tx){
		"an event that is written first and committed last": func(t *testing.T, slow, quick pgx.Tx) {
			appendEvent(t, slow, "slow")
			appendEvent(t, quick, "quick")
		},
		"an event whose transaction begins first, writes last and is committed last": func(t *testing.T, slow, quick pgx.Tx) {
			_, err := slow.Exec(t.Context(), "select pg_current_xact_id()")
			must(t, err)
			appendEvent(t, quick, "quick")
			must(t, quick.Commit(t.Context()))
			appendEvent(t, slow, "slow")
		},
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openReal(t)
			slow, err := r.connect().Begin(t.Context())
			must(t, err)
			quick, err := r.connect().Begin(t.Context())
			must(t, err)
			write(t, slow, quick)
			if err := quick.Commit(t.Context()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
				t.Fatal(err)
			}

			entries, err := r.Tail(t.Context(), 0, 10)
			must(t, err)
			if len(entries) != 0 {
				t.Fatalf("handed out %v while an earlier event may still come", entries)
			}
			if last, err := r.LastPosition(t.Context()); last != 0 || err != nil {
				t.Fatalf("last position is %d, %v", last, err)
			}
			must(t, slow.Commit(t.Context()))
			eventually(t, "both are handed out", func() bool {
				entries, err = r.Tail(t.Context(), 0, 10)
				must(t, err)
				return len(entries) == 2
			})
			if entries[0].Aggregate.ID != "slow" || entries[1].Aggregate.ID != "quick" || entries[0].Position >= entries[1].Position {
				t.Errorf("handed out %v", entries)
			}
			rest, err := r.Tail(t.Context(), entries[0].Position, 10)
			must(t, err)
			if len(rest) != 1 || rest[0].Aggregate.ID != "quick" {
				t.Errorf("after the first comes %v", rest)
			}
			if last, err := r.LastPosition(t.Context()); last != entries[1].Position || err != nil {
				t.Errorf("last position is %d, %v", last, err)
			}
		})
	}
}

func TestTheJournalOfARestoredRecordContinuesAfterItsLastPosition(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	const restored = 4_000_000_000_000_000 // as on a cluster that has seen many more transactions
	r.sql(fmt.Sprintf("update journal set position = %d", restored))

	store := r.another()
	_, err := store.Execute(t.Context(), r.saveDraft(ref, "恢复之后"))
	must(t, err)
	eventually(t, "the new event is handed out", func() bool {
		entries, err := store.Tail(t.Context(), restored, 10)
		must(t, err)
		return len(entries) == 1 && entries[0].Name == "draft-saved"
	})
	shift := one[int64](r, "select shift from journal_origin")
	r.another()
	if again := one[int64](r, "select shift from journal_origin"); again != shift {
		t.Errorf("the origin moved from %d to %d without a reason", shift, again)
	}
}

func TestTheDossierIsSealedOverEveryChainOfThePilot(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _, paymentRef := r.inPayment()
	before, err := r.Dossier(t.Context(), p.ID)
	must(t, err)

	lines := []string{}
	rows, err := r.connect().Query(t.Context(), `select format('%s/%s %s', kind, id, encode(head, 'hex')) from aggregate where pilot = $1 order by kind, id`, p.ID)
	must(t, err)
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		lines = append(lines, line+"\n")
	}
	must(t, rows.Err())
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "")))); len(lines) != 3 || before != want {
		t.Errorf("dossier is %s, want %s over %d chains", before, want, len(lines))
	}

	r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
	after, err := r.Dossier(t.Context(), p.ID)
	must(t, err)
	if after == before {
		t.Error("a payment went on and the dossier stayed")
	}
	_, err = r.Dossier(t.Context(), newPilot().ID)
	refused(t, err, "not-found")
}

func TestTheDossierStaysWhenTheArchiveEventHasSealedIt(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	before, err := r.Dossier(t.Context(), ref.ID)
	must(t, err)
	r.sql(`insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
		select position + 1, kind, id, pilot, 2, 'archived', 1, at, day, actor, late, '{}', sha256('sealed') from journal`)
	after, err := r.Dossier(t.Context(), ref.ID)
	must(t, err)
	if after != before {
		t.Errorf("dossier was %s and is %s", before, after)
	}
}
