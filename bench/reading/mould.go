package reading

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// sort is how a column changes from the model to a copy.
type sort int

const (
	text     sort = iota // copied, with the copy's own names
	instant              // shifted by the copy's own delay
	position             // position in the journal
	account              // number of an account
	chained              // the row's hash, computed for each copy
	head                 // the hash of the aggregate's last row
	asked                // hash of the command
	command              // the sender's command id
	ordered              // array that is kept sorted
)

// table is a table in which a pilot has rows.
type table struct {
	name    string
	columns []string
	sorts   []sort
	of      string // selects the rows of pilot $1, in order
}

func columns(spec string) (names []string, sorts []sort) {
	kinds := map[string]sort{"@": instant, "#": position, "$": account, "^": chained, "%": head, "?": asked, "!": command, "&": ordered}
	for c := range strings.FieldsSeq(spec) {
		kind, marked := kinds[c[len(c)-1:]]
		if marked {
			c = c[:len(c)-1]
		}
		names, sorts = append(names, c), append(sorts, kind)
	}
	return names, sorts
}

func tableOf(name, spec, of string) table {
	names, sorts := columns(spec)
	return table{name, names, sorts, of}
}

// tables lists every table that the product writes for a pilot, except those that the database fills itself (fund_sum,
// launch, reach, search words) and the outbox, which is empty once everything has been delivered.
var tables = []table{
	tableOf("journal", "position# kind id seq name version at@ day actor late data hash^ pilot", "pilot = $1 order by position"),
	tableOf("aggregate", "kind id place stage version seq shape state head% next_at owes ended created_at@ updated_at@ written_at carried", "pilot = $1 order by kind, id"),
	tableOf("receipt", "actor command! request? kind id version events late at@", "split_part(id, '.', 1) = $1 order by at, id, version"),
	tableOf("claim", "key kind id", "split_part(id, '.', 1) = $1"),
	tableOf("personal", "kind id seq field salt value", "split_part(id, '.', 1) = $1"),
	tableOf("evidence_use", "sha256 kind id", "split_part(id, '.', 1) = $1"),
	tableOf("pilot_row", "id stage version ended place programme programme_version title_zh title_en requested_fen committed_fen draft organizations evaluator projects due created_at@ updated_at@ readers&", "id = $1"),
	tableOf("project_row", "id pilot stage version ended place village village_zh village_en programme programme_version code title_zh title_en organization organization_zh organization_en evaluator grant_fen paid_fen due created_at@ updated_at@ banned_until readers&", "pilot = $1 order by id"),
	tableOf("payment_row", "id pilot payer_kind payer stage version ended place programme programme_version tranche attempt organization organization_zh organization_en fen voucher due created_at@ updated_at@ readers&", "pilot = $1 order by id"),
	tableOf("notice_row", "pilot proposal round title_zh title_en village village_zh village_en organization organization_zh organization_en grant_fen until", "pilot = $1 order by proposal"),
	tableOf("ledger_account", "account$ owner name category currency floor balance", "pilot = $1 order by account"),
	tableOf("ledger_entry", "position# kind id seq at@ lines", "split_part(id, '.', 1) = $1 order by position"),
	tableOf("ledger_line", "position# line account$ fen", "position in (select position from ledger_entry where split_part(id, '.', 1) = $1) order by position, line"),
	tableOf("turn_row", "kind id wait subject seat role pilot place programme draft label_zh label_en due hard provisional escalated urged", "pilot = $1 order by kind, id, wait, subject, seat, role"),
}

// piece is part of a column: fixed text, followed by one of the copy's names (given by its index; -1 for none).
type piece struct {
	fixed []byte
	then  int
}

// cell is one column of one row of a model.
type cell struct {
	sort   sort
	pieces []piece
	at     time.Time
	number int64 // a position, or the index of one of the pilot's accounts; -1-n is the nth account of its fund
	sent   *sentMould
	fresh  bool // a command id chosen by a person
}

type sentMould struct{ before, id, canonical []piece }

// mould is a model prepared for casting copies.
type mould struct {
	start
	rows     [][][]cell // by table, row and column
	events   int        // transactions in the journal
	accounts int
	created  time.Time
	funds    []fundMove
}

// fundMove is the amount that a pilot moves in an account of its programme's fund.
type fundMove struct {
	name  string
	floor int64
	fen   int64
}

var uncopiable = regexp.MustCompile(`[\t\n\\]`)

// mould reads a model's rows from the record and prepares them for casting copies.
func (m *model) mould(ctx context.Context, conn *pgx.Conn) (*mould, error) {
	out := &mould{start: m.start}
	raw := make([][][]string, len(tables))
	for t, tab := range tables {
		rows, err := readRows(ctx, conn, tab, m.id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tab.name, err)
		}
		raw[t] = rows
	}
	positions, accounts := m.numbers(raw)
	out.events, out.accounts = len(positions), len(raw[10])
	if err := out.fund(ctx, conn, raw, accounts); err != nil {
		return nil, err
	}
	names := m.names()
	for t, tab := range tables {
		var rows [][]cell
		for _, r := range raw[t] {
			row := make([]cell, len(r))
			for c, value := range r {
				var err error
				if row[c], err = m.cell(tab.sorts[c], value, r, names, positions, accounts); err != nil {
					return nil, fmt.Errorf("%s.%s: %w", tab.name, tab.columns[c], err)
				}
			}
			rows = append(rows, row)
		}
		out.rows = append(out.rows, rows)
	}
	out.created = out.rows[0][0][6].at
	return out, nil
}

