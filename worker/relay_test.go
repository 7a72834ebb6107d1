package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/workflows"
)

// shelf is an outbox with leases that runs on the test's clock.
type shelf struct {
	mu               sync.Mutex
	rows             map[flow.Ref]*shelved
	fault            error
	uncarried        error    // returned by CarryFunds
	unwritten        error    // returned by WriteTurns
	unreadable       flow.Ref // whose turns cannot be written
	writings, failed int      // rounds of WriteTurns, and those that tried the unreadable one
	asked            []int    // rows asked for by each claim
	surfaced         int
	carried          int
}

type shelved struct {
	news    activities.News
	version int64
	leased  time.Time
}

func newShelf(n int) *shelf {
	s := &shelf{rows: map[flow.Ref]*shelved{}}
	for i := range n {
		s.put(activities.News{Ref: flow.Ref{Kind: pilot.Kind, ID: fmt.Sprintf("p%02d", i)}, Seq: 1, Stage: pilot.Applying})
	}
	return s
}

func (s *shelf) put(news activities.News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if row := s.rows[news.Ref]; row != nil {
		row.news = news
		row.version++
		return
	}
	s.rows[news.Ref] = &shelved{news: news, version: 1}
}

func (s *shelf) Claim(_ context.Context, n int, lease time.Duration) (claimed []Delivery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, n)
	for _, row := range s.rows {
		if len(claimed) < n && !time.Now().Before(row.leased) {
			row.leased = time.Now().Add(lease)
			claimed = append(claimed, Delivery{News: row.news, Version: row.version})
		}
	}
	return claimed, s.fault
}

func (s *shelf) Delivered(_ context.Context, done []Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return s.fault
	}
	for _, d := range done {
		if row := s.rows[d.News.Ref]; row != nil && row.version == d.Version {
			delete(s.rows, d.News.Ref)
		} else if row != nil {
			row.leased = time.Time{}
		}
	}
	return nil
}

func (s *shelf) Resurface(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.surfaced++
	return 0, s.fault
}

func (s *shelf) WriteTurns(_ context.Context, except ...flow.Ref) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writings++
	if s.unreadable.ID != "" && !slices.Contains(except, s.unreadable) {
		s.failed++
		return 0, &postgres.UnwrittenError{Refs: []flow.Ref{s.unreadable}}
	}
	return 0, s.unwritten
}

func (s *shelf) CarryFunds(context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carried++
	return 0, s.uncarried
}

func (s *shelf) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

// post is a fake Temporal that accepts signals or fails.
type post struct {
	mu      sync.Mutex
	fault   func(id string) error
	takes   time.Duration
	starts  []client.StartWorkflowOptions
	started []any
	revived []client.StartWorkflowOptions
	signals []string // workflow id and sequence of each signal that arrived
	flying  int
	most    int
	probes  int
}

func (p *post) SignalWithStartWorkflow(ctx context.Context, id, signal string, arg any, o client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error) {
	p.mu.Lock()
	p.starts, p.started = append(p.starts, o), append(p.started, workflow, args[0])
	p.mu.Unlock()
	return nil, p.SignalWorkflow(ctx, id, "", signal, arg)
}

func (p *post) SignalWorkflow(ctx context.Context, id, _, signal string, arg any) error {
	p.mu.Lock()
	p.flying++
	p.most = max(p.most, p.flying)
	fault, takes := p.fault, p.takes
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.flying--
		p.mu.Unlock()
	}()
	if takes > 0 {
		pause(ctx, takes)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fault != nil {
		if err := fault(id); err != nil {
			return err
		}
	}
	news, _ := arg.(activities.News)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signals = append(p.signals, fmt.Sprintf("%s %s %d", signal, id, news.Seq))
	return nil
}

func (p *post) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revived = append(p.revived, o)
	return nil, nil
}

func (p *post) CheckHealth(context.Context, *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probes++
	if p.fault != nil {
		return nil, p.fault("")
	}
	return &client.CheckHealthResponse{}, nil
}

func (p *post) fail(fault func(id string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

func gone(string) error { return serviceerror.NewUnavailable("connection refused") }

// relaying runs a relay from the outbox to Temporal until stop is called.
func relaying(s *shelf, p *post) (log *strings.Builder, stop func()) {
	log = &strings.Builder{}
	r := &relay{
		outbox: s, client: p, prefix: "x-", indexed: true, log: slog.New(slog.NewTextHandler(log, nil)),
		signals: inFlight, poll: 50 * time.Millisecond, lease: 10 * time.Second, resurface: time.Minute,
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { r.run(ctx) })
	done.Go(func() { r.keepSums(ctx) })
	done.Go(func() { r.keepTurns(ctx) })
	return log, func() { cancel(); done.Wait() }
}

func TestRelayDeliversEveryRowOnceAtMostSixteenAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(40), &post{takes: 300 * time.Millisecond}
		_, stop := relaying(s, p)
		time.Sleep(2 * time.Second)
		stop()
		if s.waiting() != 0 || len(p.signals) != 40 || p.most != inFlight {
			t.Errorf("%d rows left, %d signals, %d at most at once", s.waiting(), len(p.signals), p.most)
		}
		o := p.starts[0]
		if o.WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY || o.TaskQueue != "x-terrace" ||
			o.Memo["story"] != workflows.Story || o.WorkflowExecutionTimeout != 0 || o.WorkflowRunTimeout != 0 {
			t.Errorf("started with %+v", o)
		}
		if stage, _ := o.TypedSearchAttributes.GetKeyword(temporal.NewSearchAttributeKeyKeyword("TerraceStage")); stage != string(pilot.Applying) {
			t.Errorf("is indexed under the stage %q", stage)
		}
		if start, _ := p.started[1].(workflows.Start); p.started[0] != "Pilot" || !start.Indexed || "pilot/"+start.ID != o.ID {
			t.Errorf("started %v as %s", p.started[:2], o.ID)
		}
	})
}

func TestARowThatChangesOnItsWayIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(1), &post{takes: time.Second}
		_, stop := relaying(s, p)
		time.Sleep(500 * time.Millisecond) // the first signal is under way
		for seq := 2; seq <= 5; seq++ {
			s.put(activities.News{Ref: flow.Ref{Kind: pilot.Kind, ID: "p00"}, Seq: seq})
		}
		time.Sleep(3 * time.Second)
		stop()
		if want := []string{"progress pilot/p00 1", "progress pilot/p00 5"}; !slices.Equal(p.signals, want) || s.waiting() != 0 {
			t.Errorf("signalled %q, want %q", p.signals, want)
		}
	})
}

func TestRelayLosesNoRowWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(40), &post{}
		p.fail(gone)
		log, stop := relaying(s, p)
		time.Sleep(time.Hour)
		s.mu.Lock()
		if len(s.rows) != 40 || len(s.asked) > 3 {
			t.Errorf("%d rows left after an hour and %d claims, want all 40 untouched", len(s.rows), len(s.asked))
		}
		s.mu.Unlock()
		p.mu.Lock()
		if p.probes < 600 || p.probes > 800 {
			t.Errorf("asked %d times in an hour whether Temporal is back, want about every five seconds", p.probes)
		}
		p.mu.Unlock()
		p.fail(nil)
		time.Sleep(16 * time.Second)
		stop()
		if s.waiting() != 0 || len(p.signals) != 40 {
			t.Errorf("%d rows left, %d signals once Temporal was back", s.waiting(), len(p.signals))
		}
		if text := log.String(); strings.Count(text, "is away") != 1 || strings.Count(text, "is back") != 1 {
			t.Errorf("said:\n%s", text)
		}
	})
}

func TestATemporalThatAnswersAndTakesNothingIsAskedWithOneRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(40), &post{}
		p.fail(func(id string) error {
			if id == "" { // its health
				return nil
			}
			return serviceerror.NewNamespaceNotFound("terrace")
		})
		_, stop := relaying(s, p)
		time.Sleep(time.Minute)
		stop()
		if first, others := s.asked[0], s.asked[1:]; first != inFlight || len(others) < 5 || slices.Max(others) > 1 {
			t.Errorf("rows asked for: %v", s.asked)
		}
	})
}

func TestOneRowThatTemporalRefusesHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(20), &post{}
		p.fail(func(id string) error {
			if id == "pilot/p07" {
				return serviceerror.NewInvalidArgument("too large")
			}
			return nil
		})
		log, stop := relaying(s, p)
		time.Sleep(time.Minute)
		stop()
		if s.waiting() != 1 || len(p.signals) != 19 {
			t.Errorf("%d rows left, %d signals", s.waiting(), len(p.signals))
		}
		if n := strings.Count(log.String(), "pilot/p07"); n < 3 || n > 8 {
			t.Errorf("logged %d times in a minute, want once for each lease", n)
		}
	})
}

func TestWhoseWorkflowIsStarted(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name           string
		ended          bool
		fault          error
		start, revived bool
	}{
		{"an open aggregate whose workflow ran to its end is given another", false, serviceerror.NewWorkflowExecutionAlreadyStarted("done", "", ""), true, true},
		{"an open aggregate whose workflow runs", false, nil, true, false},
		{"an aggregate that ended, of which no workflow is left", true, serviceerror.NewNotFound("none"), false, false},
		{"an aggregate that ended while its workflow runs", true, nil, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, p := newShelf(0), &post{}
				s.put(activities.News{Ref: flow.Ref{Kind: payment.Kind, ID: "a.1.1"}, Ended: c.ended})
				p.fail(func(string) error { return c.fault })
				_, stop := relaying(s, p)
				time.Sleep(time.Second)
				stop()
				if s.waiting() != 0 || (len(p.starts) > 0) != c.start || (len(p.revived) > 0) != c.revived {
					t.Errorf("%d rows left, %d starts, %d revived", s.waiting(), len(p.starts), len(p.revived))
				}
				if len(p.revived) > 0 && p.revived[0].WorkflowIDReusePolicy != enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE {
					t.Errorf("revived with %+v", p.revived[0])
				}
			})
		})
	}
}

