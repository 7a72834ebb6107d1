package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// temporal is a fake of the part of Temporal that the API uses.
type temporal struct {
	away    bool
	running map[flow.Ref]bool
}

func (f *temporal) Healthy(context.Context) error {
	if f.away {
		return errors.New("connection refused")
	}
	return nil
}

func (f *temporal) Describe(_ context.Context, refs []flow.Ref) ([]api.Run, error) {
	runs := make([]api.Run, len(refs))
	for i, ref := range refs {
		runs[i] = api.Run{ID: ref.String(), Type: string(ref.Kind), Status: "none", Pending: []api.Pending{}}
		if f.running[ref] {
			runs[i].Status = "running"
		}
	}
	return runs, nil
}

// The clients here write all of a body before they read, as most do.
func TestAClientThatWritesOnHearsThatItsBodyIsTooLarge(t *testing.T) {
	t.Parallel()
	d := open(t)
	const size = 40 << 20
	chunk := strings.Repeat("x", 1<<20)
	chunked := fmt.Sprintf("%x\r\n%s\r\n", len(chunk), chunk)
	for name, test := range map[string]struct{ path, header, chunk, end string }{
		"a command":                         {"/v1/pilots", "Content-Type: application/json\r\nContent-Length: " + itoa(size), chunk, ""},
		"a command of an undeclared length": {"/v1/pilots", "Content-Type: application/json\r\nTransfer-Encoding: chunked", chunked, "0\r\n\r\n"},
		"a file":                            {"/v1/evidence", "Content-Type: text/plain\r\nContent-Length: " + itoa(size), chunk, ""},
		"a file of an undeclared length":    {"/v1/evidence", "Content-Type: text/plain\r\nTransfer-Encoding: chunked", chunked, "0\r\n\r\n"},
		"a command of which it sends only the length, and then waits": {"/v1/pilots", "Content-Type: application/json\r\nContent-Length: " + itoa(size), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := ok(net.Dial("tcp", d.server.Listener.Addr().String()))(t)
			defer func() { _ = conn.Close() }() // the response has been read
			patience := time.Minute
			if test.chunk == "" {
				patience = 10 * time.Second // the server reads on for 15
			}
			must(t, conn.SetDeadline(time.Now().Add(patience)))
			ok(fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: terrace\r\nAuthorization: Bearer token-of-%s\r\nIdempotency-Key: large\r\nContent-Digest: %s\r\n%s\r\n\r\n",
				test.path, zhuanglang.CountyOfficer, digest(""), test.header))(t)
			for range size / len(chunk) {
				ok(io.WriteString(conn, test.chunk))(t)
			}
			ok(io.WriteString(conn, test.end))(t)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			must(t, err)
			defer func() { _ = response.Body.Close() }()
			var p problem
			must(t, json.NewDecoder(response.Body).Decode(&p))
			if response.StatusCode != http.StatusRequestEntityTooLarge || p.Code != "body-too-large" || !response.Close {
				t.Errorf("answered %d %s, connection closed: %t", response.StatusCode, p.Code, response.Close)
			}
		})
	}
}

func TestCommandsAreAcceptedWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	runs := &temporal{running: map[flow.Ref]bool{}}
	d := open(t, func(c *api.Config) { c.Runs = runs })
	ref := d.drafted()
	var health struct {
		Status, Temporal, Turns string
		AcceptsCommands         bool `json:"accepts_commands"`
	}
	d.get("", "/readyz", &health)
	if health.Status != "ok" || health.Temporal != "there" || !health.AcceptsCommands {
		t.Errorf("with Temporal: %+v", health)
	}
	var run struct {
		Workflows []struct{ ID, Status string }
		Missing   []string
	}
	d.get(zhuanglang.AuditorPerson, "/v1/pilots/"+ref.ID+"/run", &run)
	if len(run.Workflows) != 1 || len(run.Missing) != 1 || run.Missing[0] != "pilot/"+ref.ID {
		t.Errorf("before the workflow runs: %+v", run)
	}
	runs.running[ref] = true
	d.get(zhuanglang.AuditorPerson, "/v1/pilots/"+ref.ID+"/run", &run)
	if len(run.Missing) != 0 {
		t.Errorf("while it runs: %+v", run)
	}

	if _, err := d.sql.Exec(t.Context(), "update aggregate set written_at = written_at - interval '2 minutes'"); err != nil {
		t.Fatal(err)
	}
	d.get("", "/readyz", &health)
	if health.Status != "degraded" || health.Temporal != "there" || health.Turns != "behind" || !health.AcceptsCommands {
		t.Errorf("with turns that nobody writes: %+v", health)
	}
	if _, err := d.store.WriteTurns(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.get("", "/readyz", &health)
	if health.Status != "ok" || health.Turns != "current" {
		t.Errorf("once they are written: %+v", health)
	}

	runs.away = true
	d.get("", "/readyz", &health)
	if health.Status != "degraded" || health.Temporal != "away" || !health.AcceptsCommands {
		t.Errorf("without Temporal: %+v", health)
	}
	d.post(zhuanglang.CountyOfficer, "/v1/pilots/"+ref.ID+"/submit", nil)
	a := d.send(request{method: "GET", path: "/v1/pilots/" + ref.ID + "/run", who: zhuanglang.AuditorPerson})
	if a.status != http.StatusServiceUnavailable || a.problem.Code != "temporal-away" {
		t.Errorf("run: %d %s", a.status, a.body)
	}
}

