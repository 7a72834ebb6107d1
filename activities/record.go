// Package activities holds everything that workflows do outside themselves. Activities send commands to the record,
// which judges them as it judges people's commands, and submit payments to the bank. Every activity may safely run
// twice: a command's id derives from the aggregate and its duty, so the second run changes nothing.
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
// contain personal data, because their text enters the workflow's history.
type Record interface {
	Execute(ctx context.Context, cmd flow.Command) error
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
	News(ctx context.Context, ref flow.Ref) (News, error)
	// Learn returns the News with which a run starts. The relay need not send that run anything that this News already
	// contains.
	Learn(ctx context.Context, ref flow.Ref) (News, error)
	OrganizationFacts(ctx context.Context, creditCodes []string) ([]pilot.OrganizationFacts, error)
	Dossier(ctx context.Context, pilotID string) (string, error)
	// AccountNumber returns the number of the bank account that the project's organization gave when it signed the
	// agreement, or an empty string if the record no longer keeps one. The number is personal data: put it only in an
	// Order, never in an error, a log or a history.
	AccountNumber(ctx context.Context, project string) (string, error)
}

// Records holds the activities that workflows of every kind use.
type Records struct{ Record Record }

// Task tells an activity which aggregate owes which duty.
type Task struct {
	Ref  flow.Ref  `json:"ref"`
	Duty flow.Duty `json:"duty"`
}

// Answer is the result of an activity: the News after it, and the refusal's code if the record refused the command. A
// refusal is a normal answer: the aggregate has changed since the workflow last had News of it.
type Answer struct {
	News    News        `json:"news"`
	Refused domain.Code `json:"refused,omitempty"`
}

// ReadNews returns the News with which a run starts.
func (r *Records) ReadNews(ctx context.Context, ref flow.Ref) (News, error) {
	news, err := r.Record.Learn(ctx, ref)
	return news, fault(err)
}

// Moment tells KeepTime which moment of an aggregate has come.
type Moment struct {
	Ref  flow.Ref        `json:"ref"`
	Next flow.NextMoment `json:"next"`
}

// KeepTime applies what has become due: a reminder, an escalation or a lapse. If it is called too early, the record
// refuses with not-due.
func (r *Records) KeepTime(ctx context.Context, m Moment) (Answer, error) {
	return send(ctx, r.Record, m.Ref, m.command())
}

// command builds the command that applies what is due at the moment. Its id is the same whoever sends it.
func (m Moment) command() flow.Command {
	n := m.Next
	id := fmt.Sprintf("%s/%s/%s/%s/%d/%s", flow.KeepTimeCommand, m.Ref, n.Key, n.Subject, n.Round, n.Moment)
	return command(id, m.Ref, flow.KeepTimeCommand, n.Keep())
}

// command builds a command that Terrace itself sends. The command's id never contains the id of a run, so it stays the
// same after a restart or a reset.
func command(id string, ref flow.Ref, name string, payload flow.Payload) flow.Command {
	return flow.Command{ID: id, Actor: domain.Workflow, Name: name, Aggregate: ref, Payload: payload}
}

// command builds a command that fulfils the duty, for the aggregate that owes it.
func (t Task) command(name string, payload flow.Payload) flow.Command {
	return command(t.id(name), t.Ref, name, payload)
}

// discharge builds the command that marks the duty as done on the record. It is for work that leaves no other trace on
// the aggregate.
func (t Task) discharge() flow.Command {
	return t.command(flow.DischargeCommand, &flow.Discharge{Duty: t.Duty})
}

// id returns the id of a command that fulfils the duty. Every attempt uses the same id.
func (t Task) id(name string) string {
	return fmt.Sprintf("%s/%s/%s/%s", name, t.Ref, t.Duty.Key, t.Duty.Subject)
}

// settled holds the codes of the refusals that mean the command has already taken effect under another id.
var settled = map[domain.Code]bool{"already-recorded": true, "already-checked": true}

// door is the part of the record that send needs: it judges commands and returns the News after them.
type door interface {
	Execute(ctx context.Context, cmd flow.Command) error
	News(ctx context.Context, ref flow.Ref) (News, error)
}

// send has the record judge the commands in order until one is refused. It returns the News of ref after that.
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

// fault marks an error that retrying cannot fix, so that Temporal does not retry it: the record does not know the
// aggregate.
func fault(err error) error {
	if refusal, ok := domain.Refused(err); ok {
		return temporal.NewNonRetryableApplicationError(refusal.Error(), string(refusal.Code), err)
	}
	return err
}
