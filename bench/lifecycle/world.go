// Package lifecycle defines what is measured: twelve decisions about a village's project, from its start through the
// agreement and the first payment to a verified milestone, made through the product's own entry point with all its
// rules. It also records the rows that these decisions leave, so that engines without rules can write the same.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/postgres"
	"terrace/programmes"
)

// secondFinance gives the second release, after the demonstration's finance officer.
const secondFinance = "county-finance-2"

// file is the only stored file, named as every slip and every piece of evidence.
var file = strings.Repeat("ab", 32)

// World is a record with the people, the programme and the approved pilots that lifecycles need. It is safe for
// concurrent use.
type World struct {
	URL   string
	Store *postgres.Store

	// Virtual is true if today is not a payment day; the record's clock then stands on a working day. A virtual
	// calendar costs each command a shared row lock, which the real clock does not.
	Virtual bool

	programmes string // folder of the rules
	rules      *programmes.Set
	demo       *zhuanglang.Data
	people     map[string]domain.Actor
	places     []string // codes of the villages
	pool       *pgxpool.Pool
	begun      time.Time // when the pilots apply
	day        time.Time // the time on the virtual clock
	numbered   atomic.Int64

	mutex sync.Mutex
	ready []*Village
}

// Open prepares an empty record with its people and their tokens, its places, and its one file. It writes the rules to
// folder.
func Open(ctx context.Context, recordURL, folder string) (w *World, err error) {
	now := time.Now().In(calendar.Shanghai)
	day, today := payday(now)
	w = &World{URL: recordURL, Virtual: !today, programmes: folder, demo: zhuanglang.Read(), people: map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}}
	w.begun, w.day = callBefore(day).At(9, 0), day.At(10, 0)
	if w.rules, err = rulesOn(day, folder); err != nil {
		return nil, err
	}
	if w.pool, err = pgxpool.New(ctx, recordURL); err != nil {
		return nil, err
	}
	program, err := postgres.TrialURL(ctx, recordURL)
	if err != nil {
		return nil, err
	}
	w.Store, err = postgres.Open(ctx, postgres.Config{URL: program, Programmes: w.rules, Calendar: calendar.Published(), MaxConns: answerConns})
	if err == nil {
		err = w.register(ctx)
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// answerConns is the number of connections for users' commands at Execute, and so the number of clients served
// concurrently.
const answerConns = 16

// Close closes all connections.
func (w *World) Close() {
	if w.Store != nil {
		w.Store.Close()
	}
	w.pool.Close()
}

// Environment returns the variables with which “terrace api” and “terrace worker” use this record.
func (w *World) Environment() []string {
	env := []string{"TERRACE_PROGRAMMES=" + w.programmes}
	if w.Virtual {
		env = append(env, "TERRACE_VIRTUAL_CALENDAR=true")
	}
	return env
}

func (w *World) register(ctx context.Context) error {
	people := w.demo.People()
	people = append(people, domain.Actor{
		ID: secondFinance, Name: domain.Text{ZH: "财务二", EN: "second finance officer"}, Roles: []domain.Role{domain.Finance}, Place: string(w.demo.Offices[0].Place),
	})
	registry := postgres.Registry{Places: w.demo.Places()}
	for _, a := range people {
		w.people[a.ID] = a
		registry.People = append(registry.People, postgres.Person{Actor: a, Token: TokenOf(a.ID)})
	}
	for _, p := range w.demo.Projects {
		w.places = append(w.places, p.Village.Code)
	}
	if err := w.Store.Register(ctx, registry); err != nil {
		return err
	}
	return w.uploads(ctx, zhuanglang.CountyFinance)
}

// uploads records that a person uploaded the file.
func (w *World) uploads(ctx context.Context, who string) error {
	return w.Store.SaveEvidence(ctx, postgres.Evidence{SHA256: file, MediaType: "application/pdf", Size: 1, Name: "slip.pdf", UploadedBy: who})
}

// TokenOf returns the bearer token of a person.
func TokenOf(actor string) string { return "token-of-" + actor }

// villages is the number of projects in a pilot, and preparers the number of pilots prepared concurrently.
const (
	villages  = 24
	preparers = 8
)

// Prepare brings pilots to their written approval, by the product's own commands, until n more villages are ready to
// start. According to the record, this happened before today. The lifecycles run on the real clock, unless Virtual is
// true.
func (w *World) Prepare(ctx context.Context, n int) error {
	if err := w.setClock(ctx, w.begun); err != nil {
		return err
	}
	group, ctx2 := errgroup.WithContext(ctx)
	group.SetLimit(preparers)
	pilots := (n + villages - 1) / villages
	begun := make([]flow.Ref, pilots)
	for i := range begun {
		group.Go(func() (err error) {
			begun[i], err = w.apply(ctx2)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := w.approveAll(ctx, begun); err != nil {
		return err
	}
	if w.Virtual {
		return w.setClock(ctx, w.day)
	}
	_, err := w.pool.Exec(ctx, "delete from clock")
	return err
}

// setClock sets the record to an instant of a virtual calendar, even if it has already run on real time. The database
// does not allow that, so setClock bypasses its triggers.
func (w *World) setClock(ctx context.Context, at time.Time) error {
	return pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into clock (instant, day_ms) values ($1, 100) on conflict (one) do update set instant = excluded.instant", at)
		return err
	})
}

// Ready returns the number of villages that are ready to be taken.
func (w *World) Ready() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return len(w.ready)
}

// Undelivered returns the number of aggregates with signals that the relay has not delivered yet.
func (w *World) Undelivered(ctx context.Context) (n int, err error) {
	err = w.pool.QueryRow(ctx, "select count(*) from outbox").Scan(&n)
	return n, err
}

// Take hands out a village that is ready to start, or nil if none is left.
func (w *World) Take() *Village {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.ready) == 0 {
		return nil
	}
	v := w.ready[0]
	w.ready = w.ready[1:]
	return v
}

