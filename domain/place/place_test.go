package place_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"terrace/domain/place"
)

var (
	gansu      = place.Place{Code: "620000", Vintage: 2023, Level: place.Province, ZH: "甘肃省", EN: "Gansu"}
	pingliang  = place.Place{Code: "620800", Vintage: 2023, Parent: "620000", Level: place.City, ZH: "平凉市", EN: "Pingliang"}
	zhuanglang = place.Place{Code: "620825", Vintage: 2023, Parent: "620800", Level: place.County, ZH: "庄浪县", EN: "Zhuanglang"}
	wanquan    = place.Place{Code: "620825103", Vintage: 2023, Parent: "620825", Level: place.Township, ZH: "万泉镇", EN: "Wanquan"}
	xucheng    = place.Place{Code: "620825103216", Vintage: 2023, Parent: "620825103", Level: place.Village, ZH: "徐城村", EN: "Xucheng"}

	// Xiantao is a county-level city directly under its province.
	hubei   = place.Place{Code: "420000", Vintage: 2023, Level: place.Province, ZH: "湖北省", EN: "Hubei"}
	xiantao = place.Place{Code: "429004", Vintage: 2023, Parent: "420000", Level: place.County, ZH: "仙桃市", EN: "Xiantao"}

	// moved has the digits of a township in Zhuanglang but lies elsewhere.
	moved = place.Place{Code: "620825999", Vintage: 2023, Parent: "429004", Level: place.Township, ZH: "示例镇", EN: "Example"}

	known = []place.Place{xucheng, wanquan, zhuanglang, pingliang, gansu, hubei, xiantao, moved}
)

