package rules

import (
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
)

func book(t *testing.T) Book {
	t.Helper()
	b, err := Read("..")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryRuleIsEnforcedAndProven(t *testing.T) {
	t.Parallel()
	for _, gap := range book(t).Gaps() {
		t.Error(gap)
	}
}

func TestThePagesAgreeWithTheCode(t *testing.T) {
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
			t.Errorf("docs/%s is stale: run “go generate ./rules”", name)
		}
	}
}

// Gaps finds everything that a book can lack.
func TestEveryKindOfGapIsFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(b *Book, r *Rule) // r is the rule of the notice's last day
		want  string
	}{
		"a rule without code":                        {func(_ *Book, r *Rule) { r.Code = nil }, "rule notice-last-day: no code enforces it"},
		"a rule without a test":                      {func(_ *Book, r *Rule) { r.Tests = nil }, "rule notice-last-day: no test proves it"},
		"code that is gone":                          {func(_ *Book, r *Rule) { r.Code = []string{"(*Object).chek"} }, "declares no (*Object).chek"},
		"code that two packages declare":             {func(_ *Book, r *Rule) { r.Code = []string{"Aggregate"} }, "Aggregate is declared in domain/difference, domain/flow, "},
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
		"a source without English":                   {func(_ *Book, r *Rule) { r.Source = "某办法" }, `the source "某办法" has no English beside it`},
		"a rule in one language":                     {func(_ *Book, r *Rule) { r.Text.ZH = "" }, "needs its sentence in both languages"},
		"a rule without a row":                       {func(_ *Book, r *Rule) { r.Row = 16 }, "needs a kebab-case id and a row"},
		"an id that cannot be an anchor":             {func(_ *Book, r *Rule) { r.ID = "Last Day" }, "needs a kebab-case id and a row"},
		"an id that appears twice":                   {func(_ *Book, r *Rule) { r.ID = "notice-runs" }, "rule notice-runs appears twice"},
		"a sentence of another rule":                 {func(_ *Book, r *Rule) { r.Text.EN = ruleOf("who-objects").Text.EN }, "rule who-objects says the same as notice-last-day"},
		"a number of a programme without a rule":     {func(b *Book, _ *Rule) { b.silence("retention") }, "no rule covers the value retention_years"},
		"a refusal without a rule":                   {func(b *Book, _ *Rule) { b.Codes = map[domain.Code]domain.Meaning{"too-rude": {}} }, "no rule covers the refusal too-rude"},
		"a step of the lifecycle without a rule":     {func(_ *Book, r *Rule) { r.Waits = nil }, "no rule covers the lifecycle's step notice/object"},
		"a hard due day whose passing has no rule":   {func(b *Book, _ *Rule) { b.Waits = []flow.Wait{{Key: "exam", Hard: true}} }, "no rule covers the lifecycle's step exam/lapse"},
		"an exit that was added and has no rule yet": {func(b *Book, _ *Rule) { b.Waits = []flow.Wait{{Key: "exam", Exits: []flow.Exit{{Command: "sit"}}}} }, "no rule covers the lifecycle's step exam/sit"},
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

func TestANameWithoutAPackageIsLookedUpInTheDomain(t *testing.T) {
	t.Parallel()
	source := NewSource("..")
	for name, want := range map[string]string{
		"inTime": "domain/flow/wait.go", "Proposal.Judge": "domain/plan/proposal.go", "(*Draft).Check": "domain/pilot/application.go",
		"domain/creditcode.Check": "domain/creditcode/creditcode.go", "postgres.(*Store).Execute": "postgres/execute.go",
	} {
		if at, err := source.Symbol(name); err != nil || at.File != want {
			t.Errorf("%s: %s, %v, want %s", name, at.File, err, want)
		}
	}
	for name, want := range map[string]string{
		"TestRules/a panel has an odd number of experts": "domain/catalogue/rules_test.go", "domain/calendar.TestDue": "domain/calendar/calendar_test.go",
	} {
		if at, _, err := source.Case(name); err != nil || at.File != want {
			t.Errorf("%s: %s, %v, want %s", name, at.File, err, want)
		}
	}
}

func ruleOf(id string) Rule {
	return All[slices.IndexFunc(All, func(r Rule) bool { return r.ID == id })]
}

// silence removes the values from a rule.
func (b *Book) silence(id string) {
	for i := range b.Rules {
		if b.Rules[i].ID == id {
			b.Rules[i].Values = nil
		}
	}
}

// The values of a kind of project are covered only by the group with its name.
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
	for _, a := range catalogue.All.Aggregates() {
		for _, w := range catalogue.All.Waits() {
			if w.Aggregate != a.Kind {
				continue
			}
			for _, e := range w.Exits {
				for _, lead := range e.Leads {
					if !slices.ContainsFunc(a.Steps, func(s flow.Step) bool { return s.By == e.Command && s.To == lead && slices.Contains(w.Stages, s.From) }) {
						t.Errorf("%s leads from %v to %s, which no arrow shows", e.Command, w.Stages, lead)
					}
				}
			}
			if w.Hard && !slices.ContainsFunc(a.Steps, func(s flow.Step) bool { return s.By == string(w.Key)+"/lapse" }) {
				t.Errorf("no arrow shows where %s leads when its day passes", w.Key)
			}
		}
		for _, s := range a.Steps {
			if !declared(a.Kind, s) {
				t.Errorf("nothing declared leads from %s to %s by %s", s.From, s.To, s.By)
			}
		}
	}
}

