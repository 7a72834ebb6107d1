package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5" //nolint:depguard // the tests count rows that no call shows, and move the calendar past what holds it
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/programmes"
)

// door is an API with its own record, which holds the people and the programme of the demonstration. Its virtual
// calendar starts on the day of the call for proposals. A person's token is “token-of-” followed by their id.
type door struct {
	t        *testing.T
	store    *postgres.Store
	evidence *blob.Bucket
	handler  *api.Handler
	server   *httptest.Server
	log      *bytes.Buffer
	sql      *pgx.Conn
	demo     *zhuanglang.Data
	people   map[string]domain.Actor
	cut      map[string]money.Fen // by proposal: the amount the experts recommend in place of the requested one
}

var callDay = time.Date(2017, 9, 11, 9, 0, 0, 0, calendar.Shanghai)

// signedDay is the date on which the agreements are signed in a rollout.
var signedDay = calendar.Of(callDay).AddDays(10)

func open(t *testing.T, change ...func(*api.Config)) *door {
	t.Helper()
	url := pgtest.New(t)
	set := ok(programmes.Builtin())(t)
	d := &door{t: t, demo: zhuanglang.Read(), people: map[string]domain.Actor{domain.Workflow.ID: domain.Workflow}, log: &bytes.Buffer{}}
	d.store = ok(postgres.Open(t.Context(), postgres.Config{URL: pgtest.Program(t, url), Programmes: set, Calendar: calendar.Published(), MaxConns: 4}))(t)
	t.Cleanup(d.store.Close)
	must(t, d.store.StartCalendar(t.Context(), callDay, 100*time.Millisecond))
	d.inhabit()
	d.sql = ok(pgx.Connect(t.Context(), url))(t)
	t.Cleanup(func() { must(t, d.sql.Close(context.Background())) })
	d.evidence = memblob.OpenBucket(nil)
	t.Cleanup(func() { must(t, d.evidence.Close()) })

	config := api.Config{
		Store: d.store, Evidence: d.evidence, Programmes: set.All(), Version: "test",
		Log: slog.New(slog.NewTextHandler(&locked{w: d.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&config)
	}
	d.handler = ok(api.New(config))(t)
	server := api.HTTPServer("", d.handler)
	d.server = httptest.NewUnstartedServer(nil)
	d.server.Config = server
	d.server.Start()
	t.Cleanup(func() {
		d.handler.Stop()
		d.server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return d
}

func (d *door) inhabit() {
	registry := postgres.Registry{Places: d.demo.Places()}
	for _, f := range d.demo.Organizations() {
		registry.Organizations = append(registry.Organizations, postgres.Organization{Name: domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, OrganizationFacts: f})
	}
	neighbour := domain.Actor{ID: "neighbour", Name: domain.Text{ZH: "邻县经办人员", EN: "Officer of the next county"}, Roles: []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance}, Place: "620826"}
	lost := domain.Actor{ID: "lost", Name: domain.Text{ZH: "乡镇经办人员", EN: "Officer of a township"}, Roles: []domain.Role{domain.CaseOfficer}, Place: "620825101"}
	sixth := domain.Actor{ID: "expert-6", Name: domain.Text{ZH: "评审专家6", EN: "Review expert 6"}, Roles: []domain.Role{domain.Expert}}
	kin := domain.Actor{
		ID: "kin", Name: domain.Text{ZH: "有亲属任职的财务", EN: "Finance officer with kin in an organization"}, Roles: []domain.Role{domain.Finance},
		Place: "620825", Interests: []string{d.demo.Projects[2].Organization.CreditCode},
	}
	registry.Places = append(registry.Places, neighbouring)
	for _, a := range append(d.demo.People(), neighbour, lost, sixth, kin) {
		registry.People = append(registry.People, postgres.Person{Actor: a, Token: "token-of-" + a.ID})
		d.people[a.ID] = a
	}
	must(d.t, d.store.Register(d.t.Context(), registry))
}

// answer is the response to a request.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	problem problem
}

// problem is an RFC 9457 problem as clients read it.
type problem struct {
	Type, Title, Detail, Instance, Code, Field string
	Status                                     int
	ZH, EN                                     struct{ What, Next string }
	Errors                                     []struct{ Code, Field string }
}

// request describes an HTTP request. Its header alternates names and values.
type request struct {
	method, path, who string
	body              any // strings and bytes are sent as they are
	header            []string
}

func (d *door) send(r request) answer {
	d.t.Helper()
	var body io.Reader = http.NoBody
	switch b := r.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	case []byte:
		body = bytes.NewReader(b)
	default:
		body = bytes.NewReader(ok(json.Marshal(b))(d.t))
	}
	q := ok(http.NewRequestWithContext(d.t.Context(), r.method, d.server.URL+r.path, body))(d.t)
	if r.who != "" {
		q.Header.Set("Authorization", "Bearer token-of-"+r.who)
	}
	if r.method == http.MethodPost || r.method == http.MethodPut {
		q.Header.Set("Idempotency-Key", uuid.NewString())
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(r.header); i += 2 {
		q.Header.Del(r.header[i])
		if r.header[i+1] != "" {
			q.Header.Set(r.header[i], r.header[i+1])
		}
	}
	response, err := http.DefaultTransport.RoundTrip(q)
	must(d.t, err)
	defer func() { _ = response.Body.Close() }()
	a := answer{status: response.StatusCode, header: response.Header, body: ok(io.ReadAll(response.Body))(d.t)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") && len(a.body) > 0 {
		must(d.t, json.Unmarshal(a.body, &a.problem))
	}
	return a
}

// get requests a path, decodes the JSON response, and fails the test unless the status is 200.
func (d *door) get(who, path string, into any) answer {
	d.t.Helper()
	a := d.send(request{method: http.MethodGet, path: path, who: who})
	if a.status != http.StatusOK {
		d.t.Fatalf("GET %s by %s: %d %s", path, who, a.status, a.body)
	}
	must(d.t, json.Unmarshal(a.body, into))
	return a
}

// post sends a command and fails the test unless it is accepted.
func (d *door) post(who, path string, body any, header ...string) answer {
	d.t.Helper()
	a := d.send(request{method: http.MethodPost, path: path, who: who, body: body, header: header})
	if a.status != http.StatusOK && a.status != http.StatusCreated {
		d.t.Fatalf("POST %s by %s: %d %s", path, who, a.status, a.body)
	}
	return a
}

// do executes a command directly on the record, without the API.
func (d *door) do(who, name string, ref flow.Ref, payload flow.Payload) postgres.Outcome {
	d.t.Helper()
	outcome, err := d.store.Execute(d.t.Context(), flow.Command{
		ID: uuid.NewString(), Actor: d.people[who], Name: name, Aggregate: ref, Payload: payload,
	})
	if err != nil {
		d.t.Fatalf("%s on %s by %s: %v", name, ref, who, err)
	}
	return outcome
}

func (d *door) draft() pilot.Draft {
	return pilot.Draft{Programme: d.demo.Programme, Application: d.demo.Application()}
}

// drafted returns a pilot that the county has drafted.
func (d *door) drafted(attachments ...string) flow.Ref {
	d.t.Helper()
	ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
	draft := d.draft()
	draft.Attachments = attachments
	d.do(zhuanglang.CountyOfficer, "draft", ref, &draft)
	return ref
}

// submitted returns a pilot whose eligibility is being checked.
func (d *door) submitted(attachments ...string) flow.Ref {
	d.t.Helper()
	ref := d.drafted(attachments...)
	d.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	codes := []string{}
	for _, p := range d.demo.Projects {
		codes = append(codes, p.Organization.CreditCode)
	}
	facts := ok(d.store.OrganizationFacts(d.t.Context(), codes))(d.t)
	d.do(domain.Workflow.ID, "record-checks", ref, &pilot.RecordChecks{Facts: facts})
	return ref
}

// underReview returns a pilot whose proposals are being reviewed by the panel.
func (d *door) underReview() flow.Ref {
	d.t.Helper()
	ref := d.submitted()
	d.do(zhuanglang.CountyOfficer, "accept", ref, &pilot.Accept{})
	for _, approver := range []string{zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceApprover} {
		d.do(approver, "endorse", ref, &pilot.Endorse{Opinion: "同意推荐"})
	}
	d.do(zhuanglang.ProvinceOfficer, "appoint-panel", ref, &pilot.AppointPanel{Experts: zhuanglang.Experts})
	return ref
}

// onNotice returns a pilot whose proposals are on public notice.
func (d *door) onNotice() flow.Ref {
	d.t.Helper()
	ref := d.underReview()
	for _, expert := range zhuanglang.Experts {
		for _, p := range d.demo.Projects {
			fen, less := d.cut[p.Code]
			if !less {
				fen = p.GrantFen
			}
			d.do(expert, "score", ref, &pilot.Score{Proposal: p.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: fen}})
		}
	}
	d.do(zhuanglang.ProvinceOfficer, "conclude-review", ref, &pilot.ConcludeReview{})
	d.do(domain.Workflow.ID, "open-notice", ref, &pilot.OpenNotice{Round: "1"})
	return ref
}

// agreeing returns an approved pilot and its first project, whose agreement is waiting to be signed.
func (d *door) agreeing() (p, project flow.Ref) {
	d.t.Helper()
	p = d.onNotice()
	d.passTime(p)
	d.do(zhuanglang.ProvinceApprover, "approve", p, &pilot.Approve{Number: "甘民发〔2017〕120号"})
	return p, d.founded(p, 1)
}

// founded opens the n-th project of an approved pilot. The project's agreement then waits to be signed.
func (d *door) founded(p flow.Ref, n int) (projectRef flow.Ref) {
	d.t.Helper()
	projectRef = flow.Ref{Kind: project.Kind, ID: p.ID + "." + itoa(int64(n))}
	state := ok(d.store.Load(d.t.Context(), p))(d.t).(*pilot.Pilot)
	d.do(domain.Workflow.ID, "open", projectRef, ok(state.ProjectOpening(projectRef.ID))(d.t))
	return projectRef
}

// signed has both sides sign the agreement of the n-th project. The first tranche then waits for two officers to
// release it.
func (d *door) signed(projectRef flow.Ref, n int) (paymentRef flow.Ref) {
	d.t.Helper()
	proposal := d.demo.Projects[n-1]
	d.do(zhuanglang.OrganizationPerson(proposal.Code), "sign-as-organization", projectRef,
		&project.SignAsOrganization{AccountName: proposal.Organization.ZH, AccountNumber: accountNumber(n)})
	outcome := d.do(zhuanglang.CountyApprover, "sign-as-office", projectRef, &project.SignAsOffice{})
	paymentRef = flow.Ref{Kind: payment.Kind, ID: projectRef.ID + ".1.1"}
	d.do(domain.Workflow.ID, "open", paymentRef, ok(outcome.State.(*project.Project).PaymentOpening(paymentRef.ID))(d.t))
	return paymentRef
}

// anyAccount is the prefix of every account number.
const anyAccount = "6222000000000000"

func accountNumber(n int) string { return anyAccount + itoa(int64(n)) }

// paying returns a project whose first tranche is waiting for two officers to release it.
func (d *door) paying() (p, project, payment flow.Ref) {
	d.t.Helper()
	p, project = d.agreeing()
	return p, project, d.signed(project, 1)
}

// instructed has two officers release a payment, and records the gateway's answer.
func (d *door) instructed(paymentRef flow.Ref, gateway string, answer payment.BankAnswer) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
	d.do(zhuanglang.CountyApprover, "release", paymentRef, &payment.ReleasePayment{})
	d.do(domain.Workflow.ID, "record-instruction", paymentRef, &payment.RecordInstruction{Gateway: gateway, Answer: answer})
}

