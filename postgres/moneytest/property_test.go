package moneytest_test

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

const (
	inTest          = 20000 // operations of the ordinary run; MONEY_OPERATIONS asks for more
	storiesOfRecord = 20    // pilots of one record; then a new one is begun, or the audits would read ever more
	actionsOfStory  = 400   // on the average
)

// Whatever people and the bank do, in whatever order: the ledger holds what the model says.
func TestTheLedgerIsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	must(t, flag.Set("rapid.steps", strconv.Itoa(actionsOfStory)))
	must(t, flag.Set("rapid.checks", "1")) // a round; rounds follow each other until all operations are made
	counts := keepTally(t)
	for n := range runtime.GOMAXPROCS(0) { // records at once, each with a calendar of its own
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			for record := 0; counts.wants() && !t.Failed(); record++ {
				t.Run(strconv.Itoa(record), func(t *testing.T) { walk(t, counts, n == 0 && record == 0) })
			}
		})
	}
}

// walk goes through the pilots of one record; to the last, the record is held against its journal where asked.
func walk(t *testing.T, counts *tally, verify bool) {
	w := newWorld(t)
	w.counts = counts
	for n := 0; n < storiesOfRecord && counts.wants(); n++ {
		rapid.Check(t, func(r *rapid.T) {
			s := w.story(r)
			r.Repeat(map[string]func(*rapid.T){"act": s.act})
			s.audit(r)
			counts.ended(s)
		})
	}
	if found, err := violations(w.conn, ""); err != nil || len(found) > 0 {
		t.Errorf("found %q, %v", found, err)
	}
	if !verify {
		return
	}
	if found, err := w.stores[0].Verify(t.Context(), func(int, int) {}); err != nil || len(found) > 0 {
		t.Errorf("Verify finds %v, %v", found, err)
	}
}
