package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // it waits until the record is quiet

	"terrace/demo/zhuanglang"
	"terrace/e2e/soak/check"
)

// options configures a soak.
type options struct {
	Repository string
	Program    string // the tested program; the previous one is upgraded to it
	Folder     string // for this soak only; empty means a new one
	Pilots     int
	Kills      int
	Seed       uint64
	Day        time.Duration // real duration of a virtual day
	Between    time.Duration // average time between faults
	Open       int           // maximum number of pilots open at once
	Clients    int           // maximum number of concurrent requests
	Calm       bool          // injects no faults, to measure the speed
	Limit      time.Duration // time limit for the people and the kills; whatever has not ended by then is stuck
	Progress   func(progress)
}

// progress is how far a soak has got.
type progress struct {
	Phase          string
	Share          float64
	Pilots, OfAll  int
	Kills, OfKills int
	Posted         int
	Took           time.Duration
}

// soak is one run: a stack, its simulated people, and the faults.
type soak struct {
	options
	ctx      context.Context
	life     context.Context // for the pilots' simulated users
	give     context.CancelFunc
	stack    *stack
	almanac  *almanac
	people   *people
	follower *follower
	cashier  *cashier
	chaos    *chaos
	disk     *disk
	dossiers []*dossier

	done       atomic.Int64 // pilots whose people have finished
	waiting    atomic.Int64 // pilots waiting for the last day of the rollout
	posted     atomic.Int64 // payments posted
	kinds      sync.Map     // kind of each pilot, by id
	misbehaved tallies      // the bank's faults, as counted by the bank
	over       atomic.Bool  // all simulated users have finished
	late       string       // how far the people had got when the limit passed
	began      time.Time
}

// start sets up one soak from scratch. The stack is still running when start returns, unless it failed.
func start(ctx context.Context, o options) (*soak, error) {
	s := &soak{options: o, ctx: ctx, began: time.Now(), dossiers: draftPlans(o.Pilots, o.Seed)}
	s.life, s.give = context.WithCancel(ctx)
	program, err := copied(o.Program, o.Folder)
	if err != nil {
		return nil, err
	}
	s.Program = program
	if !o.Calm {
		s.tell("building the previous program")
		if program, err = buildPrevious(ctx, o.Repository, o.Folder); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(o.Folder, "evidence"), 0o750); err != nil {
		return nil, err
	}
	if s.disk, err = newDisk(filepath.Join(o.Folder, "evidence")); err != nil {
		return nil, err
	}
	s.tell("starting the stack")
	if s.stack, err = newStack(ctx, o.Repository, o.Folder, program, o.Day); err != nil {
		return nil, errors.Join(err, s.disk.close())
	}
	if err := s.populate(); err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

// copied copies the program, which may be rebuilt while the soak runs.
func copied(program, folder string) (string, error) {
	text, err := os.ReadFile(program) //nolint:gosec // the user names the file
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "terrace")
	return path, os.WriteFile(path, text, 0o700) //nolint:gosec // a program
}

// end stops everything. The output remains in the folder.
func (s *soak) end() error {
	s.stack.end()
	return errors.Join(s.disk.close(), s.people.log.close())
}

// populate gives the record its calendar, and registers the people and places.
func (s *soak) populate() (err error) {
	if s.almanac, err = startAlmanac(s.ctx, s.stack); err != nil {
		return err
	}
	world := filepath.Join(s.Folder, "world.json")
	if err := writeRegister(world, s.dossiers); err != nil {
		return err
	}
	if _, err := s.stack.terrace(s.ctx, "register", world); err != nil {
		return err
	}
	log, err := openIntentLog(s.intentsPath())
	if err != nil {
		return err
	}
	s.people = newPeople(s.life, s.stack, log, s.Clients)
	s.cashier = &cashier{soak: s, overdue: map[string]concern{}}
	s.follower = newFollower(func(h happening) {
		if h.Kind == "payment" && h.Name == "posted" {
			s.posted.Add(1)
		}
		s.cashier.hears(h)
	})
	s.chaos = &chaos{
		stack: s.stack, almanac: s.almanac, disk: s.disk, between: s.Between, kills: s.Kills,
		random: rand.New(rand.NewPCG(s.Seed, 1)), //nolint:gosec // a repeated seed gives the same faults
	}
	return s.hurryPayments(s.ctx)
}

func (s *soak) intentsPath() string { return filepath.Join(s.Folder, "intents.jsonl") }

func (s *soak) kindOf(pilot string) string {
	kind, _ := s.kinds.Load(pilot)
	text, _ := kind.(string)
	return text
}

// live lets people act and faults happen until the people have finished and the kills are made, or the limit passes. It
// then waits until nothing moves.
func (s *soak) live() error {
	ctx, stop := context.WithCancel(s.ctx)
	limited, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	var beside sync.WaitGroup
	defer beside.Wait()
	defer stop()
	for _, f := range []func(context.Context){
		s.almanac.run, func(ctx context.Context) { s.follower.follow(ctx, s.stack.database) }, s.cashier.watchBank, s.upload, s.watch,
	} {
		beside.Go(func() { f(ctx) })
	}
	var stories sync.WaitGroup
	stories.Go(s.everybody)
	told := make(chan struct{})
	go func() {
		defer close(told)
		stories.Wait()
		s.over.Store(true)
	}()
	beside.Go(func() { s.reachLastDay(ctx) })
	if !s.Calm {
		late := func() bool { return limited.Err() != nil }
		s.chaos.run(ctx, late, s.share, act{"upgrade of schema and programs", 30, s.upgrade}, act{"loss of all that Temporal knows", 60, s.loseTemporal})
	}
	select {
	case <-told:
	case <-limited.Done():
	}
	if limited.Err() != nil {
		s.late = fmt.Sprintf("after %s, the people of %d of %d pilots had finished, and %d of %d kills had been made", s.Limit, s.done.Load(), s.Pilots, s.chaos.made.Load(), s.Kills)
		s.give()
		<-told
	}
	err := s.quiet()
	s.almanac.stop()
	return err
}

