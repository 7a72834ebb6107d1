package flow

import (
	"cmp"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/place"
)

// Stage is a stage in the lifecycle of an aggregate (阶段).
type Stage string

// WaitKey is the name of a wait.
type WaitKey string

// Wait is a row of the lifecycle: who has to act in a stage and by when, what happens when the due date passes, and which commands
// end the wait. Progress, timers, permissions by stage and documentation are derived from it.
type Wait struct {
	Key         WaitKey
	Aggregate   Kind
	Stages      []Stage // stages in which the wait can be open
	Row         int     // row number in the lifecycle, from 1 (application) to 15 (archive)
	Title       domain.Text
	Titles      map[domain.Role]domain.Text // titles for roles whose task differs from that of the others
	Who         Who                         // who is awaited
	Term        Term                        // time until the due date; empty if the date is fixed or there is none
	Due         domain.Text                 // how the due date is determined if Term is empty
	Hard        bool                        // whether late commands are rejected and the consequence takes effect automatically
	Consequence domain.Text                 // what happens when the due date passes
	Exits       []Exit
	// Standing marks a row that is open throughout its stages, in addition to any other wait. It is nobody's turn and has no due date.
	Standing bool

	unknown bool
}

// Exit is a command that is possible during a wait, with the stages to which it can lead. If it lists none, the aggregate remains in
// its current stage.
type Exit struct {
	Command string
	Leads   []Stage
}

// Leads returns an Exit for a command that can lead to any of the stages.
func Leads(command string, stages ...Stage) Exit { return Exit{Command: command, Leads: stages} }

// TitleFor returns the title of the wait for someone with the given roles. If all the roles share the same title of their own, it
// returns that title, and otherwise the general one.
func (w Wait) TitleFor(roles []domain.Role) domain.Text {
	var own domain.Text
	for _, role := range roles {
		title, differs := w.Titles[role]
		if !differs || own != (domain.Text{}) && own != title {
			return w.Title
		}
		own = title
	}
	return cmp.Or(own, w.Title)
}

// ByItself reports whether the wait ends without human action, because Terrace or the calendar ends it.
func (w Wait) ByItself() bool { return w.Who.Seat == Machine }

// subjected is implemented by payloads that concern one of several items, such as a milestone or a proposal.
type subjected interface{ About() string }

// explaining is implemented by payloads that can explain why the command is not possible now. Everyone who may send the command gets
// the explanation, even if they cannot read the aggregate. If Unadmitted returns nil, the command is rejected with wrong-stage or
// deadline-passed.
type explaining interface {
	Unadmitted(s State, places *place.Table) error
}

func unadmitted(s State, p Payload, places *place.Table) error {
	if p, ok := p.(explaining); ok {
		return p.Unadmitted(s, places)
	}
	return nil
}

// inTime returns an error if no open wait admits the command, or if its hard due date has passed, even if the lapse has not been
// recorded yet. After a soft due date it accepts the command and reports that it is late.
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

// standing returns the standing rows of the lifecycle that apply in the aggregate's current stage.
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

// WrongStage returns the refusal for a command that is not possible in the aggregate's current stage.
func WrongStage(s State, command string) error {
	a := s.Aggregate()
	stage, title := a.Stage(s.Common().Stage), a.commands[command].Title
	refusal := domain.Refuse("wrong-stage", "", "stage-zh", stage.Name.ZH, "stage-en", stage.Name.EN, "zh", title.ZH, "en", title.EN)
	if stage.Ended {
		refusal.Instead = domain.T("该记录已办结，不能再办理", "This record is closed; nothing more can be done")
	}
	return refusal
}
