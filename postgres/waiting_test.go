package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// outside opens a transaction of another program that holds the statement's locks until letGo is called.
func (r *record) outside(sql string, args ...any) (letGo func()) {
	r.t.Helper()
	tx, err := r.connect().Begin(r.t.Context())
	must(r.t, err)
	_, err = tx.Exec(r.t.Context(), sql, args...)
	must(r.t, err)
	return func() { must(r.t, tx.Rollback(context.Background())) }
}

// bystander is a pilot that is never locked, with requests that must succeed all the same.
type bystander struct {
	*record
	pilot flow.Ref
}

// goesOn lists the requests that must succeed however many commands are waiting, by the pool that serves them.
func (b bystander) goesOn(ctx context.Context) map[string]map[string]func() error {
	person := b.who[zhuanglang.CountyOfficer]
	execute := func(c flow.Command) error {
		_, err := b.Execute(ctx, c)
		return err
	}
	carrier := postgres.Carrier{Store: b.Store}
	refuse := func(actor, name string, payload flow.Payload) error {
		err := execute(b.command(actor, name, b.pilot, payload))
		if refused, ok := domain.Refused(err); !ok || refused.Code != "wrong-stage" {
			return fmt.Errorf("want a refusal, got: %w", err)
		}
		return nil
	}
	signIn := func() error { // with a token that no process has cached
		_, err := b.ActorByToken(ctx, uuid.NewString())
		if refused, ok := domain.Refused(err); !ok || refused.Code != "unauthenticated" {
			return fmt.Errorf("want a refusal, got: %w", err)
		}
		return nil
	}
	return map[string]map[string]func() error{
		"answers": {
			"reading": func() error { _, err := b.Load(ctx, b.pilot); return err },
			"a list": func() error {
				_, err := postgres.Pilots.Page(ctx, b.Store, postgres.Filter{Reader: everything})
				return err
			},
			"the feed":         func() error { _, err := b.Tail(ctx, 0, 500); return err },
			"the feed's start": func() error { _, err := b.LastPosition(ctx); return err },
			"the fund": func() error {
				_, err := b.FundOverview(ctx, postgres.FundFilter{Reader: everything, Programme: b.demo.Programme})
				return err
			},
		},
		"commands": {
			"a guess":     func() error { return execute(b.saveDraft(b.pilot, "照常")) },
			"a creation":  func() error { return execute(b.draft(newPilot())) },
			"a judgement": func() error { return refuse(person.ID, "accept", &pilot.Accept{}) },
			"a file": func() error {
				return b.SaveEvidence(ctx, postgres.Evidence{SHA256: slip, MediaType: "image/png", Size: 4, Name: "图.png", UploadedBy: person.ID})
			},
		},
		"activities": {
			"a workflow's command": func() error {
				for { // Temporal retries it while another command holds the pilot's lock for longer than usual
					err := refuse(domain.Workflow.ID, "record-checks", &pilot.RecordChecks{})
					if !postgres.Busy(err) || ctx.Err() != nil {
						return err
					}
				}
			},
			"a workflow's news":     func() error { _, err := b.News(ctx, b.pilot); return err },
			"a workflow's reading":  func() error { _, err := carrier.Load(ctx, b.pilot); return err },
			"a workflow's clock":    func() error { _, err := carrier.Now(ctx); return err },
			"a workflow's sweeping": func() error { _, err := b.DueSwept(ctx, postgres.Due{}, 10); return err },
			"an account number":     func() error { _, err := carrier.AccountNumber(ctx, b.pilot); return err },
		},
		"relay": {
			"the relay's lease": func() error {
				deliveries, err := b.Claim(ctx, 16, time.Minute)
				return errors.Join(err, b.Delivered(ctx, deliveries))
			},
			"resurfacing": func() error { _, err := b.Resurface(ctx); return err },
			"sums":        func() error { _, err := b.CarryFunds(ctx); return err },
			"turns":       func() error { _, err := b.WriteTurns(ctx); return err },
		},
		"care":      {"verifying": func() error { _, err := b.Verify(ctx, func(int, int) {}); return err }},
		"door":      {"signing in": signIn},
		"readiness": {"readiness": func() error { return b.Ping(ctx) }},
		"waiting":   {},
	}
}

func TestAnExhaustedPoolKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	r := open(t)
	b := bystander{r, r.drafted()}
	ctx := t.Context()
	answered := func(ask func() error) error { // or gives up: a request that needs a connection of this pool waits forever
		said := make(chan error, 1)
		go func() { said <- ask() }()
		select {
		case err := <-said:
			return err
		case <-time.After(time.Minute):
			return errors.New("no answer within a minute")
		}
	}
	for _, exhausted := range r.PoolNames() {
		letGo := r.Exhaust(t, exhausted)
		for pool, all := range b.goesOn(ctx) {
			for name, ask := range all {
				if pool == exhausted {
					continue
				}
				if err := answered(ask); err != nil {
					t.Errorf("without connections for %s, %s: %v", exhausted, name, err)
				}
			}
		}
		letGo()
	}
	for _, all := range b.goesOn(ctx) {
		for name, ask := range all {
			if err := answered(ask); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// lock is something that another program holds, with commands that need it.
type lock struct {
	sql      string
	args     []any
	commands []flow.Command
}

// most is the maximum number of the commands that may wait in the database: one for each aggregate, and no more than
// the pool has connections.
func (l lock) most() int {
	of := map[flow.Ref]bool{}
	for _, c := range l.commands {
		of[c.Aggregate] = true
	}
	return min(len(of), 4)
}

const senders = 200

func repeated(command func() flow.Command) (all []flow.Command) {
	for range senders {
		all = append(all, command())
	}
	return all
}

// locks are the locks that a command can meet, each with 200 commands that wait for it.
var locks = map[string]func(*record) lock{
	"a pilot": func(r *record) lock {
		ref := r.drafted()
		return lock{"select from aggregate where id = $1 for update", []any{ref.ID}, repeated(func() flow.Command { return r.saveDraft(ref, "等待") })}
	},
	"forty pilots": func(r *record) lock {
		var ids []string
		var commands []flow.Command
		for range 40 {
			ref := r.drafted()
			ids = append(ids, ref.ID)
			for range senders / 40 {
				commands = append(commands, r.saveDraft(ref, "等待"))
			}
		}
		return lock{"select from aggregate where id = any($1) for update", []any{ids}, commands}
	},
	"a payment": func(r *record) lock {
		_, _, ref := r.inPayment()
		return lock{"select from aggregate where id = $1 for update", []any{ref.ID}, repeated(func() flow.Command {
			return r.command(zhuanglang.CountyFinance, "release", ref, &payment.ReleasePayment{})
		})}
	},
	"a fund": func(r *record) lock {
		r.sql(fmt.Sprintf("insert into ledger_account (owner, name, category, floor) values ('%s', 'fund', '', -120000000)", r.demo.Programme))
		l := r.approvals()
		l.sql = "select from ledger_account where name = 'fund' for update"
		return l
	},
	"a number that somebody claims": func(r *record) lock {
		l := r.approvals()
		l.sql, l.args = "insert into claim (key, kind, id) values ($1, 'pilot', 'another')", []any{"approval-number:甘民发〔2017〕9号"}
		return l
	},
	"the clock": func(r *record) lock {
		ref := r.drafted()
		return lock{"select from clock for update", nil, repeated(func() flow.Command { return r.saveDraft(ref, "等待") })}
	},
	"the places": func(r *record) lock {
		r.sql("delete from reach") // so that starting a pilot must enter its place
		return lock{"select from place_version for update", nil, repeated(func() flow.Command { return r.draft(newPilot()) })}
	},
}

// approvals returns commands that all need the same fund and the same approval number.
func (r *record) approvals() lock {
	ref := r.onNotice()
	r.passTime(ref)
	return lock{commands: repeated(func() flow.Command {
		return r.command(zhuanglang.ProvinceApprover, "approve", ref, &pilot.Approve{Number: "甘民发〔2017〕9号"})
	})}
}

// heldUp lists the other requests that each lock delays. They must end in time, too.
var heldUp = map[string][]string{
	"the clock":  {"a guess", "a creation", "a judgement", "a workflow's command"},
	"the places": {"a creation"},
}

func TestALockKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	for name, prepare := range locks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			b := bystander{r, r.drafted()}
			l := prepare(r)
			letGo := r.outside(l.sql, l.args...)
			errs := make([]error, len(l.commands))
			var everybody sync.WaitGroup
			for i, c := range l.commands {
				everybody.Go(func() { _, errs[i] = r.Execute(context.Background(), c) })
			}
			eventually(t, "somebody waits", func() bool { return r.waitingIn("waiting") > 0 })
			eventually(t, "nobody waits with a connection of those who have not", func() bool { return r.waitingIn("commands") == 0 })
			b.ask(heldUp[name])
			if n := r.waitingIn("waiting"); n > l.most() {
				t.Errorf("%d wait in the database", n)
			}
			everybody.Wait()
			for i, err := range errs {
				if !postgres.Busy(err) || postgres.Away(err) {
					t.Fatalf("command %d: %v", i, err)
				}
			}
			r.nothingLost()
			letGo()
			sent := map[flow.Ref]bool{}
			for _, c := range l.commands {
				if !sent[c.Aggregate] {
					r.execute(c)
				}
				sent[c.Aggregate] = true
			}
			r.sound()
			r.nothingLost()
		})
	}
}

