package postgres_test

import (
	"strings"
	"testing"

	"terrace/domain/flow"
	"terrace/postgres"
	"terrace/postgres/pgtest"
)

func (r *record) snapshot() *postgres.Snapshot {
	r.t.Helper()
	s, err := postgres.TakeSnapshot(r.t.Context(), r.url)
	must(r.t, err)
	return s
}

func TestASnapshotStaysAtItsMomentAndBlocksNobody(t *testing.T) {
	t.Parallel()
	r := open(t)
	first := r.drafted()
	s := r.snapshot()
	defer func() { must(t, s.Close()) }()
	second := r.drafted()
	eventually(t, "whoever follows the journal hears of what came after the snapshot", func() bool {
		entries, err := r.Tail(t.Context(), 0, 100)
		must(t, err)
		return len(entries) > 0 && entries[len(entries)-1].Aggregate == second
	})
	var heads []flow.Ref
	must(t, s.Heads(t.Context(), func(h postgres.Head) error {
		heads = append(heads, h.Aggregate)
		return nil
	}))
	if len(heads) != 1 || heads[0] != first {
		t.Errorf("the snapshot has the chains of %v", heads)
	}
	c, err := s.Contents(t.Context())
	must(t, err)
	if c.Tables["journal"] != 1 || c.Tables["receipt"] != 1 || c.Schema == 0 || c.Owner == "" || c.Instant.IsZero() {
		t.Errorf("it holds %+v", c)
	}
}

// Each case weakens a safeguard of the record and must show in the guards.
func TestTheGuardsShowEveryWeakening(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sql, guard string }{
		"a trigger dropped":            {"drop trigger journal_append_only on journal", "trigger journal.journal_append_only"},
		"a trigger switched off":       {"alter table journal disable trigger journal_append_only", "trigger journal.journal_append_only"},
		"a function that does less":    {"create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'", "function refuse_change()"},
		"a function with other rights": {"alter function move_balances() security invoker", "function move_balances()"},
		"a key dropped":                {"alter table claim drop constraint claim_pkey", "constraint claim.claim_pkey"},
		"a right granted":              {"grant update on journal to public", "rights of everybody to journal"},
		"a right to a column granted":  {"grant update (balance) on ledger_account to public", "rights of everybody to ledger_account.balance"},
	}
	r := open(t)
	r.leave()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			guards := func() map[string]string {
				s := copied.snapshot()
				c, err := s.Contents(t.Context())
				must(t, err)
				must(t, s.Close())
				return c.Guards
			}
			before := guards()
			copied.sql(test.sql)
			after := guards()
			for guard := range before {
				if (before[guard] != after[guard]) != (guard == test.guard) {
					t.Errorf("%s: was %.8s, is %.8s", guard, before[guard], after[guard])
				}
			}
			if _, is := after[test.guard]; before[test.guard] == after[test.guard] && is {
				t.Errorf("%s does not show it", test.guard)
			}
		})
	}
}

func TestADatabaseWithoutARecordHasNoContents(t *testing.T) {
	t.Parallel()
	s, err := postgres.TakeSnapshot(t.Context(), pgtest.Empty(t))
	must(t, err)
	defer func() { must(t, s.Close()) }()
	if _, err := s.Contents(t.Context()); err == nil || !strings.Contains(err.Error(), "holds no record") {
		t.Errorf("an empty database: %v", err)
	}
}
