package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres"
)

const (
	pollEvery   = 200 * time.Millisecond // of the journal, once per process however many listen
	beatEvery   = 15 * time.Second       // so that proxies and clients see that the stream lives
	queueLength = 256                    // entries that a listener may be behind
	pageLength  = 500                    // entries a read of the journal
	writeTime   = 10 * time.Second       // for one message to a listener
	streamLife  = time.Hour              // then the listener signs in again
)

// journal is what the hub follows; the record is one.
type journal interface {
	Tail(ctx context.Context, after int64, limit int) ([]postgres.Entry, error)
	LastPosition(ctx context.Context) (int64, error)
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	Places(ctx context.Context) (*place.Table, error)
}

// news is an entry with what tells who may read it.
type news struct {
	postgres.Entry
	state  flow.State
	places *place.Table
}

// hub reads the journal once for everybody who listens. A listener whose queue is
// full is dropped: it comes back with Last-Event-ID and misses nothing.
type hub struct {
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
// closed when the listener was too slow or the hub stopped.
type listener struct {
	queue chan news
	from  int64
}

func newHub(j journal, log *slog.Logger) *hub {
	return &hub{journal: j, log: log, listeners: map[*listener]struct{}{}}
}

// listen begins to collect entries for a new listener. The first listener starts
// the poller, the last one to leave ends it.
//
// Errors: stopping.
func (h *hub) listen(ctx context.Context) (*listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil, domain.Refuse("stopping", "")
	}
	if h.cancel == nil {
		at, err := h.journal.LastPosition(ctx)
		if err != nil {
			return nil, err
		}
		polling, cancel := context.WithCancel(context.Background()) // it outlives this listener
		h.at, h.cancel = at, cancel
		h.poller.Go(func() { h.poll(polling, at) })
	}
	l := &listener{queue: make(chan news, queueLength), from: h.at}
	h.listeners[l] = struct{}{}
	return l, nil
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(l)
	if len(h.listeners) == 0 {
		h.rest()
	}
}

// drop closes a listener's queue, once.
func (h *hub) drop(l *listener) {
	if _, there := h.listeners[l]; there {
		delete(h.listeners, l)
		close(l.queue)
	}
}

// rest ends the poller.
func (h *hub) rest() {
	if h.cancel != nil {
		h.cancel()
		h.cancel = nil
	}
}

// stop ends every stream and the poller, for good.
func (h *hub) stop() {
	h.mu.Lock()
	h.stopped = true
	for l := range h.listeners {
		h.drop(l)
	}
	h.rest()
	h.mu.Unlock()
	h.poller.Wait()
}

func (h *hub) poll(ctx context.Context, at int64) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			at = h.step(ctx, at)
		}
	}
}

// step hands on what is new and answers how far it came. An outage is waited out.
func (h *hub) step(ctx context.Context, at int64) int64 {
	for {
		page, err := h.read(ctx, at)
		if err != nil {
			if ctx.Err() == nil {
				h.log.WarnContext(ctx, "journal not read", "error", err)
			}
			return at
		}
		for _, n := range page {
			h.handOut(ctx, n)
			at = n.Position
		}
		if len(page) < pageLength {
			return at
		}
	}
}

// read takes a page of the journal, and each aggregate in it once.
func (h *hub) read(ctx context.Context, at int64) ([]news, error) {
	entries, err := h.journal.Tail(ctx, at, pageLength)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	places, err := h.journal.Places(ctx)
	if err != nil {
		return nil, err
	}
	states := map[flow.Ref]flow.State{}
	page := make([]news, len(entries))
	for i, e := range entries {
		if states[e.Aggregate] == nil {
			states[e.Aggregate], err = h.journal.Load(ctx, e.Aggregate)
			if err != nil && !errors.Is(err, flow.ErrUnknownKind) { // a newer program's is nothing that this one can show
				return nil, err
			}
		}
		page[i] = news{e, states[e.Aggregate], places}
	}
	return page, nil
}

func (h *hub) handOut(ctx context.Context, n news) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil { // another poller may have taken over
		return
	}
	h.at = n.Position
	for l := range h.listeners {
		select {
		case l.queue <- n:
		default:
			h.drop(l)
		}
	}
}

// Resuming is where a stream begins.
type Resuming struct {
	After string `header:"Last-Event-ID" pattern:"^[0-9]{1,18}$" patternDescription:"the id of an event" doc:"id of the last event received: the stream goes on behind it; 0 brings everything. Without it, the stream begins now, give or take a moment" example:"120400"`
}

