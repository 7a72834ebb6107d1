package commands

import (
	"context"
	"net"
	"net/http"
	"time"

	"terrace/bench/lifecycle"
	"terrace/bench/peer"
	"terrace/bench/stack"
)

// atExecute is Terrace called in-process.
type atExecute struct{ world *lifecycle.World }

func (atExecute) Start(context.Context) error { return nil }
func (atExecute) Stop()                       {}

// Ready prepares only as many villages as are missing, because any left over from one turn can be used in the next.
func (e atExecute) Ready(ctx context.Context, n int) error {
	if missing := n - e.world.Ready(); missing > 0 {
		return e.world.Prepare(ctx, missing)
	}
	return nil
}

func (e atExecute) Next() peer.Play {
	if v := e.world.Take(); v != nil {
		return executing{v}
	}
	return nil
}

type executing struct{ village *lifecycle.Village }

func (p executing) Decide(ctx context.Context, n int) (peer.Answer, error) {
	return execute(ctx, p.village, n, peer.Asked)
}

// execute sends the nth decision at Execute. It returns asked unless the workflow has already made the decision.
func execute(ctx context.Context, v *lifecycle.Village, n int, asked peer.Answer) (peer.Answer, error) {
	recorded, err := v.Execute(ctx, n)
	if !recorded {
		return peer.Overtaken, err
	}
	return asked, err
}

// overHTTP is Terrace as its users reach it: “terrace api” on a loopback port, with a token for each sender. The
// workflow's decisions have no URL, so they are sent at Execute, as workers do.
type overHTTP struct {
	atExecute
	stack  *stack.Stack
	api    *stack.Process
	base   string
	client *http.Client
}

// Start starts the program. Its connections stay open between requests, like those of a browser or a proxy.
func (e *overHTTP) Start(ctx context.Context) (err error) {
	e.api, e.base, err = e.stack.API(ctx, e.world.URL, e.world.Environment()...)
	e.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		MaxIdleConnsPerHost: 2 * most, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	}}
	return err
}

func (e *overHTTP) Stop() {
	e.client.CloseIdleConnections()
	e.api.Stop()
}

func (e *overHTTP) Next() peer.Play {
	if v := e.world.Take(); v != nil {
		return requesting{e, v}
	}
	return nil
}

type requesting struct {
	engine  *overHTTP
	village *lifecycle.Village
}

func (p requesting) Decide(ctx context.Context, n int) (peer.Answer, error) {
	if lifecycle.Steps[n].Machine {
		if err := p.village.Look(ctx, n); err != nil {
			return peer.Unasked, err
		}
		return execute(ctx, p.village, n, peer.Unasked)
	}
	r, err := p.village.Request(n)
	if err != nil {
		return peer.Asked, err
	}
	return peer.Asked, r.Post(ctx, p.engine.client, p.engine.base)
}
