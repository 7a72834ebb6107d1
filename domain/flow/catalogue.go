package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/programme"
)

// Catalogue is a list of aggregate kinds. Code outside the domain uses it for everything that concerns all kinds.
type Catalogue struct {
	all    []*Aggregate
	kinds  map[Kind]*Aggregate
	stages map[Stage]StageDecl
	claims map[string]Claim
	terms  []Term
}

// NewCatalogue returns a catalogue of the given kinds. It panics if they conflict, for example if two share a name or declare the
// same stage differently.
func NewCatalogue(all ...*Aggregate) *Catalogue {
	c := &Catalogue{all: all, kinds: map[Kind]*Aggregate{}, stages: map[Stage]StageDecl{}, claims: map[string]Claim{}}
	for _, a := range all {
		if c.kinds[a.Kind] != nil {
			panic(fmt.Sprintf("kind %s is listed twice", a.Kind))
		}
		for kind, other := range c.kinds {
			same := a.Carried.Workflow != "" && (a.Carried.Workflow == other.Carried.Workflow || a.Carried.Prefix == other.Carried.Prefix)
			if a.Collection == other.Collection || same {
				panic(fmt.Sprintf("%s and %s are told apart by neither addresses nor runs", a.Kind, kind))
			}
		}
		c.kinds[a.Kind] = a
		for _, s := range a.Stages {
			if old, known := c.stages[s.Stage]; known && old != s {
				panic(fmt.Sprintf("stage %s means two things", s.Stage))
			}
			c.stages[s.Stage] = s
		}
		for _, claim := range a.Claims {
			if old, known := c.claims[claim.Prefix]; known && old != claim {
				panic(fmt.Sprintf("claim %s means two things", claim.Prefix))
			}
			c.claims[claim.Prefix] = claim
		}
		for _, t := range a.Terms {
			if c.counts(t.Key) {
				panic(fmt.Sprintf("term %s is declared twice", t.Key))
			}
			c.terms = append(c.terms, t)
		}
	}
	for _, w := range c.Waits() {
		if w.Term.Key != "" && !c.counts(w.Term.Key) {
			panic(fmt.Sprintf("wait %s counts by the term %s, which nobody declares", w.Key, w.Term.Key))
		}
	}
	return c
}

// With returns a copy of the catalogue extended with more kinds.
func (c *Catalogue) With(more ...*Aggregate) *Catalogue {
	return NewCatalogue(slices.Concat(c.all, more)...)
}

// Aggregates returns the descriptions of all kinds.
func (c *Catalogue) Aggregates() []*Aggregate { return c.all }

// ErrUnknownKind means that this program does not know the kind: either a newer version recorded it, or its name is misspelt.
var ErrUnknownKind = errors.New("there is no kind of aggregate")

// Of returns the description of a kind, or ErrUnknownKind if there is none.
func (c *Catalogue) Of(kind Kind) (*Aggregate, error) {
	a := c.kinds[kind]
	if a == nil {
		return nil, fmt.Errorf("%w %q", ErrUnknownKind, kind)
	}
	return a, nil
}

// New returns the initial state of an aggregate, before its first event.
func (c *Catalogue) New(ref Ref) (State, error) {
	a, err := c.Of(ref.Kind)
	if err != nil {
		return nil, err
	}
	return a.New(ref.ID), nil
}

// Find returns the declaration of the named command.
//
// Errors: unknown-command.
func (c *Catalogue) Find(kind Kind, name string) (*Declaration, error) {
	a, err := c.Of(kind)
	if err != nil {
		return nil, err
	}
	return a.Command(name)
}

// Event returns the declaration of the event with the given journal name, or nil if there is none.
func (c *Catalogue) Event(kind Kind, name string) *EventType {
	if a := c.kinds[kind]; a != nil {
		return a.Event(name)
	}
	return nil
}

// Decode decodes an event from the journal, whichever version of it was recorded.
func (c *Catalogue) Decode(kind Kind, name string, version int, data json.RawMessage) (Event, error) {
	t := c.Event(kind, name)
	if t == nil {
		return nil, fmt.Errorf("journal holds %s event %q, which this version does not know", kind, name)
	}
	return t.decode(version, data)
}

// StageName returns the display name of a stage.
func (c *Catalogue) StageName(stage Stage) domain.Text {
	if s, known := c.stages[stage]; known {
		return s.Name
	}
	return domain.Text{ZH: string(stage), EN: string(stage)}
}

// Ended reports whether the stage is final.
func (c *Catalogue) Ended(stage Stage) bool { return c.stages[stage].Ended }

// ClaimOf returns the claim that declares a key's prefix, and the part of the key that users entered.
func (c *Catalogue) ClaimOf(key string) (claim Claim, entered string, known bool) {
	prefix, entered, _ := strings.Cut(key, ":")
	claim, known = c.claims[prefix]
	if claim.Within {
		_, entered, _ = strings.Cut(entered, ":")
	}
	return claim, entered, known
}

// counts reports whether any kind declares the term.
func (c *Catalogue) counts(key programme.TermKey) bool {
	return slices.ContainsFunc(c.terms, func(t Term) bool { return t.Key == key })
}

// Terms returns every term that a programme can set.
func (c *Catalogue) Terms() []Term { return c.terms }

// Complete fills in the default of every term that the programme's file omits.
//
// Errors: a finding for each term in the file that no kind declares.
func (c *Catalogue) Complete(p *programme.Programme) error {
	defaults := map[programme.TermKey]programme.Term{}
	for _, t := range c.terms {
		defaults[t.Key] = t.Default
	}
	return p.Complete(defaults)
}

// Commands returns every command in lifecycle order, followed by those that every kind accepts.
func (c *Catalogue) Commands() (all []*Declaration) {
	own := func(d *Declaration) bool { return !d.engine }
	for _, of := range []func(*Declaration) bool{own, func(d *Declaration) bool { return d.engine }} {
		for _, a := range c.all {
			for _, d := range a.Commands {
				if of(d) {
					all = append(all, d)
				}
			}
		}
	}
	return all
}

// Events returns the declarations of all events.
func (c *Catalogue) Events() []*EventType {
	return gather(c, func(a *Aggregate) []*EventType { return a.Events })
}

// Waits returns every row of the lifecycle, in order.
func (c *Catalogue) Waits() []Wait { return gather(c, func(a *Aggregate) []Wait { return a.Waits }) }

// Bookings returns the bookings of every kind, which together cover every movement of money in the ledger.
func (c *Catalogue) Bookings() []Booking {
	return gather(c, func(a *Aggregate) []Booking { return a.Bookings })
}

// Stages returns every stage in lifecycle order, without duplicates.
func (c *Catalogue) Stages() (all []StageDecl) {
	for _, s := range gather(c, func(a *Aggregate) []StageDecl { return a.Stages }) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

func gather[T any](c *Catalogue, of func(*Aggregate) []T) (all []T) {
	for _, a := range c.all {
		all = append(all, of(a)...)
	}
	return all
}
