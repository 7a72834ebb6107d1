package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"terrace/desk"
	"terrace/postgres"
)

const (
	beatEvery  = 15 * time.Second // interval between the comments that keep the stream alive for proxies and clients
	writeTime  = 10 * time.Second // time limit for writing one message
	streamLife = time.Hour        // time after which a stream ends and the client must sign in again
	askEvery   = 5 * time.Second  // interval between checks that the client's token is still valid
)

// Resuming specifies the event from which a stream starts.
type Resuming struct {
	After string `header:"Last-Event-ID" pattern:"^[0-9]{1,18}$" patternDescription:"the id of an event" doc:"id of the last event received: the stream continues after it; 0 sends all events. Without it, the stream begins approximately now" example:"120400"`
}

type pilotEventsInput struct {
	Named
	Resuming
}

type eventsInput struct{ Resuming }

// pilotEvents streams the events of a pilot and everything that belongs to it.
//
// Errors: not-found, stopping.
func (s *server) pilotEvents(ctx context.Context, in *pilotEventsInput) (*huma.StreamResponse, error) {
	return s.stream(ctx, in.Resuming, in.ID)
}

// events streams all events that the caller may read.
//
// Errors: stopping.
func (s *server) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	return s.stream(ctx, in.Resuming, "")
}

func (s *server) stream(ctx context.Context, in Resuming, pilotID string) (*huma.StreamResponse, error) {
	var after *int64
	if in.After != "" {
		position, _ := strconv.ParseInt(in.After, 10, 64) // the pattern admits only numbers
		after = &position
	}
	news, err := s.desk(ctx).Follow(ctx, pilotID, after)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer news.Close()
		if err := s.tell(ctx, news, newEventStream(c)); err != nil && ctx.Err() == nil {
			logger(ctx).WarnContext(ctx, "event stream ended", "request", requestID(ctx), "error", err)
		}
	}}, nil
}

// tell sends the events that the client missed, and then new events as they occur, until either side closes the stream
// or the client's token is no longer valid.
func (s *server) tell(ctx context.Context, news *desk.Stream, out eventStream) error {
	if err := out.open(); err != nil {
		return err
	}
	if err := news.CatchUp(ctx, out.event); err != nil {
		return err
	}
	beat, end, who := time.NewTicker(beatEvery), time.NewTimer(streamLife), time.NewTicker(askEvery)
	defer beat.Stop()
	defer who.Stop()
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end.C:
			return out.bye()
		case n, open := <-news.News():
			if !open {
				return out.bye()
			}
			if e, seen := news.Shown(n); seen {
				if err := out.event(e); err != nil {
					return err
				}
			}
		case <-who.C:
			if !s.still(ctx) {
				return out.bye()
			}
		case <-beat.C:
			if err := out.beat(); err != nil {
				return err
			}
		}
	}
}

// eventStream writes server-sent events (text/event-stream) to a client.
type eventStream struct {
	w       io.Writer
	control *http.ResponseController
}

func newEventStream(c huma.Context) eventStream {
	c.SetHeader("Content-Type", eventStreamType)
	c.SetHeader("X-Accel-Buffering", "no") // keeps proxies from buffering
	w := echoOf(c).Response()
	return eventStream{w, http.NewResponseController(w)}
}

const eventStreamType = "text/event-stream"

func (o eventStream) open() error { return o.write("retry: 2000\n\n") }
func (o eventStream) beat() error { return o.write(": alive\n\n") }
func (o eventStream) bye() error  { return o.write("event: bye\ndata: {}\n\n") }

func (o eventStream) event(e postgres.Entry) error {
	data, err := json.Marshal(eventOf(e))
	if err != nil {
		return fmt.Errorf("event %d: %w", e.Position, err)
	}
	return o.write("id: " + strconv.FormatInt(e.Position, 10) + "\nevent: " + string(e.Aggregate.Kind) + "." + e.Name + "\ndata: " + string(data) + "\n\n")
}

func (o eventStream) write(message string) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(writeTime)) // test recorders do not support deadlines
	if _, err := io.WriteString(o.w, message); err != nil {
		return err
	}
	return o.control.Flush()
}
