package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"terrace/bank/statement"
	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/postgres"
)

func quietly(int, int) {}

// differences returns what Verify finds, one line each.
func (r *record) differences() (lines []string) {
	r.t.Helper()
	last := 0
	found, err := r.Verify(r.t.Context(), func(done, total int) {
		if done != last+1 || done > total {
			r.t.Errorf("progress is %d of %d after %d", done, total, last)
		}
		last = done
	})
	must(r.t, err)
	for _, d := range found {
		lines = append(lines, d.String())
	}
	return lines
}

func TestARecordThatNobodyTouchedShowsNoDifference(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, _, paymentRef := r.inPayment()
	r.do(zhuanglang.CountyFinance, "void", paymentRef, &payment.VoidPayment{Reason: "重付"})
	r.others()
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}

// turnsWritten waits until the lists hold every turn.
func (r *record) turnsWritten() {
	r.t.Helper()
	_, err := r.WriteTurns(r.t.Context())
	must(r.t, err)
	if left := one[int](r, "select count(*) from unturned"); left != 0 {
		r.t.Fatalf("the turns of %d aggregates are not written", left)
	}
}

// others adds a draft and a withdrawn application.
func (r *record) others() {
	r.t.Helper()
	r.drafted()
	r.do(zhuanglang.CountyOfficer, "withdraw", r.drafted(), &pilot.Withdraw{Reason: "撤回"})
}

