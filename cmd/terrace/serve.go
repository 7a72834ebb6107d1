package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // the file scheme of TERRACE_EVIDENCE_URL

	"terrace/activities"
	"terrace/api"
	"terrace/domain/calendar"
	"terrace/postgres"
	"terrace/programmes"
	"terrace/worker"
)

// shutdownTime is how long requests under way may take once the program is to stop.
const shutdownTime = 10 * time.Second

// house is what the long-running commands are made of.
type house struct {
	settings
	log        *slog.Logger
	programmes *programmes.Set
	store      *postgres.Store
	temporal   client.Client
	evidence   *blob.Bucket
	pay        activities.Gateway
}

// open connects to everything. Temporal may be away; the record may not.
func (s settings) open(ctx context.Context, log *slog.Logger) (*house, error) {
	if err := s.needDatabase(); err != nil {
		return nil, err
	}
	set, err := s.programmes()
	if err != nil {
		return nil, err
	}
	h := &house{settings: s, log: log, programmes: set}
	h.store, err = postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, Programmes: set, Calendar: calendar.Published()})
	if err != nil {
		return nil, fmt.Errorf("open the record: %w", err)
	}
	h.temporal, err = worker.Dial(s.temporal(), s.TemporalNamespace, log)
	if err != nil {
		h.close()
		return nil, fmt.Errorf("make a Temporal client: %w", err)
	}
	return h, nil
}

// programmes are the rule sets that ship with Terrace, and those of the operator's own.
func (s settings) programmes() (*programmes.Set, error) {
	set, err := programmes.Builtin()
	if err != nil || s.Programmes == "" {
		return set, err
	}
	own, err := programmes.Read(os.DirFS(s.Programmes))
	if err != nil {
		return nil, fmt.Errorf("TERRACE_PROGRAMMES: %w", err)
	}
	return set.With(own)
}

// openEvidence opens the store of uploaded files; a local folder is made when it is missing.
func (h *house) openEvidence(ctx context.Context) (err error) {
	place, err := url.Parse(h.EvidenceURL)
	if err != nil {
		return fmt.Errorf("TERRACE_EVIDENCE_URL: %w", err)
	}
	if place.Scheme == "file" {
		if err := os.MkdirAll(place.Path, 0o700); err != nil {
			return fmt.Errorf("make the evidence folder: %w", err)
		}
	}
	h.evidence, err = blob.OpenBucket(ctx, h.EvidenceURL)
	if err != nil {
		return fmt.Errorf("open the evidence store: %w", err)
	}
	return nil
}

// openGateway chooses the way money leaves. Only whoever carries the workflows needs it.
func (h *house) openGateway() (err error) {
	h.pay, err = h.gateway()
	return err
}

func (h *house) close() {
	if h.evidence != nil {
		_ = h.evidence.Close()
	}
	if h.temporal != nil {
		h.temporal.Close()
	}
	if h.store != nil {
		h.store.Close()
	}
}

// realClock refuses a record that runs on a demonstration's virtual calendar, unless that is meant.
func (h *house) realClock(ctx context.Context) error {
	_, virtual, err := h.store.Calendar(ctx)
	if err != nil {
		return err
	}
	if virtual && !h.VirtualCalendar {
		return errors.New("this database runs on a demonstration's virtual calendar; use “terrace demo”, or another database")
	}
	return nil
}

// resurface is how soon the workflows hear again what nobody acted on: a virtual day may take a second.
func (h *house) resurface() time.Duration {
	if h.VirtualCalendar {
		return time.Second
	}
	return time.Minute
}

// startWorker begins to carry the workflows and to relay the record's news.
func (h *house) startWorker(resurface time.Duration) *worker.Worker {
	return worker.Start(worker.Config{
		Client: h.temporal, Record: worker.NewRecord(h.store), Outbox: worker.NewRecord(h.store), Sweep: worker.NewRecord(h.store),
		Nightly: h.store, Gateway: h.pay, Log: h.log, Prefix: h.QueuePrefix, Indexed: h.SearchAttributes, Signals: h.RelaySignals, Resurface: resurface,
	})
}

// answer serves the API until the context ends; ready is told the address it listens at.
func (h *house) answer(ctx context.Context, clock api.Clock, ready func(net.Addr)) error {
	if err := h.openEvidence(ctx); err != nil {
		return err
	}
	handler, err := api.New(api.Config{
		Store: h.store, Evidence: h.evidence, Programmes: h.programmes.All(), Runs: &runs{worker.Runs{Client: h.temporal}},
		Clock: clock, Version: versionText(), Log: h.log,
	})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.Listen)
	if err != nil {
		handler.Stop()
		return fmt.Errorf("listen: %w", err)
	}
	server := api.HTTPServer(h.Listen, handler)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		stopped <- server.Shutdown(limit)
	}()
	ready(listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// running runs one of the long-running commands on the real clock until it is told to stop.
func running(parts func(ctx context.Context, h *house) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		s, err := readSettings(os.Environ())
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: s.LogLevel}))
		h, err := s.open(c.Context(), log)
		if err != nil {
			return err
		}
		defer h.close()
		if err := errors.Join(h.realClock(c.Context()), h.store.Settled(c.Context())); err != nil {
			return err
		}
		return parts(c.Context(), h)
	}
}

func (h *house) announce(a net.Addr) {
	h.log.Info("the API answers", "address", a.String(), "documentation", "http://"+a.String()+"/docs")
}

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Answer requests and carry the workflows, in one process", Args: noArguments,
		Long: "Runs the API, the workers and the relay in one process until it gets SIGTERM or Ctrl-C.\n" + settingsHelp,
		RunE: running(func(ctx context.Context, h *house) error {
			if err := h.openGateway(); err != nil {
				return err
			}
			w := h.startWorker(h.resurface())
			defer w.Stop()
			return h.answer(ctx, nil, h.announce)
		}),
	}
}

func apiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "api", Short: "Answer requests", Args: noArguments,
		Long: "Runs the API alone. It accepts commands even while Temporal is away.\n" + settingsHelp,
		RunE: running(func(ctx context.Context, h *house) error { return h.answer(ctx, nil, h.announce) }),
	}
}

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "Carry the workflows", Args: noArguments,
		Long: "Runs the Temporal workers and the relay, without the API. Run as many as you like.\n" + settingsHelp,
		RunE: running(func(ctx context.Context, h *house) error {
			if err := h.openGateway(); err != nil {
				return err
			}
			w := h.startWorker(h.resurface())
			<-ctx.Done()
			w.Stop()
			return nil
		}),
	}
}
