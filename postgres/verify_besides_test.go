package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/payment"
	"terrace/domain/pilot"
)

// besides returns what Verify finds in the parts of the record that cannot be rebuilt from the journal.
func (r *record) besides() []string {
	r.t.Helper()
	return slices.DeleteFunc(r.differences(), func(line string) bool {
		return !strings.HasPrefix(line, "receipt of") && !strings.HasPrefix(line, "personal data of") && !strings.HasPrefix(line, "dossier of")
	})
}

func TestVerifyFindsReceiptsAndPersonalDataThatDoNotMatchTheJournal(t *testing.T) {
	t.Parallel()
	// Each case tampers with one thing, with all triggers off. want is the beginning of a finding; if empty, nothing
	// should be found.
	tests := map[string]struct{ sql, want string }{
		"nothing":                            {"select 1", ""},
		"a receipt deleted":                  {`delete from receipt where 'submitted' = any(events)`, "receipt of pilot/{p}: event 2 has none"},
		"a receipt from nowhere":             {`insert into receipt select actor, 'conjured', request, kind, id, version, events, late, at from receipt where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"a receipt of another version":       {`update receipt set version = version + 1 where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"a receipt of another event":         {`update receipt set events = '{withdrawn}' where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"a receipt with more events":         {`update receipt set events = events || 'withdrawn'::text where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"a receipt with fewer events":        {`update receipt set events = '{}' where 'submitted' = any(events)`, "receipt of pilot/{p}: event 2 has none"},
		"a receipt of somebody else":         {`update receipt set actor = 'somebody' where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for somebody’s"},
		"a receipt of another time":          {`update receipt set at = at + interval '1 microsecond' where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"lateness added to a receipt":        {`update receipt set late = not late where 'submitted' = any(events)`, "receipt of pilot/{p}: the one for "},
		"a receipt for another aggregate":    {`update receipt set id = '{p}.1', kind = 'project' where 'submitted' = any(events)`, "receipt of project/{p}.1: the one for "},
		"an event that nobody sent":          {`insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash) select position + 1, kind, id, pilot, seq + 1, name, version, at, day, actor, late, data, hash from (select position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash from journal where kind = 'payment' order by seq desc limit 1) last`, "receipt of payment/{p}.1.1.1: event 2 has none"},
		"a changed account number":           {`update personal set value = '6222000000000009' where field = 'account_number'`, "personal data of project/{p}.1: of event 2 do not give the hash"},
		"another salt":                       {`update personal set salt = salt || '0' where field = 'account_number'`, "personal data of project/{p}.1: of event 2 do not give the hash"},
		"personal data of another event":     {`update personal set seq = 1 where field = 'account_number'`, "personal data of project/{p}.1: of event 1, which brought none"},
		"personal data without an event":     {`update personal set id = 'ghost' where field = 'account_number'`, "personal data of project/ghost: of event 2, which the journal does not have"},
		"more personal data than there were": {`insert into personal select kind, id, seq, 'name', salt, 'somebody' from personal where field = 'account_number'`, "personal data of project/{p}.1: of event 2 do not give the hash"},
		"personal data that are gone":        {`delete from personal`, "personal data of project/{p}.1: of event 2 are gone, and no erasure is noted"},
		"personal data that were erased":     {`select erase_personal(kind, id, seq, 'officer', 'asked for') from personal`, ""},
		"erased data that are back": {
			`create temporary table copy as table personal; select erase_personal(kind, id, seq, 'officer', 'asked for') from personal; insert into personal table copy`,
			"personal data of project/{p}.1: of event 2 were erased, and are there again",
		},
		"personal data under another salt": {`select rotate_personal(kind, id, seq, 'officer', 'a year is over') from personal`, ""},
		"corrected personal data":          {`select replace_personal(kind, id, seq, array[field], array['6222000000000009'], 'officer', 'a digit was wrong') from personal`, ""},
		"a number changed after its correction": {
			`select replace_personal(kind, id, seq, array[field], array['6222000000000009'], 'officer', 'a digit was wrong') from personal; update personal set value = '6222000000000008'`,
			"personal data of project/{p}.1: of event 2 do not give the hash that was noted when they were replaced",
		},
	}
	r := open(t)
	p, _, _ := r.inPayment()
	r.leave()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(strings.ReplaceAll(test.sql, "{p}", p.ID))
			found := copied.besides()
			want := strings.ReplaceAll(test.want, "{p}", p.ID)
			if test.want == "" && len(found) > 0 || test.want != "" && !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, want) }) {
				t.Errorf("found %q, want %q", found, want)
			}
			for _, line := range found {
				if strings.Contains(line, "6222") || strings.Contains(line, "1390") || strings.Contains(line, "名单") {
					t.Errorf("it reveals personal data: %s", line)
				}
			}
		})
	}
}

func TestAnObjectorsDataAreComparedAsAWhole(t *testing.T) {
	t.Parallel()
	r := open(t)
	p := r.onNotice()
	r.do(zhuanglang.PublicPerson, "object", p, &pilot.Object{Proposal: r.demo.Projects[0].Code, Grounds: "名单有误", Contact: "13900000000"})
	if found := r.besides(); len(found) > 0 {
		t.Errorf("untouched: %q", found)
	}
	for _, half := range []string{"grounds", "contact"} {
		r.sql(fmt.Sprintf("update personal set field = 'kept' where field = '%s'", half))
		if found := r.besides(); len(found) != 1 || !strings.HasPrefix(found[0], "personal data of "+p.String()) || !strings.HasSuffix(found[0], "do not give the hash that the journal holds") {
			t.Errorf("without the %s: %q", half, found)
		}
		r.sql(fmt.Sprintf("update personal set field = '%s' where field = 'kept'", half))
	}
	for _, change := range []string{"rotate", "erase"} {
		r.sql(fmt.Sprintf("select %s_personal(kind, id, seq, 'officer', 'asked for') from (select distinct kind, id, seq from personal) p", change))
		if found := r.besides(); len(found) > 0 {
			t.Errorf("after %s: %q", change, found)
		}
	}
}

func TestVerifyFindsADossierThatWasTamperedWith(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _, paymentRef := r.inPayment()
	dossier, err := r.Dossier(t.Context(), p.ID)
	must(t, err)
	r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{}) // while the dossier is being sealed
	r.leave()
	tests := map[string]struct {
		sql   string
		whole bool
	}{
		"as it was sealed":              {"select 1", true},
		"with another last event":       {`update journal set hash = sha256('x') where kind = 'project' and seq = (select max(seq) from journal where kind = 'project')`, false},
		"with the last event taken out": {`delete from journal where kind = 'project' and seq = (select max(seq) from journal where kind = 'project')`, false},
		"with a whole chain taken out":  {`delete from journal where kind = 'payment'`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(fmt.Sprintf(`insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
				select max(position) + 1000, 'pilot', '%[1]s', '%[1]s', 1 + (select max(seq) from journal where kind = 'pilot'), 'archived', 1, now(), now(), 'x', false, '{"dossier":"%[2]s"}', sha256('z')
				from journal`, p.ID, dossier), test.sql)
			want := []string{}
			if !test.whole {
				want = []string{fmt.Sprintf("dossier of pilot/%s: the chains are not those that were sealed", p.ID)}
			}
			found := slices.DeleteFunc(copied.besides(), func(line string) bool { return !strings.HasPrefix(line, "dossier") })
			if !slices.Equal(found, want) {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}
