package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"terrace/domain/flow"
)

// concealed is the personal data that came with one event.
type concealed struct {
	ref    flow.Ref
	seq    int
	salt   string
	values map[string]string // values that are still stored, by field
	name   *string           // the event's name; nil if there is no such event
	form   int               // version of the event's format
	data   []byte
	change string // the last recorded change; empty if there was none
	noted  string // the hash recorded with that change
}

// verifyPersonal finds personal data that do not match their salted hash in the journal or, if they have been changed,
// in the record of the last change. It also finds data that are missing although no erasure was recorded.
func (s *Store) verifyPersonal(ctx context.Context, tx pgx.Tx) (found []Difference, err error) {
	var kinds, names []string
	for _, t := range s.catalogue.Events() {
		if t.Conceals() {
			kinds, names = append(kinds, string(t.Aggregate)), append(names, t.Name)
		}
	}
	rows, err := tx.Query(ctx, `
		with kept as (
			select kind, id, seq, salt, array_agg(field) as fields, array_agg(value) as contents from personal group by kind, id, seq, salt
		), brought as (
			select j.kind, j.id, j.seq from journal j where (j.kind, j.name) in (select * from unnest($1::text[], $2::text[]))
		), changed as (
			select distinct on (kind, id, seq) kind, id, seq, change, digest from personal_change order by kind, id, seq, number desc
		)
		select kind, id, seq, coalesce(k.salt, ''), k.fields, k.contents, j.name, coalesce(j.version, 0), j.data::text, coalesce(c.change, ''), coalesce(c.digest, '')
		from kept k full join brought b using (kind, id, seq) left join journal j using (kind, id, seq) left join changed c using (kind, id, seq)
		order by kind, id, seq, k.salt`, kinds, names)
	if err != nil {
		return nil, err
	}
	var c concealed
	var fields, values []string
	var data *string
	_, err = pgx.ForEachRow(rows, []any{&c.ref.Kind, &c.ref.ID, &c.seq, &c.salt, &fields, &values, &c.name, &c.form, &data, &c.change, &c.noted}, func() error {
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

// compare returns what is wrong, without revealing the data.
func (c concealed) compare(kinds *flow.Catalogue) (why string) {
	i := inspection{ref: c.ref}
	if c.name == nil {
		i.differs(PersonalPart, "of event %d, which the journal does not have", c.seq)
		return i.found[0].What
	}
	e, err := kinds.Decode(c.ref.Kind, *c.name, c.form, c.data)
	if err != nil {
		return "" // an error in the journal, which is reported under the journal
	}
	digest, fields := flow.Concealed(e)
	kept := len(c.values) > 0
	switch {
	case digest == "" && kept:
		i.differs(PersonalPart, "of event %d, which brought none", c.seq)
	case digest == "", !kept && c.change == "erased":
		return ""
	case !kept:
		i.differs(PersonalPart, "of event %d are gone, and no erasure is noted", c.seq)
	case c.change == "erased":
		i.differs(PersonalPart, "of event %d were erased, and are there again", c.seq)
	case c.change == "" && !c.gives(digest, fields):
		i.differs(PersonalPart, "of event %d do not give the hash that the journal holds", c.seq)
	case c.change != "" && (!c.gives(c.noted, slices.Sorted(maps.Keys(c.values))) || len(c.values) != len(fields)):
		i.differs(PersonalPart, "of event %d do not give the hash that was noted when they were %s", c.seq, c.change)
	default:
		return ""
	}
	return i.found[0].What
}

// gives reports whether the data have exactly the given fields and hash to digest. The order of the fields matters.
func (c concealed) gives(digest string, fields []string) bool {
	values := make([]string, len(fields))
	for n, field := range fields {
		values[n] = c.values[field]
	}
	return flow.Conceal(c.salt, values...) == digest && len(c.values) == len(fields)
}
