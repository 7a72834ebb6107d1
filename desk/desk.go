// Package desk is a user's workplace (工作台). It shows what the user may see of the record and what they can do now, and
// it is the only way to send a command on behalf of a person. Every user interface is built on it. A desk first checks
// what its user may see, and treats everything else as if it did not exist.
package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/postgres"
)

// Desks supplies a desk for each user of a record. The caller must close it.
type Desks struct{ office }

// office holds what all desks share.
type office struct {
	record     *postgres.Store
	programmes []*programme.Programme
	feed       *feed
}

// New returns the desks for a record. The list of programmes must contain every version of every programme.
func New(record *postgres.Store, programmes []*programme.Programme, log *slog.Logger) *Desks {
	return &Desks{office{record: record, programmes: programmes, feed: newFeed(record, log)}}
}

// Close ends all event streams.
func (d *Desks) Close() { d.feed.stop() }

// Of returns an actor's desk.
func (d *Desks) Of(a domain.Actor) *Desk {
	return &Desk{office: d.office, Actor: a, reader: flow.ReaderOf(a)}
}

// Desk is the desk of a single user.
type Desk struct {
	office
	Actor  domain.Actor
	reader flow.Reader
}

// Sheet is an aggregate as seen by one user.
type Sheet struct {
	State    flow.State             // aggregate's state, limited to what the user may see
	Whole    bool                   // whether the user sees all of the aggregate
	Oversees bool                   // whether the user also sees all of every aggregate that belongs to it
	Progress flow.Progress          // aggregate's progress, without the ids of people if the user sees only part of the aggregate
	Tasks    []Task                 // what the user can do now
	Places   *place.Table           // for the names of places
	People   map[string]domain.Text // names of the people whose ids are shown
	Vacant   []bool                 // for each turn in Progress, whether it waits for people of whom none is registered
}

// peopled is implemented by states that hold the ids of people.
type peopled interface{ People() []string }

// people returns the ids of the people that the sheet shows.
func (s Sheet) people() []string {
	ids := awaited(s.Progress)
	if p, ok := s.State.(peopled); ok {
		ids = append(ids, p.People()...)
	}
	return ids
}

// awaited returns the ids of the people for whom an aggregate waits, or who have done their part.
func awaited(p flow.Progress) (ids []string) {
	for _, t := range p.Turns {
		for _, party := range t.Who {
			ids = append(append(ids, party.People...), party.Done...)
		}
	}
	return ids
}

// Task is an open wait on which the user can act, with the commands that the user can send.
type Task struct {
	Turn     flow.TurnView
	Commands []*flow.Declaration
	Awaited  bool // whether it is the user's turn, consistent with the list of turns
}

// May returns an error if the user may never send the command, whatever its content and timing.
//
// Errors: not-found, and those of flow.Who.Admits.
func (d *Desk) May(ctx context.Context, ref flow.Ref, declared *flow.Declaration) error {
	state, err := catalogue.All.New(ref)
	if err != nil {
		return err
	}
	places, err := d.record.Places(ctx)
	if err == nil && !declared.Creates {
		state, _, places, err = d.see(ctx, ref)
	}
	if err != nil {
		return err
	}
	return declared.Permits(state, declared.New(), d.Actor, places)
}

// Read returns an aggregate as the user sees it.
//
// Errors: not-found, also if the user may not see it.
func (d *Desk) Read(ctx context.Context, ref flow.Ref) (Sheet, error) {
	state, sight, places, err := d.see(ctx, ref)
	if err == nil && sight == flow.Hidden {
		err = flow.NotFound(ref)
	}
	if err != nil {
		return Sheet{}, err
	}
	seen := d.sheet(state, sight, places)
	if seen.Vacant, err = d.vacant(ctx, state); err != nil {
		return Sheet{}, err
	}
	seen.People, err = d.record.People(ctx, seen.people())
	return seen, err
}

// vacant reports for each open wait of an aggregate whether nobody is registered who could act.
func (d *Desk) vacant(ctx context.Context, s flow.State) ([]bool, error) {
	turns := flow.ProgressOf(s).Turns
	if len(turns) == 0 {
		return nil, nil
	}
	staff, err := d.record.Staff(ctx)
	all := make([]bool, len(turns))
	for i, t := range turns {
		all[i] = staff.Vacant(t.Seats())
	}
	return all, err
}

