package rules

import (
	"fmt"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// rulesPage returns docs/rules.md: first every rule as a sentence, then each rule with its values, source, code and tests, and
// finally the values of each programme.
func (b Book) rulesPage() (string, error) {
	p := begin("Rules 规则",
		"Every rule that Terrace enforces: what it says, its number, its source, the code that enforces it and the tests that prove it. "+
			"“Our default” 自定 marks what no law or document prescribes; a programme can set another value. A rule without code or test, or a number, a refusal or "+
			"a step of the lifecycle without a rule fails the build.",
		"每条规则的内容、数值、出处、实现代码与验证测试。“自定”表示法律文件未作规定、由本系统提出的默认值，资助计划可另行设定。规则缺少代码或测试，或者数值、拒绝代码、流程步骤缺少规则的，构建即告失败。",
		fmt.Sprintf("%d rules 条规则. The steps that they concern 所涉步骤: [lifecycle](lifecycle.md). The refusals 拒绝代码: [errors](errors.md). The accounts 账目: [ledger](ledger.md).", len(b.Rules)),
		"## Every rule in a sentence 规则一览")
	for n := range rows {
		p.line("**[%s](%s)**\n", heading(n), anchor(heading(n)))
		for _, r := range b.of(n) {
			p.line("- [%s](#%s) %s", r.Text.EN, r.ID, r.Text.ZH)
		}
		p.line("")
	}
	for n := range rows {
		if err := b.chapter(p, n); err != nil {
			return "", err
		}
	}
	b.numbers(p)
	return p.String(), nil
}

func heading(n int) string {
	if n == 0 {
		return rows[n].EN + " " + rows[n].ZH
	}
	return fmt.Sprintf("%d %s %s", n, rows[n].EN, rows[n].ZH)
}

// of returns the rules for a row of the lifecycle.
func (b Book) of(row int) []Rule {
	return slices.DeleteFunc(slices.Clone(b.Rules), func(r Rule) bool { return r.Row != row })
}

func (b Book) chapter(p *page, n int) error {
	p.line("## %s\n", heading(n))
	p.table("Rule 规则", "Number 数值", "Source 出处", "Code 代码", "Tests 测试", "Refusals 拒绝代码")
	for _, r := range b.of(n) {
		code, err := b.codeLinks(r)
		if err != nil {
			return err
		}
		tests, err := b.testLinks(r)
		if err != nil {
			return err
		}
		p.row(fmt.Sprintf(`<a id="%s"></a>%s`, r.ID, both(r.Text)), b.number(r), strings.Join(plan.Each(b.sources(r), spoken), "<br>"), code, tests, refusals(r.Codes))
	}
	p.line("")
	return nil
}

func (b Book) codeLinks(r Rule) (string, error) {
	var links []string
	for _, name := range r.Code {
		at, err := b.Source.Symbol(name)
		if err != nil {
			return "", err
		}
		links = append(links, link(mono(name), at))
	}
	return strings.Join(links, "<br>"), nil
}

// testLinks returns links to the rule's tests. Each link shows the name of the test case or, if there is none, of the test.
func (b Book) testLinks(r Rule) (string, error) {
	var links []string
	for _, name := range r.Tests {
		at, _, err := b.Source.Case(name)
		if err != nil {
			return "", err
		}
		part := caseName.FindStringSubmatch(name)
		shown := part[3]
		if shown == "" {
			shown = mono(part[2])
		}
		links = append(links, link(shown, at))
	}
	return strings.Join(links, "<br>"), nil
}

func refusals(codes []domain.Code) string {
	var links []string
	for _, code := range codes {
		links = append(links, fmt.Sprintf("[%s](errors.md#%s)", mono(code), code))
	}
	return strings.Join(links, "<br>")
}

// number returns the rule's values as text. If there are too many, it leaves them to the table at the end of the page.
func (b Book) number(r Rule) string {
	var shown []string
	for _, key := range r.Values {
		values := b.values(key)
		if len(values) > 5 {
			shown = append(shown, fmt.Sprintf("[%d values of %s](#numbers)", len(values), mono(key)))
			continue
		}
		for _, v := range values {
			text := mono(v.Key) + " " + b.humane(v)
			if len(b.Programmes) > 1 {
				text = v.programme + ": " + text
			}
			shown = append(shown, text)
		}
	}
	return strings.Join(shown, "<br>")
}

// sources returns the sources of the rule and its values, without duplicates.
func (b Book) sources(r Rule) (all []string) {
	add := func(source string) {
		if source != "" && !slices.Contains(all, source) {
			all = append(all, source)
		}
	}
	add(r.Source)
	for _, key := range r.Values {
		for _, v := range b.values(key) {
			add(v.Source)
		}
	}
	return all
}

func spoken(source string) string {
	if source == programme.Default {
		return "our default 自定"
	}
	cited := domain.Cited(source)
	if strings.Contains(cited.EN, cited.ZH) {
		return cited.EN
	}
	return both(cited)
}

// numbers writes a table of the values of each programme, with the rules that use them.
func (b Book) numbers(p *page) {
	p.line("<a id=\"numbers\"></a>\n## The programmes' numbers 资助计划数值\n")
	for _, of := range b.Programmes {
		p.line("### %s %s, version %d\n", mono(of.ID), beside(of.Name), of.Version)
		p.table("Key", "Number 数值", "Source 出处", "Rules 规则")
		for _, v := range inOrder(of.Rules()) {
			var speaking []string
			for _, r := range b.Rules {
				if slices.ContainsFunc(r.Values, func(key string) bool { return matches(key, v.Key) }) {
					speaking = append(speaking, fmt.Sprintf("[%s](#%s)", r.ID, r.ID))
				}
			}
			p.row(mono(v.Key), b.humane(value{v, of.ID}), spoken(v.Source), strings.Join(speaking, ", "))
		}
		p.line("")
	}
}

// inOrder sorts the time limits (terms) among a programme's values into the order in which they apply over the
// lifecycle. Other values keep their places.
func inOrder(values []programme.Sourced) []programme.Sourced {
	nth := func(v programme.Sourced) int {
		return slices.IndexFunc(catalogue.All.Terms(), func(t flow.Term) bool { return v.Key == "terms."+string(t.Key) })
	}
	first := slices.IndexFunc(values, func(v programme.Sourced) bool { return nth(v) >= 0 })
	if first < 0 {
		return values
	}
	terms := values[first:]
	if end := slices.IndexFunc(terms, func(v programme.Sourced) bool { return nth(v) < 0 }); end >= 0 {
		terms = terms[:end]
	}
	slices.SortFunc(terms, func(a, b programme.Sourced) int { return nth(a) - nth(b) })
	return values
}

var units = map[string]string{"working": "working days 个工作日", "calendar": "calendar days 日", "month": "months 个月"}

// humane returns a value in human-readable form, with its unit.
func (b Book) humane(v value) string {
	number, unit, _ := strings.Cut(v.Value, " ")
	switch {
	case v.Value == "1 month":
		return "1 month 个月"
	case strings.HasPrefix(v.Key, "terms."):
		return number + " " + units[unit]
	case strings.HasSuffix(v.Key, "_fen"):
		var fen int64
		_, _ = fmt.Sscan(v.Value, &fen)
		return money.Fen(fen).String() + " yuan 元"
	case unit == "permille":
		return permille(number)
	case strings.HasSuffix(v.Key, "_permille"):
		return permille(v.Value)
	case v.Key == "ban_years" || v.Key == "retention_years":
		return v.Value + " years 年"
	case v.Key == "panel.quorum_third":
		return v.Value + "/3"
	case v.Value == "forbidden=true":
		return "forbidden 禁止"
	case v.Value == "forbidden=false":
		return "allowed 允许"
	case v.Key == "grades" || v.Key == "weights":
		return b.scale(v)
	}
	return v.Value
}

func permille(of string) string {
	var n float64
	_, _ = fmt.Sscan(of, &n)
	return fmt.Sprintf("%g %%", n/10)
}

// scale returns a programme's grades or weights as text, because the value itself contains only their number.
func (b Book) scale(v value) string {
	var parts []string
	for _, p := range b.Programmes {
		switch {
		case p.ID != v.programme:
		case v.Key == "grades":
			for _, g := range p.Grades {
				parts = append(parts, fmt.Sprintf("%s from %d", beside(g.Name), g.From))
			}
		default:
			for _, w := range p.Weights {
				parts = append(parts, fmt.Sprintf("%s %d", beside(w.Name), w.Full))
			}
		}
	}
	return strings.Join(parts, ", ")
}
