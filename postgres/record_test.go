package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// callDay is when the demonstration's programme calls for applications.
var callDay = time.Date(2017, 9, 11, 9, 0, 0, 0, calendar.Shanghai)

// record is a Store on its own database, with the demonstration's data and a virtual calendar at callDay.
type record struct {
	*postgres.Store
	t      *testing.T
	url    string // URL with a superuser's rights
	as     string // URL in the program's role
	demo   *zhuanglang.Data
	conns  []*pgx.Conn
	owner  *pgx.Conn // used by sql
	reader *pgx.Conn // used by one
	who    map[string]domain.Actor
}

func open(t *testing.T) *record {
	t.Helper()
	r := openReal(t)
	must(t, r.StartCalendar(t.Context(), callDay, 100*time.Millisecond))
	return r
}

// openReal opens a record on real time.
func openReal(t *testing.T) *record {
	t.Helper()
	url := pgtest.New(t)
	return inhabit(t, url, pgtest.Program(t, url))
}

// inhabit registers the demonstration's places, organizations and people in a migrated database.
func inhabit(t *testing.T, url, as string) *record {
	t.Helper()
	r := &record{t: t, url: url, as: as, demo: zhuanglang.Read(), who: map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}}
	r.Store = r.another()
	registry := postgres.Registry{Places: r.demo.Places()}
	for _, f := range r.demo.Organizations() {
		registry.Organizations = append(registry.Organizations, postgres.Organization{Name: domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, OrganizationFacts: f})
	}
	for _, a := range r.demo.People() {
		registry.People = append(registry.People, postgres.Person{Actor: a, Token: "token-of-" + a.ID})
		r.who[a.ID] = a
	}
	must(t, r.Register(t.Context(), registry))
	return r
}

// another opens a second process on the same record.
func (r *record) another() *postgres.Store {
	r.t.Helper()
	return r.reach(r.as)
}

func (r *record) reach(url string) *postgres.Store {
	r.t.Helper()
	set, err := programmes.Builtin()
	must(r.t, err)
	store, err := postgres.Open(r.t.Context(), postgres.Config{URL: url, Programmes: set, Calendar: calendar.Published()})
	must(r.t, err)
	r.t.Cleanup(store.Close)
	return store
}

// connect connects as the database's owner, who may do everything.
func (r *record) connect() *pgx.Conn {
	r.t.Helper()
	conn, err := pgx.Connect(r.t.Context(), r.url)
	must(r.t, err)
	r.conns = append(r.conns, conn)
	r.t.Cleanup(func() { must(r.t, conn.Close(context.Background())) })
	return conn
}

// sql runs statements with all triggers off.
func (r *record) sql(statements ...string) {
	r.t.Helper()
	if r.owner == nil {
		r.owner = r.connect()
	}
	for _, s := range append([]string{"set session_replication_role = replica"}, statements...) {
		_, err := r.owner.Exec(r.t.Context(), s)
		must(r.t, err)
	}
}

// one returns the single value of a query.
func one[V any](r *record, query string, args ...any) (v V) {
	r.t.Helper()
	if r.reader == nil {
		r.reader = r.connect()
	}
	must(r.t, r.reader.QueryRow(r.t.Context(), query, args...).Scan(&v))
	return v
}

// save records an uploaded file.
func (r *record) save(e postgres.Evidence) {
	r.t.Helper()
	must(r.t, r.SaveEvidence(r.t.Context(), e))
}

func newPilot() flow.Ref {
	return flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
}

// command makes a command from a person of the demonstration, with a new id.
func (r *record) command(actor, name string, ref flow.Ref, payload flow.Payload) flow.Command {
	return flow.Command{ID: uuid.NewString(), Actor: r.who[actor], Name: name, Aggregate: ref, Payload: payload}
}

func (r *record) draft(ref flow.Ref) flow.Command {
	return r.command(zhuanglang.CountyOfficer, "draft", ref, &pilot.Draft{Programme: r.demo.Programme, Application: r.demo.Application()})
}

func (r *record) saveDraft(ref flow.Ref, title string) flow.Command {
	a := r.demo.Application()
	a.Title = domain.Text{ZH: title, EN: title}
	return r.command(zhuanglang.CountyOfficer, "save-draft", ref, &pilot.SaveDraft{Application: a})
}

// do executes a command that must be accepted.
func (r *record) do(actor, name string, ref flow.Ref, payload flow.Payload) postgres.Outcome {
	r.t.Helper()
	return r.execute(r.command(actor, name, ref, payload))
}

func (r *record) execute(c flow.Command) postgres.Outcome {
	r.t.Helper()
	outcome, err := r.Execute(r.t.Context(), c)
	if err != nil {
		r.t.Fatalf("%s of %s: %v", c.Name, c.Aggregate, err)
	}
	return outcome
}

// drafted starts a pilot.
func (r *record) drafted() flow.Ref {
	r.t.Helper()
	ref := newPilot()
	r.execute(r.draft(ref))
	return ref
}

// setClock sets the virtual calendar, even past what would stop it.
func (r *record) setClock(at time.Time) {
	r.t.Helper()
	one[int](r, "update clock set instant = $1 returning 1", at)
}

