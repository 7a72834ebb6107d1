package demo

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"terrace/app"
	"terrace/demo/zhuanglang"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
	"terrace/postgres/pgtest"
)

func TestTheDemonstrationPartsWithARequestThatWorksAndATokenForEachOffice(t *testing.T) {
	t.Parallel()
	const base = "http://127.0.0.1:8080"
	for id, path := range map[string]string{"": "/v1/commands", "0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70": "/v1/pilots/0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"} {
		var out bytes.Buffer
		(&Demonstration{Out: &out}).whereTo(base, id)
		request := regexp.MustCompile(`(?m)^  curl -H 'Authorization: Bearer (\S+)' (\S+)$`).FindStringSubmatch(out.String())
		if len(request) != 3 || request[2] != base+path || !strings.Contains(out.String(), " "+request[1]+" ") {
			t.Errorf("asks %q", request)
		}
		for _, person := range append([]string{
			zhuanglang.CountyOfficer, zhuanglang.CountyApprover, zhuanglang.CityApprover, zhuanglang.ProvinceOfficer, zhuanglang.ProvinceApprover,
			zhuanglang.VillagePerson("ZL-2017-01"),
		}, zhuanglang.Experts...) {
			if !strings.Contains(out.String(), " "+Token(person)+" ") {
				t.Errorf("the token of %s is missing in %s", person, out.String())
			}
		}
		if want := "    . terrace.env\n    " + os.Args[0] + " verify\n"; !strings.Contains(out.String(), want) || strings.Contains(out.String(), "case-officer ") {
			t.Errorf("it does not say %q, or names roles by their keys: %s", want, out.String())
		}
		if strings.Count(out.String(), "demo-village-") != 1 {
			t.Errorf("one village is enough: %s", out.String())
		}
	}
}

func TestTheSettingsForAShellAreTheDemonstrationsOwn(t *testing.T) {
	t.Parallel()
	d := &Demonstration{Data: t.TempDir(), owner: "postgres://owner:it's@host/demo"}
	if err := d.keepSettings(app.Settings{DatabaseURL: "postgres://program@host/demo", TemporalAddress: "127.0.0.1:1", TemporalNamespace: "n", EvidenceURL: "file:///e?x=1&y"}); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", ". "+d.settingsFile()+` && printf '%s\n' "$TERRACE_DATABASE_URL" "$OWNER_DATABASE_URL" "$TERRACE_TEMPORAL_ADDRESS" "$TERRACE_TEMPORAL_NAMESPACE" "$TERRACE_EVIDENCE_URL" "$TERRACE_VIRTUAL_CALENDAR"`)
	got, err := shell.Output()
	if want := "postgres://program@host/demo\npostgres://owner:it's@host/demo\n127.0.0.1:1\nn\nfile:///e?x=1&y\ntrue\n"; err != nil || string(got) != want {
		t.Errorf("a shell reads %q, %v, want %q", got, err, want)
	}
	if info, err := os.Stat(d.settingsFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of passwords is %v, %v", info.Mode(), err)
	}
}

func TestASecondDemonstrationInAFolderIsToldAtOnce(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	leave, err := occupy(data)
	if err != nil {
		t.Fatal(err)
	}
	err = (&Demonstration{Data: data, Out: io.Discard}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "另一次演示正在使用 "+data) || !strings.Contains(err.Error(), "another demonstration is using "+data) {
		t.Errorf("the second one says %v", err)
	}
	leave()
	if leave, err = occupy(data); err != nil {
		t.Fatalf("once the first has ended: %v", err)
	}
	leave()
}

func TestADatabaseOfAnotherDemonstrationIsNamedAsSuch(t *testing.T) {
	t.Parallel()
	database := pgtest.Program(t, pgtest.Empty(t)) // what terrace.env exports is the program's
	d := &Demonstration{Data: t.TempDir(), Out: io.Discard, Settings: app.Settings{DatabaseURL: database, TemporalAddress: "127.0.0.1:1"}}
	err := d.Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "TERRACE_DATABASE_URL（或 DATABASE_URL）指向另一次演示的数据库") ||
		!strings.Contains(err.Error(), " / TERRACE_DATABASE_URL (or DATABASE_URL) names another demonstration's database") ||
		!strings.Contains(err.Error(), "请换一个终端，或执行 / use a new shell, or: unset TERRACE_DATABASE_URL") || strings.Contains(err.Error(), "set TERRACE_DATABASE_URL to") {
		t.Errorf("said %v", err)
	}
}

