package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
)

// nameOf maps each field that holds a code, or several, to the field beside it that holds the name, or a map of names.
var nameOf = map[string]string{
	"stage": "stage_name", "status": "status_name", "outcome": "outcome_name", "grade": "grade_name", "what": "what_name", "why": "why_name",
	"place": "place_name", "home": "home_name", "chain": "chain_names", "role": "role_name", "roles": "role_names", "signed": "signed_names",
	"gateway": "gateway_name", "book": "book_name", "account": "title", "category": "category_name", "purposes": "purpose_names",
	"commands": "command_titles", "term": "term_name", "owner": "owner_name", "source": "source_name", "seat": "seat_name", "people": "people_names", "recused": "people_names", "accepted_by": "accepted_by_name",
}

// unnamed lists the fields whose codes need no names: an event's data is shown as it was recorded, and kind and id
// together refer to a record.
var unnamed = []string{"data", "aggregate"}

func nameless(at string, value any) (all []string) {
	switch v := value.(type) {
	case []any:
		for i, one := range v {
			all = append(all, nameless(fmt.Sprintf("%s[%d]", at, i), one)...)
		}
	case map[string]any:
		for _, field := range slices.Sorted(maps.Keys(v)) {
			if slices.Contains(unnamed, field) {
				continue
			}
			name, coded := nameOf[field]
			if field == "stage" && v["name"] != nil { // a stage of the lifecycle
				name = "name"
			}
			if field == "owner" && strings.HasSuffix(v[field].(string), ".6") { // approved and not yet opened, so it has no name
				continue
			}
			if coded && !hasName(v[field], v[name]) && (field != "category" && field != "owner" || !strings.Contains(at, ".lines[")) {
				all = append(all, fmt.Sprintf("%s.%s %v", at, field, v[field]))
			}
			all = append(all, nameless(at+"."+field, v[field])...)
		}
	}
	return all
}

func hasName(code, name any) bool {
	words, _ := name.(map[string]any)
	codes, several := code.([]any)
	if !several {
		zh, _ := words["zh"].(string)
		en, _ := words["en"].(string)
		return code == "" || zh != "" && en != ""
	}
	return !slices.ContainsFunc(codes, func(one any) bool { return !hasName(one, words[one.(string)]) })
}

func TestEveryCodeHasItsNameBeside(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	_, err := b.store.WriteTurns(t.Context())
	must(t, err)
	auditor, pilots := zhuanglang.AuditorPerson, "/v1/pilots/"+b.pilot.ID
	for _, read := range []struct{ who, path string }{
		{auditor, "/v1/pilots"},
		{auditor, pilots},
		{auditor, pilots + "/proposals"},
		{auditor, pilots + "/board"},
		{auditor, pilots + "/timeline"},
		{auditor, pilots + "/ledger"},
		{auditor, "/v1/projects"},
		{auditor, "/v1/projects/" + b.first.ID},
		{auditor, "/v1/projects/" + b.second.ID},
		{firstOrganization, "/v1/projects/" + b.first.ID},
		{auditor, "/v1/payments"},
		{auditor, "/v1/payments/" + b.payments[4].ID},
		{auditor, "/v1/payments/" + b.payments[5].ID},
		{auditor, "/v1/recoveries"},
		{auditor, "/v1/recoveries/" + b.recovery.ID},
		{auditor, "/v1/differences"},
		{auditor, "/v1/differences/" + b.difference.ID},
		{auditor, "/v1/turns?whose=others"},
		{finance, "/v1/turns"},
		{finance, "/v1/me"},
		{finance, "/v1/commands"},
		{finance, "/v1/lifecycle"},
		{finance, "/v1/payment-batches"},
		{auditor, "/v1/ledger/trial-balance?pilot=" + b.pilot.ID},
		{auditor, "/v1/ledger/trial-balance?programme=" + b.demo.Programme},
		{auditor, "/v1/ledger/statement?account=advance&owner=" + b.first.ID},
		{auditor, "/v1/ledger/statement?account=spent&category=training&owner=" + b.first.ID},
		{auditor, "/v1/programmes/" + b.demo.Programme + "/fund"},
	} {
		var body any
		b.get(read.who, read.path, &body)
		if bare := nameless("", body); len(bare) > 0 {
			t.Errorf("%s has codes without names: %s", read.path, strings.Join(bare, ", "))
		}
	}
	var receipt any
	must(t, json.Unmarshal(b.post(finance, "/v1/payments/"+b.payments[3].ID+"/release", nil).body, &receipt))
	if bare := nameless("", receipt); len(bare) > 0 {
		t.Errorf("the answer to a command has codes without names: %s", strings.Join(bare, ", "))
	}
}

