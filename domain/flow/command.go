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

// Context holds everything besides the aggregate that is needed to judge a command. The code that executes the command fills it in
// after locking the aggregate.
type Context struct {
	Now      time.Time
	Actor    domain.Actor
	Rules    *programme.Programme // rules of the programme; nil if the aggregate belongs to none
	Calendar *calendar.Calendar
	Places   *place.Table
	Evidence map[string]string       // media type by SHA-256, for those files named in the command that are in the store
	People   map[string]domain.Actor // registered people named in the command, by id
	Held     map[string]Ref          // current holders of the command's keys, except this aggregate
	Salt     string                  // salt for the hashes that replace personal data in the journal
}

// Today returns the date in Shanghai on which the command is judged.
func (c Context) Today() calendar.Date { return calendar.Of(c.Now) }

// Payload is the content of a command: a pointer to a struct.
type Payload any

// payload is implemented by every command to an aggregate with the state S. Check returns an error if the command must be rejected,
// and Decide returns the events of an accepted command.
type payload[S State] interface {
	Check(s S, c Context) error
	Decide(s S, c Context) []Event
}

// Declaration declares a command. Its REST operation, OpenAPI entry, permission check and line in the audit trail are all derived
// from it.
type Declaration struct {
	Name      string // kebab-case name, also the last segment of the command's path
	Aggregate Kind
	Creates   bool // whether the command creates its aggregate
	Crosses   bool // whether another aggregate's workflow sends the command, so that this aggregate's workflow must be signalled
	Who       Who
	Title     domain.Text
	Doc       domain.Text
	Refuses   []domain.Code // codes that the command's own check can return, in addition to those common to all commands

	engine  bool // whether every kind of aggregate accepts the command in every stage
	payload reflect.Type
	check   func(State, Payload, Context) error
	decide  func(State, Payload, Context) []Event
}

// PayloadType returns the struct type of the command's payload, from which its schema is generated.
func (d *Declaration) PayloadType() reflect.Type { return d.payload }

// AnyTime reports whether every kind accepts the command in every stage.
func (d *Declaration) AnyTime() bool { return d.engine }

// New returns an empty payload for decoding into.
func (d *Declaration) New() Payload { return reflect.New(d.payload).Interface() }

// Internal reports whether only workflows may send the command.
func (d *Declaration) Internal() bool { return d.Who.Seat == Machine }

// Futile reports whether the aggregate's current state rules the command out, even if it is sent in time by an authorized sender. Only
// commands with an empty payload can be judged this way; for all others it reports false. Faults in content that was stored earlier,
// such as a draft's, do not rule a command out: its refusal is how the sender learns them. The context needs no clock.
func (d *Declaration) Futile(s State, c Context) bool {
	if d.payload.NumField() > 0 {
		return false
	}
	err := d.check(s, d.New(), c)
	if e, refused := domain.Refused(err); refused && e.Kind() == domain.Invalid && e.Field != "" {
		return false
	}
	return err != nil
}

// Declare declares a command with its name, its permitted senders, its user-facing texts and its payload type.
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

// Crossing marks the command as one that another aggregate's workflow sends.
func (d *Declaration) Crossing() *Declaration { d.Crosses = true; return d }

// Creating marks the command as one that creates its aggregate.
func (d *Declaration) Creating() *Declaration { d.Creates = true; return d }

// Command is a request from a person or a workflow. Each actor must use a new ID for each command. Resending the same command returns
// the original receipt; sending different content under the same ID is rejected.
type Command struct {
	ID        string
	Actor     domain.Actor
	Name      string
	Aggregate Ref
	IfVersion int // version of the aggregate on which the sender based the command; 0 matches any version
	Payload   Payload
}

// Receipt confirms an accepted command. Repeating the command returns the same receipt.
type Receipt struct {
	Aggregate Ref       `json:"aggregate"`
	Version   int       `json:"version" doc:"version after the command, for If-Match"`
	Events    []string  `json:"events" doc:"names of what happened, in order"`
	Late      bool      `json:"late,omitempty" doc:"accepted after a soft due day"`
	At        time.Time `json:"at" doc:"when it was recorded, Asia/Shanghai"`
}

// Needs specifies what must be looked up before a command can be judged, and which values must be kept out of the journal.
type Needs struct {
	Files    []string          // SHA-256 digests of files in the evidence store
	Keys     []string          // claimed keys whose holders must be looked up
	People   []string          // ids of people whose details must be looked up
	Personal map[string]string // personal data by field; the journal and the state hold only a salted hash
	Opens    *string           // programme whose current version the new aggregate will use
	Under    *ProgrammeRef     // version of the programme to use instead of the current one
}

// NeedsOf returns the Needs of a payload.
func NeedsOf(p Payload) (n Needs) {
	n.Files = FilesOf(p)
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

// Canonical returns the form of a payload that is hashed to identify the request. Personal data is left out, because the hash is kept
// permanently and could be used to confirm a guess at the data.
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