func TestEveryCheckIsReportedInBothLanguages(t *testing.T) {
	t.Parallel()
	d := NewDriver("", NewShow(io.Discard))
	statement, _ := fundView{}.statement(nil)
	findings := append(
		d.goldenDates(nil), d.villages(nil), d.payments(nil), trialView{}.balanced(), d.accounted(fundView{}), statement, d.shifts(nil), d.reuse(nil), d.diversion(nil),
	)
	var out bytes.Buffer
	if !(&Demonstration{Out: &out}).report(findings) {
		t.Error("nothing was done, and nothing fails")
	}
	for _, f := range findings {
		both := regexp.MustCompile(`(?m)^  ✗ .*\p{Han}.* / [^\p{Han}]+$`)
		if line := "  ✗ " + f.What.ZH + " / " + f.What.EN; !both.MatchString(line) || !strings.Contains(out.String(), line+"\n") {
			t.Errorf("%q is not reported, or not in both languages: %s", line, out.String())
		}
	}
	for _, want := range []string{
		"      0个开始，0个结项 / 0 begun, 0 closed\n",
		"      总额0.00元，下达0.00元，核定支出0.00元，未支用额度0.00元，缴回0.00元，未结款项0.00元 / 0.00 yuan in all, 0.00 allotted, 0.00 accepted, 0.00 not drawn, 0.00 returned, 0.00 open\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q: %s", want, out.String())
		}
	}
}

func TestMoneyAndBudgetLinesAreNamedInWords(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	NewShow(&out).Story([]Event{
		{Name: "posted", Lines: []line{{Account: "advance", Fen: 100}}},
		{Name: "instalments-agreed", Data: []byte(`{"parts": [{"due": "2018-10-15", "fen": 600000}]}`)},
		{Name: "change-applied", Data: []byte(`{"diff": [{"field": "budget.travel", "from": "2.00", "to": "1.00"}]}`)},
	})
	for _, want := range []string{"[1.00 元 → 预付组织 / advance to the organization]", "· 2018-10-15  6,000.00 元", "· 差旅 / travel 2.00 元 → 1.00 元"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says %q, want %q", out.String(), want)
		}
	}
}

func TestTheDemonstrationLeavesThePilotsOfOthersAlone(t *testing.T) {
	t.Parallel()
	ours := zhuanglang.Read().Title.ZH
	row := func(title string, stage flow.Stage) postgres.PilotRow {
		return postgres.PilotRow{TitleZh: title, Stage: stage, Ended: catalogue.All.Ended(stage)}
	}
	for name, test := range map[string]struct {
		pilots                 []postgres.PilotRow
		withPeople, byYourself bool
	}{
		"none":                   {nil, true, true},
		"its own":                {[]postgres.PilotRow{row(ours, pilot.Review)}, true, true},
		"its own, archived":      {[]postgres.PilotRow{row(ours, pilot.Archived)}, false, false},
		"its own, which failed":  {[]postgres.PilotRow{row(ours, pilot.Withdrawn)}, false, true},
		"another":                {[]postgres.PilotRow{row("别的试点", pilot.Review)}, false, true},
		"its own before another": {[]postgres.PilotRow{row("别的试点", pilot.Review), row(ours, pilot.Review)}, true, true},
	} {
		for people, want := range map[bool]bool{true: test.withPeople, false: test.byYourself} {
			if got := (&Demonstration{People: people}).serves(test.pilots); got != want {
				t.Errorf("a database with %s serves with people %t: %t, want %t", name, people, got, want)
			}
		}
	}
}

func TestThePeopleActOnTheirOwnPilotOnly(t *testing.T) {
	t.Parallel()
	ours := zhuanglang.Read().Title.ZH
	for list, want := range map[string]string{
		`{"items": [{"id": "theirs", "title": {"zh": "别的试点"}}, {"id": "ours", "title": {"zh": "` + ours + `"}}]}`: "ours",
		`{"items": [{"id": "theirs", "title": {"zh": "别的试点"}}]}`:                                                  "",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, list)
		}))
		defer server.Close()
		id, err := NewDriver(server.URL, NewShow(io.Discard)).begin(t.Context())
		if id != want || (err == nil) != (want != "") || err != nil && !strings.Contains(err.Error(), "use another database for it") {
			t.Errorf("of %s it takes %q, %v", list, id, err)
		}
	}
}