// share returns the fraction of due payments that have been posted.
func (s *soak) share() float64 {
	if s.over.Load() {
		return 1
	}
	due := 0
	for _, d := range s.dossiers {
		due += len(d.Grants) * len(d.Shares)
		if d.Paid {
			due++
		}
	}
	return min(1, float64(s.posted.Load())/float64(max(due, 1)))
}

// everybody starts pilots, keeping as many open at once as allowed, beginning with those that go all the way to the
// archive.
func (s *soak) everybody() {
	var all sync.WaitGroup
	open := make(chan struct{}, s.Open)
	for _, d := range s.dossiers {
		if d.Kind == whole {
			all.Go(func() { s.story(d) })
		}
	}
	for _, d := range s.dossiers {
		if d.Kind == whole || s.life.Err() != nil {
			continue
		}
		open <- struct{}{}
		all.Go(func() {
			defer func() { <-open }()
			s.story(d)
		})
	}
	all.Wait()
	s.cashier.busy.Wait()
}

func (s *soak) story(d *dossier) {
	if (&story{soak: s, dossier: d}).tell() {
		s.done.Add(1)
	}
}

// reachLastDay makes the calendar jump to the last day of the rollout once no pilot is waiting for anything else.
func (s *soak) reachLastDay(ctx context.Context) {
	whole := int64(0)
	for _, d := range s.dossiers {
		if d.Archived {
			whole++
		}
	}
	for ; ctx.Err() == nil; pause(ctx, time.Second) {
		if s.waiting.Load() < whole || s.done.Load()+whole < int64(len(s.dossiers)) {
			continue
		}
		if span := lastDay.AddDays(1).At(6, 0).Sub(s.almanac.now()); span > 0 {
			if err := s.almanac.jump(ctx, span); err != nil && ctx.Err() == nil {
				s.chaos.errors.note("the last day: %v", err)
			}
			s.chaos.counts.add("jump of the calendar", 1)
		}
		return
	}
}

// upload plays a clerk who continually uploads files.
func (s *soak) upload(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		file := fmt.Appendf(nil, "file %d of the clerk, %s\n%4096d\n", n, s.Folder, n)
		if _, err := s.people.upload(zhuanglang.CountyOfficer, "text/plain", file); err != nil {
			return
		}
		pause(ctx, 700*time.Millisecond)
	}
}

// quiet waits until nothing is owed, undelivered, due or in progress.
func (s *soak) quiet() error {
	s.tell("waiting until nothing moves")
	var left string
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline) && s.ctx.Err() == nil; pause(s.ctx, time.Second) {
		now, err := s.moving()
		if err == nil && now == "" {
			return nil
		}
		if now != left {
			left = now
			s.tell("still " + left)
		}
	}
	if err := s.ctx.Err(); err != nil {
		return fmt.Errorf("the time limit has passed: %w; still %s", err, left)
	}
	return nil // the checker reports what is stuck
}

// moving describes what is still in progress.
func (s *soak) moving() (left string, err error) {
	conn, err := pgx.Connect(s.ctx, s.stack.database)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(s.ctx)) }()
	err = conn.QueryRow(s.ctx, `
		select coalesce(string_agg(n || ' ' || what, ', '), '') from (
			select 'outbox' as what, count(*) as n from outbox
			union all select 'owing', count(*) from aggregate where owes
			union all select 'due', count(*) from aggregate where not ended and next_at <= terrace_now()
			union all select 'payments', count(*) from aggregate where kind = 'payment' and not ended
		) t where n > 0`).Scan(&left)
	return left, err
}

// watch reports progress and adds up the bank's faults, because the bank's own count restarts when it is killed.
func (s *soak) watch(ctx context.Context) {
	before := map[string]int{}
	for ; ctx.Err() == nil; pause(ctx, time.Second) {
		s.tell("")
		now := map[string]int{}
		if s.stack.ofBank(ctx, "/admin/counts", &now) != nil {
			continue
		}
		if now["requests"] < before["requests"] {
			before = map[string]int{}
		}
		for fault, n := range now {
			s.misbehaved.add(fault, n-before[fault])
		}
		before = now
	}
}

func (s *soak) tell(phase string) {
	if s.Progress == nil {
		return
	}
	p := progress{Phase: phase, Share: s.share(), OfAll: s.Pilots, OfKills: s.Kills, Took: time.Since(s.began), Pilots: int(s.done.Load()), Posted: int(s.posted.Load())}
	if s.chaos != nil {
		p.Kills = int(s.chaos.made.Load())
	}
	s.Progress(p)
}

// sources returns the locations of everything that the checker reads.
func (s *soak) sources() (check.Sources, error) {
	c := check.Sources{
		Record: s.stack.database, Temporal: inDatabase(s.stack.server, "temporal"), Visibility: inDatabase(s.stack.server, "temporal_visibility"),
		Intents: s.intentsPath(), API: s.stack.apis[0], Token: token(zhuanglang.AuditorPerson),
	}
	return c, s.stack.ofBank(s.ctx, "/admin/transfers", &c.Bank)
}