// atOnce is the time limit of a request that needs no lock. One that needs the lock waits longer, or forever.
const atOnce = 4 * time.Second

// ask requires that all requests of goesOn succeed at once, except those in heldUp.
func (b bystander) ask(heldUp []string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), atOnce)
	defer cancel()
	var everything sync.WaitGroup
	for _, all := range b.goesOn(ctx) {
		for what, ask := range all {
			if slices.Contains(heldUp, what) {
				continue
			}
			everything.Go(func() {
				if err := ask(); err != nil {
					b.t.Errorf("%s: %v", what, err)
				}
			})
		}
	}
	everything.Wait()
}

// waitingIn returns the number of a pool's connections that wait for a lock.
func (r *record) waitingIn(pool string) int {
	r.t.Helper()
	return one[int](r, `select count(*) from pg_stat_activity
		where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`, "terrace "+pool)
}

func (r *record) nothingLost() {
	r.t.Helper()
	eventually(r.t, "nobody holds anything", func() bool { return len(r.Lost()) == 0 })
}

// Waiting commands go on as soon as the lock is free, each exactly once.
func TestWaitingCommandsGoOnWhenTheLockIsFree(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	letGo := r.outside("select from aggregate where id = $1 for update", ref.ID)
	const drafts = 50
	errs := make([]error, drafts)
	var everybody sync.WaitGroup
	for i := range drafts {
		everybody.Go(func() { _, errs[i] = r.Execute(context.Background(), r.saveDraft(ref, fmt.Sprint(i))) })
	}
	eventually(t, "somebody waits as one who has waited", func() bool { return r.waitingIn("waiting") == 1 })
	letGo()
	everybody.Wait()
	must(t, errors.Join(errs...))
	if version := one[int](r, "select version from aggregate where id = $1", ref.ID); version != 1+drafts {
		t.Errorf("version %d", version)
	}
	r.sound()
	r.nothingLost()
}

// A workflow's command that meets a lock fails at once: its activity is retried, and waits without a connection.
func TestAWorkflowsCommandWaitsInTemporal(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	r.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	facts, err := r.OrganizationFacts(t.Context(), r.creditCodes())
	must(t, err)
	letGo := r.outside("select from aggregate where id = $1 for update", ref.ID)
	c := r.command(domain.Workflow.ID, "record-checks", ref, &pilot.RecordChecks{Facts: facts})
	begun := time.Now()
	_, err = r.Execute(t.Context(), c)
	if took := time.Since(begun); took > atOnce {
		t.Errorf("it waited for %v", took)
	}
	if _, refused := domain.Refused(err); refused || !postgres.Busy(err) {
		t.Errorf("got %v", err)
	}
	letGo()
	r.execute(c)
	r.nothingLost()
}

// A stranger's wait would reveal that the aggregate exists, and strangers could keep its users waiting.
func TestAStrangerDoesNotWait(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	theirs := r.draft(newPilot())
	theirs.Actor = r.who[zhuanglang.ProvinceOfficer]
	r.execute(theirs)
	used := r.saveDraft(ref, "重号") // under an id that they have used for something else
	used.Actor, used.ID = theirs.Actor, theirs.ID
	letGo := r.outside("select from aggregate where id = $1 for update", ref.ID)
	defer letGo()
	c := r.saveDraft(ref, "越权")
	c.Actor = r.who[zhuanglang.PublicPerson]
	for range 2 {
		began := time.Now()
		_, err := r.Execute(t.Context(), c)
		refused(t, err, "not-found")
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("a stranger waited for %v", took)
		}
	}
	waiting := make(chan error, 1)
	go func() { // this command has the turn and waits for the lock
		_, err := r.Execute(context.Background(), r.saveDraft(ref, "等待"))
		waiting <- err
	}()
	for {
		_, err := r.Execute(t.Context(), c)
		refused(t, err, "not-found")
		_, err = r.Execute(t.Context(), used)
		refused(t, err, "not-found")
		select {
		case err := <-waiting:
			if !postgres.Busy(err) {
				t.Errorf("its own office gets %v", err)
			}
			return
		default:
		}
	}
}

