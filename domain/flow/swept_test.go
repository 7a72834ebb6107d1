package flow_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

var begin = calendar.On(2017, 9, 11)

// entry is an event as recorded in the journal.
type entry struct {
	at   time.Time // time at which it was recorded
	on   calendar.Date
	name string
	wait flow.WaitKey
	data string
}

// told formats the parts of an entry that must be the same for carried and swept requests.
func (e entry) told() string { return fmt.Sprintf("%s of %s on %s: %s", e.name, e.wait, e.on, e.data) }

// history is a request together with its recorded events.
type history struct {
	t       rapid.TB
	state   flow.State
	entries []entry
	until   time.Time // time up to which due moments have been handled
}

func newHistory(t rapid.TB, a *flow.Aggregate, ask *Ask) *history {
	t.Helper()
	h := &history{t: t, state: a.New("r"), until: begin.At(9, 30)}
	if _, err := h.send(asker, "ask", ask, h.until); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *history) send(who domain.Actor, name string, payload flow.Payload, now time.Time) (late bool, err error) {
	d, err := flow.Judge(h.state, flow.Command{Name: name, Actor: who, Payload: payload}, flow.Context{Now: now, Actor: who})
	for _, e := range d.Events {
		h.entries = append(h.entries, entry{now, e.On, e.Type.Name, about(e.Event), string(e.Data)})
	}
	return d.Late, err
}

// about returns the wait that an event concerns, or an empty key for the event that opens a request.
func about(e flow.Event) flow.WaitKey {
	switch e := e.(type) {
	case *Met:
		return e.Wait
	case *Extended:
		return e.Wait
	case *Missed:
		return e.Wait
	case *flow.Reminded:
		return e.Key
	case *flow.Escalated:
		return e.Key
	}
	return ""
}

// keep sends KeepTime for every moment due by the given time. The function now returns the time at which to send it, given the
// moment's own time.
func (h *history) keep(by time.Time, now func(next time.Time) time.Time) {
	h.t.Helper()
	for {
		next := flow.ProgressOf(h.state).Next
		if next == nil || by.Before(next.At) {
			return
		}
		if _, err := h.send(domain.Workflow, flow.KeepTimeCommand, next.Keep(), now(next.At)); err != nil {
			h.t.Fatalf("%s of %s is due and refused: %v", next.Moment, next.Key, err)
		}
		if after := flow.ProgressOf(h.state).Next; after != nil && *after.Keep() == *next.Keep() {
			h.t.Fatalf("%s of %s changes nothing", next.Moment, next.Key)
		}
	}
}

// carry handles each moment as a workflow does, when it is reached.
func (h *history) carry(until time.Time) {
	h.keep(until, func(next time.Time) time.Time { return next })
}

// sweep handles moments as the nightly sweep does, at 00:30.
func (h *history) sweep(until time.Time) {
	for ; !nightAfter(h.until).After(until); h.until = nightAfter(h.until) {
		night := nightAfter(h.until)
		h.keep(night, func(time.Time) time.Time { return night })
	}
	h.until = until
}

// nightAfter returns the time of the first sweep after t.
func nightAfter(t time.Time) time.Time {
	if night := calendar.Of(t).At(0, 30); night.After(t) {
		return night
	}
	return calendar.Of(t).AddDays(1).At(0, 30)
}

func (h *history) awaits(wait flow.WaitKey) bool {
	return h.state.Common().Turn(wait, string(wait)) != nil
}

// of returns the entries about a wait, in order and formatted by told.
func of(entries []entry, wait flow.WaitKey) (told []string) {
	for _, e := range entries {
		if e.wait == wait {
			told = append(told, e.told())
		}
	}
	return told
}

// asSwept converts the entries of a carried request to those of a swept one. Reminders and escalations are recorded by the following
// night's sweep, or not at all if someone acted first.
func asSwept(carried []entry) (all []entry) {
	for i, e := range carried {
		if e.name == "reminded" || e.name == "escalated" {
			night := nightAfter(e.at)
			if slices.ContainsFunc(carried[i:], func(later entry) bool {
				return later.wait == e.wait && (later.name == "met" || later.name == "extended") && later.at.Before(night)
			}) {
				continue
			}
			e.on = calendar.Of(night)
		}
		all = append(all, e)
	}
	return all
}

var everyWait = []flow.WaitKey{answer, papers, appeal, fee, oath}

// act is a command to be sent at a given time.
type act struct {
	at      time.Time
	wait    flow.WaitKey
	name    string
	payload flow.Payload
}

func drawActs(r *rapid.T) (acts []act) {
	hours := [][2]int{{0, 0}, {0, 1}, {0, 29}, {0, 30}, {8, 59}, {9, 0}, {15, 0}, {23, 59}}
	for range rapid.IntRange(0, 12).Draw(r, "acts") {
		hour := rapid.SampledFrom(hours).Draw(r, "hour")
		a := act{
			at:   begin.AddDays(rapid.IntRange(1, 30).Draw(r, "day")).At(hour[0], hour[1]),
			wait: rapid.SampledFrom(everyWait).Draw(r, "wait"),
		}
		if rapid.Bool().Draw(r, "extends") {
			a.name, a.payload = "extend", &Extend{a.wait, rapid.IntRange(0, 8).Draw(r, "days")}
		} else {
			a.name, a.payload = "meet", &Meet{a.wait}
		}
		acts = append(acts, a)
	}
	slices.SortStableFunc(acts, func(a, b act) int { return a.at.Compare(b.at) })
	return acts
}

