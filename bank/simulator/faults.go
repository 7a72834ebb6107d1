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

// Faults are how the bank misbehaves. Shares are from 0, never, to 1, always;
// times are of the bank's calendar, but for Delay.
type Faults struct {
	Late         float64       // share of answers that come after Delay
	Delay        time.Duration // of real time
	LoseRequests float64       // share of requests cut before anything is done
	LoseAnswers  float64       // share of requests carried out and cut without an answer
	Repeat       float64       // share of answers that say what was so before: pending after paid
	Refuse       float64       // share of orders refused
	Return       float64       // share of orders whose money comes back (退汇): wrong account name
	ReturnAfter  time.Duration // from payment to return
	Clear        time.Duration // an order is carried out up to this long after it was taken
	DownFor      time.Duration // the bank is down for so long: at once, or, with DownEvery,
	DownEvery    time.Duration // at the end of each such time, counted from midnight in Shanghai
}

// Worst is everything at once.
func Worst() Faults {
	return Faults{
		Late: 0.1, Delay: 2 * time.Second, LoseRequests: 0.1, LoseAnswers: 0.15, Repeat: 0.15,
		Refuse: 0.05, Return: 0.05, ReturnAfter: 3 * 24 * time.Hour, Clear: 2 * time.Hour,
		DownFor: time.Hour, DownEvery: 24 * time.Hour,
	}
}

// Flags declares the faults as flags that set f, for the command line and Admin alike.
func (f *Faults) Flags(set *flag.FlagSet) {
	set.Float64Var(&f.Late, "late", f.Late, "`share` of answers that come after --delay")
	set.DurationVar(&f.Delay, "delay", f.Delay, "how late a late answer comes, in real time")
	set.Float64Var(&f.LoseRequests, "lose-requests", f.LoseRequests, "`share` of requests cut before anything is done")
	set.Float64Var(&f.LoseAnswers, "lose-answers", f.LoseAnswers, "`share` of requests carried out, then cut without an answer")
	set.Float64Var(&f.Repeat, "repeat", f.Repeat, "`share` of answers that say what was so before: pending after paid")
	set.Float64Var(&f.Refuse, "refuse", f.Refuse, "`share` of orders refused")
	set.Float64Var(&f.Return, "return", f.Return, "`share` of orders whose money comes back: wrong account name")
	set.DurationVar(&f.ReturnAfter, "return-after", f.ReturnAfter, "how long after the payment it comes back")
	set.DurationVar(&f.Clear, "clear", f.Clear, "orders are carried out up to this long after they were taken")
	set.DurationVar(&f.DownFor, "down-for", f.DownFor, "the bank is down for so long: at once, or by --down-every")
	set.DurationVar(&f.DownEvery, "down-every", f.DownEvery, "it is down at the end of each such time, counted from midnight: 24h is before midnight")
}

func (f Faults) check() error {
	for name, share := range map[string]float64{
		"late": f.Late, "lose-requests": f.LoseRequests, "lose-answers": f.LoseAnswers, "repeat": f.Repeat, "refuse": f.Refuse, "return": f.Return,
	} {
		if !(share >= 0 && share <= 1) { // NaN too
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

// down tells whether the bank is down now.
func (b *Bank) down() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	now, f := b.clock.now(), b.faults
	if f.DownEvery == 0 {
		return now.Sub(b.since) < f.DownFor
	}
	return now.Sub(calendar.On(2000, time.January, 1).Start())%f.DownEvery >= f.DownEvery-f.DownFor
}

// dice are thrown anew for each request and fall the same for the same seed,
// reference and number of the request, whatever else goes on.
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

// falls tells whether this request has its share of a fault.
func (d *dice) falls(share float64, fault string) bool { return d.number(fault, d.turn) < share }

// fate is a number from 0 up to 1 that is the same for every request about the reference.
func (d *dice) fate(what string) float64 { return d.number(what, "") }

func (d *dice) number(what, turn string) float64 {
	digest := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%s\n%s", d.seed, d.reference, what, turn))
	return float64(binary.BigEndian.Uint64(digest[:])>>11) / (1 << 53)
}
