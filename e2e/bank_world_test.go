package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
)

// worstCase is the programme of the ordeal: two tranches fall due with the signatures, and nothing else comes meanwhile.
const worstCase = "bank-worst"

// callDay is when its applications open, and the bank's books.
var callDay = calendar.On(2017, 10, 9)

// ordeal is a Terrace in processes of their own, which are killed, with a bank at its worst and people who make it pay.
type ordeal struct {
	*client
	ctx      context.Context // of the test: everybody in it works until it ends
	env      []string
	keys     string // folder
	database string
	bankAt   string
	adminAt  string
	day      time.Duration // that a day takes

	postgres, api, worker, bank *service

	began   time.Time // when the calendar began to run
	opening time.Time // what it said then
	counts  counts
	faults  map[string]int // of the bank, as it counts them
	dossier []*dossier
}

// counts are what people met with.
type counts struct {
	unanswered atomic.Int64 // requests that nobody answered
	away       atomic.Int64 // answers that the record is away
	repeated   atomic.Int64 // answers that were given before and had been lost
	twice      atomic.Int64 // releases sent twice at once
	overdue    atomic.Int64 // tasks that fell to finance: the bank had not said for too long
	confirmed  atomic.Int64 // of them, by the bank's own record, paid
	cameBack   atomic.Int64 // entered by finance as returned
	overtaken  atomic.Int64 // done by the workflow just before
}

// newOrdeal brings everything up, with nobody yet acting.
func newOrdeal(ctx context.Context, t *testing.T, projects int, day time.Duration) *ordeal {
	t.Helper()
	server := ownPostgres(t)
	workflows := ownTemporal(t, server.url)
	o := &ordeal{client: newClient(t, ""), ctx: ctx, database: newDatabase(t, server.url), keys: filepath.Join(tempFolder(t), "keys"), day: day, faults: map[string]int{}}
	o.http = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	o.token = func(person string) string { return "worst-" + person }
	listen := freeAddress(t)
	o.bankAt, o.adminAt, o.base = freeAddress(t), freeAddress(t), "http://"+listen
	o.env = []string{
		"TERRACE_DATABASE_URL=" + o.database, "TERRACE_TEMPORAL_ADDRESS=" + workflows.address, "TERRACE_VIRTUAL_CALENDAR=true", "TERRACE_LISTEN=" + listen,
		"TERRACE_PROGRAMMES=" + worstProgramme(t), "TERRACE_EVIDENCE_URL=file://" + filepath.Join(tempFolder(t), "evidence"),
		"TERRACE_GATEWAY=http", "TERRACE_BANK_URL=https://" + o.bankAt, "TERRACE_BANK_KEY_FILE=" + filepath.Join(o.keys, "key.pem"),
		"TERRACE_BANK_CERT_FILE=" + filepath.Join(o.keys, "cert.pem"), "TERRACE_BANK_CERT_KEY_FILE=" + filepath.Join(o.keys, "cert-key.pem"),
		"TERRACE_BANK_CA_FILE=" + filepath.Join(o.keys, "ca.pem"),
	}
	for _, args := range [][]string{{"bank", "keys", "--out", o.keys}, {"migrate"}} {
		if status, text := run(t, o.env, args...); status != 0 {
			t.Fatalf("terrace %s ends with %d: %s", args[0], status, text)
		}
	}
	o.plan(projects)
	o.services(server)
	return o
}

// services tells how each process is started, and killed.
func (o *ordeal) services(server *postgres) {
	terrace := func(name, ready string, args ...string) *service {
		return &service{name: name, launch: func() (*process, error) {
			p, err := launch("terrace", o.env, args...)
			if err != nil {
				return nil, err
			}
			return p, p.says(ready)
		}}
	}
	o.api = terrace("api", "the API answers", "api")
	o.worker = terrace("worker", "carrying the workflows", "worker")
	lives := 0
	o.bank = &service{name: "bank", launch: func() (*process, error) {
		lives++ // it does not fail after a kill where it failed before
		return terrace("bank", "TERRACE_BANK_CA_FILE", "bank", "--worst", "--keys", o.keys, "--listen", o.bankAt, "--admin", o.adminAt,
			"--start", callDay.String(), "--day", o.day.String(), "--seed", strconv.Itoa(lives)).launch()
	}}
	first := server.process
	o.postgres = &service{name: "postgres", lent: true, launch: func() (*process, error) {
		if p := first; p != nil {
			first = nil
			return p, nil
		}
		err := server.start()
		return server.process, err
	}, strike: func(*process) { _ = syscall.Kill(server.pid, syscall.SIGKILL) }}
}

