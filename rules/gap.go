package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/programme"
	"terrace/programmes"
)

// Book is the register of rules together with everything that must be covered by a rule.
type Book struct {
	Rules      []Rule
	Programmes []*programme.Programme
	Codes      map[domain.Code]domain.Meaning
	Waits      []flow.Wait
	Source     *Source
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Gaps lists everything that is missing: sources, code or tests that a rule lacks; code and tests that a rule names but that do not
// exist; and refusals, values and lifecycle steps that no rule covers. A book without gaps is complete.
func (b Book) Gaps() []string {
	var gaps []string
	seen, said := map[string]bool{}, map[string]string{}
	for _, r := range b.Rules {
		for _, gap := range b.gapsOf(r) {
			gaps = append(gaps, fmt.Sprintf("rule %s: %s", r.ID, gap))
		}
		if seen[r.ID] {
			gaps = append(gaps, fmt.Sprintf("rule %s appears twice", r.ID))
		}
		seen[r.ID] = true
		for _, sentence := range []string{r.Text.ZH, r.Text.EN} {
			if other := said[sentence]; other != "" && sentence != "" {
				gaps = append(gaps, fmt.Sprintf("rule %s says the same as %s: %s", r.ID, other, sentence))
			}
			said[sentence] = r.ID
		}
	}
	return append(gaps, b.uncovered()...)
}

func (b Book) gapsOf(r Rule) (gaps []string) {
	add := func(format string, args ...any) { gaps = append(gaps, fmt.Sprintf(format, args...)) }
	if !kebab.MatchString(r.ID) || r.Row < 0 || r.Row >= len(rows) {
		add("needs a kebab-case id and a row of the lifecycle")
	}
	if r.Text.ZH == "" || r.Text.EN == "" {
		add("needs its sentence in both languages")
	}
	if len(r.Values) == 0 && r.Source == "" {
		add("names neither a programme's value nor a source")
	}
	for _, value := range r.Values {
		if len(b.values(value)) == 0 {
			add("no programme has the value %q", value)
		}
	}
	for _, source := range b.sources(r) {
		if source == domain.Cited(source).EN && strings.ContainsFunc(source, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			add("the source %q has no English beside it", source)
		}
	}
	for _, wait := range r.Waits {
		if !slices.Contains(b.steps(), wait) {
			add("the lifecycle has no step %q", wait)
		}
	}
	return append(gaps, b.unproven(r)...)
}

// unproven lists the faults in a rule's references to code and tests.
func (b Book) unproven(r Rule) (gaps []string) {
	if len(r.Code) == 0 {
		gaps = append(gaps, "no code enforces it")
	}
	for _, name := range r.Code {
		if _, err := b.Source.Symbol(name); err != nil {
			gaps = append(gaps, "code: "+err.Error())
		}
	}
	if len(r.Tests) == 0 {
		gaps = append(gaps, "no test proves it")
	}
	var proofs []func(string) bool
	for _, name := range r.Tests {
		_, text, err := b.Source.Case(name)
		if err != nil {
			gaps = append(gaps, "test: "+err.Error())
			continue
		}
		proofs = append(proofs, text)
	}
	for _, code := range r.Codes {
		if _, known := b.Codes[code]; !known {
			gaps = append(gaps, fmt.Sprintf("there is no refusal %q", code))
		}
		if !slices.ContainsFunc(proofs, func(text func(string) bool) bool { return text(string(code)) }) {
			gaps = append(gaps, fmt.Sprintf("none of its tests expects the refusal %q", code))
		}
	}
	return gaps
}

// uncovered returns a message for each value, refusal and lifecycle step that no rule covers.
func (b Book) uncovered() (gaps []string) {
	for _, p := range b.Programmes {
		for _, v := range p.Rules() {
			if !b.any(func(r Rule) bool {
				return slices.ContainsFunc(r.Values, func(key string) bool { return matches(key, v.Key) })
			}) {
				gaps = append(gaps, fmt.Sprintf("no rule covers the value %s of %s", v.Key, p.ID))
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(b.Codes)) {
		if !b.any(func(r Rule) bool { return slices.Contains(r.Codes, code) }) {
			gaps = append(gaps, fmt.Sprintf("no rule covers the refusal %s", code))
		}
	}
	for _, step := range b.steps() {
		if !b.any(func(r Rule) bool { return slices.Contains(r.Waits, step) }) {
			gaps = append(gaps, fmt.Sprintf("no rule covers the lifecycle's step %s", step))
		}
	}
	return gaps
}

func (b Book) any(of func(Rule) bool) bool { return slices.ContainsFunc(b.Rules, of) }

// steps returns every way in which a wait can end: “wait/command” for a command, and “wait/lapse” for the passing of a hard due date.
func (b Book) steps() (all []string) {
	for _, w := range b.Waits {
		for _, e := range w.Exits {
			all = append(all, string(w.Key)+"/"+e.Command)
		}
		if w.Hard {
			all = append(all, string(w.Key)+"/lapse")
		}
	}
	return all
}

// value is a single value set by a programme.
type value struct {
	programme.Sourced
	programme string // id of the programme
}

// values returns the value that each programme sets for a key or, for a group such as “spending.*”, all of its values.
func (b Book) values(key string) (all []value) {
	for _, p := range b.Programmes {
		for _, v := range p.Rules() {
			if matches(key, v.Key) {
				all = append(all, value{v, p.ID})
			}
		}
	}
	return all
}

func matches(pattern, key string) bool {
	group, isGroup := strings.CutSuffix(pattern, "*")
	return pattern == key || isGroup && strings.HasPrefix(key, group)
}

// Read returns the complete register, ready to be checked against the code under root.
func Read(root string) (Book, error) {
	set, err := programmes.Builtin()
	if err != nil {
		return Book{}, err
	}
	return Book{Rules: All, Programmes: set.All(), Codes: domain.Codes, Waits: catalogue.All.Waits(), Source: NewSource(root)}, nil
}
