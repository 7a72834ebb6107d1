// Package moneytest_test tests the money: whatever commands the record receives, in whatever order and from whomever,
// its ledger matches a simple account of the same events. docs/money-proof.md explains what is proved and how to run
// it.
package moneytest_test

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // many short-lived states, and memory to spare
	code := pgtest.Main(m)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// callDay is when applications open.
var callDay = time.Date(2017, 9, 11, 9, 0, 0, 0, calendar.Shanghai)

// file is the one stored file; every slip, report and receipt names it.
var file = strings.Repeat("ab", 32)

// People of the county's office in addition to the demonstration's.
const (
	secondFinance = "finance-2"        // finance
	allRounder    = "finance-approver" // finance and approver
	kin           = "finance-kin"      // finance, with an interest in the first two organizations
	evaluatorsOwn = "finance-of-evaluator"
	cityFinance   = "city-finance"
)

// rules are the demonstration's, but each pilot has its own programme and fund ("money-…"), a short path through the
// offices and two milestones, so that much of what happens concerns money.
type rules struct{ base *programme.Programme }

func readRules(t testing.TB) rules {
	t.Helper()
	set, err := programmes.Builtin()
	must(t, err)
	base, err := set.Find(zhuanglang.Read().Programme, 1)
	must(t, err)
	short := *base
	short.Chain.Value = []place.Level{place.County}
	short.Panel.MinSize.Value = 1
	short.Tranches = slices.Clone(base.Tranches)
	short.Tranches[1].Milestones, short.Tranches[2].Milestones = []string{"M1"}, []string{"M2"}
	must(t, short.Validate())
	return rules{&short}
}

// Find returns the programme with the id.
func (r rules) Find(id string, version int) (*programme.Programme, error) {
	if !strings.HasPrefix(id, "money-") || version != 1 {
		return nil, fmt.Errorf("no programme %s in version %d", id, version)
	}
	own := *r.base
	own.ID = id
	return &own, nil
}

// At returns the programme with the id, whatever the day.
func (r rules) At(id string, _ calendar.Date) (*programme.Programme, error) { return r.Find(id, 1) }

// world is a record with two processes on it, and the people who act there.
type world struct {
	t      testing.TB
	url    string
	stores [2]*postgres.Store
	conn   *pgx.Conn // as the database's owner
	rules  rules
	demo   *zhuanglang.Data
	people []domain.Actor
	who    map[string]domain.Actor
	counts *tally
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := reach(t, pgtest.New(t))
	must(t, w.stores[0].StartCalendar(t.Context(), callDay, 100*time.Millisecond))
	registry := postgres.Registry{Places: w.demo.Places()}
	for _, a := range w.people {
		registry.People = append(registry.People, postgres.Person{Actor: a, Token: "token-of-" + a.ID})
	}
	must(t, w.stores[0].Register(t.Context(), registry))
	for _, s := range w.stores {
		must(t, s.SaveEvidence(t.Context(), postgres.Evidence{SHA256: file, MediaType: "application/pdf", Size: 1, Name: "slip.pdf", UploadedBy: zhuanglang.CountyFinance}))
	}
	return w
}

// reach opens the record in an existing database.
func reach(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, url: url, rules: readRules(t), demo: zhuanglang.Read(), who: map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}, counts: &tally{}}
	w.people = slices.Concat(w.demo.People(), w.officers())
	for _, a := range w.people {
		w.who[a.ID] = a
	}
	for i := range w.stores {
		store, err := postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, url), Programmes: w.rules, Calendar: calendar.Published()})
		must(t, err)
		t.Cleanup(store.Close)
		w.stores[i] = store
	}
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close(context.Background())) })
	w.conn = conn
	return w
}

// leave closes all connections, so that the record can be copied.
func (w *world) leave() {
	for _, s := range w.stores {
		s.Close()
	}
	must(w.t, w.conn.Close(context.Background()))
}

func (w *world) officers() []domain.Actor {
	officer := func(id string, roles ...domain.Role) domain.Actor {
		return domain.Actor{ID: id, Name: domain.Text{ZH: id, EN: id}, Roles: roles, Place: string(w.demo.Offices[0].Place)}
	}
	related, foreign, city := officer(kin, domain.Finance), officer(evaluatorsOwn, domain.Finance), officer(cityFinance, domain.Finance)
	for _, p := range w.demo.Projects[:2] {
		related.Interests = append(related.Interests, p.Organization.CreditCode)
	}
	foreign.Organization = w.demo.Evaluator.CreditCode
	city.Place = string(w.demo.Offices[1].Place)
	return []domain.Actor{officer(secondFinance, domain.Finance), officer(allRounder, domain.Finance, domain.Approver), related, foreign, city}
}

