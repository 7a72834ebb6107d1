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

// Context holds everything that a command is judged by besides the aggregate itself. Whoever executes the command reads it after
// locking the aggregate.
type Context struct {
	Now      time.Time
	Actor    domain.Actor
	Rules    *programme.Programme // nil for aggregates that belong to no programme
	Calendar *calendar.Calendar
	Places   *place.Table
	Evidence map[string]string       // SHA-256 → media type of the files that the command names and the store has
	People   map[string]domain.Actor // those whom the command names, by id, as far as they are registered
	Held     map[string]Ref          // the holders of keys that the command names, where other aggregates hold them
	Salt     string                  // for the hash that replaces personal data in the journal
}

// Today returns the day of the command in Asia/Shanghai.
func (c Context) Today() calendar.Date { return calendar.Of(c.Now) }

// Payload is the content of a command: a pointer to a struct.
type Payload any

// payload is implemented by the structs of commands to aggregates of type S. Check refuses the command or accepts it; Decide returns
// what happens once it is accepted.
type payload[S State] interface {
	Check(s S, c Context) error
	Decide(s S, c Context) []Event
}

// Declaration declares a command, once for everything: the REST operation, its OpenAPI entry, the permission check and the audit line
// derive from it.
type Declaration struct {
	Name      string // kebab-case; the last part of its path
	Aggregate Kind
	Creates   bool // the command creates its aggregate
	Crosses   bool // another aggregate's workflow sends it, and this one's must be told
	Who       Who
	Title     domain.Text
	Doc       domain.Text
	Refuses   []domain.Code // the codes of its own check, besides those that every command can return

	engine  bool // every kind accepts it, at any time
	payload reflect.Type
	check   func(State, Payload, Context) error
	decide  func(State, Payload, Context) []Event
}

// PayloadType returns the struct of the command's content, for schemas.
func (d *Declaration) PayloadType() reflect.Type { return d.payload }

// AnyTime reports whether every kind accepts the command in every stage.
func (d *Declaration) AnyTime() bool { return d.engine }

// New returns an empty payload to decode into.
func (d *Declaration) New() Payload { return reflect.New(d.payload).Interface() }

// Internal reports whether only the workflows send this command.
func (d *Declaration) Internal() bool { return d.Who.Seat == Machine }

// Futile reports whether the command would be refused for what the aggregate is, whoever sends it in time: it has no content that could
// be right. Whether a command with content succeeds shows when it is sent. The context needs no clock.
func (d *Declaration) Futile(s State, c Context) bool {
	return d.payload.NumField() == 0 && d.check(s, d.New(), c) != nil
}

// Declare declares a command by its name, who may send it, and the type of its payload.
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

// Refusing sets the codes that the command's own check returns.
func (d *Declaration) Refusing(codes ...domain.Code) *Declaration { d.Refuses = codes; return d }

// Crossing marks a command that another aggregate's workflow sends.
func (d *Declaration) Crossing() *Declaration { d.Crosses = true; return d }

// Creating marks a command that creates its aggregate.
func (d *Declaration) Creating() *Declaration { d.Creates = true; return d }

// Command is a request by a person or a workflow. Its ID is unique per actor: sending the same command again returns the same receipt,
// and different content under the same ID is refused.
type Command struct {
	ID        string
	Actor     domain.Actor
	Name      string
	Aggregate Ref
	IfVersion int // the version that the sender saw; 0 for any
	Payload   Payload
}

// Receipt is the answer to an accepted command. Repeating the command returns the same one.
type Receipt struct {
	Aggregate Ref       `json:"aggregate"`
	Version   int       `json:"version" doc:"version after the command, for If-Match"`
	Events    []string  `json:"events" doc:"names of what happened, in order"`
	Late      bool      `json:"late,omitempty" doc:"accepted after the due day of an office's own deadline"`
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

// Canonical returns the content of a payload as the request hash covers it, without personal data: the hash is kept for ever and would
// give it away.
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