// Whatever commands are sent and when, a request swept at night has the same history as one carried by a workflow. Only reminders and
// escalations are recorded later, several in one night, or not at all if someone acted before the sweep.
func TestSweptAndCarriedKindsHaveTheSameHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		day := func(of string) calendar.Date { return begin.AddDays(rapid.IntRange(0, 20).Draw(r, of)) }
		ask := &Ask{Answer: day("answer"), Papers: day("papers"), Fee: day("fee")}
		byWorkflow, byNight := newHistory(r, carriedRequests, ask), newHistory(r, sweptRequests, ask)
		for _, a := range drawActs(r) {
			byWorkflow.carry(a.at)
			byNight.sweep(a.at)
			judgeBoth(r, byWorkflow, byNight, a)
		}
		end := begin.AddDays(80).At(0, 30)
		byWorkflow.carry(end)
		byNight.sweep(end)
		compareHistories(r, byWorkflow, byNight)
	})
}

// judgeBoth sends the same command to both requests, and requires both to accept or refuse it and to agree on whether it is late. It
// sends nothing if the command is for a wait that only the carried request has opened, because the sweep has yet to record the lapse
// that opens it.
func judgeBoth(r *rapid.T, byWorkflow, byNight *history, a act) {
	opened, lapsed := byWorkflow.awaits(a.wait) && !byNight.awaits(a.wait), !byWorkflow.awaits(a.wait) && byNight.awaits(a.wait)
	if inGap := a.at.Before(calendar.Of(a.at).At(0, 30)); (opened || lapsed) && !inGap {
		r.Fatalf("at %s one of them awaits %s and the other does not", a.at, a.wait)
	}
	if opened {
		return
	}
	late1, err1 := byWorkflow.send(asker, a.name, a.payload, a.at)
	late2, err2 := byNight.send(asker, a.name, a.payload, a.at)
	code1, code2 := code(err1), code(err2)
	if lapsed && code1 == "wrong-stage" && code2 == "deadline-passed" {
		return
	}
	if code1 != code2 || late1 != late2 {
		r.Fatalf("%s of %s at %s: carried %q, late %v; swept %q, late %v", a.name, a.wait, a.at, code1, late1, code2, late2)
	}
}

func code(err error) domain.Code {
	if refusal, refused := domain.Refused(err); refused {
		return refusal.Code
	}
	return ""
}

func compareHistories(t rapid.TB, byWorkflow, byNight *history) {
	t.Helper()
	want := asSwept(byWorkflow.entries)
	for _, wait := range append(everyWait, "") {
		if got, want := of(byNight.entries, wait), of(want, wait); !slices.Equal(got, want) {
			t.Fatalf("%s of the swept request:\n%q\nof the carried one:\n%q", wait, got, want)
		}
	}
	a, b := *byWorkflow.state.Common(), *byNight.state.Common()
	byKey := func(a, b flow.Turn) int { return cmp.Compare(a.Key, b.Key) }
	slices.SortFunc(a.Turns, byKey)
	slices.SortFunc(b.Turns, byKey)
	if a.Seq, b.Seq = 0, 0; !reflect.DeepEqual(a, b) {
		t.Fatalf("the swept request is\n%+v\nand the carried one\n%+v", b, a)
	}
}

func TestWhatArrivesBetweenTheDueDayAndTheSweep(t *testing.T) {
	t.Parallel()
	day := func(n int) calendar.Date { return begin.AddDays(n) }
	for name, test := range map[string]struct {
		wait flow.WaitKey
		at   time.Time
		late bool
		want domain.Code
	}{
		"an office's deadline: late until its last instant":       {answer, day(6).At(0, 29), true, ""},
		"an office's deadline: not late on the day":               {answer, day(5).At(23, 59), false, ""},
		"a hard due day: accepted on the day":                     {papers, day(5).At(23, 59), false, ""},
		"a hard due day: refused from the first instant after it": {papers, day(6).At(0, 0), false, "deadline-passed"},
		"of two on one day, the second: refused as well":          {oath, day(6).At(0, 29), false, "deadline-passed"},
		"a later deadline: untouched":                             {oath, day(5).At(0, 10), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, sweptRequests, &Ask{Answer: day(5), Papers: day(5), Fee: day(5)})
			h.sweep(test.at)
			late, err := h.send(asker, "meet", &Meet{test.wait}, test.at)
			if code(err) != test.want || late != test.late {
				t.Errorf("late %v, refused %q", late, code(err))
			}
		})
	}
}

// Sweeps may be missed while Temporal is down. A lapse still takes effect on its due date, from which the deadlines that follow are
// counted.
func TestAMissedNightChangesNoEffectiveDay(t *testing.T) {
	t.Parallel()
	ask := &Ask{Answer: begin.AddDays(2), Papers: begin.AddDays(3), Fee: begin.AddDays(4)}
	inTime, late := newHistory(t, sweptRequests, ask), newHistory(t, sweptRequests, ask)
	end := begin.AddDays(30).At(0, 30)
	inTime.sweep(end)
	late.keep(end, func(time.Time) time.Time { return end })
	for _, wait := range everyWait {
		missed := func(h *history) []string {
			return of(slices.DeleteFunc(slices.Clone(h.entries), func(e entry) bool { return e.name != "missed" }), wait)
		}
		if got, want := missed(late), missed(inTime); !slices.Equal(got, want) || len(want) != 1 && wait != answer {
			t.Errorf("of %s\n%q, in time\n%q", wait, got, want)
		}
	}
}
