// Package api is Terrace's HTTP interface (梯田): commands, reads, live events and evidence. An OpenAPI document
// describes it, and every refusal is a problem as in RFC 9457. The package decides nothing, because the record judges
// every command.
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
	Evidence   *blob.Bucket           // uploaded files, each under its SHA-256; whoever opened the bucket closes it
	Programmes []*programme.Programme // every version of every programme's rules
	Runs       Runs                   // if nil, Temporal counts as unavailable
	Clock      Clock                  // moves a demonstration's virtual calendar; if nil, no client can move it
	Version    string
	Log        *slog.Logger
}

// Handler answers every request. Stop ends its event streams, because a server that shuts down does not wait for them.
type Handler struct {
	echo  *echo.Echo
	desks *desk.Desks
}

// New returns a handler. Call Stop when it is no longer needed.
func New(c Config) (*Handler, error) {
	if c.Store == nil || c.Evidence == nil {
		return nil, errors.New("the API needs a record and a store for evidence")
	}
	s := newServer(c)
	return &Handler{echo: s.echo, desks: s.desks}, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.echo.ServeHTTP(w, r) }

// Stop closes the open event streams and ends the goroutine that supplies them.
func (h *Handler) Stop() { h.desks.Close() }

// HTTPServer returns a server for a handler. It limits everything that a slow or hostile client could tie up. Its
// Shutdown ends the handler's event streams.
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

// server is the state that all handlers share.
type server struct {
	Config
	echo  *echo.Echo
	huma  huma.API
	desks *desk.Desks
	vault vault

	// The OpenAPI document, which is encoded when it is first requested.
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
	s.echo.Use(identified(s.Log), logged, secured, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: recovered}), understood)
	s.huma = newHuma(s.echo, c.Version)
	s.register()
	s.nameFields()
	s.plain()
	s.asJSON = sync.OnceValues(func() ([]byte, error) { return json.MarshalIndent(s.huma.OpenAPI(), "", "  ") })
	s.asYAML = sync.OnceValues(s.huma.OpenAPI().YAML)
	return s
}

type (
	requestKey struct{}
	loggerKey  struct{}
)

// identified gives every request an id, which appears in the answer and in the log.
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

// logged writes one line to the log for each request. The line names the route and not the address, whose query may
// contain people's names. It leaves out the headers, the body and the sender.
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

// secured lets browsers do nothing with an answer but show it. The documentation page has a less strict policy of its
// own.
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

// recovered logs a panic with its stack. The client gets only the request's id.
func recovered(c echo.Context, err error, stack []byte) error {
	ctx := c.Request().Context()
	logger(ctx).ErrorContext(ctx, "request panicked", "request", requestID(ctx), "error", err, "stack", string(stack))
	return err
}

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
