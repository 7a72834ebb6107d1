package check

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Line is a line of the log of intents: a pilot's plan, a request that was sent, or the response to one.
type Line struct {
	Plan   *Plan   `json:"plan,omitempty"`
	Sent   *Sent   `json:"sent,omitempty"`
	Answer *Answer `json:"answer,omitempty"`
}

// Plan is what the simulated people intend to do with one pilot, and so what must hold in the end.
type Plan struct {
	Actor     string  `json:"actor"` // the actor who drafts it
	Key       string  `json:"key"`   // the draft's idempotency key
	Kind      string  `json:"kind"`
	Stage     string  `json:"stage"`              // the pilot's final stage; empty if undetermined
	Grants    []int64 `json:"grants"`             // in fen, by project
	Shares    []int   `json:"shares,omitempty"`   // permille of each grant to be paid in the end, by tranche
	Evaluator int64   `json:"evaluator"`          // the evaluator's fee, in fen
	Paid      bool    `json:"paid,omitempty"`     // whether the evaluator must have been paid
	Stops     []int   `json:"stops,omitempty"`    // terminated projects, counted from 1, whose tranches are each paid at most once
	Voided    bool    `json:"voided,omitempty"`   // whether finance voided attempts
	Noticed   bool    `json:"noticed,omitempty"`  // whether its proposals went on public notice
	Archived  bool    `json:"archived,omitempty"` // whether it went all the way to the archive
}

// Sent is a request, logged before it is sent. N is its number.
type Sent struct {
	N     int64     `json:"n"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
	Key   string    `json:"key"`
	Path  string    `json:"path"`
	File  string    `json:"file,omitempty"` // SHA-256 of an upload
}

// Answer is the response to a request. Status 0 means that there was none and the outcome is unknown.
type Answer struct {
	N        int64    `json:"n"`
	Status   int      `json:"status"`
	Kind     string   `json:"kind,omitempty"`
	ID       string   `json:"id,omitempty"`
	Version  int      `json:"version,omitempty"`
	Events   []string `json:"events,omitempty"`
	Repeated bool     `json:"repeated,omitempty"`
	Code     string   `json:"code,omitempty"`
}

// accepted and refused report the two kinds of response that settle a request.
func (a Answer) accepted() bool { return a.Status == http.StatusOK || a.Status == http.StatusCreated }

func (a Answer) refused() bool {
	return a.Status >= http.StatusBadRequest && a.Status < http.StatusInternalServerError && a.Status != http.StatusRequestTimeout
}

type intentKey struct{ Actor, Key string }

// intent is everything sent under one key, with the responses by request number.
type intent struct {
	sent    []Sent
	answers map[int64]Answer
}

// readIntents reads the log. A truncated last line means that the soak was killed.
func (c *checker) readIntents(context.Context) error {
	file, err := os.Open(c.Intents)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	c.intents, c.drafted = map[intentKey]*intent{}, map[intentKey]string{}
	byNumber := map[int64]*intent{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var line Line
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("%s:%d: %w", c.Intents, n, err)
		}
		switch {
		case line.Plan != nil:
			c.plans = append(c.plans, *line.Plan)
		case line.Sent != nil:
			key := intentKey{line.Sent.Actor, line.Sent.Key}
			if c.intents[key] == nil {
				c.intents[key] = &intent{answers: map[int64]Answer{}}
			}
			c.intents[key].sent = append(c.intents[key].sent, *line.Sent)
			byNumber[line.Sent.N] = c.intents[key]
		case line.Answer != nil && byNumber[line.Answer.N] != nil:
			byNumber[line.Answer.N].answers[line.Answer.N] = *line.Answer
		}
	}
	c.Counts["intents"] = len(c.intents)
	c.Counts["requests"] = len(byNumber)
	return lines.Err()
}

// receipt is the record's own receipt for an accepted command.
type receipt struct {
	Actor, Command, Kind, ID string
	Version                  int
	Events                   []string
	At                       time.Time
}

// did returns a text of everything on which a receipt and the journal must agree.
func did(actor string, r ref, at time.Time, events []string) string {
	return fmt.Sprint(actor, " of ", r, " at ", at.UTC().Format(time.RFC3339Nano), ": ", strings.Join(events, ", "))
}

// receipts checks that every response still holds, that no rejected command left anything behind, that every event
// follows from a command, and that a person named as the sender of a command did send it.
func (c *checker) receipts(ctx context.Context) error {
	given := map[intentKey]receipt{}
	balance := map[string]int{}
	err := each(ctx, c.record, func(r receipt) {
		key := intentKey{r.Actor, r.Command}
		given[key] = r
		if len(r.Events) > 0 {
			balance[did(r.Actor, ref{r.Kind, r.ID}, r.At, r.Events)]++
		}
		if r.Actor != "terrace" && c.intents[key] == nil {
			c.find(NoIntent, ref{r.Kind, r.ID}, "%s did %v under the key %s, which nobody sent", r.Actor, r.Events, r.Command)
		}
	}, `select actor, command, kind, id, version, events, at from receipt`)
	c.Counts["receipts"] = len(given)
	for _, r := range c.order {
		for _, events := range byTransaction(c.events[r]) {
			var names []string
			for _, e := range events {
				names = append(names, e.Name)
			}
			balance[did(events[0].Actor, r, events[0].At, names)]--
		}
	}
	for what, n := range balance {
		switch {
		case n < 0:
			c.find(NoIntent, what, "is in the journal and follows from no command")
		case n > 0:
			c.find(IntentLost, what, "was answered and is not in the journal")
		}
	}
	for key, i := range c.intents {
		c.answered(key, i, given)
	}
	return err
}

// answered compares the response to a command with what the record holds.
func (c *checker) answered(key intentKey, i *intent, given map[intentKey]receipt) {
	r, recorded := given[key]
	unknown, refused, accepted := 0, 0, 0
	for _, s := range i.sent {
		a := i.answers[s.N]
		switch {
		case s.File != "":
			return
		case a.accepted():
			accepted++
			if !recorded || r.Kind != a.Kind || r.ID != a.ID || r.Version != a.Version || !slices.Equal(r.Events, a.Events) {
				c.find(IntentLost, s.Path, "%s was told under %s: %v in version %d; the record has %v in version %d", key.Actor, key.Key, a.Events, a.Version, r.Events, r.Version)
			}
			if strings.HasSuffix(s.Path, "/v1/pilots") {
				c.drafted[key] = a.ID
			}
		case a.refused():
			refused++
		default:
			unknown++
		}
	}
	c.Counts["accepted"] += min(accepted, 1)
	c.Counts["unanswered"] += unknown
	if recorded && accepted == 0 && refused > 0 && i.answers[i.sent[len(i.sent)-1].N].refused() {
		c.find(IntentRefused, i.sent[0].Path, "%s was refused under %s, and the record has %v", key.Actor, key.Key, r.Events)
	}
}
