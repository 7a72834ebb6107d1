package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"terrace/postgres/db"
)

// LostRow is a row that is missing although others refer to it by a foreign key. The database prevents that, unless its
// owner switches off the triggers. A dump with such a reference cannot be restored.
type LostRow struct {
	Table string `json:"table"`
	Key   string `json:"key"`  // the columns that the others refer to, as “id=somebody”
	From  string `json:"from"` // the table of the rows that refer to it
	Rows  int64  `json:"rows"` // the number of those rows
}

func (r LostRow) String() string { return "the table " + r.Table + ": " + r.what() }

func (r LostRow) what() string {
	return fmt.Sprintf("the row %s is missing; %s rows that refer to it: %d", r.Key, r.From, r.Rows)
}

// mostLost is the maximum number of lost rows that are listed for each foreign key.
const mostLost = 100

// foreignKeys lists what refers to what: table and columns of each side.
const foreignKeys = `
	select r.relname::text, t.relname::text,
		array(select quote_ident(a.attname) from unnest(k.conkey) with ordinality c (n, at) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.n order by c.at)::text[],
		array(select quote_ident(a.attname) from unnest(k.confkey) with ordinality c (n, at) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = c.n order by c.at)::text[]
	from pg_constraint k join pg_class r on r.oid = k.conrelid join pg_class t on t.oid = k.confrelid
	where k.contype = 'f' and k.connamespace = 'public'::regnamespace order by r.relname, k.conname`

// lostRows finds the rows that are missing although others refer to them, by every foreign key of the schema.
func lostRows(ctx context.Context, through db.DBTX) (lost []LostRow, err error) {
	type reference struct {
		From, Table  string
		Columns, Key []string
	}
	rows, err := through.Query(ctx, foreignKeys)
	if err != nil {
		return nil, err
	}
	references, err := pgx.CollectRows(rows, pgx.RowToStructByPos[reference])
	if err != nil {
		return nil, err
	}
	for _, k := range references {
		var key, given, same []string
		for i, column := range k.Columns {
			key = append(key, "'"+k.Key[i]+"=' || r."+column)
			given = append(given, "r."+column+" is not null")
			same = append(same, "t."+k.Key[i]+" = r."+column)
		}
		rows, err := through.Query(ctx, fmt.Sprintf("select %s, count(*) from %s r where %s and not exists (select from %s t where %s) group by 1 order by 1 limit %d",
			strings.Join(key, " || ', ' || "), pgx.Identifier{"public", k.From}.Sanitize(), strings.Join(given, " and "),
			pgx.Identifier{"public", k.Table}.Sanitize(), strings.Join(same, " and "), mostLost))
		if err != nil {
			return nil, err
		}
		l := LostRow{Table: k.Table, From: k.From}
		if _, err := pgx.ForEachRow(rows, []any{&l.Key, &l.Rows}, func() error { lost = append(lost, l); return nil }); err != nil {
			return nil, fmt.Errorf("compare the foreign keys of %s: %w", k.From, err)
		}
	}
	return lost, nil
}

// LostRows finds the rows without which the snapshot cannot be restored.
func (s *Snapshot) LostRows(ctx context.Context) ([]LostRow, error) { return lostRows(ctx, s.tx) }