var byHand = payment.BankAnswer{Outcome: payment.ByHand}

// paid releases the first tranche of a project and confirms the payment.
func (d *door) paid(project, paymentRef flow.Ref, voucher string) {
	d.t.Helper()
	d.instructed(paymentRef, payment.ByHandGateway, byHand)
	slip := d.uploaded(zhuanglang.CountyFinance, "slip of "+paymentRef.ID)
	outcome := d.do(zhuanglang.CountyFinance, "confirm", paymentRef, &payment.ConfirmPayment{Voucher: voucher, Slip: slip})
	d.do(domain.Workflow.ID, "record-payment", project, catalogue.PaymentReport(outcome.State.(*payment.Payment)))
}

// rollingOut returns a pilot and a project of it that is under way.
func (d *door) rollingOut() (p, project flow.Ref) {
	d.t.Helper()
	p, project, payment := d.paying()
	d.paid(project, payment, "2018-0001")
	return p, project
}

// passTime moves the calendar to each lapse of the aggregate in turn and executes it, until no lapse is left.
func (d *door) passTime(ref flow.Ref) {
	d.t.Helper()
	for {
		news := ok(d.store.News(d.t.Context(), ref))(d.t)
		if news.Progress.Next == nil || news.Progress.Next.Moment != flow.Lapse {
			return
		}
		d.setClock(news.Progress.Next.At)
		d.do(domain.Workflow.ID, flow.KeepTimeCommand, ref, news.Progress.Next.Keep())
	}
}

