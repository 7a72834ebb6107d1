package rules

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"terrace/domain/catalogue"
	"terrace/domain/ledger"
)

// The dimensions of docs/ledger.svg in pixels. The accounts are drawn in a column, and the longer an arrow is, the further it bulges
// to the side.
const (
	pictureWidth = 560
	accountLeft  = 140
	accountRight = 400
	accountStep  = 46
	accountTall  = 32
	bookGap      = 34
)

// stream is the flow of money from one account to another, with the events that cause it.
type stream struct {
	from, to string
	events   []string
}

// flows groups all bookings into streams, one for each pair of accounts between which money moves.
func flows() (all []stream) {
	for _, b := range catalogue.All.Bookings() {
		event := beside(b.Event.Title)
		i := slices.IndexFunc(all, func(f stream) bool { return f.from == b.From.Name && f.to == b.To.Name })
		if i < 0 {
			i = len(all)
			all = append(all, stream{from: b.From.Name, to: b.To.Name})
		}
		if !slices.Contains(all[i].events, event) {
			all[i].events = append(all[i].events, event)
		}
	}
	return all
}

// ledgerPicture returns docs/ledger.svg, a diagram of the accounts and the streams between them.
func ledgerPicture() string {
	rows, height := accountRows()
	var s strings.Builder
	write := func(format string, args ...any) { s.WriteString(fmt.Sprintf(format, args...) + "\n") }
	write(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="t d" font-family="'Noto Sans','Noto Sans CJK SC','Segoe UI',Helvetica,Arial,sans-serif">`, pictureWidth, height, pictureWidth, height)
	write(`<!-- Written by go generate ./rules from the code; changes made here are lost. -->`)
	write(`<title id="t">How money flows between the accounts 资金在各科目间的流动</title>`)
	write(`<desc id="d">The accounts of the ledger below each other, book by book. Arrows on the right are money going on, dashed ones on the left reversals and money given back.</desc>`)
	write(`<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#33524a"/></marker></defs>`)
	write(`<rect width="%d" height="%d" rx="12" fill="#f6f8f4"/>`, pictureWidth, height)
	for i, a := range ledger.Chart {
		y := rows[a.Name]
		if i == 0 || ledger.Chart[i-1].Book != a.Book {
			write(`<text x="%d" y="%d" text-anchor="middle" font-size="15" font-weight="700" fill="#1c2f2a">%s</text>`, (accountLeft+accountRight)/2, y-accountTall/2-10, html.EscapeString(bookTitle(a.Book)))
		}
		fill := "#fff"
		if a.Source {
			fill = "#fbf3e2"
		}
		write(`<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" stroke="#33524a" stroke-width="1.5"/>`, accountLeft, y-accountTall/2, accountRight-accountLeft, accountTall, fill)
		write(`<text x="%d" y="%d" text-anchor="middle" font-size="13" fill="#1c2f2a">%s</text>`, (accountLeft+accountRight)/2, y+5, html.EscapeString(beside(a.Title)))
	}
	for _, f := range flows() {
		write("%s", f.arrow(rows[f.from], rows[f.to]))
	}
	write(`</svg>`)
	return s.String()
}

// accountRows returns the vertical position of each account and the height of the diagram.
func accountRows() (rows map[string]int, height int) {
	rows = map[string]int{}
	y := 0
	for i, a := range ledger.Chart {
		if i == 0 || ledger.Chart[i-1].Book != a.Book {
			y += bookGap
		}
		y += accountStep
		rows[a.Name] = y
	}
	return rows, y + accountStep
}

// arrow returns the SVG path of a stream, which curves to the right if the money moves forward through the chart and to the left if
// it comes back.
func (f stream) arrow(from, to int) string {
	x, out, dash := accountRight, 1, ""
	if to < from {
		x, out, dash = accountLeft, -1, ` stroke-dasharray="5 4"`
	}
	leave, arrive := from+out*6, to-out*6
	swing := x + out*min(24+(to-from)*out/2, 230)
	return fmt.Sprintf(`<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="#33524a" stroke-width="1.5"%s marker-end="url(#a)"><title>%s</title></path>`,
		x, leave, swing, leave, swing, arrive, x, arrive, dash, html.EscapeString(strings.Join(f.events, "; ")))
}