// The names come from the programme and from the tables of the domain.
func TestNamesAreThoseOfTheProgrammeAndThePlaces(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var p struct {
		HomeName      domain.Text            `json:"home_name"`
		ChainNames    map[string]domain.Text `json:"chain_names"`
		KindNames     map[string]domain.Text `json:"kind_names"`
		PurposeNames  map[string]domain.Text `json:"purpose_names"`
		SpendingNames map[string]domain.Text `json:"spending_names"`
		Cases         []struct {
			Status     string
			StatusName domain.Text `json:"status_name"`
		}
		EvidenceNames map[string]domain.Text `json:"evidence_names"`
		Proposals     []json.RawMessage
	}
	b.get(zhuanglang.AuditorPerson, "/v1/pilots/"+b.pilot.ID, &p)
	if p.HomeName.ZH != "庄浪县" || p.ChainNames["620000"].ZH != "甘肃省" || p.Cases[0].StatusName != domain.T("已批复立项", "approved") {
		t.Errorf("the pilot: %+v", p)
	}
	if p.PurposeNames["elderly"].ZH != "扶老" || p.SpendingNames["training"].EN == "" || p.SpendingNames["training"].ZH == "training" || len(p.KindNames) == 0 || p.EvidenceNames["photos"].ZH != "现场照片" {
		t.Errorf("the plan: %v %v %v", p.PurposeNames, p.KindNames, p.SpendingNames)
	}
	var project struct {
		Spending []struct {
			Receipts []struct {
				Kind       string
				KindName   domain.Text `json:"kind_name"`
				SourceName domain.Text `json:"source_name"`
			}
		}
		Milestones []struct {
			StatusName domain.Text `json:"status_name"`
		}
	}
	b.get(firstOrganization, "/v1/projects/"+b.first.ID, &project)
	receipt := project.Spending[0].Receipts[0]
	if receipt.Kind != "training" || receipt.KindName != p.SpendingNames["training"] || receipt.SourceName != domain.T("公益金", "grant") {
		t.Errorf("the receipt: %+v", receipt)
	}
	if project.Milestones[0].StatusName.ZH != "待提交" {
		t.Errorf("the milestone: %+v", project.Milestones[0])
	}
}

// A client can put a proposal back into the application exactly as it read it.
func TestAProposalIsSentBackAsItWasRead(t *testing.T) {
	t.Parallel()
	d := open(t)
	self := "/v1/pilots/" + d.drafted().ID
	var page struct{ Proposals []json.RawMessage }
	d.get(zhuanglang.CountyOfficer, self, &page)
	d.post(zhuanglang.CountyOfficer, self+"/put-proposal", []byte(page.Proposals[0]))
	var list struct{ Items []json.RawMessage }
	d.get(zhuanglang.CountyOfficer, self+"/proposals", &list)
	d.post(zhuanglang.CountyOfficer, self+"/put-proposal", []byte(list.Items[1]))
}

func TestTheListOfTurnsCallsATurnByTheReadersPart(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.underReview()
	_, err := d.store.WriteTurns(t.Context())
	must(t, err)
	for whose, who := range map[string]string{"mine": "expert-1", "others": zhuanglang.ProvinceOfficer} {
		var page struct {
			Items []struct {
				Title domain.Text
				Who   []struct {
					RoleName domain.Text `json:"role_name"`
				}
			}
		}
		d.get(who, "/v1/turns?whose="+whose, &page)
		if len(page.Items) != 1 || page.Items[0].Title != domain.T("评审项目并评分", "review the proposals and score them") || page.Items[0].Who[0].RoleName != domain.Roles[domain.Expert] {
			t.Errorf("to %s: %+v", who, page.Items)
		}
	}
}

