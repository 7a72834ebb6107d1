// Package api is Terrace's HTTP interface (梯田): commands, reads, live events and evidence, described by an OpenAPI
// document. Every refusal is sent as a problem in the sense of RFC 9457. The package itself makes no decisions; the
// record judges every command.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"gocloud.dev/blob"

	"terrace/desk"
	"terrace/domain/programme"
	"terrace/postgres"
)

// Config holds what the API depends on.
type Config struct {
	Store      *postgres.Store
	Evidence   *blob.Bucket           // uploaded files, stored under their SHA-256 digests; the caller must close the bucket
	Programmes []*programme.Programme // all versions of all programmes
	Runs       Runs                   // state of the workflows; if nil, Temporal is reported as unavailable
	Clock      Clock                  // controls a demonstration's virtual calendar; nil if clients must not control it
	Version    string
	Log        *slog.Logger
}

// Handler serves the whole API. Stop ends its event streams, which would otherwise keep a server from shutting down.
type Handler struct {
	echo  *echo.Echo
	desks *desk.Desks
}

// New returns a Handler. Call Stop when it is no longer needed.
func New(c Config) (*Handler, error) {
	if c.Store == nil || c.Evidence == nil {
		return nil, errors.New("the API needs a record and a store for evidence")
	}
	s := newServer(c)
	return &Handler{echo: s.echo, desks: s.desks}, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.echo.ServeHTTP(w, r) }

// Stop closes the open event streams and stops the goroutine that feeds them.
func (h *Handler) Stop() { h.desks.Close() }

// HTTPServer returns a server for the handler, with limits on every resource that a slow or hostile client could tie
// up. The server's Shutdown also ends the handler's event streams.
func HTTPServer(address string, h *Handler) *http.Server {
	server := &http.Server{
		Addr: address, Handler: h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second, // uploads and streams set their own
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	server.RegisterOnShutdown(h.Stop)
	return server
}

// server holds the state shared by all handlers.
type server struct {
	Config
	echo  *echo.Echo
	huma  huma.API
	desks *desk.Desks
	vault vault

	// asJSON and asYAML return the OpenAPI document, which is encoded on first use.
	asJSON, asYAML func() ([]byte, error)
}

func newServer(c Config) *server {
	speak()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Config: c, echo: echo.New(), vault: vault{c.Evidence}}
	s.desks = desk.New(c.Store, c.Programmes, c.Log)
	s.echo.HTTPErrorHandler = answerEcho
	s.echo.IPExtractor = echo.ExtractIPDirect() // client headers cannot override the address
	s.echo.Use(identified(s.Log), logged, secured, drained, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: recovered}), understood)
	s.huma = newHuma(s.echo, c.Version)
	s.register()
	s.nameFields()
	s.refuseBlanks()
	s.plain()
	s.asJSON = sync.OnceValues(func() ([]byte, error) { return json.MarshalIndent(s.huma.OpenAPI(), "", "  ") })
	s.asYAML = sync.OnceValues(s.huma.OpenAPI().YAML)
	return s
}

type (
	requestKey struct{}
	loggerKey  struct{}
)

// identified assigns an id to every request, which appears in the response and in the log.
func identified(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			id := uuid.Must(uuid.NewV7()).String()
			ctx := context.WithValue(c.Request().Context(), requestKey{}, id)
			c.SetRequest(c.Request().WithContext(context.WithValue(ctx, loggerKey{}, log)))
			c.Response().Header().Set(echo.HeaderXRequestID, id)
			return next(c)
		}
	}
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// logged writes one log line for each request. The line contains the route and not the URL, because a query may contain
// personal names. It omits the headers, the body and the sender.
func logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		ctx := c.Request().Context()
		logger(ctx).LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("request", requestID(ctx)), slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", time.Since(begun)))
		return nil
	}
}

// secured sets headers that let a browser do nothing with a response but display it. The documentation page has a less
// strict policy of its own.
func secured(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// recovered logs a panic with its stack trace. The client is told only the id of the request.
func recovered(c echo.Context, err error, stack []byte) error {
	ctx := c.Request().Context()
	logger(ctx).ErrorContext(ctx, "request panicked", "request", requestID(ctx), "error", err, "stack", string(stack))
	return err
}

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