func (w *World) do(ctx context.Context, actor, name string, ref flow.Ref, payload flow.Payload) (postgres.Outcome, error) {
	c := flow.Command{ID: uuid.Must(uuid.NewV7()).String(), Actor: w.people[actor], Name: name, Aggregate: ref, Payload: payload}
	outcome, err := w.Store.Execute(ctx, c)
	if err != nil {
		err = fmt.Errorf("%s of %s: %w", name, ref, err)
	}
	return outcome, err
}

// apply brings a new pilot to its public notice.
func (w *World) apply(ctx context.Context) (flow.Ref, error) {
	ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
	a := w.application()
	steps := []struct {
		actor, name string
		payload     flow.Payload
	}{
		{zhuanglang.CountyOfficer, "draft", &pilot.Draft{Programme: programmeID, Application: a}},
		{zhuanglang.CountyOfficer, "submit", &pilot.Submit{}},
		{domain.Workflow.ID, "record-checks", &pilot.RecordChecks{Facts: w.facts(a)}},
		{zhuanglang.CountyOfficer, "accept", &pilot.Accept{}},
		{zhuanglang.CountyApprover, "endorse", &pilot.Endorse{Opinion: "同意推荐"}},
		{zhuanglang.CountyOfficer, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts[:1]}},
	}
	for _, s := range steps {
		if _, err := w.do(ctx, s.actor, s.name, ref, s.payload); err != nil {
			return ref, err
		}
	}
	for _, q := range a.Proposals {
		opinion := pilot.Opinion{Points: 90, RecommendedFen: q.BudgetFen()}
		if _, err := w.do(ctx, zhuanglang.Experts[0], "score", ref, &pilot.Score{Proposal: q.Code, Opinion: opinion}); err != nil {
			return ref, err
		}
	}
	if _, err := w.do(ctx, zhuanglang.CountyOfficer, "conclude-review", ref, &pilot.ConcludeReview{}); err != nil {
		return ref, err
	}
	_, err := w.do(ctx, domain.Workflow.ID, "open-notice", ref, &pilot.OpenNotice{Round: "1"})
	return ref, err
}

