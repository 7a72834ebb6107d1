package lifecycle_test

import (
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/bench/lifecycle"
)

// TestAPlayedLifecycleLeavesTheRowsOfARealOne counts the rows of every table after each decision, once as the product
// wrote them and once as the floor and the peers do.
func TestAPlayedLifecycleLeavesTheRowsOfARealOne(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	script, err := lifecycle.Record(t.Context(), w)
	must(t, err)

	real, v := connect(t, w.URL), w.Take()
	playedURL, err := s.NewRecord(t.Context(), "played")
	must(t, err)
	must(t, lifecycle.WithoutRules(t.Context(), playedURL))
	played := connect(t, playedURL)
	for range 2 { // a second instance does not conflict with the first
		instance := script.New()
		var before pgx.Batch
		instance.QueueBefore(&before)
		must(t, played.SendBatch(t.Context(), &before).Close())
		for n := range lifecycle.Decisions {
			if v != nil {
				want := grown(t, real, func() {
					_, err := v.Execute(t.Context(), n)
					must(t, err)
				})
				got := grown(t, played, func() {
					var b pgx.Batch
					instance.Queue(&b, n)
					must(t, played.SendBatch(t.Context(), &b).Close())
				})
				if !maps.Equal(want, got) {
					t.Errorf("decision %d (%s): the product wrote %v, the script %v", n, lifecycle.Steps[n].Name, want, got)
				}
				continue
			}
			var b pgx.Batch
			instance.Queue(&b, n)
			must(t, played.SendBatch(t.Context(), &b).Close())
		}
		v = nil
	}
	var differ int
	must(t, played.QueryRow(t.Context(), "select count(distinct length(state::text)) from aggregate where kind = 'project'").Scan(&differ))
	if differ != 1 {
		t.Error("two instances differ in size")
	}
}

// grown counts the rows that act adds or removes, by table.
func grown(t *testing.T, conn *pgx.Conn, act func()) map[string]int {
	t.Helper()
	before := counts(t, conn)
	act()
	after := counts(t, conn)
	for table, n := range before {
		if after[table] -= n; after[table] == 0 {
			delete(after, table)
		}
	}
	return after
}

func counts(t *testing.T, conn *pgx.Conn) map[string]int {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
	must(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	all := map[string]int{}
	for _, name := range names {
		var n int
		must(t, conn.QueryRow(t.Context(), "select count(*) from "+name).Scan(&n))
		all[name] = n
	}
	return all
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}
