package activities_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"terrace/activities"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

var midnight = calendar.On(2017, 9, 12).Start()

// due is a fake record of swept aggregates. It holds the remaining due times of each; a command removes the first.
type due struct {
	now     time.Time
	moments map[flow.Ref][]flow.NextMoment
	fails   map[flow.Ref]error // returned for commands to it
	away    error              // returned for everything after the first command that fails
	asked   func()             // called before a command is judged
	sent    []flow.Command
	pages   []int // sizes of the pages listed
}

func newDue() *due {
	return &due{now: midnight.Add(30 * time.Minute), moments: map[flow.Ref][]flow.NextMoment{}, fails: map[flow.Ref]error{}}
}

// waits adds an aggregate with a lapse at each of the given times.
func (d *due) waits(id string, at ...time.Time) flow.Ref {
	ref := flow.Ref{Kind: pilot.Kind, ID: id}
	for i, each := range at {
		d.moments[ref] = append(d.moments[ref], flow.NextMoment{Moment: flow.Lapse, Key: "papers", Round: i + 1, At: each})
	}
	return ref
}

func (d *due) Execute(_ context.Context, cmd flow.Command) error {
	if d.asked != nil {
		d.asked()
	}
	ref := cmd.Aggregate
	if err := d.fails[ref]; err != nil {
		return err
	}
	d.sent = append(d.sent, cmd)
	next := d.moments[ref]
	if len(next) == 0 || *next[0].Keep() != *cmd.Payload.(*flow.KeepTime) || d.now.Before(next[0].At) {
		return domain.Refuse("not-due", "")
	}
	d.moments[ref] = next[1:]
	return nil
}

func (d *due) News(_ context.Context, ref flow.Ref) (activities.News, error) {
	news := activities.News{Ref: ref}
	if next := d.moments[ref]; len(next) > 0 {
		first := next[0]
		news.Next = &first
	}
	return news, d.away
}

func (d *due) Now(context.Context) (time.Time, error) { return d.now, d.away }

func (d *due) DueSwept(_ context.Context, after activities.Due, limit int) (page []activities.Due, err error) {
	for ref, next := range d.moments {
		each := activities.Due{Ref: ref}
		if len(next) == 0 || d.now.Before(next[0].At) {
			continue
		}
		if each.At = next[0].At; inOrder(after, each) < 0 {
			page = append(page, each)
		}
	}
	slices.SortFunc(page, inOrder)
	page = page[:min(len(page), limit)]
	d.pages = append(d.pages, len(page))
	return page, d.away
}

func inOrder(a, b activities.Due) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref.ID, b.Ref.ID))
}

// sweeping returns an environment that runs the activity as a worker does and logs to lines.
func sweeping(record activities.SweepRecord, lines *bytes.Buffer) *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions((&activities.Sweeps{Record: record}).Sweep, activity.RegisterOptions{Name: "Sweep"})
	return env
}

// sweepIt runs a sweep. It returns the counts and the lines logged about single aggregates.
func sweepIt(t *testing.T, record activities.SweepRecord, stop chan struct{}) (swept activities.Swept, logged []string, err error) {
	t.Helper()
	var lines bytes.Buffer
	env := sweeping(record, &lines)
	if stop != nil {
		env.SetWorkerStopChannel(stop)
	}
	value, err := env.ExecuteActivity("Sweep")
	for line := range strings.Lines(lines.String()) {
		if strings.Contains(line, "aggregate=") {
			logged = append(logged, line)
		}
	}
	if err != nil {
		return swept, logged, err
	}
	return swept, logged, value.Get(&swept)
}

func TestASweepKeepsEveryMomentThatIsDueOnce(t *testing.T) {
	t.Parallel()
	d := newDue()
	for i := range 1_200 {
		d.waits(fmt.Sprintf("one%04d", i), midnight)
	}
	d.waits("several", midnight.AddDate(0, 0, -3), midnight.AddDate(0, 0, -3), midnight)
	d.waits("more is to come", midnight, midnight.AddDate(0, 0, 1))
	d.waits("later", midnight.Add(31*time.Minute))
	swept, _, err := sweepIt(t, d, nil)
	if want := (activities.Swept{Aggregates: 1_202, Moments: 1_204}); err != nil || swept != want {
		t.Errorf("swept %+v, %v, want %+v", swept, err, want)
	}
	sent := map[string]int{}
	for _, cmd := range d.sent {
		if sent[cmd.ID]++; sent[cmd.ID] > 1 || cmd.Actor.ID != domain.Workflow.ID {
			t.Errorf("%s is sent %d times, by %s", cmd.ID, sent[cmd.ID], cmd.Actor.ID)
		}
	}
	if len(sent) != swept.Moments {
		t.Errorf("%d commands for %d moments", len(sent), swept.Moments)
	}
	if want := []int{500, 500, 202, 0, 0}; !slices.Equal(d.pages, want) {
		t.Errorf("pages of %v, want %v", d.pages, want)
	}
}

func TestASweepTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	d := newDue()
	d.waits("a", midnight)
	env, told := sweeping(d, &bytes.Buffer{}), activities.Swept{}
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		if err := details.Get(&told); err != nil {
			t.Error(err)
		}
	})
	if _, err := env.ExecuteActivity("Sweep"); err != nil {
		t.Fatal(err)
	}
	if want := (activities.Swept{Aggregates: 1, Moments: 1}); told != want {
		t.Errorf("its heartbeat reported %+v, want %+v", told, want)
	}
}

