package reading

import (
	"slices"
	"testing"
	"time"

	"terrace/bench/stack"
	"terrace/bench/stack/stacktest"
	"terrace/domain/creditcode"
	"terrace/domain/place"
)

var s *stack.Stack

func TestMain(m *testing.M) { stacktest.Main(m, &s) }

// One county is enough, because its copies are verified like those in any other.
func TestARecordOfCopiesIsVerified(t *testing.T) {
	t.Parallel()
	folder, all := t.TempDir(), starts(time.Now())
	rules, err := rulesOf(all, folder)
	if err != nil {
		t.Fatal(err)
	}
	moulds, err := decideModels(t.Context(), s, all, rules)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fillShelf(t.Context(), s, 1, moulds, rules, folder, t.Logf); err != nil {
		t.Error(err)
	}
}

func TestEveryCodeHasItsCheckDigits(t *testing.T) {
	t.Parallel()
	for c := range county(300) {
		for _, code := range []string{c.organization(0), c.organization(69), c.evaluator()} {
			if got := creditcode.Check(code); got != creditcode.Valid {
				t.Fatalf("%s is %v", code, got)
			}
		}
	}
}

func TestThePlacesHoldTogether(t *testing.T) {
	t.Parallel()
	for _, counties := range []int{1, 28, 278, 2778} {
		table, err := place.New(places(counties))
		if err != nil {
			t.Fatal(err)
		}
		last := county(counties - 1)
		if !table.Within(place.Code(last.village(29)), place.Code(last.province())) {
			t.Errorf("of %d counties, the last village is not in its province", counties)
		}
	}
}

func TestAnOrganizationAppliesOncePerProgramme(t *testing.T) {
	t.Parallel()
	r := &record{counties: 28}
	for _, s := range starts(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
		r.moulds = append(r.moulds, &mould{start: s, created: s.call.At(9, 0)})
	}
	seen, ids := map[string]bool{}, map[string]bool{}
	for n := range r.size() {
		c := r.copy(n)
		c.named()
		if id := string(c.names[0]); ids[id] {
			t.Fatalf("two pilots have the id %s", id)
		} else {
			ids[id] = true
		}
		for i := range proposals {
			key := c.programme() + " " + string(c.names[8+9*i])
			if seen[key] {
				t.Fatalf("twice: %s", key)
			}
			seen[key] = true
		}
	}
	if len(ids) != 28*perCounty+28*perCounty/onNotice {
		t.Errorf("%d pilots", len(ids))
	}
}

func TestATextIsFoundByPairsAndWords(t *testing.T) {
	t.Parallel()
	got := wordsOf("庄浪县 韩店镇 | p-2020-1 water | 村 | 庄浪")
	if want := []string{"1", "2020", "p", "water", "庄浪", "店镇", "浪县", "韩店"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestATextIsSplitAtItsLongestNames(t *testing.T) {
	t.Parallel()
	names := []string{"990101", "51990101X", "id"}
	copied := fill(nil, pieces(`{"id":"id.1","county":"990101","code":"51990101X"}`, names), [][]byte{[]byte("11"), []byte("22"), []byte("33")})
	if want := `{"33":"33.1","county":"11","code":"22"}`; string(copied) != want {
		t.Errorf("%s, want %s", copied, want)
	}
}
