package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
)

func TestASearchFindsRowsWithEveryWord(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project := r.approved()
	plan, other := r.demo.Projects[0], r.demo.Projects[1]
	village, organization := []rune(plan.Village.ZH), []rune(plan.Organization.ZH)
	for q, found := range map[string]bool{
		string(village[:2]):       true,
		string(organization[2:4]): true,
		string([]rune(plan.Title.ZH)[:2]) + " " + string(village[:2]): true,
		strings.ToLower(plan.Code):                                    true,
		plan.Organization.CreditCode:                                  true,
		plan.Village.Code:                                             true,
		"ＺＬ-2017-01":                                                  true, // full width
		"  " + plan.Code + "　":                                        true,
		plan.Code + " " + other.Code:                                  false,
		string(village[:2]) + " 不在":                                   false,
		plan.Organization.CreditCode[:10]:                             false, // in scripts other than Chinese, only whole words match
		"%%":                                                          false,
		plan.Code[:7] + "_01":                                         false,
		string([]rune{organization[len(organization)-1], village[0]}): false, // a word cannot span two fields
	} {
		page, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Search: q})
		must(t, err)
		if got := len(page.Rows) == 1 && page.Rows[0].ID == project.ID; got != found {
			t.Errorf("%q finds %d projects", q, len(page.Rows))
		}
	}
	pilots, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Search: other.Organization.ZH})
	must(t, err)
	if len(pilots.Rows) != 1 || pilots.Rows[0].ID != p.ID {
		t.Errorf("by the name of a proposal's organization: %v", pilots.Rows)
	}
}

func TestASearchDoesNotRevealWhoElseApplied(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	own, other := r.demo.Projects[0], r.demo.Projects[1]
	title := string([]rune(r.demo.Title.ZH)[:2])
	for name, test := range map[string]struct {
		reader flow.Reader
		search string
		found  bool
	}{
		"an office finds a pilot by its proposals":       {flow.Reader{Place: "620800"}, other.Organization.ZH, true},
		"an office elsewhere finds nothing":              {flow.Reader{Place: "110000"}, other.Organization.ZH, false},
		"an organization finds its pilot by the title":   {flow.Reader{Organization: own.Organization.CreditCode}, title, true},
		"an organization does not learn of the other":    {flow.Reader{Organization: own.Organization.CreditCode}, other.Organization.ZH, false},
		"an organization finds its pilot by its village": {flow.Reader{Organization: own.Organization.CreditCode}, own.Village.ZH, true},
		"and by its village and the title":               {flow.Reader{Organization: own.Organization.CreditCode}, own.Village.ZH + " " + title, true},
		"but not together with another organization":     {flow.Reader{Organization: own.Organization.CreditCode}, own.Village.ZH + " " + other.Organization.ZH, false},
		"a village finds its pilot by its organization":  {flow.Reader{Village: own.Village.Code}, own.Organization.ZH, true},
		"an expert of the panel knows every proposal":    {flow.Reader{Person: zhuanglang.Experts[0]}, other.Organization.ZH, true},
		"the evaluator knows every proposal":             {flow.Reader{Organization: r.demo.Evaluator.CreditCode}, other.Organization.ZH, true},
		"a village does not learn of the other villages": {flow.Reader{Village: own.Village.Code}, other.Village.ZH, false},
		"a stranger finds nothing":                       {flow.Reader{Person: "stranger"}, title, false},
	} {
		page, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: test.reader, Search: test.search})
		must(t, err)
		if got := len(page.Rows) == 1 && page.Rows[0].ID == p.ID; got != test.found {
			t.Errorf("%s: %d found", name, len(page.Rows))
		}
	}
}

