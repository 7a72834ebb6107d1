package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

// demoTime is the time limit for a whole demonstration, including interruptions.
const demoTime = 4 * time.Minute

// launchDemo starts the demonstration, which exits once its pilot has ended.
func (s *system) launchDemo() {
	s.t.Helper()
	s.launch("--exit-when-closed", "--day", "20ms")
}

// archived requires that the demonstration ends by itself and passes all of its own checks.
func (s *system) archived() {
	s.t.Helper()
	if status := s.wait(s.t, demoTime); status != 0 {
		s.t.Fatalf("the demonstration exits with status %d:\n%s", status, s.tail())
	}
}

// outcome is the final state of a demonstration.
type outcome struct {
	days   map[string]int       // number of events, by “aggregate event date”
	held   map[string]money.Fen // balances, by account
	posted map[string]int       // number of postings, by payment id without the pilot's
	events int
}

// look starts a Terrace on the record of a finished demonstration, reads the outcome over HTTP, and runs “terrace
// verify”.
func (s *system) look() (o outcome) {
	s.t.Helper()
	s.launch("--people=false")
	id := s.onlyPilot()
	journal := s.timeline(id)
	o = outcome{days: map[string]int{}, posted: map[string]int{}, held: s.balanced(id), events: len(journal)}
	for _, e := range journal {
		o.days[fmt.Sprintf("%s %s", e, e.On)]++
		if e.String() == "payment posted" {
			o.posted[e.Aggregate.ID[len(id):]]++
		}
	}
	if stage := s.read(flow.Ref{Kind: pilot.Kind, ID: id}).Stage; stage != pilot.Archived {
		s.t.Errorf("the pilot is in stage %s", stage)
	}
	s.verify()
	return o
}

func (s *system) onlyPilot() string {
	s.t.Helper()
	found := get[struct{ Items []struct{ ID string } }](s.client, zhuanglang.CountyOfficer, "/v1/pilots")
	if len(found.Items) != 1 {
		s.t.Fatalf("%d pilots", len(found.Items))
	}
	return found.Items[0].ID
}

// undisturbed is the outcome of an uninterrupted demonstration, which the first test that needs it runs.
var undisturbed struct {
	sync.Mutex
	outcome
}

func undisturbedOutcome(t *testing.T) outcome {
	t.Helper()
	undisturbed.Lock()
	defer undisturbed.Unlock()
	if undisturbed.days == nil {
		s := newSystem(t, newDatabase(t, shared.postgresURL(t)), shared.temporalAddress(t))
		s.launchDemo()
		s.archived()
		undisturbed.outcome = s.look()
	}
	return undisturbed.outcome
}

// asUndisturbed requires that an interrupted demonstration ended like an undisturbed one and paid nothing twice.
func (s *system) asUndisturbed() {
	s.t.Helper()
	got, want := s.look(), undisturbedOutcome(s.t)
	for _, name := range slices.Sorted(maps.Keys(merged(got.days, want.days))) {
		if got.days[name] != want.days[name] {
			s.t.Errorf("%s: %d times, want %d as undisturbed", name, got.days[name], want.days[name])
		}
	}
	if !maps.Equal(got.held, want.held) {
		s.t.Errorf("the accounts hold %v, undisturbed %v", got.held, want.held)
	}
	if len(got.posted) != 3*6-1+1 || !maps.Equal(got.posted, want.posted) {
		s.t.Errorf("paid: %v, undisturbed: %v", got.posted, want.posted)
	}
}

func merged(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// moments draws the event counts at which a test injects its faults, in ascending order. TERRACE_E2E_SEED repeats a
// draw.
func moments(t *testing.T, n int) []int {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("TERRACE_E2E_SEED"), 10, 64); err == nil {
		seed = given
	}
	random := rand.New(rand.NewPCG(seed, 0))
	drawn := make([]int, n)
	for i := range drawn {
		drawn[i] = random.IntN(undisturbedOutcome(t).events * 9 / 10)
	}
	slices.Sort(drawn)
	t.Logf("TERRACE_E2E_SEED=%d: after %v events", seed, drawn)
	return drawn
}

// after waits until the demonstration's journal holds the given number of events.
func (s *system) after(events int) {
	s.t.Helper()
	seen := journalReader{system: s}
	eventuallyWithin(s.t, demoTime, fmt.Sprintf("the demonstration has %d events", events), func() bool {
		if !s.running() {
			s.t.Fatalf("the demonstration ended after %d of %d events of pilot %q:\n%s", seen.n, events, seen.id, s.tail())
		}
		return seen.count() >= events
	})
}

// journalReader counts the events of a running pilot. It tolerates a program that is down.
type journalReader struct {
	*system
	id    string
	n     int
	after int64
}

func (r *journalReader) count() int {
	if r.id == "" {
		found := struct{ Items []struct{ ID string } }{}
		if r.ask("/v1/pilots", zhuanglang.CountyOfficer, &found) && len(found.Items) > 0 {
			r.id = found.Items[0].ID
		}
		return 0
	}
	part := struct{ Items []event }{}
	if r.ask(fmt.Sprintf("/v1/pilots/%s/timeline?limit=500&after=%d", r.id, r.after), reader, &part) && len(part.Items) > 0 {
		r.n += len(part.Items)
		r.after = part.Items[len(part.Items)-1].Position
	}
	return r.n
}

func (r *journalReader) ask(path, who string, into any) bool {
	a, err := r.try(who, http.MethodGet, path, nil, nil)
	if err == nil && a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable {
		r.t.Errorf("%s: %s", path, a)
	}
	return err == nil && a.Status == http.StatusOK && json.Unmarshal(a.Body, into) == nil
}

// privateDatabase restarts the private Postgres of a finished demonstration for inspection.
func (s *system) privateDatabase() {
	s.t.Helper()
	server := &postgres{data: filepath.Join(s.data, "postgres")}
	eventually(s.t, "the private Postgres has stopped with the demonstration", func() bool { return server.start() == nil })
	s.t.Cleanup(server.stop)
	s.database, s.temporal = inDatabase(server.url, "terrace_demo_1"), shared.temporalAddress(s.t)
}