// readRows returns the columns as text in COPY format, without hashes.
func readRows(ctx context.Context, conn *pgx.Conn, t table, id string) (all [][]string, err error) {
	expressions := make([]string, len(t.columns))
	for i, c := range t.columns {
		expressions[i] = `coalesce("` + c + `"::text, '\N')`
		if t.sorts[i] == instant {
			expressions[i] = `to_char("` + c + `" at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`
		}
	}
	rows, err := conn.Query(ctx, "select array["+strings.Join(expressions, ", ")+"] from "+t.name+" where "+t.of, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[[]string])
}

// numbers maps journal positions to the order of their transactions, and numbers the accounts in order.
func (m *model) numbers(raw [][][]string) (positions map[int64]int, accounts map[int64]int) {
	positions, accounts = map[int64]int{}, map[int64]int{}
	var seen []int64
	for _, r := range raw[0] {
		p, _ := strconv.ParseInt(r[0], 10, 64) // the database returns a number
		seen = append(seen, p/1000)
	}
	slices.Sort(seen)
	for i, p := range slices.Compact(seen) {
		positions[p] = i
	}
	for i, r := range raw[10] {
		a, _ := strconv.ParseInt(r[0], 10, 64) // likewise
		accounts[a] = i
	}
	return positions, accounts
}

// fund finds what the pilot moved in the accounts of its programme's fund.
func (out *mould) fund(ctx context.Context, conn *pgx.Conn, raw [][][]string, accounts map[int64]int) error {
	at := map[int64]int{}
	for _, r := range raw[12] {
		a, _ := strconv.ParseInt(r[2], 10, 64) // the database returns a number
		fen, _ := strconv.ParseInt(r[3], 10, 64)
		if _, own := accounts[a]; own {
			continue
		}
		i, known := at[a]
		if !known {
			var move fundMove
			if err := conn.QueryRow(ctx, "select name, floor from ledger_account where account = $1", a).Scan(&move.name, &move.floor); err != nil {
				return err
			}
			i = len(out.funds)
			at[a], out.funds = i, append(out.funds, move)
		}
		out.funds[i].fen += fen
	}
	for a, i := range at {
		accounts[a] = -1 - i
	}
	return nil
}

// names lists the texts to replace, in the order of a copy's names.
func (m *model) names() []string {
	names := []string{m.id, modelCounty, modelTitle, modelOf("pilot", 0), modelEvaluator(), modelOf("评估", 0), modelOf("evaluator", 0)}
	for n := range proposals {
		names = append(
			names, modelCode(n), m.organization(n), modelVillage(n), modelOf("题", n), modelOf("title", n), modelOf("组织", n), modelOf("organization", n), modelOf("村", n), modelOf("village", n),
		)
	}
	return names
}

// pieces splits a text at the names.
func pieces(value string, names []string) (all []piece) {
	for {
		first, which := -1, -1
		for i, n := range names {
			at := strings.Index(value, n)
			if at >= 0 && (first < 0 || at < first || at == first && len(n) > len(names[which])) { //nolint:gosec // first is set together with which
				first, which = at, i
			}
		}
		if which < 0 {
			return append(all, piece{[]byte(value), -1})
		}
		all = append(all, piece{[]byte(value[:first]), which})
		value = value[first+len(names[which]):]
	}
}

var instantIn = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:`)

func (m *model) cell(kind sort, value string, row, names []string, positions, accounts map[int64]int) (c cell, err error) {
	c = cell{sort: kind}
	switch kind {
	case instant:
		c.at, err = time.Parse("2006-01-02 15:04:05.000000", value)
	case position:
		p, err := strconv.ParseInt(value, 10, 64)
		c.number = int64(positions[p/1000])*1000 + p%1000
		return c, err
	case account:
		a, err := strconv.ParseInt(value, 10, 64)
		c.number = int64(accounts[a])
		return c, err
	case chained, head:
	case asked:
		s, known := m.commands[row[0]+"\t"+row[1]]
		if !known {
			return c, fmt.Errorf("no command %q by %s was sent", row[1], row[0])
		}
		c.sent = &sentMould{pieces(s.name+"\x00"+s.kind+"\x00", names), pieces(s.id, names), pieces("\x00"+s.canonical, names)}
	default:
		if value != `\N` && uncopiable.MatchString(value) || instantIn.MatchString(value) {
			return c, fmt.Errorf("%.80q cannot be copied as it is", value)
		}
		c.pieces = pieces(value, names)
		c.fresh = kind == command && len(value) == 36 && len(c.pieces) == 1
	}
	return c, err
}

// fill writes the pieces with a copy's names.
func fill(out []byte, all []piece, names [][]byte) []byte {
	for _, p := range all {
		out = append(out, p.fixed...)
		if p.then >= 0 {
			out = append(out, names[p.then]...)
		}
	}
	return out
}
