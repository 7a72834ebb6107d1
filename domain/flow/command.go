package flow

import (
	"encoding/json"
	"reflect"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/place"
	"terrace/domain/programme"
)

// Context holds everything that a command is judged by apart from the aggregate. Whoever executes the command reads it after locking
// the aggregate.
type Context struct {
	Now      time.Time
	Actor    domain.Actor
	Rules    *programme.Programme // rules of the programme; nil if the aggregate belongs to none
	Calendar *calendar.Calendar
	Places   *place.Table
	Evidence map[string]string       // SHA-256 → media type of the files that the command names and the store has
	People   map[string]domain.Actor // those whom the command names, by id, as far as they are registered
	Held     map[string]Ref          // the holders of keys that the command names, where other aggregates hold them
	Salt     string                  // for the hash that replaces personal data in the journal
}

// Today returns the day in Shanghai on which the command is judged.
func (c Context) Today() calendar.Date { return calendar.Of(c.Now) }

// Payload is the content of a command: a pointer to a struct.
type Payload any

// payload is implemented by every command to an aggregate with the state S. Check accepts or refuses the command, and Decide returns
// the events of an accepted one.
type payload[S State] interface {
	Check(s S, c Context) error
	Decide(s S, c Context) []Event
}

// Declaration declares a command. Its REST operation, its OpenAPI entry, its permission check and its line in the audit trail are all
// derived from the declaration.
type Declaration struct {
	Name      string // kebab-case name, which is also the last part of the command's path
	Aggregate Kind
	Creates   bool // whether the command creates its aggregate
	Crosses   bool // whether another aggregate's workflow sends the command, so that this aggregate's workflow has to be told
	Who       Who
	Title     domain.Text
	Doc       domain.Text
	Refuses   []domain.Code // codes that the command's own check can return, besides those of every command

	engine  bool // whether every kind of aggregate accepts the command at any time
	payload reflect.Type
	check   func(State, Payload, Context) error
	decide  func(State, Payload, Context) []Event
}

// PayloadType returns the struct type of the command's content, from which schemas are made.
func (d *Declaration) PayloadType() reflect.Type { return d.payload }

// AnyTime reports whether every kind accepts the command in every stage.
func (d *Declaration) AnyTime() bool { return d.engine }

// New returns an empty payload, into which content can be decoded.
func (d *Declaration) New() Payload { return reflect.New(d.payload).Interface() }

// Internal reports whether only the workflows send this command.
func (d *Declaration) Internal() bool { return d.Who.Seat == Machine }

// Futile reports whether the command is sure to be refused in the aggregate's present state, even if the right person sends it in
// time. This can be known only for a command without content; for any other it returns false. The context needs no clock.
func (d *Declaration) Futile(s State, c Context) bool {
	return d.payload.NumField() == 0 && d.check(s, d.New(), c) != nil
}

// Declare declares a command: its name, who may send it, what people read about it, and the type of its payload.
func Declare[S State, P any, PP interface {
	*P
	payload[S]
}](name string, who Who, title, doc domain.Text,
) *Declaration {
	return &Declaration{
		Name: name, Who: who, Title: title, Doc: doc,
		payload: reflect.TypeFor[P](),
		check:   func(s State, p Payload, c Context) error { return p.(PP).Check(s.(S), c) },
		decide:  func(s State, p Payload, c Context) []Event { return p.(PP).Decide(s.(S), c) },
	}
}

// Refusing sets the codes that the command's own check can return.
func (d *Declaration) Refusing(codes ...domain.Code) *Declaration { d.Refuses = codes; return d }

// Crossing marks a command that the workflow of another aggregate sends.
func (d *Declaration) Crossing() *Declaration { d.Crosses = true; return d }

// Creating marks a command that creates its aggregate.
func (d *Declaration) Creating() *Declaration { d.Creates = true; return d }

// Command is a request by a person or a workflow. An actor uses an ID only once. If the same command is sent again, it gets the same
// receipt; other content under the same ID is refused.
type Command struct {
	ID        string
	Actor     domain.Actor
	Name      string
	Aggregate Ref
	IfVersion int // version of the aggregate that the sender saw; 0 accepts any
	Payload   Payload
}

// Receipt is the answer to an accepted command. If the command is repeated, it gets the same receipt.
type Receipt struct {
	Aggregate Ref       `json:"aggregate"`
	Version   int       `json:"version" doc:"version after the command, for If-Match"`
	Events    []string  `json:"events" doc:"names of what happened, in order"`
	Late      bool      `json:"late,omitempty" doc:"accepted after a soft due day"`
	At        time.Time `json:"at" doc:"when it was recorded, Asia/Shanghai"`
}

// Needs says what must be looked up before a command can be judged, and what must stay out of the journal.
type Needs struct {
	Files    []string          // SHA-256 of files in the evidence store
	Keys     []string          // claims whose holders the command must know
	People   []string          // ids of people of whom the command must know who they are
	Personal map[string]string // personal data by field; journal and state hold a salted hash instead
	Opens    *string           // the programme of a new aggregate, in the version now in force
	Under    *ProgrammeRef     // the version of the programme to use instead of the one in force
}

// NeedsOf returns what a payload needs.
func NeedsOf(p Payload) (n Needs) {
	if p, ok := p.(interface{ Files() []string }); ok {
		n.Files = p.Files()
	}
	if p, ok := p.(interface{ Keys() []string }); ok {
		n.Keys = p.Keys()
	}
	if p, ok := p.(interface{ People() []string }); ok {
		n.People = p.People()
	}
	if p, ok := p.(confidential); ok {
		n.Personal = p.Personal()
	}
	if p, ok := p.(interface{ ProgrammeOf() string }); ok {
		opens := p.ProgrammeOf()
		n.Opens = &opens
	}
	if p, ok := p.(interface{ ProgrammeRefOf() ProgrammeRef }); ok {
		under := p.ProgrammeRefOf()
		n.Under = &under
	}
	return n
}

type confidential interface{ Personal() map[string]string }

// Canonical returns the content of a payload from which the request's hash is made. It leaves out personal data, because the hash is
// kept for ever and would make it possible to guess them.
func Canonical(p Payload) ([]byte, error) {
	text, err := json.Marshal(p)
	secret, ok := p.(confidential)
	if err != nil || !ok {
		return text, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	for name := range secret.Personal() {
		delete(fields, name)
	}
	return json.Marshal(fields)
}
