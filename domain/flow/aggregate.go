// Package flow is the engine that every kind of aggregate (业务对象) runs on; it knows none of them. It defines what a kind declares, how a
// command is judged, what happens when time passes, who is awaited, and what the workflows owe. Judge decides and Apply applies an
// event; both are pure.
package flow

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/ledger"
	"terrace/domain/programme"
)

// Kind is a kind of aggregate.
type Kind string

// Ref names an aggregate.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

func (r Ref) String() string { return string(r.Kind) + "/" + r.ID }

// Aggregate describes a kind of aggregate (业务对象): everything that the rest of the program needs to know about it. Code that would
// switch on a kind reads its description instead. Commands to one aggregate are decided one at a time, under its lock.
type Aggregate struct {
	Kind       Kind
	Collection string // the first part of its paths: pilots
	Title      domain.Text
	Doc        string // what its part of the API is for, in both languages
	Empty      State  // the state before the first event, which New copies
	Carried    Carriage

	Stages   []StageDecl
	Steps    []Step // from stage to stage, as the lifecycle page draws them
	Waits    []Wait
	Terms    []Term
	Commands []*Declaration
	Events   []*EventType
	Bookings []Booking
	Claims   []Claim
	// Patient holds the duties that delay nothing while they are owed, such as asking a bank again.
	Patient []DutyKey
	// Owner returns the owner of the account that a booking means, where its ledger.Part names none.
	Owner func(s State, of ledger.OwnerKind) string

	waits    map[WaitKey]*Wait
	commands map[string]*Declaration
	events   map[string]*EventType
	types    map[reflect.Type]*EventType
	stages   map[Stage]StageDecl
}

// Carriage says how the duties and due days of a kind take effect without a person.
type Carriage struct {
	Workflow string // the workflow that runs for each aggregate; empty if none does
	Prefix   string // of the workflow's id
	Child    bool   // the workflow of the aggregate that opened it starts it
	Swept    bool   // due days take effect during the following night; such a kind has no duties
}

// Still is for kinds that neither wait nor owe.
var Still = Carriage{}

// Swept is for kinds that have due days and no duties. However many there are, none needs a workflow.
var Swept = Carriage{Swept: true}

// By is for kinds with a workflow of their own.
func By(workflow, prefix string) Carriage { return Carriage{Workflow: workflow, Prefix: prefix} }

// ByChild is for kinds whose workflow is started by another one.
func ByChild(workflow, prefix string) Carriage {
	return Carriage{Workflow: workflow, Prefix: prefix, Child: true}
}

// StageDecl declares a stage: its label, and whether it is final.
type StageDecl struct {
	Stage Stage
	Name  domain.Text
	Ended bool
}

// Passes declares a stage that leads on to others.
func Passes(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en)}
}

// Ends declares a final stage.
func Ends(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en), Ended: true}
}

// Step leads from one stage to another, by a command or by the lapse of a wait (“notice/lapse”). The first step starts from the empty
// stage.
type Step struct {
	From, To Stage
	By       string
}

// Arrow returns a step.
func Arrow(from, to Stage, by string) Step { return Step{From: from, To: to, By: by} }

// Term is a length of time that a programme can set (期限), with the default for programmes that do not.
type Term struct {
	Key     programme.TermKey
	Default programme.Term
}

// Claim declares a prefix of keys. Only one aggregate at a time can hold such a key. A command that would take a held key is refused
// with Refusal; without a Refusal, it is judged with the holder in Context.Held.
type Claim struct {
	Prefix  string
	Refusal domain.Code
}

// Describe completes a description and checks it. It panics when its parts contradict each other, since no command would be safe.
func Describe(a Aggregate) *Aggregate {
	a.Commands = slices.Concat(a.Commands, engineCommands())
	a.Events = slices.Concat(a.Events, engineEvents())
	a.waits, a.commands, a.events = map[WaitKey]*Wait{}, map[string]*Declaration{}, map[string]*EventType{}
	a.types, a.stages = map[reflect.Type]*EventType{}, map[Stage]StageDecl{}
	a.must(a.Kind != "" && a.Collection != "" && a.Empty != nil, "it needs a kind, a collection and an empty state")
	for _, s := range a.Stages {
		a.must(a.stages[s.Stage].Stage == "", "stage %s is declared twice", s.Stage)
		a.stages[s.Stage] = s
	}
	for _, d := range a.Commands {
		a.must(a.commands[d.Name] == nil, "command %s is declared twice", d.Name)
		a.must(d.Aggregate == "", "command %s is another's", d.Name)
		d.Aggregate, a.commands[d.Name] = a.Kind, d
	}
	for i := range a.Waits {
		w := &a.Waits[i]
		a.must(a.waits[w.Key] == nil, "wait %s is declared twice", w.Key)
		w.Aggregate, a.waits[w.Key] = a.Kind, w
	}
	for _, t := range a.Events {
		a.must(a.events[t.Name] == nil && a.types[t.typ] == nil, "event %s is declared twice", t.Name)
		a.must(t.Aggregate == "", "event %s is another's", t.Name)
		t.Aggregate, a.events[t.Name], a.types[t.typ] = a.Kind, t, t
	}
	a.bind()
	a.connect()
	return &a
}

