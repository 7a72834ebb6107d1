package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres"
)

// diary is a journal in memory.
type diary struct {
	mu      sync.Mutex
	entries []postgres.Entry
	away    bool
	reads   int
	read    chan struct{} // signals every read
}

func newDiary() *diary { return &diary{read: make(chan struct{}, 1)} }

func (d *diary) write(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range n {
		d.entries = append(d.entries, postgres.Entry{
			Position: int64(len(d.entries)+1) * 10, Aggregate: flow.Ref{Kind: pilot.Kind, ID: "p"},
		})
	}
}

func (d *diary) Tail(_ context.Context, after int64, limit int) ([]postgres.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	select {
	case d.read <- struct{}{}:
	default:
	}
	if d.away {
		return nil, errors.New("connection refused")
	}
	i := slices.IndexFunc(d.entries, func(e postgres.Entry) bool { return e.Position > after })
	if i < 0 {
		return nil, nil
	}
	return slices.Clone(d.entries[i:min(len(d.entries), i+limit)]), nil
}

func (d *diary) LastPosition(context.Context) (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return int64(len(d.entries)) * 10, nil
}

func (d *diary) Load(context.Context, flow.Ref) (flow.State, error) { return &pilot.Pilot{}, nil }

func (d *diary) Places(context.Context) (*place.Table, error) { return place.New(nil) }

func (d *diary) setAway(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
}

// awaitRead waits until the journal has been read once more.
func (d *diary) awaitRead(t *testing.T) {
	t.Helper()
	for len(d.read) > 0 {
		<-d.read
	}
	select {
	case <-d.read:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody reads the journal")
	}
}

func follow(t *testing.T, d *diary) *feed {
	t.Helper()
	f := newFeed(d, slog.New(slog.DiscardHandler))
	t.Cleanup(f.stop)
	return f
}

func enrol(t *testing.T, f *feed) *listener {
	t.Helper()
	l, err := f.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func hear(t *testing.T, l *listener, n int) (positions []int64) {
	t.Helper()
	for range n {
		select {
		case heard, open := <-l.queue:
			if !open {
				t.Fatalf("dropped after %v", positions)
			}
			positions = append(positions, heard.Position)
		case <-time.After(20 * time.Second):
			t.Fatalf("silence after %v", positions)
		}
	}
	return positions
}

func TestOnePollerServesEveryListener(t *testing.T) {
	t.Parallel()
	d := newDiary()
	d.write(3)
	f := follow(t, d)
	first, second := enrol(t, f), enrol(t, f)
	if first.from != 30 || second.from != 30 {
		t.Errorf("they begin at %d and %d", first.from, second.from)
	}
	d.write(2)
	for _, l := range []*listener{first, second} {
		if got := hear(t, l, 2); !slices.Equal(got, []int64{40, 50}) {
			t.Errorf("heard %v", got)
		}
	}
	third := enrol(t, f)
	if third.from != 50 {
		t.Errorf("the third begins at %d", third.from)
	}
}

func TestAnOutageOfTheJournalIsWaitedOut(t *testing.T) {
	t.Parallel()
	d := newDiary()
	f := follow(t, d)
	l := enrol(t, f)
	d.setAway(true)
	d.write(2)
	d.awaitRead(t)
	d.setAway(false)
	if got := hear(t, l, 2); !slices.Equal(got, []int64{10, 20}) {
		t.Errorf("heard %v", got)
	}
}

func TestASlowListenerIsDroppedAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	d := newDiary()
	f := follow(t, d)
	slow, quick := enrol(t, f), enrol(t, f)
	d.write(queueLength)
	if got := hear(t, quick, queueLength); got[queueLength-1] != queueLength*10 {
		t.Errorf("heard up to %d", got[queueLength-1])
	}
	d.write(1)
	hear(t, quick, 1)
	if got := hear(t, slow, queueLength); got[queueLength-1] != queueLength*10 {
		t.Errorf("the slow one heard up to %d", got[queueLength-1])
	}
	select {
	case _, open := <-slow.queue:
		if open {
			t.Error("the slow one heard more than its queue holds")
		}
	case <-time.After(20 * time.Second):
		t.Error("the slow one was not dropped")
	}
	f.leave(slow) // it has been dropped already: nothing more happens
	d.write(1)
	hear(t, quick, 1)
}

func TestNothingPollsWithoutListeners(t *testing.T) {
	t.Parallel()
	d := newDiary()
	f := follow(t, d)
	l := enrol(t, f)
	d.awaitRead(t)
	f.leave(l)
	f.poller.Wait() // ends when its last listener leaves
	if _, open := <-l.queue; open {
		t.Error("the queue is still open")
	}
	d.write(1)
	again := enrol(t, f)
	if again.from != 10 {
		t.Errorf("the next listener begins at %d", again.from)
	}
	d.write(1)
	if got := hear(t, again, 1); got[0] != 20 {
		t.Errorf("heard %v", got)
	}
}

func TestAStoppedFeedAcceptsNoListener(t *testing.T) {
	t.Parallel()
	f := follow(t, newDiary())
	l := enrol(t, f)
	f.stop()
	if _, open := <-l.queue; open {
		t.Error("the stream goes on")
	}
	_, err := f.listen(t.Context())
	if refused, ok := domain.Refused(err); !ok || refused.Code != "stopping" {
		t.Errorf("got %v", err)
	}
	f.stop() // stopping twice has no effect
}
