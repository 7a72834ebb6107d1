package e2e

import (
	"context"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// service is a program that is started again whenever it ends, as whoever operates Terrace has it.
type service struct {
	name   string
	launch func() (*process, error)
	strike func(*process) // kill -9; nil kills the process itself
	lent   bool           // somebody else stops it in the end

	up    atomic.Pointer[process] // nil while it is down
	kills int
	last  string // what the run before wrote in the end
}

// keep starts the program as often as it ends, until the context does; then it stops it.
func (s *service) keep(ctx context.Context) {
	for ctx.Err() == nil {
		p, err := s.launch()
		if err != nil { // what it needs is down
			rest(ctx)
			continue
		}
		s.up.Store(p)
		select {
		case <-p.ended:
		case <-ctx.Done():
			if s.lent {
				return
			}
			p.stop()
		}
		s.up.Store(nil)
		s.last = p.tail()
	}
}

// rest lets a moment pass between two looks, unless the context ends before.
func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * look):
	}
}

// kill ends the program by kill -9, once it is up.
func (s *service) kill(ctx context.Context) {
	for ctx.Err() == nil {
		if p := s.up.Load(); p != nil && p.running() {
			if s.strike != nil {
				s.strike(p)
			} else {
				p.kill()
			}
			<-p.ended
			s.kills++
			return
		}
		rest(ctx)
	}
}

// killer strikes one service after another at moments that nobody foresees, each as often as its share.
type killer struct {
	random  *rand.Rand
	victims []*service    // as often as their share
	between time.Duration // on average
}

func (k killer) run(ctx context.Context, kills int) {
	for n := range kills {
		if n%len(k.victims) == 0 {
			k.random.Shuffle(len(k.victims), func(i, j int) { k.victims[i], k.victims[j] = k.victims[j], k.victims[i] })
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration((0.2 + 1.6*k.random.Float64()) * float64(k.between))):
		}
		k.victims[n%len(k.victims)].kill(ctx)
	}
}

// freeAddress is an address of this machine where nobody listens now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
