package postgres

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"terrace/postgres/db"
)

// Searchable tells that there is a word in what is asked for, as the index holds them (search_words): of Chinese, kana and hangul two
// characters that follow each other, of other letters and digits one.
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

// How far a search looks. Of a word that stands everywhere, the newest rows fill a page and no index is asked. Otherwise the
// index of the words is asked for the newest month, for ten more, and for all the rest: as a month did not fill the page, ten
// do not bring much more than a page needs, and so on. Nothing is ever found in thousands to show fifty.
const newestRows = 400

var windows = []int{1, 10, 0} // months; 0: all the rest

// found is a page of a search, with a row more when there is another page.
func found[D any](ctx context.Context, through db.DBTX, s *selection, key func(D) keyset) ([]D, error) {
	s.args["words"] = s.Search
	var page []D
	if s.few() {
		looked := 0
		newest, err := rows[D](ctx, through, s, s.newest(), &looked)
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
		newest, err := rows[D](ctx, through, s, all)
		if err != nil || len(newest) == 0 {
			return nil, err
		}
		until = key(newest[0]).CreatedAt
	}
	until = until.Add(time.Microsecond) // the finest that the record keeps
	for _, months := range windows {
		since := until.AddDate(0, -months, 0)
		s.args["since"], s.args["until"], s.args["max"] = since, until, s.limit+1-len(page)
		more, err := rows[D](ctx, through, s, s.window(months > 0))
		if page = append(page, more...); err != nil || len(page) > s.limit {
			return page, err
		}
		until = since
	}
	return page, nil
}

// fewPlaces bounds the places of which each brings its newest rows before the index is asked.
const fewPlaces = 20

func (s *selection) few() bool {
	return !slices.ContainsFunc(s.ways, func(b bound) bool { return len(b.values) > fewPlaces })
}

// keyed is the condition that the words of a row (s) are found by what is asked for. In what is asked for there must be a word:
// every row holds all of none.
const keyed = "s.keys @> search_words(search_fold(@words)) and search_words(search_fold(@words)) <> '{}'"

// newest is the query of what is found among the newest rows, and of how many those are.
func (s *selection) newest() string {
	s.args["newest"] = newestRows
	return "with newest as materialized (" + s.lying("@newest") + ") select " + s.columns + ", (select count(*) from newest) from newest join " +
		s.search + " s on s.id = newest.id join " + s.table + " r on r.id = s.id where " + keyed + " and " + s.meets() + newestFirst + "@max"
}

// looked is how many rows the newest are, when none of them told: all that there are, if fewer than are looked at.
func (s *selection) looked(ctx context.Context, through db.DBTX) (n int, err error) {
	return n, through.QueryRow(ctx, "select count(*) from ("+s.lying("@newest")+") newest", pgx.QueryExecModeCacheDescribe, s.args).Scan(&n)
}

// window is the query of what the index finds in a time.
func (s *selection) window(bounded bool) string {
	indexed := []string{keyed, "s.created_at < @until::timestamptz"}
	if bounded {
		indexed = append(indexed, "s.keys && search_months(@since, @until)", "s.created_at >= @since::timestamptz")
	}
	for _, b := range s.ways {
		if b.name == "reader_offices" && len(s.ways) == 1 {
			indexed = append(indexed, "s.keys && array(select '@' || o from unnest(@reader_offices::text[]) o)")
		}
	}
	conditions := append([]string{s.meets()}, s.where...)
	if len(s.ways) > 0 {
		conditions = append(conditions, anyOf(s.ways))
	}
	return "select " + s.columns + " from (select s.* from " + s.search + " s where " + strings.Join(indexed, " and ") + " offset 0) s cross join lateral (select r.* from " +
		s.table + " r where r.id = s.id offset 0) r where " + strings.Join(conditions, " and ") + newestFirst + "@max"
}

// meets is the condition that everything that is asked for stands in them as it was written. Who sees only a part of a pilot does not
// learn by a search what other proposals it has, and finds it by its title.
func (s *selection) meets() string {
	const asked = " like all (search_patterns(@words))"
	condition := "s.words" + asked
	if s.drafts && !s.Reader.All {
		condition += " and " + s.knows("search_fold(r.title_zh || ' | ' || r.title_en)"+asked)
	}
	return condition
}