func TestWithoutTheDatabaseTheProcessLivesAndSaysSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.store.Close()
	if a := d.send(request{method: "GET", path: "/healthz"}); a.status != http.StatusOK {
		t.Errorf("healthz: %d", a.status)
	}
	a := d.send(request{method: "GET", path: "/readyz"})
	if a.status != http.StatusServiceUnavailable || a.problem.Code != "database-away" || a.header.Get("Retry-After") == "" {
		t.Errorf("readyz: %d %s", a.status, a.body)
	}
}

func TestAFaultTellsItsIDAndNothingElse(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *api.Config) { c.Programmes = nil; c.Runs = &panicking{} })
	ref := d.drafted()
	a := d.send(request{method: "GET", path: "/v1/pilots/" + ref.ID + "/run", who: zhuanglang.AuditorPerson})
	a.isProblem(t)
	if a.status != http.StatusInternalServerError || a.problem.Code != "fault" || strings.Contains(string(a.body), "secret") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if id := a.header.Get("X-Request-Id"); id == "" || !strings.Contains(d.log.String(), id) || !strings.Contains(d.log.String(), "secret") {
		t.Errorf("the log does not mention request %q", id)
	}
}

type panicking struct{ temporal }

func (*panicking) Describe(context.Context, []flow.Ref) ([]api.Run, error) { panic("secret") }

// conductor is a fake of the demonstration's Clock.
type conductor struct {
	mu    sync.Mutex
	until time.Time
}

func (c *conductor) Held() domain.Text {
	return domain.T("尚未允许推进", "nobody has let it run yet")
}

func (c *conductor) RunUntil(_ context.Context, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = until
	return nil
}

