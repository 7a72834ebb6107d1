// Package recordtest is a record in memory for tests of workflows and worker:
// the domain's own rules, the demonstration's people, an outbox, and a calendar
// that stands still until it is moved. It lasts as long as its test.
package recordtest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/programmes"
	"terrace/worker"
)

// Record is an activities.Record, a worker.Outbox and a worker.Open.
type Record struct {
	rules  *programme.Programme
	places *place.Table
	facts  []pilot.OrganizationFacts
	people map[string]domain.Actor

	mu       sync.Mutex
	now      time.Time
	epoch    int
	states   map[pilot.Ref]pilot.State
	receipts map[string]string // actor and command id → hash of the request
	accounts map[string]string // project id → number of its bank account
	journal  []Entry
	outbox   map[pilot.Ref]*row
	version  int64
	fault    error
	wait     time.Duration
	goesOn   bool
}

// birth is how long the relay leaves an aggregate alone that a workflow has brought into being.
const birth = 2 * time.Second

// Entry is one event in the order it happened.
type Entry struct {
	Ref     pilot.Ref
	Name    string
	Command string // id of the command it came from
	Actor   string
}

type row struct {
	version int64
	leased  time.Time
}

// Start is when the calendar of every Record stands first: the demonstration's call for applications.
var Start = calendar.On(2017, 9, 11).At(9, 0)

// New makes an empty record.
func New(t testing.TB) *Record {
	t.Helper()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	data := zhuanglang.Read()
	r := &Record{
		people: map[string]domain.Actor{}, facts: data.Organizations(), now: Start, epoch: 1, wait: time.Hour,
		states: map[pilot.Ref]pilot.State{}, receipts: map[string]string{}, accounts: map[string]string{}, outbox: map[pilot.Ref]*row{},
	}
	if r.rules, err = set.At(data.Programme, calendar.Of(Start)); err != nil {
		t.Fatal(err)
	}
	if r.places, err = place.New(data.Places()); err != nil {
		t.Fatal(err)
	}
	for _, p := range data.People() {
		r.people[p.ID] = p
	}
	return r
}

// Execute judges a command as the record in Postgres does.
func (r *Record) Execute(_ context.Context, cmd pilot.Command) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return r.fault
	}
	content, err := pilot.Canonical(cmd.Payload)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", cmd.Aggregate, cmd.Name, content))
	key, request := cmd.Actor.ID+"\x00"+cmd.ID, hex.EncodeToString(sum[:])
	if seen, repeated := r.receipts[key]; repeated {
		if seen != request {
			return domain.Refuse("idempotency-conflict", "", "id", cmd.ID)
		}
		return nil
	}
	if err := r.judge(cmd); err != nil {
		return err
	}
	r.receipts[key] = request
	return nil
}

func (r *Record) judge(cmd pilot.Command) error {
	declaration := pilot.Find(cmd.Aggregate.Kind, cmd.Name)
	if declaration == nil {
		return domain.Refuse("unknown-command", "", "command", cmd.Name)
	}
	s, exists := r.states[cmd.Aggregate]
	switch {
	case declaration.Creates && exists:
		return domain.Refuse("already-exists", "", "kind", string(cmd.Aggregate.Kind), "id", cmd.Aggregate.ID)
	case declaration.Creates:
		s = pilot.Empty(cmd.Aggregate.Kind)
		pilot.SetID(s, cmd.Aggregate.ID)
	case !exists:
		return notFound(cmd.Aggregate)
	}
	c := pilot.Context{
		Now: r.now, Actor: cmd.Actor, Rules: r.rules, Calendar: calendar.Published(), Places: r.places,
		Evidence: map[string]string{}, Held: r.held(cmd), Salt: "test",
	}
	for _, sha := range pilot.EvidenceOf(cmd.Payload) {
		c.Evidence[sha] = "application/pdf"
	}
	if err := pilot.Check(s, cmd, c); err != nil {
		return err
	}
	before := pilot.ProgressOf(s)
	next := copied(s)
	for _, e := range pilot.Decide(s, cmd, c) {
		pilot.Apply(next, e)
		r.journal = append(r.journal, Entry{cmd.Aggregate, pilot.TypeOf(s.Kind(), e).Name, cmd.ID, cmd.Actor.ID})
	}
	r.states[cmd.Aggregate] = next
	if number := pilot.PersonalOf(cmd.Payload)["account_number"]; number != "" {
		r.accounts[cmd.Aggregate.ID] = number
	}
	if !answers(cmd) && (!exists || pilot.ProgressOf(next).Stirs(before)) {
		r.put(cmd.Aggregate)
	}
	if !exists && cmd.Actor.ID == domain.Workflow.ID { // its parent starts its workflow
		r.outbox[cmd.Aggregate].leased = time.Now().Add(birth)
	}
	return nil
}

