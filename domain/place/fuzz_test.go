package place_test

import (
	"encoding/json"
	"testing"

	"terrace/domain/place"
)

// FuzzNew builds tables of places. In a valid table, every place lies within itself and within its parents, and nothing lies above a
// province.
func FuzzNew(f *testing.F) {
	for _, seed := range []string{
		`[{"code":"620000","vintage":2017,"level":"province","zh":"甘肃省","en":"Gansu"},{"code":"620825","vintage":2017,"parent":"620000","level":"county","zh":"庄浪县","en":"Zhuanglang"}]`,
		`[{"code":"620000","vintage":2017,"level":"province","zh":"甘","en":"G"},{"code":"620000","vintage":2018,"level":"province","zh":"甘","en":"G"}]`,
		`[{"code":"620825","vintage":2017,"parent":"620825","level":"county","zh":"庄","en":"Z"}]`,
		`[{"code":"620800","vintage":2017,"parent":"620825","level":"city","zh":"a","en":"a"},{"code":"620825","vintage":2017,"parent":"620800","level":"county","zh":"b","en":"b"}]`,
		`[{"code":"62082A","vintage":1,"level":"planet"}]`, `[]`, `[null]`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var places []place.Place
		if json.Unmarshal(text, &places) != nil {
			return
		}
		table, err := place.New(places)
		if err != nil {
			for _, p := range places {
				_ = table.CheckCode(p.Code) // must not panic, whatever it returns
			}
			return
		}
		for _, p := range places {
			_ = table.CheckCode(p.Code) // must not panic, whatever it returns
			chain, err := table.Chain(p.Code)
			if err != nil || len(chain) == 0 || len(chain) > 5 || chain[0] != p.Code || !table.Within(p.Code, p.Code) {
				t.Fatalf("the chain of %s is %v: %v", p.Code, chain, err)
			}
			if p.Parent != "" && (!table.Within(p.Code, p.Parent) || table.Within(p.Parent, p.Code)) {
				t.Fatalf("%s and its parent %s", p.Code, p.Parent)
			}
			if top, _ := table.Get(chain[len(chain)-1]); top.Level != place.Province {
				t.Fatalf("%s lies in no province but in %s", p.Code, top.Code)
			}
		}
	})
}
