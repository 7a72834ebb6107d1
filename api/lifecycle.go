package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// CommandInfo describes a command according to its declaration.
type CommandInfo struct {
	Name      string                      `json:"name" example:"submit"`
	Aggregate flow.Kind                   `json:"aggregate"`
	KindName  domain.Text                 `json:"kind_name" doc:"of aggregate"`
	Address   string                      `json:"address,omitempty" doc:"POST here; missing for commands that only Terrace itself sends" example:"/v1/pilots/{id}/submit"`
	Title     domain.Text                 `json:"title"`
	Doc       domain.Text                 `json:"doc"`
	Roles     []domain.Role               `json:"roles" doc:"who may send it: one of these roles …"`
	RoleNames map[domain.Role]domain.Text `json:"role_names" doc:"the roles in words"`
	Seat      string                      `json:"seat" doc:"… in this seat"`
	SeatName  domain.Text                 `json:"seat_name"`
	Refusals  []domain.Code               `json:"refusals" doc:"codes of the refusals specific to it, explained at /problems/{code}"`
}

// commands lists every command that Terrace declares.
func (s *server) commands(context.Context, *struct{}) (*listOutput[CommandInfo], error) {
	out := &listOutput[CommandInfo]{}
	out.Body.Items = make([]CommandInfo, len(catalogue.All.Commands()))
	for i, d := range catalogue.All.Commands() {
		out.Body.Items[i] = CommandInfo{
			Name: d.Name, Aggregate: d.Aggregate, KindName: aggregateName(d.Aggregate), Address: address(d), Title: d.Title, Doc: d.Doc,
			Roles: d.Who.Roles, RoleNames: namesOf(d.Who.Roles, roleName), Seat: d.Who.Seat.Key, SeatName: d.Who.Seat.Name, Refusals: append([]domain.Code{}, d.Refuses...),
		}
	}
	return out, nil
}

// address returns the URL path for sending the command.
func address(d *flow.Declaration) string {
	switch {
	case d.Internal():
		return ""
	case d.Creates:
		return catalogue.Path(d.Aggregate)
	default:
		return catalogue.Path(d.Aggregate) + "/{id}/" + d.Name
	}
}

// WaitInfo is one row of the lifecycle: who has to act, by when, what happens after the due date, and to which stages
// the commands lead.
type WaitInfo struct {
	Row         int                         `json:"row" minimum:"1" maximum:"15" doc:"row of the lifecycle, in the order of the process: 1 application … 15 archive; several waits can share a row"`
	Key         flow.WaitKey                `json:"key" example:"eligibility"`
	Aggregate   flow.Kind                   `json:"aggregate"`
	KindName    domain.Text                 `json:"kind_name" doc:"of aggregate"`
	Stages      []StageInfo                 `json:"stages" doc:"in which it can be open"`
	Title       domain.Text                 `json:"title"`
	Titles      map[domain.Role]domain.Text `json:"titles,omitempty" doc:"separate titles, by role, for those whose part in it differs"`
	Roles       []domain.Role               `json:"roles" doc:"who has to act: anyone with one of these roles …"`
	RoleNames   map[domain.Role]domain.Text `json:"role_names" doc:"the roles in words"`
	Seat        string                      `json:"seat" doc:"… in this seat"`
	SeatName    domain.Text                 `json:"seat_name"`
	Term        string                      `json:"term,omitempty" doc:"the programme's term that sets the due day" example:"eligibility"`
	TermName    domain.Text                 `json:"term_name,omitzero" doc:"the term in words"`
	Due         *domain.Text                `json:"due,omitempty" doc:"how the due day is set otherwise"`
	Hard        bool                        `json:"hard" doc:"refused after the due day, and the consequence takes effect automatically"`
	Consequence domain.Text                 `json:"consequence" doc:"what happens after the due day"`
	Standing    bool                        `json:"standing" doc:"open throughout its stages in addition to the turns: nobody's turn, no due day"`
	Exits       []ExitInfo                  `json:"exits"`
}

// ExitInfo is a command that can be sent during a wait.
type ExitInfo struct {
	Command string      `json:"command" example:"accept"`
	Title   domain.Text `json:"title" doc:"of the command"`
	Leads   []StageInfo `json:"leads" doc:"stages it may lead to, though it may also leave the stage as it is; none: the stage never changes"`
}

// StageInfo is a stage with its display name.
type StageInfo struct {
	Stage flow.Stage  `json:"stage" example:"eligibility"`
	Name  domain.Text `json:"name"`
	Ended bool        `json:"ended" doc:"nobody has to act any more; what the bank reports later may still lead out of it, as when a posted payment is returned"`
}

// lifecycle returns the table of stages and waits, from which timers, permissions and lists of turns are derived.
func (s *server) lifecycle(context.Context, *struct{}) (*listOutput[WaitInfo], error) {
	out := &listOutput[WaitInfo]{}
	out.Body.Items = make([]WaitInfo, len(catalogue.All.Waits()))
	for i, w := range catalogue.All.Waits() {
		info := WaitInfo{
			Row: w.Row, Key: w.Key, Aggregate: w.Aggregate, KindName: aggregateName(w.Aggregate), Stages: stages(w.Stages), Title: w.Title, Titles: w.Titles,
			Roles: w.Who.Roles, RoleNames: namesOf(w.Who.Roles, roleName), Seat: w.Who.Seat.Key, SeatName: w.Who.Seat.Name,
			Term: string(w.Term.Key), TermName: w.Term.Name, Hard: w.Hard, Consequence: w.Consequence, Standing: w.Standing, Exits: make([]ExitInfo, len(w.Exits)),
		}
		if w.Term.Key == "" {
			info.Due = &w.Due
		}
		for j, exit := range w.Exits {
			info.Exits[j] = ExitInfo{exit.Command, commandTitle(w.Aggregate, exit.Command), stages(exit.Leads)}
		}
		out.Body.Items[i] = info
	}
	return out, nil
}

// aggregateName returns the name of a kind of aggregate.
func aggregateName(kind flow.Kind) domain.Text {
	a, err := catalogue.All.Of(kind)
	if err != nil {
		return domain.Text{}
	}
	return a.Title
}

// commandTitle returns the title of a command.
func commandTitle(kind flow.Kind, name string) domain.Text {
	d, err := catalogue.All.Find(kind, name)
	if err != nil {
		return domain.Text{}
	}
	return d.Title
}

func stages(all []flow.Stage) []StageInfo {
	infos := make([]StageInfo, len(all))
	for i, stage := range all {
		infos[i] = StageInfo{stage, catalogue.All.StageName(stage), catalogue.All.Ended(stage)}
	}
	return infos
}
