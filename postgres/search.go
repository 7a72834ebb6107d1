package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"terrace/postgres/db"
)

// Searchable reports whether a text contains a word that the search index can hold: two adjacent Chinese, Japanese or
// Korean characters, or a single letter or digit of another script.
func Searchable(words string) bool {
	before := false
	for _, r := range strings.ToLower(norm.NFKC.String(words)) {
		pairs := r >= '⺀' && (r < '\u3000' || r > '\u303f')
		if pairs && before || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'ß' && r <= '\u1fff' {
			return true
		}
		before = pairs
	}
	return false
}

// A search goes back in time step by step. If a word is common, the newest rows alone fill a page, without the word
// index. Otherwise the word index is searched for the last month, then for the ten months before that, then for all the
// rest. If one month did not fill the page, ten will hardly return far more rows than the page needs, and so on. No
// step therefore reads thousands of rows to show fifty.
const newestRows = 400

var windows = []int{1, 10, 0} // in months; 0 means all the rest

// found returns the rows of a search page, plus one row if another page follows.
func found[D any](ctx context.Context, through db.DBTX, s *selection, key func(D) keyset) ([]D, error) {
	s.args["words"] = s.Search
	var page []D
	if s.few() {
		looked := 0
		newest, err := rows[D](ctx, through, s, pgx.QueryExecModeCacheDescribe, s.newest(), &looked)
		if err == nil && len(newest) == 0 {
			looked, err = s.looked(ctx, through)
		}
		if err != nil || len(newest) > s.limit || looked < newestRows {
			return newest, err
		}
	}
	until := s.after.CreatedAt
	if s.after.ID == "" {
		all := "select " + s.columns + " from " + s.table + " r" + newestFirst + "1"
		newest, err := rows[D](ctx, through, s, s.plan(), all)
		if err != nil || len(newest) == 0 {
			return nil, err
		}
		until = key(newest[0]).CreatedAt
	}
	until = until.Add(time.Microsecond) // the finest resolution of the record
	for _, months := range windows {
		since := until.AddDate(0, -months, 0)
		s.args["since"], s.args["until"] = since, until
		more, err := rows[D](ctx, through, s, s.plan(), s.window(months > 0))
		if page = append(page, more...); err != nil || len(page) > s.limit {
			return page, err
		}
		until = since
	}
	return page, nil
}

// fewPlaces is the maximum number of places for which the newest rows are tried before the word index.
const fewPlaces = 20

func (s *selection) few() bool {
	return !slices.ContainsFunc(s.ways, func(b bound) bool { return len(b.values) > fewPlaces })
}

// keyed is the condition that the search words of a row (s) include every word of the search text (%s). The text must
// contain a word; otherwise every row would match.
const keyed = "s.keys @> %s and search_words(search_fold(@words)) <> '{}'"

// newest returns the query that finds matches among the newest rows and returns the number of rows it examined. The
// best plan depends on the words, so the query is planned for them.
func (s *selection) newest() string {
	return "with newest as materialized (" + s.lying(strconv.Itoa(newestRows)) + ") select " + s.columns + ", (select count(*) from newest) from newest join " + s.search +
		" s on s.id = newest.id join " + s.table + " r on r.id = s.id where " + fmt.Sprintf(keyed, "search_words(search_fold(@words))") + " and " + s.meets() +
		newestFirst + sized(s.limit)
}

// looked returns the number of rows examined by the query from newest. It is needed because that query cannot report
// the number if it finds no match.
func (s *selection) looked(ctx context.Context, through db.DBTX) (n int, err error) {
	return n, through.QueryRow(ctx, "select count(*) from ("+s.lying(strconv.Itoa(newestRows))+") newest", s.plan(), s.args).Scan(&n)
}

// window returns the query that uses the word index to find the matches in a period.
func (s *selection) window(bounded bool) string {
	indexed := []string{fmt.Sprintf(keyed, "(select search_words(search_fold(@words)))"), "s.created_at < @until::timestamptz"}
	if bounded {
		indexed = append(indexed, "s.keys && (select search_months(@since, @until))", "s.created_at >= @since::timestamptz")
	}
	for _, b := range s.ways {
		if b.name == "reader_offices" && len(s.ways) == 1 {
			indexed = append(indexed, "s.keys && array(select '@' || o from unnest(@reader_offices::text[]) o)")
		}
	}
	conditions := append([]string{s.meets()}, s.where...)
	if s.Reader.All && !s.narrowed() { // the words are the only condition, so only the rows of the page are read
		matching := strings.ReplaceAll(strings.Join(slices.Concat(indexed, conditions), " and ")+newestFirst, "r.", "s.") + sized(s.limit)
		return "select " + s.columns + " from (select s.id from " + s.search + " s where " + matching + ") page join " + s.table + " r on r.id = page.id" + newestFirst + sized(s.limit)
	}
	if len(s.ways) > 0 {
		conditions = append(conditions, anyOf(s.ways))
	}
	return "select " + s.columns + " from (select s.* from " + s.search + " s where " + strings.Join(indexed, " and ") + " offset 0) s cross join lateral (select r.* from " +
		s.table + " r where r.id = s.id offset 0) r where " + strings.Join(conditions, " and ") + newestFirst + sized(s.limit)
}

// meets is the condition that a row's text contains every word literally. For a reader who sees only part of a pilot,
// only its title and the reader's own projects in it count, so that a search does not reveal the other proposals.
func (s *selection) meets() string {
	const asked = " like all ((select search_patterns(@words))::text[])"
	const title = "search_fold(r.title_zh || ' | ' || r.title_en)"
	condition := "s.words" + asked
	if s.drafts && !s.Reader.All {
		own := "exists (select from project_row p join project_search o on o.id = p.id where p.pilot = r.id and " + title + " || ' | ' || o.words" + asked + ")" // of the rows that the policies let through
		condition += " and (" + s.knows(title+asked) + " or " + own + ")"
	}
	return condition
}
