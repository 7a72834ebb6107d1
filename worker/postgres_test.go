package worker_test

import (
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

// real is the record in Postgres, on a virtual calendar that the test moves.
type real struct {
	*worker.Record
	t   *testing.T
	url string
}

// virtualDay is short, because a timer set before the calendar jumps still waits this long for each day that was left.
const virtualDay = 2 * time.Millisecond

func newReal(t *testing.T) *real {
	t.Helper()
	r := reach(t, pgtest.New(t))
	store, demo := r.Store, zhuanglang.Read()
	registry := postgres.Registry{Places: demo.Places()}
	for _, f := range demo.Organizations() {
		registry.Organizations = append(registry.Organizations, postgres.Organization{Name: domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, OrganizationFacts: f})
	}
	for _, person := range demo.People() {
		registry.People = append(registry.People, postgres.Person{Actor: person})
	}
	if err := store.Register(t.Context(), registry); err != nil {
		t.Fatal(err)
	}
	if err := store.StartCalendar(t.Context(), recordtest.Start, virtualDay); err != nil {
		t.Fatal(err)
	}
	for _, person := range demo.People() {
		slip := postgres.Evidence{SHA256: recordtest.File, MediaType: "application/pdf", Size: 1, Name: "slip.pdf", UploadedBy: person.ID}
		if err := store.SaveEvidence(t.Context(), slip); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// reach opens an existing record.
func reach(t *testing.T, url string) *real {
	t.Helper()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, url), Programmes: set, Calendar: calendar.Published()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return &real{worker.NewRecord(store), t, url}
}

// Refs lists the open aggregates.
func (r *real) Refs() []flow.Ref {
	refs, err := r.OpenAggregates(r.t.Context(), flow.Ref{}, 200)
	if err != nil {
		r.t.Fatal(err)
	}
	return refs
}

// Settled reports whether the workflows have nothing to do, so that nothing holds up the calendar.
func (r *real) Settled() bool { return r.move(0).Held == (domain.Text{}) }

// MoveOn moves the calendar to the next due time, unless something holds it up again, such as a bank's response that
// has arrived since the record was settled.
func (r *real) MoveOn() bool {
	if len(r.Refs()) == 0 {
		return false
	}
	r.move(time.Minute)
	return true
}

func (r *real) move(elapsed time.Duration) postgres.CalendarState {
	state, err := r.MoveCalendar(r.t.Context(), time.Time{}, elapsed)
	if err != nil {
		r.t.Fatal(err)
	}
	return state
}

func (r *real) happened(p *recordtest.People) map[string]int {
	names := map[string]int{}
	for after := int64(0); ; {
		entries, err := r.Timeline(r.t.Context(), p.Pilot, after, 200)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, e := range entries {
			names[string(e.Aggregate.Kind)+"/"+e.Name]++
			after = e.Position
		}
		if len(entries) == 0 {
			return names
		}
	}
}

func TestWorkflowsCarryAPilotOnTheRealRecord(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	config := worker.Config{
		Client: c, Record: r, Outbox: r, Log: logTo(t), Prefix: temporaltest.Prefix(), Indexed: true,
		Poll: 5 * time.Millisecond, Resurface: 200 * time.Millisecond,
	}
	w := worker.Start(config)
	defer func() { w.Stop() }()
	p := recordtest.Draft(t, r, 2)
	p.Carry(r, func() bool { return r.happened(p)["project/tranche-paid"] > 0 })
	w.Stop()
	w = worker.Start(config)
	p.Carry(r, never)

	got := r.happened(p)
	for name, want := range map[string]int{
		"pilot/archived": 1, "pilot/village-ended": 2, "pilot/contract-paid": 1, "project/opened": 2, "project/tranche-paid": 6,
		"project/closed": 2, "project/tranche-final": 6, "payment/opened": 7, "payment/instructed": 7, "payment/posted": 7, "payment/finality-due": 7,
	} {
		if got[name] != want {
			t.Errorf("%s happened %d times, want %d", name, got[name], want)
		}
	}
	money, err := r.Money(t.Context(), p.Pilot)
	if err != nil || money.Sum != 0 || money.Entries == 0 {
		t.Errorf("the ledger: %+v, %v", money, err)
	}
	differences, err := r.Verify(t.Context(), func(int, int) {})
	if err != nil || len(differences) > 0 {
		t.Errorf("the record differs: %v, %v", differences, err)
	}
	if missing, err := worker.Missing(t.Context(), r, c); err != nil || len(missing) > 0 {
		t.Errorf("missing: %v, %v", missing, err)
	}
}

func TestPersonalDataEntersNoHistory(t *testing.T) {
	t.Parallel()
	h := newHouse(t, temporaltest.Dial(t))
	h.open(t)
	p := recordtest.Draft(t, h, 1)
	p.Carry(h, never)
	data := zhuanglang.Read()
	for _, ref := range h.Refs() {
		text := historyText(t, h.client, ref)
		for _, secret := range []string{"62220000000001", data.Projects[0].Organization.ZH, zhuanglang.CountyOfficer, data.Projects[0].Organization.CreditCode} {
			if strings.Contains(text, secret) {
				t.Errorf("the history of %s holds %q", ref, secret)
			}
		}
		if !strings.Contains(text, ref.ID) {
			t.Errorf("the history of %s was not read", ref)
		}
	}
}