func TestAFilterDoesNotRevealWhoElseApplied(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _ := r.approved()
	own, other := r.demo.Projects[0], r.demo.Projects[1].Organization.CreditCode
	for name, test := range map[string]struct {
		reader       flow.Reader
		organization string
		found        bool
	}{
		"an office filters by any proposal":                     {flow.Reader{Place: "620800"}, other, true},
		"an organization filters by its own":                    {flow.Reader{Organization: own.Organization.CreditCode}, own.Organization.CreditCode, true},
		"an organization does not learn of the other":           {flow.Reader{Organization: own.Organization.CreditCode}, other, false},
		"an expert of the panel knows every proposal":           {flow.Reader{Person: zhuanglang.Experts[0]}, other, true},
		"the evaluator knows every proposal":                    {flow.Reader{Organization: r.demo.Evaluator.CreditCode}, other, true},
		"a village filters by who runs its project":             {flow.Reader{Village: own.Village.Code}, own.Organization.CreditCode, true},
		"a village does not learn who applies for another":      {flow.Reader{Village: own.Village.Code}, other, false},
		"an office elsewhere learns nothing from a second role": {flow.Reader{Place: "110000", Organization: own.Organization.CreditCode}, other, false},
	} {
		page, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: test.reader, Organization: test.organization})
		must(t, err)
		if got := len(page.Rows) == 1 && page.Rows[0].ID == p.ID; got != test.found {
			t.Errorf("%s: %d found", name, len(page.Rows))
		}
	}
}

// Text without a word would match every row. It must be rejected, and a direct query of the record must return nothing.
func TestASearchWithoutAWordFindsNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.many()
	for q, searchable := range map[string]bool{
		"养老": true, "養老": true, "ab": true, "7": true, "カナ": true, "가나": true, "ＺＬ": true, "x 々": true, "é": true, "々養老": true, "・・": true,
		"ⰀⰀ": false, "々々": false, "カ ナ": false, "가": false, "养 老": false, "养": false, "%%": false, "__": false, "〇〇": false, "": false, "  ": false,
	} {
		if got := postgres.Searchable(q); got != searchable {
			t.Errorf("%q is searchable: %t", q, got)
		}
		if words := one[int](r, "select cardinality(search_words(search_fold($1)))", q); words > 0 != searchable {
			t.Errorf("the record finds %d words in %q", words, q)
		}
	}
	_, err := r.connect().Exec(t.Context(), "update project_row set title_zh = title_zh || '々々 ⰀⰀ가'")
	must(t, err)
	for _, q := range []string{"々々", "ⰀⰀ", "가"} {
		for _, reader := range []flow.Reader{everything, {Place: "620000"}, {Organization: "org3"}} {
			page, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: reader, Search: q})
			must(t, err)
			if len(page.Rows) != 0 {
				t.Errorf("%q finds %d rows in a full scan", q, len(page.Rows))
			}
		}
	}
}

func TestASearchFollowsChangesToADraft(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	find := func(q string) int {
		page, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Search: q})
		must(t, err)
		return len(page.Rows)
	}
	a := r.demo.Application()
	before := a.Proposals[0].Village.Name.ZH
	a.Proposals[0].Village.Name.ZH = "改名后的村"
	if find(before) != 1 || find("改名") != 0 {
		t.Fatal("the draft is not found by what it says")
	}
	r.do(zhuanglang.CountyOfficer, "save-draft", ref, &pilot.SaveDraft{Application: a})
	if find("改名") != 1 {
		t.Error("the saved draft is not found by what it says now")
	}
}

// many fills the lists with rows of several offices, organizations and villages over years. Some share a creation time.
func (r *record) many() {
	r.t.Helper()
	_, err := r.connect().Exec(r.t.Context(), `
		insert into pilot_row select 'of ' || office, 'application', 1, false, office, 'x', 1, '', '', 0, 0, false, '{}', '', 0, null, now(), now(), '{}'
		from unnest(array['620825', '620800', '620000', '110000']) office;
		insert into project_row (id, pilot, stage, version, ended, place, village, village_zh, village_en, programme, programme_version, code, title_zh, title_en,
			organization, organization_zh, organization_en, evaluator, grant_fen, paid_fen, created_at, updated_at, readers)
		select 'p' || n % 97 || '.' || n, 'p' || n % 97, (array['agreement', 'rollout', 'closed'])[1 + n % 3], 1, n % 3 = 2,
			(array['620825', '620825', '620800', '620000', '110000'])[1 + n % 5], (array['620825103216', '620825101202', '999'])[1 + n % 3],
			(array['石桥村', '柳林村', '石湾村'])[1 + n % 3], '', 'x', 1, 'c-' || n, case when n % 400 = 7 then '稀有' when n % 2 = 0 then '养老服务' else '助学' end || '项目', 'aid ' || n % 9,
			'org' || n % 31, '互助社' || n % 31, '', 'evaluator' || n % 4, 0, 0, timestamptz '2010-01-01 00:00Z' + (n / 3) * interval '7 days 5 hours', now(),
			array['organization/org' || n % 31, 'organization/evaluator' || n % 4, 'village/' || (array['620825103216', '620825101202', '999'])[1 + n % 3]]
		from generate_series(1, 1500) n`)
	must(r.t, err)
}

