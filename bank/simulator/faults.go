package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"net/http"
	"time"

	"terrace/domain/calendar"
)

// Faults configures how the bank misbehaves. Shares range from 0 (never) to 1 (always). All times except Delay are on
// the bank's own calendar.
type Faults struct {
	Late         float64       // share of responses that are sent only after Delay
	Delay        time.Duration // by how much such responses are delayed, in real time
	LoseRequests float64       // share of requests cut off before anything is done
	LoseAnswers  float64       // share of requests carried out, then cut off without a response
	Repeat       float64       // share of responses that repeat an earlier state, such as pending after paid
	Refuse       float64       // share of orders that the bank refuses
	Return       float64       // share of orders whose money is returned (退汇) because the account name is wrong
	ReturnAfter  time.Duration // time from the payment to its return
	Clear        time.Duration // maximum time from accepting an order to carrying it out
	DownFor      time.Duration // duration of an outage: once at the start, or repeatedly with DownEvery
	DownEvery    time.Duration // length of the periods that each end in an outage, counted from midnight in Shanghai; 0 for a single outage
}

// Worst returns faults that combine every kind of misbehaviour.
func Worst() Faults {
	return Faults{
		Late: 0.1, Delay: 2 * time.Second, LoseRequests: 0.1, LoseAnswers: 0.15, Repeat: 0.15,
		Refuse: 0.05, Return: 0.05, ReturnAfter: 3 * 24 * time.Hour, Clear: 2 * time.Hour,
		DownFor: time.Hour, DownEvery: 24 * time.Hour,
	}
}

// Flags declares the flags that set f, for the command line and for Admin.
func (f *Faults) Flags(set *flag.FlagSet) {
	set.Float64Var(&f.Late, "late", f.Late, "`share` of answers that come after --delay")
	set.DurationVar(&f.Delay, "delay", f.Delay, "delay of a late answer, in real time")
	set.Float64Var(&f.LoseRequests, "lose-requests", f.LoseRequests, "`share` of requests cut before anything is done")
	set.Float64Var(&f.LoseAnswers, "lose-answers", f.LoseAnswers, "`share` of requests carried out, then cut without an answer")
	set.Float64Var(&f.Repeat, "repeat", f.Repeat, "`share` of answers that repeat an earlier state: pending after paid")
	set.Float64Var(&f.Refuse, "refuse", f.Refuse, "`share` of orders refused")
	set.Float64Var(&f.Return, "return", f.Return, "`share` of orders whose money comes back: wrong account name")
	set.DurationVar(&f.ReturnAfter, "return-after", f.ReturnAfter, "time from a payment to its return")
	set.DurationVar(&f.Clear, "clear", f.Clear, "longest time from accepting an order to carrying it out")
	set.DurationVar(&f.DownFor, "down-for", f.DownFor, "how long the bank is down: at once, or as --down-every says")
	set.DurationVar(&f.DownEvery, "down-every", f.DownEvery, "down at the end of each such period, counted from midnight: 24h means before midnight")
}

func (f Faults) check() error {
	for name, share := range map[string]float64{
		"late": f.Late, "lose-requests": f.LoseRequests, "lose-answers": f.LoseAnswers, "repeat": f.Repeat, "refuse": f.Refuse, "return": f.Return,
	} {
		if !(share >= 0 && share <= 1) { // also refuses NaN
			return fmt.Errorf("%s is a share from 0 to 1", name)
		}
	}
	for name, span := range map[string]time.Duration{
		"delay": f.Delay, "return-after": f.ReturnAfter, "clear": f.Clear, "down-for": f.DownFor, "down-every": f.DownEvery,
	} {
		if span < 0 {
			return fmt.Errorf("%s cannot be negative", name)
		}
	}
	return nil
}

// down reports whether the bank is currently down.
func (b *Bank) down() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now, f := b.clock.now(), b.faults
	if f.DownEvery == 0 {
		return now.Sub(b.since) < f.DownFor
	}
	return now.Sub(calendar.On(2000, time.January, 1).Start())%f.DownEvery >= f.DownEvery-f.DownFor
}

// dice makes the random decisions about one request. They depend only on the seed, the request's reference and its
// number, so they can be reproduced.
type dice struct {
	Faults
	seed      uint64
	reference string
	turn      string
}

func (b *Bank) roll(r *http.Request) *dice {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	reference := r.PathValue("reference")
	key := r.Method + " " + reference
	b.turns[key]++
	b.counts.Requests++
	return &dice{b.faults, b.seed, reference, fmt.Sprint(r.Method, b.turns[key])}
}

// falls reports whether a fault with this share affects this request.
func (d *dice) falls(share float64, fault string) bool { return d.number(fault, d.turn) < share }

// fate returns a number in [0, 1) that is the same for every request with this reference.
func (d *dice) fate(what string) float64 { return d.number(what, "") }

func (d *dice) number(what, turn string) float64 {
	digest := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s\n%s", d.seed, d.reference, what, turn))
	return float64(binary.BigEndian.Uint64(digest[:])>>11) / (1 << 53)
}
