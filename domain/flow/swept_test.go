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

// entry is an event as a journal records it.
type entry struct {
	at   time.Time // when it was recorded
	on   calendar.Date
	name string
	wait flow.WaitKey
	data string
}

// told is what must be the same for carried and swept requests.
func (e entry) told() string { return fmt.Sprintf("%s of %s on %s: %s", e.name, e.wait, e.on, e.data) }

// history is a request with what has happened to it.
type history struct {
	t       rapid.TB
	state   flow.State
	entries []entry
	until   time.Time // time has been kept until then
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

// about returns the wait that an event concerns; empty for the one that opens a request.
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

// keep handles at now everything that is due by the instant.
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

// carry keeps time as a workflow does: at each moment.
func (h *history) carry(until time.Time) {
	h.keep(until, func(next time.Time) time.Time { return next })
}

// sweep keeps time as the sweep does: each night at 00:30.
func (h *history) sweep(until time.Time) {
	for ; !nightAfter(h.until).After(until); h.until = nightAfter(h.until) {
		night := nightAfter(h.until)
		h.keep(night, func(time.Time) time.Time { return night })
	}
	h.until = until
}

// nightAfter returns the first sweep after the instant.
func nightAfter(t time.Time) time.Time {
	if night := calendar.Of(t).At(0, 30); night.After(t) {
		return night
	}
	return calendar.Of(t).AddDays(1).At(0, 30)
}

func (h *history) awaits(wait flow.WaitKey) bool {
	return h.state.Common().Turn(wait, string(wait)) != nil
}

// of returns what was recorded about a wait, in order.
func of(entries []entry, wait flow.WaitKey) (told []string) {
	for _, e := range entries {
		if e.wait == wait {
			told = append(told, e.told())
		}
	}
	return told
}

// asSwept converts a carried request's history to that of a swept one: reminders and escalations come in the night after their moment,
// or not at all if somebody acted before.
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

// act is what somebody does at an instant.
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

// Whatever people do and whenever, a request that is swept at night has the same history as one that a workflow carries. Only reminders
// and escalations come later, several in one night, or not at all if somebody acted before the night.
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

// judgeBoth sends the same command to both requests. Both must accept or refuse it, and both call it late or not. What a lapse of the
// coming night opens cannot be acted on before the sweep, so then nothing is sent.
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

// Sweeps may be missed while Temporal is away. A lapse is still dated with its due day, and what follows is counted from there.
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
