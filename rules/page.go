package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"terrace/domain"
)

// Pages returns the content of every generated page, keyed by its file name in docs/.
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

// page is a Markdown page under construction.
type page struct{ strings.Builder }

// begin starts a page with its title and introductory paragraphs.
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

// table starts a table with the given column headings.
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

// both returns a text in both languages, on separate lines.
func both(t domain.Text) string { return t.ZH + "<br>" + t.EN }

// beside returns a text in both languages on one line, English first.
func beside(t domain.Text) string { return t.EN + " " + t.ZH }

// link returns a link from docs/ to a line of the code.
func link(text string, to Place) string {
	return fmt.Sprintf("[%s](../%s#L%d)", text, to.File, to.Line)
}

func mono[T ~string](text T) string { return "`" + string(text) + "`" }

// anchor returns the anchor that GitHub generates for a heading in Latin letters and Chinese characters.
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
