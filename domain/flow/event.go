package flow

import (
	"encoding/json"
	"fmt"
	"reflect"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Event is something that happened to an aggregate. It carries every outcome, such as amounts, due dates and the results of rules, so
// that applying it requires no lookups.
type Event any

type event[S State] interface{ Apply(s S) }

// dated is implemented by events that take effect on a date other than the one on which they are recorded. For example, when a
// deadline ends a wait, the event takes effect on the due date, however late it is recorded.
type dated interface{ EffectiveOn() calendar.Date }

// EventType declares an event, with its journal name, version and title.
type EventType struct {
	Name      string
	Aggregate Kind
	Version   int
	Title     domain.Text
	Quiet     bool // the event leaves the version for If-Match unchanged

	typ      reflect.Type
	apply    func(State, Event)
	upcasts  []func(json.RawMessage) (json.RawMessage, error) // converters from each version to the next, starting with version 1 to 2
	bookings []*Booking
}

// Happens declares an event with its journal name and struct. Each event needs a struct of its own.
func Happens[S State, E any, PE interface {
	*E
	event[S]
}](name string, title domain.Text,
) *EventType {
	return &EventType{
		Name: name, Version: 1, Title: title, typ: reflect.TypeFor[E](),
		apply: func(s State, e Event) { e.(PE).Apply(s.(S)) },
	}
}

// Formerly declares an earlier form of the event. Each call raises the event's version by one, and upcast converts entries of the
// previous version to the next (see Upcast). Entries remain in the journal for thirty years exactly as they were written.
func (t *EventType) Formerly(upcast func(json.RawMessage) (json.RawMessage, error)) *EventType {
	t.upcasts = append(t.upcasts, upcast)
	t.Version++
	return t
}

// Upcast returns a function that converts entries from the form Old to the form New. The function convert must return an error for
// any entry that no version of Terrace can have written.
func Upcast[Old, New any](convert func(Old) (New, error)) func(json.RawMessage) (json.RawMessage, error) {
	return func(data json.RawMessage) (json.RawMessage, error) {
		var old Old
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		now, err := convert(old)
		if err != nil {
			return nil, err
		}
		return json.Marshal(now)
	}
}

// New returns an empty event of this type.
func (t *EventType) New() Event { return reflect.New(t.typ).Interface() }

// decode decodes an event of the current or an earlier version.
func (t *EventType) decode(version int, data json.RawMessage) (Event, error) {
	if version < 1 || version > t.Version {
		return nil, fmt.Errorf("journal holds %s event %q in version %d, newer than %d", t.Aggregate, t.Name, version, t.Version)
	}
	for from, upcast := range t.upcasts[version-1:] {
		var err error
		if data, err = upcast(data); err != nil {
			return nil, fmt.Errorf("upcast %s event %q from version %d: %w", t.Aggregate, t.Name, version+from, err)
		}
	}
	e := t.New()
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("decode %s event %q: %w", t.Aggregate, t.Name, err)
	}
	return e, nil
}

// EffectiveDay returns the date on which the event takes effect, or the zero Date if it takes effect when it is recorded.
func EffectiveDay(e Event) calendar.Date {
	if d, ok := e.(dated); ok {
		return d.EffectiveOn()
	}
	return calendar.Date{}
}

// Apply applies an event, which takes effect on the given day, to the state. It cannot fail, and uses no rules, calendar or clock.
func Apply(s State, e Event, on calendar.Date) {
	t, r := s.Aggregate().TypeOf(e), s.Common()
	r.AsOf = on
	t.apply(s, e)
	r.AsOf = calendar.Date{}
	r.Seq++
	if !t.Quiet {
		r.Version++
	}
}