// Each page for each reader matches a full scan of all rows in order.
func TestPagesMatchAFullScan(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.many()
	reach := func(place string) string {
		return "r.place in (with recursive w as (select '" + place + "'::text as code union select p.code from place p join w on p.parent = w.code) select code from w)"
	}
	lies := "(" + reach("620825") + " or r.village in (with recursive w as (select '620825'::text as code union select p.code from place p join w on p.parent = w.code) select code from w))"
	readers := map[string]struct {
		reader flow.Reader
		sees   string
	}{
		"everything":                 {everything, "true"},
		"a county":                   {flow.Reader{Place: "620825"}, reach("620825")},
		"a province":                 {flow.Reader{Place: "620000"}, reach("620000")},
		"an organization":            {flow.Reader{Organization: "org3"}, "'org3' in (r.organization, r.evaluator)"},
		"an evaluator":               {flow.Reader{Organization: "evaluator1"}, "'evaluator1' in (r.organization, r.evaluator)"},
		"a village":                  {flow.Reader{Village: "620825101202"}, "r.village = '620825101202'"},
		"an office with other roles": {flow.Reader{Place: "620800", Organization: "org5", Village: "999"}, reach("620800") + " or 'org5' in (r.organization, r.evaluator) or r.village = '999'"},
	}
	filters := map[string]struct {
		filter postgres.Filter
		holds  string
	}{
		"all":                        {postgres.Filter{}, "true"},
		"a stage":                    {postgres.Filter{Stage: pilot.Rollout}, "r.stage = 'rollout'"},
		"an ended stage":             {postgres.Filter{Stage: project.Closed}, "r.stage = 'closed'"},
		"an organization":            {postgres.Filter{Organization: "org5"}, "r.organization = 'org5'"},
		"a place":                    {postgres.Filter{Place: "620825"}, lies},
		"a pilot":                    {postgres.Filter{Pilot: "p7"}, "r.pilot = 'p7'"},
		"a common word":              {postgres.Filter{Search: "养老"}, "r.title_zh like '%养老%'"},
		"a rare word":                {postgres.Filter{Search: "稀有"}, "r.title_zh like '%稀有%'"},
		"words and a stage":          {postgres.Filter{Search: "石桥 养老", Stage: pilot.Rollout}, "r.title_zh like '%养老%' and r.village_zh like '%石桥%' and r.stage = 'rollout'"},
		"a word and a place":         {postgres.Filter{Search: "助学", Place: "620825"}, "r.title_zh like '%助学%' and " + lies},
		"a word of punctuation":      {postgres.Filter{Search: "々々"}, "false"},
		"a word that does not occur": {postgres.Filter{Search: "无此"}, "false"},
		"a word and a debtor":        {postgres.Filter{Search: "项目", Organization: "org5"}, "r.organization = 'org5'"},
	}
	for who, by := range readers {
		for what, of := range filters {
			t.Run(who+" reads "+what, func(t *testing.T) {
				t.Parallel()
				want := one[[]string](&record{t: t, url: r.url}, fmt.Sprintf(
					"select coalesce(array_agg(r.id order by r.created_at desc, r.id desc), '{}') from project_row r where (%s) and (%s)", by.sees, of.holds))
				filter := of.filter
				filter.Reader, filter.Limit = by.reader, 60
				var got []string
				for {
					page, err := postgres.Projects.Page(t.Context(), r.Store, filter)
					must(t, err)
					got = append(got, ids(page.Rows, func(r postgres.ProjectRow) string { return r.ID })...)
					if filter.Cursor = page.Next; filter.Cursor == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d rows, want %d; the first that differ: %v", len(got), len(want), firstDifference(got, want))
				}
			})
		}
	}
}

