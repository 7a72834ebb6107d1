// Package temporal runs a whole Temporal server in this process, on 127.0.0.1 only, for development, demonstrations and
// tests. Anyone who can reach the port has full access, so it is not for production.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	upstream "go.temporal.io/server/temporal"

	"terrace/devstack/loopback"
)

// Config describes the server.
type Config struct {
	// Postgres is the URL of a PostgreSQL server. All data is kept in its databases temporal and temporal_visibility,
	// which are created and migrated as needed. If empty, all data is kept in memory and lost with the server.
	Postgres string

	Port       int      // port of the frontend, on 127.0.0.1; 0 picks a free one
	UIPort     int      // port of the web interface, on 127.0.0.1; 0 disables it
	Namespaces []string // created if missing

	// SearchAttributes are created in each of Namespaces before the server is ready.
	SearchAttributes map[string]enumspb.IndexedValueType
}

// Server is a running Temporal server.
type Server struct {
	Address string // host:port of the frontend
	UI      string // URL of the web interface; empty if there is none

	server  upstream.Server
	ui      *webInterface
	store   *store
	journal *journal
}

// startPatience is the time limit for a server to start on a slow machine, including the setup of its schemas.
const startPatience = 2 * time.Minute

// Start starts a server and returns when every namespace responds. It returns ErrAlreadyServed if a running server uses
// the databases. If a port is taken, the whole process ends: the embedded server offers no alternative.
func Start(ctx context.Context, config Config) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	store, err := openStore(ctx, config)
	if err != nil {
		return nil, err
	}
	server, err := startOn(ctx, store, config)
	if err != nil {
		store.close()
		return nil, err
	}
	return server, nil
}

func startOn(ctx context.Context, store *store, config Config) (*Server, error) {
	settings, err := clusterConfig(ctx, store, config.Port)
	if err != nil {
		return nil, err
	}
	journal := newJournal()
	embedded, err := embed(settings, journal)
	if err != nil {
		return nil, err
	}
	if err := embedded.Start(); err != nil {
		return nil, errors.Join(err, embedded.Stop())
	}
	server := &Server{Address: settings.PublicClient.HostPort, server: embedded, store: store, journal: journal}
	err = awaitNamespaces(ctx, server.Address, config)
	if err == nil && config.UIPort != 0 {
		server.ui, err = startWebInterface(ctx, config.UIPort, server.Address)
		server.UI = (&url.URL{Scheme: "http", Host: loopback.Address(config.UIPort)}).String()
	}
	if err != nil {
		server.Stop()
		return nil, err
	}
	journal.serving()
	return server, nil
}

func embed(settings *config.Config, journal *journal) (upstream.Server, error) {
	logger := journal.logger
	claims, err := authorization.GetClaimMapperFromConfig(&settings.Global.Authorization, logger)
	if err != nil {
		return nil, err
	}
	server, err := upstream.NewServer(
		upstream.WithConfig(settings),
		upstream.ForServices(upstream.DefaultServices),
		upstream.WithStaticHosts(staticHosts(settings)),
		upstream.WithDynamicConfigClient(dynamicSettings()),
		upstream.WithLogger(logger),
		upstream.WithAuthorizer(authorization.NewNoopAuthorizer()),
		upstream.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
	)
	if err != nil {
		return nil, fmt.Errorf("set up the Temporal server: %w", err)
	}
	return server, nil
}

// stopPatience is long enough for open long polls to end. Anything still busy after that is cut off as if killed; the
// databases remain consistent.
const stopPatience = 3 * time.Second

// Stop ends the server. Its last goroutines may still be running when Stop returns.
func (s *Server) Stop() {
	s.journal.stopping()
	if s.ui != nil {
		s.ui.stop()
	}
	stopped := make(chan struct{})
	go func() {
		_ = s.server.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopPatience):
	}
	s.store.close()
}