type pilotEventsInput struct {
	Named
	Resuming
}

type eventsInput struct{ Resuming }

// pilotEvents streams the events of one pilot and of everything that belongs to it.
//
// Errors: not-found, stopping.
func (s *server) pilotEvents(ctx context.Context, in *pilotEventsInput) (*huma.StreamResponse, error) {
	if _, _, err := s.read(ctx, flow.Ref{Kind: pilot.Kind, ID: in.ID}); err != nil {
		return nil, err
	}
	return s.stream(ctx, in.Resuming, in.ID)
}

// events streams the events of everything that the caller may read.
//
// Errors: stopping.
func (s *server) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	return s.stream(ctx, in.Resuming, "")
}

// stream listens first and catches up then, so that nothing falls in between.
func (s *server) stream(ctx context.Context, in Resuming, pilotID string) (*huma.StreamResponse, error) {
	l, err := s.hub.listen(ctx)
	if err != nil {
		return nil, err
	}
	after := l.from
	if in.After != "" {
		after, _ = strconv.ParseInt(in.After, 10, 64) // its pattern holds
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer s.hub.leave(l)
		out := newEventStream(c)
		if err := s.tell(ctx, l, after, pilotID, out); err != nil && ctx.Err() == nil {
			logger(ctx).WarnContext(ctx, "event stream ended", "request", requestID(ctx), "error", err)
		}
	}}, nil
}

// tell sends what was missed, then what comes, until somebody hangs up.
func (s *server) tell(ctx context.Context, l *listener, after int64, pilotID string, out eventStream) error {
	if err := out.open(); err != nil {
		return err
	}
	if err := s.catchUp(ctx, after, l.from, pilotID, out); err != nil {
		return err
	}
	beat, end := time.NewTicker(beatEvery), time.NewTimer(streamLife)
	defer beat.Stop()
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end.C:
			return out.bye()
		case n, open := <-l.queue:
			if !open {
				return out.bye()
			}
			if n.Position <= after || n.state == nil || (pilotID != "" && n.state.Root() != pilotID) { // a client may be ahead of this process
				continue
			}
			if v := viewFor(actorOf(ctx), n.state, n.places); v != hidden {
				if err := out.event(v.event(n.Entry)); err != nil {
					return err
				}
			}
		case <-beat.C:
			if err := out.beat(); err != nil {
				return err
			}
		}
	}
}

// catchUp sends what lies behind a position, up to where the queue begins.
func (s *server) catchUp(ctx context.Context, after, until int64, pilotID string, out eventStream) error {
	glance := s.glance()
	for after < until {
		entries, err := s.entries(ctx, after, pilotID)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Position > until {
				return nil
			}
			v, err := glance(ctx, e.Aggregate)
			if err == nil && v != hidden {
				err = out.event(v.event(e))
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

func (s *server) entries(ctx context.Context, after int64, pilotID string) ([]postgres.Entry, error) {
	if pilotID != "" {
		return s.Store.Timeline(ctx, pilotID, after, pageLength)
	}
	return s.Store.Tail(ctx, after, pageLength)
}

// eventStream writes server-sent events (text/event-stream).
type eventStream struct {
	w       io.Writer
	control *http.ResponseController
}

func newEventStream(c huma.Context) eventStream {
	c.SetHeader("Content-Type", eventStreamType)
	c.SetHeader("X-Accel-Buffering", "no") // proxies hold nothing back
	w := echoOf(c).Response()
	return eventStream{w, http.NewResponseController(w)}
}

const eventStreamType = "text/event-stream"

func (o eventStream) open() error { return o.write("retry: 2000\n\n") }
func (o eventStream) beat() error { return o.write(": alive\n\n") }
func (o eventStream) bye() error  { return o.write("event: bye\ndata: {}\n\n") }

func (o eventStream) event(e Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.Position, err)
	}
	return o.write("id: " + strconv.FormatInt(e.Position, 10) + "\nevent: " + string(e.Aggregate.Kind) + "." + e.Name + "\ndata: " + string(data) + "\n\n")
}

func (o eventStream) write(message string) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(writeTime)) // recorders have none
	if _, err := io.WriteString(o.w, message); err != nil {
		return err
	}
	return o.control.Flush()
}
