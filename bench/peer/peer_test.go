package peer_test

import (
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
	"terrace/bench/peer/dbos"
	"terrace/bench/peer/floor"
	"terrace/bench/peer/goworkflows"
	"terrace/bench/peer/river"
	"terrace/bench/peer/temporal"
	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
)

var s *stack.Stack

func TestMain(m *testing.M) { stacktest.Main(m, &s) }

// TestEveryEngineLeavesTheRowsOfTwelveDecisions plays one lifecycle on each engine and counts the rows present when the
// last decision is answered.
func TestEveryEngineLeavesTheRowsOfTwelveDecisions(t *testing.T) {
	t.Parallel()
	record, err := s.NewRecord(t.Context(), "world")
	must(t, err)
	w, err := lifecycle.Open(t.Context(), record, t.TempDir())
	must(t, err)
	t.Cleanup(w.Close)
	must(t, w.Prepare(t.Context(), 1))
	script, err := lifecycle.Record(t.Context(), w)
	must(t, err)
	_, err = s.StartTemporal(t.Context())
	must(t, err)

	type closer interface {
		peer.Engine
		Close()
	}
	for name, open := range map[string]func(url string) (closer, error){
		"floor":        func(url string) (closer, error) { return floor.New(t.Context(), url, script) },
		"river":        func(url string) (closer, error) { return river.New(t.Context(), url, script) },
		"dbos":         func(url string) (closer, error) { return dbos.New(t.Context(), url, script, true) },
		"dbos-apart":   func(url string) (closer, error) { return dbos.New(t.Context(), url, script, false) },
		"go-workflows": func(url string) (closer, error) { return goworkflows.New(t.Context(), url, script) },
		"temporal-update": func(url string) (closer, error) {
			return temporal.New(t.Context(), url, script, s.TemporalAddress, stack.Namespace)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, err := s.NewRecord(t.Context(), "peer")
			must(t, err)
			must(t, lifecycle.WithoutRules(t.Context(), url))
			e, err := open(url)
			must(t, err)
			t.Cleanup(e.Close)
			for range 2 { // an engine can be started again
				must(t, e.Start(t.Context()))
				must(t, e.Ready(t.Context(), 1))
				before := counts(t, url, script)
				p := e.Next()
				for n := range lifecycle.Decisions {
					_, err := p.Decide(t.Context(), n)
					must(t, err)
				}
				if e.Next() != nil {
					t.Error("handed out more lifecycles than were prepared")
				}
				after := counts(t, url, script)
				for table, n := range before {
					after[table] -= n
				}
				if want := script.Tables(); !maps.Equal(after, want) {
					t.Errorf("wrote %v, want %v", after, want)
				}
				e.Stop()
			}
		})
	}
}

func counts(t *testing.T, url string, script *lifecycle.Script) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(t.Context()) //nolint:errcheck // only read
	all := map[string]int{}
	for table := range script.Tables() {
		var n int
		must(t, conn.QueryRow(t.Context(), "select count(*) from public."+table).Scan(&n))
		all[table] = n
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
