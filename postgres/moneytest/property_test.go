package moneytest_test

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

const (
	inTest          = 20000 // operations of an ordinary run; MONEY_OPERATIONS asks for more
	storiesOfRecord = 20    // pilots in a record; then a new record is started, or audits would take ever longer
	actionsOfStory  = 400   // on average
)

// Whatever people and the bank do, and in whatever order, the ledger matches the model.
func TestTheLedgerIsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	must(t, flag.Set("rapid.steps", strconv.Itoa(actionsOfStory)))
	must(t, flag.Set("rapid.checks", "1")) // one round; rounds repeat until all operations are done
	counts := keepTally(t)
	for n := range runtime.GOMAXPROCS(0) { // concurrent records, each with its own calendar
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			for record := 0; counts.wants() && !t.Failed(); record++ {
				t.Run(strconv.Itoa(record), func(t *testing.T) { walk(t, counts, n == 0 && record == 0) })
			}
		})
	}
}

// walk plays all pilots of one record, then compares the record with its journal if verify is set.
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
	if _, err := w.stores[0].WriteTurns(t.Context()); err != nil { // bring turns up to date, as a worker would
		t.Error(err)
	}
	if found, err := w.stores[0].Verify(t.Context(), func(int, int) {}); err != nil || len(found) > 0 {
		t.Errorf("Verify found %v, %v", found, err)
	}
}
