package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// story drives one pilot by sending its users' commands, and keeps the responses.
type story struct {
	*system
	data        *zhuanglang.Data
	id          string
	plans       []zhuanglang.Project // of the proposals, in order
	accepted    []*accepted
	application pilot.Application
	press       int // number of times that each request is sent concurrently; 0 means once

	before    func(*accepted)         // called before a command is sent, when it has become legal
	pressedAs func(path string)       // called with the path of every pressed request
	meanwhile func() (restart func()) // called while requests are in progress; restart undoes it
}

// accepted is an accepted command with its response.
type accepted struct {
	who, command, path, subject string
	ref                         flow.Ref
	payload                     any
	key                         string
	answer                      answer // the first response
	receipt                     flow.Receipt
	exit                        exit // set by walk
}

// view is the response for an aggregate of any kind.
type view struct {
	ID       string
	Stage    flow.Stage
	Version  int
	Progress flow.Progress

	Cases      []pilot.Case           // of a pilot
	Tranches   []project.TrancheState // of a project
	RefundDue  money.Fen              `json:"refund_due_fen"`
	Refunded   money.Fen              `json:"refunded_fen"`
	Spending   []any                  // reports
	Owed       money.Fen              `json:"owed_fen"`
	Fen        money.Fen              // of a payment
	Evaluation *pilot.Summary         `json:"summary"`
}

func pathOf(ref flow.Ref) string {
	if ref.Kind == recovery.Kind {
		return "/v1/recoveries/" + ref.ID
	}
	return "/v1/" + string(ref.Kind) + "s/" + ref.ID
}

// read returns an aggregate's current view, or an empty one if it does not exist.
func (c *client) read(ref flow.Ref) (v view) {
	c.t.Helper()
	a := c.send(reader, http.MethodGet, pathOf(ref), nil, nil)
	if a.Status != http.StatusNotFound {
		a.into(c.t, &v)
	}
	return v
}

// draft starts a pilot with some of the demonstration's proposals, numbered from 1. At the end of the test its journal
// is checked against the lifecycle.
func (s *system) draft(proposals ...int) *story {
	s.t.Helper()
	return s.draftChanged(func(*pilot.Application) {}, proposals...)
}

func (s *system) draftChanged(change func(*pilot.Application), proposals ...int) *story {
	s.t.Helper()
	st := s.newStory(proposals...)
	change(&st.application)
	st.draftNow()
	return st
}

// newStory returns a story whose pilot has not been drafted yet.
func (s *system) newStory(proposals ...int) *story {
	st := &story{system: s, data: zhuanglang.Read()}
	st.application = st.data.Application()
	all := st.application.Proposals
	st.application.Proposals, st.application.RequestedFen = nil, st.application.Evaluator.Fen
	for _, n := range proposals {
		st.application.Proposals = append(st.application.Proposals, all[n-1])
		st.application.RequestedFen += all[n-1].BudgetFen() // all pilots of a test share one fund
		st.plans = append(st.plans, st.data.Projects[n-1])
	}
	return st
}

func (s *story) draftNow() {
	s.t.Helper()
	walked.read(s.client)
	s.submitCommand(&accepted{who: zhuanglang.CountyOfficer, command: "draft", path: "/v1/pilots", payload: pilot.Draft{Programme: s.data.Programme, Application: s.application}})
	s.id = s.accepted[0].ref.ID
	s.t.Cleanup(func() {
		if !s.t.Failed() {
			s.finish()
		}
	})
}

// finish checks the journal against the lifecycle, checks the ledger, and requires that ended aggregates accept no more
// commands.
func (s *story) finish() {
	s.t.Helper()
	s.rest()
	s.walk()
	s.balanced(s.id)
	s.tooLate()
}

