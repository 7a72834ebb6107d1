// Package activities contains everything that workflows do outside themselves. Activities send commands to the record,
// which judges them like any user's commands, and submit payments to the bank. Every activity may safely run twice: the
// id of its command is derived from the aggregate and its duty, so the second run changes nothing.
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

// Record is what the activities need from the record. Its errors are rejections (*domain.Error) or faults. Neither may
// contain personal data, because their text enters the workflow's history.
type Record interface {
	Execute(ctx context.Context, cmd flow.Command) error
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Learn returns the News with which a run starts. The relay then need not send anything that this News already
	// contains.
	Learn(ctx context.Context, ref flow.Ref) (News, error)
	OrganizationFacts(ctx context.Context, creditCodes []string) ([]pilot.OrganizationFacts, error)
	Dossier(ctx context.Context, pilotID string) (string, error)
	// AccountNumber returns the bank account number that the project's organization gave when it signed the agreement,
	// or an empty string if the record no longer has it. The number is personal data: it may appear only in an Order,
	// never in an error, a log or a history.
	AccountNumber(ctx context.Context, project string) (string, error)
}

// Records holds the activities shared by workflows of every kind.
type Records struct{ Record Record }

// Task specifies the duty for an activity to fulfil, and the aggregate that owes it.
type Task struct {
	Ref  flow.Ref  `json:"ref"`
	Duty flow.Duty `json:"duty"`
}

// Answer is the result of an activity: the News after it and, if the record rejected the command, the error code. A
// rejection is a normal result: the aggregate has changed since the workflow's last News.
type Answer struct {
	News    News        `json:"news"`
	Refused domain.Code `json:"refused,omitempty"`
}

// ReadNews returns the News with which a run starts.
func (r *Records) ReadNews(ctx context.Context, ref flow.Ref) (News, error) {
	news, err := r.Record.Learn(ctx, ref)
	return news, fault(err)
}

// Moment specifies the due time for KeepTime to apply.
type Moment struct {
	Ref  flow.Ref        `json:"ref"`
	Next flow.NextMoment `json:"next"`
}

// KeepTime applies what has become due: a reminder, an escalation or a lapse. If called too early, the record rejects
// the command with not-due.
func (r *Records) KeepTime(ctx context.Context, m Moment) (Answer, error) {
	return send(ctx, r.Record, m.Ref, m.command())
}

// command builds the command that applies what is due. Its id is the same whoever sends it.
func (m Moment) command() flow.Command {
	n := m.Next
	id := fmt.Sprintf("%s/%s/%s/%s/%d/%s", flow.KeepTimeCommand, m.Ref, n.Key, n.Subject, n.Round, n.Moment)
	return command(id, m.Ref, flow.KeepTimeCommand, n.Keep())
}

// command builds a command sent by Terrace itself. Its id must not depend on the run, so that it is the same after a
// restart or a reset.
func command(id string, ref flow.Ref, name string, payload flow.Payload) flow.Command {
	return flow.Command{ID: id, Actor: domain.Workflow, Name: name, Aggregate: ref, Payload: payload}
}

// command builds a command to the aggregate that owes the duty, in order to fulfil it.
func (t Task) command(name string, payload flow.Payload) flow.Command {
	return command(t.id(name), t.Ref, name, payload)
}

// discharge builds the command that records the duty as done. It is for work that leaves no other trace in the
// aggregate.
func (t Task) discharge() flow.Command {
	return t.command(flow.DischargeCommand, &flow.Discharge{Duty: t.Duty})
}

// id returns the id of a command that fulfils the duty. It is the same for every attempt.
func (t Task) id(name string) string {
	return fmt.Sprintf("%s/%s/%s/%s", name, t.Ref, t.Duty.Key, t.Duty.Subject)
}

// settled holds the error codes that mean that the command has already taken effect under another id.
var settled = map[domain.Code]bool{"already-recorded": true, "already-checked": true}

// door is the part of the record that send needs: it judges commands and returns the resulting News.
type door interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
}

// send sends the commands to the record in order, stopping at the first one rejected, and returns the resulting News of
// ref.
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

// fault marks errors that retrying cannot fix, so that Temporal does not retry them: those that mean that the aggregate
// is not in the record.
func fault(err error) error {
	if refusal, ok := domain.Refused(err); ok {
		return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), err)
	}
	return err
}