// endorsed returns a pilot that waits for its panel.
func (r *record) endorsed() flow.Ref {
	r.t.Helper()
	ref := r.drafted()
	facts, err := r.OrganizationFacts(r.t.Context(), r.creditCodes())
	must(r.t, err)
	r.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	r.do(domain.Workflow.ID, "record-checks", ref, &pilot.RecordChecks{Facts: facts})
	r.do(zhuanglang.CountyOfficer, "accept", ref, &pilot.Accept{})
	for _, approver := range []string{zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceApprover} {
		r.do(approver, "endorse", ref, &pilot.Endorse{Opinion: "同意推荐"})
	}
	return ref
}

// reviewed returns a pilot whose proposals are recommended and whose notice is about to open.
func (r *record) reviewed() flow.Ref {
	r.t.Helper()
	ref := r.endorsed()
	r.do(zhuanglang.ProvinceOfficer, "appoint-panel", ref, &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for _, expert := range zhuanglang.Experts {
		for _, p := range r.demo.Projects {
			r.do(expert, "score", ref, &pilot.Score{Proposal: p.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: p.GrantFen}})
		}
	}
	r.do(zhuanglang.ProvinceOfficer, "conclude-review", ref, &pilot.ConcludeReview{})
	return ref
}

func (r *record) creditCodes() (codes []string) {
	for _, p := range r.demo.Projects {
		codes = append(codes, p.Organization.CreditCode)
	}
	return codes
}

// onNotice returns a pilot whose public notice is running.
func (r *record) onNotice() flow.Ref {
	r.t.Helper()
	ref := r.reviewed()
	r.do(domain.Workflow.ID, "open-notice", ref, &pilot.OpenNotice{Round: "1"})
	return ref
}

// approved returns a pilot with its written approval, and the first of its projects.
func (r *record) approved() (p, projectRef flow.Ref) {
	r.t.Helper()
	p = r.onNotice()
	r.passTime(p)
	outcome := r.do(zhuanglang.ProvinceApprover, "approve", p, &pilot.Approve{Number: "甘民发〔2017〕1号 " + p.ID[:8]})
	projectRef = flow.Ref{Kind: project.Kind, ID: p.ID + ".1"}
	opening, err := outcome.State.(*pilot.Pilot).ProjectOpening(projectRef.ID)
	must(r.t, err)
	r.do(domain.Workflow.ID, "open", projectRef, opening)
	return p, projectRef
}

// passTime advances the calendar to the next due time and lets it take effect, until the aggregate waits only for
// people.
func (r *record) passTime(ref flow.Ref) {
	r.t.Helper()
	for {
		news, err := r.News(r.t.Context(), ref)
		must(r.t, err)
		if news.Progress.Next == nil || news.Progress.Next.Moment != flow.Lapse {
			return
		}
		r.setClock(news.Progress.Next.At)
		r.do(domain.Workflow.ID, flow.KeepTimeCommand, ref, news.Progress.Next.Keep())
	}
}

// next returns the next due time of an aggregate.
func (r *record) next(ref flow.Ref) *flow.NextMoment {
	r.t.Helper()
	news, err := r.News(r.t.Context(), ref)
	must(r.t, err)
	return news.Progress.Next
}

// handedOut waits until the journal can be read to its end, which transactions of other tests on the server can delay.
func (r *record) handedOut() {
	r.t.Helper()
	eventually(r.t, "the whole journal is handed out", func() bool {
		last, err := r.LastPosition(r.t.Context())
		must(r.t, err)
		return last == one[int64](r, "select max(position) from journal")
	})
}

// inPayment returns a project whose first tranche is being paid.
func (r *record) inPayment() (p, projectRef, paymentRef flow.Ref) {
	r.t.Helper()
	p, projectRef = r.approved()
	code := r.demo.Projects[0].Code
	r.do(zhuanglang.OrganizationPerson(code), "sign-as-organization", projectRef,
		&project.SignAsOrganization{AccountName: r.demo.Projects[0].Organization.ZH, AccountNumber: "62220000000000001"})
	outcome := r.do(zhuanglang.CountyApprover, "sign-as-office", projectRef, &project.SignAsOffice{})
	paymentRef = flow.Ref{Kind: payment.Kind, ID: projectRef.ID + ".1.1"}
	opening, err := outcome.State.(*project.Project).PaymentOpening(paymentRef.ID)
	must(r.t, err)
	r.do(domain.Workflow.ID, "open", paymentRef, opening)
	return p, projectRef, paymentRef
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused requires a refusal with the code.
func refused(t *testing.T, err error, code domain.Code) {
	t.Helper()
	_ = refusal(t, err, code)
}

func refusal(t *testing.T, err error, code domain.Code) *domain.Error {
	t.Helper()
	e, ok := domain.Refused(err)
	if !ok || e.Code != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return e
}

// eventually waits for a condition to hold.
func eventually(t *testing.T, what string, met func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, errors.Join(ctx.Err()))
		}
	}
}

// leave closes all connections, so that the record can be copied.
func (r *record) leave() {
	r.t.Helper()
	r.turnsWritten()
	r.Close()
	for _, c := range r.conns {
		must(r.t, c.Close(context.Background()))
	}
	r.owner, r.reader = nil, nil
}

// copyOf returns another record with the same content, for tests that each need the same long story.
func (r *record) copyOf(t *testing.T) *record {
	t.Helper()
	url := pgtest.Copy(t, r.url)
	c := &record{t: t, url: url, as: pgtest.Program(t, url), demo: r.demo, who: r.who}
	c.Store = c.another()
	return c
}
