package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// Sizes and limits of the test with many villages.
const (
	mostEvents  = 4096            // maximum length of a workflow's history
	mostRequest = 1 << 20         // maximum size of a request, in bytes
	mostAnswer  = 2 * time.Second // maximum response time on a quiet machine, checked by “make villages”
	workers     = 8               // number of concurrent users
	grantFen    = money.Fen(3_000_000)
)

// size returns a number from the environment, where “make villages” sets it, or else the default given by otherwise.
func size(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// A pilot with many villages runs from draft to archive although its first village is in trouble: it signs only after
// all others have begun their work, and submits its final report only after all others are closed.
func TestManyVillagesGoFromDraftToArchiveAndOneInTroubleDelaysNoOther(t *testing.T) { //nolint:paralleltest // “make villages” times its responses
	if os.Getenv("VILLAGES") == "" {
		t.Parallel()
	}
	villages, milestones := size("VILLAGES", 70), size("MILESTONES", 3)
	began := time.Now()
	v := newVillages(t, villages, milestones)
	v.apply()
	v.drive()
	v.undelayed()
	v.histories()
	v.measures.report(t)
	t.Logf("%d villages × %d milestones: %d requests in %v", villages, milestones, v.measures.total(), time.Since(began).Round(time.Second))
}

// villages plays all users of one large pilot.
type villages struct {
	*system
	id          string
	application pilot.Application
	measures    *measures
	stages      []flow.Stage // each project's stage when last read
	today       calendar.Date
	withheld    bool             // in this round, the village in trouble did not act although it was its turn
	ready       [2]calendar.Date // dates on which all others had begun their work, and on which they were closed
	stirring    atomic.Bool      // in this round, a user acted, a project changed stage, or the workflows owe something
	n           atomic.Int64     // number of idempotency keys used
}

func newVillages(t *testing.T, n, milestones int) *villages {
	t.Helper()
	s := newSystem(t, newDatabase(t, shared.postgresURL(t)), shared.temporalAddress(t))
	v := &villages{system: s, application: manyVillages(n, milestones), measures: newMeasures(), stages: make([]flow.Stage, n)}
	s.settings = []string{"TERRACE_PROGRAMMES=" + v.programme()}
	s.launch("--people=false", "--day", "20ms") // with shorter days, many workflows would keep asking for the time while users act
	v.register()
	s.http.Transport = v.measures
	t.Cleanup(func() {
		if !t.Failed() {
			s.verify()
		}
	})
	return v
}

// programme writes the demonstration's programme with room for many villages, one office, one expert, two tranches, and
// deadlines that nobody misses.
func (v *villages) programme() (folder string) {
	text, err := os.ReadFile(filepath.Join("..", "programmes", "zhuanglang-2017.yaml"))
	if err != nil {
		v.t.Fatal(err)
	}
	changed := string(text)
	for _, change := range [][2]string{
		{"id: zhuanglang-2017\n", "id: villages\nproposals: {value: 500, source: default}\n"},
		{"total_fen: {value: 120000000", "total_fen: {value: 90000000000"},
		{"[county, city, province]", "[county]"},
		{"min_size: {value: 5", "min_size: {value: 1"},
		{"  - {permille: 300, milestones: [M1, M2], midterm: true, source: default}\n  - {permille: 100, milestones: [M3, M4]", "  - {permille: 400, milestones: [M1, M2]"},
	} {
		if strings.Count(changed, change[0]) != 1 {
			v.t.Fatalf("the demonstration's programme does not say %q once", change[0])
		}
		changed = strings.Replace(changed, change[0], change[1], 1)
	}
	lines := strings.Split(changed, "\n")
	for i, line := range lines {
		if key, _, isTerm := strings.Cut(strings.TrimSpace(line), ": {days: "); isTerm && key != "notice" && key != "finality" && key != "midterm-verdict" {
			lines[i] = "  " + key + ": {days: 24, unit: month, source: default}"
		}
	}
	folder = tempFolder(v.t)
	if err := os.WriteFile(filepath.Join(folder, "villages.yaml"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		v.t.Fatal(err)
	}
	return folder
}

// manyVillages returns an application with n villages, each with its own organization and the given number of
// milestones.
func manyVillages(n, milestones int) pilot.Application {
	a := zhuanglang.Read().Application()
	models := a.Proposals
	a.Proposals, a.RequestedFen = nil, a.Evaluator.Fen
	for i := range n {
		q := models[i%len(models)]
		q.Code = fmt.Sprintf("V-%03d", i+1)
		q.Organization = plan.Organization{
			CreditCode: string(creditcode.Complete(fmt.Sprintf("52620825%08d", i+1))),
			Name:       domain.Text{ZH: fmt.Sprintf("第%d服务社(演示)", i+1), EN: fmt.Sprintf("Service %d (demonstration)", i+1)},
		}
		q.Village.Code = fmt.Sprintf("620825101%03d", 500+i)
		q.Village.Name = domain.Text{ZH: fmt.Sprintf("第%d村(演示)", i+1), EN: fmt.Sprintf("Village %d (demonstration)", i+1)}
		q.Budget = []plan.BudgetLine{{Kind: "service", Fen: grantFen}}
		q.Milestones = nil
		for m := range milestones {
			q.Milestones = append(q.Milestones, plan.Milestone{
				Key: fmt.Sprintf("M%d", m+1), Name: domain.Text{ZH: fmt.Sprintf("里程碑%d", m+1), EN: fmt.Sprintf("Milestone %d", m+1)},
				Due: calendar.On(2018, 12, 1), Evidence: []string{"photos"},
			})
		}
		a.RequestedFen += grantFen
		a.Proposals = append(a.Proposals, q)
	}
	return a
}

// register registers the villages, the organizations and their people with the program.
func (v *villages) register() {
	v.t.Helper()
	type person struct {
		domain.Actor
		Token string `json:"token"`
	}
	type listed struct {
		Name domain.Text `json:"name"`
		pilot.OrganizationFacts
	}
	type placed struct {
		Code    string `json:"code"`
		Vintage int    `json:"vintage"`
		Parent  string `json:"parent"`
		Level   string `json:"level"`
		ZH      string `json:"zh"`
		EN      string `json:"en"`
	}
	world := struct {
		Places        []placed `json:"places"`
		Organizations []listed `json:"organizations"`
		People        []person `json:"people"`
	}{}
	for _, q := range v.application.Proposals {
		world.Places = append(world.Places, placed{q.Village.Code, q.Village.Vintage, q.Village.Code[:9], "village", q.Village.Name.ZH, q.Village.Name.EN})
		world.Organizations = append(world.Organizations, listed{q.Organization.Name, pilot.OrganizationFacts{
			CreditCode: q.Organization.CreditCode, Known: true, Registered: calendar.On(2010, 5, 1), InspectionPassed: true, Staff: 5,
		}})
		for _, a := range []domain.Actor{
			{ID: zhuanglang.OrganizationPerson(q.Code), Name: q.Organization.Name, Roles: []domain.Role{domain.Applicant}, Organization: q.Organization.CreditCode},
			{ID: zhuanglang.VillagePerson(q.Code), Name: q.Village.Name, Roles: []domain.Role{domain.Village}, Place: q.Village.Code},
		} {
			world.People = append(world.People, person{a, v.token(a.ID)})
		}
	}
	text, err := json.Marshal(world)
	path := filepath.Join(tempFolder(v.t), "world.json")
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	if status, said := run(v.t, v.environment(), "register", path); status != 0 {
		v.t.Fatalf("terrace register ends with %d: %s", status, said)
	}
}

// do sends a command. A conflict is not an error, because another user or a workflow may have acted first.
func (v *villages) do(who string, ref flow.Ref, command string, payload any) {
	v.t.Helper()
	got := v.post(who, pathOf(ref)+"/"+command, fmt.Sprintf("villages-%d", v.n.Add(1)), payload)
	switch {
	case got.Status < http.StatusBadRequest:
		v.stirring.Store(true)
	case got.Status != http.StatusConflict:
		v.t.Errorf("%s by %s for %s: %s", command, who, ref, got)
	}
}

func (v *villages) pilot() flow.Ref { return flow.Ref{Kind: pilot.Kind, ID: v.id} }

// each calls do for every number below n, several concurrently.
func (v *villages) each(n int, do func(i int)) {
	v.t.Helper()
	var all sync.WaitGroup
	next := atomic.Int64{}
	for range workers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !v.t.Failed(); i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.Wait()
	if v.t.Failed() {
		v.t.FailNow()
	}
}

// apply drafts the pilot without its villages and adds them one by one.
func (v *villages) apply() {
	v.t.Helper()
	head := v.application
	head.Proposals = nil
	got := v.post(zhuanglang.CountyOfficer, "/v1/pilots", "villages-draft", pilot.Draft{Programme: "villages", Application: head})
	receipt := flow.Receipt{}
	got.into(v.t, &receipt)
	v.id = receipt.Aggregate.ID
	for _, q := range v.application.Proposals { // not concurrently, because one office adds them all
		v.do(zhuanglang.CountyOfficer, v.pilot(), "put-proposal", pilot.PutProposal{Proposal: q})
	}
	v.do(zhuanglang.CountyOfficer, v.pilot(), "submit", pilot.Submit{})
}

// drive lets everyone act whose turn it is, and advances the calendar when it is nobody's turn, until the pilot is
// archived.
func (v *villages) drive() {
	v.t.Helper()
	for deadline := time.Now().Add(30 * time.Minute); ; {
		v.stirring.Store(false)
		v.withheld = false
		v.today = calendar.Of(get[clock](v.client, mover, "/v1/clock").Now)
		home := v.read(v.pilot())
		switch {
		case home.Stage == pilot.Archived:
			return
		case home.Progress.Ended || time.Now().After(deadline):
			v.t.Fatalf("the pilot is at %s", home.Stage)
		}
		next := v.nextOf(home.Progress, time.Time{})
		v.actForPilot(home)
		if home.Stage == pilot.Rollout {
			next = v.actForProjects(next)
		}
		next = v.actForPayments(next)
		switch {
		case v.t.Failed():
			v.t.FailNow()
		case v.stirring.Load():
			time.Sleep(20 * look) // leaves the CPU to the workflows
		case v.withheld:
			v.until(v.today.AddDays(1).At(10, 0))
		default:
			v.until(next)
		}
	}
}

// nextOf returns the earlier of next and the time at which p changes by itself. It also notes whether a workflow has a
// duty.
func (v *villages) nextOf(p flow.Progress, next time.Time) time.Time {
	if len(p.Duties) > 0 {
		v.stirring.Store(true)
	}
	if p.Next != nil && (next.IsZero() || p.Next.At.Before(next)) {
		return p.Next.At
	}
	return next
}

func (v *villages) actForPilot(home view) {
	v.t.Helper()
	for _, t := range home.Progress.Turns {
		switch t.Key {
		case pilot.AwaitEligibility:
			v.do(zhuanglang.CountyOfficer, v.pilot(), "accept", pilot.Accept{})
		case pilot.AwaitEndorsement:
			v.do(zhuanglang.CountyApprover, v.pilot(), "endorse", pilot.Endorse{Opinion: "同意推荐"})
		case pilot.AwaitReview:
			v.do(zhuanglang.CountyOfficer, v.pilot(), "appoint-panel", pilot.AppointPanel{Experts: zhuanglang.Experts[:1]})
			v.each(len(v.application.Proposals), func(i int) {
				v.do(zhuanglang.Experts[0], v.pilot(), "score", pilot.Score{Proposal: v.application.Proposals[i].Code, Opinion: pilot.Opinion{Points: 90, RecommendedFen: grantFen}})
			})
			v.do(zhuanglang.CountyOfficer, v.pilot(), "conclude-review", pilot.ConcludeReview{})
		case pilot.AwaitApproval:
			v.do(zhuanglang.CountyApprover, v.pilot(), "approve", pilot.Approve{Number: "甘民发〔2017〕1号"})
		case pilot.AwaitSummary:
			scores := map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}
			v.do(zhuanglang.CountyOfficer, v.pilot(), "submit-summary", pilot.SubmitSummary{Scores: scores, Narrative: "各村项目均已结项"})
		case pilot.AwaitAnnouncement:
			v.do(zhuanglang.CountyOfficer, v.pilot(), "announce", pilot.Announce{Text: "福彩公益金使用情况公告"})
		}
	}
}

func (v *villages) project(i int) flow.Ref {
	return flow.Ref{Kind: project.Kind, ID: v.id + "." + strconv.Itoa(i+1)}
}

func (v *villages) actForProjects(next time.Time) time.Time {
	v.t.Helper()
	others := v.stages[1:]
	working := v.past(0, !slices.ContainsFunc(others, func(s flow.Stage) bool {
		return s == "" || s == project.Agreement || s == project.FirstTranche
	}))
	closed := v.past(1, !slices.ContainsFunc(others, func(s flow.Stage) bool { return s != project.Closed }))
	var mutex sync.Mutex
	v.each(len(v.stages), func(i int) {
		if i > 0 && v.stages[i] == project.Closed {
			return
		}
		p := v.read(v.project(i))
		if v.stages[i] != p.Stage {
			v.stages[i] = p.Stage
			v.stirring.Store(true)
		}
		mutex.Lock()
		next = v.nextOf(p.Progress, next)
		mutex.Unlock()
		for _, t := range p.Progress.Turns {
			switch {
			case i == 0 && t.Key == project.AwaitAgreement && !working, i == 0 && t.Key == project.AwaitFinalReport && !closed:
				v.withheld = true
				continue
			}
			v.actForProject(i, t)
		}
	})
	return next
}

// past reports whether all other villages reached a state on an earlier date, so that the recorded times differ; came
// is true once they have reached it.
func (v *villages) past(which int, came bool) bool {
	if came && v.ready[which].IsZero() {
		v.ready[which] = v.today
	}
	return !v.ready[which].IsZero() && v.ready[which].Before(v.today)
}

func (v *villages) actForProject(i int, t flow.TurnView) {
	v.t.Helper()
	q, ref := v.application.Proposals[i], v.project(i)
	organization := zhuanglang.OrganizationPerson(q.Code)
	file := func() string { return v.upload(organization, "演示数据 / demonstration data\n"+ref.ID+"\n") }
	switch t.Key {
	case project.AwaitAgreement:
		v.do(organization, ref, "sign-as-organization", project.SignAsOrganization{AccountName: q.Organization.Name.ZH, AccountNumber: "6208250000000001"})
		v.do(zhuanglang.CountyApprover, ref, "sign-as-office", project.SignAsOffice{})
	case project.AwaitMilestone:
		evidence := []project.EvidenceFile{{Kind: "photos", SHA256: file()}}
		v.do(organization, ref, "submit-milestone", project.SubmitMilestone{Milestone: t.Subject, Evidence: evidence})
		v.do(zhuanglang.VillagePerson(q.Code), ref, "accept-work", project.AcceptWork{Milestone: t.Subject})
		v.do(zhuanglang.CountyOfficer, ref, "verify-milestone", project.VerifyMilestone{Milestone: t.Subject, VisitedOn: v.today, Finding: "现场核实属实"})
	case project.AwaitMidTermReport:
		v.do(organization, ref, "report-midterm", project.ReportMidTerm{Report: file(), Summary: "进度过半"})
		v.do(zhuanglang.EvaluatorPerson, ref, "judge-midterm", project.JudgeMidTerm{Outcome: project.Pass, Score: 86, Reason: "按计划推进"})
	case project.AwaitFinalReport:
		v.do(organization, ref, "report-spending", project.ReportSpending{Receipts: []project.Invoice{{
			Kind: "service", Fen: grantFen, Number: fmt.Sprintf("062001700104-%08d", i+1), Title: "项目支出", Source: project.FromGrant, File: file(), On: v.today,
		}}})
		v.do(zhuanglang.CountyFinance, ref, "judge-spending", project.JudgeSpending{Report: 1})
		achieved := make([]int, len(q.Indicators))
		for n, indicator := range q.Indicators {
			achieved[n] = indicator.Target
		}
		v.do(organization, ref, "submit-final-report", project.SubmitFinalReport{Report: file(), Achieved: achieved})
		v.do(zhuanglang.EvaluatorPerson, ref, "judge-final", project.JudgeFinal{Outcome: project.Pass, Score: 91, Reason: "指标完成"})
	case project.AwaitSettlement:
		v.do(organization, ref, "submit-settlement", project.SubmitSettlement{Account: file(), MarkPhotos: []string{file()}})
		v.do(zhuanglang.CountyFinance, ref, "accept-settlement", project.AcceptSettlement{})
	case project.AwaitClosing:
		v.do(zhuanglang.EvaluatorPerson, ref, "close", project.CloseProject{Opinion: "同意结项"})
	}
}

func (v *villages) actForPayments(next time.Time) time.Time {
	v.t.Helper()
	type line struct {
		ID    string
		Ended bool
	}
	var open []string
	for cursor := ""; ; {
		page := get[struct {
			Items []line
			Next  string
		}](v.client, reader, "/v1/payments?limit=200&pilot="+v.id+"&cursor="+cursor)
		for _, l := range page.Items {
			if !l.Ended {
				open = append(open, l.ID)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	var mutex sync.Mutex
	v.each(len(open), func(i int) {
		ref := flow.Ref{Kind: payment.Kind, ID: open[i]}
		p := v.read(ref)
		mutex.Lock()
		next = v.nextOf(p.Progress, next)
		mutex.Unlock()
		for _, t := range p.Progress.Turns {
			switch t.Key {
			case payment.AwaitRelease:
				v.do(zhuanglang.CountyFinance, ref, "release", payment.ReleasePayment{})
				v.do(zhuanglang.CountyApprover, ref, "release", payment.ReleasePayment{})
			case payment.AwaitConfirmation:
				slip := v.upload(zhuanglang.CountyFinance, "演示数据 / demonstration data\n"+ref.ID+"\n")
				v.do(zhuanglang.CountyFinance, ref, "confirm", payment.ConfirmPayment{Voucher: ref.ID, Slip: slip})
			}
		}
	})
	return next
}

// undelayed requires, by the recorded times, that no village waited for the one in trouble: all others began their work
// before it signed, and were closed before it submitted its final report.
func (v *villages) undelayed() {
	v.t.Helper()
	type happened struct {
		Aggregate flow.Ref
		Name      string
		At        time.Time
	}
	times := map[string]map[string]time.Time{} // by event and project
	for after := int64(0); ; {
		page := get[struct {
			Items []happened
			Next  int64
		}](v.client, reader, fmt.Sprintf("/v1/pilots/%s/timeline?limit=500&after=%d", v.id, after))
		for _, e := range page.Items {
			if e.Aggregate.Kind == project.Kind {
				if times[e.Name] == nil {
					times[e.Name] = map[string]time.Time{}
				}
				times[e.Name][e.Aggregate.ID] = e.At
			}
		}
		if after = page.Next; after == 0 {
			break
		}
	}
	troubled := v.project(0).ID
	signed, reported := times["agreement-concluded"][troubled], times["final-reported"][troubled]
	if signed.IsZero() || reported.IsZero() {
		v.t.Fatalf("the village in trouble signed at %s and reported at %s", signed, reported)
	}
	for i := 1; i < len(v.stages); i++ {
		id := v.project(i).ID
		if begun := times["rollout-begun"][id]; begun.IsZero() || !begun.Before(signed) {
			v.t.Errorf("%s began at %s: the village in trouble signed at %s", id, begun, signed)
		}
		if closed := times["closed"][id]; closed.IsZero() || !closed.Before(reported) {
			v.t.Errorf("%s was closed at %s: the village in trouble reported at %s", id, closed, reported)
		}
	}
}

// histories requires that no workflow's history is too long.
func (v *villages) histories() {
	v.t.Helper()
	longest := struct {
		ID     string
		Events int
	}{}
	for _, run := range get[struct {
		Workflows []struct {
			ID     string
			Events int
		}
	}](v.client, reader, "/v1/pilots/"+v.id+"/run").Workflows {
		if run.Events > mostEvents {
			v.t.Errorf("the history of %s has %d events", run.ID, run.Events)
		}
		if run.Events > longest.Events {
			longest = run
		}
	}
	v.t.Logf("the longest history is of %s: %d events", longest.ID, longest.Events)
}

// measures is a transport that measures requests and responses, by operation.
type measures struct {
	base  http.RoundTripper
	mutex sync.Mutex
	by    map[string]*measure
}

type measure struct {
	n                int
	request, answer  int // maximum sizes, in bytes
	slowest, elapsed time.Duration
}

func newMeasures() *measures {
	return &measures{base: &http.Transport{MaxIdleConnsPerHost: 2 * workers}, by: map[string]*measure{}}
}

var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[.0-9e]*|[0-9a-f]{64}`)

// RoundTrip returns once it has read the whole response.
func (m *measures) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	response, err := m.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // already read to its end
	response.Body = io.NopCloser(bytes.NewReader(text))
	took := time.Since(began)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	name := r.Method + " " + ids.ReplaceAllString(r.URL.Path, "{id}")
	one := m.by[name]
	if one == nil {
		one = &measure{}
		m.by[name] = one
	}
	one.n++
	one.elapsed += took
	one.slowest, one.request, one.answer = max(one.slowest, took), max(one.request, int(r.ContentLength)), max(one.answer, len(text))
	return response, err
}

func (m *measures) total() (n int) {
	for _, one := range m.by {
		n += one.n
	}
	return n
}

// report prints the measurements, slowest operation first. It requires that every request is small and, on a quiet
// machine, that every response is fast.
func (m *measures) report(t *testing.T) {
	t.Helper()
	names := slices.SortedFunc(maps.Keys(m.by), func(a, b string) int { return cmp.Compare(m.by[b].slowest, m.by[a].slowest) })
	for _, name := range names {
		one := m.by[name]
		t.Logf("%-50s %6d × %6.0f ms, at most %5.0f ms; request %7d B, answer %8d B at most", name, one.n,
			float64(one.elapsed.Milliseconds())/float64(one.n), float64(one.slowest.Milliseconds()), one.request, one.answer)
		if one.request > mostRequest {
			t.Errorf("%s: a request of %d bytes", name, one.request)
		}
		if os.Getenv("VILLAGES") != "" && one.slowest > mostAnswer && !strings.HasSuffix(name, "/run") {
			t.Errorf("%s: answered after %v", name, one.slowest)
		}
	}
}
