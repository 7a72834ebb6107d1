package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"terrace/domain"
)

// client sends the HTTP requests of one test to one Terrace.
type client struct {
	t     *testing.T
	base  string
	http  *http.Client
	token func(person string) string
}

func newClient(t *testing.T, base string) *client {
	return &client{t: t, base: base, http: &http.Client{Timeout: patience}, token: func(person string) string { return "demo-" + person }}
}

// answer is a response from the server.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// problem is an error response (RFC 9457).
type problem struct {
	Status int
	Code   domain.Code
	Field  string
	Detail string
	ZH, EN struct{ What, Next string }
}

// problem decodes an error response, which must state in both languages what is wrong and what to do.
func (a answer) problem(t *testing.T) problem {
	t.Helper()
	p := problem{}
	if err := json.Unmarshal(a.Body, &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d is not a problem document: %s", a.Status, a.Body)
	}
	if p.Status != a.Status || p.Code == "" || p.ZH.What == "" || p.ZH.Next == "" || p.EN.What == "" || p.EN.Next == "" {
		t.Errorf("%d is an incomplete problem document: %s", a.Status, a.Body)
	}
	return p
}

// into decodes the response to an accepted request.
func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if a.Status >= http.StatusBadRequest {
		t.Fatalf("%d: %s", a.Status, a.Body)
	}
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
}

// try sends a request with a user's token. An error means that there was no response.
func (c *client) try(who, method, path string, header map[string]string, body []byte) (answer, error) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(c.t.Context()), method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token(who))
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, text}, err
}

// send is like try, but fails the test if there is no response.
func (c *client) send(who, method, path string, header map[string]string, body any) answer {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	a, err := c.try(who, method, path, header, text)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// post sends a command under the given idempotency key.
func (c *client) post(who, path, key string, body any) answer {
	c.t.Helper()
	return c.send(who, http.MethodPost, path, map[string]string{"Idempotency-Key": key}, body)
}

// get reads a resource that must exist.
func get[T any](c *client, who, path string) (v T) {
	c.t.Helper()
	c.send(who, http.MethodGet, path, nil, nil).into(c.t, &v)
	return v
}

// upload stores a text file and returns its SHA-256.
func (c *client) upload(who, text string) string {
	c.t.Helper()
	sum := sha256.Sum256([]byte(text))
	a, err := c.try(who, http.MethodPost, "/v1/evidence", fileHeader(text), []byte(text))
	if err != nil {
		c.t.Fatal(err)
	}
	if a.Status != http.StatusCreated && a.Status != http.StatusOK {
		c.t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
	return hex.EncodeToString(sum[:])
}

// fileHeader returns the headers sent with a text file.
func fileHeader(text string) map[string]string {
	sum := sha256.Sum256([]byte(text))
	return map[string]string{
		"Content-Type": "text/plain", "Content-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":", "Idempotency-Key": "upload",
	}
}

// clock is the state of the program's calendar.
type clock struct {
	Now     time.Time
	Virtual bool
	Held    struct{ EN string }
}

// allowedNoFurther is the reason the calendar gives for standing still once it has reached its limit and nothing is
// owed or due.
const allowedNoFurther = "it is allowed no further"

// until lets the calendar run to the given time. It returns once everything due by then has happened and the workflows
// owe nothing.
func (c *client) until(moment time.Time) {
	c.t.Helper()
	if least := get[clock](c, mover, "/v1/clock").Now.Add(time.Minute); moment.Before(least) {
		moment = least // the calendar does not move on before everything due now is done
	}
	c.send(mover, http.MethodPut, "/v1/clock", map[string]string{"Idempotency-Key": "clock"}, map[string]time.Time{"until": moment}).into(c.t, &clock{})
	for deadline := time.Now().Add(patience); ; time.Sleep(look) {
		now := get[clock](c, mover, "/v1/clock")
		if !now.Now.Before(moment) && now.Held.EN == allowedNoFurther {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("the calendar stands at %s, want %s: %s", now.Now, moment, now.Held.EN)
		}
	}
}

// rest lets a minute of the calendar pass, after which the workflows owe nothing.
func (c *client) rest() {
	c.t.Helper()
	c.until(time.Time{})
}

// streaming opens an event stream and returns a channel of its lines, closed when the stream ends.
func (c *client) streaming(who, path string) <-chan string {
	c.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(c.t.Context()), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token(who))
	r.Header.Set("Last-Event-ID", "0")
	response, err := (&http.Client{}).Do(r) //nolint:bodyclose // closed by the goroutine below
	if err != nil {
		c.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s", path, response.Status)
	}
	lines := make(chan string, 10000)
	go func() {
		defer close(lines)
		defer func() { _ = response.Body.Close() }()
		for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }
