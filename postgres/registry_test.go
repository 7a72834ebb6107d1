package postgres_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/project"
	"terrace/postgres"
)

func TestATokenStandsForItsPerson(t *testing.T) {
	t.Parallel()
	r := open(t)
	want := r.who[zhuanglang.CountyOfficer]
	for range 2 { // the second result may come from the cache
		got, err := r.ActorByToken(t.Context(), "token-of-"+want.ID)
		must(t, err)
		if got.ID != want.ID || got.Name != want.Name || !slices.Equal(got.Roles, want.Roles) || got.Place != want.Place {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, token := range []string{"", "token-of-nobody", "Token-of-" + want.ID} {
		_, err := r.ActorByToken(t.Context(), token)
		refused(t, err, "unauthenticated")
	}
	if one[bool](r, "select exists (select from token t where t::text like '%token-of%')") {
		t.Error("a token is stored in plain text")
	}
}

func TestRegistriesAtTheSameMomentGiveEachTokenAndEachPersonOne(t *testing.T) {
	t.Parallel()
	r := open(t)
	const both = "one-token-for-two-people"
	person := func(id, token string) postgres.Registry {
		actor := domain.Actor{ID: id, Name: domain.T("甲", "A"), Roles: []domain.Role{domain.Auditor}}
		return postgres.Registry{People: []postgres.Person{{Actor: actor, Token: token}}}
	}
	var held, issued atomic.Int32
	r.atOnce("token", 4, func(i int, store *postgres.Store) {
		switch err := store.Register(t.Context(), person(fmt.Sprint("person-", i), both)); {
		case err == nil:
			held.Add(1)
		case !strings.Contains(err.Error(), "the token already belongs to"):
			t.Error(err)
		}
	})
	r.atOnce("token", 4, func(_ int, store *postgres.Store) {
		fresh, err := store.RegisterAndIssue(t.Context(), person("newcomer", ""))
		if err != nil {
			t.Error(err)
		}
		issued.Add(int32(len(fresh)))
	})
	if held.Load() != 1 || issued.Load() != 1 {
		t.Errorf("%d people were given the token, and the newcomer %d tokens; want one each", held.Load(), issued.Load())
	}
}

// atOnce runs do in several processes at the same moment: none can write to the table before all of them are held up,
// there or by one another.
func (r *record) atOnce(table string, processes int, do func(i int, s *postgres.Store)) {
	r.t.Helper()
	stores := make([]*postgres.Store, processes)
	for i := range stores { // before anything is locked, so that nobody waits longer than a command may
		stores[i] = r.another()
	}
	holder, err := r.connect().Begin(r.t.Context())
	must(r.t, err)
	_, err = holder.Exec(r.t.Context(), "lock table "+table+" in exclusive mode")
	must(r.t, err)
	var all sync.WaitGroup
	for i, store := range stores {
		all.Go(func() { do(i, store) })
	}
	eventually(r.t, "every process is held up", func() bool {
		return one[int](r, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == processes
	})
	must(r.t, holder.Commit(r.t.Context()))
	all.Wait()
}

func TestRegisteringAgainUpdatesKnownEntries(t *testing.T) {
	t.Parallel()
	r := open(t)
	before := r.counts()
	must(t, r.Register(t.Context(), postgres.Registry{Places: r.demo.Places()}))
	after := r.counts()
	if before["place_version"] != after["place_version"] {
		t.Error("registering the same places again raised the version")
	}

	promoted := r.who[zhuanglang.CountyOfficer]
	promoted.Roles = []domain.Role{domain.Approver}
	must(t, r.Register(t.Context(), postgres.Registry{People: []postgres.Person{{Actor: promoted}}}))
	got, err := r.another().ActorByToken(t.Context(), "token-of-"+promoted.ID)
	must(t, err)
	if !slices.Equal(got.Roles, promoted.Roles) {
		t.Errorf("roles are %v", got.Roles)
	}
}

func TestAnInconsistentRegistryChangesNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	name, registered := domain.Text{ZH: "某人", EN: "somebody"}, calendar.On(2010, 5, 1)
	listed := func(places ...place.Place) postgres.Registry { return postgres.Registry{Places: places} }
	in := func(code string, vintage int, level place.Level, parent string) place.Place {
		return place.Place{Code: place.Code(code), Vintage: vintage, Level: level, Parent: place.Code(parent), ZH: "甲", EN: "A"}
	}
	someone := func(id string, change func(*postgres.Person)) postgres.Person {
		p := postgres.Person{Actor: domain.Actor{ID: id, Name: name, Roles: []domain.Role{}}}
		change(&p)
		return p
	}
	people := func(all ...postgres.Person) postgres.Registry { return postgres.Registry{People: all} }
	with := func(place, organization string, roles ...domain.Role) postgres.Registry {
		return people(someone("x", func(p *postgres.Person) { p.Place, p.Organization, p.Roles = place, organization, roles }))
	}
	of := func(place string) postgres.Person {
		return someone("of-"+place, func(p *postgres.Person) { p.Place = place })
	}
	holding := func(id, token string) postgres.Person {
		return someone(id, func(p *postgres.Person) { p.Token = token })
	}
	directory := func(codes ...string) (found postgres.Registry) {
		for _, code := range codes {
			found.Organizations = append(found.Organizations, postgres.Organization{Name: name, OrganizationFacts: pilot.OrganizationFacts{CreditCode: code, Registered: registered}})
		}
		return found
	}
	entry := func(change func(*postgres.Organization)) postgres.Registry {
		found := directory("51620000MJDEM0057X")
		change(&found.Organizations[0])
		return found
	}
	long := strings.Repeat("长", 201)
	village := r.demo.Projects[0].Village.Code
	tests := map[string]struct {
		postgres.Registry
		says []string
	}{
		"a village whose township is unknown": {
			listed(in("110101001001", 2023, place.Village, "110101001")),
			[]string{"places[0].parent “110101001001”: 上级地区110101001未登记，请一并登记 / the parent 110101001 is not registered"},
		},
		"a county of another province": {listed(in("110101", 2017, place.County, "620000")), []string{"places[0].parent “110101”: 与上级地区620000不符", "the code does not match the parent 620000"}},
		"a county in use in another city": {
			listed(in("620900", 2017, place.City, "620000"), in("620825", 2017, place.County, "620900")),
			[]string{"places[1].parent “620825”: 与上级地区620900不符：按2017年代码表，该地区属于620800"},
		},
		"a county in use that becomes a city": {listed(in("620825", 2017, place.City, "620000")), []string{"places[0].level “620825”: 登记为地级，但其代码属于县级"}},
		"a county in use that lies in its own village": {
			listed(in("620825", 2017, place.County, village)), []string{"places[0].parent “620825”: 上级地区" + village + "为村级，级别不高于本地区（县级）"},
		},
		"a province that is taken from above its city": {
			listed(in("620800", 2017, place.County, "620000")),
			[]string{"places[0].level “620800”: 登记为县级，但其代码属于地级", "places “620825”: 上级地区620800为县级，级别不高于本地区（县级）"},
		},
		"a place twice": {
			listed(in("620900", 2017, place.City, "620000"), in("620900", 2018, place.City, "620000")), []string{"places[1].code “620900”: 与places[0]重复 / this is a duplicate of places[0]"},
		},

		"an organization twice":            {directory("51620000MJDEM0057X", "51620000MJDEM0057X"), []string{"organizations[1].credit_code “51620000MJDEM0057X”: 与organizations[0]重复"}},
		"a code that is none":              {directory("5162"), []string{"organizations[0].credit_code “5162”: “5162”不是有效的统一社会信用代码"}},
		"a code with a wrong digit":        {directory("51620000MJDEM0057Y"), []string{"organizations[0].credit_code “51620000MJDEM0057Y”: “51620000MJDEM0057Y”的校验位有误"}},
		"a person with such a code":        {with("", "51620000MJDEM0057Y", domain.Applicant), []string{"people[0].organization “x”: “51620000MJDEM0057Y”不是有效的统一社会信用代码"}},
		"an interest without a code":       {people(someone("x", func(p *postgres.Person) { p.Interests = []string{"苹果协会"} })), []string{"people[0].interests[0] “x”: “苹果协会”不是有效的统一社会信用代码"}},
		"a person who is the system":       {people(postgres.Person{Actor: domain.Workflow, Token: "x"}), []string{"people[0].id “terrace”: ", "Terrace's own id or role"}},
		"a person with its role":           {with("", "", domain.System), []string{"Terrace's own id or role"}},
		"a person with an unknown role":    {with("", "", domain.Expert, "king"), []string{"people[0].roles[1] “x”: 角色“king”不存在，可填：approver（审批人员）、", "the role \"king\" does not exist; the roles are approver, "}},
		"a person without an id":           {people(someone("", func(*postgres.Person) {})), []string{"people[0].id “”: 缺少编号 / the id is missing"}},
		"a person without roles":           {people(someone("x", func(p *postgres.Person) { p.Roles = nil })), []string{"people[0].roles “x”: 缺少角色，可填：approver（审批人员）、", "[] to revoke all roles"}},
		"a person without a Chinese name":  {people(someone("x", func(p *postgres.Person) { p.Name.ZH = " " })), []string{"people[0].name “x”: 缺少名称", "both zh and en are required"}},
		"a person without an English name": {people(someone("x", func(p *postgres.Person) { p.Name.EN = "" })), []string{"people[0].name “x”: 缺少名称"}},
		"a person with a space in the id":  {people(someone("x y", func(*postgres.Person) {})), []string{"people[0].id “x y”: 编号不能含空格或控制字符 / the id must not contain spaces"}},
		"a place of an unknown level":      {listed(in("620900", 2017, "shire", "620000")), []string{"级别“shire”不存在，可填：province（省级）、", "does not exist; the levels are province, city"}},
		"a place with a wrong code and no name": {
			listed(place.Place{Code: "6209", Vintage: 2017, Level: place.City, Parent: "620000"}),
			[]string{"places[0].code “6209”: 地级地区的代码应为6位数字", "places[0].zh “6209”: 缺少名称"},
		},
		"a place of an older code list": {
			listed(in("620825101", 2022, place.Township, "620825")),
			[]string{"places[0].vintage “620825101”: 已登记的代码年份为2023年，2022年的条目已过时", "the registered vintage is 2023, so this row of 2022 is out of date"},
		},
		"a place of a coming code list": {
			listed(in("620900", time.Now().Year()+2, place.City, "620000")), []string{"places[0].vintage “620900”: 代码年份有误：", "is after next year"},
		},
		"a place with a name of spaces": {
			listed(place.Place{Code: "620900", Vintage: 2017, Level: place.City, Parent: "620000", ZH: " ", EN: "\u3000"}), []string{"places[0].zh “620900”: 缺少名称"},
		},
		"an organization registered in the far future": {
			entry(func(o *postgres.Organization) { o.Registered = calendar.On(2101, 1, 1) }), []string{"organizations[0].registered “51620000MJDEM0057X”: 2101不在1949至2100之间"},
		},
		"a place with a long name": {
			listed(place.Place{Code: "620900", Vintage: 2017, Level: place.City, Parent: "620000", ZH: long, EN: long}),
			[]string{"places[0].zh “620900”: 过长：有201个字符，最多200个 / too long: it has 201 characters, and the limit is 200", "places[0].en “620900”: "},
		},
		"an organization without a name": {entry(func(o *postgres.Organization) { o.Name.EN = "" }), []string{"organizations[0].name “51620000MJDEM0057X”: 缺少名称：中文（zh）和英文（en）均须填写 / a name is missing"}},
		"an organization with a long name": {
			entry(func(o *postgres.Organization) { o.Name = domain.T(long, long) }), []string{"organizations[0].name.zh “51620000MJDEM0057X”: 过长", "organizations[0].name.en “"},
		},
		"an organization without its registration": {
			entry(func(o *postgres.Organization) { o.Registered = calendar.Date{} }), []string{"organizations[0].registered “51620000MJDEM0057X”: 缺少登记日期，申报资格以此为准 / the registration date is missing"},
		},
		"facts that cannot be": {
			entry(func(o *postgres.Organization) {
				o.Registered, o.BannedUntil, o.RatedUntil, o.Staff, o.Rating = calendar.On(1948, 12, 31), calendar.On(3000, 1, 1), calendar.On(1900, 1, 1), -1, 6
			}),
			[]string{
				"organizations[0].registered “51620000MJDEM0057X”: 1948不在1949至2100之间 / 1948 is not between 1949 and 2100", "organizations[0].banned_until “51620000MJDEM0057X”: 3000不在",
				"organizations[0].rated_until “51620000MJDEM0057X”: 1900不在", "organizations[0].staff “51620000MJDEM0057X”: -1不在0至1000000之间", "organizations[0].rating “51620000MJDEM0057X”: 6不在0至5之间",
			},
		},
		"a person with a long id":   {people(someone(strings.Repeat("x", 101), func(*postgres.Person) {})), []string{"people[0].id “xxx", "过长：有101个字符，最多100个"}},
		"a person with a long name": {people(someone("x", func(p *postgres.Person) { p.Name.ZH = long })), []string{"people[0].name.zh “x”: 过长"}},
		"a role twice":              {with("", "", domain.Expert, domain.Expert), []string{"people[0].roles[1] “x”: 与roles[0]重复 / this is a duplicate of roles[0]"}},
		"an interest twice": {
			people(someone("x", func(p *postgres.Person) { p.Interests = []string{"91350100M000100Y43", "91350100M000100Y43"} })), []string{"people[0].interests[1] “x”: 与interests[0]重复"},
		},
		"an empty interest":                      {people(someone("x", func(p *postgres.Person) { p.Interests = []string{""} })), []string{"people[0].interests[0] “x”: “”不是有效的统一社会信用代码"}},
		"a short token":                          {people(holding("x", "secret-12")), []string{"people[0].token “x”: 令牌应为10至200个字母、数字或半角符号，不含空格", "a token has 10 to 200 ASCII letters, digits or symbols"}},
		"a long token":                           {people(holding("x", strings.Repeat("x", 201))), []string{"people[0].token “x”: 令牌应为"}},
		"a token with a space":                   {people(holding("x", "token of somebody")), []string{"people[0].token “x”: 令牌应为"}},
		"a token with a line's end":              {people(holding("x", "token-of-somebody\n")), []string{"people[0].token “x”: 令牌应为"}},
		"a token that not every client can send": {people(holding("x", "某人的令牌某人的令牌某人的令牌")), []string{"people[0].token “x”: 令牌应为"}},
		"a person twice":                         {people(holding("x", ""), holding("x", "")), []string{"people[1].id “x”: 与people[0]重复"}},
		"a token twice":                          {people(holding("x", "t"), holding("y", "t")), []string{"people[1].token “y”: 与people[0]重复"}},
		"the token of another person":            {people(holding("x", "token-of-"+zhuanglang.CountyOfficer)), []string{"people[0].token “x”: 该令牌已属于“county-officer”"}},

		"a person of an unknown place":    {people(of("620825"), of("620826")), []string{"people[1].place “of-620826”: 地区620826未登记", "the place 620826 is not registered"}},
		"a person of a part of a code":    {postgres.Registry{Places: r.demo.Places(), People: []postgres.Person{of("6208")}}, []string{"people[0].place “of-6208”: "}},
		"an officer without an office":    {with("", "", domain.Finance), []string{"people[0].place “x”: 角色“财务人员”须注明地区 / the role finance requires a place"}},
		"an officer in a village":         {with(village, "", domain.Approver), []string{"people[0].roles[0] “x”: 角色“审批人员”属于民政部门，不能设在村"}},
		"a village committee in a county": {with("620825", "", domain.Village), []string{"people[0].roles[0] “x”: 角色“村民委员会”只能设在村，620825不是村"}},
		"an evaluator of nobody":          {with("", "", domain.Evaluator), []string{"people[0].organization “x”: 角色“第三方评估机构”须注明所属组织的统一社会信用代码"}},
		"several faults at once": {
			postgres.Registry{
				Places:        []place.Place{in("620825", 2017, place.City, "620000"), in("620830", 2017, place.County, "620899")},
				Organizations: directory("5162").Organizations,
				People:        []postgres.Person{of("6208"), of("62")},
			},
			[]string{"places[0].level", "places[1].parent", "organizations[0].credit_code", "people[0].place", "people[1].place"},
		},
	}
	for name, test := range tests {
		before := r.counts()
		err := r.Register(t.Context(), test.Registry)
		if _, named := errors.AsType[*postgres.RowError](err); !named {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, says := range test.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v, want %q", name, err, says)
			}
		}
		if after := r.counts(); !maps.Equal(before, after) {
			t.Errorf("%s changes something", name)
		}
	}
}

func TestWhatLooksLikeAContradictionAndIsNoneIsRegistered(t *testing.T) {
	t.Parallel()
	r := open(t)
	name := domain.Text{ZH: "甲", EN: "A"}
	odd := postgres.Organization{Name: name, CodeChecked: true, OrganizationFacts: pilot.OrganizationFacts{CreditCode: "51620000MJDEM0057Y", Registered: calendar.On(1949, 1, 1)}}
	largest := domain.T(strings.Repeat("长", 200), strings.Repeat("x", 200))
	for title, registry := range map[string]postgres.Registry{
		"a county that has moved since": {Places: []place.Place{
			{Code: "620900", Vintage: 2017, Level: place.City, Parent: "620000", ZH: "酒泉市", EN: "Jiuquan"},
			{Code: "620825", Vintage: 2018, Level: place.County, Parent: "620900", ZH: "庄浪县", EN: "Zhuanglang"},
		}},
		"a code that was issued with a wrong digit, and its speaker": {
			Organizations: []postgres.Organization{odd},
			People:        []postgres.Person{{Actor: domain.Actor{ID: "odd", Name: name, Roles: []domain.Role{domain.Applicant}, Organization: odd.CreditCode}}},
		},
		"the most that rows may hold": {
			Places: []place.Place{{Code: "621000", Vintage: time.Now().Year() + 1, Level: place.City, Parent: "620000", ZH: largest.ZH, EN: largest.EN}},
			Organizations: []postgres.Organization{{Name: largest, OrganizationFacts: pilot.OrganizationFacts{
				CreditCode: "51620000MJDEM0057X", Registered: calendar.On(2100, 12, 31), BannedUntil: calendar.On(2999, 12, 31), RatedUntil: calendar.On(2999, 12, 31), Staff: 1_000_000, Rating: 5,
			}}},
			People: []postgres.Person{{Actor: domain.Actor{ID: strings.Repeat("x", 100), Name: largest, Roles: []domain.Role{}}, Token: strings.Repeat("~", 200)}},
		},
		"the shortest token":                        {People: []postgres.Person{{Actor: domain.Actor{ID: "short", Name: name, Roles: []domain.Role{}}, Token: "!234567890"}}},
		"the code of another registrar":             {People: []postgres.Person{{Actor: domain.Actor{ID: "e", Name: name, Roles: []domain.Role{domain.Evaluator}, Organization: "91350100M000100Y43"}}}},
		"an officer of a township":                  {People: []postgres.Person{{Actor: domain.Actor{ID: "t", Name: name, Roles: []domain.Role{domain.CaseOfficer}, Place: "620825101"}}}},
		"somebody whose roles have been taken away": {People: []postgres.Person{{Actor: domain.Actor{ID: "odd", Name: name, Roles: []domain.Role{}}}}},
		"a token that is its person's already":      {People: []postgres.Person{{Actor: r.who[zhuanglang.AuditorPerson], Token: "token-of-" + zhuanglang.AuditorPerson}}},
	} {
		if err := r.Register(t.Context(), registry); err != nil {
			t.Errorf("%s: %v", title, err)
		}
	}
}

// Every command reads from the record who is an expert, even in a process that has judged the pilot from memory before.
func TestAPanelIsOfRegisteredExperts(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.endorsed()
	sixth := domain.Actor{ID: "expert-6", Name: domain.Text{ZH: "评审专家六", EN: "Review expert 6"}, Roles: []domain.Role{domain.Expert}}
	appoint := func() error {
		panel := append(slices.Clone(zhuanglang.Experts[:4]), sixth.ID)
		_, err := r.Execute(t.Context(), r.command(zhuanglang.ProvinceOfficer, "appoint-panel", ref, &pilot.AppointPanel{Experts: panel}))
		return err
	}
	register := func() {
		must(t, r.another().Register(t.Context(), postgres.Registry{People: []postgres.Person{{Actor: sixth}}}))
	}
	refused(t, appoint(), "no-such-expert")
	sixth.Organization = r.demo.Projects[0].Organization.CreditCode
	register()
	refused(t, appoint(), "expert-applies")
	if e, _ := domain.Refused(appoint()); e.Field != "experts[4]" || !strings.HasPrefix(e.What().ZH, "评审专家六（expert-6）是申报组织“"+r.demo.Projects[0].Organization.ZH+"”的人员") {
		t.Errorf("%s: %s", e.Field, e.What().ZH)
	}
	sixth.Organization = ""
	register()
	must(t, appoint())
}

func TestExpertsAreListedInPages(t *testing.T) {
	t.Parallel()
	r := open(t)
	var listed []string
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := r.Experts(t.Context(), cursor, 2)
		must(t, err)
		for _, a := range page.Rows {
			listed = append(listed, a.ID)
		}
		cursor = page.Next
	}
	if !slices.Equal(listed, zhuanglang.Experts) {
		t.Errorf("listed %v", listed)
	}
	for _, cursor := range []string{"x", "e30", "IiI"} {
		_, err := r.Experts(t.Context(), cursor, 2)
		refused(t, err, "bad-cursor")
	}
}

