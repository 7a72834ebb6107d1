// Package activities holds everything the workflows do outside themselves. They send commands to the record, which
// judges them as it judges people's, and submit payments to the bank. Every activity may run twice: a command's id
// derives from the aggregate and its duty, so the second run changes nothing.
package activities

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// Record is what the activities need from the record. Its errors are refusals (*domain.Error) or faults. Neither may
// hold personal data, because the text of a fault enters the workflow's history.
type Record interface {
	Execute(ctx context.Context, cmd flow.Command) error
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Learn returns News for a run that is starting. The relay need not send that run anything these News contain.
	Learn(ctx context.Context, ref flow.Ref) (News, error)
	OrganizationFacts(ctx context.Context, creditCodes []string) ([]pilot.OrganizationFacts, error)
	Dossier(ctx context.Context, pilotID string) (string, error)
	// AccountNumber returns the bank account that the project's organization signed with, or an empty string if none is
	// kept any more. It is personal data: for an Order only, never for an error, a log or a history.
	AccountNumber(ctx context.Context, project string) (string, error)
}

// Records holds the activities that every aggregate has.
type Records struct{ Record Record }

// Task is an aggregate's duty as passed to an activity.
type Task struct {
	Ref  flow.Ref  `json:"ref"`
	Duty flow.Duty `json:"duty"`
}

// Answer is the result of an activity: the News afterwards, and the code if the record refused. A refusal is an answer:
// things have changed since the workflow last heard of them.
type Answer struct {
	News    News        `json:"news"`
	Refused domain.Code `json:"refused,omitempty"`
}

// ReadNews reads the state of an aggregate for a run that is starting.
func (r *Records) ReadNews(ctx context.Context, ref flow.Ref) (News, error) {
	news, err := r.Record.Learn(ctx, ref)
	return news, fault(err)
}

// Moment is a moment of an aggregate that time brings, as passed to KeepTime.
type Moment struct {
	Ref  flow.Ref        `json:"ref"`
	Next flow.NextMoment `json:"next"`
}

// KeepTime applies what has become due: a reminder, an escalation or a lapse. A call before its time is refused with
// not-due.
func (r *Records) KeepTime(ctx context.Context, m Moment) (Answer, error) {
	return send(ctx, r.Record, m.Ref, m.command())
}

// command builds the command that applies the moment. Its id does not depend on the sender.
func (m Moment) command() flow.Command {
	n := m.Next
	id := fmt.Sprintf("%s/%s/%s/%s/%d/%s", flow.KeepTimeCommand, m.Ref, n.Key, n.Subject, n.Round, n.Moment)
	return command(id, m.Ref, flow.KeepTimeCommand, n.Keep())
}

// command builds a command sent by Terrace itself. Its id never contains a run's id, so it survives restarts and resets.
func command(id string, ref flow.Ref, name string, payload flow.Payload) flow.Command {
	return flow.Command{ID: id, Actor: domain.Workflow, Name: name, Aggregate: ref, Payload: payload}
}

// command builds a command that fulfils the duty on the aggregate that owes it.
func (t Task) command(name string, payload flow.Payload) flow.Command {
	return command(t.id(name), t.Ref, name, payload)
}

// discharge builds the command that records the duty as done, for work that leaves no other trace on the aggregate.
func (t Task) discharge() flow.Command {
	return t.command(flow.DischargeCommand, &flow.Discharge{Duty: t.Duty})
}

// id returns the id of a command that the duty sends. It is the same on every try.
func (t Task) id(name string) string {
	return fmt.Sprintf("%s/%s/%s/%s", name, t.Ref, t.Duty.Key, t.Duty.Subject)
}

// settled holds the refusals which mean that the command took effect earlier, under another id.
var settled = map[domain.Code]bool{"already-recorded": true, "already-checked": true}

// door judges commands and returns the News after them.
type door interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
}

// send has the record judge commands in order, up to the first refusal, and returns the News of ref.
func send(ctx context.Context, record door, ref flow.Ref, commands ...flow.Command) (Answer, error) {
	var answer Answer
	for _, cmd := range commands {
		err := record.Execute(ctx, cmd)
		refusal, refused := domain.Refused(err)
		switch {
		case refused && !settled[refusal.Code]:
			activity.GetLogger(ctx).Info("refused", "command", cmd.ID, "code", string(refusal.Code))
			answer.Refused = refusal.Code
		case err != nil && !refused:
			return Answer{}, err
		}
		if answer.Refused != "" {
			break
		}
	}
	news, err := record.News(ctx, ref)
	answer.News = news
	return answer, fault(err)
}

// fault marks errors that retrying cannot fix: the record does not know the aggregate.
func fault(err error) error {
	if refusal, ok := domain.Refused(err); ok {
		return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), err)
	}
	return err
}