// approveAll lets the notice periods pass and gives the written approvals.
func (w *World) approveAll(ctx context.Context, refs []flow.Ref) error {
	var end time.Time
	for _, ref := range refs {
		state, err := w.Store.Load(ctx, ref)
		if err != nil {
			return err
		}
		end = flow.ProgressOf(state).Next.At
	}
	if end.After(w.day) {
		return errors.New("the notices would end after today")
	}
	if err := w.setClock(ctx, end); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(preparers)
	for _, ref := range refs {
		group.Go(func() error { return w.approve(ctx, ref) })
	}
	return group.Wait()
}

func (w *World) approve(ctx context.Context, ref flow.Ref) error {
	state, err := w.Store.Load(ctx, ref)
	if err != nil {
		return err
	}
	for next := flow.ProgressOf(state).Next; flow.RecordOf(state).Stage == pilot.Notice; next = flow.ProgressOf(state).Next {
		outcome, err := w.do(ctx, domain.Workflow.ID, flow.KeepTimeCommand, ref, next.Keep())
		if err != nil {
			return err
		}
		state = outcome.State
	}
	outcome, err := w.do(ctx, zhuanglang.CountyApprover, "approve", ref, &pilot.Approve{Number: ref.ID})
	if err != nil {
		return err
	}
	return w.found(ctx, outcome.State.(*pilot.Pilot))
}

// found makes the approved projects ready to start, each with people of its own organization.
func (w *World) found(ctx context.Context, p *pilot.Pilot) error {
	var villages []*Village
	var registry postgres.Registry
	for _, d := range p.Duties {
		if d.Key != pilot.StartProject {
			continue
		}
		opening, err := p.ProjectOpening(d.Subject)
		if err != nil {
			return err
		}
		v := newVillage(w, p, d, opening)
		registry.People = append(registry.People, postgres.Person{Actor: v.organization, Token: TokenOf(v.organization.ID)})
		villages = append(villages, v)
	}
	if err := w.Store.Register(ctx, registry); err != nil {
		return err
	}
	for _, p := range registry.People {
		if err := w.uploads(ctx, p.ID); err != nil {
			return err
		}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.ready = append(w.ready, villages...)
	return nil
}

// application returns the demonstration's application, with one proposal for each village, each by a different
// organization.
func (w *World) application() pilot.Application {
	a := w.demo.Application()
	models := a.Proposals
	a.Proposals, a.RequestedFen = nil, a.Evaluator.Fen
	for i := range villages {
		q := models[i%len(models)]
		n := w.numbered.Add(1)
		q.Code = fmt.Sprintf("B-%d", n)
		q.Organization = Organization(n)
		q.Milestones = append([]plan.Milestone(nil), q.Milestones[:2]...)
		for j := range q.Milestones {
			q.Milestones[j].Evidence = []string{"photos"}
			q.Milestones[j].Due = calendar.Of(w.day).AddDays(60 * (j + 1))
		}
		a.Proposals = append(a.Proposals, q)
		a.RequestedFen += q.BudgetFen()
	}
	return a
}

// facts returns the demonstration's directory entries, and for each of the application's organizations one that raises
// no objection.
func (w *World) facts(a pilot.Application) (all []pilot.OrganizationFacts) {
	all = w.demo.Organizations()
	for _, q := range a.Proposals {
		all = append(all, pilot.OrganizationFacts{
			CreditCode: q.Organization.CreditCode, Known: true, Registered: calendar.On(2010, 5, 1), InspectionPassed: true, Staff: 5, Rating: 3, RatedUntil: calendar.On(2040, 1, 1),
		})
	}
	return all
}

// Organization returns the nth association registered in Zhuanglang, with its credit code (统一社会信用代码).
func Organization(n int64) plan.Organization {
	return plan.Organization{
		CreditCode: string(creditcode.Complete(fmt.Sprintf("51620825%08d", n))),
		Name:       domain.Text{ZH: fmt.Sprintf("社会组织%d", n), EN: fmt.Sprintf("Organization %d", n)},
	}
}