func TestEveryProcessNoticesNewPlaces(t *testing.T) {
	t.Parallel()
	r := open(t)
	other := r.another()
	jingning := place.Place{Code: "620826", Vintage: 2017, Parent: "620800", Level: place.County, ZH: "静宁县", EN: "Jingning"}
	officer := domain.Actor{ID: "jingning-officer", Name: domain.Text{ZH: "静宁", EN: "Jingning"}, Roles: []domain.Role{domain.CaseOfficer}, Place: "620826"}
	draft := r.draft(newPilot())
	draft.Actor = officer
	_, err := other.Execute(t.Context(), draft)
	refused(t, err, "no-office")

	must(t, r.Register(t.Context(), postgres.Registry{Places: []place.Place{jingning}}))
	got, err := other.Execute(t.Context(), draft)
	must(t, err)
	if chain := got.State.(*pilot.Pilot).Chain; !slices.Equal(chain, []string{"620826", "620800", "620000"}) {
		t.Errorf("chain is %v", chain)
	}
	for _, s := range []*postgres.Store{r.Store, other} {
		table, err := s.Places(t.Context())
		must(t, err)
		if _, known := table.Get("620826"); !known {
			t.Error("a process does not know the new place")
		}
	}
}

func TestRegisterRestoresATableOfPlacesThatWasLost(t *testing.T) {
	t.Parallel()
	for lost, want := range map[string]string{
		"delete from place_version": "the only row of the table place_version is missing",
		"delete from place":         "it is empty, and the record names 620000, ",
	} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			other := r.another()
			r.sql(lost)
			_, err := r.another().Places(t.Context())
			if _, broken := errors.AsType[*postgres.PlacesError](err); !broken || !strings.Contains(err.Error(), want) || !strings.Contains(postgres.Advice(err), "terrace register") {
				t.Errorf("it says %v, and what to do: %q", err, postgres.Advice(err))
			}
			must(t, r.another().Register(t.Context(), postgres.Registry{Places: r.demo.Places()}))
			_, err = other.Execute(t.Context(), r.draft(newPilot()))
			must(t, err)
			if found := r.differences(); len(found) > 0 {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestTheDirectoryAnswersForEveryCode(t *testing.T) {
	t.Parallel()
	r := open(t)
	known := r.demo.Organizations()[0]
	row := postgres.Organization{Name: domain.T("甲", "A"), OrganizationFacts: known}
	row.Known = false // an organization is known once it is registered, whatever the row says
	must(t, r.Register(t.Context(), postgres.Registry{Organizations: []postgres.Organization{row}}))
	known.Name = row.Name
	facts, err := r.OrganizationFacts(t.Context(), []string{"nobody", known.CreditCode})
	must(t, err)
	if len(facts) != 2 || facts[0] != (pilot.OrganizationFacts{CreditCode: "nobody"}) || facts[1] != known {
		t.Errorf("facts are %+v", facts)
	}
}

func TestOpenAggregatesAreListedInOrder(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, _, paymentRef := r.inPayment()
	r.do(zhuanglang.CountyOfficer, "withdraw", r.drafted(), &pilot.Withdraw{Reason: "已了结的不列"})
	var listed []flow.Ref
	after := flow.Ref{}
	for {
		page, err := r.OpenAggregates(t.Context(), after, 2)
		must(t, err)
		if len(page) == 0 {
			break
		}
		for _, news := range page {
			listed = append(listed, news.Progress.Aggregate)
		}
		after = listed[len(listed)-1]
	}
	kinds := []flow.Kind{}
	for _, ref := range listed {
		kinds = append(kinds, ref.Kind)
	}
	if !slices.Equal(kinds, []flow.Kind{payment.Kind, pilot.Kind, project.Kind}) || listed[0] != paymentRef {
		t.Errorf("listed %v", listed)
	}
}