// tooLate resends the commands that ended aggregates had accepted. All must be rejected, because nothing leads out of a
// final stage.
func (s *story) tooLate() {
	s.t.Helper()
	tried := map[exit]bool{}
	for _, a := range slices.Backward(s.accepted) {
		if tried[a.exit] || a.exit == (exit{}) || !catalogue.All.Ended(s.read(a.ref).Stage) {
			continue
		}
		who, declared := a.who, commandOf(s.t, a.ref.Kind, a.command)
		if declared.Who.Seat == flow.Anyone { // the public notice is over, so only participants can still see the pilot
			who = zhuanglang.OrganizationPerson(s.code(1))
		}
		got := s.post(who, a.path, s.key(), a.payload)
		code := got.problem(s.t).Code
		elsewhere := code == "wrong-place" && declared.Who.Seat == plan.TurnOffice // it is another office's turn now
		over := code == "wrong-stage" || code == "notice-over" && a.command == "object"
		if !over && !elsewhere {
			s.t.Errorf("%s by %s in %s: %s", a.command, who, s.read(a.ref).Stage, got)
		}
		tried[a.exit] = over
		walked.wasRefused(a.exit, code)
	}
}

func (s *story) pilot() flow.Ref { return flow.Ref{Kind: pilot.Kind, ID: s.id} }

func (s *story) project(n int) flow.Ref {
	return flow.Ref{Kind: project.Kind, ID: s.id + "." + strconv.Itoa(n)}
}

func (s *story) payment(project, tranche, attempt int) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: fmt.Sprintf("%s.%d.%d.%d", s.id, project, tranche, attempt)}
}

// contract returns the payment for an attempt to pay the evaluator.
func (s *story) contract(attempt int) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: fmt.Sprintf("%s.e.%d", s.id, attempt)}
}

// do waits until the workflows have reached a wait that allows a command, and then sends the command, which must be
// accepted. Before that, the auditor, who decides nothing, tries to send it and is rejected.
func (s *story) do(who string, ref flow.Ref, command string, payload any) {
	s.t.Helper()
	a := &accepted{who: who, command: command, path: pathOf(ref) + "/" + command, subject: subjectOf(payload), ref: ref, payload: payload}
	s.await(ref, command, a.subject)
	s.submitCommand(a)
}

// urge has a user urge those whose turn it is. Only others can do this, once per working day.
func (s *story) urge(who string, ref flow.Ref, key flow.WaitKey, subject string) {
	s.t.Helper()
	s.due(ref, key)
	urge := flow.Urge{Wait: key, Subject: subject}
	s.submitCommand(&accepted{who: who, command: flow.UrgeCommand, path: pathOf(ref) + "/" + flow.UrgeCommand, ref: ref, payload: urge})
	s.refused(who, ref, flow.UrgeCommand, urge, http.StatusConflict, "urged-already")
	if !slices.ContainsFunc(s.read(ref).Progress.Turns, func(t flow.TurnView) bool { return t.Key == key && t.Subject == subject && t.Urged == 1 }) {
		s.t.Errorf("%s does not say once that %s was urged", ref, key)
	}
}

// await waits until an open wait allows the command and the workflows owe nothing.
func (s *story) await(ref flow.Ref, command, subject string) {
	s.t.Helper()
	kind := aggregateOf(s.t, ref.Kind)
	var now view
	defer func() {
		if s.t.Failed() {
			s.t.Logf("%s: %+v", ref, now.Progress)
		}
	}()
	eventually(s.t, command+" is awaited for "+ref.String(), func() bool {
		now = s.read(ref)
		if _, ok := standing(kind, now.Stage, command); ok {
			return !kind.Owes(now.Progress)
		}
		return !kind.Owes(now.Progress) && slices.ContainsFunc(now.Progress.Turns, func(t flow.TurnView) bool {
			return slices.Contains(t.Commands, command) && (t.Subject == "" || subject == "" || t.Subject == subject)
		})
	})
}

