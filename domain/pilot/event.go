package pilot

import (
	"encoding/json"
	"fmt"
	"reflect"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Event is something that happened to an aggregate, with every outcome in it:
// amounts, due days, the rule's answer. Applying it consults nothing else.
type Event any

type event[S State] interface{ apply(s S) }

// dated is an event whose effective day is not the day it was recorded: a wait
// ended by its deadline ends on the due day, however late the machine acts.
type dated interface{ on() calendar.Date }

// EventType is the declaration of an event: its name in the journal, its version and what people read.
type EventType struct {
	Name      string
	Aggregate Kind
	Version   int
	Title     domain.Text
	Quiet     bool // does not raise the version that If-Match compares

	typ   reflect.Type
	apply func(State, Event)
	// upcast turns the data of an older version into this one's.
	upcast func(version int, data json.RawMessage) (json.RawMessage, error)
}

func happens[S State, E any, PE interface {
	*E
	event[S]
}](name string, title domain.Text,
) *EventType {
	return &EventType{
		Name: name, Aggregate: kindOf[S](), Version: 1, Title: title, typ: reflect.TypeFor[E](),
		apply: func(s State, e Event) { e.(PE).apply(s.(S)) },
	}
}

func (t *EventType) quiet() *EventType { t.Quiet = true; return t }

type eventKey struct {
	kind Kind
	name string
}

type eventOf struct {
	kind Kind
	typ  reflect.Type
}

var eventsByName, eventsByType = func() (map[eventKey]*EventType, map[eventOf]*EventType) {
	names, types := map[eventKey]*EventType{}, map[eventOf]*EventType{}
	for _, t := range Events {
		names[eventKey{t.Aggregate, t.Name}] = t
		types[eventOf{t.Aggregate, t.typ}] = t
	}
	return names, types
}()

// TypeOf finds the declaration of an event of an aggregate of that kind.
func TypeOf(kind Kind, e Event) *EventType {
	return eventsByType[eventOf{kind, reflect.TypeOf(e).Elem()}]
}

// EventNamed finds the declaration of an event by its name in the journal, or nil.
func EventNamed(kind Kind, name string) *EventType { return eventsByName[eventKey{kind, name}] }

// EffectiveDay is the day the event counts from; zero when it is the day of its recording.
func EffectiveDay(e Event) calendar.Date {
	if d, ok := e.(dated); ok {
		return d.on()
	}
	return calendar.Date{}
}

// Decode reads an event as the journal holds it.
func Decode(kind Kind, name string, version int, data json.RawMessage) (Event, error) {
	t := eventsByName[eventKey{kind, name}]
	if t == nil {
		return nil, fmt.Errorf("journal holds %s event %q, which this version does not know", kind, name)
	}
	if version > t.Version {
		return nil, fmt.Errorf("journal holds %s event %q in version %d, newer than %d", kind, name, version, t.Version)
	}
	if version < t.Version {
		var err error
		if data, err = t.upcast(version, data); err != nil {
			return nil, fmt.Errorf("upcast %s event %q from version %d: %w", kind, name, version, err)
		}
	}
	e := reflect.New(t.typ).Interface()
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("decode %s event %q: %w", kind, name, err)
	}
	return e, nil
}

// Apply moves the state on by one event. It never fails and consults no rule, calendar or clock.
func Apply(s State, e Event) {
	t := TypeOf(s.Kind(), e)
	t.apply(s, e)
	r := s.record()
	r.Seq++
	if !t.Quiet {
		r.Version++
	}
}