// held are the keys that the command names and that another aggregate holds.
func (r *Record) held(cmd pilot.Command) map[string]pilot.Ref {
	held := map[string]pilot.Ref{}
	for ref, s := range r.states {
		for _, key := range pilot.Claims(s) {
			if ref != cmd.Aggregate && slices.Contains(pilot.KeysOf(cmd.Payload), key) {
				held[key] = ref
			}
		}
	}
	return held
}

// answers tells that a workflow sent the command to its own aggregate: it has the News from its activity.
func answers(cmd pilot.Command) bool {
	return cmd.Actor.ID == domain.Workflow.ID && !slices.Contains([]string{"open", "record-end", "record-payment", "stop"}, cmd.Name)
}

func notFound(ref pilot.Ref) error {
	return domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
}

// copied keeps states that were handed out apart from those that go on.
func copied(s pilot.State) pilot.State {
	next := pilot.Empty(s.Kind())
	text, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(text, next)
	}
	if err != nil {
		panic(err)
	}
	return next
}

// Put lets the relay tell the workflow of an aggregate, whatever it knows.
func (r *Record) Put(ref pilot.Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(ref)
}

func (r *Record) put(ref pilot.Ref) {
	r.version++
	if waiting := r.outbox[ref]; waiting != nil {
		waiting.version = r.version
		return
	}
	r.outbox[ref] = &row{version: r.version}
}

// Load reads an aggregate.
func (r *Record) Load(_ context.Context, ref pilot.Ref) (pilot.State, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return nil, r.fault
	}
	s, exists := r.states[ref]
	if !exists {
		return nil, notFound(ref)
	}
	return copied(s), nil
}

// News tells how an aggregate stands. The calendar stands still, so Wait is
// a millisecond when the next moment has come, and an hour otherwise; see Hurry.
func (r *Record) News(_ context.Context, ref pilot.Ref) (activities.News, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return activities.News{}, r.fault
	}
	return r.news(ref)
}

// Learn is News for a run that begins: the outbox holds them no longer.
func (r *Record) Learn(ctx context.Context, ref pilot.Ref) (activities.News, error) {
	news, err := r.News(ctx, ref)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if s := r.states[ref]; pilot.RecordOf(s).Seq == news.Seq {
			delete(r.outbox, ref)
		}
	}
	return news, err
}

func (r *Record) news(ref pilot.Ref) (activities.News, error) {
	s, exists := r.states[ref]
	if !exists {
		return activities.News{}, notFound(ref)
	}
	p := pilot.ProgressOf(s)
	wait := r.wait
	if p.DueBy(r.now) {
		wait = time.Millisecond
	}
	return activities.Tell(p, r.epoch, wait), nil
}

// Hurry lets News say that the next moment is so near, although the calendar stands still: timers fire early.
func (r *Record) Hurry(wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wait = wait
}

// OrganizationFacts is what the demonstration's directory knows.
func (r *Record) OrganizationFacts(_ context.Context, codes []string) ([]pilot.OrganizationFacts, error) {
	var all []pilot.OrganizationFacts
	for _, f := range r.facts {
		if slices.Contains(codes, f.CreditCode) {
			all = append(all, f)
		}
	}
	return all, nil
}

// Dossier is a hash over how many events there are.
func (r *Record) Dossier(_ context.Context, pilotID string) (string, error) {
	sum := sha256.Sum256([]byte(pilotID))
	return hex.EncodeToString(sum[:]), nil
}

// AccountNumber is what the project's organization wrote into its agreement.
func (r *Record) AccountNumber(_ context.Context, project string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accounts[project], r.fault
}

