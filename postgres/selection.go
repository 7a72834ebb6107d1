package postgres

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres/db"
)

// list is a table whose rows users page through, newest first, as far as they may see them. Each way of finding rows
// has an index sorted in that order, so a page takes the same time however long the list is. The index is a view: rows
// are found there and then read from the table, whose policies hide everything that the reader may not see, whatever
// the query asks for.
type list struct {
	kind    flow.Kind
	table   string
	index   string
	columns string // columns in the order of the fields of the rows' Go type

	search       string // the table with the search words of its rows; empty if there is none
	programme    way    // finds the rows of a programme; the zero way if there is no index for that
	organization way    // finds the rows of the organization in the filter
	village      way
	readers      way   // finds the rows that name the reader in any role; if it is the zero way, parties and villagers are used, whose indexes are sorted
	parties      []way // find the rows that an organization may see
	villagers    way   // finds the rows that a village may see
	drafts       bool  // some rows are drafts, which only their own office may see
}

// way is a way of finding rows by a value, such as payments by their organization. The zero way finds no rows.
type way struct {
	one  string // SQL condition on a row r and one value v
	any  string // SQL condition on a row r and all values in the argument %s
	many bool   // several values may lead to the same row
}

func column(name string) way {
	return way{"r." + name + " = v.value", "r." + name + " = any(%s::text[])", false}
}

func elements(name string) way {
	return way{"r." + name + " @> array[v.value]", "r." + name + " && %s::text[]", true}
}

var offices = column("place")

// The lists of all kinds.
var (
	Pilots = Listed[PilotRow]{list{
		kind: pilot.Kind, table: "pilot_row", index: "pilot_index", columns: columnsOf(db.GetPilotRow), search: "pilot_search",
		programme: column("programme"), organization: elements("organizations"), readers: elements("readers"), drafts: true,
	}, func(r PilotRow) keyset { return keyset{r.CreatedAt, r.ID} }}
	Projects = Listed[ProjectRow]{list{
		kind: project.Kind, table: "project_row", index: "project_index", columns: columnsOf(db.GetProjectRow), search: "project_search",
		organization: column("organization"), village: column("village"), villagers: column("village"),
		parties: []way{column("organization"), column("evaluator")},
	}, func(r ProjectRow) keyset { return keyset{r.CreatedAt, r.ID} }}
	Payments = Listed[PaymentRow]{list{
		kind: payment.Kind, table: "payment_row", index: "payment_index", columns: columnsOf(db.GetPaymentRow),
		organization: column("organization"), parties: []way{column("organization")},
	}, func(r PaymentRow) keyset { return keyset{r.CreatedAt, r.ID} }}
	Recoveries = Listed[RecoveryRow]{list{
		kind: recovery.Kind, table: "recovery_row", index: "recovery_index", columns: columnsOf(db.GetRecoveryRow),
		organization: column("organization"), parties: []way{column("organization")},
	}, func(r RecoveryRow) keyset { return keyset{r.CreatedAt, r.ID} }}
	Differences = Listed[DifferenceRow]{list{
		kind: difference.Kind, table: "difference_row", index: "difference_index", columns: columnsOf(db.GetDifferenceRow),
	}, func(r DifferenceRow) keyset { return keyset{r.CreatedAt, r.ID} }}
)

// lists holds the lists of all kinds, without the Go types of their rows.
var lists = []list{Pilots.list, Projects.list, Payments.list, Recoveries.list, Differences.list}

// columnsOf returns the columns of a row's table, in the order of the generated query and each prefixed with the row's
// alias. It leaves out the columns that list the people a row names, which only the policies need.
func columnsOf(query string) string {
	_, names, _ := strings.Cut(query, "select ")
	names, _, _ = strings.Cut(strings.ToLower(names), " from")
	return strings.Replace("r."+strings.Join(strings.Split(names, ", "), ", r."), "r.readers", "null::text[]", 1)
}

// wanted specifies the requested page of a list.
type wanted struct {
	Filter
	submitted bool // leaves out drafts, even those of the reader's own office
	after     keyset
	limit     int
}

// mostPlaces is the maximum number of places that are searched one by one. A reader whose place contains more offices
// sees so many rows that scanning the whole list soon fills a page.
const mostPlaces = 500