func (w *world) setClock(t fataler, at time.Time) {
	_, err := w.conn.Exec(context.Background(), "update clock set instant = $1", at)
	must(t, err)
}

func (w *world) command(actor, name string, ref flow.Ref, payload flow.Payload) flow.Command {
	return flow.Command{ID: uuid.NewString(), Actor: w.who[actor], Name: name, Aggregate: ref, Payload: payload}
}

// do executes a command that must be accepted.
func (w *world) do(t fataler, actor, name string, ref flow.Ref, payload flow.Payload) postgres.Outcome {
	outcome, err := w.stores[0].Execute(context.Background(), w.command(actor, name, ref, payload))
	if err != nil {
		t.Fatalf("%s of %s by %s: %v", name, ref, actor, err)
	}
	return outcome
}

// pilots numbers the pilots of this process and their programmes.
var pilots atomic.Int64

// beginning is a pilot with its written approval, its projects and their grants.
type beginning struct {
	pilot     flow.Ref
	programme string
	state     *pilot.Pilot
	grants    []int64 // amounts granted to projects .1, .2, …
	budgets   [][]plan.BudgetLine
	contract  int64
	requested int64
	projects  []*project.Project
}

// approved takes a pilot through its approval, with the given grants for the demonstration's first projects.
func (w *world) approved(t fataler, grants ...int64) beginning {
	w.setClock(t, callDay)
	b := beginning{
		pilot: flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}, programme: "money-" + strconv.FormatInt(pilots.Add(1), 10) + "-" + uuid.NewString()[:8],
		grants: grants, contract: int64(w.demo.EvaluationFen),
	}
	a := w.application(len(grants))
	b.requested = int64(a.RequestedFen)
	for _, q := range a.Proposals {
		b.budgets = append(b.budgets, q.Budget)
	}
	machine := domain.Workflow.ID
	w.do(t, zhuanglang.CountyOfficer, "draft", b.pilot, &pilot.Draft{Programme: b.programme, Application: a})
	w.do(t, zhuanglang.CountyOfficer, "submit", b.pilot, &pilot.Submit{})
	w.do(t, machine, "record-checks", b.pilot, &pilot.RecordChecks{Facts: w.demo.Organizations()})
	w.do(t, zhuanglang.CountyOfficer, "accept", b.pilot, &pilot.Accept{})
	w.do(t, zhuanglang.CountyApprover, "endorse", b.pilot, &pilot.Endorse{Opinion: "同意推荐"})
	w.do(t, zhuanglang.CountyOfficer, "appoint-panel", b.pilot, &pilot.AppointPanel{Experts: zhuanglang.Experts[:1]})
	for i, q := range a.Proposals {
		opinion := pilot.Opinion{Points: 90, RecommendedFen: money.Fen(grants[i])}
		w.do(t, zhuanglang.Experts[0], "score", b.pilot, &pilot.Score{Proposal: q.Code, Opinion: opinion})
	}
	w.do(t, zhuanglang.CountyOfficer, "conclude-review", b.pilot, &pilot.ConcludeReview{})
	next := w.do(t, machine, "open-notice", b.pilot, &pilot.OpenNotice{Round: "1"}).Progress.Next
	w.setClock(t, next.At)
	w.do(t, machine, flow.KeepTimeCommand, b.pilot, next.Keep())
	b.state = w.do(t, zhuanglang.CountyApprover, "approve", b.pilot, &pilot.Approve{Number: b.programme}).State.(*pilot.Pilot)
	for i := range grants {
		ref := flow.Ref{Kind: project.Kind, ID: b.pilot.ID + "." + strconv.Itoa(i+1)}
		opening, err := b.state.ProjectOpening(ref.ID)
		must(t, err)
		b.projects = append(b.projects, w.do(t, machine, "open", ref, opening).State.(*project.Project))
	}
	for _, d := range b.state.Duties {
		b.state = w.do(t, machine, flow.DischargeCommand, b.pilot, &flow.Discharge{Duty: d}).State.(*pilot.Pilot)
	}
	return b
}

// application returns the demonstration's application, limited to its first n projects, with two milestones each.
func (w *world) application(n int) pilot.Application {
	a := w.demo.Application()
	a.Proposals = a.Proposals[:n]
	for i := range a.Proposals {
		q := &a.Proposals[i]
		q.Milestones = slices.Clone(q.Milestones[:2])
		for j := range q.Milestones {
			q.Milestones[j].Evidence = []string{"photos"}
		}
	}
	return a
}

// fataler is a test of rapid or of the testing package.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// code returns a refusal's code, or an empty one for an accepted command. Any other error is a fault that fails the
// test.
func code(t fataler, err error) domain.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	refusal, refused := domain.Refused(err)
	if !refused {
		t.Fatalf("not a refusal: %v", err)
	}
	return refusal.Code
}
