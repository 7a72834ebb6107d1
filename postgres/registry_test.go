package postgres_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
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
	for range 2 { // the second answer may come from the cache
		got, err := r.ActorByToken(t.Context(), "token of "+want.ID)
		must(t, err)
		if got.ID != want.ID || got.Name != want.Name || !slices.Equal(got.Roles, want.Roles) || got.Place != want.Place {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, token := range []string{"", "token of nobody", "Token of " + want.ID} {
		_, err := r.ActorByToken(t.Context(), token)
		refused(t, err, "unauthenticated")
	}
	if one[bool](r, "select exists (select from token t where t::text like '%token of%')") {
		t.Error("a token is stored in plain text")
	}
	for id, want := range map[string]bool{want.ID: true, "nobody": false} {
		if got, err := r.HasToken(t.Context(), id); got != want || err != nil {
			t.Errorf("%s has a token: %v, %v", id, got, err)
		}
	}
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
	got, err := r.another().ActorByToken(t.Context(), "token of "+promoted.ID)
	must(t, err)
	if !slices.Equal(got.Roles, promoted.Roles) {
		t.Errorf("roles are %v", got.Roles)
	}
}

func TestAnInconsistentRegistryChangesNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	somebody := domain.Actor{ID: "somebody", Name: domain.Text{ZH: "某人", EN: "somebody"}}
	village := place.Place{Code: "110101001001", Vintage: 2023, Level: place.Village, Parent: "110101001", ZH: "甲", EN: "A"}
	in := func(code string) postgres.Person {
		return postgres.Person{Actor: domain.Actor{ID: "of-" + code, Name: somebody.Name, Place: code}}
	}
	elsewhere := place.Place{Code: "110101", Vintage: 2017, Level: place.County, Parent: "620000", ZH: "甲", EN: "A"}
	tests := map[string]struct {
		postgres.Registry
		says string
	}{
		"a village whose township is unknown": {postgres.Registry{Places: []place.Place{village}}, "place 110101001001 has the unknown parent 110101001"},
		"a county of another province":        {postgres.Registry{Places: []place.Place{elsewhere}}, "place 110101 contradicts its parent 620000"},
		"a person who is the system":          {postgres.Registry{People: []postgres.Person{{Actor: domain.Workflow, Token: "x"}}}, "is Terrace itself"},
		"a person with the system's role":     {postgres.Registry{People: []postgres.Person{{Actor: domain.Actor{ID: "x", Name: somebody.Name, Roles: []domain.Role{domain.System}}}}}, "is Terrace itself"},
		"a person with an unknown role":       {postgres.Registry{People: []postgres.Person{{Actor: somebody}, {Actor: domain.Actor{ID: "y", Name: somebody.Name, Roles: []domain.Role{"king"}}}}}, `person "y" has the unknown role "king"`},
		"a person without an id":              {postgres.Registry{People: []postgres.Person{{Actor: domain.Actor{Name: somebody.Name}}}}, "needs an id"},
		"a person of an unknown place":        {postgres.Registry{People: []postgres.Person{in("620825"), in("620826")}}, `person "of-620826" is of the place 620826, which is not registered`},
		"a person of a part of a code":        {postgres.Registry{Places: r.demo.Places(), People: []postgres.Person{in("6208")}}, "place 6208, which is not registered"},
	}
	for name, test := range tests {
		before := r.counts()
		err := r.Register(t.Context(), test.Registry)
		var person *postgres.PersonError
		var area *place.Error
		if !errors.As(err, &person) && !errors.As(err, &area) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %q", name, err, test.says)
		}
		if after := r.counts(); !maps.Equal(before, after) {
			t.Errorf("%s changes something", name)
		}
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

func TestTheDirectoryAnswersForEveryCode(t *testing.T) {
	t.Parallel()
	r := open(t)
	known := r.demo.Organizations()[0]
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