func firstDifference(a, b []string) [2]string {
	for i := range max(len(a), len(b)) {
		if i >= len(a) {
			return [2]string{"", b[i]}
		}
		if i >= len(b) || a[i] != b[i] {
			return [2]string{a[i], strings.Join(b[min(i, len(b)):min(i+1, len(b))], "")}
		}
	}
	return [2]string{}
}

func TestPlacesThatMoveTakeTheirOfficesAlong(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, project := r.approved()
	sees := func(place string) int {
		t.Helper()
		pilots, err := postgres.Pilots.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{Place: place}})
		must(t, err)
		projects, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: everything, Place: place})
		must(t, err)
		if len(pilots.Rows) > 0 && pilots.Rows[0].ID != p.ID || len(projects.Rows) > 0 && projects.Rows[0].ID != project.ID {
			t.Errorf("%s sees %v and %v", place, pilots.Rows, projects.Rows)
		}
		return len(pilots.Rows) + len(projects.Rows)
	}
	all := r.demo.Places()
	for i := range all {
		if all[i].Code == "620825" {
			all[i].Parent, all[i].Vintage = "620000", 2018 // directly in the province
		}
	}
	if sees("620800") != 2 || sees("620000") != 2 {
		t.Fatal("the city does not see the pilots launched in it")
	}
	must(t, r.Register(t.Context(), postgres.Registry{Places: all}))
	if sees("620800") != 1 || sees("620000") != 2 || sees("620825") != 2 {
		t.Error("the county's former city still sees its projects; it should see only the pilot that it takes part in")
	}
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}

func TestVerifyFindsAndRebuildFixesErrorsInWhatSpeedsUpReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sql, want string }{
		"a sum of a fund":              {"update fund_sum set fen = fen + 1 where place = ''", " in all places is "},
		"a sum that is missing":        {"delete from fund_sum where place <> '' and name = 'commitment'", ": commitment in the place \"620825\" is 0 fen"},
		"a line carried forward twice": {"update fund_carry set position = 0", "sum of programme/"},
		"another word":                 {"update project_search set words = 'x'", "its stored search words do not match"},
		"another key of a word":        {"update pilot_search set keys = keys[2:]", "its stored search words do not match"},
		"words without a row":          {"insert into project_search values ('ghost', now(), '', '{}')", "list of project/ghost: a search does not find it"},
		"words that are missing":       {"delete from pilot_search", "a search does not find it"},
		"an office out of reach":       {"delete from reach where above = '620800'", "list of place/620825: the stored locations and the table of places disagree on whether it lies in 620800"},
		"an office in a wrong place":   {"insert into reach values ('110000', '620825', true)", "lies in 110000"},
		"a launch that is not known":   {"delete from launch", "list of programme/zhuanglang-2017: has pilots of 620825"},
		"a launch of no pilot":         {"insert into launch values ('zhuanglang-2017', '620000')", "list of programme/zhuanglang-2017: has no pilots of 620000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			r.rollingOut()
			r.carried()
			if found := r.differences(); len(found) != 0 {
				t.Fatalf("before: %q", found)
			}
			r.sql(test.sql)
			if found := r.differences(); len(found) == 0 || !strings.Contains(strings.Join(found, "\n"), test.want) {
				t.Errorf("found %q, want %q", found, test.want)
			}
			must(t, r.Rebuild(t.Context(), quietly))
			if found := r.differences(); len(found) != 0 {
				t.Errorf("after the rebuild: %q", found)
			}
		})
	}
}

