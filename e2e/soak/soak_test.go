package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // copies of the record are forged by SQL

	"terrace/e2e/soak/check"
)

var (
	soakPilots  = flag.Int("soak-pilots", 40, "pilots in the short soak")
	soakKills   = flag.Int("soak-kills", 44, "minimum number of kills in the short soak")
	soakSeed    = flag.Uint64("soak-seed", 1, "of the short soak")
	soakProgram = flag.String("soak-program", filepath.Join("..", "..", "bin", "terrace"), "program to test")
	soakPause   = flag.Duration("soak-between", 1600*time.Millisecond, "average time between faults")
)

// While pilots run, the stack suffers kills, bad links, full disks, calendar jumps, an upgrade and the loss of
// Temporal's data, and the checker finds nothing. Then faults are planted in copies of what remains, one in each, and
// the checker finds every one.
func TestNothingIsLostDuplicatedOrStuckWhateverIsKilled(t *testing.T) {
	t.Parallel()
	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := folderOf("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("the output is in", folder)
		} else if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	s, err := start(t.Context(), options{
		Repository: root, Program: *soakProgram, Folder: folder, Pilots: *soakPilots, Kills: *soakKills, Seed: *soakSeed,
		Day: 1500 * time.Millisecond, Between: *soakPause, Open: 60, Clients: 16, Limit: 20 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.end(); err != nil {
			t.Error(err)
		}
	})
	if err := s.live(); err != nil {
		t.Fatal(err)
	}
	v, err := s.judge()
	if err != nil {
		t.Fatal(err)
	}
	text := &bytes.Buffer{}
	v.print(text)
	if !v.good() {
		t.Fatalf("found:\n%s", text)
	}
	sum := emptyTally("this", "the one before")
	sum.add(v)
	sum.print(os.Stdout)
	if sum.Kills < *soakKills || sum.Faults["upgrade of schema and programs"] != 1 || sum.Faults["loss of all that Temporal knows"] != 1 || sum.Pilots != *soakPilots {
		t.Errorf("%d kills, %d pilots, %v", sum.Kills, sum.Pilots, sum.Faults)
	}
	s.planted(t)
}

// crime is a planted fault and the rule by which it must be found.
type crime struct {
	name   string
	rule   check.Rule
	commit func(ctx context.Context, c *scene) error
}

// scene is a copy of everything that a soak left behind.
type scene struct {
	check.Sources
	record, temporal *pgx.Conn
}

// planted plants every fault, each in copies of its own.
func (s *soak) planted(t *testing.T) {
	t.Helper()
	sources, err := s.sources()
	if err != nil {
		t.Fatal(err)
	}
	sources.API = "" // HTTP answers are not part of the copies
	for _, v := range s.stack.services {
		if v != s.stack.postgres {
			v.paused.Store(true)
			if p := v.up.Load(); p != nil {
				_ = p.cmd.Process.Kill()
				<-p.ended
			}
		}
	}
	if report, err := check.Check(t.Context(), sources); err != nil || len(report.Findings) != 0 {
		t.Fatalf("before anything is planted: %v %v", report.Findings, err)
	}
	for i, c := range crimes {
		plant(t, s, i, sources, c)
	}
}

// plant plants one fault and requires that it is found by its rule.
func plant(t *testing.T, s *soak, i int, sources check.Sources, c crime) {
	t.Helper()
	report, err := s.investigated(t.Context(), i, sources, c)
	switch {
	case err != nil:
		t.Errorf("%s: %v", c.name, err)
	case !slices.ContainsFunc(report.Findings, func(f check.Finding) bool { return f.Rule == c.rule }):
		t.Errorf("%s: the checker finds %v, want %s", c.name, report.Findings, c.rule)
	default:
		fmt.Printf("planted: %-85s found as %s\n", c.name, c.rule)
	}
}

