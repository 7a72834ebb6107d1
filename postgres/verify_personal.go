package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// concealed is the personal data that came with one event.
type concealed struct {
	ref    flow.Ref
	seq    int
	salt   string
	values map[string]string
	name   *string // of the event; nil when there is none
	form   int     // its version
	data   []byte
}

// verifyPersonal finds personal data that are not those of which the journal holds the salted hash. Data that are not there
// have been erased, which is no difference.
func (s *Store) verifyPersonal(ctx context.Context, tx pgx.Tx) (found []Difference, err error) {
	rows, err := tx.Query(ctx, `
		select p.kind, p.id, p.seq, p.salt, array_agg(p.field order by p.field), array_agg(p.value order by p.field), j.name, coalesce(j.version, 0), j.data::text
		from personal p left join journal j on j.kind = p.kind and j.id = p.id and j.seq = p.seq
		group by p.kind, p.id, p.seq, p.salt, j.name, j.version, j.data::text order by p.kind, p.id, p.seq, p.salt`)
	if err != nil {
		return nil, err
	}
	var c concealed
	var fields, values []string
	var data *string
	_, err = pgx.ForEachRow(rows, []any{&c.ref.Kind, &c.ref.ID, &c.seq, &c.salt, &fields, &values, &c.name, &c.form, &data}, func() error {
		c.values = map[string]string{}
		for n, field := range fields {
			c.values[field] = values[n]
		}
		if data != nil {
			c.data = []byte(*data)
		}
		if why := c.compare(s.catalogue); why != "" {
			found = append(found, Difference{PersonalPart, c.ref, why})
		}
		return nil
	})
	return found, err
}

// compare tells what is wrong, without giving anything away.
func (c concealed) compare(kinds *flow.Catalogue) (why string) {
	i := inspection{ref: c.ref}
	if c.name == nil {
		i.differs(PersonalPart, "of event %d, which the journal does not have", c.seq)
		return i.found[0].What
	}
	e, err := kinds.Decode(c.ref.Kind, *c.name, c.form, c.data)
	if err != nil {
		return "" // the journal's fault, which is told there
	}
	digest, fields := flow.Concealed(e)
	values := make([]string, len(fields))
	for n, field := range fields {
		values[n] = c.values[field]
	}
	switch {
	case digest == "":
		i.differs(PersonalPart, "of event %d, which brought none", c.seq)
	case flow.Conceal(c.salt, values...) != digest || len(c.values) != len(fields):
		i.differs(PersonalPart, "of event %d do not give the hash that the journal holds", c.seq)
	default:
		return ""
	}
	return i.found[0].What
}
