package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// readable holds the ids of the records that these tests read.
type readable struct {
	draft, pilot, project, other, payment string
}

func openReadable(t *testing.T) (*door, readable) {
	t.Helper()
	d := open(t)
	draft := d.drafted()
	p, projectRef, payment := d.paying()
	state := ok(d.store.Load(t.Context(), p))(t).(*pilot.Pilot)
	other := flow.Ref{Kind: project.Kind, ID: p.ID + ".2"}
	d.do("terrace", "open", other, ok(state.ProjectOpening(other.ID))(t))
	return d, readable{
		draft: "/v1/pilots/" + draft.ID, pilot: "/v1/pilots/" + p.ID, project: "/v1/projects/" + projectRef.ID,
		other: "/v1/projects/" + other.ID, payment: "/v1/payments/" + payment.ID,
	}
}

type pilotBody struct {
	Proposals []struct{ Code string }
	Cases     []struct {
		Scores  map[string]json.RawMessage
		Recused []string
	}
	Money    json.RawMessage
	YourTurn []taskBody `json:"your_turn"`
	YouMay   []taskBody `json:"you_may"`
}

type taskBody struct {
	Key     string
	Actions []struct{ Command string }
}

func TestApplicantsSeeTheirOwnPlanAndExpertsTheirOwnScores(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.underReview()
	for _, expert := range zhuanglang.Experts[:3] {
		d.do(expert, "score", ref, &pilot.Score{Proposal: "ZL-2017-01", Opinion: pilot.Opinion{Points: 80, RecommendedFen: 1}})
	}
	for who, want := range map[string]struct {
		proposals int
		scores    []string
		money     bool
	}{
		zhuanglang.ProvinceOfficer: {6, zhuanglang.Experts[:3], true},
		"expert-2":                 {6, []string{"expert-2"}, false},
		"expert-5":                 {6, nil, false},
		zhuanglang.EvaluatorPerson: {6, nil, false},
		zhuanglang.OrganizationPerson("ZL-2017-01"): {1, nil, false},
		zhuanglang.OrganizationPerson("ZL-2017-04"): {1, nil, false},
	} {
		var body pilotBody
		a := d.get(who, "/v1/pilots/"+ref.ID, &body)
		if len(body.Proposals) != want.proposals || len(body.Cases) != want.proposals {
			t.Errorf("%s sees %d proposals, %d cases", who, len(body.Proposals), len(body.Cases))
		}
		scores := slices.Sorted(maps.Keys(body.Cases[0].Scores))
		if !slices.Equal(scores, want.scores) {
			t.Errorf("%s sees the scores of %v", who, scores)
		}
		if (body.Money != nil) != want.money {
			t.Errorf("%s: money %s", who, body.Money)
		}
		if !want.money && strings.Contains(strings.ReplaceAll(string(a.body), who, ""), `"expert-`) {
			t.Errorf("%s learns who is on the panel: %s", who, a.body)
		}
	}
}

func TestYourTurnTellsEachWhatIsTheirs(t *testing.T) {
	t.Parallel()
	d, r := openReadable(t)
	for _, c := range []struct {
		who, path string
		want      []string
	}{
		{zhuanglang.CountyOfficer, r.draft, []string{"save-draft", "put-proposal", "remove-proposal", "submit", "withdraw"}},
		{zhuanglang.CountyApprover, r.draft, nil},
		{zhuanglang.OrganizationPerson("ZL-2017-02"), r.other, []string{"sign-as-organization", "refuse-agreement"}},
		{zhuanglang.CountyApprover, r.other, []string{"sign-as-office", "terminate"}}, // the latter at any time
		{zhuanglang.CountyFinance, r.other, nil},
		{zhuanglang.VillagePerson("ZL-2017-02"), r.other, nil},
		{zhuanglang.CountyFinance, r.payment, []string{"release", "void"}},
		{zhuanglang.CountyApprover, r.payment, []string{"release"}},
		{zhuanglang.AuditorPerson, r.payment, nil},
	} {
		if got := d.offered(c.who, c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s at %s: %v, want %v", c.who, c.path, got, c.want)
		}
	}
}

