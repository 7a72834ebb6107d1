// Package app is the Terrace program itself: its settings, its connections, and the life of a process from start to
// shutdown. The command line, the demonstration and the tests all start Terrace through this package.
package app

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

	"go.temporal.io/sdk/client"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // supports the file scheme in TERRACE_EVIDENCE_URL

	"terrace/api"
	"terrace/domain/calendar"
	"terrace/postgres"
	"terrace/programmes"
	"terrace/worker"
)

// App holds the program's connections and its running parts.
type App struct {
	Settings   Settings
	Log        *slog.Logger
	Programmes *programmes.Set
	Store      *postgres.Store
	Temporal   client.Client

	evidence *blob.Bucket
	worker   *worker.Worker
	door     *door
	patience time.Duration // time allowed for requests in progress to finish on shutdown
}

// Parts specifies which parts of the program a process runs.
type Parts struct {
	API    bool
	Worker bool      // whether to run the Temporal workers, the relay and the nightly schedules
	Clock  api.Clock // controls a demonstration's virtual calendar; nil if clients must not control it
}

// Run opens the program, runs the given parts until the context is cancelled or the API fails, and closes the program.
func Run(ctx context.Context, s Settings, log *slog.Logger, parts Parts) error {
	a, err := Open(ctx, s, log)
	if err != nil {
		return err
	}
	if err = a.Start(ctx, parts); err == nil {
		a.Wait(ctx)
	}
	return errors.Join(err, a.Close())
}

// Open connects to the record and creates a Temporal client. The record must be reachable, but Temporal need not be.
// The caller must call Close on the App.
func Open(ctx context.Context, s Settings, log *slog.Logger) (*App, error) {
	if err := s.needDatabase(); err != nil {
		return nil, err
	}
	set, err := s.programmes()
	if err != nil {
		return nil, err
	}
	a := &App{Settings: s, Log: log, Programmes: set, patience: 10 * time.Second}
	a.Store, err = postgres.Open(ctx, postgres.Config{URL: s.DatabaseURL, Owner: s.owner, Programmes: set, Calendar: calendar.Published()})
	if err != nil {
		return nil, fmt.Errorf("open the record: %w", err)
	}
	a.Temporal, err = worker.Dial(s.temporal(), s.TemporalNamespace, log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a Temporal client: %w", err), a.Close())
	}
	return a, nil
}

// programmes returns the programmes shipped with Terrace together with the operator's own.
func (s Settings) programmes() (*programmes.Set, error) {
	set, err := programmes.Builtin()
	if err != nil || s.Programmes == "" {
		return set, err
	}
	if _, err := os.ReadDir(s.Programmes); err != nil { // Read treats a missing folder as an empty one
		return nil, advised{fmt.Errorf("TERRACE_PROGRAMMES: %w", err), "create the folder and let this user read it, or correct TERRACE_PROGRAMMES"}
	}
	own, err := programmes.Read(os.DirFS(s.Programmes))
	if err != nil {
		return nil, fmt.Errorf("TERRACE_PROGRAMMES: %w", err)
	}
	return set.With(own)
}

// evidenceFolder returns the folder specified in TERRACE_EVIDENCE_URL.
func (s Settings) evidenceFolder() (string, error) {
	place, err := url.Parse(s.EvidenceURL)
	if err != nil || place.Scheme != "file" || place.Host != "" || place.Path == "" {
		return "", UsageError{fmt.Errorf("TERRACE_EVIDENCE_URL is %q: name a folder, as in file:///var/lib/terrace/evidence", s.EvidenceURL)}
	}
	return place.Path, nil
}

// openEvidence opens the store of uploaded files. If it is a local folder that does not exist, it is created.
func (s Settings) openEvidence(ctx context.Context) (*blob.Bucket, error) {
	folder, err := s.evidenceFolder()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, advised{fmt.Errorf("make the folder of TERRACE_EVIDENCE_URL: %w", err), "set TERRACE_EVIDENCE_URL to a folder this user may write"}
	}
	bucket, err := blob.OpenBucket(ctx, s.EvidenceURL)
	if err != nil {
		return nil, fmt.Errorf("open the store of TERRACE_EVIDENCE_URL: %w", err)
	}
	return bucket, nil
}

