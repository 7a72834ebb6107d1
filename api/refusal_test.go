package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// refusal is a request that must be refused, with the refusal expected.
type refusal struct {
	method, path, who string
	body              any
	header            []string
	status            int
	code, field       string
}

// raw is literal JSON.
type raw = json.RawMessage

// edit changes a JSON document. Its pairs are a path, like proposals[0].budget[1].fen, and the new value; the value gone
// removes the field.
func edit(t testing.TB, document any, pairs ...any) any {
	t.Helper()
	var tree any
	must(t, json.Unmarshal(ok(json.Marshal(document))(t), &tree))
	for i := 0; i < len(pairs); i += 2 {
		tree = set(tree, strings.FieldsFunc(pairs[i].(string), func(r rune) bool { return strings.ContainsRune(".[]", r) }), pairs[i+1])
	}
	return tree
}

type absent struct{}

var gone = absent{}

func set(tree any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch node := tree.(type) {
	case []any:
		i, _ := strconv.Atoi(path[0])
		node[i] = set(node[i], path[1:], value)
	case map[string]any:
		if len(path) == 1 && value == any(gone) {
			delete(node, path[0])
			break
		}
		node[path[0]] = set(node[path[0]], path[1:], value)
	}
	return tree
}

func times(n int, item any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = item
	}
	return list
}

const (
	officer = zhuanglang.CountyOfficer
	finance = zhuanglang.CountyFinance
)

var unused = uuid.Must(uuid.NewV7()).String()

// early is a record on the day of the call for proposals: it holds drafts with one flaw each, and an application whose
// eligibility is being checked.
type early struct {
	*door
	draftID, submittedID string
	flawed               map[string]string // by the flaw
}

func openEarly(t *testing.T) *early {
	t.Helper()
	w := &early{door: open(t), flawed: map[string]string{}}
	w.submittedID = w.submitted().ID
	flaw := func(name string, pairs ...any) {
		var draft pilot.Draft
		must(t, json.Unmarshal(ok(json.Marshal(edit(t, w.draft(), pairs...)))(t), &draft))
		ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
		w.do(officer, "draft", ref, &draft)
		w.flawed[name] = "/v1/pilots/" + ref.ID + "/submit"
	}
	flaw("none")
	w.draftID = strings.Split(w.flawed["none"], "/")[3]
	flaw("over fund", "requested_fen", 120000001)
	flaw("purpose", "purposes[0]", "sports")
	flaw("evaluator's code", "evaluator.credit_code", "52620000MJDEM0073H")
	flaw("malformed code", "proposals[1].organization.credit_code", "52620825MJDEMIIIII")
	flaw("code twice", "proposals[1].code", w.demo.Projects[0].Code)
	flaw("organization twice", "proposals[1].organization", w.draft().Proposals[0].Organization)
	flaw("evaluator applies", "proposals[0].organization", w.draft().Evaluator.Organization)
	flaw("kind", "proposals[2].kind", "Z")
	flaw("cap", "proposals[0].budget[0].fen", 90000000)
	flaw("spending", "proposals[0].budget[0].kind", "yachts")
	flaw("forbidden", "proposals[3].budget[1].kind", "planting_breeding")
	flaw("administration", "proposals[0].budget[6].fen", 9000000)
	flaw("after rollout", "proposals[0].milestones[3].due", "2019-06-30")
	flaw("milestone past", "proposals[0].milestones[0].due", "2017-09-10")
	flaw("milestone missing", "proposals[0].milestones[1].key", "M9")
	w.post(officer, "/v1/pilots", w.draft(), "Idempotency-Key", "taken")
	return w
}

func earlyRefusals(w *early) map[string]refusal {
	t, draft := w.t, w.draft()
	all := map[string]refusal{}
	add := func(name string, r refusal) { all[name] = r }
	drafting := func(name string, status int, code, field string, pairs ...any) {
		add(name, refusal{"POST", "/v1/pilots", officer, edit(t, draft, pairs...), nil, status, code, field})
	}
	sending := func(name, body string, status int, code, field string) {
		add(name, refusal{"POST", "/v1/pilots", officer, body, nil, status, code, field})
	}
	heading := func(name string, status int, code, field string, header ...string) {
		add(name, refusal{"POST", "/v1/pilots", officer, draft, header, status, code, field})
	}
	self := "/v1/pilots/" + w.draftID

	// unknown and missing fields
	drafting("an unknown field", 422, "unknown-field", "colour", "colour", "red")
	drafting("an unknown field deep inside", 422, "unknown-field", "proposals[0].village.mayor", "proposals[0].village.mayor", "Li")
	drafting("a field in another spelling", 422, "unknown-field", "Title", "Title", draft.Title)
	drafting("an id in the body", 422, "unknown-field", "id", "id", w.draftID)
	drafting("the state's own fields in the body", 422, "unknown-field", "stage", "stage", "approved")
	drafting("a missing title", 422, "missing-field", "title", "title", gone)
	drafting("a missing budget", 422, "missing-field", "proposals[5].budget", "proposals[5].budget", gone)
	drafting("a title without Chinese", 422, "missing-field", "title.zh", "title.zh", gone)
	add("an empty object", refusal{"POST", "/v1/pilots", officer, "{}", nil, 422, "missing-field", "evaluator"})
	add("an unknown field where there is none at all", refusal{"POST", self + "/submit", officer, `{"force":true}`, nil, 422, "unknown-field", "force"})

	// types
	drafting("a number where a text belongs", 422, "wrong-type", "programme", "programme", 2017)
	drafting("a text where an object belongs", 422, "wrong-type", "title", "title", "试点")
	drafting("an object where a list belongs", 422, "wrong-type", "proposals", "proposals", raw("{}"))
	drafting("a list where an object belongs", 422, "wrong-type", "evaluator", "evaluator", raw("[]"))
	drafting("a text among objects", 422, "wrong-type", "proposals[1]", "proposals[1]", "ZL-2017-02")
	drafting("a number among texts", 422, "wrong-type", "purposes[0]", "purposes[0]", 7)
	drafting("null where an object belongs", 422, "wrong-type", "title", "title", raw("null"))
	drafting("a word for a truth", 422, "wrong-type", "evaluator.code_checked", "evaluator.code_checked", "yes")
	sending("a list as the body", "[]", 422, "wrong-type", "")
	sending("a text as the body", `"draft"`, 422, "wrong-type", "")
	sending("null as the body", "null", 422, "wrong-type", "")

	// money
	drafting("negative money", 422, "too-small", "requested_fen", "requested_fen", -1)
	drafting("no money", 422, "too-small", "proposals[0].budget[0].fen", "proposals[0].budget[0].fen", 0)
	drafting("half a fen", 422, "wrong-type", "proposals[0].budget[0].fen", "proposals[0].budget[0].fen", raw("100.5"))
	drafting("a whole number with a point", 422, "wrong-type", "requested_fen", "requested_fen", raw("100.0"))
	drafting("money with an exponent", 422, "wrong-type", "requested_fen", "requested_fen", raw("1e8"))
	drafting("money as a text", 422, "wrong-type", "requested_fen", "requested_fen", "120000000")
	drafting("more money than there is", 422, "too-large", "requested_fen", "requested_fen", raw("100000000000001"))
	drafting("money beyond 64 bits", 422, "too-large", "evaluator.fen", "evaluator.fen", raw("99999999999999999999999999"))
	drafting("money beyond every float", 422, "wrong-type", "evaluator.fen", "evaluator.fen", raw("1"+strings.Repeat("0", 400)))
	drafting("null for money", 422, "wrong-type", "requested_fen", "requested_fen", raw("null"))
	sending("not a number", `{"requested_fen":NaN}`, 400, "bad-json", "")

	// texts
	drafting("an empty title", 422, "too-short", "title.zh", "title.zh", "")
	drafting("a title of spaces", 422, "blank", "title.zh", "title.zh", "  ")
	drafting("a title of full-width spaces", 422, "blank", "proposals[0].title.zh", "proposals[0].title.zh", "\u3000\u3000")
	drafting("a unit of a tab and a new line", 422, "blank", "proposals[0].indicators[0].unit", "proposals[0].indicators[0].unit", "\t\n")
	drafting("a title of 201 characters", 422, "too-long", "title.zh", "title.zh", strings.Repeat("村", 201))
	drafting("a programme id of 61 characters", 422, "too-long", "programme", "programme", strings.Repeat("p", 61))
	drafting("a village code of 11 digits", 422, "bad-format", "proposals[0].village.code", "proposals[0].village.code", "62082510321")
	drafting("a village code with letters", 422, "bad-format", "proposals[0].village.code", "proposals[0].village.code", "62082510321O")
	drafting("a credit code of 17 characters", 422, "bad-format", "evaluator.credit_code", "evaluator.credit_code", "52620000MJDEM0073")
	drafting("a credit code of 19 characters", 422, "bad-format", "evaluator.credit_code", "evaluator.credit_code", "52620000MJDEM0073GG")
	drafting("a milestone's key in small letters", 422, "bad-format", "proposals[0].milestones[0].key", "proposals[0].milestones[0].key", "m1")
	drafting("a code of a proposal with a slash", 422, "bad-format", "proposals[0].code", "proposals[0].code", "ZL/1")
	drafting("a NUL in a text", 400, "bad-text", "title.zh", "title.zh", "试\x00点")
	drafting("half a character in a text", 400, "bad-text", "title.zh", "title.zh", raw(`"\udc00"`))
	drafting("null for what may be left out", 422, "wrong-type", "attachments", "attachments", raw("null"))
	add("a reason of 2001 characters", refusal{"POST", self + "/withdraw", officer, map[string]string{"reason": strings.Repeat("因", 2001)}, nil, 422, "too-long", "reason"})
	add("a blank reason", refusal{"POST", self + "/withdraw", officer, map[string]string{"reason": " \u00a0\u3000"}, nil, 422, "blank", "reason"})
	add("no reason", refusal{"POST", self + "/withdraw", officer, map[string]string{"reason": ""}, nil, 422, "too-short", "reason"})

	// days
	drafting("the 30th of February", 422, "bad-format", "proposals[0].milestones[0].due", "proposals[0].milestones[0].due", "2018-02-30")
	drafting("a day with slashes", 422, "bad-format", "proposals[0].milestones[0].due", "proposals[0].milestones[0].due", "2018/02/28")
	drafting("a moment for a day", 422, "bad-format", "proposals[0].milestones[0].due", "proposals[0].milestones[0].due", "2018-02-28T00:00:00Z")
	drafting("a number for a day", 422, "wrong-type", "proposals[0].milestones[0].due", "proposals[0].milestones[0].due", 20180228)
	drafting("a year before the code lists", 422, "too-small", "proposals[0].village.code_vintage", "proposals[0].village.code_vintage", 1949)

	// counts
	drafting("no proposal", 422, "too-few", "proposals", "proposals", raw("[]"))
	drafting("61 proposals", 422, "too-many-proposals", "proposals", "proposals", times(61, draft.Proposals[0]))
	drafting("nine purposes", 422, "too-many", "purposes", "purposes", times(9, "elderly"))
	drafting("41 budget lines", 422, "too-many", "proposals[0].budget", "proposals[0].budget", times(41, draft.Proposals[0].Budget[0]))

	// JSON
	sending("no body", "", 400, "missing-body", "")
	sending("half a body", `{"programme":"zhuanglang-2017"`, 400, "bad-json", "")
	sending("a comma too many", `{"programme":"zhuanglang-2017",}`, 400, "bad-json", "")
	sending("a comment", `{/* pilot */}`, 400, "bad-json", "")
	sending("two documents", `{}{}`, 400, "bad-json", "")
	sending("a key twice", `{"programme":"a","programme":"b"}`, 400, "duplicate-key", "programme")
	sending("a key twice deep inside", `{"evaluator":{"fen":1,"fen":100}}`, 400, "duplicate-key", "evaluator.fen")
	sending("deep nesting", strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40), 400, "too-deep", strings.TrimSuffix(strings.Repeat("a.", 24), "."))
	sending("a tower of lists", strings.Repeat("[", 200_000), 400, "bad-json", "")
	sending("bytes that are not UTF-8", "{\"programme\":\"\xc3\x28\"}", 400, "bad-text", "")
	sending("a body in GBK", "{\"programme\":\"\xca\xd4\xb5\xe3\"}", 400, "bad-text", "")
	sending("a body in UTF-16", "{\x00}\x00", 400, "bad-json", "")
	sending("a body of more than 1 MiB", `{"programme":"`+strings.Repeat("x", 1<<20)+`"}`, 413, "body-too-large", "")
	sending("XML", "<draft/>", 400, "bad-json", "")

	// headers
	heading("no key", 400, "idempotency-key-missing", "header.Idempotency-Key", "Idempotency-Key", "")
	heading("a key of 101 characters", 400, "too-long", "header.Idempotency-Key", "Idempotency-Key", strings.Repeat("k", 101))
	heading("a key with a space", 400, "bad-format", "header.Idempotency-Key", "Idempotency-Key", "a b")
	heading("a key in Chinese", 400, "bad-format", "header.Idempotency-Key", "Idempotency-Key", "幂等键")
	heading("a form", 415, "media-type", "header.Content-Type", "Content-Type", "application/x-www-form-urlencoded")
	heading("plain text", 415, "media-type", "header.Content-Type", "Content-Type", "text/plain")
	heading("no content type", 415, "media-type", "header.Content-Type", "Content-Type", "")
	heading("a content type that is none", 415, "media-type", "header.Content-Type", "Content-Type", "json;;=")
	heading("another kind of JSON", 415, "media-type", "header.Content-Type", "Content-Type", "application/merge-patch+json")
	heading("JSON in GBK", 415, "media-type", "header.Content-Type", "Content-Type", "application/json; charset=gbk")
	heading("a compressed body", 415, "media-type", "header.Content-Type", "Content-Encoding", "gzip")
	heading("an answer in HTML", 406, "not-acceptable", "header.Accept", "Accept", "text/html")
	heading("no answer in JSON", 406, "not-acceptable", "header.Accept", "Accept", "application/json;q=0")
	heading("a key that another content has", 409, "idempotency-conflict", "", "Idempotency-Key", "taken")
	all["a key that another content has"] = refusal{"POST", "/v1/pilots", officer, edit(t, draft, "requested_fen", 1), []string{"Idempotency-Key", "taken"}, 409, "idempotency-conflict", ""}
	for name, value := range map[string]string{
		"a version without quotes": `1`, "a version that is no number": `"abc"`, "a weak version": `W/"1"`, "version nought": `"0"`,
		"a negative version": `"-1"`, "several versions": `"1", "2"`, "a version with a plus": `"+1"`, "an endless version": `"` + strings.Repeat("9", 30) + `"`,
	} {
		add(name, refusal{"POST", self + "/submit", officer, nil, []string{"If-Match", value}, 400, "bad-format", "header.If-Match"})
	}
	add("a version that has passed", refusal{"POST", "/v1/pilots/" + w.submittedID + "/accept", officer, nil, []string{"If-Match", `"1"`}, 412, "stale-version", ""})
	add("a version to come", refusal{"POST", self + "/submit", officer, nil, []string{"If-Match", `"7"`}, 412, "stale-version", ""})

	// who may send it
	add("no token", refusal{"POST", "/v1/pilots", "", draft, nil, 401, "unauthenticated", "header.Authorization"})
	add("an unknown token", refusal{"POST", "/v1/pilots", "nobody", draft, nil, 401, "unauthenticated", "header.Authorization"})
	add("a name and a password", refusal{"POST", "/v1/pilots", "", draft, []string{"Authorization", "Basic dG9rZW46"}, 401, "unauthenticated", "header.Authorization"})
	add("a bearer of nothing", refusal{"POST", "/v1/pilots", "", draft, []string{"Authorization", "Bearer "}, 401, "unauthenticated", "header.Authorization"})
	add("a token without its kind", refusal{"POST", "/v1/pilots", "", draft, []string{"Authorization", "token-of-" + officer}, 401, "unauthenticated", "header.Authorization"})
	add("a token in the address", refusal{"GET", "/v1/pilots?access_token=token-of-" + officer, "", nil, nil, 401, "unauthenticated", "header.Authorization"})
	add("an officer of a township drafts", refusal{"POST", "/v1/pilots", "lost", draft, nil, 403, "no-office", ""})

	// when it may be sent
	add("an endorsement of a draft", refusal{"POST", self + "/endorse", zhuanglang.CountyApprover, map[string]string{"opinion": "同意"}, nil, 409, "wrong-stage", ""})
	add("a correction that nobody asked for", refusal{"POST", "/v1/pilots/" + w.submittedID + "/correct", officer, draft.Application, nil, 409, "wrong-stage", ""})
	add("the same application submitted twice", refusal{"POST", "/v1/pilots/" + w.submittedID + "/submit", officer, nil, nil, 409, "wrong-stage", ""})
	add("an organization in two applications", refusal{"POST", self + "/submit", officer, nil, nil, 409, "double-application", "proposals"})

	// the programme's rules
	drafting("an unknown programme", 422, "unknown-programme", "programme", "programme", "nowhere-1999")
	drafting("an attachment that was never uploaded", 422, "no-such-file", "attachments[0]", "attachments", []string{strings.Repeat("a", 64)})
	for flaw, r := range map[string]refusal{
		"over fund": {code: "over-fund", field: "requested_fen"}, "purpose": {code: "unknown-purpose", field: "purposes[0]"},
		"evaluator's code": {code: "credit-code-check", field: "evaluator.credit_code"},
		"malformed code":   {code: "credit-code", field: "proposals[1].organization.credit_code"},
		"code twice":       {code: "duplicate", field: "proposals[1].code"}, "organization twice": {code: "one-application", field: "proposals[1].organization.credit_code"},
		"evaluator applies": {code: "evaluator-applies", field: "proposals[0].organization.credit_code"},
		"kind":              {code: "unknown-kind", field: "proposals[2].kind"}, "cap": {code: "over-cap", field: "proposals[0].budget"},
		"spending": {code: "unknown-spending", field: "proposals[0].budget[0].kind"}, "forbidden": {code: "forbidden-spending", field: "proposals[3].budget[1].kind"},
		"administration": {code: "over-admin", field: "proposals[0].budget"}, "after rollout": {code: "after-rollout", field: "proposals[0].milestones[3].due"},
		"milestone missing": {code: "missing-milestone", field: "proposals[0].milestones"}, "milestone past": {code: "past-day", field: "proposals[0].milestones[0].due"},
	} {
		add("a flawed application: "+flaw, refusal{"POST", w.flawed[flaw], officer, nil, nil, 422, r.code, r.field})
	}

	// ids and addresses
	for name, id := range map[string]string{
		"an id that is a word": "abc", "an id in capitals": strings.ToUpper(unused), "an id with a NUL": "%00", "an id with a quote": "'%20or%201=1--",
		"an endless id": strings.Repeat("0", 500), "an id in Chinese": "%E8%AF%95%E7%82%B9", "an id that is not UTF-8": "%ff%fe", "an id with too many parts": unused + ".1.2.3.4",
	} {
		add(name, refusal{"POST", "/v1/pilots/" + id + "/submit", officer, nil, nil, 400, map[bool]string{true: "too-long", false: "bad-format"}[len(id) > 400], "path.id"})
	}
	add("a pilot that is not there", refusal{"POST", "/v1/pilots/" + unused + "/submit", officer, nil, nil, 404, "not-found", ""})
	add("a project that is not there", refusal{"POST", "/v1/projects/" + unused + ".1/sign-as-office", zhuanglang.CountyApprover, nil, nil, 404, "not-found", ""})
	add("a payment that is not there", refusal{"POST", "/v1/payments/" + unused + ".1.1.1/release", finance, nil, nil, 404, "not-found", ""})
	add("a project's id for a pilot", refusal{"POST", "/v1/pilots/" + w.draftID + ".1/submit", officer, nil, nil, 404, "not-found", ""})
	add("a command that does not exist", refusal{"POST", self + "/approve-everything", officer, nil, nil, 404, "no-such-route", ""})
	add("a command that only Terrace sends", refusal{"POST", self + "/keep-time", officer, "{}", nil, 404, "no-such-route", ""})
	add("a command in capitals", refusal{"POST", self + "/Submit", officer, nil, nil, 404, "no-such-route", ""})
	add("an address with a slash too many", refusal{"POST", self + "/submit/", officer, nil, nil, 404, "no-such-route", ""})
	add("a parameter that does not exist", refusal{"POST", self + "/submit?force=1", officer, nil, nil, 400, "unknown-parameter", "query.force"})
	add("deleting a pilot", refusal{"DELETE", self, officer, nil, nil, 405, "method-not-allowed", ""})
	add("patching a pilot", refusal{"PATCH", self, officer, "{}", nil, 405, "method-not-allowed", ""})
	add("putting a pilot", refusal{"PUT", self, officer, draft, nil, 405, "method-not-allowed", ""})
	add("getting a command", refusal{"GET", self + "/submit", officer, nil, nil, 405, "method-not-allowed", ""})
	return all
}

