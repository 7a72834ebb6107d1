// Package simulator is a simulated bank for trials. It accepts payment orders, pays once per reference, writes
// statements, and misbehaves as configured. It moves no real money.
package simulator

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"terrace/bank/protocol"
	"terrace/bank/statement"
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// The payer's account at the simulated bank, and its opening balance.
const (
	Account = "6200000000000001"
	Opening = 1_000_000_000 * money.Yuan
)

// Options configures a simulated bank. If only Key is set, the bank makes no mistakes and pays at once.
type Options struct {
	Key    ed25519.PublicKey // the public key of the payer, who signs the requests
	Store  string            // the file that stores the orders; if empty, they are kept in memory
	Seed   uint64            // the same seed always causes the same faults
	Faults Faults

	// The bank has its own calendar. If Now is nil, the calendar starts at Start (or at the current time if Start is
	// zero) when the store is created, and each of its days lasts Day (24 hours if Day is 0).
	Now   func() time.Time
	Start time.Time
	Day   time.Duration
}

// Bank is a simulated bank. As an http.Handler it serves the payer; Admin returns the routes that control it.
type Bank struct {
	verifier *protocol.Verifier
	mux      *http.ServeMux
	seed     uint64

	mutex  sync.Mutex
	clock  clock
	store  *store
	orders map[string]*order // accepted orders, by reference
	turns  map[string]int    // number of requests, by method and reference; used by dice
	faults Faults
	since  time.Time // when the faults were set, on the bank's calendar
	counts Counts
}

// New opens a bank and loads the orders in its store.
func New(o Options) (*Bank, error) {
	if len(o.Key) != ed25519.PublicKeySize {
		return nil, errors.New("the bank needs the public key of its payer")
	}
	if err := o.Faults.check(); err != nil {
		return nil, err
	}
	b := &Bank{
		verifier: &protocol.Verifier{Key: o.Key, Now: time.Now}, mux: http.NewServeMux(),
		seed: o.Seed, orders: map[string]*order{}, turns: map[string]int{}, faults: o.Faults,
	}
	if err := b.open(o); err != nil {
		return nil, err
	}
	b.since = b.clock.now()
	b.mux.Handle("PUT /orders/{reference}", b.answering(b.take))
	b.mux.Handle("GET /orders/{reference}", b.answering(b.tell))
	b.mux.Handle("GET /statement", b.answering(b.statement))
	return b, nil
}

// ServeHTTP handles the payer's requests as described in docs/bank.md.
func (b *Bank) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

// Close closes the file that stores the orders.
func (b *Bank) Close() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.store.close()
}

// reply is a response that has yet to be sent and may be lost on purpose.
type reply struct {
	status int
	media  string
	body   []byte
}

func replyJSON(status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own types
	}
	return reply{status, "application/json", body}
}

func complain(status int, what string) reply {
	return replyJSON(status, map[string]string{"error": what})
}

func (r reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.media)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body)
}

// answering returns a handler that responds to a request with the result of act, unless one of the bank's faults
// prevents it.
func (b *Bank) answering(act func(*http.Request, []byte, *dice) reply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, protocol.MaxBody))
		if err != nil {
			complain(http.StatusRequestEntityTooLarge, "the order is too large").write(w)
			return
		}
		luck := b.roll(r)
		switch {
		case b.down():
			b.count(func(c *Counts) { c.Closed++ })
			complain(http.StatusServiceUnavailable, "the bank is closed for the moment").write(w)
			return
		case luck.falls(luck.LoseRequests, "lose-requests"):
			b.count(func(c *Counts) { c.LostRequests++ })
			panic(http.ErrAbortHandler)
		}
		if err := b.verifier.Verify(r, body); err != nil {
			complain(http.StatusUnauthorized, err.Error()).write(w)
			return
		}
		answer := act(r, body, luck)
		if !b.sends(r, luck) {
			b.count(func(c *Counts) { c.LostAnswers++ })
			panic(http.ErrAbortHandler)
		}
		answer.write(w)
	})
}

// sends reports whether the response should be sent, first waiting out any simulated delay. It reports false if the
// response is meant to be lost or the client has disconnected.
func (b *Bank) sends(r *http.Request, luck *dice) bool {
	if luck.falls(luck.Late, "late") {
		b.count(func(c *Counts) { c.Late++ })
		if !wait(r, luck.Delay) {
			return false
		}
	}
	return !luck.falls(luck.LoseAnswers, "lose-answers")
}