func TestRelayEndsInTheMiddleOfASignalAndTheRowStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(3), &post{takes: time.Minute}
		_, stop := relaying(s, p)
		time.Sleep(time.Second)
		stop()
		if s.waiting() != 3 {
			t.Errorf("%d rows left", s.waiting())
		}
		p.takes = 0
		_, stop = relaying(s, p) // another process, once the leases have run out
		time.Sleep(11 * time.Second)
		stop()
		if s.waiting() != 0 {
			t.Errorf("%d rows left to the next relay", s.waiting())
		}
	})
}

func TestASignalThatHangsIsGivenUpBeforeItsLeaseEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(1), &post{takes: time.Hour}
		_, stop := relaying(s, p)
		time.Sleep(9 * time.Second)
		p.mu.Lock()
		if p.flying != 0 {
			t.Error("the signal is still in progress")
		}
		p.mu.Unlock()
		p.mu.Lock()
		p.takes = 0
		p.mu.Unlock()
		time.Sleep(10 * time.Second)
		stop()
		if s.waiting() != 0 {
			t.Error("not delivered later")
		}
	})
}

func TestRelayWaitsForTheRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(5), &post{}
		s.fault = errors.New("connection refused")
		log, stop := relaying(s, p)
		time.Sleep(10 * time.Minute)
		s.mu.Lock()
		s.fault = nil
		s.mu.Unlock()
		time.Sleep(11 * time.Second)
		stop()
		if s.waiting() != 0 || strings.Count(log.String(), "does not answer") != 1 || strings.Count(log.String(), "answers again") != 1 {
			t.Errorf("%d rows left; said:\n%s", s.waiting(), log)
		}
	})
}

func TestRelaySaysOnceThatTurnsCannotBeWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(0)
		fails := func(err error) {
			s.mu.Lock()
			s.unwritten = err
			s.mu.Unlock()
			time.Sleep(10 * time.Minute)
		}
		log, stop := relaying(s, &post{})
		fails(errors.New("turns of pilot/p01: it cannot be read"))
		fails(errors.New("turns of pilot/p02: it cannot be read"))
		fails(nil)
		stop()
		if text := log.String(); strings.Count(text, "cannot be written") != 2 || !strings.Contains(text, "pilot/p02") || strings.Count(text, "up to date again") != 1 {
			t.Errorf("said:\n%s", text)
		}
	})
}

func TestAnAggregateWhoseTurnsCannotBeWrittenHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(0)
		s.unreadable = flow.Ref{Kind: pilot.Kind, ID: "p01"}
		log, stop := relaying(s, &post{})
		time.Sleep(10 * time.Minute)
		s.mu.Lock()
		if s.writings < 20*590 || s.failed < 100 || s.failed > 130 {
			t.Errorf("%d rounds in ten minutes, %d with the one that cannot be written", s.writings, s.failed)
		}
		s.unreadable = flow.Ref{}
		s.mu.Unlock()
		time.Sleep(10 * time.Second)
		stop()
		if text := log.String(); strings.Count(text, "cannot be written") != 1 || strings.Count(text, "up to date again") != 1 {
			t.Errorf("said:\n%s", text)
		}
	})
}

func TestRelayResurfacesEveryMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(0)
		_, stop := relaying(s, &post{})
		time.Sleep(10*time.Minute + time.Second)
		stop()
		if s.surfaced != 11 {
			t.Errorf("resurfaced %d times in ten minutes and at the start", s.surfaced)
		}
	})
}

func TestTheSumsOfTheFundsAreCarriedOnEveryMinuteWhateverBecomesOfTheNews(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		uncarried error
		fault     func(string) error
		left      int
	}{
		"all is well":            {nil, nil, 0},
		"they cannot be carried": {errors.New("no lock"), nil, 0},
		"Temporal takes no news": {nil, func(string) error { return errors.New("away") }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(3)
				s.uncarried = test.uncarried
				_, stop := relaying(s, &post{fault: test.fault})
				time.Sleep(10*time.Minute + time.Second)
				stop()
				if s.carried != 11 || s.waiting() != test.left {
					t.Errorf("carried %d times in ten minutes and at the start; %d news left", s.carried, s.waiting())
				}
			})
		})
	}
}

func TestNewsThatNoWorkflowCarriesAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newShelf(1), &post{}
		s.put(activities.News{Ref: flow.Ref{Kind: "loan", ID: "a"}, Seq: 1})
		s.put(activities.News{Ref: flow.Ref{Kind: "loan", ID: "b"}, Seq: 2, Ended: true})
		_, stop := relaying(s, p)
		time.Sleep(time.Second)
		stop()
		if s.waiting() > 0 || len(p.signals) != 1 || len(p.starts) != 1 {
			t.Errorf("%d are waiting; signals %q, %d starts", s.waiting(), p.signals, len(p.starts))
		}
	})
}