// investigated commits a crime in copies and has the checker look for it.
func (s *soak) investigated(ctx context.Context, i int, sources check.Sources, c crime) (report check.Report, err error) {
	at := &scene{Sources: sources}
	at.Bank = slices.Clone(sources.Bank)
	for _, copied := range []struct {
		url  *string
		conn **pgx.Conn
	}{{&at.Record, &at.record}, {&at.Temporal, &at.temporal}} {
		u, err := url.Parse(*copied.url)
		if err != nil {
			return report, err
		}
		from := strings.TrimPrefix(u.Path, "/")
		name := fmt.Sprintf("%s_%d", from, i)
		if err := execute(ctx, s.stack.server, "create database "+name+" template "+from); err != nil {
			return report, err
		}
		*copied.url = inDatabase(s.stack.server, name)
		if *copied.conn, err = pgx.Connect(ctx, *copied.url); err != nil {
			return report, err
		}
	}
	at.Intents = filepath.Join(s.Folder, fmt.Sprintf("intents-%d.jsonl", i))
	log, err := os.ReadFile(sources.Intents)
	if err = errors.Join(err, os.WriteFile(at.Intents, log, 0o600)); err != nil {
		return report, err
	}
	if err = at.sql(ctx, "set session_replication_role = replica"); err == nil { // switches the triggers off
		err = c.commit(ctx, at)
	}
	if err = errors.Join(err, at.record.Close(ctx), at.temporal.Close(ctx)); err != nil {
		return report, err
	}
	return check.Check(ctx, at.Sources)
}