// ReadAll is like Read, but is for content reserved for users who see the whole aggregate and everything that belongs
// to it.
//
// Errors: not-found.
func (d *Desk) ReadAll(ctx context.Context, ref flow.Ref) (Sheet, error) {
	s, err := d.Read(ctx, ref)
	if err == nil && !s.Oversees {
		return Sheet{}, flow.NotFound(ref)
	}
	return s, err
}

// ReadWhole is like Read, but is for content reserved for users who see the whole aggregate.
//
// Errors: not-found.
func (d *Desk) ReadWhole(ctx context.Context, ref flow.Ref) (Sheet, error) {
	s, err := d.Read(ctx, ref)
	if err == nil && !s.Whole {
		return Sheet{}, flow.NotFound(ref)
	}
	return s, err
}

// MayRead reports whether an aggregate exists and the user may read it.
func (d *Desk) MayRead(ctx context.Context, ref flow.Ref) (bool, error) {
	_, sight, _, err := d.see(ctx, ref)
	if NotThere(err) {
		return false, nil
	}
	return sight != flow.Hidden, err
}

// see loads an aggregate and determines how much of it the user may see. It loads the table of places first, so that a
// failure to load the table does not reveal whether the aggregate exists.
func (d *Desk) see(ctx context.Context, ref flow.Ref) (flow.State, flow.Sight, *place.Table, error) {
	places, err := d.record.Places(ctx)
	if err != nil {
		return nil, flow.Hidden, nil, err
	}
	state, err := d.record.Load(ctx, ref)
	if err != nil {
		return nil, flow.Hidden, nil, err
	}
	return state, d.reader.Sees(state, places), places, nil
}

func (d *Desk) sheet(s flow.State, sight flow.Sight, places *place.Table) Sheet {
	seen := Sheet{
		State: s, Whole: sight == flow.Whole, Oversees: d.reader.Oversees(s, places), Progress: progressFor(sight, flow.ProgressOf(s)), Tasks: d.tasks(s, places), Places: places,
	}
	if !seen.Whole {
		seen.State = s.Part(d.Actor)
		for i := range seen.Tasks {
			nameless(&seen.Tasks[i].Turn)
		}
	}
	return seen
}