// A record shows a turn to a person exactly when that person's list of turns does.
func TestYourTurnIsWhatTheListOfTurnsSays(t *testing.T) {
	t.Parallel()
	d, r := openReadable(t)
	d.post(zhuanglang.CountyFinance, r.payment+"/release", nil)
	early := open(t)
	ref := early.submitted()
	early.do(zhuanglang.CountyOfficer, "accept", ref, &pilot.Accept{})
	accepted := "/v1/pilots/" + ref.ID
	for _, c := range []struct {
		d            *door
		who, path    string
		turns, mayDo int
	}{
		{early, zhuanglang.CountyApprover, accepted, 1, 0},
		{early, zhuanglang.CountyOfficer, accepted, 0, 1}, // withdraw
		{early, zhuanglang.CityApprover, accepted, 0, 0},
		{d, zhuanglang.CountyFinance, r.payment, 0, 1}, // void, having released
		{d, zhuanglang.CountyApprover, r.payment, 1, 0},
		{d, zhuanglang.CountyApprover, r.other, 1, 1}, // terminate
		{d, zhuanglang.OrganizationPerson("ZL-2017-02"), r.other, 1, 0},
	} {
		_, err := c.d.store.WriteTurns(t.Context())
		must(t, err)
		var page pilotBody
		c.d.get(c.who, c.path, &page)
		var mine, others struct {
			Items []struct{ Href, Urge string }
		}
		c.d.get(c.who, "/v1/turns?limit=200", &mine)
		c.d.get(c.who, "/v1/turns?whose=others&limit=200", &others)
		listed := 0
		for _, item := range mine.Items {
			if item.Href == c.path {
				listed++
			}
		}
		if len(page.YourTurn) != c.turns || listed != c.turns || len(page.YouMay) != c.mayDo {
			t.Errorf("%s at %s: %d turns on its page and %d in the list, want %d; may do %+v", c.who, c.path, len(page.YourTurn), listed, c.turns, page.YouMay)
		}
		for _, item := range others.Items {
			if item.Href == c.path && item.Urge == "" {
				t.Errorf("%s waits for others at %s and cannot urge them", c.who, c.path)
			}
		}
	}
}

// offered returns the commands that a record offers to a person.
func (d *door) offered(who, path string) (commands []string) {
	d.t.Helper()
	var body pilotBody
	d.get(who, path, &body)
	for _, task := range slices.Concat(body.YourTurn, body.YouMay) {
		for _, action := range task.Actions {
			commands = append(commands, action.Command)
		}
	}
	return commands
}

// A command without a body is offered only while it would succeed, because its sender could not correct anything in it. A draft with
// faults can be corrected, and is submitted to learn them.
func TestNothingIsOfferedInVain(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.submitted()
	offers := func(who string, want bool, when, command string) {
		t.Helper()
		if got := d.offered(who, "/v1/pilots/"+ref.ID); slices.Contains(got, command) != want {
			t.Errorf("%s, %s is offered %v", when, who, got)
		}
	}
	faulty := d.draft()
	faulty.RequestedFen = 1
	draft := d.post(zhuanglang.CountyOfficer, "/v1/pilots", &faulty).command(t).Aggregate
	if got := d.offered(zhuanglang.CountyOfficer, "/v1/pilots/"+draft.ID); !slices.Contains(got, "submit") {
		t.Errorf("for a draft with faults, the county is offered %v", got)
	}
	d.do(zhuanglang.CountyOfficer, "accept", ref, &pilot.Accept{})
	for _, approver := range []string{zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceApprover} {
		d.do(approver, "endorse", ref, &pilot.Endorse{Opinion: "同意推荐"})
	}
	offers(zhuanglang.ProvinceOfficer, true, "without a panel", "appoint-panel")
	offers(zhuanglang.ProvinceOfficer, false, "without a panel", "conclude-review")
	d.do(zhuanglang.ProvinceOfficer, "appoint-panel", ref, &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for _, expert := range zhuanglang.Experts[:4] {
		offers(zhuanglang.ProvinceOfficer, false, "below the quorum", "conclude-review")
		for _, p := range d.demo.Projects {
			d.do(expert, "score", ref, &pilot.Score{Proposal: p.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: p.GrantFen}})
		}
	}
	offers(zhuanglang.ProvinceOfficer, true, "with four of five scores", "conclude-review")
}

