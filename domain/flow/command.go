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

// Context is everything a command is judged with besides the aggregate itself.
// Whoever executes the command reads it after the aggregate is locked.
type Context struct {
	Now      time.Time
	Actor    domain.Actor
	Rules    *programme.Programme // nil for what lives under none
	Calendar *calendar.Calendar
	Places   *place.Table
	Evidence map[string]string // SHA-256 → media type, of the files the command names and the store holds
	Held     map[string]Ref    // of the keys the command names, those that another aggregate holds
	Salt     string            // for the hash that stands in the journal instead of personal data
}

// Today is the civil day of the command in Asia/Shanghai.
func (c Context) Today() calendar.Date { return calendar.Of(c.Now) }

// Payload is the content of a command: a pointer to a declared struct.
type Payload any

// payload is what a declared struct brings for aggregates of type S: check
// refuses without deciding anything, decide returns what happens once check passes.
type payload[S State] interface {
	Check(s S, c Context) error
	Decide(s S, c Context) []Event
}

// Declaration is the one place where a command is declared. The REST operation,
// its OpenAPI entry, the permission check and the audit line derive from it.
type Declaration struct {
	Name      string // kebab-case, also the last part of its address
	Aggregate Kind
	Creates   bool // the command brings its aggregate into being
	Crosses   bool // the workflow of another aggregate sends it: this one's must hear of it
	Who       Who
	Title     domain.Text
	Doc       domain.Text
	Refuses   []domain.Code // what its own check answers, besides the codes every command can

	engine  bool // every kind takes it, at any time
	payload reflect.Type
	check   func(State, Payload, Context) error
	decide  func(State, Payload, Context) []Event
}

// PayloadType is the struct of the command's content, for schemas.
func (d *Declaration) PayloadType() reflect.Type { return d.payload }

// AnyTime reports whether no wait needs to admit the command: every kind takes it, in every stage.
func (d *Declaration) AnyTime() bool { return d.engine }

// New makes an empty payload to decode into.
func (d *Declaration) New() Payload { return reflect.New(d.payload).Interface() }

// Internal reports whether only the workflows send this command.
func (d *Declaration) Internal() bool { return d.Who.Seat == Machine }

// Futile reports whether the command would be refused for what the aggregate is, whoever sends it in time: it has no content that could
// be right. Whether a command with content succeeds shows when it is sent. The context needs no clock.
func (d *Declaration) Futile(s State, c Context) bool {
	return d.payload.NumField() == 0 && d.check(s, d.New(), c) != nil
}

// Declare declares a command by its name, its payload and the kind of aggregate that takes it.
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

// Refusing names the codes that the command's own check answers.
func (d *Declaration) Refusing(codes ...domain.Code) *Declaration { d.Refuses = codes; return d }

// Crossing marks a command that the workflow of another aggregate sends.
func (d *Declaration) Crossing() *Declaration { d.Crosses = true; return d }

// Creating marks a command that brings its aggregate into being.
func (d *Declaration) Creating() *Declaration { d.Creates = true; return d }

// Command is what a person or a workflow asks for. ID is unique per actor: the
// same ID again brings the same answer, another content under it is refused.
type Command struct {
	ID        string
	Actor     domain.Actor
	Name      string
	Aggregate Ref
	IfVersion int // the version the sender saw; 0 when it does not matter
	Payload   Payload
}

// Receipt is the answer to an accepted command, the same for every repetition.
type Receipt struct {
	Aggregate Ref       `json:"aggregate"`
	Version   int       `json:"version" doc:"version after the command, for If-Match"`
	Events    []string  `json:"events" doc:"names of what happened, in order"`
	Late      bool      `json:"late,omitempty" doc:"accepted after the due day of an office's own deadline"`
	At        time.Time `json:"at" doc:"when it was recorded, Asia/Shanghai"`
}

// Needs is what a payload names that must be looked up before the command can be judged, and what must be kept apart.
type Needs struct {
	Files    []string          // SHA-256, of the evidence store
	Keys     []string          // of claims: whoever holds one is news to the command
	Personal map[string]string // personal data by field, which stays out of journal and state: a salted hash stands for it there
	Opens    *string           // the programme under whose version in force a new aggregate is to live
	Under    *ProgrammeRef     // or the version that it is to live under
}

// NeedsOf asks a payload what it needs.
func NeedsOf(p Payload) (n Needs) {
	if p, ok := p.(interface{ Files() []string }); ok {
		n.Files = p.Files()
	}
	if p, ok := p.(interface{ Keys() []string }); ok {
		n.Keys = p.Keys()
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

// Canonical is the content of a payload as the request hash reads it: without
// personal data, which a hash that is kept for ever would give away.
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