func table(t *testing.T) *place.Table {
	t.Helper()
	made, err := place.New(known)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestGet(t *testing.T) {
	t.Parallel()
	if got, ok := table(t).Get("620825"); !ok || got != zhuanglang {
		t.Errorf("got %v, %t", got, ok)
	}
	if got, ok := table(t).Get("110000"); ok {
		t.Errorf("found %v", got)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		place, ancestor place.Code
		want            bool
	}{
		"a county is within itself":               {"620825", "620825", true},
		"a village is within its county":          {"620825103216", "620825", true},
		"a village is within its province":        {"620825103216", "620000", true},
		"a province is not within its county":     {"620000", "620825", false},
		"a county is not within another province": {"620825", "420000", false},
		"equal digits do not place a code within": {"620825999", "620825", false},
		"the parent does":                         {"620825999", "420000", true},
		"an unknown place is within nothing":      {"620825104", "620825", false},
		"an unknown place is not within itself":   {"110000", "110000", false},
		"no place lies above a province":          {"620000", "", false},
		"part of a code is not a place":           {"620825", "62", false},
		"the empty code is not within a province": {"", "620000", false},
		"the empty code is not within itself":     {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := table(t).Within(tc.place, tc.ancestor); got != tc.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestChain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		place  place.Code
		levels []place.Level
		want   []place.Code
	}{
		"the offices above a village, nearest first": {
			"620825103216", []place.Level{place.County, place.City, place.Province}, []place.Code{"620825", "620800", "620000"},
		},
		"the order of the levels does not matter": {
			"620825103216", []place.Level{place.Province, place.County}, []place.Code{"620825", "620000"},
		},
		"all levels when none is named": {
			"620825103216", nil, []place.Code{"620825103216", "620825103", "620825", "620800", "620000"},
		},
		"a county begins with itself":             {"620825", []place.Level{place.County, place.City}, []place.Code{"620825", "620800"}},
		"a county under its province has no city": {"429004", []place.Level{place.County, place.City, place.Province}, []place.Code{"429004", "420000"}},
		"parents count, not digits":               {"620825999", nil, []place.Code{"620825999", "429004", "420000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := table(t).Chain(tc.place, tc.levels...); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("got %v, %v; want %v", got, err, tc.want)
			}
		})
	}
}

func TestAnUnknownPlaceHasNoChain(t *testing.T) {
	t.Parallel()
	if chain, err := table(t).Chain("620825104", place.County); err == nil || chain != nil {
		t.Errorf("got %v, %v", chain, err)
	}
}

func TestBadTablesAreRefused(t *testing.T) {
	t.Parallel()
	with := func(p place.Place, change func(*place.Place)) place.Place {
		change(&p)
		return p
	}
	for name, tc := range map[string]struct {
		places []place.Place
		says   string
	}{
		"an unknown parent": {[]place.Place{gansu, zhuanglang}, "the parent 620800 is not registered"},
		"a place twice":     {[]place.Place{gansu, gansu}, "more than once"},
		"a place that is its own parent": {
			[]place.Place{with(gansu, func(p *place.Place) { p.Parent = p.Code })}, "does not rank above",
		},
		"two places in a circle": {
			[]place.Place{
				with(pingliang, func(p *place.Place) { p.Parent = zhuanglang.Code }), zhuanglang,
			}, "does not rank above",
		},
		"a city in a county": {
			[]place.Place{hubei, xiantao, with(pingliang, func(p *place.Place) { p.Parent = xiantao.Code })}, "does not rank above",
		},
		"a county in a county": {
			[]place.Place{hubei, xiantao, with(zhuanglang, func(p *place.Place) { p.Parent = xiantao.Code })}, "does not rank above",
		},
		"a county that lies nowhere":   {[]place.Place{with(zhuanglang, func(p *place.Place) { p.Parent = "" })}, "must have a parent"},
		"an unknown level":             {[]place.Place{with(gansu, func(p *place.Place) { p.Level = "state" })}, "level \"state\" does not exist"},
		"a township code of 6 digits":  {[]place.Place{gansu, with(wanquan, func(p *place.Place) { p.Code, p.Parent = "620801", "620000" })}, "must have 9 digits"},
		"a province code of 12 digits": {[]place.Place{with(gansu, func(p *place.Place) { p.Code = "620000000000" })}, "must have 6 digits"},
		"a code with a letter":         {[]place.Place{with(gansu, func(p *place.Place) { p.Code = "62000A" })}, "must have 6 digits"},
		"a letter inside the code":     {[]place.Place{with(gansu, func(p *place.Place) { p.Code = "62A000" })}, "must have 6 digits"},
		"a code without a vintage":     {[]place.Place{with(gansu, func(p *place.Place) { p.Vintage = 0 })}, "no code list"},
		"a missing Chinese name":       {[]place.Place{with(gansu, func(p *place.Place) { p.ZH = "" })}, "a name is missing"},
		"a missing English name":       {[]place.Place{with(gansu, func(p *place.Place) { p.EN = "" })}, "a name is missing"},
		"a name of spaces":             {[]place.Place{with(gansu, func(p *place.Place) { p.ZH = " \u3000" })}, "a name is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := place.New(tc.places)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want a word of %q", err, tc.says)
			}
		})
	}
}

