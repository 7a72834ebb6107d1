package reading

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"terrace/domain/calendar"
)

// searches are the tables that searches match against, derived from the tables above. The database normally builds
// their rows one by one (search_keys in the schema). Here they are built for a million rows at once; “terrace verify”
// compares them with what the database would have built.
var searches = []table{
	{name: "project_search", columns: []string{"id", "created_at", "words", "keys"}},
	{name: "pilot_search", columns: []string{"id", "created_at", "words", "keys"}},
}

// searched lists the searched columns of a project's row, followed by its id and instant.
var searched = []string{"title_zh", "title_en", "village_zh", "village_en", "village", "organization_zh", "organization_en", "organization", "code"}

const projectRows = 7 // index in tables

func columnAt(t int, name string) int { return slices.Index(tables[t].columns, name) }

// projectWords appends the search words of a copy's projects.
func projectWords(out []byte, c *copyOf) []byte {
	id, created := columnAt(projectRows, "id"), columnAt(projectRows, "created_at")
	at := make([]int, len(searched))
	for i, s := range searched {
		at[i] = columnAt(projectRows, s)
	}
	for _, row := range c.rows[projectRows] {
		fields := make([][]byte, len(at))
		for i, col := range at {
			fields[i] = fill(nil, row[col].pieces, c.names)
		}
		out = c.words(out, fill(nil, row[id].pieces, c.names), row[created].at.Add(c.delay), fields)
	}
	return out
}

// pilotWords appends the search words of a copy and its proposals.
func pilotWords(out []byte, c *copyOf) []byte {
	fields := [][]byte{c.names[2], c.names[3]}
	for i := range proposals {
		own := c.names[7+9*i:] // code; organization, village and title; the English title, organization and village
		fields = append(fields, own[3], own[4], own[7], own[8], own[2], own[5], own[6], own[1], own[0])
	}
	return c.words(out, c.names[0], c.created.Add(c.delay), fields)
}

func (c *copyOf) words(out, id []byte, at time.Time, fields [][]byte) []byte {
	text := strings.ToLower(string(bytes.Join(fields, []byte(" | "))))
	keys := wordsOf(text)
	local := at.In(calendar.Shanghai)
	keys = append(keys, fmt.Sprintf("~%d", local.Year()*12+int(local.Month())), "@"+c.county.code())
	out = append(append(out, id...), '\t')
	out = at.AppendFormat(out, "2006-01-02 15:04:05.999999+00")
	out = append(append(append(out, '\t'), text...), "\t{"...)
	return append(append(out, strings.Join(keys, ",")...), "}\n"...)
}

// wordsOf returns the pairs of Chinese characters and the other words in a text, each once.
func wordsOf(text string) (words []string) {
	var pending []rune
	var before rune
	flush := func() {
		if len(pending) > 0 {
			words = append(words, string(pending))
			pending = pending[:0]
		}
	}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			if before != 0 {
				words = append(words, string([]rune{before, r}))
			}
			before = r
			continue
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			pending = append(pending, r)
		default:
			flush()
		}
		before = 0
	}
	flush()
	slices.Sort(words)
	return slices.Compact(words)
}