// selection is the query for rows of a list, while it is being built.
type selection struct {
	list
	wanted
	args  pgx.NamedArgs
	where []string // conditions that every row must meet
	ways  []bound  // ways of which at least one must find each row; if empty, the whole list is searched
	known []string // conditions of which at least one must hold for the reader to see more of a pilot than its title
}

// bound is a way with the values to look up.
type bound struct {
	way
	name   string // name of the argument that holds the values
	values []string
}

func (b bound) among() string { return strings.ReplaceAll(b.any, "%s", "@"+b.name) }

// nothing reports whether the reader cannot see any row at all.
func (w wanted) nothing(l list) bool {
	r := w.Reader
	if l.readers.one != "" {
		return !r.All && len(r.Keys()) == 0
	}
	return !r.All && r.Place == "" && (r.Organization == "" || l.parties == nil) && (r.Village == "" || l.villagers.one == "")
}

// selectFrom chooses how to find the rows, starting with the most selective condition.
func selectFrom(ctx context.Context, through db.DBTX, l list, w wanted) (*selection, error) {
	s := &selection{list: l, wanted: w, args: pgx.NamedArgs{}}
	s.filter()
	within, err := s.within(ctx, through)
	if err != nil {
		return nil, err
	}
	seen, err := s.seen(ctx, through)
	if err != nil {
		return nil, err
	}
	if l.drafts && !w.Reader.All && w.Organization != "" && w.Organization != w.Reader.Organization {
		runs := "exists (select from project_row p where p.pilot = r.id and p.organization = @organization::text)" // of the rows that the policies let through
		s.where = append(s.where, s.knows(runs))                                                                   // otherwise a filter would reveal who else has a proposal
		s.args["organization"] = w.Organization
	}
	switch {
	case w.Pilot != "" || w.Project != "": // few rows in any case
		if w.Organization != "" {
			s.demand([]bound{s.bind("of_organization", l.organization, w.Organization)})
		}
		s.demand(within)
		s.demand(seen)
	case w.Organization != "":
		s.ways = []bound{s.bind("of_organization", l.organization, w.Organization)}
		s.demand(within)
		s.demand(seen)
	case w.Place != "" && !many(within):
		s.ways = within
		s.demand(seen)
	case !w.Reader.All && !many(seen):
		s.ways = seen
		s.demand(within)
	default:
		if w.Programme != "" && l.programme.one != "" {
			s.ways = []bound{s.bind("of_programme", l.programme, w.Programme)}
		}
		s.demand(within)
		s.demand(seen)
	}
	return s, nil
}

// filter adds the conditions that every row must meet, however it is found.
func (s *selection) filter() {
	s.equal("stage", string(s.Stage))
	if s.Stage != "" && !catalogue.All.Ended(s.Stage) {
		s.where = append(s.where, "not r.ended") // which is indexed
	}
	s.equal("programme", s.Programme)
	s.equal("pilot", s.Pilot)
	s.equal("project", s.Project)
	if s.drafts && s.submitted {
		s.where = append(s.where, "not r.draft")
	} else if s.drafts && !s.Reader.All {
		s.where = append(s.where, "(not r.draft or r.place = @reader_place)")
		s.args["reader_place"] = s.Reader.Place
	}
	if s.after.ID != "" {
		s.where = append(s.where, behind)
		s.args["before"], s.args["before_id"] = s.after.CreatedAt, s.after.ID
	}
}

// behind is the condition that a row comes after the previous page.
const behind = "(r.created_at, r.id) < (@before::timestamptz, @before_id::text)"

func (s *selection) equal(name, value string) {
	if value != "" {
		s.where = append(s.where, "r."+name+" = @"+name+"::text")
		s.args[name] = value
	}
}

func (s *selection) bind(name string, w way, values ...string) bound {
	values = append([]string{}, values...)
	s.args[name] = values
	return bound{w, name, values}
}

// demand requires that at least one of the ways finds each row.
func (s *selection) demand(ways []bound) {
	if len(ways) > 0 {
		s.where = append(s.where, anyOf(ways))
	}
}

