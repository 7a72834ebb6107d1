package main

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
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"terrace/e2e/soak/check"
)

// people are all the simulated users, who send requests concurrently, each to one of the APIs. Every request and every
// response is logged before anything else happens.
type people struct {
	ctx   context.Context
	stack *stack
	log   *intentLog
	http  *http.Client
	hands chan struct{} // limits the number of concurrent requests
	n     atomic.Int64  // number of requests

	upgrading atomic.Bool // the schema may be newer than a program
	previous  *string     // the program that the soak started with
	counts    tallies
	surprise  surprises
}

// patienceOfPeople is how long a simulated user waits for a response before retrying.
const patienceOfPeople = 15 * time.Second

func newPeople(ctx context.Context, s *stack, log *intentLog, clients int) *people {
	return &people{
		ctx: ctx, stack: s, log: log, hands: make(chan struct{}, clients),
		previous: s.bin.Load(),
		http:     &http.Client{Timeout: patienceOfPeople, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * clients}},
	}
}

// tallies counts things by name.
type tallies struct {
	mutex sync.Mutex
	by    map[string]int
}

func (t *tallies) add(name string, n int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.by == nil {
		t.by = map[string]int{}
	}
	t.by[name] += n
}

func (t *tallies) all() map[string]int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return maps.Clone(t.by)
}

// surprises are things that must not happen to any user. Any surprise fails the soak.
type surprises struct {
	mutex sync.Mutex
	first []string
	n     int
}

const mostSurprises = 20

func (s *surprises) note(format string, args ...any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.n++; len(s.first) < mostSurprises {
		s.first = append(s.first, fmt.Sprintf(format, args...))
	}
}

func (s *surprises) all() ([]string, int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.first), s.n
}

// request is an HTTP request by a simulated user.
type request struct {
	who, path, key string
	media          string // media type of an upload; empty for JSON
	file           string // SHA-256 of an upload
	body           []byte
}

// answer is the response to a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// receipt is the response to an accepted command.
type receipt struct {
	Aggregate struct{ Kind, ID string }
	Version   int
	Events    []string
}

type problem struct{ Code string }

var errGone = errors.New("the soak is over")

// send retries a request under the same key, as users are told to, until a response settles it.
func (p *people) send(r request) (answer, error) {
	for tries := 0; p.ctx.Err() == nil; tries++ {
		sent := time.Now()
		a, err := p.once(r)
		switch {
		case err != nil:
			p.counts.add("requests that nobody answered", 1)
		case a.status == http.StatusServiceUnavailable:
			p.counts.add("answers that the record is away", 1)
		case r.file != "" && p.saysFull(a) && p.stack.full.since(sent):
			p.counts.add("uploads that found the disk full", 1)
		case a.status == http.StatusRequestTimeout || a.status == http.StatusTooManyRequests:
			p.counts.add("answers to try again", 1)
		case a.status >= http.StatusInternalServerError && p.upgrading.Load():
			p.counts.add("faults while the schema was ahead of a program", 1)
		case a.status >= http.StatusInternalServerError:
			p.counts.add("faults", 1)
			p.surprise.note("%s %s by %s: %d %s", r.path, r.key, r.who, a.status, a.body)
		default:
			if tries > 0 && a.header.Get("Idempotency-Replayed") == "true" {
				p.counts.add("carried out, and answered only when repeated", 1)
			}
			return a, nil
		}
		pause(p.ctx, time.Duration(50+rand.IntN(200))*time.Millisecond) //nolint:gosec // it need not be unpredictable
	}
	return answer{}, errGone
}

// saysFull reports whether an upload was rejected because the disk was full. The previous program had no code for that.
func (p *people) saysFull(a answer) bool {
	code := a.code()
	return code == "storage-full" || code == "fault" && p.stack.bin.Load() == p.previous
}

// once sends the request to one of the APIs, and logs both the request and the response.
func (p *people) once(r request) (a answer, err error) {
	p.hands <- struct{}{}
	defer func() { <-p.hands }()
	n := p.n.Add(1)
	p.log.write(check.Line{Sent: &check.Sent{N: n, At: time.Now(), Actor: r.who, Key: r.key, Path: r.path, File: r.file}})
	a, err = p.exchange(r, p.stack.apis[rand.IntN(len(p.stack.apis))]) //nolint:gosec // it need not be unpredictable
	told := check.Answer{N: n}
	if err == nil {
		told.Status = a.status
		told.Repeated = a.header.Get("Idempotency-Replayed") == "true"
		if a.status < http.StatusBadRequest && r.file == "" {
			var given receipt
			if err := json.Unmarshal(a.body, &given); err != nil {
				p.surprise.note("%s: %v in %s", r.path, err, a.body)
			}
			told.Kind, told.ID, told.Version, told.Events = given.Aggregate.Kind, given.Aggregate.ID, given.Version, given.Events
		} else if a.status >= http.StatusBadRequest {
			told.Code = a.code()
		}
	}
	p.log.write(check.Line{Answer: &told})
	return a, err
}

func (a answer) code() string {
	var refusal problem
	_ = json.Unmarshal(a.body, &refusal) // any other body has no code
	return refusal.Code
}

func (p *people) exchange(r request, api string) (a answer, err error) {
	q, err := http.NewRequestWithContext(p.ctx, http.MethodPost, api+r.path, bytes.NewReader(r.body))
	if err != nil {
		return a, err
	}
	q.Header.Set("Authorization", "Bearer "+token(r.who))
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Idempotency-Key", r.key)
	if r.file != "" {
		sum, _ := hex.DecodeString(r.file)
		q.Header.Set("Content-Type", r.media)
		q.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
	}
	response, err := p.http.Do(q)
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, err
}

// order sends a command. The caller decides whether a rejection is a surprise.
func (p *people) order(who, path, key string, payload any) (answer, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return answer{}, err
	}
	return p.send(request{who: who, path: path, key: key, body: text})
}

// upload stores a file and returns its SHA-256.
func (p *people) upload(who, media string, file []byte) (string, error) {
	sum := sha256.Sum256(file)
	digest := hex.EncodeToString(sum[:])
	a, err := p.send(request{who: who, path: "/v1/evidence", key: "upload " + digest, media: media, file: digest, body: file})
	if err == nil && a.status >= http.StatusBadRequest {
		p.surprise.note("upload by %s: %d %s", who, a.status, a.body)
		err = errors.New("refused")
	}
	return digest, err
}