// declared reports whether the aggregate's declarations allow a step: its command creates the aggregate, or a wait that is open in the
// stage has that exit or a hard due date.
func declared(kind flow.Kind, s flow.Step) bool {
	if s.From == "" {
		d, err := catalogue.All.Find(kind, s.By)
		return err == nil && d.Creates
	}
	return slices.ContainsFunc(catalogue.All.Waits(), func(w flow.Wait) bool {
		if w.Aggregate != kind || !slices.Contains(w.Stages, s.From) {
			return false
		}
		return w.Hard && s.By == string(w.Key)+"/lapse" ||
			slices.ContainsFunc(w.Exits, func(e flow.Exit) bool { return e.Command == s.By && slices.Contains(e.Leads, s.To) })
	})
}

// The ledger page and its picture are generated from the bookings. This test checks the bookings themselves.
func TestEveryBookingMovesMoneyBetweenAccountsOfTheChart(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	for _, b := range catalogue.All.Bookings() {
		event := b.Event
		from, known := ledger.KindOfAccount(b.From.Name)
		to, alsoKnown := ledger.KindOfAccount(b.To.Name)
		switch {
		case !known || !alsoKnown:
			t.Errorf("%s: %s to %s is not of the chart", event.Name, b.From.Name, b.To.Name)
		case from.Book != to.Book:
			t.Errorf("%s pays for the %s book with the %s book's money", event.Name, to.Book, from.Book)
		case !belongs(b.From.Owner, from.Owner) || !belongs(b.To.Owner, to.Owner):
			t.Errorf("%s: %+v to %+v, the chart says %s and %s", event.Name, b.From, b.To, from.Owner, to.Owner)
		case b.Amount.ZH == "" || b.Amount.EN == "":
			t.Errorf("%s from %s says its amount in one language", event.Name, b.From.Name)
		}
		reached[b.From.Name], reached[b.To.Name] = true, true
	}
	for _, a := range ledger.Chart {
		if !reached[a.Name] {
			t.Errorf("no booking reaches %s", a.Name)
		}
	}
}

// belongs reports whether the owners in a booking and in the chart can be the same. A payer is either a project or an evaluator's
// contract.
func belongs(booked, chart ledger.OwnerKind) bool {
	payers := []ledger.OwnerKind{ledger.OfPayer, ledger.OfProject, ledger.OfContract}
	return booked == chart || chart == ledger.OfPayer && slices.Contains(payers, booked) || booked == ledger.OfPayer && slices.Contains(payers, chart)
}

func TestTheLedgerPageShowsEveryAccountAndEveryBooking(t *testing.T) {
	t.Parallel()
	text, picture := book(t).ledgerPage(), ledgerPicture()
	for _, a := range ledger.Chart {
		for _, want := range []string{a.Title.ZH, a.Title.EN, a.Doc.ZH, a.Doc.EN} {
			if !strings.Contains(text, want) {
				t.Errorf("docs/ledger.md does not say %q", want)
			}
		}
		if !strings.Contains(picture, html.EscapeString(beside(a.Title))) {
			t.Errorf("docs/ledger.svg does not show %s", a.Name)
		}
	}
	arrows := map[[2]string]bool{}
	for _, b := range catalogue.All.Bookings() {
		event := b.Event.Title
		for _, want := range []string{event.ZH, event.EN, b.Amount.ZH, b.Amount.EN} {
			if !strings.Contains(text, want) {
				t.Errorf("docs/ledger.md does not say %q", want)
			}
		}
		if !strings.Contains(picture, html.EscapeString(event.EN)) {
			t.Errorf("no arrow of docs/ledger.svg shows %q", event.EN)
		}
		arrows[[2]string{b.From.Name, b.To.Name}] = true
	}
	if got := strings.Count(picture, "marker-end="); got != len(arrows) {
		t.Errorf("%d arrows for %d streams of money", got, len(arrows))
	}
}

func TestEveryBookAndOwnerOfTheLedgerHasAName(t *testing.T) {
	t.Parallel()
	for _, a := range ledger.Chart {
		if ledger.Books[a.Book].ZH == "" || owners[a.Owner].ZH == "" {
			t.Errorf("%s: the book %s or the owner %s has no name", a.Name, a.Book, a.Owner)
		}
	}
	for _, b := range catalogue.All.Bookings() {
		if owners[b.From.Owner].ZH == "" || owners[b.To.Owner].ZH == "" {
			t.Errorf("%s to %s: an owner has no name", b.From.Owner, b.To.Owner)
		}
	}
}

// A fault in a parameter has status 400, even where the same code in a body has 422.
func TestThePageOfErrorsSaysEveryStatus(t *testing.T) {
	t.Parallel()
	status, err := book(t).statusOf()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[domain.Code]string{
		"bad-format": "422 Unprocessable Entity<br>400 Bad Request", "too-long": "422 Unprocessable Entity<br>400 Bad Request",
		"one-scope": "400 Bad Request", "bad-period": "400 Bad Request", "bad-cursor": "400 Bad Request",
		"missing-field": "422 Unprocessable Entity", "over-cap": "422 Unprocessable Entity",
	} {
		if got := status(code, domain.Invalid); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
	if got := status("not-found", domain.NotFound); got != "404 Not Found" {
		t.Errorf("not-found: %s", got)
	}
}
