package rules

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"terrace/domain"
	"terrace/domain/pilot"
)

func book(t *testing.T) Book {
	t.Helper()
	b, err := Read("..")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryRuleIsKeptAndProven(t *testing.T) {
	t.Parallel()
	for _, gap := range book(t).Gaps() {
		t.Error(gap)
	}
}

func TestThePagesAreAsTheCodeIs(t *testing.T) {
	t.Parallel()
	pages, err := book(t).Pages()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join("..", "docs", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if string(got) != want {
			t.Errorf("docs/%s is not what the code says; “go generate ./rules” writes it", name)
		}
	}
}

// The guard itself: a book that lacks something is found out.
func TestEveryKindOfGapIsFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(b *Book, r *Rule) // r is the rule of the notice's last day
		want  string
	}{
		"a rule without code":                        {func(_ *Book, r *Rule) { r.Code = nil }, "rule notice-last-day: no code keeps it"},
		"a rule without a test":                      {func(_ *Book, r *Rule) { r.Tests = nil }, "rule notice-last-day: no test proves it"},
		"code that is gone":                          {func(_ *Book, r *Rule) { r.Code = []string{"(*Object).chek"} }, "declares no (*Object).chek"},
		"code of another package that is gone":       {func(_ *Book, r *Rule) { r.Code = []string{"domain/calendar.Weekday"} }, "package domain/calendar declares no Weekday"},
		"a package that is gone":                     {func(_ *Book, r *Rule) { r.Code = []string{"ledger.Balance"} }, "no Go package in /ledger"},
		"a test that is gone":                        {func(_ *Book, r *Rule) { r.Tests = []string{"TestNotices"} }, "declares no TestNotices"},
		"a case that is gone":                        {func(_ *Book, r *Rule) { r.Tests = []string{"TestRules/the last hour"} }, `TestRules has no case "the last hour"`},
		"something that is not a test":               {func(_ *Book, r *Rule) { r.Tests = []string{"inTime"} }, "names no test"},
		"a test that does not expect the refusal":    {func(_ *Book, r *Rule) { r.Codes = codes("over-fund") }, `none of its tests expects the refusal "over-fund"`},
		"a refusal that does not exist":              {func(_ *Book, r *Rule) { r.Codes = codes("too-rude") }, `there is no refusal "too-rude"`},
		"a value no programme has":                   {func(_ *Book, r *Rule) { r.Values = []string{"terms.picnic"} }, `no programme has the value "terms.picnic"`},
		"a step the lifecycle does not have":         {func(_ *Book, r *Rule) { r.Waits = append(r.Waits, "notice/sing") }, `the lifecycle has no step "notice/sing"`},
		"a rule without a source":                    {func(_ *Book, r *Rule) { r.Values = nil }, "names neither a programme's value nor a source"},
		"a rule in one language":                     {func(_ *Book, r *Rule) { r.Text.ZH = "" }, "wants its sentence in both languages"},
		"a rule of no row":                           {func(_ *Book, r *Rule) { r.Row = 16 }, "wants a kebab-case id and a row"},
		"an id that is no anchor":                    {func(_ *Book, r *Rule) { r.ID = "Last Day" }, "wants a kebab-case id and a row"},
		"an id that stands twice":                    {func(_ *Book, r *Rule) { r.ID = "notice-runs" }, "rule notice-runs stands twice"},
		"a number of a programme without a rule":     {func(b *Book, _ *Rule) { b.silence("retention") }, "no rule speaks of the value retention_years"},
		"a refusal without a rule":                   {func(b *Book, _ *Rule) { b.Codes = map[domain.Code]domain.Meaning{"too-rude": {}} }, "no rule speaks of the refusal too-rude"},
		"a step of the lifecycle without a rule":     {func(_ *Book, r *Rule) { r.Waits = nil }, "no rule speaks of the lifecycle's step notice/object"},
		"a hard due day whose passing has no rule":   {func(b *Book, _ *Rule) { b.Waits = []pilot.Wait{{Key: "exam", Hard: true}} }, "no rule speaks of the lifecycle's step exam/lapse"},
		"an exit that was added and has no rule yet": {func(b *Book, _ *Rule) { b.Waits = []pilot.Wait{{Key: "exam", Exits: []pilot.Exit{{Command: "sit"}}}} }, "no rule speaks of the lifecycle's step exam/sit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := book(t)
			b.Rules = slices.Clone(b.Rules)
			i := slices.IndexFunc(b.Rules, func(r Rule) bool { return r.ID == "notice-last-day" })
			test.spoil(&b, &b.Rules[i])
			if gaps := b.Gaps(); !slices.ContainsFunc(gaps, func(gap string) bool { return strings.Contains(gap, test.want) }) {
				t.Errorf("found %q, want %q", gaps, test.want)
			}
		})
	}
}

