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
	pollEvery   = 200 * time.Millisecond // of the journal, once per process however many listen
	queueLength = 256                    // entries that a listener may be behind
	pageLength  = 500                    // entries a read of the journal
)

// journal is what the feed follows; the record is one.
type journal interface {
	Tail(ctx context.Context, after int64, limit int) ([]postgres.Entry, error)
	LastPosition(ctx context.Context) (int64, error)
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	Places(ctx context.Context) (*place.Table, error)
}

// News is an entry with what tells who may read it.
type News struct {
	postgres.Entry
	state  flow.State
	places *place.Table
}

// feed reads the journal once for everybody who listens. A listener whose queue is
// full is dropped: it comes back with Last-Event-ID and misses nothing.
type feed struct {
	journal journal
	log     *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]struct{}
	at        int64              // position handed out last
	cancel    context.CancelFunc // of the running poller; nil while nobody listens
	stopped   bool
	poller    sync.WaitGroup
}

// listener is one open stream. Its queue brings what comes behind from, and is
// closed when the listener was too slow or the feed stopped.
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

// listen begins to collect entries for a new listener. The first listener starts
// the poller, the last one to leave ends it.
//
// Errors: stopping.
func (f *feed) listen(ctx context.Context) (*listener, error) {
	at, err := f.journal.LastPosition(ctx) // nobody waits for its answer but this listener
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

// rest ends the poller.
func (f *feed) rest() {
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
}

// stop ends every stream and the poller, for good.
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

// step hands on what is new and answers how far it came. An outage is waited out.
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

// read takes a page of the journal, and each aggregate in it once.
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
			if err != nil && !errors.Is(err, flow.ErrUnknownKind) { // a newer program's is nothing that this one can show
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

// Timeline is what happened to a pilot and everything that belongs to it, as far as the person sees it, from behind a position. Next
// is where to go on from; 0 when this was all.
//
// Errors: not-found.
func (d *Desk) Timeline(ctx context.Context, pilotID string, after int64, limit int) (seen []postgres.Entry, next int64, err error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: pilot.Kind, ID: pilotID}); err != nil {
		return nil, 0, err
	}
	glance := d.glance()
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
			if after = e.Position; len(seen) == limit {
				return seen, after, nil
			}
		}
		if len(entries) < limit {
			return seen, 0, nil
		}
	}
}

// shown is an entry without who, content and money for readers of a part.
func shown(e postgres.Entry, sight flow.Sight) postgres.Entry {
	if sight != flow.Whole {
		e.Actor, e.Data, e.Lines = postgres.Sender{}, nil, nil
	}
	return e
}

// Stream is what happens from now on, or from behind a position, as far as one person sees it. Close it.
type Stream struct {
	desk     *Desk
	listener *listener
	pilot    string
	after    int64
}

// Follow begins a stream behind a position, of everything or of one pilot with what belongs to it; without a position, now. It
// listens first and catches up then, so that nothing falls in between.
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

// CatchUp sends what lies behind the stream's position, up to where its news begin.
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

// News brings what comes next; it is closed when the stream was too slow, or nobody works any more. Hand each to Shown.
func (s *Stream) News() <-chan News { return s.listener.queue }

// Shown is a piece of news as the person sees it; false when it is not for this stream.
func (s *Stream) Shown(n News) (postgres.Entry, bool) {
	if n.Position <= s.after || n.state == nil || (s.pilot != "" && n.state.Root() != s.pilot) { // a client may be ahead of this process
		return postgres.Entry{}, false
	}
	sight := s.desk.reader.Sees(n.state, n.places)
	return shown(n.Entry, sight), sight != flow.Hidden
}