// Nor may a stranger's command wait a tenth of a second for a lock when the process remembers nothing of the record.
func TestAStrangersFirstCommandMeetsNoLock(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	letGo := r.outside("select from aggregate where id = $1 for update", ref.ID)
	defer letGo()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &cutter{}
	store := r.reach(c.through(t, r.as))
	var met atomic.Bool
	watch := func(answer []byte) (lost bool) {
		if bytes.Contains(answer, []byte("due to lock timeout")) { // the command has waited for the lock, and not merely found it taken
			met.Store(true)
			cancel()
		}
		return false
	}
	c.cut.Store(&watch)
	stranger := r.saveDraft(ref, "越权")
	stranger.Actor = r.who[zhuanglang.PublicPerson]
	_, err := store.Execute(t.Context(), stranger)
	if refused(t, err, "not-found"); met.Load() {
		t.Error("a stranger has waited for the lock")
	}
	if _, err := store.Execute(ctx, r.saveDraft(ref, "等待")); err == nil || !met.Load() {
		t.Errorf("its own office does not wait: %v", err)
	}
}

// The response to a guess is lost, and what would reveal its outcome is locked. The error must not claim that nothing
// was done.
func TestACommandThatMayHaveTakenEffectIsNotReportedAsUndone(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	c := &cutter{}
	store := r.reach(c.through(t, r.as))
	for range 2 { // the second is a guess
		_, err := store.Execute(t.Context(), r.saveDraft(ref, "先"))
		must(t, err)
	}
	holder := r.connect()
	var locked error
	var once sync.Once
	cut := func(answer []byte) (lost bool) {
		if bytes.Contains(answer, []byte("SELECT 1\x00")) {
			once.Do(func() {
				_, locked = holder.Exec(context.Background(), "begin; select from aggregate where id = '"+ref.ID+"' for update")
				lost = true
			})
		}
		return lost
	}
	c.cut.Store(&cut)
	command := r.saveDraft(ref, "后")
	_, err := store.Execute(t.Context(), command)
	must(t, locked)
	if !postgres.Busy(err) || !postgres.Away(err) {
		t.Errorf("got %v", err)
	}
	_, err = holder.Exec(t.Context(), "rollback")
	must(t, err)
	if outcome, err := store.Execute(t.Context(), command); err != nil || !outcome.Repeated {
		t.Errorf("sent again: %+v, %v", outcome, err)
	}
}

// A command stops waiting when its sender disconnects.
func TestASenderWhoHasGoneStopsWaiting(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	letGo := r.outside("select from aggregate where id = $1 for update", ref.ID)
	defer letGo()
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := r.Execute(ctx, r.saveDraft(ref, "走了"))
			errs <- err
		}()
	}
	eventually(t, "somebody waits", func() bool { return r.waitingIn("waiting") == 1 })
	cancel()
	for range 2 {
		if err := <-errs; !errors.Is(err, context.Canceled) || postgres.Busy(err) {
			t.Errorf("got %v", err)
		}
	}
}

// A prepared statement meets a lock only when it runs, after the statement that sets the reader.
func TestAReadThatMeetsALockReleasesItsConnection(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	list := func() error {
		_, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{Place: "620800"}})
		return err
	}
	all := func(n int) (errs []error) {
		answers := make(chan error, n)
		for range n {
			go func() { answers <- list() }()
		}
		for range n {
			errs = append(errs, <-answers)
		}
		return errs
	}
	for range 5 { // every connection has prepared it
		must(t, errors.Join(all(24)...))
	}
	for _, table := range []string{"reach", "pilot_row"} {
		letGo := r.outside("lock table " + table + " in access exclusive mode")
		for _, err := range all(24) {
			if !postgres.Busy(err) {
				t.Errorf("with %s locked: %v", table, err)
			}
		}
		letGo()
		must(t, errors.Join(all(24)...))
	}
	r.nothingLost()
}

func TestAReadWithoutAFreeConnectionIsBusy(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	letGo := r.Exhaust(t, "answers")
	_, err := r.Load(t.Context(), ref)
	_, err2 := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything})
	_, err3 := r.FundOverview(t.Context(), postgres.FundFilter{Reader: everything, Programme: r.demo.Programme})
	for _, err := range []error{err, err2, err3} {
		if !postgres.Busy(err) {
			t.Errorf("it gets %v", err)
		}
	}
	letGo()
	_, err = r.Load(t.Context(), ref)
	must(t, err)
}
