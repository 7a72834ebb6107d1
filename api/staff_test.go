package api_test

import (
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/payment"
	"terrace/postgres"
)

// A turn says that nobody is registered who could act, until somebody is.
func TestATurnThatWaitsForNobodySaysSo(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, _, ref := d.paying()
	says := func(when string, want bool) {
		t.Helper()
		ok(d.store.WriteTurns(t.Context()))(t)
		var page struct {
			Progress struct {
				Turns []struct{ Unstaffed domain.Text }
			}
		}
		d.get(zhuanglang.AuditorPerson, "/v1/payments/"+ref.ID, &page)
		var list struct {
			Items []struct{ Unstaffed domain.Text }
		}
		d.get(zhuanglang.AuditorPerson, "/v1/turns?whose=others&kind=payment", &list)
		if on, in := page.Progress.Turns, list.Items; len(on) != 1 || len(in) != 1 || on[0] != in[0] || (on[0].Unstaffed.ZH != "") != want || (on[0].Unstaffed.EN != "") != want {
			t.Errorf("%s: the page says %+v, the list %+v", when, on, in)
		}
		vacant := ok(d.store.Vacancies(t.Context()))(t)
		if got := slices.Contains(vacant, "approver of office/620825 or finance of office/620825"); got != want {
			t.Errorf("%s: vacant are %q", when, vacant)
		}
	}
	register := func(ids []string, roles func(domain.Actor) []domain.Role) {
		t.Helper()
		var people []postgres.Person
		for _, id := range ids {
			a := d.people[id]
			a.Roles = roles(a)
			people = append(people, postgres.Person{Actor: a})
		}
		must(t, d.store.Register(t.Context(), postgres.Registry{People: people}))
	}
	var releasing []string
	for id, a := range d.people {
		if a.Place == "620825" && (a.Has(domain.Finance) || a.Has(domain.Approver)) {
			releasing = append(releasing, id)
		}
	}
	own := func(a domain.Actor) []domain.Role { return d.people[a.ID].Roles }
	says("with officers", false)
	register(releasing, func(domain.Actor) []domain.Role { return []domain.Role{} })
	says("without officers", true)
	register([]string{finance}, own)
	says("with one officer", false)
	d.do(finance, "release", ref, &payment.ReleasePayment{})
	says("once the only officer has released it", true)
	register(slices.DeleteFunc(releasing, func(id string) bool { return id == finance }), own)
	says("with a second officer", false)
}
