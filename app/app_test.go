package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // a test removes rows by hand
	"go.uber.org/goleak"

	"terrace/api"
	"terrace/app"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/postgres/pgtest"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var whole = app.Parts{API: true, Worker: true}

// prepared returns the settings of a program with its own record, which has people and a virtual calendar.
func prepared(t *testing.T) app.Settings {
	t.Helper()
	return preparedIn(t, pgtest.New(t))
}

// preparedIn is like prepared, with the record in the database at the URL of its owner.
func preparedIn(t *testing.T, url string) app.Settings {
	t.Helper()
	s, err := app.ReadSettings([]string{
		"TERRACE_DATABASE_URL=" + pgtest.Program(t, url), "TERRACE_TEMPORAL_ADDRESS=" + temporaltest.Address(t),
		"TERRACE_QUEUE_PREFIX=" + temporaltest.Prefix(), "TERRACE_LISTEN=127.0.0.1:0", "TERRACE_VIRTUAL_CALENDAR=true",
		"TERRACE_EVIDENCE_URL=file://" + t.TempDir() + "?no_tmp_dir=true",
	})
	if err != nil {
		t.Fatal(err)
	}
	err = app.Care(t.Context(), s, slog.New(slog.DiscardHandler), func(a *app.App) error {
		data := zhuanglang.Read()
		r := postgres.Registry{Places: data.Places()}
		for _, f := range data.Organizations() {
			r.Organizations = append(r.Organizations, postgres.Organization{Name: domain.Text{ZH: f.CreditCode, EN: f.CreditCode}, OrganizationFacts: f})
		}
		for _, p := range data.People() {
			r.People = append(r.People, postgres.Person{Actor: p, Token: token(p.ID)})
		}
		if err := a.Store.Register(t.Context(), r); err != nil {
			return err
		}
		return a.Store.StartCalendar(t.Context(), calendar.On(2017, 9, 11).At(9, 0), 24*time.Hour)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func token(person string) string { return "token-of-" + person }

// opened returns a connected program. The test must close it.
func opened(t *testing.T, s app.Settings) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func started(t *testing.T, s app.Settings) *app.App {
	t.Helper()
	a := opened(t, s)
	if err := a.Start(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	return a
}

// gone closes the program and checks that it leaves nothing behind.
func gone(t *testing.T, a *app.App) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t)
}

// visitor sends requests to the program as the county's officer, over its own connections.
type visitor struct {
	t    *testing.T
	base string
	http http.Client
}

func visit(t *testing.T, a *app.App) *visitor {
	return &visitor{t: t, base: a.URL(), http: http.Client{Transport: &http.Transport{}}}
}

func (v *visitor) send(method, path string, body any, want int) io.ReadCloser {
	v.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, bytes.NewReader(text))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token(zhuanglang.CountyOfficer))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "the-only-draft")
	response, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode != want {
		text, _ := io.ReadAll(response.Body)
		v.t.Fatalf("%s %s answers %d: %s", method, path, response.StatusCode, text)
	}
	return response.Body
}

func (v *visitor) get(path string, into any) {
	v.t.Helper()
	body := v.send(http.MethodGet, path, nil, http.StatusOK)
	defer func() { _ = body.Close() }()
	text, err := io.ReadAll(body)
	if into != nil && err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		v.t.Fatal(path, err)
	}
}

// drafts creates a pilot and waits for its workflow. The idempotency key is always the same, so repeated calls yield a
// single pilot.
func (v *visitor) drafts() {
	v.t.Helper()
	data := zhuanglang.Read()
	_ = v.send(http.MethodPost, "/v1/pilots", pilot.Draft{Programme: data.Programme, Application: data.Application()}, http.StatusCreated).Close()
	var pilots struct{ Items []struct{ ID string } }
	v.get("/v1/pilots", &pilots)
	if len(pilots.Items) != 1 {
		v.t.Fatalf("there are %v", pilots)
	}
	recordtest.Until(v.t, "the pilot's workflow runs", func() bool {
		var run api.PilotRun
		v.get("/v1/pilots/"+pilots.Items[0].ID+"/run", &run)
		return len(run.Workflows) == 1 && run.Workflows[0].Status == "running"
	})
}

// Leak checks cover the goroutines of the whole process, so the tests below do not run in parallel.

func TestAProgramThatIsClosedLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	goleak.VerifyNone(t)
	for range 2 { // a restarted program finds its previous data
		a := started(t, s)
		v := visit(t, a)
		v.get("/docs", nil)
		v.get("/openapi.json", nil)
		var health api.Health
		if v.get("/readyz", &health); health.Status != "ok" {
			t.Errorf("%+v", health)
		}
		v.drafts()
		stream := v.send(http.MethodGet, "/v1/events", nil, http.StatusOK)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		text, err := io.ReadAll(stream)
		if err != nil || !strings.Contains(string(text), "event: bye") {
			t.Errorf("the stream ended with %v after %q", err, text)
		}
		_ = stream.Close()
		v.http.CloseIdleConnections()
		goleak.VerifyNone(t)
	}
}

