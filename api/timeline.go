package api

import (
	"context"
	"encoding/json"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/postgres"
)

// Event is an event from the journal, as shown in timelines and streams.
type Event struct {
	Position  int64           `json:"position" doc:"position in the order in which events are sent; a stream sends it as the event's id"`
	Aggregate flow.Ref        `json:"aggregate"`
	Project   domain.Text     `json:"project_name,omitzero" doc:"village and title of the project to which the aggregate belongs; in timelines, and only where you may see the project"`
	Seq       int             `json:"seq" minimum:"1" doc:"number of the event in its aggregate; both together locate personal data"`
	Name      string          `json:"name" example:"submitted"`
	Title     domain.Text     `json:"title"`
	On        calendar.Date   `json:"on" doc:"the day it counts from, Asia/Shanghai"`
	At        time.Time       `json:"at" doc:"when it was recorded"`
	Late      bool            `json:"late,omitempty" doc:"after a soft due day"`
	About     *EventTurn      `json:"about,omitempty" doc:"the turn concerned, if people were reminded or urged, or a delay was reported; for readers of the whole aggregate"`
	By        *Sender         `json:"by,omitempty" doc:"who caused it; for readers of the whole aggregate"`
	Version   int             `json:"version" doc:"of the form of data"`
	Data      json.RawMessage `json:"data,omitempty" doc:"what the event says, as it was recorded: codes have no names in it; for readers of the whole aggregate"`
	Personal  []string        `json:"personal,omitempty" doc:"fields with personal data, which is stored separately under aggregate and seq; for readers of the whole aggregate" example:"account_number"`
	Lines     []EventLine     `json:"lines,omitempty" doc:"its movements in the ledger: debits are positive, credits negative; for readers of the whole aggregate"`
}

// EventTurn is the turn that caused a reminder or an escalation, or whose parties were urged.
type EventTurn struct {
	Title   domain.Text   `json:"title" doc:"what was awaited"`
	Subject string        `json:"subject,omitempty" doc:"which milestone, proposal or round"`
	Due     calendar.Date `json:"due,omitzero" doc:"its due day; missing if the turn was urged, and in old events that did not record it"`
}

// EventLine is a ledger line of an event, with the title of its account. A category has only its key here, because a
// stream of events runs through all programmes.
type EventLine struct {
	postgres.Line
	Title domain.Text `json:"title" doc:"of the account"`
}

// Sender is the person who sent a command, under their current name.
type Sender struct {
	ID   string      `json:"id"`
	Name domain.Text `json:"name"`
}

func eventOf(e postgres.Entry) Event {
	shown := Event{
		Position: e.Position, Aggregate: e.Aggregate, Project: e.Project, Seq: e.Seq, Name: e.Name, Title: e.Title, On: e.On, At: e.At, Late: e.Late, Version: e.Version,
		Data: e.Data,
	}
	if e.Actor.ID != "" {
		shown.By = &Sender{e.Actor.ID, e.Actor.Name}
	}
	for _, line := range e.Lines {
		shown.Lines = append(shown.Lines, EventLine{line, ledger.Title(line.Account)})
	}
	shown.read(e)
	return shown
}

// read adds the parts of an event's content that are not in its data: the turn that the event concerns, and the names
// of the fields whose personal data is stored outside the journal. It adds nothing if the caller may not see the
// content.
func (shown *Event) read(e postgres.Entry) {
	if len(e.Data) == 0 {
		return
	}
	event, err := catalogue.All.Decode(e.Aggregate.Kind, e.Name, e.Version, e.Data)
	if err != nil { // recorded by a newer version
		return
	}
	if digest, fields := flow.Concealed(event); digest != "" {
		shown.Personal = fields
	}
	if key, subject, due := flow.About(event); key != "" {
		if a, err := catalogue.All.Of(e.Aggregate.Kind); err == nil {
			shown.About = &EventTurn{a.Wait(key).Title, subject, due}
		}
	}
}

type timelineInput struct {
	Named
	After int64 `query:"after" minimum:"0" doc:"only events after this position, which is next of the previous page"`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"200" doc:"maximum number of events; fewer are returned if they are large"`
}

// Timeline is a section of the journal, oldest event first.
type Timeline struct {
	Items []Event `json:"items"`
	Next  int64   `json:"next,omitempty" doc:"position from which to continue; missing on the last page"`
}

type timelineOutput struct{ Body Timeline }

// timeline returns the events of a pilot and everything that belongs to it.
//
// Errors: not-found.
func (s *server) timeline(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
	entries, next, err := s.desk(ctx).Timeline(ctx, in.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &timelineOutput{Timeline{Items: make([]Event, len(entries)), Next: next}}
	for i, e := range entries {
		out.Body.Items[i] = eventOf(e)
	}
	return out, nil
}

// Ledger holds the balances of a pilot, its projects and its evaluator's contract.
type Ledger struct {
	Balances []Balance `json:"balances" doc:"debits less credits; appropriation, matching and entrusted are sources and run negative"`
	Entries  int       `json:"entries" minimum:"0" doc:"events that moved money"`
	SumFen   money.Fen `json:"sum_fen" doc:"over all balances; always 0"`
}

// Balance is the balance of one account.
type Balance struct {
	Owner        string      `json:"owner" doc:"id of the pilot, project or recovery, or the pilot's with .e for the evaluator's contract"`
	OwnerName    domain.Text `json:"owner_name,omitzero" doc:"the name of the pilot, project or contract; of a recovery, its debtor's (账户所有者名称)"`
	Account      string      `json:"account" doc:"name in the chart of accounts" example:"commitment"`
	Title        domain.Text `json:"title" doc:"of the account"`
	Category     string      `json:"category,omitempty" doc:"of the budget, if the account is divided by category" example:"materials"`
	CategoryName domain.Text `json:"category_name,omitzero" doc:"as the programme calls it"`
	Fen          money.Fen   `json:"fen"`
}

type ledgerOutput struct{ Body Ledger }

// ledger shows, to the fen, where a pilot's money is.
//
// Errors: not-found.
func (s *server) ledger(ctx context.Context, in *namedInput) (*ledgerOutput, error) {
	m, err := s.desk(ctx).Money(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &ledgerOutput{Ledger{Balances: make([]Balance, len(m.Balances)), Entries: m.Entries, SumFen: m.Sum}}
	for i, b := range m.Balances {
		out.Body.Balances[i] = Balance{b.Owner, m.OwnerNames[b.Owner], b.Account, ledger.Title(b.Account), b.Category, m.CategoryNames[b.Category], b.Fen}
	}
	return out, nil
}