// sql changes the copy of the record; every statement must change something.
func (s *scene) sql(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		tag, err := s.record.Exec(ctx, statement)
		if err == nil && tag.RowsAffected() == 0 && !strings.HasPrefix(statement, "set ") {
			err = errors.New("it changed nothing")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// forge reseals the chain of the aggregate to which a changed event belonged.
func (s *scene) forge(ctx context.Context, kind, id string) error {
	return check.Forge(ctx, s.record, kind, id)
}

// some picks an aggregate by SQL.
func (s *scene) some(ctx context.Context, sql string) (id string, err error) {
	err = s.record.QueryRow(ctx, sql).Scan(&id)
	return id, err
}

// paidPayment selects a payment that is final and was not returned.
const paidPayment = `select id from aggregate where kind = 'payment' and stage = 'final' order by id limit 1`

var crimes = []crime{
	{"an event is deleted", check.JournalGap, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `delete from journal where kind = 'payment' and seq = 2 and id = (`+paidPayment+`)`)
	}},
	{"the last event of a pilot is deleted", check.JournalHead, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `delete from journal where position = (select max(position) from journal where kind = 'pilot')`)
	}},
	{"the last event of a pilot is deleted, and the chain forged", check.IntentLost, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, `select id from aggregate where kind = 'pilot' and stage = 'rollout' order by id limit 1`)
		if err == nil {
			err = s.sql(ctx, `delete from journal where kind = 'pilot' and id = '`+id+`' and seq = (select max(seq) from journal where kind = 'pilot' and id = '`+id+`')`)
		}
		return errors.Join(err, s.forge(ctx, "pilot", id))
	}},
	{"a whole answered command is deleted, its answer too, and the chain forged", check.IntentLost, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, `select id from journal where kind = 'project' and name = 'agreement-signed' and actor like 'organization-%' order by id limit 1`)
		if err == nil {
			err = s.sql(ctx,
				`delete from journal where kind = 'project' and id = '`+id+`' and name = 'agreement-signed' and actor like 'organization-%'`,
				`delete from receipt where kind = 'project' and id = '`+id+`' and command like '%sign-as-organization'`)
		}
		return errors.Join(err, s.forge(ctx, "project", id))
	}},
	{"an amount is altered", check.JournalHash, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, alteredAmount)
	}},
	{"an amount is altered, and the chain forged", check.BankAmount, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		return errors.Join(err, s.sql(ctx, alteredAmount), s.forge(ctx, "payment", id))
	}},
	{"an event that nobody sent is inserted, and the chain forged", check.NoIntent, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		return errors.Join(err, s.sql(ctx, `insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
			select (select max(position) from journal) + 5000, kind, id, pilot, seq + 1, 'reminded', version, at, day, actor, late, data, hash
			from journal where kind = 'payment' and id = '`+id+`' order by seq desc limit 1`), s.forge(ctx, "payment", id))
	}},
	{"somebody's command is under a key that nobody sent", check.NoIntent, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update receipt set command = 'forged' where command = (select min(command) from receipt where actor = 'county-finance')`)
	}},
	{"a refused command is in the record", check.IntentRefused, func(_ context.Context, s *scene) error {
		return s.answeredOtherwise("/endorse", 409)
	}},
	{"the bank pays twice under a new number", check.BankDouble, func(_ context.Context, s *scene) error {
		again := s.Bank[0]
		again.Number += "X"
		s.Bank = append(s.Bank, again)
		return nil
	}},
	{"the bank pays a second attempt although the first has not come back", check.BankDouble, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		i := slices.IndexFunc(s.Bank, func(t check.Transfer) bool { return t.Reference == id })
		again := s.Bank[i]
		other := id[:strings.LastIndexByte(id, '.')] + ".99"
		again.Reference, again.Number, again.At = other, again.Number+"X", again.At.Add(time.Hour)
		s.Bank = append(s.Bank, again)
		return errors.Join(err, s.repeated(ctx, id, other))
	}},
	{"one officer's word is enough, and the chain forged", check.TwoOfficers, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		return errors.Join(err, s.sql(ctx, `update journal set data = replace(data::text, 'county-approver', 'county-finance')::json
			where kind = 'payment' and name = 'released' and actor = 'county-approver' and id = '`+id+`'`), s.forge(ctx, "payment", id))
	}},
	{"the bank pays what nobody ordered", check.BankMissing, func(_ context.Context, s *scene) error {
		stray := s.Bank[0]
		stray.Reference, stray.Number = "nobody.1.1.1", stray.Number+"X"
		s.Bank = append(s.Bank, stray)
		return nil
	}},
	{"the bank never paid what the record calls paid", check.BankMissing, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		s.Bank = slices.DeleteFunc(s.Bank, func(t check.Transfer) bool { return t.Reference == id })
		return err
	}},
	{"the bank pays another amount", check.BankAmount, func(_ context.Context, s *scene) error {
		s.Bank[0].Fen--
		return nil
	}},
	{"a notice is dropped, with its command, and the chain forged", check.NoticeOnce, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, `select id from journal where name = 'notice-opened' order by id limit 1`)
		if err == nil {
			err = s.sql(ctx, `delete from journal where name = 'notice-opened' and id = '`+id+`'`, `delete from receipt where kind = 'pilot' and id = '`+id+`' and 'notice-opened' = any(events)`)
		}
		return errors.Join(err, s.forge(ctx, "pilot", id))
	}},
	{"a proposal stays on notice", check.NoticeOnce, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `insert into notice_row (pilot, proposal, round, title_zh, title_en, village, village_zh, village_en, organization, organization_zh, organization_en, grant_fen)
			select id, 'SK-1', 1, '', '', '', '', '', '', '', '', 1 from pilot_row limit 1`)
	}},
	{"a workflow is killed for good", check.WorkflowOne, func(ctx context.Context, s *scene) error {
		return s.run(ctx, `update current_executions set state = 3, status = 5 where workflow_id = (select min(workflow_id) from current_executions where state = 2 and workflow_id like 'project/%')`)
	}},
	{"a workflow runs on for what has ended", check.WorkflowOne, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		return errors.Join(err, s.run(ctx, `insert into current_executions select (jsonb_populate_record(c, jsonb_build_object('workflow_id', 'disbursement/`+id+`'))).*
			from current_executions c where state = 2 limit 1 on conflict (shard_id, namespace_id, workflow_id) do update set state = 2, status = 1`))
	}},
	{"a line of the ledger is altered", check.LedgerSum, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update ledger_line set fen = fen + 1 where (position, line) = (select position, line from ledger_line order by 1, 2 limit 1)`)
	}},
	{"a balance is altered", check.LedgerBalance, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update ledger_account set balance = balance + 1 where account = (select max(account) from ledger_account)`)
	}},
	{"a pilot gets what its fund never gave", check.FundConserved, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update ledger_line set fen = fen + sign(fen)::bigint where account in (select account from ledger_account where name in ('appropriation', 'available'))
			and position = (select min(e.position) from ledger_entry e join journal j using (position) where j.name = 'approved') and line in (3, 4)`,
			`update ledger_account a set balance = (select sum(fen) from ledger_line l where l.account = a.account) where name in ('appropriation', 'available')`)
	}},
	{"money is booked that no payment moved", check.LedgerMoney, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update ledger_line set fen = fen + sign(fen)::bigint where position = (select min(e.position) from ledger_entry e join journal j using (position) where j.name = 'posted')`,
			`update ledger_account a set balance = (select sum(fen) from ledger_line l where l.account = a.account) where name in ('transit', 'advance', 'spent')`)
	}},
	{"a tranche is paid by a second attempt", check.PaidAsMeant, func(ctx context.Context, s *scene) error {
		id, err := s.some(ctx, paidPayment)
		return errors.Join(err, s.repeated(ctx, id, id[:strings.LastIndexByte(id, '.')]+".99"))
	}},
	{"a pilot ends where nobody took it", check.EndedAsMeant, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update aggregate set stage = 'evaluation' where id = (select min(id) from aggregate where kind = 'pilot' and stage = 'archived')`)
	}},
	{"news is never delivered", check.Stuck, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `insert into outbox (kind, id) select kind, id from aggregate limit 1`)
	}},
	{"a deadline passes and nobody acts", check.Stuck, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `update aggregate set next_at = terrace_now() - interval '1 minute' where (kind, id) = (select kind, id from aggregate where not ended order by 1, 2 limit 1)`)
	}},
	{"a file is lost", check.Evidence, func(ctx context.Context, s *scene) error {
		return s.sql(ctx, `delete from evidence where sha256 = (select min(sha256) from evidence)`)
	}},
}

