// Package flow is the engine of every aggregate (业务对象) and knows none of them: what is declared of a kind, how a command is judged,
// what time brings, who is awaited, and what the workflows owe. Judge decides, Apply moves on; both are pure.
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

// Aggregate describes a kind of aggregate (业务对象): everything that the rest of the program needs to know of it. Each is decided
// about by itself, under one lock. Whoever would switch on a kind reads its description instead.
type Aggregate struct {
	Kind       Kind
	Collection string // first part of its addresses: pilots
	Title      domain.Text
	Doc        string // what its part of the API is about, in both languages
	Empty      State  // before the first event, as a pattern: New makes copies of it
	Carried    Carriage

	Stages   []StageDecl
	Steps    []Step // between the stages, as they are drawn
	Waits    []Wait
	Terms    []Term
	Commands []*Declaration
	Events   []*EventType
	Bookings []Booking
	Claims   []Claim
	// Patient are the duties that hold nothing up while they are owed, such as asking a bank again.
	Patient []DutyKey
	// Owner finds whose account a booking means, where the aggregate itself or what it belongs to is not meant.
	Owner func(s State, of ledger.OwnerKind) string

	waits    map[WaitKey]*Wait
	commands map[string]*Declaration
	events   map[string]*EventType
	types    map[reflect.Type]*EventType
	stages   map[Stage]StageDecl
}

// Carriage is how the duties and the due days of a kind take their effect without a person.
type Carriage struct {
	Workflow string // the workflow that carries each; empty: none does
	Prefix   string // of the workflow's id
	Child    bool   // started by the workflow of what brought it into being
	Swept    bool   // due days take effect in the night after them; such a kind has no duties
}

// Still is the carriage of what neither waits nor owes.
var Still = Carriage{}

// Swept is the carriage of what has due days and nothing else to carry: many of them cost no run each.
var Swept = Carriage{Swept: true}

// By is the carriage by a workflow of its own.
func By(workflow, prefix string) Carriage { return Carriage{Workflow: workflow, Prefix: prefix} }

// ByChild is the carriage by a workflow that another one starts.
func ByChild(workflow, prefix string) Carriage {
	return Carriage{Workflow: workflow, Prefix: prefix, Child: true}
}

// StageDecl declares a stage: its label, and whether it has an exit.
type StageDecl struct {
	Stage Stage
	Name  domain.Text
	Ended bool
}

// Passes declares a stage with an exit, Ends a final one.
func Passes(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en)}
}

// Ends declares a final stage.
func Ends(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en), Ended: true}
}

// Step is one way between two stages: by a command or, with the wait's name, its lapse (“notice/lapse”). From nothing it begins.
type Step struct {
	From, To Stage
	By       string
}

// Arrow is a step.
func Arrow(from, to Stage, by string) Step { return Step{From: from, To: to, By: by} }

// Term is a length of time that a programme may set (期限), with what holds where it does not.
type Term struct {
	Key     programme.TermKey
	Default programme.Term
}

// Claim declares a prefix of keys that one aggregate alone can hold. Refusal is the code for whoever comes second; without one, a
// command is judged with the holder.
type Claim struct {
	Prefix  string
	Refusal domain.Code
}

// Describe completes a description and holds its parts against each other. It panics where they contradict: nothing can work then.
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

// bind attaches its bookings to each event.
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

// connect holds the lifecycle against the stages and commands that it names, and against how the kind is carried.
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

// must panics with what contradicts.
func (a *Aggregate) must(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf("aggregate %s: ", a.Kind) + fmt.Sprintf(format, args...))
	}
}

// New is the state of an aggregate under the id before its first event.
func (a *Aggregate) New(id string) State {
	s := reflect.New(reflect.TypeOf(a.Empty).Elem()).Interface().(State)
	s.Common().ID = id
	return s
}

// Wait finds a row of the lifecycle by its key. One that this program does not know, because a newer one opened it, is nobody's turn:
// it admits nothing, and time brings nothing to it.
func (a *Aggregate) Wait(key WaitKey) *Wait {
	if w := a.waits[key]; w != nil {
		return w
	}
	return &Wait{Key: key, Aggregate: a.Kind, Who: Itself, unknown: true}
}

// Command finds a declaration by its name.
//
// Errors: unknown-command.
func (a *Aggregate) Command(name string) (*Declaration, error) {
	d := a.commands[name]
	if d == nil {
		return nil, domain.Refuse("unknown-command", "", "command", name)
	}
	return d, nil
}

// Event finds the declaration of an event by its name in the journal, or nil.
func (a *Aggregate) Event(name string) *EventType { return a.events[name] }

// TypeOf finds the declaration of an event.
func (a *Aggregate) TypeOf(e Event) *EventType { return a.types[reflect.TypeOf(e).Elem()] }

// claims reports whether a key has a declared prefix.
func (a *Aggregate) claims(key string) bool {
	prefix, _, _ := strings.Cut(key, ":")
	return slices.ContainsFunc(a.Claims, func(c Claim) bool { return c.Prefix == prefix })
}

// Stage finds a stage.
func (a *Aggregate) Stage(s Stage) StageDecl { return a.stages[s] }

// Owes reports whether the workflows have something to do at once.
func (a *Aggregate) Owes(p Progress) bool {
	return slices.ContainsFunc(p.Duties, func(d Duty) bool { return !slices.Contains(a.Patient, d.Key) })
}