func (d *door) setClock(at time.Time) {
	d.t.Helper()
	ok(d.sql.Exec(d.t.Context(), "update clock set instant = $1", at))(d.t)
}

// rows returns the row counts and the sum of versions that any write would increase.
func (d *door) rows() (counts [7]int) {
	d.t.Helper()
	err := d.sql.QueryRow(d.t.Context(), `select (select count(*) from journal), (select count(*) from receipt), (select count(*) from aggregate),
		(select count(*) from evidence), (select count(*) from outbox), (select count(*) from personal), (select coalesce(sum(version), 0) from aggregate)`).
		Scan(&counts[0], &counts[1], &counts[2], &counts[3], &counts[4], &counts[5], &counts[6])
	must(d.t, err)
	return counts
}

// files counts the files in the evidence store.
func (d *door) files() (n int) {
	d.t.Helper()
	for list := d.evidence.List(nil); ; n++ {
		if _, err := list.Next(d.t.Context()); err != nil {
			return n
		}
	}
}

// uploaded uploads a text over HTTP and returns its SHA-256.
func (d *door) uploaded(who, content string) string {
	d.t.Helper()
	d.post(who, "/v1/evidence", content, "Content-Type", "text/plain", "Content-Digest", digest(content))
	return shaOf(content)
}

func shaOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ok returns the result of a call, and fails the test if the call returned an error.
func ok[V any](v V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		must(t, err)
		return v
	}
}
