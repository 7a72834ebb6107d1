package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// message is one server-sent event.
type message struct {
	id, event string
	data      struct {
		Position  int64
		Aggregate flow.Ref
		Name      string
		Data      json.RawMessage
		By        *struct{ ID string }
	}
}

// listening is an open stream.
type listening struct {
	t      *testing.T
	lines  chan string
	cancel context.CancelFunc
}

func (d *door) listen(who, path, lastID string) *listening {
	d.t.Helper()
	d.settle()
	ctx, cancel := context.WithTimeout(d.t.Context(), 30*time.Second)
	d.t.Cleanup(cancel)
	q := ok(http.NewRequestWithContext(ctx, http.MethodGet, d.server.URL+path, http.NoBody))(d.t)
	q.Header.Set("Authorization", "Bearer token-of-"+who)
	q.Header.Set("Accept", "text/event-stream")
	if lastID != "" {
		q.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultTransport.RoundTrip(q)
	must(d.t, err)
	d.t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		d.t.Fatalf("stream: %d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	l := &listening{t: d.t, lines: make(chan string, 10_000), cancel: cancel}
	go func() {
		defer close(l.lines)
		read := bufio.NewReader(response.Body)
		for {
			line, err := read.ReadString('\n')
			if err != nil {
				return
			}
			l.lines <- strings.TrimSuffix(line, "\n")
		}
	}()
	if first := <-l.lines; first != "retry: 2000" { // the server sends this line after it has subscribed
		d.t.Fatalf("first line %q", first)
	}
	return l
}

// settle waits until every recorded event can be delivered. A transaction that is open anywhere in the cluster holds
// back the newest events.
func (d *door) settle() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var newest int64
		must(d.t, d.sql.QueryRow(ctx, "select coalesce(max(position), 0) from journal").Scan(&newest))
		if last := ok(d.store.LastPosition(ctx))(d.t); last == newest {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			d.t.Fatal("the journal's newest events are held back")
		}
	}
}

// next returns the next message, or false if the stream has ended.
func (l *listening) next() (m message, open bool) {
	l.t.Helper()
	for line := range l.lines {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			must(l.t, json.Unmarshal([]byte(value), &m.data))
		case "":
			if m.event != "" {
				return m, true
			}
		}
	}
	return m, false
}

func (l *listening) names(n int) (names []string, lastID string) {
	l.t.Helper()
	for range n {
		m, open := l.next()
		if !open {
			l.t.Fatalf("the stream ended after %v", names)
		}
		if m.id != strconv.FormatInt(m.data.Position, 10) || m.event != string(m.data.Aggregate.Kind)+"."+m.data.Name {
			l.t.Errorf("message %+v", m)
		}
		names, lastID = append(names, m.event), m.id
	}
	return names, lastID
}

func TestAStreamSendsEventsAndResumesAfterABreak(t *testing.T) {
	t.Parallel()
	d := open(t)
	before := d.drafted() // recorded before the streams open, so not sent
	ref := before
	l := d.listen(zhuanglang.CityApprover, "/v1/events", "")
	mine := d.listen(zhuanglang.CountyOfficer, "/v1/pilots/"+ref.ID+"/events", "")
	d.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	got, last := l.names(1)
	if !slices.Equal(got, []string{"pilot.submitted"}) {
		t.Errorf("the city received %v", got)
	}
	if got, _ := mine.names(1); !slices.Equal(got, []string{"pilot.submitted"}) {
		t.Errorf("the county received %v", got)
	}
	l.cancel()
	facts := ok(d.store.OrganizationFacts(t.Context(), []string{"51620825MJDEM0030N"}))(t)
	d.do("terrace", "record-checks", ref, &pilot.RecordChecks{Facts: facts})
	d.do(zhuanglang.CountyOfficer, "refuse-proposal", ref, &pilot.RefuseProposal{Proposal: "ZL-2017-02", Reason: "x"})
	again := d.listen(zhuanglang.CityApprover, "/v1/events", last)
	d.do(zhuanglang.CountyOfficer, "withdraw", ref, &pilot.Withdraw{Reason: "x"})
	if got, _ := again.names(3); !slices.Equal(got, []string{"pilot.eligibility-checked", "pilot.proposal-removed", "pilot.withdrawn"}) {
		t.Errorf("after the break: %v", got)
	}
	whole := d.listen(zhuanglang.AuditorPerson, "/v1/pilots/"+ref.ID+"/events", "0")
	if got, _ := whole.names(5); got[0] != "pilot.drafted" || got[4] != "pilot.withdrawn" {
		t.Errorf("from the beginning: %v", got)
	}
}

func TestAStreamSendsOnlyWhatItsListenerMayRead(t *testing.T) {
	t.Parallel()
	d := open(t)
	p, projectRef := d.agreeing()
	other := d.listen(zhuanglang.OrganizationPerson("ZL-2017-02"), "/v1/pilots/"+p.ID+"/events", "")
	own := d.listen(zhuanglang.OrganizationPerson("ZL-2017-01"), "/v1/pilots/"+p.ID+"/events", "")
	neighbour := d.listen("neighbour", "/v1/events", "")
	d.do(zhuanglang.CountyApprover, "sign-as-office", projectRef, &project.SignAsOffice{}) // of the first organization's project
	m, _ := own.next()
	if m.event != "project.agreement-signed" || m.data.Data != nil || m.data.By != nil {
		t.Errorf("own: %+v", m)
	}
	state := ok(d.store.Load(t.Context(), p))(t).(*pilot.Pilot)
	second := flow.Ref{Kind: project.Kind, ID: p.ID + ".2"}
	d.do("terrace", "open", second, ok(state.ProjectOpening(second.ID))(t))
	if got, _ := other.names(1); !slices.Equal(got, []string{"project.opened"}) {
		t.Errorf("other: %v", got)
	}
	d.handler.Stop()
	if m, open := neighbour.next(); !open || m.event != "bye" {
		t.Errorf("neighbour: %+v", m)
	}
}

// Revoking a token ends the streams that were opened with it, and so does changing the roles of its holder.
func TestAStreamEndsWhenItsSignInNoLongerHolds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"the token is withdrawn": "delete from token where actor = $1",
		"the roles change":       "update actor set roles = '{public}' where id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			l := d.listen(zhuanglang.AuditorPerson, "/v1/events", "")
			ok(d.sql.Exec(t.Context(), change, zhuanglang.AuditorPerson))(t)
			if m, open := l.next(); !open || m.event != "bye" {
				t.Errorf("received %+v", m)
			}
		})
	}
}

func TestStoppingEndsStreamsAndRefusesNewOnes(t *testing.T) {
	t.Parallel()
	d := open(t)
	l := d.listen(zhuanglang.AuditorPerson, "/v1/events", "")
	shutdown := make(chan error, 1)
	go func() { shutdown <- d.server.Config.Shutdown(context.WithoutCancel(t.Context())) }()
	if m, open := l.next(); !open || m.event != "bye" {
		t.Errorf("last message %+v", m)
	}
	if _, open := l.next(); open {
		t.Error("the stream is still open")
	}
	must(t, <-shutdown)
	q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/events", http.NoBody)
	q.Header.Set("Authorization", "Bearer token-of-"+zhuanglang.AuditorPerson)
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, q)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"stopping"`) {
		t.Errorf("a new stream: %d %s", w.Code, w.Body)
	}
}
