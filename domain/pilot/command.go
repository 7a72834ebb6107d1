package pilot

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
	Rules    *programme.Programme
	Calendar *calendar.Calendar
	Places   *place.Table
	Evidence map[string]string // SHA-256 → media type, of the files the command names and the store holds
	Held     map[string]Ref    // of the keys the command names (KeysOf), those that another aggregate holds
	Salt     string            // for the hash that stands in the journal instead of personal data
}

// Today is the civil day of the command in Asia/Shanghai.
func (c Context) Today() calendar.Date { return calendar.Of(c.Now) }

// Payload is the content of a command: a pointer to a declared struct.
type Payload any

// payload is what a declared struct brings for aggregates of type S: check
// refuses without deciding anything, decide tells what happens once check passed.
type payload[S State] interface {
	check(s S, c Context) error
	decide(s S, c Context) []Event
}

// Declaration is the one place where a command is declared. The REST operation,
// its OpenAPI entry, the permission check and the audit line derive from it.
type Declaration struct {
	Name      string // kebab-case, also the last part of its address
	Aggregate Kind
	Creates   bool // the command brings its aggregate into being
	Who       Who
	Title     domain.Text
	Doc       domain.Text
	Refuses   []domain.Code // what its own check answers, besides the codes every command can

	payload reflect.Type
	check   func(State, Payload, Context) error
	decide  func(State, Payload, Context) []Event
}

// PayloadType is the struct of the command's content, for schemas.
func (d *Declaration) PayloadType() reflect.Type { return d.payload }

// New makes an empty payload to decode into.
func (d *Declaration) New() Payload { return reflect.New(d.payload).Interface() }

// Internal tells that only the workflows send this command.
func (d *Declaration) Internal() bool { return d.Who.Seat == Machine }

func declare[S State, P any, PP interface {
	*P
	payload[S]
}](name string, who Who, title, doc domain.Text,
) *Declaration {
	return &Declaration{
		Name: name, Aggregate: kindOf[S](), Who: who, Title: title, Doc: doc,
		payload: reflect.TypeFor[P](),
		check:   func(s State, p Payload, c Context) error { return p.(PP).check(s.(S), c) },
		decide:  func(s State, p Payload, c Context) []Event { return p.(PP).decide(s.(S), c) },
	}
}

func (d *Declaration) refuses(codes ...domain.Code) *Declaration { d.Refuses = codes; return d }

func (d *Declaration) creates() *Declaration { d.Creates = true; return d }

// Find returns the declaration of a command, or nil.
func Find(kind Kind, name string) *Declaration { return declarations[[2]string{string(kind), name}] }

var declarations = func() map[[2]string]*Declaration {
	m := map[[2]string]*Declaration{}
	for _, d := range Commands {
		m[[2]string{string(d.Aggregate), d.Name}] = d
	}
	return m
}()

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

// Ref names an aggregate.
type Ref struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
}

func (r Ref) String() string { return string(r.Kind) + "/" + r.ID }

// Receipt is the answer to an accepted command, the same for every repetition.
type Receipt struct {
	Aggregate Ref       `json:"aggregate"`
	Version   int       `json:"version" doc:"version after the command, for If-Match"`
	Events    []string  `json:"events" doc:"names of what happened, in order"`
	Late      bool      `json:"late,omitempty" doc:"accepted after the due day of an office's own deadline"`
	At        time.Time `json:"at" doc:"when it was recorded, Asia/Shanghai"`
}

// Check judges a command: the right person, the right moment, the right
// content. It answers nil or a *domain.Error, and changes nothing.
//
// Errors: wrong-role, wrong-place, wrong-organization, wrong-person, wrong-stage,
// deadline-passed, stale-version, and those of the command itself.
func Check(s State, cmd Command, c Context) error {
	d := Find(s.Kind(), cmd.Name)
	if d == nil {
		return domain.Refuse("unknown-command", "", "command", cmd.Name)
	}
	if err := d.Who.admits(s, c.Actor); err != nil {
		return err
	}
	if cmd.IfVersion != 0 && cmd.IfVersion != s.record().Version {
		return domain.Refuse("stale-version", "", "version", itoa(s.record().Version))
	}
	if _, err := inTime(s, d, cmd.Payload, c); err != nil {
		return err
	}
	return d.check(s, cmd.Payload, c)
}

// Decide tells what an accepted command brings about. Call it after Check.
func Decide(s State, cmd Command, c Context) []Event {
	return Find(s.Kind(), cmd.Name).decide(s, cmd.Payload, c)
}

// Late tells that an accepted command came after the due day of an office's own
// deadline. Such commands are accepted and marked.
func Late(s State, cmd Command, c Context) bool {
	late, _ := inTime(s, Find(s.Kind(), cmd.Name), cmd.Payload, c)
	return late
}

// evidenced is a payload that names files of the evidence store by SHA-256.
type evidenced interface{ evidence() []string }

// EvidenceOf lists the SHA-256 of every file the payload names.
func EvidenceOf(p Payload) []string {
	if e, ok := p.(evidenced); ok {
		return e.evidence()
	}
	return nil
}

// keyed is a payload that names keys which one aggregate alone can hold, and takes it
// as news when another one does.
type keyed interface{ keys() []string }

// KeysOf lists the keys of claims whose holders the command is judged with.
func KeysOf(p Payload) []string {
	if k, ok := p.(keyed); ok {
		return k.keys()
	}
	return nil
}

// confidential is a payload with personal data, which stays out of journal and state.
type confidential interface{ personal() map[string]string }

// PersonalOf returns the payload's personal data by field. The journal holds a
// salted hash in its place.
func PersonalOf(p Payload) map[string]string {
	if e, ok := p.(confidential); ok {
		return e.personal()
	}
	return nil
}

// Canonical is the content of a payload as the request hash reads it: without
// personal data, which a hash that is kept for ever would give away.
func Canonical(p Payload) ([]byte, error) {
	personal := PersonalOf(p)
	text, err := json.Marshal(p)
	if err != nil || len(personal) == 0 {
		return text, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	for name := range personal {
		delete(fields, name)
	}
	return json.Marshal(fields)
}