// silence takes a rule's values away.
func (b *Book) silence(id string) {
	for i := range b.Rules {
		if b.Rules[i].ID == id {
			b.Rules[i].Values = nil
		}
	}
}

// A kind of project is covered by its group; one of another group is not.
func TestAGroupOfValuesIsCoveredByItsName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, key string
		want         bool
	}{
		{"kinds.*", "kinds.B.cap_fen", true},
		{"terms.notice", "terms.notice", true},
		{"terms.notice", "terms.notice-again", false},
		{"kinds.*", "spending.admin", false},
	} {
		if got := matches(test.pattern, test.key); got != test.want {
			t.Errorf("%s covers %s: %t", test.pattern, test.key, got)
		}
	}
}

func TestTheDiagramsShowTheDeclaredLifecycle(t *testing.T) {
	t.Parallel()
	for _, a := range aggregates {
		for _, w := range pilot.Waits {
			if w.Aggregate != a.kind {
				continue
			}
			for _, e := range w.Exits {
				for _, lead := range e.Leads {
					if !slices.ContainsFunc(a.steps, func(s transition) bool { return s.by == e.Command && s.to == lead && slices.Contains(w.Stages, s.from) }) {
						t.Errorf("%s leads from %v to %s, which no arrow shows", e.Command, w.Stages, lead)
					}
				}
			}
			if w.Hard && !slices.ContainsFunc(a.steps, func(s transition) bool { return s.by == string(w.Key)+"/lapse" }) {
				t.Errorf("no arrow shows where %s leads when its day passes", w.Key)
			}
		}
		for _, s := range a.steps {
			if !declared(a.kind, s) {
				t.Errorf("nothing declared leads from %s to %s by %s", s.from, s.to, s.by)
			}
		}
	}
}

// declared tells that a command creates, or that a wait open in the stage has the exit or the hard due day.
func declared(kind pilot.Kind, s transition) bool {
	if s.from == "" {
		d := pilot.Find(kind, s.by)
		return d != nil && d.Creates
	}
	return slices.ContainsFunc(pilot.Waits, func(w pilot.Wait) bool {
		if w.Aggregate != kind || !slices.Contains(w.Stages, s.from) {
			return false
		}
		return w.Hard && s.by == string(w.Key)+"/lapse" ||
			slices.ContainsFunc(w.Exits, func(e pilot.Exit) bool { return e.Command == s.by && slices.Contains(e.Leads, s.to) })
	})
}

func TestTheLedgerPageShowsEveryEventThatMovesMoney(t *testing.T) {
	t.Parallel()
	postings, err := book(t).Source.find(home, "Postings")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, s := range samples() {
		shown[pilotEvent(s.event)] = true
	}
	ast.Inspect(postings, func(n ast.Node) bool {
		if of, ok := n.(*ast.CaseClause); ok {
			for _, e := range of.List {
				if star, ok := e.(*ast.StarExpr); ok {
					if name, ok := star.X.(*ast.Ident); ok && !shown[name.Name] {
						t.Errorf("%s moves money, and docs/ledger.md does not show it", name.Name)
					}
				}
			}
		}
		return true
	})
	if len(shown) < 10 {
		t.Errorf("%d events shown", len(shown))
	}
}

func TestTheLedgerPageListsEveryAccount(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range samples() {
		for _, p := range pilot.Postings(s.state, s.event) {
			used[p.Credit.Name], used[p.Debit.Name] = true, true
		}
	}
	for _, name := range accounts {
		delete(used, strings.ToLower(name))
	}
	if len(used) > 0 {
		t.Errorf("not listed: %v", used)
	}
}

// pilotEvent is the Go name of an event's type.
func pilotEvent(e pilot.Event) string { return strings.TrimPrefix(fmt.Sprintf("%T", e), "*pilot.") }