// tasks returns what the user can do now. It omits commands that the state rules out (see flow.Declaration.Futile).
func (d *Desk) tasks(s flow.State, places *place.Table) []Task {
	tasks := []Task{}
	c := flow.Context{Actor: d.Actor, Places: places, Rules: d.Rules(s.Common().Programme)}
	for _, t := range flow.TasksOf(s, d.Actor) {
		task := Task{Turn: t.Turn, Awaited: t.Awaited}
		for _, name := range t.Commands {
			declared, err := s.Aggregate().Command(name)
			if err != nil {
				panic(err) // a wait admits only declared commands
			}
			if c.Rules == nil || !declared.Futile(s, c) { // if only a newer program has the rules, no command can be ruled out
				task.Commands = append(task.Commands, declared)
			}
		}
		if task.Awaited || len(task.Commands) > 0 {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// Rules returns a version of a programme's rules, or nil if this process does not have it.
func (o office) Rules(ref flow.ProgrammeRef) *programme.Programme {
	i := slices.IndexFunc(o.programmes, func(p *programme.Programme) bool { return p.ID == ref.ID && p.Version == ref.Version })
	if i < 0 {
		return nil
	}
	return o.programmes[i]
}

// progressFor removes the ids of people from an aggregate's progress if the user sees only part of the aggregate.
func progressFor(sight flow.Sight, p flow.Progress) flow.Progress {
	if sight == flow.Whole {
		return p
	}
	p.Turns = slices.Clone(p.Turns)
	for i := range p.Turns {
		nameless(&p.Turns[i])
	}
	return p
}

// nameless removes the ids of people from an open wait.
func nameless(t *flow.TurnView) {
	t.Who = slices.Clone(t.Who)
	for i := range t.Who {
		t.Who[i].People, t.Who[i].Done = nil, nil
	}
}

// Answer is the response to an accepted command. Progress is nil if the sender may not see the aggregate.
type Answer struct {
	flow.Receipt
	Repeated bool // whether the same command had already been accepted, so that nothing more was done
	Progress *flow.Progress
	Places   *place.Table           // for the names of places
	People   map[string]domain.Text // names of the people in Progress
}

// Send sends a command on the user's behalf.
//
// Errors: those of postgres.Execute.
func (d *Desk) Send(ctx context.Context, c flow.Command) (Answer, error) {
	c.Actor = d.Actor
	outcome, err := d.record.Execute(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Receipt: outcome.Receipt, Repeated: outcome.Repeated, Places: outcome.Places}
	if sight := d.reader.Sees(outcome.State, outcome.Places); sight != flow.Hidden {
		progress := progressFor(sight, outcome.Progress)
		answer.Progress = &progress
		answer.People, err = d.record.People(ctx, awaited(progress))
	}
	return answer, err
}

// Evidence describes a file to the user who uploaded it, to auditors, and to readers of an aggregate that refers to it.
// A user who sees only part of the aggregate may read the file if that part refers to it, or if the aggregate shows
// them every file. The name, type and date are those of the user's own upload or, if there is none, of the earliest
// upload by anyone who may see the aggregate through which the user has access.
//
// Errors: not-found.
func (d *Desk) Evidence(ctx context.Context, sha256 string) (postgres.Evidence, error) {
	file, err := d.record.Evidence(ctx, sha256)
	if err != nil {
		return postgres.Evidence{}, err
	}
	uploads, err := d.record.Uploads(ctx, sha256)
	if err != nil {
		return postgres.Evidence{}, err
	}
	if own, found := postgres.UploadBy(d.Actor.ID, uploads); found {
		return file.As(own), nil
	}
	if d.Actor.Has(domain.Auditor) {
		return file, nil
	}
	uses, err := d.record.EvidenceUses(ctx, d.reader, sha256)
	if err != nil {
		return postgres.Evidence{}, err
	}
	for _, ref := range uses {
		state, sight, places, err := d.see(ctx, ref)
		if NotThere(err) || err == nil && sight == flow.Hidden {
			continue
		}
		shown := false
		if err == nil {
			shown, err = d.sheet(state, sight, places).shows(sha256, d.Actor)
		}
		if err != nil {
			return postgres.Evidence{}, err
		}
		if !shown {
			continue
		}
		for _, u := range uploads {
			if flow.ReaderOf(u.By).Sees(state, places) != flow.Hidden {
				return file.As(u), nil
			}
		}
		file.Name, file.UploadedBy, file.UploadedAt = "", "", time.Time{} // the uploader may not see the aggregate
		return file, nil
	}
	return postgres.Evidence{}, NoSuchFile(sha256)
}

// MayName reports whether the user may refer to a file in a command: the user, their office or their organization
// uploaded it, or an aggregate that their office sees refers to it.
func (d *Desk) MayName(ctx context.Context, sha256 string) (bool, error) {
	return d.record.MayName(ctx, d.Actor, sha256)
}

// shows reports whether the user may see a file to which the aggregate refers.
func (s Sheet) shows(sha256 string, to domain.Actor) (bool, error) {
	if open, ok := s.State.(interface{ EveryFile(domain.Actor) bool }); s.Whole || ok && open.EveryFile(to) {
		return true, nil
	}
	text, err := json.Marshal(s.State)
	return bytes.Contains(text, []byte(sha256)), err
}

// NoSuchFile returns the refusal for a file that does not exist or that the user may not see.
func NoSuchFile(sha256 string) error {
	return domain.Refuse("not-found", "", "kind", "evidence", "id", sha256)
}

// NotThere reports whether an error is a not-found refusal.
func NotThere(err error) bool {
	refused, ok := domain.Refused(err)
	return ok && refused.Code == "not-found"
}

// glimpse is how much of an aggregate the user may see, and what people call it, if they may see it at all.
type glimpse struct {
	sight flow.Sight
	label domain.Text
}

// glance returns a function that determines how much of an aggregate the user may see. The function loads each
// aggregate only once.
func (d *Desk) glance() func(context.Context, flow.Ref) (glimpse, error) {
	seen := map[flow.Ref]glimpse{}
	return func(ctx context.Context, ref flow.Ref) (glimpse, error) {
		if g, ok := seen[ref]; ok {
			return g, nil
		}
		state, sight, _, err := d.see(ctx, ref)
		if errors.Is(err, flow.ErrUnknownKind) { // a kind from a newer program, which this one cannot show
			return glimpse{sight: flow.Hidden}, nil
		}
		if err != nil {
			return glimpse{}, err
		}
		g := glimpse{sight: sight}
		if sight != flow.Hidden {
			g.label = state.Label()
		}
		seen[ref] = g
		return g, nil
	}
}

// Path returns the URL path of an aggregate, from which it can be read and to which commands can be sent.
func Path(ref flow.Ref) string { return catalogue.Path(ref.Kind) + "/" + ref.ID }
