// Package activities holds what the workflows do to the world: they send
// commands to the record, which judges them as it judges people's, and hand
// payments to the bank. Every activity may run twice: command ids derive from
// the aggregate and its duty, so the second time changes nothing.
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

// Record is what the activities need of the record. Its errors are refusals
// (*domain.Error) or faults; neither may hold personal data, because a fault's
// text enters the workflow's history.
type Record interface {
	Execute(ctx context.Context, cmd flow.Command) error
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Learn is News for a run that begins: nothing that they tell needs to be brought to it any more.
	Learn(ctx context.Context, ref flow.Ref) (News, error)
	OrganizationFacts(ctx context.Context, creditCodes []string) ([]pilot.OrganizationFacts, error)
	Dossier(ctx context.Context, pilotID string) (string, error)
	// AccountNumber is the bank account that the project's organization signed with; empty where
	// none is kept any more. It is personal data: for an Order alone, never for an error, a log or a history.
	AccountNumber(ctx context.Context, project string) (string, error)
}

// Records are the activities that every aggregate knows.
type Records struct{ Record Record }

// Task is a duty of an aggregate, as an activity receives it.
type Task struct {
	Ref  flow.Ref  `json:"ref"`
	Duty flow.Duty `json:"duty"`
}

// Answer is what an activity brings back: the News after it, and the code of
// the refusal when the record refused. A refusal is an answer: the record
// stands otherwise than the workflow thought.
type Answer struct {
	News    News        `json:"news"`
	Refused domain.Code `json:"refused,omitempty"`
}

// ReadNews asks the record how an aggregate stands whose run begins.
func (r *Records) ReadNews(ctx context.Context, ref flow.Ref) (News, error) {
	news, err := r.Record.Learn(ctx, ref)
	return news, fault(err)
}

// Moment is what time brings to an aggregate, as KeepTime receives it.
type Moment struct {
	Ref  flow.Ref        `json:"ref"`
	Next flow.NextMoment `json:"next"`
}

// KeepTime lets time take its effect: whatever is due is reminded of, escalated
// or lapses. Early, it is refused with not-due.
func (r *Records) KeepTime(ctx context.Context, m Moment) (Answer, error) {
	return send(ctx, r.Record, m.Ref, m.command())
}

// command lets the moment take its effect. Its id is the same whoever sends it.
func (m Moment) command() flow.Command {
	n := m.Next
	id := fmt.Sprintf("%s/%s/%s/%s/%d/%s", flow.KeepTimeCommand, m.Ref, n.Key, n.Subject, n.Round, n.Moment)
	return command(id, m.Ref, flow.KeepTimeCommand, n.Keep())
}

// command is one of Terrace's own. Its id never names a run, so it survives restart and reset.
func command(id string, ref flow.Ref, name string, payload flow.Payload) flow.Command {
	return flow.Command{ID: id, Actor: domain.Workflow, Name: name, Aggregate: ref, Payload: payload}
}

// command does the duty on the aggregate that owes it.
func (t Task) command(name string, payload flow.Payload) flow.Command {
	return command(t.id(name), t.Ref, name, payload)
}

// discharge records that the duty is done, where the doing itself leaves no trace on the aggregate.
func (t Task) discharge() flow.Command {
	return t.command(flow.DischargeCommand, &flow.Discharge{Duty: t.Duty})
}

// id of a command that the duty sends: the same whenever the duty is done.
func (t Task) id(name string) string {
	return fmt.Sprintf("%s/%s/%s/%s", name, t.Ref, t.Duty.Key, t.Duty.Subject)
}

// settled are refusals that tell that the command took effect before, under another id.
var settled = map[domain.Code]bool{"already-recorded": true, "already-checked": true}

// door is where commands are judged, and where one learns how things stand after them.
type door interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
}

// send lets the record judge commands in their order, up to the first refusal,
// and answers with the News of ref.
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

// fault marks what trying again cannot mend: an aggregate that the record does not know.
func fault(err error) error {
	if refusal, ok := domain.Refused(err); ok {
		return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), err)
	}
	return err
}
