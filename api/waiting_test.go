package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
)

// saving builds a request to save a draft. Two requests with the same key are the same command.
func (d *door) saving(ref flow.Ref, key string) *http.Request {
	d.t.Helper()
	body := string(ok(json.Marshal(d.demo.Application()))(d.t))
	q := httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, "/v1/pilots/"+ref.ID+"/save-draft", strings.NewReader(body))
	q.Header.Set("Authorization", "Bearer token-of-"+zhuanglang.CountyOfficer)
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Idempotency-Key", key)
	return q
}

func (d *door) serve(q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, q)
	return w
}

// While one transaction keeps a pilot locked, 200 requests wait for it, and the rest of the API stays responsive.
func TestALockedPilotKeepsTheOfficeOpen(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *api.Config) { c.Runs = &temporal{} })
	locked, other := d.drafted(), d.drafted()
	ok(d.sql.Exec(t.Context(), "begin"))(t)
	ok(d.sql.Exec(t.Context(), "select from aggregate where id = $1 for update", locked.ID))(t)

	const senders = 200
	answers, keys := make([]*httptest.ResponseRecorder, senders), make([]string, senders)
	var everybody sync.WaitGroup
	begun := time.Now()
	for i := range senders {
		keys[i] = uuid.NewString()
		q := d.saving(locked, keys[i])
		everybody.Go(func() { answers[i] = d.serve(q) })
	}
	stream := d.listen(zhuanglang.CountyOfficer, "/v1/events", "0")
	if names, _ := stream.names(2); names[0] != "pilot.drafted" || names[1] != "pilot.drafted" {
		t.Errorf("the stream sent %v", names)
	}
	for _, path := range []string{"/readyz", "/v1/pilots", "/v1/pilots/" + locked.ID, "/v1/pilots/" + other.ID, "/v1/notices"} {
		var any json.RawMessage
		d.get(zhuanglang.CountyOfficer, path, &any)
	}
	d.post(zhuanglang.CountyOfficer, "/v1/pilots/"+other.ID+"/submit", nil)
	d.uploaded(zhuanglang.CountyOfficer, "a file")
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the others were answered after %v", took)
	}

	everybody.Wait()
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("the waiting requests were answered after %v", took)
	}
	for _, w := range answers {
		var p problem
		must(t, json.Unmarshal(w.Body.Bytes(), &p))
		if w.Code != http.StatusServiceUnavailable || p.Code != "record-busy" || w.Header().Get("Retry-After") == "" || p.ZH.Next == "" || p.EN.Next == "" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	ok(d.sql.Exec(t.Context(), "rollback"))(t)
	for i, key := range keys {
		if w := d.serve(d.saving(locked, key)); w.Code != http.StatusOK || w.Header().Get("Idempotency-Replayed") != "" {
			t.Fatalf("request %d sent again: %d %s", i, w.Code, w.Body)
		}
	}
	if names, _ := stream.names(2); names[0] != "pilot.submitted" || names[1] != "pilot.draft-saved" {
		t.Errorf("after the lock the stream sent %v", names)
	}
}