func TestEventsOnTheTimelineTellTheirProject(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var page struct {
		Items []struct {
			Aggregate   flow.Ref
			ProjectName domain.Text `json:"project_name"`
		}
	}
	b.get(zhuanglang.AuditorPerson, "/v1/pilots/"+b.pilot.ID+"/timeline", &page)
	names := map[string]string{}
	for _, e := range page.Items {
		names[e.Aggregate.String()] = e.ProjectName.ZH
	}
	project, paid := names[b.first.String()], names[flow.Ref{Kind: payment.Kind, ID: b.first.ID + ".1.1"}.String()]
	if project == "" || names[b.second.String()] == project || paid != project || names[b.pilot.String()] != "" {
		t.Errorf("%v", names)
	}
}

func TestAWaitThatTerraceEndsSaysSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.onNotice()
	var page struct {
		Progress struct {
			Turns []struct {
				Key     string
				Who     []any
				EndedBy domain.Text `json:"ended_by"`
			}
		}
	}
	d.get(zhuanglang.CountyOfficer, "/v1/pilots/"+ref.ID, &page)
	ended := 0
	for _, turn := range page.Progress.Turns {
		if (len(turn.Who) == 0) != (turn.EndedBy.ZH == "系统") {
			t.Errorf("%+v", turn)
		}
		if turn.EndedBy.ZH != "" {
			ended++
		}
	}
	if ended == 0 {
		t.Error("a notice waits for its last day, and nothing says so")
	}
}

func TestAReminderOnTheTimelineSaysWhatIsDueAndWhen(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.submitted()
	d.post(zhuanglang.CountyApprover, "/v1/pilots/"+ref.ID+"/urge", flow.Urge{Wait: "eligibility"})
	for range 2 { // the reminder, and the report to the office above
		next := ok(d.store.News(t.Context(), ref))(t).Progress.Next
		d.setClock(next.At)
		d.do(domain.Workflow.ID, flow.KeepTimeCommand, ref, next.Keep())
	}
	for who, whole := range map[string]bool{zhuanglang.CountyOfficer: true, zhuanglang.OrganizationPerson("ZL-2017-01"): false} {
		var page struct {
			Items []struct {
				Name  string
				About *struct {
					Title domain.Text
					Due   string
				}
			}
		}
		d.get(who, "/v1/pilots/"+ref.ID+"/timeline", &page)
		dues := map[string]string{}
		for _, e := range page.Items {
			if e.About != nil {
				dues[e.Name] = e.About.Title.ZH + " " + e.About.Due
			}
		}
		want := map[string]string{"urged": "审查申报资格 ", "reminded": "审查申报资格 2017-09-25", "escalated": "审查申报资格 2017-09-25"}
		if !whole {
			want = map[string]string{}
		}
		if !maps.Equal(dues, want) {
			t.Errorf("to %s: %v, want %v", who, dues, want)
		}
	}
}

func TestAWrongChoiceIsAnsweredWithAllChoicesAndTheirNames(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for path, want := range map[string][2]string{
		"/v1/pilots?stage=%E8%AF%84%E5%AE%A1":                                 {"review 评审", "review (expert review)"},
		"/v1/pilots?programme=%E5%BA%84%E6%B5%AA":                             {"zhuanglang-2017 ", "zhuanglang-2017 ("},
		"/v1/turns?kind=%E9%A1%B9%E7%9B%AE":                                   {"project 项目", "pilot, project, recovery"},
		"/v1/ledger/statement?account=%E9%A2%84%E4%BB%98&owner=" + b.first.ID: {"advance 预付组织", "advance (advance to the organization)"},
		"/v1/ledger/statement?account=returned&owner=" + b.first.ID:           {"advance 预付组织", "advance (advance to the organization)"},
		"/v1/turns?whose=me":                                                  {"mine 本人待办", "mine (your own)"},
	} {
		a := b.send(request{method: "GET", path: path, who: officer})
		if said := a.problem.ZH.What + a.problem.ZH.Next; !strings.Contains(said, want[0]) {
			t.Errorf("%s: %s", path, said)
		}
		if said := a.problem.EN.What + a.problem.EN.Next; !strings.Contains(said, want[1]) {
			t.Errorf("%s: %s", path, said)
		}
	}
}
