// Package flow is the engine shared by every kind of aggregate (业务对象); it contains no code specific to any of them. It defines what a
// kind must declare, how commands are judged, what happens as time passes, whose turn it is, and which duties the workflows have.
// Judge decides on a command and Apply applies an event. The results of both depend only on their arguments.
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

// Kind is the name of an aggregate kind, such as “pilot”.
type Kind string

// Ref identifies an aggregate by its kind and id.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

func (r Ref) String() string { return string(r.Kind) + "/" + r.ID }

// Aggregate describes a kind of aggregate (业务对象): everything that the rest of the program needs to know about it. Other code reads
// this description rather than switching on the kind. Commands to the same aggregate are decided one at a time, under its lock.
type Aggregate struct {
	Kind       Kind
	Collection string // first segment of the kind's API paths, such as “pilots”
	Title      domain.Text
	Doc        string // introduction to the kind's section of the API documentation, in both languages
	Empty      State  // state before the first event; New returns copies of it
	Carried    Carriage

	Stages   []StageDecl
	Steps    []Step // transitions between stages, for the diagram on the lifecycle page
	Waits    []Wait
	Terms    []Term
	Commands []*Declaration
	Events   []*EventType
	Bookings []Booking
	Claims   []Claim
	// Patient lists the duties that block nothing while they are outstanding, such as asking a bank again.
	Patient []DutyKey
	// Owner returns the id of the owner of an account in a booking. It is not used for a ledger.Part that specifies the owner.
	Owner func(s State, of ledger.OwnerKind) string

	waits    map[WaitKey]*Wait
	commands map[string]*Declaration
	events   map[string]*EventType
	types    map[reflect.Type]*EventType
	stages   map[Stage]StageDecl
}

// Carriage specifies what acts on the duties and due dates of a kind: a workflow for each aggregate, a nightly sweep, or nothing.
type Carriage struct {
	Workflow string // name of the workflow that runs for each aggregate; empty if none does
	Prefix   string // prefix of the workflow's id
	Child    bool   // whether another aggregate's workflow starts this one
	Swept    bool   // whether a nightly run handles the due dates; such a kind has no duties
}

// Still is the Carriage for aggregate kinds that have neither due dates nor duties, so that nothing has to act on them.
var Still = Carriage{}

// Swept is the Carriage for aggregate kinds that have due dates but no duties. A nightly run handles the due dates, so that even large
// numbers of aggregates need no workflows of their own.
var Swept = Carriage{Swept: true}

// By returns the carriage of a kind that has a workflow for each aggregate.
func By(workflow, prefix string) Carriage { return Carriage{Workflow: workflow, Prefix: prefix} }

// ByChild returns the carriage of a kind whose workflows are started by another aggregate's workflow.
func ByChild(workflow, prefix string) Carriage {
	return Carriage{Workflow: workflow, Prefix: prefix, Child: true}
}

// StageDecl declares a stage, with its display name and whether it is final.
type StageDecl struct {
	Stage Stage
	Name  domain.Text
	Ended bool
}

// Passes declares a stage that is not final.
func Passes(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en)}
}

// Ends declares a final stage.
func Ends(stage Stage, zh, en string) StageDecl {
	return StageDecl{Stage: stage, Name: domain.T(zh, en), Ended: true}
}

// Step is a transition from one stage to another, caused by a command or by the passing of a hard due date (“notice/lapse”). The
// first step starts from the empty stage.
type Step struct {
	From, To Stage
	By       string
}

// Arrow returns the step between two stages that the given command or lapse causes.
func Arrow(from, to Stage, by string) Step { return Step{From: from, To: to, By: by} }

// Term is a time limit that a programme can set (期限), with a default for programmes that do not set it.
type Term struct {
	Key     programme.TermKey
	Name    domain.Text
	Default programme.Term
}

// Claim declares a prefix for keys that only one aggregate at a time may hold. A command that needs a key held by another aggregate
// is rejected with the code in Refusal. If Refusal is empty, the command itself decides, and finds the holder in Context.Held.
type Claim struct {
	Prefix  string
	Refusal domain.Code
	Field   string // field of the payload that the refusal names, if the same for every command
	Within  bool   // whether the key starts with the scope in which it is unique, such as an office, which users do not enter
}

// Describe completes and validates a description. It panics if the description is inconsistent, so that no program starts with one.
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

// bind attaches each booking to its event.
func (a *Aggregate) bind() {
	for i := range a.Bookings {
		b := &a.Bookings[i]
		t := a.types[reflect.TypeOf(b.event).Elem()]
		a.must(t != nil, "a booking belongs to event %T, which is not declared", b.event)
		for _, side := range []ledger.Side{b.From, b.To} {
			_, known := ledger.KindOfAccount(side.Name)
			a.must(known && a.Owner != nil, "a booking uses account %s, but the account is not in the chart or the kind declares no Owner", side.Name)
		}
		b.Event = t
		t.bookings = append(t.bookings, b)
	}
}

// connect checks that every stage and command in the lifecycle is declared, and that the waits are compatible with the kind's
// carriage.
func (a *Aggregate) connect() {
	a.must(!a.Carried.Swept || a.Carried.Workflow == "", "it is swept and carried")
	for _, w := range a.Waits {
		a.must(a.Carried != Still || w.Standing, "wait %s would never end: the kind is neither carried nor swept", w.Key)
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

// must panics with the message unless ok is true.
func (a *Aggregate) must(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf("aggregate %s: ", a.Kind) + fmt.Sprintf(format, args...))
	}
}

// New returns the initial state of an aggregate, before its first event.
func (a *Aggregate) New(id string) State {
	s := reflect.New(reflect.TypeOf(a.Empty).Elem()).Interface().(State)
	s.Common().ID = id
	return s
}

// Wait returns the row of the lifecycle with the given key. If this program does not know the key, because a newer version opened the
// wait, it returns an empty row: nobody is awaited, no command is admitted and nothing falls due.
func (a *Aggregate) Wait(key WaitKey) *Wait {
	if w := a.waits[key]; w != nil {
		return w
	}
	return &Wait{Key: key, Aggregate: a.Kind, Who: Itself, unknown: true}
}

// Command returns the declaration of the named command.
//
// Errors: unknown-command.
func (a *Aggregate) Command(name string) (*Declaration, error) {
	d := a.commands[name]
	if d == nil {
		return nil, domain.Refuse("unknown-command", "", "command", name)
	}
	return d, nil
}

// Event returns the declaration of the event with the given journal name, or nil if there is none.
func (a *Aggregate) Event(name string) *EventType { return a.events[name] }

// TypeOf returns the declaration of an event's type, or nil if there is none.
func (a *Aggregate) TypeOf(e Event) *EventType { return a.types[reflect.TypeOf(e).Elem()] }

// claims reports whether a key has one of the kind's declared prefixes.
func (a *Aggregate) claims(key string) bool {
	prefix, _, _ := strings.Cut(key, ":")
	return slices.ContainsFunc(a.Claims, func(c Claim) bool { return c.Prefix == prefix })
}

// Stage returns the declaration of a stage.
func (a *Aggregate) Stage(s Stage) StageDecl { return a.stages[s] }

// Owes reports whether the workflows have any outstanding duty that is not in Patient.
func (a *Aggregate) Owes(p Progress) bool {
	return slices.ContainsFunc(p.Duties, func(d Duty) bool { return !slices.Contains(a.Patient, d.Key) })
}
