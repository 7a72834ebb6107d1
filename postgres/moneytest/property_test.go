package moneytest_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"terrace/domain"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// inTest is how many operations the ordinary run makes; MONEY_OPERATIONS asks for more.
const inTest = 20000

// walks is how many pilots are walked through at once, each record with a calendar of its own.
const walks = 4

// stepsOfStory is how many steps a pilot's story has on the average.
const stepsOfStory = 400

// tally counts operations: everything that was sent through Execute after the projects stood.
type tally struct {
	sync.Mutex
	operations, accepted, repeated int
	stories                        int
	refused                        map[domain.Code]int
	happened                       map[string]int // accepted events
	moved                          map[string]bool
}

func (t *tally) count(c pilot.Command, o postgres.Outcome, refusal domain.Code) {
	t.Lock()
	defer t.Unlock()
	t.operations++
	switch {
	case refusal != "":
		if t.refused == nil {
			t.refused = map[domain.Code]int{}
		}
		t.refused[refusal]++
	case o.Repeated:
		t.repeated++
	default:
		t.accepted++
		if t.happened == nil {
			t.happened = map[string]int{}
		}
		for _, e := range o.Receipt.Events {
			t.happened[string(c.Aggregate.Kind)+" "+e]++
		}
	}
}

func wanted(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MONEY_OPERATIONS")
	if text == "" {
		return inTest
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// Whatever people and the bank do, in whatever order: the ledger holds what the model says.
func TestTheLedgerIsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	must(t, flag.Set("rapid.steps", strconv.Itoa(stepsOfStory)))
	must(t, flag.Set("rapid.checks", "1"))
	counts := &tally{moved: map[string]bool{}}
	share := wanted(t) / walks
	t.Run("walks", func(t *testing.T) {
		for n := range walks {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.counts = counts
				for done := 0; done < share; {
					rapid.Check(t, func(r *rapid.T) {
						s := w.story(r)
						before := s.steps
						r.Repeat(map[string]func(*rapid.T){"act": s.act})
						s.audit(r)
						done += s.steps - before
						counts.ended(s)
					})
				}
			})
		}
	})
	fmt.Println(counts)
}

func (t *tally) ended(s *story) {
	t.Lock()
	defer t.Unlock()
	t.stories++
	maps.Copy(t.moved, s.books.moved)
}

func (t *tally) String() string {
	var b strings.Builder
	refusals := 0
	for _, n := range t.refused {
		refusals += n
	}
	fmt.Fprintf(&b, "%d operations in %d pilots: %d accepted, %d refused, %d repeated", t.operations, t.stories, t.accepted, refusals, t.repeated)
	for _, e := range slices.Sorted(maps.Keys(t.happened)) {
		fmt.Fprintf(&b, "\n  %7d %s", t.happened[e], e)
	}
	for _, c := range slices.Sorted(maps.Keys(t.refused)) {
		fmt.Fprintf(&b, "\n  %7d refused: %s", t.refused[c], c)
	}
	return b.String()
}
