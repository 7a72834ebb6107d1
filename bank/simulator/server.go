package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// Doors holds the addresses that a bank listens on.
type Doors struct {
	Protocol string // the address for the payer's requests
	Admin    string // the address for controlling the bank
	Plain    bool   // whether to serve the payer without TLS
}

// Server serves a simulated bank.
type Server struct {
	bank      *Bank
	servers   []*http.Server
	listeners []net.Listener
}

// Listen opens a bank and starts listening on its addresses. The caller must call Serve to handle requests.
func Listen(ctx context.Context, o Options, keys Keys, at Doors) (*Server, error) {
	certificates, err := keys.TLS()
	if err != nil {
		return nil, err
	}
	if at.Plain {
		certificates = nil
	}
	if o.Key, err = keys.Payer(); err != nil {
		return nil, err
	}
	bank, err := New(o)
	if err != nil {
		return nil, err
	}
	s := &Server{bank: bank}
	for _, d := range []struct {
		address string
		handler http.Handler
		tls     *tls.Config
	}{{at.Protocol, bank, certificates}, {at.Admin, bank.Admin(), nil}} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.address)
		if err != nil {
			for _, open := range s.listeners {
				err = errors.Join(err, open.Close())
			}
			return nil, errors.Join(err, bank.Close())
		}
		s.listeners = append(s.listeners, listener)
		s.servers = append(s.servers, &http.Server{
			Handler: d.handler, TLSConfig: d.tls, ReadTimeout: 10 * time.Second, ReadHeaderTimeout: 10 * time.Second,
			ErrorLog: log.New(complaints{}, "", 0),
		})
	}
	return s, nil
}

// Protocol returns the address for the payer's requests.
func (s *Server) Protocol() net.Addr { return s.listeners[0].Addr() }

// AdminAddress returns the address for controlling the bank.
func (s *Server) AdminAddress() net.Addr { return s.listeners[1].Addr() }

// Serve handles requests until the context ends or a listener fails, and then closes the bank. Clients that are still
// waiting have to ask again.
func (s *Server) Serve(ctx context.Context) error {
	group, done := errgroup.WithContext(ctx)
	for i, server := range s.servers {
		group.Go(func() error {
			if server.TLSConfig != nil {
				return server.ServeTLS(s.listeners[i], "", "")
			}
			return server.Serve(s.listeners[i])
		})
	}
	<-done.Done()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	if err := group.Wait(); !errors.Is(err, http.ErrServerClosed) {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, s.bank.Close())...)
}

// complaints discards the HTTP servers' log, most of which concerns connections that the bank broke on purpose.
type complaints struct{}

func (complaints) Write(line []byte) (int, error) {
	slog.Debug(string(line))
	return len(line), nil
}
