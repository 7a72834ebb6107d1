package commands

import (
	"context"
	"slices"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
	"terrace/bench/peer/dbos"
	"terrace/bench/peer/floor"
	"terrace/bench/peer/goworkflows"
	"terrace/bench/peer/river"
	"terrace/bench/peer/temporal"
	"terrace/bench/result"
	"terrace/bench/stack"
)

// States of Temporal during a measurement.
const (
	none    = "none"    // down; the engine does not need it
	quiet   = "quiet"   // up and idle; an engine that runs on Temporal has it to itself
	backlog = "backlog" // up, while workers and relay clear a backlog
)

// seats lists the contestants in table order.
var seats = [][3]string{
	{result.Floor, "execute", none},
	{result.Terrace, "execute", quiet},
	{result.Terrace, "execute", backlog},
	{result.Terrace, "http", quiet},
	{result.River, "execute", none},
	{result.DBOS, "execute", none},
	{result.DBOSApart, "execute", none},
	{result.GoWorkflows, "execute", none},
	{result.TemporalUpdate, "execute", quiet},
}

// field holds all contestants and what they share.
type field struct {
	stack   *stack.Stack
	world   *lifecycle.World
	engines []contestant
	rates   map[string]float64 // the best rates so far, in decisions per second
	closers []func()
}

// open prepares every contestant on its own databases, all on one PostgreSQL server.
func open(ctx context.Context, s *stack.Stack, progress stack.Progress) (_ *field, err error) {
	f := &field{stack: s, rates: map[string]float64{}}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	progress("prepare a record, and the script of a lifecycle")
	f.world, err = f.newWorld(ctx)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, f.world.Close)
	if err := f.world.Prepare(ctx, 1); err != nil {
		return nil, err
	}
	script, err := lifecycle.Record(ctx, f.world)
	if err != nil {
		return nil, err
	}
	if err := f.openPeers(ctx, script); err != nil {
		return nil, err
	}
	f.engines = append(f.engines,
		contestant{result.Terrace, "execute", quiet, atExecute{f.world}},
		contestant{result.Terrace, "http", quiet, &overHTTP{atExecute: atExecute{f.world}, stack: s}},
		contestant{result.Terrace, "execute", backlog, &busy{field: f, progress: progress}},
	)
	return f, nil
}

func (f *field) newWorld(ctx context.Context) (*lifecycle.World, error) {
	record, err := f.stack.NewRecord(ctx, "terrace")
	if err != nil {
		return nil, err
	}
	folder, err := f.stack.Folder()
	if err != nil {
		return nil, err
	}
	return lifecycle.Open(ctx, record, folder)
}

// closing is an engine that must be closed because it holds connections.
type closing interface {
	peer.Engine
	Close()
}

func (f *field) openPeers(ctx context.Context, script *lifecycle.Script) error {
	for _, p := range []struct {
		name, temporal string
		open           func(url string) (closing, error)
	}{
		{result.Floor, none, func(url string) (closing, error) { return floor.New(ctx, url, script) }},
		{result.River, none, func(url string) (closing, error) { return river.New(ctx, url, script) }},
		{result.DBOS, none, func(url string) (closing, error) { return dbos.New(ctx, url, script, true) }},
		{result.DBOSApart, none, func(url string) (closing, error) { return dbos.New(ctx, url, script, false) }},
		{result.GoWorkflows, none, func(url string) (closing, error) { return goworkflows.New(ctx, url, script) }},
		{result.TemporalUpdate, quiet, func(url string) (closing, error) {
			return temporal.New(ctx, url, script, f.stack.TemporalAddress, stack.Namespace)
		}},
	} {
		url, err := f.stack.NewRecord(ctx, "peer")
		if err != nil {
			return err
		}
		if err := lifecycle.WithoutRules(ctx, url); err != nil {
			return err
		}
		e, err := p.open(url)
		if err != nil {
			return err
		}
		f.closers = append(f.closers, e.Close)
		f.engines = append(f.engines, contestant{p.name, "execute", p.temporal, e})
	}
	return nil
}

func (f *field) close() {
	f.stack.StopTemporal()
	for _, c := range slices.Backward(f.closers) {
		c()
	}
}

// order returns the contestants in an order that varies from round to round: forward, backward, forward from the
// middle. Those that need Temporal are kept together.
func (f *field) order(round int) []contestant {
	var without, with []contestant
	for _, c := range f.engines {
		if c.temporal == none {
			without = append(without, c)
		} else {
			with = append(with, c)
		}
	}
	for _, group := range [][]contestant{without, with} {
		turned := slices.Concat(group[round%len(group):], group[:round%len(group)])
		if round%2 == 1 {
			slices.Reverse(turned)
		}
		copy(group, turned)
	}
	if round%2 == 1 {
		return slices.Concat(with, without)
	}
	return slices.Concat(without, with)
}

// setTemporal starts or stops Temporal as required by a contestant.
func (f *field) setTemporal(ctx context.Context, state string) error {
	if state == none {
		f.stack.StopTemporal()
		return nil
	}
	_, err := f.stack.StartTemporal(ctx)
	return err
}
