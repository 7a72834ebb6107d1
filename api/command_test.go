package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

type commandAnswer struct {
	Aggregate flow.Ref       `json:"aggregate"`
	Version   int            `json:"version"`
	Events    []string       `json:"events"`
	Progress  *flow.Progress `json:"progress"`
}

func (a answer) command(t *testing.T) (c commandAnswer) {
	t.Helper()
	must(t, json.Unmarshal(a.body, &c))
	return c
}

func TestAnOfficeDraftsAndSubmitsAPilot(t *testing.T) {
	t.Parallel()
	d := open(t)
	created := d.post(zhuanglang.CountyOfficer, "/v1/pilots", d.draft())
	c := created.command(t)
	self := "/v1/pilots/" + c.Aggregate.ID
	if created.status != http.StatusCreated || created.header.Get("Location") != self || created.header.Get("ETag") != `"1"` {
		t.Fatalf("%d, Location %q, ETag %q", created.status, created.header.Get("Location"), created.header.Get("ETag"))
	}
	if id := uuid.MustParse(c.Aggregate.ID); id.Version() != 7 {
		t.Errorf("id in version %d", id.Version())
	}
	submitted := d.post(zhuanglang.CountyOfficer, self+"/submit", nil, "If-Match", `"1"`).command(t)
	if submitted.Progress.Stage != pilot.Eligibility || submitted.Progress.Turns[0].Due.String() != "2017-10-09" && submitted.Progress.Turns[0].Due.IsZero() {
		t.Errorf("progress: %+v", submitted.Progress)
	}
	var read struct {
		Stage    flow.Stage
		Version  int
		Title    struct{ ZH string }
		YourTurn []struct {
			Key     string
			Actions []struct{ Command, Href string }
		} `json:"your_turn"`
	}
	if got := d.get(zhuanglang.CountyOfficer, self, &read).header.Get("ETag"); got != `"2"` {
		t.Errorf("ETag %s", got)
	}
	if read.Title.ZH != d.demo.Title.ZH || len(read.YourTurn) != 1 || read.YourTurn[0].Actions[0].Href != self+"/refuse-proposal" {
		t.Errorf("read: %+v", read)
	}
}

func TestTheSameKeyBringsTheSameAnswer(t *testing.T) {
	t.Parallel()
	d := open(t)
	key := []string{"Idempotency-Key", "draft-1"}
	first := d.post(zhuanglang.CountyOfficer, "/v1/pilots", d.draft(), key...)
	before := d.rows()
	again := d.post(zhuanglang.CountyOfficer, "/v1/pilots", d.draft(), key...)
	if again.status != http.StatusCreated || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("again: %d, replayed %q, %s after %s", again.status, again.header.Get("Idempotency-Replayed"), again.header.Get("Location"), first.header.Get("Location"))
	}
	if string(again.body) != string(first.body) {
		t.Errorf("another body:\n%s\n%s", first.body, again.body)
	}
	if first.header.Get("Idempotency-Replayed") != "" {
		t.Error("the first answer is marked as a replay")
	}
	if d.rows() != before {
		t.Error("a repetition wrote something")
	}
	// the same bytes with the keys in another order are the same content
	var tree map[string]any
	must(t, json.Unmarshal(ok(json.Marshal(d.draft()))(t), &tree))
	if reordered := d.post(zhuanglang.CountyOfficer, "/v1/pilots", tree, key...); reordered.header.Get("Idempotency-Replayed") != "true" {
		t.Error("reordering the keys counts as different content")
	}
	// the same key sent by another person is a different key
	if other := d.send(request{method: "POST", path: "/v1/pilots/" + first.command(t).Aggregate.ID + "/submit", who: zhuanglang.CountyOfficer, header: key}); other.problem.Code != "idempotency-conflict" {
		t.Errorf("another command under the key: %d %s", other.status, other.body)
	}
}

func TestADecisionOnAnOutdatedViewIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.drafted()
	self := "/v1/pilots/" + ref.ID
	save := pilot.SaveDraft{Application: d.demo.Application()}
	d.post(zhuanglang.CountyOfficer, self+"/save-draft", save, "If-Match", `"1"`)
	stale := d.send(request{method: "POST", path: self + "/save-draft", who: zhuanglang.CountyOfficer, body: save, header: []string{"If-Match", `"1"`}})
	if stale.status != http.StatusPreconditionFailed || stale.problem.Code != "stale-version" || !strings.Contains(stale.problem.EN.What, "2") {
		t.Errorf("stale: %d %s", stale.status, stale.body)
	}
	d.post(zhuanglang.CountyOfficer, self+"/save-draft", save, "If-Match", "*")
}

// The administrator locates personal data by the aggregate and seq of an event. A timeline marks the events that have
// personal data, but only for readers who may see the whole record.
func TestATimelineTellsWherePersonalDataAre(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.onNotice()
	body := &pilot.Object{Proposal: d.demo.Projects[0].Code, Grounds: "该组织负责人与村干部系亲属", Contact: "13900000000"}
	d.do(zhuanglang.PublicPerson, "object", ref, body)
	type place struct {
		Aggregate flow.Ref
		Seq       int
		Personal  []string
	}
	last := func(who string) place {
		var timeline struct{ Items []place }
		d.get(who, "/v1/pilots/"+ref.ID+"/timeline?limit=500", &timeline)
		return timeline.Items[len(timeline.Items)-1]
	}
	whole, part := last(zhuanglang.AuditorPerson), last(zhuanglang.OrganizationPerson(body.Proposal))
	if kept := ok(d.store.Personal(t.Context(), whole.Aggregate, whole.Seq))(t); !slices.Equal(whole.Personal, []string{"grounds", "contact"}) || kept["contact"] != body.Contact {
		t.Errorf("the auditor finds the place %+v, where the record keeps %v", whole, kept)
	}
	if part.Seq != whole.Seq || part.Personal != nil {
		t.Errorf("the organization learns %+v", part)
	}
}

func TestANoticeUnderInquiryHasNoAddressForObjections(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.onNotice()
	paused := d.demo.Projects[0].Code
	d.do(zhuanglang.PublicPerson, "object", ref, &pilot.Object{Proposal: paused, Grounds: "名单有误", Contact: "13900000000"})
	var notices struct {
		Items []struct {
			Proposal, Object string
			StatusName       domain.Text `json:"status_name"`
		}
	}
	d.get("", "/v1/notices", &notices)
	for _, n := range notices.Items {
		status := pilot.CaseNotice
		if n.Proposal == paused {
			status = pilot.CasePaused
		}
		if (n.Object == "") != (n.Proposal == paused) || n.StatusName != pilot.CaseStatuses[status] {
			t.Errorf("%s has the address %q and is %v", n.Proposal, n.Object, n.StatusName)
		}
	}
}

func TestObjectorsLearnNoMoreThanTheReceipt(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.onNotice()
	body := pilot.Object{Proposal: d.demo.Projects[0].Code, Grounds: "该组织负责人与村干部系亲属", Contact: "13900000000"}
	a := d.post(zhuanglang.PublicPerson, "/v1/pilots/"+ref.ID+"/object", body)
	if c := a.command(t); c.Progress != nil || len(c.Events) != 1 {
		t.Errorf("answer: %s", a.body)
	}
	if got := d.send(request{method: "GET", path: "/v1/pilots/" + ref.ID, who: zhuanglang.PublicPerson}); got.status != http.StatusNotFound {
		t.Errorf("the public reads the pilot: %d", got.status)
	}
	var timeline struct{ Items []json.RawMessage }
	d.get(zhuanglang.AuditorPerson, "/v1/pilots/"+ref.ID+"/timeline?limit=500", &timeline)
	for _, e := range timeline.Items {
		if strings.Contains(string(e), "13900000000") || strings.Contains(string(e), "亲属") {
			t.Errorf("personal data in the timeline: %s", e)
		}
	}
	if strings.Contains(d.log.String(), "13900000000") || strings.Contains(d.log.String(), "token-") {
		t.Error("personal data or a token in the log")
	}
}