// Start starts the given parts. It returns an error if the restore of the record did not finish, if the record has lost
// places or the row by which its journal goes on, or if it is on a virtual calendar and the settings do not allow one.
// After an error, no part is running.
func (a *App) Start(ctx context.Context, parts Parts) error {
	_, err := a.Store.Places(ctx)
	if err = errors.Join(a.realClock(ctx), a.Store.Settled(ctx), a.Store.GoesOn(ctx), err); err != nil {
		return err
	}
	var config worker.Config
	if parts.Worker { // before the API, so that a wrong setting is reported before any request is served
		if config, err = a.carrying(); err != nil {
			return err
		}
	}
	if parts.API {
		if err := a.answer(ctx, parts.Clock); err != nil {
			return err
		}
	}
	if parts.Worker {
		a.worker = worker.Start(config)
	}
	return nil
}

// realClock returns an error if the record is on a demonstration's virtual calendar and the settings do not allow one.
func (a *App) realClock(ctx context.Context) error {
	_, virtual, err := a.Store.Calendar(ctx)
	if err != nil {
		return err
	}
	if virtual && !a.Settings.VirtualCalendar {
		return errors.New("this database runs on a demonstration's virtual calendar; use “terrace demo”, or another database")
	}
	return nil
}

// carrying returns the configuration of the Temporal workers and the relay.
func (a *App) carrying() (worker.Config, error) {
	pay, err := a.Settings.OpenGateway()
	if err != nil {
		return worker.Config{}, err
	}
	resurface := time.Minute
	if a.Settings.VirtualCalendar { // a virtual day may take only a second
		resurface = time.Second
	}
	record := worker.NewRecord(a.Store)
	return worker.Config{
		Client: a.Temporal, Record: record, Outbox: record, Sweep: record, Nightly: a.Store, Gateway: pay, Log: a.Log,
		Prefix: a.Settings.QueuePrefix, Indexed: a.Settings.SearchAttributes, Signals: a.Settings.RelaySignals, Resurface: resurface,
	}, nil
}

// answer starts the API server.
func (a *App) answer(ctx context.Context, clock api.Clock) (err error) {
	if a.evidence, err = a.Settings.openEvidence(ctx); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Settings.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	handler, err := api.New(api.Config{
		Store: a.Store, Evidence: a.evidence, Programmes: a.Programmes.All(), Runs: &runs{worker.Runs{Client: a.Temporal}},
		Clock: clock, Version: Version(), Log: a.Log,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	a.door = open(listener, handler)
	a.Log.Info("the API answers", "address", listener.Addr().String(), "documentation", a.URL()+"/docs")
	return nil
}

// URL returns the URL of the API, or an empty string if this process does not serve it.
func (a *App) URL() string {
	if a.door == nil {
		return ""
	}
	return "http://" + a.door.listener.Addr().String()
}

// Wait blocks until the context is cancelled or the API fails. In the latter case, Close returns the error.
func (a *App) Wait(ctx context.Context) {
	var ended chan struct{}
	if a.door != nil {
		ended = a.door.ended
	}
	select {
	case <-ctx.Done():
	case <-ended:
	}
}

// Close shuts everything down in order: it lets requests in progress finish, stops the workers and the relay, and
// closes the connections to the record, Temporal and the evidence store. Nothing is left running when it returns.
func (a *App) Close() (err error) {
	if a.door != nil {
		err = a.door.close(a.patience)
	}
	if a.worker != nil {
		a.worker.Stop()
	}
	a.Store.Close()
	if a.Temporal != nil {
		a.Temporal.Close()
	}
	if a.evidence != nil {
		err = errors.Join(err, a.evidence.Close())
	}
	return err
}

// door serves the API on a listener.
type door struct {
	listener net.Listener
	handler  *api.Handler
	server   *http.Server
	ended    chan struct{}
	fault    error // why the API stopped serving; may be read only after ended is closed
}

// open starts serving requests on the listener.
func open(listener net.Listener, handler *api.Handler) *door {
	d := &door{listener: listener, handler: handler, server: api.HTTPServer(listener.Addr().String(), handler), ended: make(chan struct{})}
	go func() {
		defer close(d.ended)
		if err := d.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.fault = fmt.Errorf("the API no longer answers: %w", err)
		}
	}()
	return d
}

// close waits for requests in progress, and aborts those that take longer than patience.
func (d *door) close(patience time.Duration) error {
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := d.server.Shutdown(limit)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off after %v: %w", patience, err), d.server.Close())
	}
	d.handler.Stop() // Shutdown has already asked it to stop, but does not wait for it
	<-d.ended
	return errors.Join(err, d.fault)
}
