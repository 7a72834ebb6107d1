package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is a proxied connection between two parts of the stack that can be degraded.
type link struct {
	name  string
	proxy *toxiproxy.Proxy
}

// newLink picks an address and forwards connections from it to upstream.
func newLink(ctx context.Context, name, upstream string) (*link, error) {
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics write to the program's own log
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &link{name, toxiproxy.NewProxy(server, name, listen, upstream)}
	return l, l.proxy.Start()
}

func (l *link) address() string { return l.proxy.Listen }

// toxic is one way of degrading a link.
type toxic struct {
	name       string
	kind       string // toxiproxy's name for it
	attributes string
}

// toxics lists how links are degraded: delays, low bandwidth, resets, cuts after some bytes, and half-open connections,
// on which data is silently lost.
var toxics = []toxic{
	{"latency", "latency", `{"latency": 200, "jitter": 150}`},
	{"bandwidth", "bandwidth", `{"rate": 64}`},
	{"reset", "reset_peer", `{"timeout": 50}`},
	{"timeout", "timeout", `{"timeout": 700}`},
	{"half-open", "timeout", `{"timeout": 0}`},
	{"cut", "limit_data", `{"bytes": 20000}`},
}

// spoil degrades the link in one direction for a while.
func (l *link) spoil(ctx context.Context, t toxic, random *rand.Rand, span time.Duration) error {
	stream := []string{"upstream", "downstream"}[random.IntN(2)]
	order := fmt.Sprintf(`{"name": %q, "type": %q, "stream": %q, "attributes": %s}`, t.name, t.kind, stream, t.attributes)
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(order)); err != nil {
		return fmt.Errorf("%s of the link %s: %w", t.name, l.name, err)
	}
	pause(ctx, span)
	l.proxy.Toxics.ResetToxics(context.WithoutCancel(ctx))
	return nil
}