// wait waits for d and reports whether the client is still connected.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// take accepts an order, once per reference. It responds only after the order is on disk.
func (b *Bank) take(r *http.Request, body []byte, luck *dice) reply {
	asked := protocol.Order{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil || decoder.More() {
		return complain(http.StatusBadRequest, "the order cannot be read")
	}
	if !protocol.IsReference(asked.Reference) || asked.Reference != r.PathValue("reference") || asked.Fen <= 0 || asked.Fen > statement.MaxFen {
		return complain(http.StatusBadRequest, "the order's reference or amount is none, or not the path's")
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	known := b.orders[asked.Reference]
	if known == nil {
		known = b.decide(asked, luck)
		if err := b.store.append(entry{Order: known}); err != nil {
			return complain(http.StatusInternalServerError, "the order cannot be kept")
		}
		b.orders[asked.Reference] = known
	}
	if known.Order != asked {
		return complain(http.StatusConflict, "there is another order under this reference")
	}
	answer := b.said(known, luck)
	if answer.Status == protocol.Refused {
		return replyJSON(http.StatusUnprocessableEntity, answer)
	}
	return replyJSON(http.StatusOK, answer)
}

// tell responds with the state of the requested order.
func (b *Bank) tell(r *http.Request, _ []byte, luck *dice) reply {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	known := b.orders[r.PathValue("reference")]
	if known == nil {
		return replyJSON(http.StatusNotFound, protocol.Answer{Reference: r.PathValue("reference"), Status: protocol.Unheard})
	}
	return replyJSON(http.StatusOK, b.said(known, luck))
}

// said returns the state of the order or, if the fault Repeat affects the request, its previous state.
func (b *Bank) said(o *order, luck *dice) protocol.Answer {
	now := b.clock.now()
	if before := o.before(now); before != o.at(now) && luck.falls(luck.Repeat, "repeat") {
		b.counts.Outdated++ // the caller holds the mutex
		return before
	}
	return o.at(now)
}

// Transfer is a movement on the payer's account. No two payments may ever have the same reference.
type Transfer struct {
	Reference string        `json:"reference"`
	Number    string        `json:"number"`
	Kind      string        `json:"kind"` // payment or return
	Fen       money.Fen     `json:"fen"`  // negative for a payment
	On        calendar.Date `json:"on"`
	At        time.Time     `json:"at"`
	Payee     string        `json:"payee"`
}

// Transfers returns all transfers so far, in chronological order.
func (b *Bank) Transfers() []Transfer {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	all := []Transfer{}
	now := b.clock.now()
	for _, o := range b.orders {
		all = append(all, o.transfers(now)...)
	}
	slices.SortFunc(all, func(a, z Transfer) int {
		return cmp.Or(a.At.Compare(z.At), cmp.Compare(a.Number, z.Number))
	})
	return all
}

// Statement returns a statement of the payer's account for a period, including its first and last days.
func (b *Bank) Statement(from, to calendar.Date) statement.Statement {
	s := statement.Statement{Account: Account, From: from, To: to, Opening: Opening}
	for _, t := range b.Transfers() {
		switch {
		case t.On.Before(from):
			s.Opening += t.Fen
		case !t.On.After(to):
			text := "拨付"
			if t.Kind == kindReturn {
				text = "退汇"
			}
			s.Lines = append(s.Lines, statement.Line{
				BookedOn: t.On, Reference: t.Reference, Fen: t.Fen, Number: t.Number, Counterparty: t.Payee, Text: text,
			})
		}
	}
	s.Closing = s.Opening
	for _, l := range s.Lines {
		s.Closing += l.Fen
	}
	return s
}

func (b *Bank) statement(r *http.Request, _ []byte, _ *dice) reply {
	from, first := calendar.Parse(r.URL.Query().Get("from"))
	to, last := calendar.Parse(r.URL.Query().Get("to"))
	if first != nil || last != nil || to.Before(from) {
		return complain(http.StatusBadRequest, "from and to are days written as 2006-01-02, and from is not the later")
	}
	return reply{http.StatusOK, "text/csv; charset=utf-8", b.Statement(from, to).CSV()}
}

// SetFaults changes how the bank misbehaves from now on. The fate of orders that it has already accepted does not
// change.
func (b *Bank) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.faults, b.since = f, b.clock.now()
	return nil
}

// Faults returns the current faults.
func (b *Bank) Faults() Faults {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.faults
}

// Now returns the current time on the bank's calendar.
func (b *Bank) Now() time.Time {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.clock.now()
}

// MoveTo moves the bank's calendar forward to an instant. It returns an error rather than move the calendar back.
func (b *Bank) MoveTo(t time.Time) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case b.clock.given != nil:
		return errors.New("the bank's calendar is controlled by Options.Now")
	case t.Before(b.clock.now()):
		return fmt.Errorf("the bank's calendar is at %s and cannot go back", b.clock.now().Format(time.RFC3339))
	}
	return b.setClock(clock{Real: time.Now(), Book: t, Day: b.clock.Day})
}