// bind attaches the bookings to their events.
func (a *Aggregate) bind() {
	for i := range a.Bookings {
		b := &a.Bookings[i]
		t := a.types[reflect.TypeOf(b.event).Elem()]
		a.must(t != nil, "a booking is of an event that is not declared, %T", b.event)
		for _, side := range []ledger.Side{b.From, b.To} {
			_, known := ledger.KindOfAccount(side.Name)
			a.must(known && a.Owner != nil, "it books on account %s, which is not of the chart, or nobody says whose", side.Name)
		}
		b.Event = t
		t.bookings = append(t.bookings, b)
	}
}

// connect checks the lifecycle: its stages and commands are declared, and fit how the kind is carried.
func (a *Aggregate) connect() {
	a.must(!a.Carried.Swept || a.Carried.Workflow == "", "it is swept and carried")
	for _, w := range a.Waits {
		a.must(a.Carried != Still || w.Standing, "nobody brings wait %s to its end: it is neither carried nor swept", w.Key)
		for _, s := range w.Stages {
			a.must(a.stages[s].Stage != "", "wait %s is open in stage %s, which is not declared", w.Key, s)
		}
		for _, e := range w.Exits {
			a.must(a.commands[e.Command] != nil, "wait %s admits %s, which nobody declares", w.Key, e.Command)
			for _, s := range e.Leads {
				a.must(a.stages[s].Stage != "", "%s leads to stage %s, which is not declared", e.Command, s)
			}
		}
	}
	for _, s := range a.Steps {
		a.must((s.From == "" || a.stages[s.From].Stage != "") && a.stages[s.To].Stage != "", "the step from %s to %s is between stages that are not declared", s.From, s.To)
	}
}

// must panics unless ok.
func (a *Aggregate) must(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf("aggregate %s: ", a.Kind) + fmt.Sprintf(format, args...))
	}
}

// New returns the state of an aggregate before its first event.
func (a *Aggregate) New(id string) State {
	s := reflect.New(reflect.TypeOf(a.Empty).Elem()).Interface().(State)
	s.Common().ID = id
	return s
}

// Wait returns the row of the lifecycle with the key. A key that this program does not know, because a newer one opened the wait, gets
// an empty row: it is nobody's turn, admits no command and never falls due.
func (a *Aggregate) Wait(key WaitKey) *Wait {
	if w := a.waits[key]; w != nil {
		return w
	}
	return &Wait{Key: key, Aggregate: a.Kind, Who: Itself, unknown: true}
}

// Command returns the declaration of a command.
//
// Errors: unknown-command.
func (a *Aggregate) Command(name string) (*Declaration, error) {
	d := a.commands[name]
	if d == nil {
		return nil, domain.Refuse("unknown-command", "", "command", name)
	}
	return d, nil
}

// Event returns the declaration of the event with that name in the journal, or nil.
func (a *Aggregate) Event(name string) *EventType { return a.events[name] }

// TypeOf returns the declaration of an event, or nil.
func (a *Aggregate) TypeOf(e Event) *EventType { return a.types[reflect.TypeOf(e).Elem()] }

// claims reports whether a key has a declared prefix.
func (a *Aggregate) claims(key string) bool {
	prefix, _, _ := strings.Cut(key, ":")
	return slices.ContainsFunc(a.Claims, func(c Claim) bool { return c.Prefix == prefix })
}

// Stage returns the declaration of a stage.
func (a *Aggregate) Stage(s Stage) StageDecl { return a.stages[s] }

// Owes reports whether the workflows have something to do at once.
func (a *Aggregate) Owes(p Progress) bool {
	return slices.ContainsFunc(p.Duties, func(d Duty) bool { return !slices.Contains(a.Patient, d.Key) })
}