// A workflow and the sweep send the same command, so whichever comes second changes nothing.
func TestASweepSendsWhatAWorkflowWouldSend(t *testing.T) {
	t.Parallel()
	d, r := newDue(), &record{state: aPilot()}
	ref := d.waits("0199", midnight)
	moment := activities.Moment{Ref: ref, Next: d.moments[ref][0]}
	if _, _, err := sweepIt(t, d, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t, (&activities.Records{Record: r}).KeepTime, moment); err != nil {
		t.Fatal(err)
	}
	swept, carried := d.sent[0], r.sent[0]
	if swept.ID != carried.ID || swept.Name != carried.Name || swept.Aggregate != carried.Aggregate || *swept.Payload.(*flow.KeepTime) != *carried.Payload.(*flow.KeepTime) {
		t.Errorf("swept %+v, carried %+v", swept, carried)
	}
}

// Without further passes, whatever becomes due before the sweep's current position would wait until the next night.
func TestASweepGoesOverEverythingUntilNothingIsDue(t *testing.T) {
	t.Parallel()
	d := newDue()
	d.waits("b", midnight)
	d.asked = func() {
		d.asked = nil
		d.waits("a", midnight.AddDate(0, 0, -1))
	}
	swept, _, err := sweepIt(t, d, nil)
	if want := (activities.Swept{Aggregates: 2, Moments: 2}); err != nil || swept != want {
		t.Errorf("swept %+v, %v", swept, err)
	}
}

func TestASweepToleratesSomebodyFaster(t *testing.T) {
	t.Parallel()
	d := newDue()
	ref := d.waits("a", midnight)
	d.waits("b", midnight)
	d.asked = func() { d.moments[ref] = nil }
	swept, _, err := sweepIt(t, d, nil)
	if want := (activities.Swept{Aggregates: 1, Moments: 1}); err != nil || swept != want {
		t.Errorf("swept %+v, %v", swept, err)
	}
}

func TestAnAggregateThatCannotBeSweptKeepsNoOtherBack(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{
		"a fault":   errors.New("the state cannot be read"),
		"a refusal": domain.Refuse("fund-exhausted", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDue()
			asked := 0
			d.fails[d.waits("b", midnight)] = fault
			d.waits("a", midnight)
			d.waits("c", midnight)
			d.asked = func() { asked++ }
			_, logged, err := sweepIt(t, d, nil)
			if err == nil || !strings.Contains(err.Error(), "aggregates not swept: 1") || !strings.Contains(err.Error(), "pilot/b") {
				t.Errorf("it ended with %v", err)
			}
			if len(d.sent) != 2 || asked != 3 {
				t.Errorf("%d commands reached the others, %d were sent", len(d.sent), asked)
			}
			if len(logged) != 1 || !strings.Contains(logged[0], "pilot/b") {
				t.Errorf("it logged %q", logged)
			}
			delete(d.fails, flow.Ref{Kind: pilot.Kind, ID: "b"})
			if swept, _, err := sweepIt(t, d, nil); err != nil || swept.Moments != 1 {
				t.Errorf("the next try swept %+v, %v", swept, err)
			}
		})
	}
}

// An unavailable record must not count as a failure of its aggregates.
func TestASweepEndsWhenTheRecordIsAway(t *testing.T) {
	t.Parallel()
	d := newDue()
	for _, id := range []string{"a", "b", "c"} {
		d.fails[d.waits(id, midnight)] = errors.New("the connection was lost")
	}
	asked := 0
	d.asked = func() {
		asked++
		d.away = errors.New("the record is away")
	}
	_, logged, err := sweepIt(t, d, nil)
	if err == nil || !strings.Contains(err.Error(), "the record is away") || asked != 1 || len(logged) > 0 {
		t.Errorf("it ended with %v after %d commands and logged %q", err, asked, logged)
	}
}

// A kind whose lapse ends no wait would keep the sweep busy forever.
func TestTimeThatBringsNoEndIsAFault(t *testing.T) {
	t.Parallel()
	d := newDue()
	endless := d.waits("a", midnight)
	d.waits("b", midnight)
	d.asked = func() { d.moments[endless] = append(d.moments[endless], d.moments[endless]...)[:2] }
	_, _, err := sweepIt(t, d, nil)
	if err == nil || !strings.Contains(err.Error(), "after 1000 moments, yet another is due") {
		t.Errorf("it ended with %v", err)
	}
	if left := d.moments[flow.Ref{Kind: pilot.Kind, ID: "b"}]; len(left) > 0 {
		t.Error("the others were not swept")
	}
}

// held is a record that blocks until its caller gives up.
type held struct {
	*due
	asked chan struct{}
}

func (h held) Execute(ctx context.Context, _ flow.Command) error {
	close(h.asked)
	<-ctx.Done()
	return ctx.Err()
}

func (h held) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	return h.due.Now(ctx)
}

func TestASweepStopsWithItsWorker(t *testing.T) {
	t.Parallel()
	h, stop := held{newDue(), make(chan struct{})}, make(chan struct{})
	h.waits("a", midnight)
	h.waits("b", midnight)
	go func() {
		<-h.asked
		close(stop)
	}()
	if _, logged, err := sweepIt(t, h, stop); err == nil || !strings.Contains(err.Error(), "canceled") || len(logged) > 0 {
		t.Errorf("it ended with %v and logged %q", err, logged)
	}
}
