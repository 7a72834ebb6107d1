package driving

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"terrace/bench/lifecycle"
	"terrace/bench/result"
	"terrace/bench/stack"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/worker"
	"terrace/workflows"
)

// terrace is Terrace as in production: an API, a worker with the relay, and simulated users who send their decisions
// over HTTP.
type terrace struct {
	stack    *stack.Stack
	world    *lifecycle.World
	temporal client.Client
	http     http.Client
}

func openTerrace(ctx context.Context, s *stack.Stack) (*terrace, error) {
	record, err := s.NewRecord(ctx, "driving")
	if err != nil {
		return nil, err
	}
	folder, err := s.Folder()
	if err != nil {
		return nil, err
	}
	w, err := lifecycle.Open(ctx, record, folder)
	if err != nil {
		return nil, err
	}
	c, err := worker.Dial(s.TemporalAddress(), stack.Namespace, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &terrace{stack: s, world: w, temporal: c, http: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}, nil
}

func (*terrace) name() string { return result.Terrace }

func (t *terrace) close() error {
	t.temporal.Close()
	t.world.Close()
	return nil
}

// warming is the number of warm-up lifecycles before those that count: one pilot's.
const warming = 24

// carry keeps the approved pilots in the outbox until the worker is running, so that the start of every project is
// counted.
func (t *terrace) carry(ctx context.Context, h how, n int) (c carried, err error) {
	if err := t.prepare(ctx, n+warming); err != nil {
		return c, err
	}
	api, base, err := t.stack.API(ctx, t.world.URL, t.world.Environment()...)
	if err != nil {
		return c, err
	}
	defer api.Stop()
	carrier, err := t.stack.Worker(ctx, t.world.URL, t.world.Environment()...)
	if err != nil {
		return c, err
	}
	defer carrier.Stop()
	w, err := watchOver(ctx, t.world.URL)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	p := people{t: t, base: base, watch: w, how: h}
	if err := p.carry(ctx, t.take(warming)); err != nil {
		return c, err
	}
	villages := t.take(n)
	if c, err = (meter{t.stack, api, carrier}).measure(func() error { return p.carry(ctx, villages) }); err != nil {
		return c, err
	}
	c.lifecycles = len(villages)
	return c, c.count(ctx, t.temporal, runsOf(villages))
}

// prepare makes villages ready. It holds back their pilots' outbox rows and drops those left by earlier rounds.
func (t *terrace) prepare(ctx context.Context, n int) error {
	for t.world.Take() != nil {
		continue
	}
	if err := t.world.Prepare(ctx, n); err != nil {
		return err
	}
	return errors.Join(
		t.stack.Execute(ctx, t.world.URL, "update outbox set leased_until = now() + interval '1 hour'"),
		t.stack.Execute(ctx, t.world.URL, "update clock set day_ms = 86400000"), // on a virtual calendar, days take as long as real ones
		t.stack.Checkpoint(ctx),
	)
}

func (t *terrace) take(n int) (villages []*lifecycle.Village) {
	for range n {
		if v := t.world.Take(); v != nil {
			villages = append(villages, v)
		}
	}
	return villages
}

func pilotOf(v *lifecycle.Village) flow.Ref {
	id, _, _ := strings.Cut(v.Project.ID, ".")
	return flow.Ref{Kind: pilot.Kind, ID: id}
}

// refsOf returns the villages' pilots, projects and payments.
func refsOf(villages []*lifecycle.Village) (refs []flow.Ref) {
	for _, v := range villages {
		if home := pilotOf(v); !slices.Contains(refs, home) {
			refs = append(refs, home)
		}
		refs = append(refs, v.Project, v.Payment)
	}
	return refs
}

// runsOf returns the ids of the workflows that carried the villages.
func runsOf(villages []*lifecycle.Village) (ids []string) {
	for _, ref := range refsOf(villages) {
		ids = append(ids, workflows.IDOf(ref))
	}
	return ids
}

// people are the simulated users, who send all decisions except those that workflows make themselves.
type people struct {
	t     *terrace
	base  string
	watch *watch
	how   how
}

// carry has the pilots' workflows start the projects and the simulated users decide, until nothing is left to do.
func (p people) carry(ctx context.Context, villages []*lifecycle.Village) error {
	for _, ref := range refsOf(villages) {
		if ref.Kind != pilot.Kind {
			continue
		}
		release := fmt.Sprintf("update outbox set leased_until = null where kind = 'pilot' and id = '%s'", ref.ID)
		if err := p.t.stack.Execute(ctx, p.t.world.URL, release); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(clients[p.how])
	for _, v := range villages {
		group.Go(func() error { return p.live(ctx, v) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return p.watch.untilQuiet(refsOf(villages)...)
}

// leads marks the decisions after which the next one must wait for the workflow.
var leads = map[int]bool{2: true, 5: true, 7: true}

// live sends the users' decisions about one village.
func (p people) live(ctx context.Context, v *lifecycle.Village) error {
	if err := p.watch.untilDone(pilotOf(v)); err != nil { // the village has been started
		return err
	}
	if err := p.rest(ctx, v, true); err != nil {
		return err
	}
	for n, step := range lifecycle.Steps {
		if step.Machine {
			continue
		}
		r, err := v.Request(n)
		if err != nil {
			return err
		}
		if err := r.Post(ctx, &p.t.http, p.base); err != nil {
			return err
		}
		if err := p.rest(ctx, v, leads[n]); err != nil {
			return err
		}
	}
	return nil
}

// settling is the time allowed for the workflows' last tasks after the last signal has reached them.
const settling = 150 * time.Millisecond

// rest waits for as long as users with this pace would.
func (p people) rest(ctx context.Context, v *lifecycle.Village, leads bool) error {
	if p.how == backToBack {
		if leads {
			return p.watch.untilDone(v.Project, v.Payment)
		}
		return nil
	}
	if err := p.watch.untilQuiet(v.Project, v.Payment); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(settling):
	}
	return ctx.Err()
}