func TestVerifyFindsEveryPlantedError(t *testing.T) {
	t.Parallel()
	// Each case tampers with one thing, with all triggers off. want is part of the first finding, which concerns the
	// pilot unless stated otherwise.
	tests := map[string]struct{ sql, want string }{
		"a changed event":              {`update journal set data = replace(data::text, '620825', '620826')::json where kind = 'pilot' and seq = 1`, "journal of pilot/{p}: event 1 was changed"},
		"a changed author of an event": {`update journal set actor = 'somebody' where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"a changed time of an event":   {`update journal set at = at + interval '1 microsecond' where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"a changed day of an event":    {`update journal set day = day + 1 where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"removed lateness of an event": {`update journal set late = not late where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"whitespace added to an event": {`update journal set data = (data::text || ' ')::json where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"a forged hash":                {`update journal set actor = 'x', hash = sha256('x') where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"an event filed elsewhere":     {`update journal set pilot = 'ghost' where kind = 'payment'`, "journal of payment/{p}.1.1.1: event 1 is filed under \"ghost\" but belongs to \"{p}\""},
		"an event deleted":             {`delete from journal where kind = 'pilot' and seq = 3`, "journal of pilot/{p}: event 3 is missing"},
		"the last event deleted": {
			`delete from journal j where kind = 'project' and seq = (select max(seq) from journal where kind = 'project')`, "journal of project/{p}.1: event 5 is missing, and the record holds the state after event 5",
		},
		"all events deleted":         {`delete from journal where kind = 'payment'`, "journal of payment/{p}.1.1.1: event 1 is missing, and the record holds the state after event 1"},
		"an unknown event":           {`update journal set name = 'conjured' where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 was changed"},
		"an event set back":          {`update journal set position = 1 where kind = 'pilot' and seq = 2`, "journal of pilot/{p}: event 2 has the position 1, which is not above that of the event before it, "},
		"the positions set back":     {`update journal_origin set shift = shift - 1000000000`, "state of table/journal_origin: the next event would not get a position above the last one"},
		"the origin deleted":         {`delete from journal_origin`, "state of table/journal_origin: its only row is missing"},
		"a changed state":            {`update aggregate set state = replace(state::text, '"level":3', '"level":2')::json where kind = 'pilot'`, "state of pilot/{p}: the state is not what the journal says, in level"},
		"a changed stage":            {`update aggregate set stage = 'archived' where kind = 'pilot'`, "state of pilot/{p}: stage is archived, the journal says rollout"},
		"a next moment removed":      {`update aggregate set next_at = null where kind = 'payment'`, "state of payment/{p}.1.1.1: next_at is none"},
		"a run forgotten":            {`update aggregate set carried = false where kind = 'payment'`, "state of payment/{p}.1.1.1: carried is false"},
		"a duty forgotten":           {`update aggregate set owes = not owes where kind = 'pilot'`, "state of pilot/{p}: owes is false"},
		"a state deleted":            {`delete from aggregate where kind = 'pilot'`, "state of pilot/{p}: it is missing"},
		"a state from nowhere":       {`insert into aggregate (kind, id, place, stage, version, seq, shape, state, head, next_at, owes, ended, created_at, updated_at) select kind, 'ghost', place, stage, version, seq, shape, state, head, next_at, owes, ended, created_at, updated_at from aggregate where kind = 'pilot'`, "journal of pilot/ghost: event 1 is missing, and the record holds the state after event "},
		"a claim deleted":            {`delete from claim where key like 'application:%' and kind = 'pilot'`, "claim of pilot/{p}: holds "},
		"a claim from nowhere":       {`insert into claim values ('application:x:y', 'pilot', 'ghost')`, "journal of pilot/ghost: event 1 is missing, as these show: claims"},
		"a changed row of a list":    {`update pilot_row set title_zh = '改'`, "list of pilot/{p}: title_zh is 改"},
		"a reader let in":            {`update pilot_row set readers = readers || array['person/spy']`, "list of pilot/{p}: readers is "},
		"a row deleted":              {`delete from project_row`, "list of project/{p}.1: the row is missing"},
		"another sum in a list":      {`update payment_row set fen = 5`, "list of payment/{p}.1.1.1: fen is 5 fen, the journal says 12600000 fen"},
		"a name emptied in a list":   {`update pilot_row set title_zh = ''`, "list of pilot/{p}: title_zh is none, the journal says "},
		"a turn of nobody deleted":   {`delete from turn_row where kind = 'project' and role = ''`, "list of project/{p}.1: the turn money \"1\" of nobody is not listed"},
		"a row from nowhere":         {`insert into payment_row select 'ghost' as id, pilot, payer_kind, payer, stage, version, ended, place, programme, programme_version, tranche, attempt, organization, organization_zh, organization_en, fen, voucher, due, created_at, updated_at from payment_row`, "journal of payment/ghost: event 1 is missing, as these show: the list of payments"},
		"a turn put off":             {`update turn_row set due = due + 1 where kind = 'payment'`, "list of payment/{p}.1.1.1: the turn release of approver \"office/620825\": due is "},
		"a turn deleted":             {`delete from turn_row where kind = 'payment'`, "list of payment/{p}.1.1.1: the turn release of approver \"office/620825\" is not listed"},
		"a turn of somebody else":    {`insert into turn_row select kind, id, wait, subject, 'person/spy', role, pilot, place, programme, draft, label_zh, label_en, due, hard, provisional, escalated, urged from turn_row where kind = 'payment' limit 1`, "list of payment/{p}.1.1.1: the turn release of approver \"person/spy\" is listed"},
		"a turn from nowhere":        {`update turn_row set id = 'ghost' where kind = 'payment'`, "list of payment/ghost: its turns are listed, but it is not in the journal"},
		"a forged notice":            {`insert into notice_row select pilot, 'X', 1, '', '', '', '', '', '', '', '', 1, null from project_row`, "list of pilot/{p}: the proposals on notice"},
		"a notice from nowhere":      {`insert into notice_row values ('ghost', 'X', 1, '', '', '', '', '', '', '', '', 1, null)`, "list of pilot/ghost: its notice is listed, but it is not in the journal"},
		"a changed ledger line":      {`update ledger_line set fen = fen * 2 where position = (select position from ledger_entry where kind = 'payment')`, "ledger of payment/{p}.1.1.1: event 1 has the lines"},
		"a ledger line deleted":      {`delete from ledger_line where line = 1 and position = (select position from ledger_entry where kind = 'payment')`, "ledger of payment/{p}.1.1.1: event 1 has the lines"},
		"a ledger entry deleted":     {`with gone as (delete from ledger_entry where kind = 'payment' returning position) delete from ledger_line using gone where gone.position = ledger_line.position`, "ledger of payment/{p}.1.1.1: event 1 has no lines, the journal says the lines "},
		"an entry from nowhere":      {`insert into ledger_entry values (7, 'pilot', 'ghost', 1, now(), 2); insert into ledger_line select 7, n, account, case n when 1 then 1 else -1 end from generate_series(1, 2) n, (select account from ledger_account limit 1) a`, "ledger of pilot/ghost: the entry of event 1 has no such event"},
		"a balance beyond its bound": {`update ledger_account set balance = -1 where name = 'available'`, "ledger of pilot/{p}: account available stands at -1 fen, past its bound of 0"},
		"a fund that may give more":  {`update ledger_account set floor = 2 * floor where name = 'fund'`, "ledger of programme/zhuanglang-2017: its fund may give "},
		"an account let overdraw":    {`update ledger_account set floor = -5 where name = 'available'`, "ledger of pilot/{p}: account available may go down to -5 fen, which is not the bound of its kind"},
		"a key held twice":           {`alter table claim drop constraint claim_pkey; insert into claim select key, 'pilot', 'ghost' from claim where key like 'payment:%'`, "claim of payment/{p}.1.1.1: \"payment:{p}.1.1\" is also held by another aggregate"},
		"turns that nobody writes":   {`insert into unturned select kind, id from aggregate where kind = 'payment'; update aggregate set written_at = written_at - interval '2 minutes'`, "turns of payment/{p}.1.1.1: they have not been written since "},
		"news of nothing":            {`insert into outbox (kind, id) values ('pilot', 'ghost')`, "list of pilot/ghost: news of it waits for delivery, but it is not in the journal"},
		"a person with a token lost": {`insert into token values (sha256('x'), 'somebody')`, "lost row of table/actor: the row id=somebody is missing; token rows that refer to it: 1"},
		"a receipt from nowhere":     {`update receipt set id = 'ghost' where 'submitted' = any(events)`, "journal of pilot/ghost: event 1 is missing, as these show: receipts"},
		"a raised balance":           {`update ledger_account set balance = balance + 100 where name = 'transit'`, "ledger of pilot/{p}.1: account transit stands at "},
	}
	r := open(t)
	p, _, _ := r.inPayment()
	r.leave()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(strings.Split(test.sql, ";")...)
			found := copied.differences()
			want := strings.ReplaceAll(test.want, "{p}", p.ID)
			if !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, want) }) || strings.Contains(strings.Join(found, "\n"), `""`) {
				t.Errorf("found %q, want %q", found, want)
			}
			if strings.HasSuffix(want, "the row is missing") && strings.Contains(strings.Join(found, ""), "the journal says") {
				t.Errorf("found %q, want one line for the row, and none for its columns", found)
			}
		})
	}
}

// attached adds a draft with an attachment.
func (r *record) attached() (p flow.Ref, file string) {
	r.t.Helper()
	p, file = r.drafted(), r.file("attachment")
	c := r.saveDraft(p, "附件")
	c.Payload.(*pilot.SaveDraft).Attachments = []string{file}
	r.execute(c)
	return p, file
}

func TestVerifyFindsWhatIsMissingAboutAFile(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, file := r.attached()
	r.leave()
	for name, test := range map[string]struct{ sql, want string }{
		"nothing is missing":                {"select 1", ""},
		"the use of a file deleted":         {"delete from evidence_use", "list of {p}: the file {f} is not listed, which its events name"},
		"a use from nowhere":                {"insert into evidence_use select repeat('e', 64), kind, id from evidence_use", "evidence of {p}: the file " + strings.Repeat("e", 64) + " is listed, and none of its events names it"},
		"the description of a file deleted": {"delete from evidence", "evidence of {p}: nothing is known of the file {f}, which its events name\nlost row of table/evidence: the row sha256={f} is missing; evidence_upload rows that refer to it: 27"},
		"its uploads deleted":               {"delete from evidence_upload", "evidence of file/{f}: nobody is known to have uploaded it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(test.sql)
			want := strings.Split(strings.NewReplacer("{p}", p.String(), "{f}", file).Replace(test.want), "\n")
			if test.want == "" {
				want = nil
			}
			if found := copied.differences(); !slices.Equal(found, want) {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}

func TestRebuildLeavesWhatItCannotRestore(t *testing.T) {
	t.Parallel()
	// Each case damages what the record is rebuilt from, with all triggers off. want is the beginning of a finding, and
	// kept is a query whose result must be the same after a rebuild. {p} is the pilot.
	r := open(t)
	p, _, _ := r.inPayment()
	must(t, r.Rebuild(t.Context(), quietly))
	r.leave()
	sums := "select coalesce(string_agg(s::text, ' ' order by s), '') from fund_sum s"
	reach := "select coalesce(string_agg(s::text, ' ' order by s), '') from reach s"
	states := "select string_agg(concat(id, seq, state), ' ' order by id) from aggregate"
	claims := "select string_agg(concat(key, id), ' ' order by key) || (select count(*) from project_row) || (select count(*) from payment_row) || (select count(*) from turn_row) from claim"
	for name, test := range map[string]struct{ sql, want, kept string }{
		"the position of the sums":    {"delete from fund_carry", "ledger of table/fund_carry: its only row is missing", sums},
		"the chart of accounts":       {"delete from ledger_account_kind", "ledger of table/ledger_account_kind: the account available differs", sums},
		"a kind of account changed":   {"update ledger_account_kind set source = true where name = 'advance'", "ledger of table/ledger_account_kind: the account advance differs", sums},
		"the table of places":         {"delete from place", "places of place/620825: is not registered", reach},
		"an amount in an event":       {"update journal set data = replace(data::text, 'fen\":', 'fen\":1')::json where id = '{p}.1'", "journal of project/{p}.1: event ", states},
		"an event in the middle":      {"delete from journal where kind = 'pilot' and seq = (select max(seq) - 1 from journal where kind = 'pilot')", "journal of pilot/{p}: event ", states},
		"entries of the ledger":       {"delete from ledger_line; delete from ledger_entry", "ledger of pilot/{p}: event ", sums},
		"one entry with its balances": {"update ledger_account a set balance = balance - (select sum(l.fen) from ledger_line l join ledger_entry e using (position) where l.account = a.account and e.kind = 'payment') where account in (select l.account from ledger_line l join ledger_entry e using (position) where e.kind = 'payment'); delete from ledger_line where position in (select position from ledger_entry where kind = 'payment'); delete from ledger_entry where kind = 'payment'", "ledger of payment/{p}.1.1.1: event 1 has no lines", sums},
		"the first event":             {"delete from journal where id = '{p}.1' and seq = 1", "journal of project/{p}.1: event 1 is missing", claims},
		"all events of a payment":     {"delete from journal where kind = 'payment'", "journal of payment/{p}.1.1.1: event 1 is missing", claims},
		"the version of the places":   {"delete from place_version", "places of table/place_version: its only row is missing", reach},
		"a place above others":        {"delete from place where code = '620800'", "places of place/620825: the parent 620800 is not registered", reach},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(strings.Split(strings.ReplaceAll(test.sql, "{p}", p.ID), ";")...)
			before := one[string](copied, test.kept)
			if err := copied.Rebuild(t.Context(), quietly); err != nil {
				if _, left := errors.AsType[*postgres.LeftError](err); !left {
					t.Fatal(err)
				}
			}
			if after := one[string](copied, test.kept); after != before {
				t.Errorf("the rebuild made %s of %s", after, before)
			}
			want := strings.ReplaceAll(test.want, "{p}", p.ID)
			if found := copied.differences(); !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, want) }) {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}

func TestVerifyFindsWhatIsWrongWithAStatement(t *testing.T) {
	t.Parallel()
	r := open(t)
	first := r.statement(statement.Line{Number: "1", Fen: 5}, statement.Line{Number: "2", Fen: -3})
	r.enter(first)
	second := r.enter(r.statement(statement.Line{Number: "2", Fen: -3}, statement.Line{Number: "1", Fen: 5}, statement.Line{Number: "3", Fen: 1}))
	r.leave()
	for name, test := range map[string]struct {
		sql  string
		want []string
	}{
		"nothing is wrong": {"select 1", nil},
		"a line changed":   {"update bank_line set fen = 2 where number = '3'", []string{"bank of file/{2}: the statement has 3 lines and closes at 100003 fen, what is stored of it has 3 and comes to 100004"}},
		"a shared line changed": {"update bank_line set fen = 6 where number = '1'", []string{
			"bank of file/{1}: the statement has 2 lines and closes at 100002 fen, what is stored of it has 2 and comes to 100003",
			"bank of file/{2}: the statement has 3 lines and closes at 100003 fen, what is stored of it has 3 and comes to 100004",
		}},
		"a line deleted":      {"delete from bank_line where number = '3'", []string{"bank of file/{2}: the statement has 3 lines and closes at 100003 fen, what is stored of it has 2 and comes to 100002"}},
		"a balance changed":   {"update bank_statement set closing_fen = 1 where lines = 3", []string{"bank of file/{2}: the statement has 3 lines and closes at 1 fen, what is stored of it has 3 and comes to 100003"}},
		"a statement deleted": {"delete from bank_statement where lines = 3", []string{"bank of file/{2}: the statement has 0 lines and closes at 0 fen, what is stored of it has 1 and comes to 1", "lost row of table/bank_statement: the row sha256={2} is missing; bank_line rows that refer to it: 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(test.sql)
			var want []string
			for _, w := range test.want {
				want = append(want, strings.NewReplacer("{1}", first.SHA256, "{2}", second.SHA256).Replace(w))
			}
			found := copied.differences()
			slices.Sort(found)
			slices.Sort(want)
			if !slices.Equal(found, want) {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}

func TestRebuildNeverForgetsEventsThatWereLost(t *testing.T) {
	t.Parallel()
	r := open(t)
	p, _, paymentRef := r.inPayment()
	r.sql("delete from journal where kind = 'payment' or kind = 'pilot' and seq = (select max(seq) from journal where kind = 'pilot')")
	before := one[string](r, "select string_agg(a::text, chr(10) order by id) from aggregate a where kind <> 'project'")
	left, _ := errors.AsType[*postgres.LeftError](r.Rebuild(t.Context(), quietly))
	if left == nil || len(left.Left) != 1 || !strings.HasPrefix(left.Left[0].String(), "journal of "+p.String()+": event ") {
		t.Errorf("left %v, want the pilot", left)
	}
	if after := one[string](r, "select string_agg(a::text, chr(10) order by id) from aggregate a where kind <> 'project'"); after != before {
		t.Errorf("the states were %s and now are %s", before, after)
	}
	for _, ref := range []flow.Ref{p, paymentRef} {
		if found := r.differences(); !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, "journal of "+ref.String()) }) {
			t.Errorf("found %q, want the lost events of %s", found, ref)
		}
	}
}

func TestRebuildLeavesAggregatesWhoseLostEventsOnlyTheRestOfTheRecordShows(t *testing.T) {
	t.Parallel()
	// In each case the end of a journal is lost, and the state does not show it.
	r := open(t)
	p, project, paymentRef := r.inPayment()
	r.leave()
	tail := func(kind string) string {
		return "delete from journal where kind = '" + kind + "' and seq = (select max(seq) from journal where kind = '" + kind + "');"
	}
	setBack := "update aggregate a set seq = j.seq, head = j.hash from journal j where a.kind = 'project' and j.kind = a.kind and j.id = a.id and j.seq = (select max(seq) from journal where kind = 'project');"
	besides := "delete from receipt where kind = 'project'; update project_row set version = 1;"
	for name, test := range map[string]struct {
		sql  string
		ref  flow.Ref
		want string
	}{
		"with the state of a project": {tail("project") + "delete from aggregate where kind = 'project'", project, "event 5 is missing, as these show: receipts, the list of projects"},
		"with the state of a pilot":   {tail("pilot") + "delete from aggregate where kind = 'pilot'; delete from receipt where kind = 'pilot'", p, ": the ledger, the list of pilots"},
		"with the row in the list":    {tail("pilot") + "delete from aggregate where kind = 'pilot'; delete from pilot_row", p, ": receipts, the ledger"},
		"with the state set back":     {tail("project") + setBack, project, "event 5 is missing, as these show: receipts, the list of projects"},
		"as personal data show":       {besides + "delete from journal where kind = 'project' and seq > 1;" + setBack, project, "event 2 is missing, as these show: personal data"},
		"as the ledger shows":         {"delete from receipt where kind = 'payment'; delete from payment_row; delete from claim where kind = 'payment'; delete from journal where kind = 'payment'; delete from aggregate where kind = 'payment'", paymentRef, "event 1 is missing, as these show: the ledger"},
		"as a list shows":             {"delete from receipt where kind = 'payment'; delete from ledger_entry where kind = 'payment'; delete from claim where kind = 'payment'; delete from journal where kind = 'payment'; delete from aggregate where kind = 'payment'", paymentRef, "event 1 is missing, as these show: the list of payments"},
		"as claims show":              {"delete from receipt where kind = 'payment'; delete from ledger_entry where kind = 'payment'; delete from payment_row; delete from journal where kind = 'payment'; delete from aggregate where kind = 'payment'", paymentRef, "event 1 is missing, as these show: claims"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql(strings.Split(test.sql, ";")...)
			rows := fmt.Sprintf(`select concat_ws(' ', (select a::text from aggregate a where kind = '%[1]s' and id = '%[2]s'), (select r::text from %[1]s_row r where id = '%[2]s'),
				(select string_agg(c::text, ' ' order by c) from claim c where kind = '%[1]s' and id = '%[2]s'), (select string_agg(t::text, ' ' order by t) from turn_row t where kind = '%[1]s' and id = '%[2]s'))`, test.ref.Kind, test.ref.ID)
			before := one[string](copied, rows)
			if err := copied.Rebuild(t.Context(), quietly); err != nil {
				if _, left := errors.AsType[*postgres.LeftError](err); !left {
					t.Fatal(err)
				}
			}
			if after := one[string](copied, rows); after != before {
				t.Errorf("the rebuild made %s of %s", after, before)
			}
			found := copied.differences()
			if !slices.ContainsFunc(found, func(line string) bool {
				return strings.HasPrefix(line, "journal of "+test.ref.String()+": event ") && strings.HasSuffix(line, test.want)
			}) {
				t.Errorf("found %q, want %q", found, test.want)
			}
			if slices.ContainsFunc(found, func(line string) bool {
				return strings.HasPrefix(line, "receipt of ") && strings.Contains(line, "tells of")
			}) {
				t.Errorf("found %q, want the receipts of lost events reported with the journal", found)
			}
		})
	}
}

func TestRebuildRestoresWhatFollowsFromTheJournal(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.inPayment()
	r.attached()
	r.others()
	r.carried()
	r.turnsWritten()
	before := r.counts()
	r.sql(
		"delete from aggregate where kind = 'project'",
		`update aggregate set state = '{}', stage = 'archived', shape = 0, next_at = null, owes = false`,
		"delete from pilot_row", "update project_row set grant_fen = 0", "delete from payment_row", "delete from notice_row",
		"update turn_row set due = due + 1 where kind = 'payment'", "delete from turn_row where kind = 'pilot'", "update turn_row set id = 'ghost' where kind = 'project'",
		"update claim set kind = 'pilot', id = 'ghost'",
		"insert into notice_row values ('phantom', 'X', 1, '', '', '', '', '', '', '', '', 1, null)",
		"update project_search set words = 'x'", "insert into pilot_search values ('ghost', now(), '', '{}')",
		"delete from reach where above = '620800'", "insert into reach values ('110000', '620825', true)",
		"delete from launch", "delete from evidence_use", "insert into outbox (kind, id) values ('pilot', 'ghost')",
		"update fund_sum set fen = fen + 1 where place = ''", "delete from fund_sum where place <> ''",
	)
	must(t, r.Rebuild(t.Context(), quietly))
	if found := r.differences(); len(found) != 0 {
		t.Errorf("after the rebuild: %q", found)
	}
	r.carried()
	after := r.counts()
	for _, table := range []string{"aggregate", "fund_carry"} { // these tables record when their rows were written
		delete(before, table)
		delete(after, table)
	}
	if !maps.Equal(before, after) {
		t.Errorf("rows were %v and now are %v", before, after)
	}
}

func TestRebuildPutsTheOriginOfThePositionsBack(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{"lost": "delete from journal_origin", "set back": "update journal_origin set shift = -1000000000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			ref := r.drafted()
			r.sql("update journal set position = 4000000000000000", damage) // as on a cluster that has seen many more transactions
			if err := r.GoesOn(t.Context()); (name == "lost") != errors.Is(err, postgres.ErrNoOrigin) {
				t.Errorf("whether the journal goes on: %v", err)
			}
			must(t, r.Rebuild(t.Context(), quietly))
			must(t, r.GoesOn(t.Context()))
			r.execute(r.saveDraft(ref, "之后"))
			if found := r.differences(); len(found) != 0 {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestRebuildLeavesWhatItCannotReadAndRebuildsTheRest(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, _, paymentRef := r.inPayment()
	r.sql("update journal set name = 'conjured' where kind = 'payment'", "update payment_row set fen = 1", "delete from pilot_row")
	left, _ := errors.AsType[*postgres.LeftError](r.Rebuild(t.Context(), quietly))
	if left == nil || len(left.Left) != 1 {
		t.Fatalf("left %v, want the payment", left)
	}
	if want := "journal of " + paymentRef.String() + ": event 1 cannot be applied: journal holds payment event \"conjured\", which this version does not know"; left.Left[0].String() != want {
		t.Errorf("left because of %q, want %q", left.Left[0], want)
	}
	if pilots, fen := one[int](r, "select count(*) from pilot_row"), one[int](r, "select fen from payment_row"); pilots != 1 || fen != 1 {
		t.Errorf("%d pilots are listed, and the payment that was left is %d fen, want 1 and 1", pilots, fen)
	}
}

func TestRebuildLeavesWhatOthersKeepLockedAndNamesThem(t *testing.T) {
	t.Parallel()
	r := open(t)
	first, second := r.drafted(), r.drafted()
	r.sql("update pilot_row set title_zh = '改'")
	letGo := r.outside("select from aggregate where id = $1 for update", first.ID)
	err := r.Rebuild(t.Context(), quietly)
	letGo()
	left, _ := errors.AsType[*postgres.LeftError](err)
	if left == nil || len(left.Left) != 0 || left.Sums != nil || len(left.Held) != 1 || left.Held[0].Aggregate != first {
		t.Fatalf("left %v, want the first", err)
	}
	if by := left.Held[0].By; len(by) != 1 || !strings.HasPrefix(by[0], "process ") {
		t.Errorf("it is held by %q, want a process", by)
	}
	for ref, want := range map[flow.Ref]bool{first: true, second: false} {
		if changed := one[bool](r, "select title_zh = '改' from pilot_row where id = $1", ref.ID); changed != want {
			t.Errorf("%s is still changed: %t, want %t", ref, changed, want)
		}
	}
}

func TestTurnsOfOthersAreWrittenBesideThoseThatCannotBe(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	r.drafted()
	r.sql("update aggregate set shape = 0", "update journal set name = 'conjured'") // so that they must be replayed, which fails
	r.drafted()
	written, err := r.WriteTurns(t.Context())
	if written != 1 || err == nil || !strings.Contains(err.Error(), ": event 1 cannot be applied: ") || !strings.HasSuffix(err.Error(), " (and of 1 more)") {
		t.Errorf("wrote %d, %v, want the sound one and both others named", written, err)
	}
}

func TestRebuildRunsBesideCommands(t *testing.T) {
	t.Parallel()
	r := open(t)
	var refs []flow.Ref
	for range 8 {
		refs = append(refs, r.drafted())
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	errs := make([]error, len(refs))
	sent := make([]int, len(refs))
	for i, ref := range refs {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				switch _, err := r.Execute(context.Background(), r.saveDraft(ref, "并行")); {
				case err == nil:
					sent[i]++
				case !postgres.Busy(err): // a busier machine may let a command wait too long; then nothing was done
					errs[i] = err
					return
				}
			}
		})
	}
	for range 3 {
		must(t, r.Rebuild(t.Context(), quietly))
	}
	close(stop)
	wg.Wait()
	for i, err := range errs {
		must(t, err)
		state, err := r.Load(t.Context(), refs[i])
		must(t, err)
		if got := flow.RecordOf(state).Seq; got != sent[i]+1 {
			t.Errorf("%s is at event %d after %d commands", refs[i], got, sent[i]+1)
		}
	}
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
