package flow

import (
	"slices"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
)

// Progress is the information on which both screens and timers rely: whose turn it is, for what, and by when. It holds ids and dates,
// but no personal data.
type Progress struct {
	Aggregate Ref         `json:"aggregate"`
	Pilot     string      `json:"pilot" doc:"id of the pilot it belongs to"`
	Place     string      `json:"place" doc:"GB/T 2260 code of the launching office's place"`
	Seq       int         `json:"seq" doc:"events so far; the newer Progress has the higher"`
	Version   int         `json:"version" doc:"for If-Match"`
	Stage     Stage       `json:"stage"`
	Ended     bool        `json:"ended" doc:"nothing is owed or awaited any longer"`
	Turns     []TurnView  `json:"turns"`
	Duties    []Duty      `json:"duties" doc:"what the workflows owe now"`
	Next      *NextMoment `json:"next,omitempty" doc:"what happens next because time passes"`
}

// TurnView is an open wait in the form shown to users.
type TurnView struct {
	Key         WaitKey        `json:"key"`
	Subject     string         `json:"subject,omitempty" doc:"which milestone, proposal or round"`
	Title       domain.Text    `json:"title"`
	Who         []domain.Party `json:"who" doc:"who may act; empty when Terrace or the calendar ends the wait"`
	Commands    []string       `json:"commands" doc:"commands that this wait admits"`
	Due         calendar.Date  `json:"due,omitzero" doc:"last day, Asia/Shanghai"`
	Hard        bool           `json:"hard" doc:"refused after the due day"`
	Provisional bool           `json:"provisional,omitempty" doc:"counted before the year's holiday notice was known"`
	Overdue     bool           `json:"overdue,omitempty" doc:"escalated since the due day passed"`
	Consequence domain.Text    `json:"consequence" doc:"what happens when the due day passes"`
	Urged       int            `json:"urged,omitempty" doc:"how often whoever is awaited was urged (催办)"`
}

// NextMoment is what happens next if nobody acts: a reminder, an escalation or a lapse.
type NextMoment struct {
	Moment  Moment    `json:"moment" doc:"remind: those awaited are reminded; escalate: the delay is reported to the office above; lapse: the consequence of a hard due day takes effect"`
	Key     WaitKey   `json:"key" doc:"of the turn concerned"`
	Subject string    `json:"subject,omitempty" doc:"which milestone, proposal or round"`
	Round   int       `json:"round" doc:"how many times the turn has been opened, this time included"`
	At      time.Time `json:"at" doc:"when it happens, if nobody acts before"`
}

// ProgressOf derives the progress of an aggregate from its state.
func ProgressOf(s State) Progress {
	r := s.Common()
	p := Progress{
		Aggregate: RefOf(s), Pilot: s.Root(), Place: s.Place(), Seq: r.Seq, Version: r.Version, Stage: r.Stage,
		Turns: []TurnView{}, Duties: append([]Duty{}, r.Duties...),
		Ended: s.Aggregate().Stage(r.Stage).Ended && len(r.Duties) == 0 && len(r.Turns) == 0,
		Next:  earliest(s),
	}
	for _, t := range r.Turns {
		p.Turns = append(p.Turns, viewOf(s, t))
	}
	return p
}

// earliest returns the next reminder, escalation or lapse, or nil if there is none. If several fall at the same instant, it returns
// the one for the turn that was opened first.
func earliest(s State) (next *NextMoment) {
	for _, t := range s.Common().Turns {
		moment, at, ok := t.next(s.Aggregate().Wait(t.Key))
		if ok && (next == nil || at.Before(next.At)) {
			next = &NextMoment{moment, t.Key, t.Subject, t.Round, at}
		}
	}
	return next
}

func viewOf(s State, t Turn) TurnView {
	w := s.Aggregate().Wait(t.Key)
	v := TurnView{
		Key: t.Key, Subject: t.Subject, Title: w.Title, Who: []domain.Party{}, Commands: []string{}, Due: t.Due, Hard: w.Hard,
		Provisional: t.Provisional, Overdue: t.Escalated, Consequence: w.Consequence, Urged: t.Urged,
	}
	if !w.ByItself() {
		if v.Who = s.Awaited(t); v.Who == nil {
			v.Who = []domain.Party{w.Who.In(s)}
		}
		if len(w.Titles) > 0 {
			v.Title = w.TitleFor(rolesOf(v.Who))
		}
	}
	for _, e := range w.Exits {
		v.Commands = append(v.Commands, e.Command)
	}
	return v
}

func rolesOf(parties []domain.Party) (roles []domain.Role) {
	for _, p := range parties {
		roles = append(roles, p.Roles...)
	}
	return roles
}

// Task is something that a person can do now, with its deadline if it has one.
type Task struct {
	Turn     TurnView
	Commands []string
	Awaited  bool // whether it is the person's turn; if not, the task is optional, such as withdrawing
}

// TasksOf returns what the actor can do now: first the commands that respond to an open wait, then those that are always available.
// Each turn has the title that applies to the actor's roles.
func TasksOf(s State, a domain.Actor) []Task {
	tasks := []Task{}
	add := func(t Turn, awaited []domain.Role) {
		task := Task{Turn: viewOf(s, t), Awaited: len(awaited) > 0}
		own := awaited
		if !task.Awaited {
			own = a.Roles
		}
		task.Turn.Title = s.Aggregate().Wait(t.Key).TitleFor(own)
		for _, name := range task.Turn.Commands {
			if d := s.Aggregate().commands[name]; !d.Internal() && d.Who.Admits(s, a) == nil {
				task.Commands = append(task.Commands, name)
			}
		}
		if task.Awaited || len(task.Commands) > 0 {
			tasks = append(tasks, task)
		}
	}
	for _, t := range s.Common().Turns {
		add(t, RolesAwaited(SeatsOf(s, t), a))
	}
	for _, w := range standing(s) {
		if !w.ByItself() {
			add(Turn{Key: w.Key}, nil)
		}
	}
	return tasks
}

// Stirs reports whether the workflow must be signalled when its aggregate's progress changes from before to p. A workflow acts on the
// stage and the duties, and sleeps until the next due time. If that time is postponed or cancelled, no signal is needed: the workflow
// finds out when it wakes and reads the record. Changes in whose turn it is, or by when, matter only to users.
func (p Progress) Stirs(before Progress) bool {
	return p.Stage != before.Stage || p.Ended != before.Ended || !slices.Equal(p.Duties, before.Duties) ||
		p.Next != nil && (before.Next == nil || p.Next.At.Before(before.Next.At))
}

// Due returns the earliest due date of the open turns, or the zero Date if none has one.
func (p Progress) Due() (first calendar.Date) {
	for _, t := range p.Turns {
		if sooner(t.Due, first) {
			first = t.Due
		}
	}
	return first
}

func sooner(a, b calendar.Date) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }
