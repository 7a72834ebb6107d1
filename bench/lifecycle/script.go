package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Script holds the rows that one lifecycle wrote in the product, decision by decision. Engines that play it write the
// same rows, of the same size, under other ids. It is safe for concurrent use.
type Script struct {
	unique    []string                    // ids of the pilot and of users' commands, which every instance replaces with its own
	numbers   map[string]map[string]int64 // by series, in order of first use
	before    []write                     // rows of the preparation that the decisions change
	decisions [Decisions][]write
	instances atomic.Int64
}

// write is one row that is inserted, changed or deleted.
type write struct {
	table  string
	sql    string
	values []value
}

// value is a parameter in PostgreSQL's text format: null, a number in a series, or text that may contain unique ids.
type value struct {
	null   bool
	number int64  // in a series, counted from 1; 0 means text
	parts  []part // of the text
}

// part is a literal followed by the unique id at an index, if any.
type part struct {
	literal string
	unique  int
}

const noID = -1

// series lists the columns whose numbers are specific to one lifecycle. seriesSize is how many numbers of each series
// are reserved for an instance.
var series = []string{"position", "account"}

const seriesSize = 1000

// firstNumber is higher than any number that the product has assigned.
const firstNumber = 1 << 40

// Record plays one lifecycle in the product and records what each decision wrote. It first plays one in every village,
// so that rows written only for a village's first project are not part of the script.
func Record(ctx context.Context, w *World) (*Script, error) {
	for range w.places {
		if err := w.play(ctx); err != nil {
			return nil, err
		}
	}
	v := w.Take()
	if v == nil {
		return nil, errUsedUp
	}
	s := &Script{unique: []string{v.pilot.ID}, numbers: map[string]map[string]int64{}}
	for _, name := range series {
		s.numbers[name] = map[string]int64{}
	}
	tables, err := readTables(ctx, w)
	if err != nil {
		return nil, err
	}
	last, err := tables.read(ctx, w)
	if err != nil {
		return nil, err
	}
	first := last
	touched := map[string]bool{}
	for n := range Decisions {
		command, err := v.Command(n)
		if err != nil {
			return nil, err
		}
		if _, err := v.send(ctx, n, command); err != nil {
			return nil, err
		}
		if !Steps[n].Machine {
			s.unique = append(s.unique, command.ID)
		}
		now, err := tables.read(ctx, w)
		if err != nil {
			return nil, err
		}
		s.decisions[n] = s.difference(last, now, touched)
		last = now
	}
	for _, key := range slices.Sorted(maps.Keys(touched)) {
		if r, there := first[key]; there {
			b := s.insertion(r)
			b.sql += " on conflict do nothing" // some rows are shared by many lifecycles
			s.before = append(s.before, b)
		}
	}
	return s, nil
}

var errUsedUp = errors.New("no village is ready")

// play plays one whole lifecycle.
func (w *World) play(ctx context.Context) error {
	v := w.Take()
	if v == nil {
		return errUsedUp
	}
	for n := range Decisions {
		if _, err := v.Execute(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// table is the part of a table to be compared.
type table struct {
	name    string
	columns []string // without generated ones
	keys    []string
	rank    int // position in an insert order that satisfies foreign keys
}

type tables []table

// row is one row as text.
type row struct {
	table  *table
	values []*string
}

// ranks sorts referenced rows before the rows that refer to them.
var ranks = map[string]int{"ledger_account": -2, "journal": -2, "ledger_entry": -1}

func readTables(ctx context.Context, w *World) (tables, error) {
	rows, err := w.pool.Query(ctx, `
		select c.relname, array_agg(a.attname::text order by a.attnum),
			(select array_agg(k.attname::text order by k.attnum) from pg_index i join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
			 where i.indrelid = c.oid and i.indisprimary)
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
		where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
		group by c.oid, c.relname order by c.relname`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (t table, err error) {
		err = r.Scan(&t.name, &t.columns, &t.keys)
		t.rank = ranks[t.name]
		return t, err
	})
}

// read returns every row of every table with a key, by table and key.
func (ts tables) read(ctx context.Context, w *World) (map[string]row, error) {
	all := map[string]row{}
	for i := range ts {
		t := &ts[i]
		if len(t.keys) == 0 {
			continue
		}
		rows, err := w.pool.Query(ctx, "select "+strings.Join(t.columns, "::text, ")+"::text from "+t.name)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			r := row{table: t, values: make([]*string, len(t.columns))}
			into := make([]any, len(t.columns))
			for j := range into {
				into[j] = &r.values[j]
			}
			if err := rows.Scan(into...); err != nil {
				return nil, err
			}
			all[r.key()] = r
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r row) of(column string) *string { return r.values[slices.Index(r.table.columns, column)] }

// key returns a key by which rows are sorted so that they can be inserted in that order.
func (r row) key() string {
	parts := []string{fmt.Sprintf("%d %s", 5+r.table.rank, r.table.name)}
	for _, k := range r.table.keys {
		parts = append(parts, *r.of(k))
	}
	return strings.Join(parts, "\x00")
}

// difference returns what one decision wrote.
func (s *Script) difference(before, after map[string]row, touched map[string]bool) (writes []write) {
	for _, key := range slices.Sorted(maps.Keys(after)) {
		now := after[key]
		was, there := before[key]
		switch {
		case !there:
			writes = append(writes, s.insertion(now))
		case !slices.EqualFunc(was.values, now.values, sameText):
			touched[key] = true
			writes = append(writes, s.change(was, now))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, there := after[key]; !there {
			touched[key] = true
			writes = append(writes, s.deletion(before[key]))
		}
	}
	return writes
}

func sameText(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func (s *Script) insertion(r row) write {
	places := make([]string, len(r.values))
	w := write{table: r.table.name}
	for i, text := range r.values {
		places[i] = "$" + strconv.Itoa(i+1)
		w.values = append(w.values, s.value(r.table.columns[i], text))
	}
	w.sql = fmt.Sprintf("insert into %s (%s) overriding system value values (%s)", r.table.name, strings.Join(r.table.columns, ", "), strings.Join(places, ", "))
	return w
}

// deletion returns the deletion of a row by its key.
func (s *Script) deletion(r row) write {
	w := write{table: r.table.name}
	var where []string
	for _, k := range r.table.keys {
		w.values = append(w.values, s.value(k, r.of(k)))
		where = append(where, fmt.Sprintf("%s = $%d", k, len(w.values)))
	}
	w.sql = fmt.Sprintf("delete from %s where %s", r.table.name, strings.Join(where, " and "))
	return w
}

// change returns an update, by key, of the columns that changed.
func (s *Script) change(was, now row) write {
	w := write{table: now.table.name}
	place := func(column string, text *string) string {
		w.values = append(w.values, s.value(column, text))
		return fmt.Sprintf("%s = $%d", column, len(w.values))
	}
	var set, where []string
	for i, column := range now.table.columns {
		if !sameText(was.values[i], now.values[i]) {
			set = append(set, place(column, now.values[i]))
		}
	}
	for _, k := range now.table.keys {
		where = append(where, place(k, now.of(k)))
	}
	w.sql = fmt.Sprintf("update %s set %s where %s", now.table.name, strings.Join(set, ", "), strings.Join(where, " and "))
	return w
}

func (s *Script) value(column string, text *string) value {
	if text == nil {
		return value{null: true}
	}
	if numbers, ok := s.numbers[column]; ok {
		if numbers[*text] == 0 {
			numbers[*text] = int64(len(numbers) + 1)
		}
		return value{number: numbers[*text]}
	}
	return value{parts: s.split(*text)}
}

// split splits a text at the unique ids in it.
func (s *Script) split(text string) (parts []part) {
	for {
		first, found := len(text), noID
		for i, id := range s.unique {
			if at := strings.Index(text, id); at >= 0 && at < first {
				first, found = at, i
			}
		}
		parts = append(parts, part{text[:first], found})
		if found == noID {
			return parts
		}
		text = text[first+len(s.unique[found]):]
	}
}

// Instance is one lifecycle played from a script.
type Instance struct {
	script *Script
	ids    []string
	base   int64
}

// New returns an instance with its own ids.
func (s *Script) New() *Instance {
	i := &Instance{script: s, ids: make([]string, len(s.unique)), base: firstNumber + s.instances.Add(1)*seriesSize}
	for n := range i.ids {
		i.ids[n] = uuid.Must(uuid.NewV7()).String()
	}
	return i
}

// ID returns the instance's id.
func (i *Instance) ID() string { return i.ids[0] }

// Queue queues the writes of the nth decision.
func (i *Instance) Queue(b *pgx.Batch, n int) { i.queue(b, i.script.decisions[n]) }

// QueueBefore queues the writes that prepare the rows that the decisions change.
func (i *Instance) QueueBefore(b *pgx.Batch) { i.queue(b, i.script.before) }

func (i *Instance) queue(b *pgx.Batch, writes []write) {
	for _, w := range writes {
		arguments := make([]any, len(w.values))
		for n, v := range w.values {
			arguments[n] = i.argument(v)
		}
		b.Queue(w.sql, arguments...)
	}
}

// argument always returns text, which the driver sends as it is, whatever the column's type.
func (i *Instance) argument(v value) any {
	switch {
	case v.null:
		return nil
	case v.number > 0:
		return strconv.FormatInt(i.base+v.number, 10)
	case len(v.parts) == 1:
		return v.parts[0].literal
	}
	var text strings.Builder
	for _, p := range v.parts {
		text.WriteString(p.literal)
		if p.unique != noID {
			text.WriteString(i.ids[p.unique])
		}
	}
	return text.String()
}

// WithoutRules removes the product's triggers from a database, so that engines that only write the rows do not pay for
// the rules. Keys, indexes and references remain.
func WithoutRules(ctx context.Context, databaseURL string) (err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	_, err = conn.Exec(ctx, `do $$
		declare t text;
		begin
			for t in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
				execute format('alter table %I disable trigger user', t);
			end loop;
		end $$`)
	return err
}

// Tables returns, by table, how many more rows there are after the decisions than before.
func (s *Script) Tables() map[string]int {
	counts := map[string]int{}
	for _, writes := range s.decisions {
		for _, w := range writes {
			switch {
			case strings.HasPrefix(w.sql, "insert"):
				counts[w.table]++
			case strings.HasPrefix(w.sql, "delete"):
				counts[w.table]--
			}
		}
	}
	return counts
}
