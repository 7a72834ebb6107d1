// Package recordtest provides an in-memory record for tests of workflows and workers. It has the domain's own rules,
// the demonstration's people, an outbox, and a calendar that stands still until a test moves it. Nothing is kept after
// the test.
package recordtest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"terrace/activities"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/programmes"
	"terrace/worker"
)

// Record is an in-memory record. It implements activities.Record, worker.Outbox and worker.Open.
type Record struct {
	rules  *programme.Programme
	places *place.Table
	facts  []pilot.OrganizationFacts
	people map[string]domain.Actor

	mu       sync.Mutex
	now      time.Time
	epoch    int
	states   map[flow.Ref]flow.State
	receipts map[string]string // hash of each command, by actor and command id
	accounts map[string]string // bank account number of each project
	journal  []Entry
	outbox   map[flow.Ref]*row
	version  int64
	fault    error
	wait     time.Duration
	goesOn   bool
}

// birth is how long Claim holds back an aggregate that a workflow has just created.
const birth = 2 * time.Second

// Entry is one event of the journal. Entries are in chronological order.
type Entry struct {
	Ref     flow.Ref
	Name    string
	Command string // the id of the command that caused it
	Actor   string
}

type row struct {
	version int64
	leased  time.Time
}

// Start is the time at which every Record's calendar begins: when the demonstration's call for applications opens.
var Start = calendar.On(2017, 9, 11).At(9, 0)

// New returns an empty record.
func New(t testing.TB) *Record {
	t.Helper()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	data := zhuanglang.Read()
	r := &Record{
		people: map[string]domain.Actor{}, facts: data.Organizations(), now: Start, epoch: 1, wait: time.Hour,
		states: map[flow.Ref]flow.State{}, receipts: map[string]string{}, accounts: map[string]string{}, outbox: map[flow.Ref]*row{},
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

// Execute judges a command as the record in Postgres would.
func (r *Record) Execute(_ context.Context, cmd flow.Command) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return r.fault
	}
	content, err := flow.Canonical(cmd.Payload)
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

func (r *Record) judge(cmd flow.Command) error {
	declaration, err := catalogue.All.Find(cmd.Aggregate.Kind, cmd.Name)
	if err != nil {
		return err
	}
	s, exists := r.states[cmd.Aggregate]
	switch {
	case declaration.Creates && exists:
		return domain.Refuse("already-exists", "", "kind", string(cmd.Aggregate.Kind), "id", cmd.Aggregate.ID)
	case declaration.Creates:
		if s, err = catalogue.All.New(cmd.Aggregate); err != nil {
			return err
		}
	case !exists:
		return notFound(cmd.Aggregate)
	}
	needs := flow.NeedsOf(cmd.Payload)
	c := flow.Context{
		Now: r.now, Actor: cmd.Actor, Rules: r.rules, Calendar: calendar.Published(), Places: r.places,
		Evidence: map[string]string{}, People: r.people, Held: r.held(cmd.Aggregate, needs.Keys), Salt: "test",
	}
	for _, sha := range needs.Files {
		c.Evidence[sha] = "application/pdf"
	}
	next := flow.Clone(s)
	d, err := flow.Judge(next, cmd, c)
	if err != nil {
		return err
	}
	for _, name := range d.Names() {
		r.journal = append(r.journal, Entry{cmd.Aggregate, name, cmd.ID, cmd.Actor.ID})
	}
	r.states[cmd.Aggregate] = next
	if number := needs.Personal["account_number"]; number != "" {
		r.accounts[cmd.Aggregate.ID] = number
	}
	own := cmd.Actor.ID == domain.Workflow.ID && !declaration.Crosses && !declaration.Creates // the workflow gets the News from its activity
	if !own && (!exists || d.After.Stirs(d.Before)) {
		r.put(cmd.Aggregate)
	}
	if !exists && cmd.Actor.ID == domain.Workflow.ID { // its parent starts its workflow
		r.outbox[cmd.Aggregate].leased = time.Now().Add(birth)
	}
	return nil
}

// held returns which of the command's keys are claimed by other aggregates, and by which.
func (r *Record) held(by flow.Ref, keys []string) map[string]flow.Ref {
	held := map[string]flow.Ref{}
	for ref, s := range r.states {
		for _, key := range s.Claims() {
			if ref != by && slices.Contains(keys, key) {
				held[key] = ref
			}
		}
	}
	return held
}

func notFound(ref flow.Ref) error {
	return domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
}

// Put makes the relay signal the workflow of an aggregate, even if the workflow already knows its state.
func (r *Record) Put(ref flow.Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(ref)
}

func (r *Record) put(ref flow.Ref) {
	r.version++
	if waiting := r.outbox[ref]; waiting != nil {
		waiting.version = r.version
		return
	}
	r.outbox[ref] = &row{version: r.version}
}

// Load returns the state of an aggregate.
func (r *Record) Load(_ context.Context, ref flow.Ref) (flow.State, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return nil, r.fault
	}
	s, exists := r.states[ref]
	if !exists {
		return nil, notFound(ref)
	}
	return flow.Clone(s), nil
}

// News returns the News of an aggregate. Because the calendar stands still, Wait is a millisecond if the next due time
// has passed, and an hour otherwise. Hurry overrides this.
func (r *Record) News(_ context.Context, ref flow.Ref) (activities.News, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil {
		return activities.News{}, r.fault
	}
	return r.news(ref)
}