// repeated copies an attempt under another number.
func (s *scene) repeated(ctx context.Context, id, other string) error {
	return errors.Join(s.sql(ctx, `insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
		select position + 500, kind, '`+other+`', pilot, seq, name, version, at, day, actor, late, data, hash from journal where kind = 'payment' and id = '`+id+`'`,
		`insert into aggregate (kind, id, place, stage, version, seq, shape, state, head, owes, ended, created_at, updated_at)
		select kind, '`+other+`', place, stage, version, seq, shape, state, head, owes, ended, created_at, updated_at from aggregate where kind = 'payment' and id = '`+id+`'`),
		s.forge(ctx, "payment", other))
}

// alteredAmount reduces a final payment by one fen.
const alteredAmount = `update journal set data = replace(data::text, '"fen":' || (data->>'fen'), '"fen":' || ((data->>'fen')::bigint - 1))::json
	where kind = 'payment' and name = 'opened' and id = (` + paidPayment + `)`

// run changes the copy of Temporal's own tables.
func (s *scene) run(ctx context.Context, statement string) error {
	tag, err := s.temporal.Exec(ctx, statement)
	if err == nil && tag.RowsAffected() == 0 {
		err = errors.New("it changed nothing")
	}
	return err
}

// answeredOtherwise changes the logged answer to the first request for a path.
func (s *scene) answeredOtherwise(path string, status int) error {
	text, err := os.ReadFile(s.Intents)
	if err != nil {
		return err
	}
	var forged bytes.Buffer
	var key string
	numbers := map[int64]bool{}
	for line := range bytes.Lines(text) {
		var l check.Line
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		if l.Sent != nil && strings.HasSuffix(l.Sent.Path, path) && (key == "" || key == l.Sent.Key) {
			key = l.Sent.Key
			numbers[l.Sent.N] = true
		}
		if l.Answer != nil && numbers[l.Answer.N] {
			l.Answer = &check.Answer{N: l.Answer.N, Status: status}
			line, _ = json.Marshal(l)
			line = append(line, '\n')
		}
		forged.Write(line)
	}
	return os.WriteFile(s.Intents, forged.Bytes(), 0o600)
}
