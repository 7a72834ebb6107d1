package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"terrace/domain"
)

// Pages are the written pages by their names in docs/.
func (b Book) Pages() (map[string]string, error) {
	errors, err := b.errorsPage()
	if err != nil {
		return nil, err
	}
	rules, err := b.rulesPage()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"rules.md": rules, "lifecycle.md": b.lifecyclePage(), "errors.md": errors, "ledger.md": b.ledgerPage(), "ledger.svg": ledgerPicture(),
	}, nil
}

// page is Markdown as it is being written.
type page struct{ strings.Builder }

// begin writes the head of a page; its words are about is for.
func begin(title string, about ...string) *page {
	p := &page{}
	p.line("<!-- Written by `go generate ./rules` from the code; changes made here are lost. -->")
	p.line("# %s\n", title)
	for _, paragraph := range about {
		p.line("%s\n", paragraph)
	}
	return p
}

func (p *page) line(format string, args ...any) {
	p.WriteString(fmt.Sprintf(format, args...) + "\n")
}

// table writes the head of a table.
func (p *page) table(columns ...string) {
	p.row(columns...)
	p.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (p *page) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(cell, "|", `\|`), "\n", " ")
	}
	p.line("| %s |", strings.Join(cells, " | "))
}

// both is a text in both languages, a line each.
func both(t domain.Text) string { return t.ZH + "<br>" + t.EN }

// beside is a text in both languages on one line.
func beside(t domain.Text) string { return t.EN + " " + t.ZH }

// link is a link from docs/ to a line of the code.
func link(text string, to Place) string {
	return fmt.Sprintf("[%s](../%s#L%d)", text, to.File, to.Line)
}

func mono[T ~string](text T) string { return "`" + string(text) + "`" }

// anchor is what GitHub makes of a heading of Latin words and Chinese characters.
func anchor(heading string) string {
	keep := func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsPunct(r) && r != '-':
			return -1
		}
		return r
	}
	return "#" + strings.Map(keep, strings.ToLower(heading))
}