// Claim leases rows of the outbox.
func (r *Record) Claim(_ context.Context, n int, lease time.Duration) ([]worker.Delivery, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var claimed []worker.Delivery
	for ref, waiting := range r.outbox {
		if len(claimed) == n || time.Now().Before(waiting.leased) {
			continue
		}
		news, err := r.news(ref)
		if err != nil {
			return nil, err
		}
		waiting.leased = time.Now().Add(lease)
		claimed = append(claimed, worker.Delivery{News: news, Version: waiting.version})
	}
	return claimed, nil
}

// Delivered removes rows that have not changed since they were claimed.
func (r *Record) Delivered(_ context.Context, done []worker.Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range done {
		if waiting := r.outbox[d.News.Ref]; waiting != nil && waiting.version == d.Version {
			delete(r.outbox, d.News.Ref)
		} else if waiting != nil {
			waiting.leased = time.Time{}
		}
	}
	return nil
}

// CarryFunds does nothing: it keeps no sums.
func (r *Record) CarryFunds(context.Context) (int64, error) { return 0, nil }

// Resurface puts back the aggregates that owe something or whose moment has come.
func (r *Record) Resurface(context.Context) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref, s := range r.states {
		p := pilot.ProgressOf(s)
		if r.outbox[ref] == nil && (slices.ContainsFunc(p.Duties, r.holds) || p.DueBy(r.now)) {
			r.put(ref)
			n++
		}
	}
	return n, nil
}

// Known are those of the aggregates that there are.
func (r *Record) Known(_ context.Context, refs []pilot.Ref) (map[pilot.Ref]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := map[pilot.Ref]bool{}
	for _, ref := range refs {
		known[ref] = r.states[ref] != nil
	}
	return known, nil
}

// OpenAggregates lists what has not ended, by id.
func (r *Record) OpenAggregates(_ context.Context, after pilot.Ref, limit int) ([]pilot.Ref, error) {
	var open []pilot.Ref
	for _, ref := range r.Refs() {
		s, err := r.Load(context.Background(), ref)
		if err != nil {
			return nil, err
		}
		if byID(after, ref) < 0 && !pilot.ProgressOf(s).Ended && len(open) < limit {
			open = append(open, ref)
		}
	}
	return open, nil
}

// Refs lists all aggregates, by id.
func (r *Record) Refs() []pilot.Ref {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []pilot.Ref
	for ref := range r.states {
		all = append(all, ref)
	}
	slices.SortFunc(all, byID)
	return all
}

func byID(a, b pilot.Ref) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind)) }

// Fail lets everything that activities ask fail from now on; nil mends it. The outbox is not concerned.
func (r *Record) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = err
}

// Journal is what has happened so far.
func (r *Record) Journal() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.journal)
}

// Settled tells that the workflows have nothing to do until somebody acts or
// the calendar moves.
func (r *Record) Settled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.states {
		if p := pilot.ProgressOf(s); slices.ContainsFunc(p.Duties, r.holds) || p.DueBy(r.now) {
			return false
		}
	}
	return len(r.outbox) == 0
}

// holds tells that the calendar stands while the duty is owed.
func (r *Record) holds(d pilot.Duty) bool { return d.Key != pilot.Inquire || !r.goesOn }

// GoOn lets the calendar go on while a bank that is asked by reference owes its answer.
func (r *Record) GoOn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.goesOn = true
}

// Now is the calendar's time.
func (r *Record) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// MoveOn moves the calendar to the next moment of any aggregate and tells the
// workflows of the jump; false when time brings nothing more.
func (r *Record) MoveOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var next time.Time
	for _, s := range r.states {
		if p := pilot.ProgressOf(s); p.Next != nil && (next.IsZero() || p.Next.At.Before(next)) {
			next = p.Next.At
		}
	}
	if next.IsZero() {
		return false
	}
	r.jump(next)
	return true
}

// MoveTo moves the calendar to an instant, whatever lies between.
func (r *Record) MoveTo(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jump(at)
}

func (r *Record) jump(at time.Time) {
	r.now = at
	r.epoch++
	for ref, s := range r.states {
		if pilot.ProgressOf(s).DueBy(at) {
			r.put(ref)
		}
	}
}
