package holding

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"terrace/bench/lifecycle"
	"terrace/bench/result"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// people is the number of concurrent simulated users. Half of them send a command, half read a pilot's page. Each
// pauses between a response and the next request, so that the measurement shows how long users wait, not the machine's
// limit.
const (
	people = 8
	pause  = 10 * time.Millisecond
)

// answers holds the program's response times, one histogram per round.
type answers struct{ command, page, all []*result.Latencies }

// ask sends requests for a while, in rounds.
func (h *house) ask(ctx context.Context) (a answers, err error) {
	for range h.rounds {
		ends := time.Now().Add(h.times.answers)
		if err := h.askUntil(ctx, func() bool { return !time.Now().Before(ends) }, &a); err != nil {
			return a, err
		}
	}
	return a, nil
}

// askUntil performs one round of requests.
func (h *house) askUntil(ctx context.Context, ended func() bool, a *answers) error {
	commands, pages, all := &result.Latencies{}, &result.Latencies{}, &result.Latencies{}
	var mutex sync.Mutex
	var group sync.WaitGroup
	failed := make(chan error, people)
	for i := range people {
		group.Go(func() {
			for !ended() && ctx.Err() == nil {
				ask, into := h.page, pages
				if i%2 == 0 {
					ask, into = h.save, commands
				}
				begun := time.Now()
				if err := ask(ctx); err != nil {
					failed <- err
					return
				}
				took := time.Since(begun)
				mutex.Lock()
				into.Note(took)
				all.Note(took)
				mutex.Unlock()
				time.Sleep(pause)
			}
		})
	}
	group.Wait()
	a.command, a.page, a.all = append(a.command, commands), append(a.page, pages), append(a.all, all)
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

// compare records the response times, with the slowest also as a multiple of the empty system's.
func (h *house) compare(when string, a answers) {
	for _, kind := range []struct {
		name        string
		then, empty []*result.Latencies
	}{{"answer", a.all, h.answers.all}, {"command", a.command, h.answers.command}, {"pilot's page", a.page, h.answers.page}} {
		for _, q := range []float64{0.5, 0.99} {
			then, empty := result.Over(quantiles(kind.then, q)), result.Over(quantiles(kind.empty, q))
			h.note(fmt.Sprintf("%s p%.0f%s", kind.name, 100*q, when), "ms", quantiles(kind.then, q)...).BesideEmpty = then.Median / empty.Median
		}
	}
}

func quantiles(rounds []*result.Latencies, q float64) (values []float64) {
	for _, l := range rounds {
		values = append(values, l.Quantile(q))
	}
	return values
}

// asked returns a pilot whose draft may be saved and whose page may be read; all others may be submitted.
func (h *house) asked() string {
	return h.world.pilots[rand.IntN(h.world.askedOf())] //nolint:gosec // any of them will do
}

// save sends a command that saves an existing draft again.
func (h *house) save(ctx context.Context) error {
	return h.post(ctx, h.asked(), "save-draft", &pilot.SaveDraft{Application: h.world.application()})
}

func (h *house) page(ctx context.Context) error {
	return h.send(ctx, http.MethodGet, "/v1/pilots/"+h.asked(), nil)
}

// askedOf returns the number of pilots used by people: the first quarter.
func (w *world) askedOf() int { return (len(w.pilots) + 3) / 4 }

// submitNext submits the next of the other drafts, skipping those with a reminder due. It returns false if none is
// left.
func (h *house) submitNext(ctx context.Context) (bool, error) {
	for {
		i := h.world.askedOf() + int(h.world.next.Add(1))
		if i >= len(h.world.pilots) {
			return false, nil
		}
		if i%calls != 0 {
			return true, h.post(ctx, h.world.pilots[i], "submit", &pilot.Submit{})
		}
	}
}

func (h *house) post(ctx context.Context, id, command string, payload flow.Payload) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	return h.send(ctx, http.MethodPost, "/v1/pilots/"+id+"/"+command, body)
}

var client = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func (h *house) send(ctx context.Context, method, path string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, method, h.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+lifecycle.TokenOf(zhuanglang.CountyOfficer))
	if method == http.MethodPost {
		request.Header.Set("Idempotency-Key", uuid.NewString())
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read to the end
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s was answered with %d: %s", method, path, response.StatusCode, text)
	}
	return err
}
