package api

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"terrace/domain"
)

// headersBytes is the maximum total size of a request's URL and headers, in bytes.
const headersBytes = 16 << 10

// once lists the headers that affect the result, none of which may appear more than once in a request.
var once = []string{
	"Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Content-Encoding", "Content-Digest", "Content-Disposition", "Last-Event-ID",
}

// understood is middleware that rejects an ambiguous request before it reaches a handler.
func understood(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := unclear(c.Request()); err != nil {
			return err
		}
		return next(c)
	}
}

// Limits on what is read of a body that is too large.
const (
	drainBytes = 64 << 20
	drainTime  = 15 * time.Second
	drainPause = 500 * time.Millisecond // a client that sends nothing for so long is waiting for the response
)

// drained is middleware that lets a client hear that its body is too large. Most clients write all of a body before they
// read the response, and a connection that is closed meanwhile is reset. So the rest of the body is read first, within
// limits, unless the client waits for permission to send it.
func drained(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request, response, body := c.Request(), c.Response(), c.Request().Body
		request.Body = io.NopCloser(body) // huma closes a body of which it has read too much; the server closes it in the end
		response.Before(func() {
			if response.Status != http.StatusRequestEntityTooLarge {
				return
			}
			response.Header().Set("Connection", "close")
			if request.Header.Get("Expect") != "" && request.ContentLength >= 0 { // a declared length is refused before anything is read
				return
			}
			drain(http.NewResponseController(response.Writer), body)
		})
		return next(c)
	}
}

// drain reads what a client still sends.
func drain(control *http.ResponseController, body io.Reader) {
	last := time.Now().Add(drainTime)
	for read := int64(0); read < drainBytes && time.Now().Before(last); {
		_ = control.SetReadDeadline(time.Now().Add(drainPause)) // test recorders do not support deadlines
		n, err := io.CopyN(io.Discard, body, 64<<10)
		if read += n; err != nil { // the end, a pause, or a client that has disconnected
			return
		}
	}
}

// unclear rejects a request that repeats a header or a query parameter, whose query is malformed or contains unreadable
// text, or whose URL and headers are too long.
//
// Errors: headers-too-large, repeated-parameter, bad-request, bad-text.
func unclear(r *http.Request) error {
	size := len(r.RequestURI)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(": \r\n") + len(value)
		}
	}
	if size > headersBytes {
		return domain.Refuse("headers-too-large", "", "most", itoa(headersBytes))
	}
	for _, name := range once {
		if len(r.Header.Values(name)) > 1 {
			return domain.Refuse("repeated-parameter", "header."+name, "name", name)
		}
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return domain.Refuse("bad-request", "query")
	}
	for name, values := range query {
		if len(values) > 1 {
			return domain.Refuse("repeated-parameter", "query."+name, "name", name)
		}
		if err := readable(values[0], "query."+name); err != nil {
			return err
		}
	}
	return nil
}
