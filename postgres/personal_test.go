package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

// objected returns a pilot with an objection, the number of its event, and a connection in the program's role.
func objected(t *testing.T) (r *record, p flow.Ref, seq int, program *pgx.Conn) {
	t.Helper()
	r = open(t)
	p = r.onNotice()
	got := r.do(zhuanglang.PublicPerson, "object", p, &pilot.Object{Proposal: r.demo.Projects[0].Code, Grounds: "名单有误", Contact: "13900000000"})
	program, err := pgx.Connect(t.Context(), r.as)
	must(t, err)
	t.Cleanup(func() { must(t, program.Close(context.Background())) })
	return r, p, flow.RecordOf(got.State).Seq, program
}

func TestPersonalDataChangeOnlyThroughTheirFunctions(t *testing.T) {
	t.Parallel()
	r, p, seq, program := objected(t)
	tests := map[string]struct{ sql, code string }{
		"a value changed":                      {"update personal set value = 'x'", "42501"},
		"a salt changed":                       {"update personal set salt = 'x'", "42501"},
		"a value deleted":                      {"delete from personal", "42501"},
		"all truncated":                        {"truncate personal", "42501"},
		"a value added":                        {"insert into personal select kind, id, seq, 'name', salt, 'x' from personal", "42501"},
		"a row locked against everybody":       {"select from personal for update", "42501"},
		"a forged note":                        {"insert into personal_change (kind, id, seq, change, digest, who, why) values ('pilot', 'p', 1, 'erased', '', 'x', 'x')", "42501"},
		"a note changed":                       {"update personal_change set why = 'x'", "42501"},
		"a note deleted":                       {"delete from personal_change", "42501"},
		"a change without its note":            {"select salt_personal('{kind}', '{id}', {seq}, 'rotated', 'x', 'x')", "42501"},
		"data added to a past event":           {"select keep_personal('{kind}', '{id}', {seq}, 'salt', '{name}', '{x}')", "23001"},
		"data of an event that does not exist": {"select keep_personal('{kind}', '{id}', 999, 'salt', '{name}', '{x}')", "23001"},
		"an erasure by nobody":                 {"select erase_personal('{kind}', '{id}', {seq}, '', 'asked for')", "23514"},
		"an erasure for no reason":             {"select rotate_personal('{kind}', '{id}', {seq}, 'officer', '')", "23514"},
		"replaced by other fields":             {"select replace_personal('{kind}', '{id}', {seq}, '{grounds,name}', '{x,y}', 'officer', 'asked for')", "22023"},
		"replaced by fewer fields":             {"select replace_personal('{kind}', '{id}', {seq}, '{grounds}', '{x}', 'officer', 'asked for')", "22023"},
		"an erasure of missing data":           {"select erase_personal('{kind}', '{id}', 999, 'officer', 'asked for')", "P0002"},
	}
	before := one[string](r, "select string_agg(p::text, ',' order by p.field) from personal p")
	for name, test := range tests {
		_, err := program.Exec(t.Context(), at(test.sql, p, seq))
		var fault *pgconn.PgError
		if !errors.As(err, &fault) || fault.Code != test.code {
			t.Errorf("%s: got %v, want %s", name, err, test.code)
		}
	}
	if after := one[string](r, "select string_agg(p::text, ',' order by p.field) from personal p"); after != before {
		t.Errorf("they were %s and now are %s", before, after)
	}
	if n := one[int](r, "select count(*) from personal_change"); n != 0 {
		t.Errorf("%d changes are recorded", n)
	}
}

// The steps build on each other, and the record is verified after each one.
func TestEachChangeOfPersonalDataIsRecordedWithoutTheData(t *testing.T) {
	t.Parallel()
	r, p, seq, program := objected(t)
	salt := one[string](r, "select distinct salt from personal")
	steps := []struct {
		sql    string
		want   map[string]string
		change string
	}{
		{"select rotate_personal('{kind}', '{id}', {seq}, 'officer', 'a year is over')", map[string]string{"grounds": "名单有误", "contact": "13900000000"}, "rotated"},
		{"select replace_personal('{kind}', '{id}', {seq}, '{contact,grounds}', '{13800000000,更正}', 'officer', 'asked for')", map[string]string{"grounds": "更正", "contact": "13800000000"}, "replaced"},
		{"select rotate_personal('{kind}', '{id}', {seq}, 'officer', 'once more')", map[string]string{"grounds": "更正", "contact": "13800000000"}, "rotated"},
		{"select erase_personal('{kind}', '{id}', {seq}, 'officer', 'asked for')", map[string]string{}, "erased"},
	}
	for n, step := range steps {
		_, err := program.Exec(t.Context(), at(step.sql, p, seq))
		must(t, err)
		if kept, err := r.Personal(t.Context(), p, seq); err != nil || !maps.Equal(kept, step.want) {
			t.Errorf("%s: %v, kept %v", step.change, kept, err)
		}
		if one[bool](r, "select exists (select from personal where salt = $1 or length(salt) <> 32)", salt) {
			t.Errorf("%s: the salt has not changed", step.change)
		}
		last := one[string](r, "select concat_ws(' ', count(*) over (), kind, id, seq, change, who) from personal_change order by number desc limit 1")
		if want := fmt.Sprintf("%d pilot %s %d %s officer", n+1, p.ID, seq, step.change); last != want {
			t.Errorf("recorded %q, want %q", last, want)
		}
		if one[bool](r, "select exists (select from personal_change c where c::text ~ '名单|更正|13[89]0000')") {
			t.Errorf("%s: the note contains the data", step.change)
		}
		if found := r.besides(); len(found) > 0 {
			t.Errorf("%s: found %q", step.change, found)
		}
	}
	for _, sql := range []string{"update personal_change set why = 'x'", "delete from personal_change", "truncate personal_change"} {
		_, err := r.connect().Exec(t.Context(), sql)
		var fault *pgconn.PgError
		if !errors.As(err, &fault) || !strings.HasSuffix(fault.Message, "is append-only") {
			t.Errorf("the owner's %q returns %v", sql, err)
		}
	}
}

// at fills an aggregate and the number of an event into a statement.
func at(sql string, ref flow.Ref, seq int) string {
	return strings.NewReplacer("{kind}", string(ref.Kind), "{id}", ref.ID, "{seq}", fmt.Sprint(seq)).Replace(sql)
}