func anyOf(ways []bound) string {
	conditions := make([]string, len(ways))
	for i, b := range ways {
		conditions[i] = b.among()
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// many reports whether a way has too many values to search them one by one.
func many(ways []bound) bool {
	return slices.ContainsFunc(ways, func(b bound) bool { return b.values == nil })
}

// within returns the ways of finding rows in the place named in the filter.
func (s *selection) within(ctx context.Context, through db.DBTX) ([]bound, error) {
	if s.Place == "" {
		return nil, nil
	}
	launched, _, err := s.places(ctx, through, "within_offices", offices, s.Place, true)
	ways := []bound{launched}
	if err == nil && s.village.one != "" {
		villages, _, err := s.places(ctx, through, "within_villages", s.village, s.Place, false)
		return append(ways, villages), err
	}
	return ways, err
}

// seen returns the ways of finding rows that concern the reader, or none if the reader sees everything.
func (s *selection) seen(ctx context.Context, through db.DBTX) (ways []bound, err error) {
	r := s.Reader
	if r.All {
		return nil, nil
	}
	named := r // the reader, for finding rows that name them; keeps the place only if offices have left it
	named.Place = ""
	if r.Place != "" {
		launched, bereft, err := s.places(ctx, through, "reader_offices", offices, r.Place, true)
		if err != nil {
			return nil, err
		}
		ways, s.known = append(ways, launched), append(s.known, launched.among())
		if bereft {
			named.Place = r.Place
		}
	}
	if s.readers.one != "" {
		if keys := named.Keys(); len(keys) > 0 && !s.submitted { // in a fund's overview an office reads only what lies below it
			ways = append(ways, s.bind("reader_keys", s.readers, keys...))
		}
		s.knowing(named)
		return ways, nil
	}
	return append(ways, s.namedBy(r)...), nil
}

// namedBy returns the ways of finding rows that name the reader's organization or village.
func (s *selection) namedBy(r flow.Reader) (ways []bound) {
	if r.Organization != "" {
		for i, party := range s.parties {
			ways = append(ways, s.bind(fmt.Sprintf("reader_party_%d", i), party, r.Organization))
		}
	}
	if r.Village != "" && s.villagers.one != "" {
		ways = append(ways, s.bind("reader_village", s.villagers, r.Village))
	}
	return ways
}

// knowing adds the conditions under which readers outside the offices above a pilot see all its proposals: their office
// takes part, they evaluate the pilot, or they sit on its panel.
func (s *selection) knowing(r flow.Reader) {
	if r.Organization != "" {
		s.known = append(s.known, s.bind("reader_evaluates", column("evaluator"), r.Organization).among())
	}
	if keys := (flow.Reader{Place: r.Place, Person: r.Person}).Keys(); len(keys) > 0 {
		s.known = append(s.known, s.bind("reader_judges", s.readers, keys...).among())
	}
}

// knows is the condition that the reader sees more of a pilot than its title and what concerns the reader.
func (s *selection) knows(or ...string) string {
	return "(" + strings.Join(append(append([]string{"false"}, or...), s.known...), " or ") + ")"
}

// places returns the way of finding the rows of offices within a place that have launched pilots, or of villages within
// it that have projects. If there are too many to search one by one, the way has no values. bereft reports whether some
// offices have since been moved out of the place.
func (s *selection) places(ctx context.Context, through db.DBTX, name string, w way, place string, asOffice bool) (_ bound, bereft bool, err error) {
	reach, err := db.New(free(through)).GetReach(ctx, db.GetReachParams{Above: place, Office: asOffice, Max: mostPlaces + 1})
	if len(reach.Places) > mostPlaces {
		w.any = strings.Replace(w.any, "= any(%s::text[])", fmt.Sprintf("in (select h.place from reach h where h.above = %%s::text and h.office = %t)", asOffice), 1)
		s.args[name] = place
		return bound{w, name, nil}, reach.Bereft, err
	}
	return s.bind(name, w, reach.Places...), reach.Bereft, err
}

// newestFirst sorts the rows of a list.
const newestFirst = " order by r.created_at desc, r.id desc limit "

// page returns the query for one page.
func (s *selection) page() string {
	limit := sized(s.limit)
	if len(s.ways) == 0 && s.Reader.All { // the order alone finds them
		return "select " + s.columns + " from " + s.table + " r where " + s.narrow() + newestFirst + limit
	}
	return "select " + s.columns + " from (" + s.lying(limit) + ") page join " + s.table + " r on r.id = page.id order by r.created_at desc, r.id desc"
}

// plan returns how PostgreSQL plans a query. One plan serves all values, except when the list is narrowed to a stage or
// a programme, which may match a few rows or most of them. Any other value matches a similar number of rows each time,
// or an index returns no more than a page of them.
func (s *selection) plan() pgx.QueryExecMode {
	if s.Stage != "" || s.Programme != "" {
		return pgx.QueryExecModeCacheDescribe
	}
	return pgx.QueryExecModeCacheStatement
}

// narrowed reports whether a filter limits the list to rows that may be rare.
func (s *selection) narrowed() bool {
	return s.Stage != "" || s.Programme != "" || s.Organization != "" || s.Pilot != "" || s.Project != "" || s.Place != ""
}

// If a reader may see more than manyOffices offices, a page is first looked for among the newestOfAll newest rows of
// the whole list. For a province they usually contain the whole page, and a single index is enough to read them.
const (
	manyOffices = 20
	newestOfAll = 4000
)

// amongNewest reports whether the newest rows of the whole list probably contain a page, because the reader sees many
// offices and has not asked for anything rare.
func (s *selection) amongNewest() bool {
	return !s.narrowed() && slices.ContainsFunc(s.ways, func(b bound) bool { return len(b.values) > manyOffices })
}

// newestPage returns the query for a page among the newest rows of the whole list.
func (s *selection) newestPage() string {
	from := "select * from " + s.index + " r"
	if s.after.ID != "" {
		from += " where " + behind
	}
	return "select " + s.columns + " from (select r.created_at, r.id from (" + from + newestFirst + strconv.Itoa(newestOfAll) + ") r where " + s.narrow() + " and " + anyOf(s.ways) +
		newestFirst + sized(s.limit) + ") page join " + s.table + " r on r.id = page.id order by r.created_at desc, r.id desc"
}

// sized returns how many rows to read for a page: one more than the limit, rounded up to one of two numbers, so that two
// cached plans suffice.
func sized(limit int) string {
	if limit <= defaultPage {
		return strconv.Itoa(defaultPage + 1)
	}
	return strconv.Itoa(MaxPage + 1)
}

// narrow joins the conditions that every row must meet.
func (s *selection) narrow() string {
	return strings.Join(append([]string{"true"}, s.where...), " and ")
}

// lying returns the query that locates the rows of a page. For each value, it reads only the newest rows in the index.
func (s *selection) lying(limit string) string {
	if len(s.ways) == 0 {
		return "select r.created_at, r.id from " + s.index + " r where " + s.narrow() + newestFirst + limit
	}
	var parts []string
	for _, b := range s.ways {
		parts = append(parts, "select found.* from unnest(@"+b.name+"::text[]) v (value) cross join lateral (select r.created_at, r.id from "+s.index+
			" r where "+b.one+" and "+s.narrow()+newestFirst+limit+") found")
	}
	distinct := ""
	if len(parts) > 1 || s.ways[0].many {
		distinct = "distinct "
	}
	return "select " + distinct + "r.created_at, r.id from (" + strings.Join(parts, " union all ") + ") r" + newestFirst + limit
}

// rows runs a query for rows of the list.
func rows[D any](ctx context.Context, through db.DBTX, s *selection, plan pgx.QueryExecMode, query string, more ...any) ([]D, error) {
	found, err := through.Query(ctx, query, plan, s.args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (d D, err error) {
		return d, row.Scan(append(fields(&d), more...)...)
	})
}

// fields returns pointers to the fields of a struct.
func fields(of any) []any {
	v := reflect.ValueOf(of).Elem()
	all := make([]any, v.NumField())
	for i := range all {
		all[i] = v.Field(i).Addr().Interface()
	}
	return all
}

// rows returns the rows of a page, plus one row if another page follows.
func (l Listed[R]) rows(ctx context.Context, through db.DBTX, w wanted) ([]R, error) {
	if w.nothing(l.list) {
		return nil, nil
	}
	s, err := selectFrom(ctx, through, l.list, w)
	if err != nil {
		return nil, err
	}
	if w.Search != "" {
		return found(ctx, through, s, l.key)
	}
	if s.amongNewest() {
		if page, err := rows[R](ctx, through, s, s.plan(), s.newestPage()); err != nil || len(page) > w.limit {
			return page, err
		}
	}
	return rows[R](ctx, through, s, s.plan(), s.page())
}
