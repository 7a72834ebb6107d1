package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres"
)

const (
	pollEvery   = 200 * time.Millisecond // of the journal; once per process, however many listen
	queueLength = 256                    // entries that a listener may fall behind
	pageLength  = 500                    // entries per read of the journal
)

// journal is what the feed follows. The record implements it.
type journal interface {
	Tail(ctx context.Context, after int64, limit int) ([]postgres.Entry, error)
	LastPosition(ctx context.Context) (int64, error)
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	Places(ctx context.Context) (*place.Table, error)
}

// News is an entry with what is needed to decide who may read it.
type News struct {
	postgres.Entry
	state  flow.State
	places *place.Table
}

// feed reads the journal once for all listeners. A listener whose queue is full is dropped; it reconnects with
// Last-Event-ID and misses nothing.
type feed struct {
	journal journal
	log     *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]struct{}
	at        int64              // last position handed out
	cancel    context.CancelFunc // of the running poller; nil while nobody listens
	stopped   bool
	poller    sync.WaitGroup
}

// listener is one open stream. Its queue carries the entries after from. It is closed when the listener is too slow or
// the feed stops.
type listener struct {
	queue chan News
	from  int64
}

func newFeed(j journal, log *slog.Logger) *feed {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &feed{journal: j, log: log, listeners: map[*listener]struct{}{}}
}

// listen registers a new listener. The first listener starts the poller, and the last one to leave stops it.
//
// Errors: stopping.
func (f *feed) listen(ctx context.Context) (*listener, error) {
	at, err := f.journal.LastPosition(ctx) // outside the lock: only this listener waits for the answer
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil, domain.Refuse("stopping", "")
	}
	if f.cancel == nil {
		polling, cancel := context.WithCancel(context.Background()) // it outlives this listener
		f.at, f.cancel = at, cancel
		f.poller.Go(func() { f.poll(polling, at) })
	}
	l := &listener{queue: make(chan News, queueLength), from: f.at}
	f.listeners[l] = struct{}{}
	return l, nil
}

func (f *feed) leave(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(l)
	if len(f.listeners) == 0 {
		f.rest()
	}
}

// drop closes a listener's queue, once.
func (f *feed) drop(l *listener) {
	if _, there := f.listeners[l]; there {
		delete(f.listeners, l)
		close(l.queue)
	}
}

// rest stops the poller.
func (f *feed) rest() {
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
}

// stop ends every stream and the poller for good.
func (f *feed) stop() {
	f.mu.Lock()
	f.stopped = true
	for l := range f.listeners {
		f.drop(l)
	}
	f.rest()
	f.mu.Unlock()
	f.poller.Wait()
}

func (f *feed) poll(ctx context.Context, at int64) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			at = f.step(ctx, at)
		}
	}
}

// step hands out new entries and returns the position that it has reached. During an outage it waits for the next step.
func (f *feed) step(ctx context.Context, at int64) int64 {
	for {
		page, err := f.read(ctx, at)
		if err != nil {
			if ctx.Err() == nil {
				f.log.WarnContext(ctx, "journal not read", "error", err)
			}
			return at
		}
		for _, n := range page {
			f.handOut(ctx, n)
			at = n.Position
		}
		if len(page) < pageLength {
			return at
		}
	}
}

// read returns a page of the journal. It loads each aggregate in it once.
func (f *feed) read(ctx context.Context, at int64) ([]News, error) {
	entries, err := f.journal.Tail(ctx, at, pageLength)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	places, err := f.journal.Places(ctx)
	if err != nil {
		return nil, err
	}
	states := map[flow.Ref]flow.State{}
	page := make([]News, len(entries))
	for i, e := range entries {
		if states[e.Aggregate] == nil {
			states[e.Aggregate], err = f.journal.Load(ctx, e.Aggregate)
			if err != nil && !errors.Is(err, flow.ErrUnknownKind) { // a kind from a newer program, which this one cannot show
				return nil, err
			}
		}
		page[i] = News{e, states[e.Aggregate], places}
	}
	return page, nil
}