func TestARefusedApplicationListsAllOfItsFaults(t *testing.T) {
	t.Parallel()
	d := open(t)
	var draft pilot.Draft
	must(t, json.Unmarshal(ok(json.Marshal(edit(t, d.draft(), "requested_fen", 120000001, "purposes[0]", "sports", "proposals[2].kind", "Z")))(t), &draft))
	ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
	d.do(officer, "draft", ref, &draft)
	a := d.send(request{method: "POST", path: "/v1/pilots/" + ref.ID + "/submit", who: officer})
	want := []struct{ Code, Field string }{{"over-fund", "requested_fen"}, {"unknown-purpose", "purposes[0]"}, {"unknown-kind", "proposals[2].kind"}}
	if a.status != http.StatusUnprocessableEntity || a.problem.Code != "over-fund" || !slices.Equal(a.problem.Errors, want) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// late is a record during the rollout: it holds a project under way, another whose agreement is not signed, a payment
// that one officer has released, and a draft whose deadline has passed.
type late struct {
	*door
	draftID, pilotID, working, agreeing, payment, file string
}

func openLate(t *testing.T) *late {
	t.Helper()
	w := &late{door: open(t)}
	w.draftID = w.drafted().ID
	p, project := w.rollingOut()
	paymentRef := w.signed(w.founded(p, 2), 2)
	w.pilotID, w.working, w.agreeing, w.payment = p.ID, project.ID, w.founded(p, 3).ID, paymentRef.ID
	w.do(finance, "release", paymentRef, &payment.ReleasePayment{})
	w.setClock(callDay.AddDate(0, 4, 0))
	w.file = w.uploaded(officer, "a finding of the county")
	w.uploaded(zhuanglang.OrganizationPerson("ZL-2017-01"), "a finding of the county")
	return w
}

func lateRefusals(w *late) map[string]refusal {
	t := w.t
	organization := zhuanglang.OrganizationPerson("ZL-2017-01")
	all := map[string]refusal{}
	working, payment, pilotSelf := "/v1/projects/"+w.working, "/v1/payments/"+w.payment, "/v1/pilots/"+w.pilotID
	post := func(name, path, who string, body any, status int, code, field string) {
		all[name] = refusal{"POST", path, who, body, nil, status, code, field}
	}
	get := func(name, path, who string, status int, code, field string, header ...string) {
		all[name] = refusal{"GET", path, who, nil, header, status, code, field}
	}
	send := func(name, content string, status int, code, field string, header ...string) {
		all[name] = refusal{"POST", "/v1/evidence", organization, content, header, status, code, field}
	}
	milestone := func(pairs ...any) any {
		evidence := []project.EvidenceFile{{Kind: "attendance-sheet", SHA256: w.file}, {Kind: "village-confirmation", SHA256: w.file}}
		return edit(t, project.SubmitMilestone{Milestone: "M1", Evidence: evidence}, pairs...)
	}

	// who and when, once money is moving
	post("a draft whose window has closed", "/v1/pilots/"+w.draftID+"/submit", officer, nil, 409, "deadline-passed", "")
	post("a draft after the window", "/v1/pilots", officer, w.draft(), 409, "window-closed", "")
	post("a score after the review", pilotSelf+"/score", "expert-1", map[string]any{"proposal": "ZL-2017-01", "points": 80, "recommended_fen": 1}, 409, "wrong-stage", "")
	post("the same officer releases twice", payment+"/release", finance, nil, 403, "same-person", "")
	post("a confirmation before the release", payment+"/confirm", finance, map[string]string{"voucher": "2018-9", "slip": w.file}, 409, "wrong-stage", "")
	post("a second signature", working+"/sign-as-office", zhuanglang.CountyApprover, nil, 409, "wrong-stage", "")
	post("an objection after the notice", pilotSelf+"/object", zhuanglang.PublicPerson, map[string]string{"proposal": "ZL-2017-01", "grounds": "亲属", "contact": "138"}, 409, "notice-over", "")
	post("a second approval", pilotSelf+"/approve", zhuanglang.ProvinceApprover, map[string]string{"number": "甘民发〔2017〕121号"}, 409, "wrong-stage", "")
	post("an outcome that does not exist", pilotSelf+"/decide-objection", zhuanglang.ProvinceOfficer, map[string]string{"proposal": "ZL-2017-01", "outcome": "maybe", "reason": "x"}, 422, "not-allowed", "outcome")

	// evidence in commands
	post("a milestone that does not exist", working+"/submit-milestone", organization, milestone("milestone", "M7"), 422, "no-such-milestone", "milestone")
	post("a milestone without its evidence", working+"/submit-milestone", organization, milestone("evidence[1].kind", "photos"), 422, "missing-evidence", "evidence")
	post("evidence that was never uploaded", working+"/submit-milestone", organization, milestone("evidence[1].sha256", strings.Repeat("0", 64)), 422, "no-such-file", "evidence[1].sha256")
	post("a hash in capitals", working+"/submit-milestone", organization, milestone("evidence[0].sha256", strings.ToUpper(w.file)), 422, "bad-format", "evidence[0].sha256")
	post("no evidence", working+"/submit-milestone", organization, milestone("evidence", raw("[]")), 422, "too-few", "evidence")
	post("a milestone verified before it is submitted", working+"/verify-milestone", officer, map[string]string{"milestone": "M1", "visited_on": "2018-01-05", "finding": "属实"}, 409, "not-submitted", "")
	post("an account number with letters", "/v1/projects/"+w.agreeing+"/sign-as-organization", zhuanglang.OrganizationPerson("ZL-2017-03"), map[string]string{"account_name": "x", "account_number": "DE89 3704"}, 422, "bad-format", "account_number")
	post("somebody else's account", "/v1/projects/"+w.agreeing+"/sign-as-organization", zhuanglang.OrganizationPerson("ZL-2017-03"), map[string]string{"account_name": "别家公司", "account_number": "6222000000000000"}, 422, "account-name", "account_name")

	// lists
	get("a page of nothing", "/v1/pilots?limit=0", officer, 400, "too-small", "query.limit")
	get("a page of 201", "/v1/pilots?limit=201", officer, 400, "too-large", "query.limit")
	get("a page of many", "/v1/projects?limit=many", officer, 400, "wrong-type", "query.limit")
	get("half a page", "/v1/payments?limit=1.5", officer, 400, "wrong-type", "query.limit")
	get("a negative page", "/v1/pilots?limit=-1", officer, 400, "too-small", "query.limit")
	get("a page beyond 64 bits", "/v1/pilots?limit=99999999999999999999", officer, 400, "wrong-type", "query.limit")
	get("a cursor that is none", "/v1/pilots?cursor=abc", officer, 400, "bad-cursor", "query.cursor")
	get("a cursor with spaces", "/v1/pilots?cursor=a%20b", officer, 400, "bad-format", "query.cursor")
	get("a cursor of our form with nothing in it", "/v1/projects?cursor=e30", officer, 400, "bad-cursor", "query.cursor")
	get("a forged cursor", "/v1/payments?cursor=eyJhdCI6IjIwMTctMDktMTFUMDA6MDA6MDBaIiwiaWQiOiJcdTAwMDAifQ", officer, 400, "bad-cursor", "query.cursor")
	get("an endless cursor", "/v1/pilots?cursor="+strings.Repeat("a", 700), officer, 400, "too-long", "query.cursor")
	get("a filter that does not exist", "/v1/pilots?color=red", officer, 400, "unknown-parameter", "query.color")
	get("a stage in capitals", "/v1/pilots?stage=ROLLOUT", officer, 400, "not-allowed", "query.stage")
	get("a stage by its name", "/v1/pilots?stage=%E8%AF%84%E5%AE%A1", officer, 400, "not-allowed", "query.stage")
	get("a programme by its name", "/v1/pilots?programme=%E5%BA%84%E6%B5%AA", officer, 400, "not-allowed", "query.programme")
	get("turns of a kind by its name", "/v1/turns?kind=%E9%A1%B9%E7%9B%AE", officer, 400, "not-allowed", "query.kind")
	get("a place that is a name", "/v1/pilots?place=%E5%BA%84%E6%B5%AA", officer, 400, "bad-format", "query.place")
	get("a place that is not registered", "/v1/pilots?place=110000", officer, 400, "unknown-place", "query.place")
	get("a stage that there is not", "/v1/pilots?stage=agreement", officer, 400, "not-allowed", "query.stage")
	get("a programme that there is not", "/v1/projects?programme=nowhere", officer, 400, "not-allowed", "query.programme")
	get("turns of a kind that there is not", "/v1/turns?kind=pilots", officer, 400, "not-allowed", "query.kind")
	get("turns of a place that is not registered", "/v1/turns?place=110000", officer, 400, "unknown-place", "query.place")
	get("statements of a place that is not registered", "/v1/bank-statements?place=110000", officer, 400, "unknown-place", "query.place")
	get("experts from a cursor that is none", "/v1/experts?cursor=abc", officer, 400, "bad-cursor", "query.cursor")
	get("an organization that is no code", "/v1/projects?organization=123", officer, 400, "bad-format", "query.organization")
	get("a pilot's filter that is no id", "/v1/payments?pilot=%00", officer, 400, "bad-text", "query.pilot")
	get("a programme with a NUL", "/v1/pilots?programme=a%00b", officer, 400, "bad-text", "query.programme")
	get("an account that is not UTF-8", "/v1/bank-statements?account=%ff", officer, 400, "bad-text", "query.account")
	get("a parameter that appears twice", "/v1/pilots?limit=1&limit=2", officer, 400, "repeated-parameter", "query.limit")
	get("a parameter that appears twice with the same value", "/v1/pilots?limit=1&limit=1", officer, 400, "repeated-parameter", "query.limit")
	get("a query with a broken escape", "/v1/pilots?limit=%zz", officer, 400, "bad-request", "query")
	get("a query with a semicolon", "/v1/pilots?limit=1;cursor=x", officer, 400, "bad-request", "query")
	get("an address of 17 kB", "/v1/pilots?q="+strings.Repeat("a", 17_000), officer, 431, "headers-too-large", "")
	get("a timeline from a word on", pilotSelf+"/timeline?after=begin", officer, 400, "wrong-type", "query.after")
	get("a timeline from before its begin", pilotSelf+"/timeline?after=-1", officer, 400, "too-small", "query.after")
	get("a timeline of 501", pilotSelf+"/timeline?limit=501", officer, 400, "too-large", "query.limit")
	get("a stream from a word on", pilotSelf+"/events", officer, 400, "bad-format", "header.Last-Event-ID", "Last-Event-ID", "now", "Accept", "text/event-stream")
	get("a stream in JSON", pilotSelf+"/events", officer, 406, "not-acceptable", "header.Accept", "Accept", "application/json")

	// records and files that do not exist
	get("a file that is not there", "/v1/evidence/"+strings.Repeat("0", 64), officer, 404, "not-found", "")
	get("a file whose name is no hash", "/v1/evidence/passwd", officer, 400, "bad-format", "path.sha256")
	get("a file by a way around", "/v1/evidence/..%2F..%2Fetc%2Fpasswd", officer, 400, "bad-format", "path.sha256")
	get("a programme that is not there", "/v1/programmes/nowhere", officer, 404, "not-found", "")
	get("a version that is not there", "/v1/programmes/zhuanglang-2017?version=99", officer, 404, "not-found", "")
	get("a code that is not there", "/problems/nonsense", "", 404, "not-found", "")
	get("an address that is not there", "/v1/secrets", officer, 404, "no-such-route", "")
	get("an old version of the API", "/v0/pilots", officer, 404, "no-such-route", "")

	// files
	pdf, png := "%PDF-1.4 minutes", "\x89PNG\r\n\x1a\n photo"
	send("a corrupted upload", pdf+"!", 422, "digest-mismatch", "header.Content-Digest", "Content-Type", "application/pdf", "Content-Digest", digest(pdf))
	send("an upload that was cut off", pdf[:10], 422, "digest-mismatch", "header.Content-Digest", "Content-Type", "application/pdf", "Content-Digest", digest(pdf))
	send("an upload without a digest", pdf, 400, "bad-digest", "header.Content-Digest", "Content-Type", "application/pdf")
	send("a digest in hexadecimal", pdf, 400, "bad-digest", "header.Content-Digest", "Content-Type", "application/pdf", "Content-Digest", "sha-256=:"+shaOf(pdf)+":")
	send("another algorithm's digest", pdf, 400, "bad-digest", "header.Content-Digest", "Content-Type", "application/pdf", "Content-Digest", "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:")
	send("a program", "MZ\x90", 415, "media-type", "header.Content-Type", "Content-Type", "application/x-msdownload", "Content-Digest", digest("MZ\x90"))
	send("a page", "<script>", 415, "media-type", "header.Content-Type", "Content-Type", "text/html", "Content-Digest", digest("<script>"))
	send("a drawing that can run", "<svg/>", 415, "media-type", "header.Content-Type", "Content-Type", "image/svg+xml", "Content-Digest", digest("<svg/>"))
	send("a text in another character set", "text", 415, "unsupported-charset", "header.Content-Type", "Content-Type", "text/plain; charset=UTF-16", "Content-Digest", digest("text"))
	send("a file without its type", pdf, 415, "media-type", "header.Content-Type", "Content-Type", "", "Content-Digest", digest(pdf))
	send("a picture that calls itself a document", png, 415, "content-differs", "header.Content-Type", "Content-Type", "application/pdf", "Content-Digest", digest(png))
	send("a document that calls itself a picture", pdf, 415, "content-differs", "header.Content-Type", "Content-Type", "image/png", "Content-Digest", digest(pdf))
	send("a text that calls itself a photo", "photo", 415, "content-differs", "header.Content-Type", "Content-Type", "image/jpeg", "Content-Digest", digest("photo"))
	send("an empty file", "", 422, "empty-file", "", "Content-Type", "text/plain", "Content-Digest", digest(""))
	large := strings.Repeat("x", 20<<20+1)
	send("a file of more than 20 MiB", large, 413, "body-too-large", "", "Content-Type", "text/plain", "Content-Digest", digest(large))
	all["deleting a file"] = refusal{"DELETE", "/v1/evidence/" + w.file, officer, nil, nil, 405, "method-not-allowed", ""}

	// the clock, which cannot be moved here
	all["moving the real clock"] = refusal{"PUT", "/v1/clock", officer, `{"until":"2019-01-01T00:00:00+08:00"}`, nil, 404, "no-such-route", ""}
	all["a moment that is none"] = refusal{"PUT", "/v1/clock", officer, `{"until":"tomorrow"}`, nil, 422, "bad-format", "until"}
	return all
}

// A request with any fault is answered with a problem that names the fault and is documented for the operation. Nothing
// is written.
func TestBadInputIsRefusedAndNothingIsWrittenOnTheDayOfTheCall(t *testing.T) { //nolint:tparallel // one case after another: each counts what the previous one left
	t.Parallel()
	w := openEarly(t)
	refuse(t, w.door, earlyRefusals(w))
}

func TestBadInputIsRefusedAndNothingIsWrittenInTheRollout(t *testing.T) { //nolint:tparallel // one case after another: each counts what the previous one left
	t.Parallel()
	w := openLate(t)
	refuse(t, w.door, lateRefusals(w))
}

func refuse(t *testing.T, d *door, cases map[string]refusal) {
	t.Helper()
	announced := announcements(t)
	before, files := d.rows(), d.files()
	for _, name := range slices.Sorted(maps.Keys(cases)) { // in order: each case is counted
		c := cases[name]
		t.Run(name, func(t *testing.T) {
			d.t = t
			a := d.send(request{c.method, c.path, c.who, c.body, c.header})
			if a.status != c.status || a.problem.Code != c.code || a.problem.Field != c.field {
				t.Fatalf("got %d %s at %q, want %d %s at %q\n%s", a.status, a.problem.Code, a.problem.Field, c.status, c.code, c.field, a.body)
			}
			a.isProblem(t)
			if c.code != "no-such-route" && c.code != "method-not-allowed" && !announced(c.method, c.path, c.status, c.code) {
				t.Errorf("%s %s does not document %d %s", c.method, c.path, c.status, c.code)
			}
			if after := d.rows(); after != before {
				t.Errorf("rows %v, before %v", after, before)
				before = after
			}
		})
	}
	d.t = t
	if d.files() != files {
		t.Errorf("%d files, before %d", d.files(), files)
	}
}

// A refusal in Chinese lists the allowed values with Chinese names and Chinese punctuation.
func TestARefusalNamesWhatIsAllowedInItsLanguage(t *testing.T) {
	t.Parallel()
	d := open(t)
	for path, want := range map[string]struct{ method, zh, en string }{
		"/v1/turns?kind=pilots":      {"GET", "可选值：difference 差异、payment 付款、pilot 试点、project 项目、recovery 追回", "allowed: difference, payment, pilot, project, recovery"},
		"/v1/turns?whose=all":        {"GET", "可选值：mine 本人待办、seats 本单位待办、others 他人待办", "allowed: mine (your own), seats (those of your office, organization or village), others (those of others)"},
		"/v1/payments?stage=rollout": {"GET", "release 双人复核、", "release, "},
		"/v1/pilots?programme=none":  {"GET", "可选值：zhuanglang-2017 ", "allowed: zhuanglang-2017"},
		"/v1/evidence":               {"DELETE", "可用方法：OPTIONS、POST", "supported methods: OPTIONS, POST"},
	} {
		a := d.send(request{method: want.method, path: path, who: zhuanglang.AuditorPerson})
		if !strings.Contains(a.problem.ZH.What, want.zh) || !strings.Contains(a.problem.EN.What, want.en) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

func TestARefusalOfAProposalBeginsWithItsCode(t *testing.T) {
	t.Parallel()
	d := open(t)
	for field, value := range map[string]any{
		"proposals[1].budget[0].fen": 90000000, "proposals[1].milestones[0].due": "2017-09-10", "proposals[1].code": d.demo.Projects[0].Code,
	} {
		var draft pilot.Draft
		must(t, json.Unmarshal(ok(json.Marshal(edit(t, d.draft(), field, value)))(t), &draft))
		ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
		d.do(officer, "draft", ref, &draft)
		a := d.send(request{method: "POST", path: "/v1/pilots/" + ref.ID + "/submit", who: officer})
		code := draft.Proposals[1].Code
		if !strings.HasPrefix(a.problem.ZH.What, "项目“"+code+"”：") || !strings.HasPrefix(a.problem.EN.What, "Proposal "+code+": ") {
			t.Errorf("%s: %s", field, a.body)
		}
	}
}

func TestASavedDraftIsToldThatItsProgrammeStays(t *testing.T) {
	t.Parallel()
	d := open(t)
	draft := d.draft()
	ref := flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()}
	d.do(officer, "draft", ref, &draft)
	a := d.send(request{method: "POST", path: "/v1/pilots/" + ref.ID + "/save-draft", who: officer, body: draft})
	const zh, en = "字段“programme”不存在：资助计划在起草时选定，此后不能更改", "The field programme does not exist: the programme is chosen when the pilot is drafted, and cannot be changed"
	if a.problem.Code != "unknown-field" || a.problem.ZH.What != zh || a.problem.EN.What != en {
		t.Errorf("says %s", a.body)
	}
}

func TestARefusalOnAnEndedRecordSaysThatItIsClosed(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.submitted()
	submit := request{method: "POST", path: "/v1/pilots/" + ref.ID + "/submit", who: officer}
	if a := d.send(submit); a.problem.Code != "wrong-stage" || !strings.HasPrefix(a.problem.ZH.Next, "请查看当前待办") {
		t.Errorf("on an open record: %s", a.body)
	}
	d.do(officer, "withdraw", ref, &pilot.Withdraw{Reason: "r"})
	if a := d.send(submit); a.problem.Code != "wrong-stage" || a.problem.ZH.Next != "该记录已办结，不能再办理" || a.problem.EN.Next != "This record is closed; nothing more can be done" {
		t.Errorf("on an ended record: %s", a.body)
	}
}

// The bound of an amount is stated in fen, as clients send it, and in yuan. The bounds of other numbers have no unit.
func TestTheBoundOfAnAmountHasItsUnit(t *testing.T) {
	t.Parallel()
	d := open(t)
	draft := pilot.Draft{Programme: d.demo.Programme, Application: d.demo.Application()}
	for field, want := range map[string]struct {
		value  any
		zh, en string
	}{
		"requested_fen":                     {-1, "最小为 1 分（0.01元）", "the minimum is 1 fen (0.01 yuan)"},
		"evaluator.fen":                     {raw("100000000000001"), "最大为 100000000000000 分（1,000,000,000,000.00元）", "the maximum is 100000000000000 fen (1,000,000,000,000.00 yuan)"},
		"proposals[0].village.code_vintage": {1949, "最小为 1980", "the minimum is 1980"},
	} {
		a := d.send(request{method: "POST", path: "/v1/pilots", who: officer, body: edit(t, draft, field, want.value)})
		if !strings.HasSuffix(a.problem.ZH.What, want.zh) || !strings.HasSuffix(a.problem.EN.What, want.en) {
			t.Errorf("%s: %s", field, a.body)
		}
	}
}

// Three failures can happen to any request. Their advice must not ask the sender of a read to keep an Idempotency-Key,
// because a read has none.
func TestOnlyACommandIsToldToKeepItsKey(t *testing.T) {
	t.Parallel()
	d := open(t)
	var all struct{ Items []api.ProblemInfo }
	d.get("", "/problems", &all)
	told := 0
	for _, p := range all.Items {
		if strings.Contains(p.EN.Next, "same Idempotency-Key") {
			told++
			if !strings.Contains(p.EN.Next, "a command") || !strings.Contains(p.ZH.Next, "重新提交操作时，请沿用原来的幂等键") {
				t.Errorf("%s: %+v %+v", p.Code, p.ZH, p.EN)
			}
		}
	}
	if told != 3 {
		t.Errorf("%d problems say it", told)
	}
}

// isProblem checks that a response is a problem as defined by RFC 9457 and by our own documentation.
func (a answer) isProblem(t *testing.T) {
	t.Helper()
	p := a.problem
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	if p.Type != "/problems/"+p.Code || p.Status != a.status || p.Title == "" || p.Detail != p.EN.What {
		t.Errorf("type %q, status %d, title %q, detail %q", p.Type, p.Status, p.Title, p.Detail)
	}
	if p.Instance != "urn:uuid:"+a.header.Get("X-Request-Id") {
		t.Errorf("instance %q, request %q", p.Instance, a.header.Get("X-Request-Id"))
	}
	for _, words := range []string{p.ZH.What, p.ZH.Next, p.EN.What, p.EN.Next} {
		if words == "" || unfilled.MatchString(words) {
			t.Errorf("words %q", words)
		}
	}
	if english := p.ZH.What + p.ZH.Next; sentence.MatchString(english) {
		t.Errorf("English in Chinese: %q", english)
	}
	if a.status == http.StatusUnauthorized && a.header.Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	if a.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
		t.Error("405 without Allow")
	}
}

// sentence finds two English words in a row.
var sentence = regexp.MustCompile(`[a-z]{2,} [a-z]{2,}`)

var unfilled = regexp.MustCompile(`\{[a-z-]+\}`)

// announcements returns a function that reports whether the document lists a code for an operation.
func announcements(t *testing.T) func(method, path string, status int, code string) bool {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct{ Examples map[string]any }
			}
		}
	}
	must(t, json.Unmarshal(ok(api.OpenAPI())(t), &document))
	forms := map[string]*regexp.Regexp{}
	for template := range document.Paths {
		forms[template] = regexp.MustCompile("^" + regexp.MustCompile(`\{[a-z0-9]+\}`).ReplaceAllString(template, "[^/]+") + "$")
	}
	return func(method, path string, status int, code string) bool {
		path, _, _ = strings.Cut(path, "?")
		for template, ops := range document.Paths {
			if !forms[template].MatchString(path) {
				continue
			}
			examples := ops[strings.ToLower(method)].Responses[strconv.Itoa(status)].Content["application/problem+json"].Examples
			for _, name := range []string{code, fmt.Sprintf("%s-%d", code, status)} {
				if _, there := examples[name]; there {
					return true
				}
			}
		}
		return false
	}
}