// The officer who appoints a panel chooses from the list of experts, and a refusal names the experts who cannot serve
// on it.
func TestAPanelIsAppointedFromTheListOfExperts(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.submitted()
	d.do(zhuanglang.CountyOfficer, "accept", ref, &pilot.Accept{})
	for _, approver := range []string{zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceApprover} {
		d.do(approver, "endorse", ref, &pilot.Endorse{Opinion: "同意推荐"})
	}
	var list struct{ Items []api.Expert }
	d.get(zhuanglang.ProvinceOfficer, "/v1/experts", &list)
	listed := []string{}
	for _, e := range list.Items {
		listed = append(listed, e.ID)
	}
	if want := append(slices.Clone(zhuanglang.Experts), "expert-6"); !slices.Equal(listed, want) || list.Items[5].Name.ZH != "评审专家6" {
		t.Fatalf("listed %+v, want %q", list.Items, want)
	}
	address := "/v1/pilots/" + ref.ID + "/appoint-panel"
	for _, wrong := range []string{"nobody", zhuanglang.CityApprover} {
		a := d.send(request{method: http.MethodPost, path: address, who: zhuanglang.ProvinceOfficer, body: &pilot.AppointPanel{Experts: append(slices.Clone(listed[:4]), wrong)}})
		if a.status != http.StatusUnprocessableEntity || a.problem.Code != "no-such-expert" || a.problem.Field != "experts[4]" || !strings.Contains(a.problem.ZH.What, wrong) {
			t.Errorf("%s: %d %s", wrong, a.status, a.body)
		}
	}
	d.post(zhuanglang.ProvinceOfficer, address, &pilot.AppointPanel{Experts: listed[1:]})
}

func TestATurnCanBeUrgedWhereItSaysSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	address := "/v1/pilots/" + d.submitted().ID + "/urge"
	_, err := d.store.WriteTurns(t.Context())
	must(t, err)
	for _, c := range []struct {
		who, whose string
		urge       bool
	}{
		{zhuanglang.CountyApprover, "others", true},
		{zhuanglang.CountyApprover, "seats", true},
		{zhuanglang.CountyOfficer, "mine", false},
		{zhuanglang.CountyOfficer, "seats", false},
		{zhuanglang.AuditorPerson, "others", false},
	} {
		var page struct {
			Items []struct{ Urge string }
		}
		d.get(c.who, "/v1/turns?whose="+c.whose, &page)
		want := ""
		if c.urge {
			want = address
		}
		if len(page.Items) != 1 || page.Items[0].Urge != want {
			t.Errorf("turns of %s for %s: %+v", c.whose, c.who, page.Items)
		}
	}
	d.post(zhuanglang.CountyApprover, address, flow.Urge{Wait: pilot.AwaitEligibility})
}

func TestTimelineAndLedgerTellTheSameMoney(t *testing.T) {
	t.Parallel()
	d := open(t)
	p, _ := d.rollingOut()
	var ledger struct {
		SumFen   int64 `json:"sum_fen"`
		Balances []struct {
			Owner, Account string
			Fen            int64
		}
	}
	d.get(zhuanglang.AuditorPerson, "/v1/pilots/"+p.ID+"/ledger", &ledger)
	sums, total := map[string]int64{}, int64(0)
	for _, b := range ledger.Balances {
		sums[b.Owner+" "+b.Account], total = b.Fen, total+b.Fen
	}
	if ledger.SumFen != 0 || total != 0 || sums[p.ID+" appropriation"] != -120_000_000 || sums[p.ID+".1 advance"] != 12_600_000 {
		t.Errorf("ledger %+v", ledger)
	}
	moved, seen := map[string]int64{}, 0
	for after := int64(0); ; {
		var page struct {
			Items []struct {
				Position int64
				On       string
				Lines    []struct {
					Owner, Account string
					Fen            int64
				}
			}
			Next int64
		}
		d.get(zhuanglang.AuditorPerson, "/v1/pilots/"+p.ID+"/timeline?limit=7&after="+itoa(after), &page)
		for _, e := range page.Items {
			for _, l := range e.Lines {
				moved[l.Owner+" "+l.Account] += l.Fen
			}
			seen++
		}
		if after = page.Next; after == 0 {
			break
		}
	}
	fund := d.demo.Programme + " " // the fund's own accounts belong to no pilot
	maps.DeleteFunc(moved, func(account string, fen int64) bool { return fen == 0 || strings.HasPrefix(account, fund) })
	maps.DeleteFunc(sums, func(_ string, fen int64) bool { return fen == 0 })
	if !maps.Equal(moved, sums) {
		t.Errorf("the timeline moved %v, the ledger holds %v", moved, sums)
	}
	if rows := d.rows(); seen != rows[0] {
		t.Errorf("%d events in the timeline, %d in the journal", seen, rows[0])
	}
}

