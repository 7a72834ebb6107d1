package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/ledger"
	"terrace/domain/place"
)

// Decision is everything that follows from an accepted command.
type Decision struct {
	Events        []Happened
	Late          bool // whether the command arrived after a soft due date
	Before, After Progress
	// Released lists the keys that the aggregate gives up, and Claimed those that it takes. Both are sorted.
	Released, Claimed []string
}

// Happened is an event as the journal records it.
type Happened struct {
	Type     *EventType
	Event    Event
	Data     json.RawMessage // the event as JSON; encoded before the event is applied, because the state may then share the event's memory and modify it
	On       calendar.Date   // date on which the event takes effect
	Postings []ledger.Posting
}

// Names returns the names of the decision's events, in order.
func (d Decision) Names() []string {
	names := make([]string, len(d.Events))
	for i, h := range d.Events {
		names[i] = h.Type.Name
	}
	return names
}

// Judge decides on a command. It checks that the sender can see the aggregate and is authorized, that the command is possible at this
// time, and that its content is valid. It then applies the resulting events to the state and returns everything that follows from the
// command. A refusal leaves the state unchanged; after any other error, the state must be discarded. The result depends only on the
// arguments.
//
// Errors: unknown-command, not-found, wrong-role, wrong-place, wrong-organization, wrong-person, wrong-stage, deadline-passed,
// stale-version, and those of the command itself.
func Judge(s State, cmd Command, c Context) (Decision, error) {
	declared, late, err := check(s, cmd, c)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Late: late}
	var held []string
	if !declared.Creates { // a new aggregate has no progress or claims yet
		d.Before, held = ProgressOf(s), ClaimsOf(s)
	}
	for _, e := range declared.decide(s, cmd.Payload, c) {
		h, err := happen(s, e, c)
		if err != nil {
			return Decision{}, err
		}
		d.Events = append(d.Events, h)
	}
	d.After = ProgressOf(s)
	if err := sound(s, declared, cmd.Payload, c, d); err != nil {
		return Decision{}, err
	}
	now := ClaimsOf(s)
	d.Released, d.Claimed = without(held, now), without(now, held)
	for _, key := range d.Claimed {
		if !s.Aggregate().claims(key) {
			return Decision{}, fmt.Errorf("%s claims %q, whose prefix is not declared", RefOf(s), key)
		}
	}
	return d, nil
}

// sound returns an error if a decision violates an invariant that holds for every aggregate. Such an error reveals a bug in the
// aggregate's code, not a fault of the command.
func sound(s State, by *Declaration, p Payload, c Context, d Decision) error {
	a := s.Aggregate()
	var files []string
	for _, h := range d.Events {
		files = append(files, FilesOf(h.Event)...)
	}
	slices.Sort(files)
	if asked := FilesOf(p); !slices.Equal(asked, slices.Compact(files)) {
		return fmt.Errorf("command %s of %s names the files %q, but its events name %q: the Files of both must be the same", by.Name, RefOf(s), asked, files)
	}
	if by.Name == KeepTimeCommand && d.After.Next != nil && *d.After.Next == *d.Before.Next {
		return fmt.Errorf("the %s of wait %s of %s does not end it: Lapse must return an event that ends the wait", d.Before.Next.Moment, d.Before.Next.Key, RefOf(s))
	}
	if len(d.After.Duties) > 0 && a.Carried.Workflow == "" {
		return fmt.Errorf("%s owes %s, but its kind has no workflow to perform the duty", RefOf(s), d.After.Duties[0].Key)
	}
	if by.Creates && c.Actor.ID != domain.Workflow.ID && s.Root() != s.Common().ID {
		return fmt.Errorf("%s says it is part of %s: only what a workflow opens is part of another", RefOf(s), s.Root())
	}
	known := func(t TurnView) bool {
		return slices.ContainsFunc(d.Before.Turns, func(b TurnView) bool { return b.Key == t.Key })
	}
	for _, t := range d.After.Turns {
		if a.waits[t.Key] == nil && !known(t) {
			return fmt.Errorf("%s awaits %s, which is not declared", RefOf(s), t.Key)
		}
	}
	return nil
}

// Check returns an error if the command must be rejected, without deciding it, and otherwise reports whether it is late.
//
// Errors: those of Judge.
func Check(s State, cmd Command, c Context) (late bool, err error) {
	_, late, err = check(s, cmd, c)
	return late, err
}

// Decide returns the events of an accepted command without applying them. Call Check first.
func Decide(s State, cmd Command, c Context) []Event {
	return s.Aggregate().commands[cmd.Name].decide(s, cmd.Payload, c)
}

func check(s State, cmd Command, c Context) (declared *Declaration, late bool, err error) {
	if declared, err = s.Aggregate().Command(cmd.Name); err != nil {
		return nil, false, err
	}
	if err := declared.Permits(s, cmd.Payload, c.Actor, c.Places); err != nil {
		return nil, false, err
	}
	if cmd.IfVersion != 0 && cmd.IfVersion != s.Common().Version {
		return nil, false, domain.Refuse("stale-version", "", "version", strconv.Itoa(s.Common().Version))
	}
	if late, err = inTime(s, declared, cmd.Payload, c); err != nil {
		return nil, false, err
	}
	return declared, late, named(declared.check(s, cmd.Payload, c), c.Places)
}

// named adds the name of a place to each refusal whose arguments contain only the place's code.
func named(err error, places *place.Table) error {
	for _, refused := range domain.Refusals(err) {
		if code, there := refused.Args["place"]; there {
			refused.Args["place-zh"], refused.Args["place-en"] = places.Called(place.Code(code))
		}
	}
	return err
}

// happen applies an event to the state and returns it in the form in which the journal records it.
func happen(s State, e Event, c Context) (h Happened, err error) {
	h = Happened{Type: s.Aggregate().TypeOf(e), Event: e, On: EffectiveDay(e)}
	if h.Type == nil {
		return h, fmt.Errorf("%s: event %T is not declared", RefOf(s), e)
	}
	if h.Data, err = json.Marshal(e); err != nil {
		return h, err
	}
	if h.On.IsZero() {
		h.On = c.Today()
	}
	Apply(s, e, h.On)
	h.Postings = h.Type.postings(s.Aggregate(), s, e)
	return h, nil
}

// ClaimsOf returns the keys that an aggregate holds, without duplicates, in the order in which the database locks them.
func ClaimsOf(s State) []string {
	keys := slices.Clone(s.Claims())
	slices.Sort(keys)
	return slices.Compact(keys)
}

// without returns the elements of a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(key string) bool { return slices.Contains(b, key) })
}