// Learn returns the News with which a run starts, and removes it from the outbox.
func (r *Record) Learn(ctx context.Context, ref flow.Ref) (activities.News, error) {
	news, err := r.News(ctx, ref)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if s := r.states[ref]; flow.RecordOf(s).Seq == news.Seq {
			delete(r.outbox, ref)
		}
	}
	return news, err
}

func (r *Record) news(ref flow.Ref) (activities.News, error) {
	s, exists := r.states[ref]
	if !exists {
		return activities.News{}, notFound(ref)
	}
	p := flow.ProgressOf(s)
	wait := r.wait
	if p.DueBy(r.now) {
		wait = time.Millisecond
	}
	return activities.Tell(p, r.epoch, wait), nil
}

// Hurry makes News report a short wait for the next due time although the calendar stands still, so that timers fire
// too early.
func (r *Record) Hurry(wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wait = wait
}

// OrganizationFacts returns what the demonstration's directory says about organizations.
func (r *Record) OrganizationFacts(_ context.Context, codes []string) ([]pilot.OrganizationFacts, error) {
	var all []pilot.OrganizationFacts
	for _, f := range r.facts {
		if slices.Contains(codes, f.CreditCode) {
			all = append(all, f)
		}
	}
	return all, nil
}

// Dossier returns a hash of the number of events.
func (r *Record) Dossier(_ context.Context, pilotID string) (string, error) {
	sum := sha256.Sum256([]byte(pilotID))
	return hex.EncodeToString(sum[:]), nil
}

// AccountNumber returns the account number that the project's organization gave when it signed the agreement.
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

// Delivered removes rows, unless they have changed since they were claimed.
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

// CarryFunds does nothing, because this record keeps no totals.
func (r *Record) CarryFunds(context.Context) (int64, error) { return 0, nil }

// WriteTurns does nothing, because this record keeps no list of turns.
func (r *Record) WriteTurns(context.Context, ...flow.Ref) (int, error) { return 0, nil }

// Resurface puts aggregates back into the outbox if they have duties or their next due time has passed.
func (r *Record) Resurface(context.Context) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref, s := range r.states {
		p := flow.ProgressOf(s)
		if r.outbox[ref] == nil && (slices.ContainsFunc(p.Duties, r.holds) || p.DueBy(r.now)) {
			r.put(ref)
			n++
		}
	}
	return n, nil
}

// Known returns which of the given aggregates exist.
func (r *Record) Known(_ context.Context, refs []flow.Ref) (map[flow.Ref]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := map[flow.Ref]bool{}
	for _, ref := range refs {
		known[ref] = r.states[ref] != nil
	}
	return known, nil
}

// OpenAggregates lists the aggregates that have not ended, sorted by id.
func (r *Record) OpenAggregates(_ context.Context, after flow.Ref, limit int) ([]flow.Ref, error) {
	var open []flow.Ref
	for _, ref := range r.Refs() {
		s, err := r.Load(context.Background(), ref)
		if err != nil {
			return nil, err
		}
		if byID(after, ref) < 0 && !flow.ProgressOf(s).Ended && len(open) < limit {
			open = append(open, ref)
		}
	}
	return open, nil
}

// Refs lists all aggregates, sorted by id.
func (r *Record) Refs() []flow.Ref {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []flow.Ref
	for ref := range r.states {
		all = append(all, ref)
	}
	slices.SortFunc(all, byID)
	return all
}

func byID(a, b flow.Ref) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind)) }

// Fail makes every call by activities fail with the given error from now on. Fail(nil) makes calls succeed again. The
// outbox always works.
func (r *Record) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = err
}

// Journal returns all events so far.
func (r *Record) Journal() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.journal)
}

// Settled reports whether the workflows have nothing to do until a person acts or the calendar moves.
func (r *Record) Settled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.states {
		if p := flow.ProgressOf(s); slices.ContainsFunc(p.Duties, r.holds) || p.DueBy(r.now) {
			return false
		}
	}
	return len(r.outbox) == 0
}

// holds reports whether the calendar must stand still until the duty is done.
func (r *Record) holds(d flow.Duty) bool { return d.Key != payment.Inquire || !r.goesOn }

// GoOn lets the calendar move although a bank has yet to respond to an inquiry.
func (r *Record) GoOn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.goesOn = true
}

// Now returns the current time on the record's calendar.
func (r *Record) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// MoveOn moves the calendar to the earliest due time of any aggregate, and signals the workflows that the calendar has
// jumped. It reports whether there was such a time.
func (r *Record) MoveOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var next time.Time
	for _, s := range r.states {
		if p := flow.ProgressOf(s); p.Next != nil && (next.IsZero() || p.Next.At.Before(next)) {
			next = p.Next.At
		}
	}
	if next.IsZero() {
		return false
	}
	r.jump(next)
	return true
}

// MoveTo moves the calendar to an instant, even if that skips due times.
func (r *Record) MoveTo(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jump(at)
}

func (r *Record) jump(at time.Time) {
	r.now = at
	r.epoch++
	for ref, s := range r.states {
		if flow.ProgressOf(s).DueBy(at) {
			r.put(ref)
		}
	}
}