// Whichever commits first, the location of a place that a list names for the first time follows the table of places.
func TestAPlaceThatMovesWhileItIsFirstNamedEndsUpWhereItBelongs(t *testing.T) {
	t.Parallel()
	project := `insert into project_row select (jsonb_populate_record(p, '{"id": "first", "village": "620825215"}')).* from project_row p`
	move := "update place set parent = '620800' where code = '620825215'" // out of its county, directly into the city
	for name, order := range map[string][2]string{"the place moves while a project is opened": {project, move}, "a project is opened while the place moves": {move, project}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			r.approved()
			first, err := r.connect().Begin(t.Context())
			must(t, err)
			_, err = first.Exec(t.Context(), order[0])
			must(t, err)
			second, done := r.connect(), make(chan error, 1)
			go func() {
				_, err := second.Exec(context.Background(), order[1])
				done <- err
			}()
			eventually(t, "the second waits or is done", func() bool {
				return len(done) > 0 || one[bool](r, "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')")
			})
			must(t, first.Commit(t.Context()))
			must(t, <-done)
			lies := one[string](r, "select string_agg(above, ' ' order by above) from reach where place = '620825215' and not office")
			if want := "620000 620800 620825215"; lies != want {
				t.Errorf("it lies in %s, want %s", lies, want)
			}
		})
	}
}

func TestASampleFindsErrorsInItsAggregates(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.rollingOut()
	looked := 0
	count := func(done, total int) { looked = total }
	found, err := r.VerifySample(t.Context(), 2, count)
	must(t, err)
	if len(found) != 0 || looked != 2 {
		t.Errorf("of %d: %v", looked, found)
	}
	r.sql("update aggregate set stage = 'archived'", "update ledger_account set balance = balance + 1 where name = 'advance'")
	found, err = r.VerifySample(t.Context(), 1000, count)
	must(t, err)
	if len(found) < looked+1 || looked != one[int](r, "select count(*) from aggregate") {
		t.Errorf("of %d: %v", looked, found)
	}
}

// A province with many offices finds its page among the newest rows of the whole list or, if other rows fill these, by
// its offices. Either way every page matches a full scan.
func TestTheListOfManyOfficesMatchesAFullScan(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, err := r.connect().Exec(t.Context(), `
		insert into place (code, vintage, parent, level, zh, en) values ('910000', 2017, null, 'province', 'p', 'p'), ('920000', 2017, null, 'province', 'q', 'q');
		insert into place (code, vintage, parent, level, zh, en) select '91' || lpad(n::text, 4, '0'), 2017, '910000', 'county', 'c', 'c' from generate_series(1, 30) n;
		insert into pilot_row select 'of ' || p.code, 'application', 1, false, p.code, 'x', 1, '', '', 0, 0, false, '{}', '', 0, null, now(), now(), '{}'
		from place p where p.code like '91%' or p.code = '920000';
		insert into project_row (id, pilot, stage, version, ended, place, village, village_zh, village_en, programme, programme_version, code, title_zh, title_en,
			organization, organization_zh, organization_en, evaluator, grant_fen, paid_fen, created_at, updated_at, readers)
		select n::text, 'p', 'rollout', 1, false, case when n > 300 then '920000' else '91' || lpad((1 + n % 30)::text, 4, '0') end, '999', '', '', 'x', 1, '', '', '',
			'o', '', '', 'e', 0, 0, timestamptz '2016-01-01' + (n / 2) * interval '1 hour', now(), '{}'
		from generate_series(1, 4600) n`)
	must(t, err)
	whole := func(want int) {
		t.Helper()
		var got []string
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := postgres.Projects.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{Place: "910000"}, Limit: 37, Cursor: cursor})
			must(t, err)
			for _, row := range page.Rows {
				got = append(got, row.ID)
			}
			cursor = page.Next
		}
		rows, err := r.connect().Query(t.Context(), "select id from project_row where place like '91%' order by created_at desc, id desc")
		must(t, err)
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if must(t, err); len(all) != want || !slices.Equal(got, all) {
			t.Errorf("of %d rows the pages hold %d: %q", len(all), len(got), got)
		}
	}
	whole(300) // 300 rows, older than 4,300 rows of other offices
	_, err = r.connect().Exec(t.Context(), "update project_row set created_at = created_at + interval '2 years', place = '910007' where id in (select n::text from generate_series(4500, 4600) n)")
	must(t, err)
	whole(401) // some of them among the newest rows of the whole list
}