func TestARequestThatTakesTooLongIsCutOff(t *testing.T) { //nolint:paralleltest // see above
	a := started(t, prepared(t))
	a.Hurry(time.Millisecond)
	slow, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(a.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(slow, "POST /v1/pilots HTTP/1.1\r\nHost: terrace\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: slow\r\n"+
		"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n", token(zhuanglang.CountyOfficer))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := slow.Read(make([]byte, 9)); n == 0 { // the request has arrived, and the server is reading its body
		t.Fatal(err)
	}
	if err := a.Close(); err == nil || !strings.Contains(err.Error(), "requests were cut off after 1ms") {
		t.Errorf("ended with %v", err)
	}
	goleak.VerifyNone(t) // although the client still holds its connection
	_ = slow.Close()
}

func TestTheDoctorLooksForTheNamespace(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	for namespace, want := range map[string]string{s.TemporalNamespace: "", "nowhere": "create the namespace"} {
		s.TemporalNamespace = namespace
		err := s.Examine(t.Context(), func(c app.Check) {
			if c.What == "Temporal answers at "+s.TemporalAddress+" and has the namespace "+namespace && ((c.Err == nil) != (want == "") || c.Err != nil && !strings.Contains(c.Next, want)) {
				t.Errorf("%+v", c)
			} else if !strings.HasPrefix(c.What, "Temporal") && c.Err != nil { // the calendar is virtual, which the settings accept
				t.Errorf("%+v", c)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t)
}

func TestTheDoctorAcceptsAVirtualCalendarOnlyIfTheSettingsDo(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	for accepted, want := range map[bool]string{true: "the record's virtual calendar stands at ", false: "the database's clock is right"} {
		s.VirtualCalendar = accepted
		found := false
		err := s.Examine(t.Context(), func(c app.Check) {
			found = found || strings.HasPrefix(c.What, want) && (c.Err == nil) == accepted
		})
		if err != nil || !found {
			t.Errorf("with TERRACE_VIRTUAL_CALENDAR=%t it does not say %q, %v", accepted, want, err)
		}
	}
	goleak.VerifyNone(t)
}

func TestStartAndDoctorSayWhatTheRecordHasLost(t *testing.T) { //nolint:paralleltest // see above
	for damage, want := range map[string]struct{ says, next string }{
		"delete from place_version":  {"the only row of the table place_version is missing", "terrace register"},
		"delete from place":          {"it is empty, and the record names 620000, ", "terrace register"},
		"delete from journal_origin": {"the only row of the table journal_origin is missing", "terrace rebuild"},
		"delete from terrace_schema": {"the only row of the table terrace_schema is missing", "terrace restore"},
	} {
		url := pgtest.New(t)
		s := preparedIn(t, url)
		conn, err := pgx.Connect(t.Context(), url)
		if err == nil {
			_, err = conn.Exec(t.Context(), "set session_replication_role = replica; "+damage)
			err = errors.Join(err, conn.Close(t.Context()))
		}
		if err != nil {
			t.Fatal(err)
		}
		said := func(err error) bool {
			return err != nil && strings.Contains(err.Error(), want.says) && strings.Contains(err.Error()+app.Advice(err), want.next)
		}
		if err := app.Run(t.Context(), s, slog.New(slog.DiscardHandler), whole); !said(err) {
			t.Errorf("%s: the start says %v", damage, err)
		}
		found := false
		err = s.Examine(t.Context(), func(c app.Check) { found = found || said(c.Err) })
		if err != nil || !found {
			t.Errorf("%s: the doctor does not say it, %v", damage, err)
		}
	}
	goleak.VerifyNone(t)
}

func TestAStartThatFailsLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	first := started(t, s)
	taken, wrong, real := s, s, s
	taken.Listen = strings.TrimPrefix(first.URL(), "http://")
	wrong.Gateway = "cheque"
	real.VirtualCalendar = false
	for want, s := range map[string]app.Settings{"address already in use": taken, "set voucher": wrong, "virtual calendar": real} {
		a := opened(t, s)
		if err := a.Start(t.Context(), whole); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("said %v, want %q", err, want)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	visitor := visit(t, first)
	visitor.get("/healthz", nil) // the running program is not affected
	visitor.http.CloseIdleConnections()
	gone(t, first)
}

func TestAProgramThatNeverReachedTemporalLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	s.TemporalAddress = "127.0.0.1:1"
	a := started(t, s)
	v := visit(t, a)
	var health api.Health
	if v.get("/readyz", &health); health.Temporal != "away" || !health.AcceptsCommands {
		t.Errorf("%+v", health)
	}
	v.http.CloseIdleConnections()
	gone(t, a)
}

// heard is a log output that closes said when a given word has been logged.
type heard struct {
	word string
	once sync.Once
	said chan struct{}
}

func (h *heard) Write(line []byte) (int, error) {
	if strings.Contains(string(line), h.word) {
		h.once.Do(func() { close(h.said) })
	}
	return len(line), nil
}

func TestAProgramRunsUntilItIsToldToStop(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	for word, parts := range map[string]app.Parts{"the API answers": {API: true}, "carrying the workflows": {Worker: true}} {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		log, ended := &heard{word: word, said: make(chan struct{})}, make(chan error, 1)
		go func() { ended <- app.Run(ctx, s, slog.New(slog.NewTextHandler(log, nil)), parts) }()
		select {
		case <-log.said:
			stop()
			if err := <-ended; err != nil {
				t.Errorf("%s: %v", word, err)
			}
		case err := <-ended:
			t.Errorf("%s: it ended by itself: %v", word, err)
		}
	}
	goleak.VerifyNone(t)
}

// lines passes on each line of a log.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default: // the test has seen enough
	}
	return len(line), nil
}

func TestAWorkerWithoutItsNamespaceLogsWhatToDo(t *testing.T) { //nolint:paralleltest // see above
	s := prepared(t)
	s.TemporalNamespace = "nowhere"
	log := make(lines, 100)
	a, err := app.Open(t.Context(), s, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), app.Parts{Worker: true}); err != nil {
		t.Fatal(err)
	}
	for {
		if line := <-log; strings.Contains(line, "waiting for Temporal") {
			if !strings.Contains(line, "next=\"create the namespace as deploy/temporal/namespace.sh does") {
				t.Errorf("it logs %s", line)
			}
			break
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t)
}