// says waits until the program has written something.
func (p *process) says(what string) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(look) {
		switch {
		case strings.Contains(p.output.String()+p.errors.String(), what):
			return nil
		case !p.running():
			return fmt.Errorf("%s ended:\n%s", p.name, p.tail())
		case time.Now().After(deadline):
			p.kill()
			return fmt.Errorf("%s has not said %q:\n%s", p.name, what, p.tail())
		}
	}
}

// worstProgramme is the demonstration's with a longer calendar, one office, and two tranches that need no more than signatures.
func worstProgramme(t *testing.T) (folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "programmes", "zhuanglang-2017.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for _, change := range [][2]string{
		{"id: zhuanglang-2017", "id: " + worstCase},
		{"call: {value: 2017-09-11", "call: {value: " + callDay.String()},
		{"midterm: {value: 2018-06-30", "midterm: {value: 2020-06-30"},
		{"rollout_ends: {value: 2018-12-31", "rollout_ends: {value: 2020-12-31"},
		{"announcement: {value: 2019-06-30", "announcement: {value: 2021-06-30"},
		{"total_fen: {value: 120000000", "total_fen: {value: 100000000000"},
		{"[county, city, province]", "[county]"},
		{"min_size: {value: 5", "min_size: {value: 1"},
		{"application: {days: 15, unit: working", "application: {days: 250, unit: working"}, // setting the pilots up takes days
		{"notice: {days: 7, unit: working", "notice: {days: 1, unit: working"},
		{"spending-report: {days: 3, unit: month", "spending-report: {days: 24, unit: month"},
		{"permille: 300, milestones: [M1, M2], midterm: true", "permille: 300"},
	} {
		if strings.Count(changed, change[0]) != 1 {
			t.Fatalf("the demonstration's programme does not say %q once", change[0])
		}
		changed = strings.Replace(changed, change[0], change[1], 1)
	}
	folder = tempFolder(t)
	if err := os.WriteFile(filepath.Join(folder, worstCase+".yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// dossier is one pilot of the ordeal.
type dossier struct {
	number      int
	application pilot.Application
	declined    bool   // its organizations do not sign: the evaluator alone is paid
	id          string // once it was drafted
}

// projects are at most as many as an application can hold.
const projects = 60

// plan makes the pilots with so many projects that will be signed, and two that nobody signs.
func (o *ordeal) plan(signed int) {
	demo := zhuanglang.Read()
	sketch := demo.Application().Proposals[0]
	evaluator := demo.Application().Evaluator.Organization
	next := 0
	for rest, declined := signed, 2; rest > 0 || declined > 0; {
		d := &dossier{number: len(o.dossier) + 1, declined: rest == 0}
		n := min(rest, projects)
		if rest -= n; d.declined {
			n, declined = 1, declined-1
		}
		d.application = pilot.Application{
			Title: domain.Text{ZH: fmt.Sprintf("试点%d", d.number), EN: fmt.Sprintf("Pilot %d", d.number)}, Purposes: []string{"elderly"},
			Evaluator: pilot.Evaluating{Organization: evaluator, Fen: money.Fen(200_000 + d.number)},
		}
		d.application.RequestedFen = d.application.Evaluator.Fen
		for range n {
			next++
			q := proposal(sketch, next)
			d.application.RequestedFen += q.BudgetFen()
			d.application.Proposals = append(d.application.Proposals, q)
		}
		o.dossier = append(o.dossier, d)
	}
}

// proposal is the n-th of all, with an organization, a village and an amount of its own.
func proposal(sketch pilot.Proposal, n int) pilot.Proposal {
	sketch.Code = fmt.Sprintf("BW-%04d", n)
	sketch.Organization = pilot.Organization{CreditCode: issue(n), Name: domain.Text{ZH: fmt.Sprintf("第%d服务社(演示)", n), EN: fmt.Sprintf("Service %d (demonstration)", n)}}
	sketch.Village = pilot.Village{Code: string(village(n).Code), Vintage: 2023, Name: domain.Text{ZH: village(n).ZH, EN: village(n).EN}}
	sketch.Budget = []pilot.BudgetLine{{Kind: "service", Fen: money.Fen(3_000_000 + 137*n)}}
	for i := range sketch.Milestones {
		sketch.Milestones[i].Due = calendar.On(2020, 6, 1)
	}
	return sketch
}

// issue finds the n-th credit code whose check digits hold.
func issue(n int) string {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	for _, inner := range "0123456789X" {
		for _, outer := range digits {
			if code := fmt.Sprintf("52620825%08d%c%c", n, inner, outer); creditcode.Check(code) == creditcode.Valid {
				return code
			}
		}
	}
	panic("every code has its check digits")
}

func village(n int) place.Place {
	return place.Place{
		Code: place.Code(fmt.Sprintf("620825101%03d", 300+n)), Vintage: 2023, Parent: "620825101", Level: place.Village,
		ZH: fmt.Sprintf("演示%d村", n), EN: fmt.Sprintf("Demonstration village %d", n),
	}
}

// speaker is who speaks for the organization of a proposal.
func speaker(q pilot.Proposal) string { return "organization-" + q.Code }

// register tells Terrace the world of the ordeal, as an office would.
func (o *ordeal) register() {
	o.t.Helper()
	type person struct {
		domain.Actor
		Token string `json:"token"`
	}
	type organization struct {
		Name domain.Text `json:"name"`
		pilot.OrganizationFacts
	}
	demo := zhuanglang.Read()
	world := struct {
		Places        []place.Place  `json:"places"`
		Organizations []organization `json:"organizations"`
		People        []person       `json:"people"`
	}{Places: demo.Places()}
	for _, a := range demo.People() {
		world.People = append(world.People, person{a, o.token(a.ID)})
	}
	n := 0
	for _, d := range o.dossier {
		for _, q := range d.application.Proposals {
			n++
			world.Places = append(world.Places, village(n))
			world.Organizations = append(world.Organizations, organization{q.Organization.Name, pilot.OrganizationFacts{
				CreditCode: q.Organization.CreditCode, Known: true, Registered: calendar.On(2010, 5, 1), InspectionPassed: true, Staff: 5,
			}})
			a := domain.Actor{ID: speaker(q), Name: q.Organization.Name, Roles: []domain.Role{domain.Applicant}, Organization: q.Organization.CreditCode}
			world.People = append(world.People, person{a, o.token(a.ID)})
		}
	}
	text, err := json.Marshal(world)
	path := filepath.Join(tempFolder(o.t), "world.json")
	if err := errors.Join(err, os.WriteFile(path, text, 0o600)); err != nil {
		o.t.Fatal(err)
	}
	if status, text := run(o.t, o.env, "register", path); status != 0 {
		o.t.Fatalf("terrace register ends with %d: %s", status, text)
	}
}

// startCalendar gives the record the bank's calendar, to run at its pace from now on.
func (o *ordeal) startCalendar() {
	o.t.Helper()
	eventually(o.t, "the bank tells its calendar", func() bool {
		clock := struct{ Now time.Time }{}
		o.began = time.Now()
		err := o.ofBank("/admin/clock", &clock)
		o.opening = clock.Now
		return err == nil
	})
	err := execute(o.database, fmt.Sprintf("insert into clock (instant, day_ms) values ('%s', %d)", o.opening.Format(time.RFC3339Nano), o.day.Milliseconds()))
	if err != nil {
		o.t.Fatal(err)
	}
}

// now is what both calendars say.
func (o *ordeal) now() time.Time {
	return o.opening.Add(time.Duration(float64(time.Since(o.began)) / float64(o.day) * float64(24*time.Hour))).In(calendar.Shanghai)
}

// runCalendar keeps the record's calendar with the bank's, whatever waits and whoever is killed: time does not stand still for anybody.
func (o *ordeal) runCalendar(ctx context.Context) {
	for ctx.Err() == nil {
		// It is behind for a moment when the record is down.
		_ = execute(o.database, fmt.Sprintf("update clock set instant = greatest(instant, '%s')", o.now().Format(time.RFC3339Nano)))
		rest(ctx)
	}
}

// ofBank reads what the bank tells on this machine.
func (o *ordeal) ofBank(path string, into any) error {
	request, err := http.NewRequestWithContext(context.WithoutCancel(o.ctx), http.MethodGet, "http://"+o.adminAt+path, nil)
	if err != nil {
		return err
	}
	response, err := o.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(into)
}

// watchBank adds up how the bank misbehaves: what it counts begins anew when it is killed.
func (o *ordeal) watchBank(ctx context.Context) {
	before := map[string]int{}
	for ; ctx.Err() == nil; rest(ctx) {
		now := map[string]int{}
		if o.ofBank("/admin/counts", &now) != nil {
			continue
		}
		if now["requests"] < before["requests"] {
			before = map[string]int{}
		}
		for fault, n := range now {
			o.faults[fault] += n - before[fault]
		}
		before = now
	}
}
