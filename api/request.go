package api

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"terrace/domain"
)

// headersBytes is the most that the address and the headers of a request hold in all.
const headersBytes = 16 << 10

// once are the headers that decide something and so come once.
var once = []string{
	"Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Content-Encoding", "Content-Digest", "Content-Disposition", "Last-Event-ID",
}

// understood refuses what two readers could understand differently, before anybody reads it.
func understood(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := unclear(c.Request()); err != nil {
			return err
		}
		return next(c)
	}
}

// unclear finds a header or a parameter of the query that stands twice, a query that is none or holds no text, and more than
// anybody needs.
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
			return domain.Refuse("repeated-parameter", "header."+name)
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
			return domain.Refuse("repeated-parameter", "query."+name)
		}
		if err := readable(values[0], "query."+name); err != nil {
			return err
		}
	}
	return nil
}
