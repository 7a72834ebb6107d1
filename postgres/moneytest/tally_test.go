package moneytest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/payment"
	"terrace/postgres"
)

// tally counts operations: every command sent through Execute once a pilot's projects existed, accepted or not.
type tally struct {
	sync.Mutex
	wanted int
	path   string // file in which the tally is kept between runs; empty for none

	Operations int
	Accepted   int
	Repeated   int
	Stories    int
	Seconds    int
	Refused    map[domain.Code]int
	Happened   map[string]int // number of events by aggregate kind and name
	Moved      map[string]int // number of stories in which money moved through an account, by account name
}

// keepTally starts a count of as many operations as MONEY_OPERATIONS asks for, continuing from the file named by
// MONEY_TALLY. A long run shows its progress. When the test ends, enough must have been counted.
func keepTally(t *testing.T) *tally {
	t.Helper()
	counts := &tally{wanted: inTest, path: os.Getenv("MONEY_TALLY"), Refused: map[domain.Code]int{}, Happened: map[string]int{}, Moved: map[string]int{}}
	long := os.Getenv("MONEY_OPERATIONS")
	if long != "" {
		var err error
		counts.wanted, err = strconv.Atoi(long)
		must(t, err)
	}
	if counts.path != "" {
		text, err := os.ReadFile(counts.path)
		if !errors.Is(err, fs.ErrNotExist) {
			must(t, errors.Join(err, json.Unmarshal(text, counts)))
		}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	before := counts.Operations
	go func() {
		defer close(ended)
		counts.show(done, before, long != "")
	}()
	t.Cleanup(func() {
		close(done)
		if <-ended; long != "" {
			fmt.Fprintf(os.Stderr, "\n%v\n", counts)
		}
		t.Log(counts)
		if !t.Failed() {
			counts.demand(t)
		}
	})
	return counts
}

// show saves the tally every second, and draws a progress bar in a long run; before is the count of earlier runs.
func (t *tally) show(done <-chan struct{}, before int, bar bool) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	begun := time.Now()
	for {
		select {
		case <-done:
			t.keep()
			return
		case <-tick.C:
			t.keep()
		}
		if bar {
			t.Lock()
			rate := float64(t.Operations-before) / time.Since(begun).Seconds()
			filled := min(40*t.Operations/t.wanted, 40)
			fmt.Fprintf(os.Stderr, "\r[%s%s] %d of %d operations, %.0f/s, %d pilots ", strings.Repeat("#", filled), strings.Repeat(".", 40-filled), t.Operations, t.wanted, rate, t.Stories)
			t.Unlock()
		}
	}
}

func (t *tally) keep() {
	t.Lock()
	defer t.Unlock()
	t.Seconds++
	if t.path == "" {
		return
	}
	text, err := json.MarshalIndent(t, "", "  ")
	if err == nil {
		err = os.WriteFile(t.path+".new", append(text, '\n'), 0o600)
	}
	if err = errors.Join(err, os.Rename(t.path+".new", t.path)); err != nil {
		panic(err)
	}
}

func (t *tally) wants() bool {
	t.Lock()
	defer t.Unlock()
	return t.Operations < t.wanted
}

func (t *tally) count(c flow.Command, o postgres.Outcome, refusal domain.Code) {
	t.Lock()
	defer t.Unlock()
	t.Operations++
	switch {
	case refusal != "":
		t.Refused[refusal]++
	case o.Repeated:
		t.Repeated++
	default:
		t.Accepted++
		if open, ok := c.Payload.(*payment.OpenPayment); ok {
			t.Happened[fmt.Sprintf("payment opened of tranche %d", open.Tranche)]++
		}
		for _, e := range o.Receipt.Events {
			t.Happened[string(c.Aggregate.Kind)+" "+e]++
		}
	}
}

// ended counts a story that has ended.
func (t *tally) ended(s *story) {
	t.Lock()
	defer t.Unlock()
	t.Stories++
	for name := range s.books.moved {
		t.Moved[name]++
	}
}

// demand requires enough operations, in which every account was used and everything that moves money has happened. A
// shorter walk proves nothing.
func (t *tally) demand(test *testing.T) {
	test.Helper()
	if t.Operations < max(t.wanted, inTest) {
		test.Errorf("%d operations, want %d", t.Operations, max(t.wanted, inTest))
	}
	for _, k := range ledger.Chart {
		if t.Moved[k.Name] == 0 {
			test.Errorf("no money moved through an account %s", k.Name)
		}
	}
	for _, e := range []string{
		"payment opened of tranche 1", "payment opened of tranche 2", "payment opened of tranche 3", "payment released", "payment window-opened", "payment instructed", "payment posted", "payment voided", "payment returned", "payment finality-due",
		"project tranche-due", "project tranche-paid", "project tranche-unpaid", "project tranche-reversed", "project tranche-final", "project stray-payment-ended",
		"project spending-reported", "project spending-judged", "project change-applied", "project diversion-found", "project entrusted-received", "project entrusted-given-back",
		"project debt-arisen", "project terminated", "project settlement-accepted", "project refunded", "project closed",
		"recovery opened", "recovery instalments-agreed", "recovery repaid", "recovery recovered",
	} {
		if t.Happened[e] == 0 {
			test.Errorf("it never happened: %s", e)
		}
	}
	for _, c := range []domain.Code{
		"same-person", "conflict-of-interest", "wrong-role", "wrong-stage", "already-recorded", "payment-exists", "duplicate-voucher", "receipt-reused", "idempotency-conflict",
		"over-line", "over-advance", "over-entrusted", "over-debt", "payment-under-way", "forbidden-spending",
	} {
		if t.Refused[c] == 0 {
			test.Errorf("nothing was refused with %s", c)
		}
	}
}

func (t *tally) String() string {
	var b strings.Builder
	refusals := 0
	for _, n := range t.Refused {
		refusals += n
	}
	fmt.Fprintf(&b, "%d operations in %d pilots and %d s: %d accepted, %d refused, %d repeated", t.Operations, t.Stories, t.Seconds, t.Accepted, refusals, t.Repeated)
	for _, e := range slices.Sorted(maps.Keys(t.Happened)) {
		fmt.Fprintf(&b, "\n%8d %s", t.Happened[e], e)
	}
	for _, c := range slices.Sorted(maps.Keys(t.Refused)) {
		fmt.Fprintf(&b, "\n%8d refused: %s", t.Refused[c], c)
	}
	return b.String()
}