func TestADemonstrationsCalendarIsMovedByACaseOfficer(t *testing.T) {
	t.Parallel()
	c := &conductor{}
	d := open(t, func(config *api.Config) { config.Clock = c })
	var clock struct {
		Now     time.Time
		Virtual bool
		DayMS   int64 `json:"day_ms"`
		Held    domain.Text
	}
	d.get(zhuanglang.PublicPerson, "/v1/clock", &clock)
	if !clock.Now.Equal(callDay) || !clock.Virtual || clock.DayMS != 100 || clock.Held.ZH == "" {
		t.Errorf("clock: %+v", clock)
	}
	move := func(who, until string) answer {
		t.Helper()
		return d.send(request{method: "PUT", path: "/v1/clock", who: who, body: map[string]string{"until": until}})
	}
	if a := move(zhuanglang.CountyOfficer, "2017-09-30T10:00:00+08:00"); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	if want := time.Date(2017, 9, 30, 2, 0, 0, 0, time.UTC); !c.until.Equal(want) {
		t.Errorf("until %v", c.until)
	}
	for name, r := range map[string]struct {
		who, until string
		status     int
		code       string
	}{
		"an approver":       {zhuanglang.CountyApprover, "2017-10-01T00:00:00Z", 403, "wrong-role"},
		"the public":        {zhuanglang.PublicPerson, "2017-10-01T00:00:00Z", 403, "wrong-role"},
		"nobody":            {"", "2017-10-01T00:00:00Z", 401, "unauthenticated"},
		"back in time":      {zhuanglang.CountyOfficer, "2017-09-10T00:00:00Z", 409, "until-past"},
		"a day, no moment":  {zhuanglang.CountyOfficer, "2017-10-01", 422, "bad-format"},
		"no moment":         {zhuanglang.CountyOfficer, "", 422, "bad-format"},
		"a moment in words": {zhuanglang.CountyOfficer, "soon", 422, "bad-format"},
	} {
		if a := move(r.who, r.until); a.status != r.status || a.problem.Code != r.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestThePagesOfTheDocumentationAskNobodyElse(t *testing.T) {
	t.Parallel()
	d := open(t)
	page := d.send(request{method: "GET", path: "/docs", header: []string{"Accept", "text/html"}})
	if page.status != http.StatusOK || !strings.Contains(page.header.Get("Content-Security-Policy"), "connect-src 'self'") {
		t.Errorf("docs: %d %s", page.status, page.header.Get("Content-Security-Policy"))
	}
	for _, foreign := range []string{"https://", "http://", "//cdn", "fonts.g"} {
		if strings.Contains(string(page.body), foreign) {
			t.Errorf("the page refers to %q", foreign)
		}
	}
	for path, mediaType := range map[string]string{
		"/docs/redoc.standalone.js": "text/javascript; charset=utf-8", "/docs/docs.css": "text/css; charset=utf-8",
		"/openapi.json": "application/openapi+json", "/openapi.yaml": "application/openapi+yaml",
	} {
		if a := d.send(request{method: "GET", path: path}); a.status != http.StatusOK || a.header.Get("Content-Type") != mediaType || len(a.body) == 0 {
			t.Errorf("%s: %d %s, %d bytes", path, a.status, a.header.Get("Content-Type"), len(a.body))
		}
	}
	if a := d.send(request{method: "GET", path: "/docs/vendor.sh"}); a.status != http.StatusNotFound {
		t.Errorf("vendor.sh: %d", a.status)
	}
	served := d.send(request{method: "GET", path: "/openapi.json"})
	var document struct{ Info struct{ Version string } }
	must(t, json.Unmarshal(served.body, &document))
	if document.Info.Version != "test" {
		t.Errorf("version %s", document.Info.Version)
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	d := open(t)
	var list struct {
		Items []struct {
			Code   string
			Status int
			ZH, EN struct{ What, Next string }
		}
	}
	d.get("", "/problems", &list)
	if len(list.Items) < len(domain.Codes) {
		t.Errorf("%d codes", len(list.Items))
	}
	for _, item := range list.Items {
		a := d.send(request{method: "GET", path: "/problems/" + item.Code})
		if a.status != http.StatusOK || unfilled.Match(a.body) || item.Status < 400 || item.ZH.Next == "" || item.EN.What == "" {
			t.Errorf("%s: %d %+v", item.Code, a.status, item)
		}
	}
	page := d.send(request{method: "GET", path: "/problems/wrong-stage", header: []string{"Accept", "text/html,*/*;q=0.8"}})
	if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.Contains(string(page.body), "阶段") {
		t.Errorf("page: %d %s %s", page.status, page.header.Get("Content-Type"), page.body)
	}
}

func TestEveryAnswerCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, path := range []string{"/healthz", "/v1/notices", "/nowhere", "/v1/pilots"} {
		a := d.send(request{method: "GET", path: path})
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if a.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, a.header.Get(name))
			}
		}
		if len(a.header.Get("X-Request-Id")) != 36 {
			t.Errorf("%s: request id %q", path, a.header.Get("X-Request-Id"))
		}
	}
}

func TestTheReferenceIsComplete(t *testing.T) {
	t.Parallel()
	d := open(t)
	var commands struct {
		Items []struct{ Name, Address string }
	}
	d.get(zhuanglang.PublicPerson, "/v1/commands", &commands)
	if len(commands.Items) != len(catalogue.All.Commands()) {
		t.Errorf("%d commands", len(commands.Items))
	}
	var lifecycle struct {
		Items []struct {
			Key   string
			Exits []struct{ Command string }
		}
	}
	d.get(zhuanglang.PublicPerson, "/v1/lifecycle", &lifecycle)
	if len(lifecycle.Items) != len(catalogue.All.Waits()) {
		t.Errorf("%d waits", len(lifecycle.Items))
	}
	var programmes struct{ Items []struct{ ID, Href string } }
	d.get(zhuanglang.PublicPerson, "/v1/programmes", &programmes)
	var rules struct {
		Terms map[string]struct{ Source string }
	}
	d.get(zhuanglang.PublicPerson, programmes.Items[0].Href, &rules)
	if rules.Terms["application"].Source == "" {
		t.Errorf("rules without a source: %+v", rules)
	}
	var me struct {
		ID        string
		Roles     []string
		RoleNames map[string]domain.Text `json:"role_names"`
	}
	d.get("expert-3", "/v1/me", &me)
	if me.ID != "expert-3" || me.RoleNames["expert"].ZH != "评审专家" {
		t.Errorf("me: %+v", me)
	}
}