func TestNoticesAreForEverybody(t *testing.T) {
	t.Parallel()
	d := open(t)
	ref := d.onNotice()
	var notices struct {
		Items []struct {
			Pilot, Proposal, Until, Object string
			GrantFen                       int64 `json:"grant_fen"`
			Village                        struct{ Code string }
			Organization                   struct {
				CreditCode string `json:"credit_code"`
			}
		}
	}
	d.get("", "/v1/notices", &notices)
	if len(notices.Items) != 6 || notices.Items[0].GrantFen != 21_000_000 || notices.Items[0].Until != "2017-09-20" ||
		notices.Items[0].Object != "/v1/pilots/"+ref.ID+"/object" || notices.Items[0].Village.Code != "620825103216" ||
		notices.Items[0].Organization.CreditCode != d.demo.Projects[0].Organization.CreditCode {
		t.Errorf("notices: %+v", notices)
	}
	d.passTime(ref)
	d.get("", "/v1/notices", &notices)
	if len(notices.Items) != 0 {
		t.Errorf("after their end: %+v", notices)
	}
}

func TestSearchesAndTheirRefusals(t *testing.T) {
	t.Parallel()
	d, r := openReadable(t)
	plan := d.demo.Projects[0]
	village, organization := string([]rune(plan.Village.ZH)[:2]), zhuanglang.OrganizationPerson("ZL-2017-01")
	for _, c := range []struct {
		who, list, q string
		want         string // address of the first hit; empty: no hits
	}{
		{zhuanglang.CountyOfficer, "projects", village + " " + plan.Code, r.project},
		{zhuanglang.AuditorPerson, "projects", plan.Code, r.project},
		{organization, "projects", village, r.project},
		{organization, "projects", d.demo.Projects[1].Code, ""}, // another organization's
		{zhuanglang.PublicPerson, "projects", village, ""},
		{zhuanglang.CityApprover, "pilots", d.demo.Projects[1].Organization.ZH, r.pilot},
		{organization, "pilots", d.demo.Projects[1].Organization.ZH, ""}, // an organization must not learn who else applied
	} {
		var page struct{ Items []struct{ Href string } }
		d.get(c.who, "/v1/"+c.list+"?q="+url.QueryEscape(c.q), &page)
		if len(page.Items) == 0 && c.want != "" || len(page.Items) > 0 && page.Items[0].Href != c.want {
			t.Errorf("%s searches %s for %q: %v, want %q", c.who, c.list, c.q, page.Items, c.want)
		}
	}
	for q, want := range map[string]string{
		"%E5%BA%84": "too-short", "%E5%BA%84+%E6%B5%AA": "too-short", "%3F%3F": "too-short", "a%00b": "bad-text", "%ff%fe": "bad-text", strings.Repeat("a", 101): "too-long",
	} {
		a := d.send(request{method: "GET", path: "/v1/projects?q=" + q, who: zhuanglang.CountyOfficer})
		var problem struct{ Code, Field string }
		if err := json.Unmarshal(a.body, &problem); err != nil || a.status != http.StatusBadRequest || problem.Code != want || problem.Field != "query.q" {
			t.Errorf("%s: %d %s", q, a.status, a.body)
		}
	}
}

// An office may write only Chinese, which then stands for the English text as well.
func TestATextWithoutEnglishIsShownInChinese(t *testing.T) {
	t.Parallel()
	d := open(t)
	draft := edit(t, d.draft(), "title.en", gone, "proposals[0].title.en", "", "proposals[0].milestones[0].name.en", "\u3000", "evaluator.name.en", gone)
	a := d.post(officer, "/v1/pilots", draft)
	var p pilot.Application
	d.get(officer, a.header.Get("Location"), &p)
	for _, text := range []domain.Text{p.Title, p.Proposals[0].Title, p.Proposals[0].Milestones[0].Name, p.Evaluator.Name} {
		if text.ZH == "" || text.EN != text.ZH {
			t.Errorf("it shows %+v", text)
		}
	}
	if text := p.Proposals[1].Title; text.EN == text.ZH {
		t.Errorf("the English of another title is lost: %+v", text)
	}
}