// submitCommand sends a command that must be accepted, and keeps the response.
func (s *story) submitCommand(a *accepted) {
	s.t.Helper()
	if got := s.post(reader, a.path, s.key(), a.payload); got.Status != http.StatusForbidden || got.problem(s.t).Code != "wrong-role" {
		s.t.Errorf("%s by the auditor: %s", a.command, got)
	}
	if s.before != nil {
		s.before(a)
	}
	a.key = s.key()
	originals := 0
	for i, got := range s.sendAtOnce(a) {
		if got.Status >= http.StatusBadRequest {
			s.t.Fatalf("%s by %s for %s: %s", a.command, a.who, a.ref, got)
		}
		if i == 0 {
			got.into(s.t, &a.receipt)
			a.answer, a.ref = got, a.receipt.Aggregate
		}
		s.sameAnswer(a, a.answer, got)
		if got.Header.Get("Idempotency-Replayed") == "" {
			originals++
		}
	}
	if originals != 1 && (originals != 0 || s.meanwhile == nil) { // a kill may lose the original response
		s.t.Errorf("%s under one key took effect %d times", a.command, originals)
	}
	s.accepted = append(s.accepted, a)
}

// key returns a new idempotency key, which shows in logs how far the story had progressed.
func (s *story) key() string {
	return fmt.Sprintf("%s-%d-%s", s.prefix, len(s.accepted), rand.Text()[:8])
}

// subjectOf returns the milestone, proposal or report that a command is about.
func subjectOf(payload any) string {
	text, err := json.Marshal(payload)
	if err != nil {
		return ""
	}
	subject := struct{ Milestone, Proposal string }{}
	if json.Unmarshal(text, &subject) != nil {
		return ""
	}
	if judged, ok := payload.(project.JudgeSpending); ok {
		return strconv.Itoa(judged.Report)
	}
	return subject.Milestone + subject.Proposal
}

// refused sends a command that must be rejected with the given status and error code.
func (s *story) refused(who string, ref flow.Ref, command string, payload any, status int, code domain.Code) {
	s.t.Helper()
	got := s.post(who, pathOf(ref)+"/"+command, s.key(), payload)
	if got.Status != status || got.problem(s.t).Code != code {
		s.t.Errorf("%s by %s for %s: %s; want %d %s", command, who, ref, got, status, code)
	}
}

// reaches waits until an aggregate is in a stage.
func (s *story) reaches(ref flow.Ref, stage flow.Stage) {
	s.t.Helper()
	eventually(s.t, ref.String()+" reaches "+string(stage), func() bool { return s.read(ref).Stage == stage })
}

// on advances the calendar to ten o'clock on a date, after that date's reminders.
func (s *story) on(day calendar.Date) {
	s.t.Helper()
	s.until(day.At(10, 0))
}

func (s *story) onGolden(name string) {
	s.t.Helper()
	s.on(s.data.Golden[name])
}

// due returns the due date of an open wait, the earliest one if several have the same key.
func (s *story) due(ref flow.Ref, key flow.WaitKey) calendar.Date {
	s.t.Helper()
	var due calendar.Date
	eventually(s.t, ref.String()+" awaits "+string(key), func() bool {
		for _, t := range s.read(ref).Progress.Turns {
			if t.Key == key && (due.IsZero() || t.Due.Before(due)) {
				due = t.Due
			}
		}
		return !due.IsZero()
	})
	return due
}

// late advances the calendar to the day after an open wait's due date.
func (s *story) late(ref flow.Ref, key flow.WaitKey) {
	s.t.Helper()
	s.on(s.due(ref, key).AddDays(1))
}

// file uploads a small file as a user.
func (s *story) file(who, what string) string {
	s.t.Helper()
	text := "演示数据 / demonstration data\n" + s.id + "\n" + what + "\n"
	if s.press > 1 {
		s.pressFile(who, text)
	}
	return s.upload(who, text)
}

// The users who act for the nth project, and its code.
func (s *story) organization(n int) string { return zhuanglang.OrganizationPerson(s.plans[n-1].Code) }
func (s *story) village(n int) string      { return zhuanglang.VillagePerson(s.plans[n-1].Code) }
func (s *story) code(n int) string         { return s.plans[n-1].Code }

// each calls do with the number of every project, counted from 1.
func (s *story) each(do func(n int)) {
	s.t.Helper()
	for n := range s.plans {
		do(n + 1)
	}
}
