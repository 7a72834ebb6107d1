package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/place"
)

// Stage names a stage in the life of an aggregate (阶段).
type Stage string

// WaitKey names something that an aggregate waits for.
type WaitKey string

// Wait is a row of the lifecycle: who is awaited in a stage and until when, what happens when the due day passes, and which commands
// lead on. Progress, timers, permissions by stage and documentation are derived from it.
type Wait struct {
	Key         WaitKey
	Aggregate   Kind
	Stages      []Stage // stages in which the wait can be open
	Row         int     // number of the row in the lifecycle, from 1 (application) to 15 (archive)
	Title       domain.Text
	Who         Who         // who is awaited
	Term        Term        // time until the due day; empty if the day is fixed or there is none
	Due         domain.Text // how the due day is set if Term is empty
	Hard        bool        // whether later commands are refused and the consequence takes effect by itself
	Consequence domain.Text // what happens when the due day passes
	Exits       []Exit
	// Standing rows are open throughout their stages, whatever else is awaited. Nobody is awaited in them, and they have no due day.
	Standing bool

	unknown bool
}

// Exit is a command that a wait admits, with the stages to which it can lead. If it names none, the aggregate stays in its stage.
type Exit struct {
	Command string
	Leads   []Stage
}

// Leads returns the exit by a command that leads to one of the stages.
func Leads(command string, stages ...Stage) Exit { return Exit{Command: command, Leads: stages} }

// ByItself reports whether nobody has to act for the wait to end, because Terrace or the calendar ends it.
func (w Wait) ByItself() bool { return w.Who.Seat == Machine }

// subjected is implemented by payloads about one of several things, such as one milestone or one proposal.
type subjected interface{ About() string }

// explaining is implemented by payloads that say themselves why the command cannot be sent now. Everybody who may send the command is
// told, even if they cannot read the aggregate. If Unadmitted returns nil, the refusal is wrong-stage or deadline-passed.
type explaining interface {
	Unadmitted(s State, places *place.Table) error
}

func unadmitted(s State, p Payload, places *place.Table) error {
	if p, ok := p.(explaining); ok {
		return p.Unadmitted(s, places)
	}
	return nil
}

// inTime refuses a command that no open wait admits, and one whose hard due day has passed, even if the lapse is not recorded yet.
// After a soft due day it accepts the command and reports it as late.
//
// Errors: wrong-stage, deadline-passed.
func inTime(s State, d *Declaration, p Payload, c Context) (late bool, err error) {
	if d.Creates || d.engine {
		return false, nil
	}
	subject := ""
	if sub, ok := p.(subjected); ok {
		subject = sub.About()
	}
	var missed *Wait
	var due calendar.Date
	for _, t := range s.Common().Turns {
		w := s.Aggregate().Wait(t.Key)
		if !w.admits(d.Name) || (t.Subject != "" && subject != "" && t.Subject != subject) {
			continue
		}
		late = !t.Due.IsZero() && !c.Now.Before(t.Due.End())
		if !late || !w.Hard {
			return late, nil
		}
		missed, due = w, t.Due
	}
	if missed == nil && slices.ContainsFunc(standing(s), func(w Wait) bool { return w.admits(d.Name) }) {
		return false, nil
	}
	if err := unadmitted(s, p, c.Places); err != nil {
		return false, err
	}
	if missed == nil {
		return false, WrongStage(s, d.Name)
	}
	return true, domain.Refuse("deadline-passed", "", "zh", d.Title.ZH, "en", d.Title.EN, "day", due.String(),
		"then-zh", missed.Consequence.ZH, "then-en", missed.Consequence.EN)
}

// standing returns those standing rows of the lifecycle that belong to the aggregate's present stage.
func standing(s State) (all []Wait) {
	for _, w := range s.Aggregate().Waits {
		if w.Standing && slices.Contains(w.Stages, s.Common().Stage) {
			all = append(all, w)
		}
	}
	return all
}

func (w Wait) admits(command string) bool {
	return slices.ContainsFunc(w.Exits, func(e Exit) bool { return e.Command == command })
}

// WrongStage returns the refusal for a command that is not possible in the aggregate's present stage.
func WrongStage(s State, command string) error {
	a := s.Aggregate()
	stage, title := a.Stage(s.Common().Stage).Name, a.commands[command].Title
	return domain.Refuse("wrong-stage", "", "stage-zh", stage.ZH, "stage-en", stage.EN, "zh", title.ZH, "en", title.EN)
}
