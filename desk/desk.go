// Package desk is a person at work (工作台): what they see of the record, what they may do now, and the one way to send it. Every
// door for people is a skin of it. It asks first what the person may see: the rest is not there, whatever is asked of it.
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

// Desks are where people work. Close them when nobody does any more.
type Desks struct{ office }

// office is what all desks share.
type office struct {
	record     *postgres.Store
	programmes []*programme.Programme
	feed       *feed
}

// New makes the desks of one record, under all versions of all programmes.
func New(record *postgres.Store, programmes []*programme.Programme, log *slog.Logger) *Desks {
	return &Desks{office{record: record, programmes: programmes, feed: newFeed(record, log)}}
}

// Close ends every stream of news, and what feeds them.
func (d *Desks) Close() { d.feed.stop() }

// Of is the desk of one person.
func (d *Desks) Of(a domain.Actor) *Desk {
	return &Desk{office: d.office, Actor: a, reader: flow.ReaderOf(a)}
}

// Desk is one person's.
type Desk struct {
	office
	Actor  domain.Actor
	reader flow.Reader
}

// Sheet is an aggregate as one person sees it.
type Sheet struct {
	State    flow.State    // without what does not concern them
	Whole    bool          // nothing is left out
	Oversees bool          // nothing is left out of what is part of it either
	Progress flow.Progress // without people's ids for those who see a part
	Tasks    []Task        // what they can do now
}

// Task is an open wait in which a person can act, with the commands that are theirs.
type Task struct {
	Turn     flow.TurnView
	Commands []*flow.Declaration
}

// Read is an aggregate as the person sees it.
//
// Errors: not-found, also for what they may not see.
func (d *Desk) Read(ctx context.Context, ref flow.Ref) (Sheet, error) {
	state, sight, places, err := d.see(ctx, ref)
	if err == nil && sight == flow.Hidden {
		err = flow.NotFound(ref)
	}
	if err != nil {
		return Sheet{}, err
	}
	return d.sheet(state, sight, places), nil
}

// ReadAll is Read for what only those may see who see the whole aggregate, and of everything that is part of it.
//
// Errors: not-found.
func (d *Desk) ReadAll(ctx context.Context, ref flow.Ref) (Sheet, error) {
	s, err := d.Read(ctx, ref)
	if err == nil && !s.Oversees {
		return Sheet{}, flow.NotFound(ref)
	}
	return s, err
}

// ReadWhole is Read for what only those may see who see the whole aggregate.
//
// Errors: not-found.
func (d *Desk) ReadWhole(ctx context.Context, ref flow.Ref) (Sheet, error) {
	s, err := d.Read(ctx, ref)
	if err == nil && !s.Whole {
		return Sheet{}, flow.NotFound(ref)
	}
	return s, err
}

// see is an aggregate with how much of it the person sees, by the places as they are. These are read first, so that it makes no
// difference to a fault whether the aggregate is there.
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
		State: s, Whole: sight == flow.Whole, Oversees: d.reader.Oversees(s, places), Progress: progressFor(sight, flow.ProgressOf(s)), Tasks: []Task{},
	}
	for _, t := range flow.TasksOf(s, d.Actor) {
		task := Task{Turn: t.Turn}
		for _, name := range t.Commands {
			declared, err := s.Aggregate().Command(name)
			if err != nil {
				panic(err) // a wait admits declared commands alone
			}
			task.Commands = append(task.Commands, declared)
		}
		seen.Tasks = append(seen.Tasks, task)
	}
	if !seen.Whole {
		seen.State = s.Part(d.Actor)
		for i := range seen.Tasks {
			nameless(&seen.Tasks[i].Turn)
		}
	}
	return seen
}

// progressFor is a progress without people's ids for those who see a part.
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

// nameless takes people's ids out of a turn.
func nameless(t *flow.TurnView) {
	t.Who = slices.Clone(t.Who)
	for i := range t.Who {
		t.Who[i].People = nil
	}
}

// Answer is what an accepted command brings. Progress is nil for senders who may not see the aggregate.
type Answer struct {
	flow.Receipt
	Repeated bool // accepted before, under the same id
	Progress *flow.Progress
}

// Send hands a command to the record in the person's name.
//
// Errors: those of postgres.Execute.
func (d *Desk) Send(ctx context.Context, c flow.Command) (Answer, error) {
	c.Actor = d.Actor
	outcome, err := d.record.Execute(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Receipt: outcome.Receipt, Repeated: outcome.Repeated}
	if sight := d.reader.Sees(outcome.State, outcome.Places); sight != flow.Hidden {
		progress := progressFor(sight, outcome.Progress)
		answer.Progress = &progress
	}
	return answer, nil
}

// Evidence describes a file to its uploader, to auditors, and to the readers of what names it: to those of a part as far as that
// part names it, or the aggregate keeps no file from them. Its name, type and day are those of the reader's own upload; else of the
// earliest by somebody who sees the record through which the reader does.
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
	for _, u := range uploads {
		if u.By.ID == d.Actor.ID {
			return file.As(u), nil
		}
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
		file.Name, file.UploadedBy, file.UploadedAt = "", "", time.Time{} // of somebody who does not see the record
		return file, nil
	}
	return postgres.Evidence{}, NoSuchFile(sha256)
}

// shows reports whether a reader of the sheet may have a file that the aggregate names.
func (s Sheet) shows(sha256 string, to domain.Actor) (bool, error) {
	if open, ok := s.State.(interface{ EveryFile(domain.Actor) bool }); s.Whole || ok && open.EveryFile(to) {
		return true, nil
	}
	text, err := json.Marshal(s.State)
	return bytes.Contains(text, []byte(sha256)), err
}

// NoSuchFile is the refusal of a file that is not there, or not for whoever asks.
func NoSuchFile(sha256 string) error {
	return domain.Refuse("not-found", "", "kind", "evidence", "id", sha256)
}

// NotThere reports whether an error says that something is not there.
func NotThere(err error) bool {
	refused, ok := domain.Refused(err)
	return ok && refused.Code == "not-found"
}

// glance answers how much the person sees of one aggregate after another, and loads each once.
func (d *Desk) glance() func(context.Context, flow.Ref) (flow.Sight, error) {
	seen := map[flow.Ref]flow.Sight{}
	return func(ctx context.Context, ref flow.Ref) (flow.Sight, error) {
		if sight, ok := seen[ref]; ok {
			return sight, nil
		}
		_, sight, _, err := d.see(ctx, ref)
		if errors.Is(err, flow.ErrUnknownKind) { // a newer program's is nothing that this one can show
			return flow.Hidden, nil
		}
		if err == nil {
			seen[ref] = sight
		}
		return sight, err
	}
}

// Path is where an aggregate is read and commanded.
func Path(ref flow.Ref) string { return catalogue.Path(ref.Kind) + "/" + ref.ID }