func TestACodeSaysWhereItsPlaceLies(t *testing.T) {
	t.Parallel()
	in := func(vintage int, parent place.Code) []place.Place {
		p := wanquan
		p.Parent, p.Vintage = parent, vintage
		return []place.Place{gansu, pingliang, zhuanglang, hubei, xiantao, p}
	}
	as := func(p place.Place, level place.Level, parent place.Code) []place.Place {
		p.Level, p.Parent = level, parent
		return []place.Place{gansu, p}
	}
	without := slices.DeleteFunc(in(2023, "620800"), func(p place.Place) bool { return p.Code == zhuanglang.Code })
	for name, tc := range map[string]struct {
		places []place.Place
		says   string // part of the expected error; empty if the table is valid
	}{
		"a township of its county":                            {in(2023, "620825"), ""},
		"a township outside its county":                       {in(2023, "620800"), "place 620825103: the code does not match the parent 620800: in the code list of 2023, this place belongs to 620825"},
		"a township that moved within its province later":     {in(2024, "620800"), ""},
		"a township whose county is not registered":           {without, ""},
		"a township of another province":                      {in(2023, "429004"), "place 620825103: the code does not match the parent 429004"},
		"a township of another province in a later code list": {in(2024, "429004"), "place 620825103: the code does not match the parent 429004: codes beginning with 62"},
		"a county directly under its province, and no parent": {[]place.Place{hubei, xiantao}, ""},
		"a county that skips its city":                        {[]place.Place{gansu, pingliang, as(zhuanglang, place.County, "620000")[1]}, "belongs to 620800"},
		"a county's code for a city":                          {as(zhuanglang, place.City, "620000"), "place 620825: this place is registered as a city, but its code is that of a county"},
		"a city's code for a county":                          {as(pingliang, place.County, "620000"), "is that of a city"},
		"a province's code for a city":                        {as(hubei, place.City, "620000"), "is that of a province"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := place.New(tc.places)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range tc.places {
				err = errors.Join(err, made.CheckCode(p.Code))
			}
			var refused *place.Error
			if (tc.says == "") != (err == nil) || tc.says != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("got %v, want %q", err, tc.says)
			}
		})
	}
}

func TestEveryFindingIsNamed(t *testing.T) {
	t.Parallel()
	_, err := place.New([]place.Place{zhuanglang, xiantao})
	for _, code := range []string{"620800", "420000"} {
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s is missing in %v", code, err)
		}
	}
}

// anyTable draws a tree of places whose codes do not show where they lie.
func anyTable(t *rapid.T) []place.Place {
	order := []place.Level{place.Province, place.City, place.County, place.Township, place.Village}
	digits := []int{6, 6, 6, 9, 12}
	places := []place.Place{{Code: "100000", Vintage: 2023, Level: place.Province, ZH: "省", EN: "Province"}}
	rank := map[place.Code]int{"100000": 0}
	for i := range rapid.IntRange(1, 30).Draw(t, "places") {
		parent := rapid.SampledFrom(places).Draw(t, "parent")
		if rank[parent.Code] == len(order)-1 {
			continue
		}
		r := rapid.IntRange(rank[parent.Code]+1, len(order)-1).Draw(t, "rank")
		p := place.Place{
			Code: place.Code(fmt.Sprintf("%0*d", digits[r], i)), Vintage: 2023,
			Parent: parent.Code, Level: order[r], ZH: "地", EN: "Place",
		}
		places, rank[p.Code] = append(places, p), r
	}
	return places
}

func TestAChainRisesThroughParentsToAProvince(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		places := anyTable(t)
		made, err := place.New(places)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places {
			chain, err := made.Chain(p.Code)
			if err != nil {
				t.Fatal(err)
			}
			for i, code := range chain {
				here, _ := made.Get(code)
				last := i == len(chain)-1
				if last != (here.Parent == "") || (!last && here.Parent != chain[i+1]) || !made.Within(p.Code, code) {
					t.Fatalf("chain of %s: %v", p.Code, chain)
				}
				if i > 0 && made.Within(code, p.Code) {
					t.Fatalf("%s lies within its own descendant %s", code, p.Code)
				}
			}
		}
	})
}

func TestAnUnknownLevelIsOneFault(t *testing.T) {
	t.Parallel()
	_, err := place.New([]place.Place{
		{Code: "620000", Vintage: 2017, Level: place.Province, ZH: "甘肃省", EN: "Gansu"},
		{Code: "620825101", Vintage: 2017, Level: "town", Parent: "620000", ZH: "南湖镇", EN: "Nanhu"},
	})
	if err == nil || !strings.Contains(err.Error(), "the level \"town\" does not exist") || strings.Contains(err.Error(), "does not rank above") {
		t.Error(err)
	}
}
