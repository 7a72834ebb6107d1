package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Token returns the access token of one of the demonstration's people.
func Token(person string) string { return "demo-" + person }

// client calls the API on behalf of the demonstration's people.
type client struct {
	base string
	http *http.Client
}

// Problem is an error response from the API (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
	ZH     words  `json:"zh"`
	EN     words  `json:"en"`
}

type words struct {
	What string `json:"what"`
	Next string `json:"next"`
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s: %s / %s", p.Status, p.Code, p.ZH.What, p.EN.What)
}

// patience is the maximum time for which the client tries to reach the server.
const patience = 2 * time.Minute

// get reads a resource on behalf of a person.
func (c client) get(ctx context.Context, who, path string, into any) error {
	return c.ask(ctx, who, func() (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	}, into)
}

// post sends a command on behalf of a person. Repeating it with the same key has no further effect.
func (c client) post(ctx context.Context, who, path, key string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, who, http.MethodPost, path, key, "application/json", data, nil, nil)
}

// put replaces a resource on behalf of a person.
func (c client) put(ctx context.Context, who, path, key string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, who, http.MethodPut, path, key, "application/json", data, nil, nil)
}

// upload uploads a file and returns its SHA-256 digest.
func (c client) upload(ctx context.Context, who, key string, file []byte) (string, error) {
	sum := sha256.Sum256(file)
	header := map[string]string{"Content-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}
	err := c.send(ctx, who, http.MethodPost, "/v1/evidence", key, "text/plain", file, header, nil)
	return hex.EncodeToString(sum[:]), err
}

func (c client) send(ctx context.Context, who, method, path, key, contentType string, data []byte, header map[string]string, into any) error {
	return c.ask(ctx, who, func() (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Idempotency-Key", key)
		for name, value := range header {
			r.Header.Set(name, value)
		}
		return r, nil
	}, into)
}

// ask sends a request and reads the response, retrying while the server is unreachable. It returns an error response as
// a *Problem.
func (c client) ask(ctx context.Context, who string, request func() (*http.Request, error), into any) error {
	start := time.Now()
	for {
		r, err := request()
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+Token(who))
		err = c.once(r, into)
		var problem *Problem
		final := err == nil || (errors.As(err, &problem) && problem.Status < http.StatusInternalServerError)
		if final || time.Since(start) > patience || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func (c client) once(r *http.Request, into any) error {
	response, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		problem := &Problem{Status: response.StatusCode}
		if err := json.Unmarshal(body, problem); err != nil {
			return fmt.Errorf("%s %s answered %d without a problem document (RFC 9457): %w", r.Method, r.URL.Path, response.StatusCode, err)
		}
		return problem
	}
	switch into := into.(type) {
	case nil:
		return nil
	case *[]byte: // a file, unchanged
		*into = body
		return nil
	}
	return json.Unmarshal(body, into)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// The parts of the API's responses that the driver reads.

type clockView struct {
	Now     time.Time `json:"now"`
	Virtual bool      `json:"virtual"`
}

type aggregateView struct {
	ID       string        `json:"id"`
	Stage    flow.Stage    `json:"stage"`
	Progress flow.Progress `json:"progress"`
}

type pilotView struct {
	aggregateView
	pilot.Application
	Cases []pilot.Case `json:"cases"`
}

type projectView struct {
	aggregateView
	Proposal     plan.Proposal       `json:"proposal"`
	Signed       []string            `json:"signed"`
	Milestones   []project.Step      `json:"milestones"`
	Revision     int                 `json:"revision"`
	Spending     []project.Statement `json:"spending"`
	OwedFen      money.Fen           `json:"owed_fen"`
	RefundDueFen money.Fen           `json:"refund_due_fen"`
}

type recoveryView struct {
	aggregateView
	Instalments []recovery.Instalment `json:"instalments"`
}

type paymentView struct {
	aggregateView
	Payer    flow.Ref  `json:"payer"`
	Tranche  int       `json:"tranche"`
	Fen      money.Fen `json:"fen"`
	Releases int       `json:"releases"`
}

type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type item struct {
	ID    string      `json:"id"`
	Title domain.Text `json:"title"` // a pilot's
	Stage flow.Stage  `json:"stage"`
	Ended bool        `json:"ended"`
}

// Event is an event in the timeline.
type Event struct {
	Position  int64           `json:"position"`
	Aggregate flow.Ref        `json:"aggregate"`
	Name      string          `json:"name"`
	Title     domain.Text     `json:"title"`
	On        calendar.Date   `json:"on"`
	At        time.Time       `json:"at"`
	Late      bool            `json:"late"`
	Data      json.RawMessage `json:"data"`
	Lines     []line          `json:"lines"`
}

type line struct {
	Owner   string    `json:"owner"`
	Account string    `json:"account"`
	Fen     money.Fen `json:"fen"`
}