func (f *feed) handOut(ctx context.Context, n News) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil { // another poller may have taken over
		return
	}
	f.at = n.Position
	for l := range f.listeners {
		select {
		case l.queue <- n:
		default:
			f.drop(l)
		}
	}
}

// timelineBytes is how much the events of one page may say before the page ends, whatever its limit.
const timelineBytes = 512 << 10

// Timeline returns what happened to a pilot and everything that belongs to it, as far as the person may see it,
// starting after a position. A page has at most limit events, fewer where they say much. next is the position to
// continue from; 0 when there is no more.
//
// Errors: not-found.
func (d *Desk) Timeline(ctx context.Context, pilotID string, after int64, limit int) (seen []postgres.Entry, next int64, err error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
		return nil, 0, err
	}
	glance := d.glance()
	bytes := 0
	for {
		entries, err := d.record.Timeline(ctx, pilotID, after, limit)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range entries {
			sight, err := glance(ctx, e.Aggregate)
			if err != nil {
				return nil, 0, err
			}
			if sight != flow.Hidden {
				seen = append(seen, shown(e, sight))
			}
			if after, bytes = e.Position, bytes+len(e.Data); len(seen) == limit || bytes >= timelineBytes {
				return seen, after, nil
			}
		}
		if len(entries) < limit {
			return seen, 0, nil
		}
	}
}

// shown removes sender, content and money from an entry for readers who see only part of its aggregate.
func shown(e postgres.Entry, sight flow.Sight) postgres.Entry {
	if sight != flow.Whole {
		e.Actor, e.Data, e.Lines = postgres.Sender{}, nil, nil
	}
	return e
}

// Stream is what happens from now on, or after a position, as far as one person may see it. Close it when done.
type Stream struct {
	desk     *Desk
	listener *listener
	pilot    string
	after    int64
}

// Follow starts a stream after a position, or from now on if after is nil. It covers one pilot with what belongs to it,
// or everything if pilotID is empty. It starts listening before it catches up, so that nothing falls between.
//
// Errors: not-found, stopping.
func (d *Desk) Follow(ctx context.Context, pilotID string, after *int64) (*Stream, error) {
	if pilotID != "" {
		if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
			return nil, err
		}
	}
	l, err := d.feed.listen(ctx)
	if err != nil {
		return nil, err
	}
	s := &Stream{desk: d, listener: l, pilot: pilotID, after: l.from}
	if after != nil {
		s.after = *after
	}
	return s, nil
}

// Close ends the stream.
func (s *Stream) Close() { s.desk.feed.leave(s.listener) }

// CatchUp sends the entries from the stream's position up to where its news starts.
func (s *Stream) CatchUp(ctx context.Context, send func(postgres.Entry) error) error {
	glance := s.desk.glance()
	for after := s.after; after < s.listener.from; {
		entries, err := s.entries(ctx, after)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Position > s.listener.from {
				return nil
			}
			sight, err := glance(ctx, e.Aggregate)
			if err == nil && sight != flow.Hidden {
				err = send(shown(e, sight))
			}
			if err != nil {
				return err
			}
			after = e.Position
		}
		if len(entries) < pageLength {
			return nil
		}
	}
	return nil
}

func (s *Stream) entries(ctx context.Context, after int64) ([]postgres.Entry, error) {
	if s.pilot != "" {
		return s.desk.record.Timeline(ctx, s.pilot, after, pageLength)
	}
	return s.desk.record.Tail(ctx, after, pageLength)
}

// News returns the channel of new entries. It is closed when the stream was too slow or the desks were closed. Pass
// each entry to Shown.
func (s *Stream) News() <-chan News { return s.listener.queue }

// Shown returns a new entry as the person sees it, or false when it is not for this stream.
func (s *Stream) Shown(n News) (postgres.Entry, bool) {
	if n.Position <= s.after || n.state == nil || (s.pilot != "" && n.state.Root() != s.pilot) { // a client may be ahead of this process
		return postgres.Entry{}, false
	}
	sight := s.desk.reader.Sees(n.state, n.places)
	return shown(n.Entry, sight), sight != flow.Hidden
}
