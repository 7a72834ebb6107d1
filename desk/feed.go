package desk

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/project"
	"terrace/postgres"
)

const (
	pollEvery   = 200 * time.Millisecond // interval at which a process reads the journal, on behalf of all its listeners
	queueLength = 256                    // number of entries by which a listener may lag
	pageLength  = 500                    // maximum number of entries in one read of the journal
)

// journal is the part of the record that the feed needs.
type journal interface {
	Tail(ctx context.Context, after int64, limit int) ([]postgres.Entry, error)
	LastPosition(ctx context.Context) (int64, error)
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	Places(ctx context.Context) (*place.Table, error)
}

// News is a journal entry, with the information needed to decide who may read it.
type News struct {
	postgres.Entry
	state  flow.State
	places *place.Table
}

// feed reads the journal once on behalf of all listeners. It drops a listener whose queue is full. The client then
// reconnects with Last-Event-ID and misses nothing.
type feed struct {
	journal journal
	log     *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]struct{}
	at        int64              // position of the last entry delivered
	cancel    context.CancelFunc // stops the poller; nil while there are no listeners
	stopped   bool
	poller    sync.WaitGroup
}

// listener is an open stream. Its queue holds the entries after the position from. The feed closes the queue if the
// listener is too slow or the feed stops.
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

// listen registers a new listener. The first listener starts the poller, and the poller stops when the last one leaves.
//
// Errors: stopping.
func (f *feed) listen(ctx context.Context) (*listener, error) {
	at, err := f.journal.LastPosition(ctx) // outside the lock, so that no other listener waits for the query
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return nil, domain.Refuse("stopping", "")
	}
	if f.cancel == nil {
		polling, cancel := context.WithCancel(context.Background()) // the poller outlives this listener
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

// drop removes a listener and closes its queue, unless it has been removed before.
func (f *feed) drop(l *listener) {
	if _, there := f.listeners[l]; there {
		delete(f.listeners, l)
		close(l.queue)
	}
}

// rest stops the poller until there is a listener again.
func (f *feed) rest() {
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
}

// stop ends all streams and stops the poller permanently.
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

// step delivers new entries to the listeners and returns the position reached. If the record is unreachable, it does
// nothing and leaves the entries to the next step.
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

// read returns a page of the journal. It loads each aggregate on the page only once.
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

// timelineBytes is the total size of events after which a page of a timeline ends, even if it has fewer events than
// requested.
const timelineBytes = 512 << 10

// Timeline returns the events of a pilot, and of everything that belongs to it, after a position, as far as the user
// may see them. A page has at most limit events, or fewer if they are large. next is the position from which to
// continue, or 0 if there are no more events.
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
			g, err := glance(ctx, e.Aggregate)
			if err != nil {
				return nil, 0, err
			}
			if g.sight != flow.Hidden {
				e = shown(e, g.sight)
				if e.Project, err = projectTitle(ctx, glance, e.Aggregate); err != nil {
					return nil, 0, err
				}
				seen = append(seen, e)
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

// projectTitle returns the village and title of the project to which an aggregate belongs, or an empty text if it
// belongs to none or the user may not see the project.
func projectTitle(ctx context.Context, glance func(context.Context, flow.Ref) (glimpse, error), ref flow.Ref) (domain.Text, error) {
	pilotID, rest, _ := strings.Cut(ref.ID, ".")
	number, _, _ := strings.Cut(rest, ".")
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return domain.Text{}, nil
	}
	g, err := glance(ctx, flow.Ref{Kind: project.Kind, ID: pilotID + "." + number})
	if NotThere(err) {
		return domain.Text{}, nil
	}
	return g.label, err
}

// shown removes the sender, the content and the money from an entry if the user sees only part of its aggregate.
func shown(e postgres.Entry, sight flow.Sight) postgres.Entry {
	if sight != flow.Whole {
		e.Actor, e.Data, e.Lines = postgres.Sender{}, nil, nil
	}
	return e
}

// Stream delivers new events, as far as its user may see them. It starts either now or after a given position. The
// caller must close it.
type Stream struct {
	desk     *Desk
	listener *listener
	pilot    string
	after    int64
}

// Follow starts a stream after a position, or from now on if after is nil. The stream covers one pilot and everything
// that belongs to it, or all pilots if pilotID is empty. It queues new events from this point on, so that none is lost
// while the caller catches up.
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

// CatchUp sends the entries between the stream's starting position and the first entry in News.
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
			g, err := glance(ctx, e.Aggregate)
			if err == nil && g.sight != flow.Hidden {
				err = send(shown(e, g.sight))
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

// News returns the channel of new entries. The channel is closed if the stream is too slow or the desks are closed.
// Pass each entry to Shown.
func (s *Stream) News() <-chan News { return s.listener.queue }

// Shown returns a new entry in the form that the user may see, or false if it is not for this stream.
func (s *Stream) Shown(n News) (postgres.Entry, bool) {
	if n.Position <= s.after || n.state == nil || (s.pilot != "" && n.state.Root() != s.pilot) { // a client may be ahead of this process
		return postgres.Entry{}, false
	}
	sight := s.desk.reader.Sees(n.state, n.places)
	return shown(n.Entry, sight), sight != flow.Hidden
}
