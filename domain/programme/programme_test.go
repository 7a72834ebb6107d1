package programme_test

import (
	"encoding/json"
	"strings"
	"testing"

	"terrace/domain/money"
	"terrace/domain/programme"
	"terrace/programmes"
)

func zhuanglang(t *testing.T) *programme.Programme {
	t.Helper()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find("zhuanglang-2017", 1)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again := &programme.Programme{}
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestAProgrammeIsRefusedForWhatIsMissingOrContradictsItself(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*programme.Programme)
		want  string // part of the expected finding; empty if there is none
	}{
		"the built-in programme has no findings": {func(*programme.Programme) {}, ""},
		"a deadline has a valid length": {func(p *programme.Programme) {
			p.Terms["notice"] = programme.Term{Days: -1, Unit: "working", Source: "x"}
		}, "terms.notice"},
		"the call comes before the mid-term":         {func(p *programme.Programme) { p.Call.Value = p.RolloutEnds.Value }, "follow each other"},
		"the tranches make the whole":                {func(p *programme.Programme) { p.Tranches[0].Permille = 500 }, "900 permille"},
		"the first tranche begins the work":          {func(p *programme.Programme) { p.Tranches[0].MidTerm = true }, "first tranche"},
		"the last tranche depends on the settlement": {func(p *programme.Programme) { p.Tranches[2].Settled = false }, "last tranche"},
		"only the last tranche depends on it":        {func(p *programme.Programme) { p.Tranches[1].Final = true }, "only the last"},
		"the weights make a hundred":                 {func(p *programme.Programme) { p.Weights[0].Full = 11 }, "101"},
		"the grades begin at zero":                   {func(p *programme.Programme) { p.Grades[3].From = 1 }, "lowest from 0"},
		"the grades are in order, best first":        {func(p *programme.Programme) { p.Grades[0].From = 70 }, "best first"},
		"every rule names its source":                {func(p *programme.Programme) { p.Panel.MinSize.Source = "" }, "panel.min_size names no source"},
		"an office endorses at every level":          {func(p *programme.Programme) { p.Chain.Value[0] = "village" }, "no office endorses"},
		"a kind of spending appears once":            {func(p *programme.Programme) { p.Spending[1].Key = p.Spending[0].Key }, "twice"},
		"a panel has a quorum":                       {func(p *programme.Programme) { p.Panel.QuorumThird.Value = 4 }, "quorum_third"},
		"the fund holds money":                       {func(p *programme.Programme) { p.Fund.TotalFen.Value = 0 }, "total_fen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := zhuanglang(t)
			test.spoil(p)
			err := p.Validate()
			if (test.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("finding %v, want %q", err, test.want)
			}
		})
	}
}

func TestATermThatAFileDoesNotSetHasItsDefault(t *testing.T) {
	t.Parallel()
	defaults := map[programme.TermKey]programme.Term{
		"notice": {Days: 7, Unit: "working", Source: programme.Default}, "later": {Days: 2, Unit: "month", Source: programme.Default},
	}
	p := &programme.Programme{Terms: map[programme.TermKey]programme.Term{"notice": {Days: 9, Unit: "calendar", Source: "x"}}}
	if err := p.Complete(defaults); err != nil {
		t.Fatalf("a file from before a term existed: %v", err)
	}
	if p.Terms["notice"].Days != 9 || p.Terms["later"] != defaults["later"] {
		t.Errorf("completed to %v", p.Terms)
	}
	p.Terms["noise"] = p.Terms["notice"]
	if err := p.Complete(defaults); err == nil || !strings.Contains(err.Error(), "terms.noise") {
		t.Errorf("a deadline that nobody counts by: %v", err)
	}
}

// The expected amounts of the tranches come from the demonstration's data.
func TestAGrantSplitsIntoTranchesThatAddUp(t *testing.T) {
	t.Parallel()
	p := zhuanglang(t)
	for grant, want := range map[money.Fen][3]money.Fen{
		21000000: {12600000, 6300000, 2100000},
		17000000: {10200000, 5100000, 1700000},
		1:        {0, 0, 1},
		999:      {599, 299, 101},
	} {
		if got := p.Split(grant); [3]money.Fen(got) != want {
			t.Errorf("%d fen split into %v, want %v", grant, got, want)
		}
	}
}

func TestGradesOfScores(t *testing.T) {
	t.Parallel()
	p := zhuanglang(t)
	for score, want := range map[int]string{100: "excellent", 90: "excellent", 89: "good", 80: "good", 79: "fair", 60: "fair", 59: "poor", 0: "poor"} {
		if got := p.Grade(score).Key; got != want {
			t.Errorf("%d is %s, want %s", score, got, want)
		}
	}
}
