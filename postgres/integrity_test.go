package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/postgres"
	"terrace/postgres/pgtest"
)

// entry inserts a ledger entry with the given number of lines for an event that moved no money.
const entry = `insert into ledger_entry (position, kind, id, seq, at, lines) select position, kind, id, seq, at, %d from journal where name = 'drafted'`

// entered returns statements that insert such an entry with its lines, each given as "account fen".
func entered(lines ...string) string {
	all := []string{strings.ReplaceAll(entry, "%d", string('0'+byte(len(lines))))}
	for i, l := range lines {
		account, fen, _ := strings.Cut(l, " ")
		all = append(all, `insert into ledger_line select j.position, `+string('1'+byte(i))+`, a.account, `+fen+` from journal j, ledger_account a
			where j.name = 'drafted' and a.name = '`+account+`' and a.owner in (j.id, j.id || '.1')`)
	}
	return strings.Join(all, ";")
}

// breaches are violations that anyone with write access to the ledger's tables could attempt. Each must be rejected
// with the named constraint or error code.
var breaches = map[string]struct{ sql, by string }{
	"an entry that does not sum to zero":          {entered("available 5", "commitment 5"), "ledger_entry_sums_to_zero"},
	"an entry that sums to zero across two books": {`insert into ledger_account (owner, name, floor) select id || '.1', 'matching-paid', 0 from journal where name = 'drafted';` + entered("transit -5", "matching-paid 5"), "ledger_entry_sums_to_zero"},
	"an entry without lines":                      {strings.ReplaceAll(entry, "%d", "2"), "ledger_entry_has_lines"},
	"an entry of one line":                        {strings.ReplaceAll(entry, "%d", "1"), "ledger_entry_lines_check"},
	"an entry with fewer lines than declared":     {strings.ReplaceAll(entered("transit -5", "advance 5"), "at, 2", "at, 3"), "ledger_entry_has_lines"},
	"a line added to a balanced entry":            {`insert into ledger_line select position, 99, (select min(account) from ledger_account), 1 from ledger_entry`, "ledger_entry_has_lines"},
	"balanced lines added to a finished entry":    {`insert into ledger_line select position, n, (select min(account) from ledger_account), n * 2 - 195 from ledger_entry, generate_series(97, 98) n`, "ledger_entry_has_lines"},
	"lines added after constraints were checked early": {strings.ReplaceAll(entered("transit -5", "advance 5"), "at, 2", "at, 4") + `;set constraints all immediate;` +
		`insert into ledger_line select position, n, (select min(account) from ledger_account), 1000 from ledger_entry, generate_series(3, 4) n where lines = 4`, "ledger_entry_has_lines"},
	"a second entry for an event":                  {`insert into ledger_entry select * from ledger_entry`, "ledger_entry_pkey"},
	"an entry for an event under another position": {`insert into ledger_entry select position + 1, kind, id, seq, at, lines from ledger_entry`, "ledger_entry_kind_id_seq_key"},
	"an entry without an event":                    {`insert into ledger_entry values (7, 'pilot', 'ghost', 1, now(), 2); insert into ledger_line select 7, n, (select min(account) from ledger_account), n * 2 - 3 from generate_series(1, 2) n`, "ledger_entry_has_event"},
	"an entry with another time than its event":    {strings.ReplaceAll(entered("transit -5", "advance 5"), "seq, at, 2 from", "seq, at - interval '1 year', 2 from"), "ledger_entry_has_event"},
	"a line without an entry":                      {`insert into ledger_line select 7, 1, min(account), 1 from ledger_account`, "ledger_line_position_fkey"},
	"an account that would go below zero":          {entered("available -5", "commitment 5"), "ledger_account_covered"},
	"a source that would go above zero":            {entered("commitment -5", "available 5", "available -200000000", "appropriation 200000000"), "ledger_account_covered"},
	"a source below its floor":                     {`insert into ledger_account (owner, name, floor) select id, 'fund', -4 from journal where name = 'drafted';` + entered("fund -5", "available 5"), "ledger_account_covered"},
	"a line of zero fen":                           {entered("transit 0", "advance 0"), "ledger_line_fen_check"},
	"more than a trillion yuan":                    {entered("appropriation -100000000000001", "available 100000000000001"), "ledger_line_fen_check"},
	"an account of an unknown kind":                {`insert into ledger_account (owner, name) values ('p', 'pocket')`, "ledger_account_name_fkey"},
	"an account that already exists":               {`insert into ledger_account (owner, name, category, floor) select owner, name, category, floor from ledger_account`, "ledger_account_owner_name_category_key"},
	"a category on an account that has none":       {`insert into ledger_account (owner, name, category) values ('p', 'advance', 'materials')`, "ledger_account_category"},
	"an account that may be overdrawn":             {`insert into ledger_account (owner, name, floor) values ('p', 'available', -5)`, "ledger_account_floor"},
	"a source without an overdraft":                {`insert into ledger_account (owner, name, floor) values ('p', 'matching', 0)`, "ledger_account_floor"},
}

// trespasses are statements that rights or triggers reject before the commit.
var trespasses = map[string]string{
	"a raised balance":                  `update ledger_account set balance = balance + 1`,
	"an account of somebody else":       `update ledger_account set owner = 'thief' where name = 'transit'`,
	"an account under another name":     `update ledger_account set name = 'available' where name = 'transit'`,
	"an account in another category":    `update ledger_account set category = 'x' where name = 'spent'`,
	"an account deleted":                `delete from ledger_account`,
	"all accounts truncated":            `truncate ledger_account cascade`,
	"an account that begins with money": `insert into ledger_account (owner, name, balance) values ('p', 'available', 5)`,
	"another currency":                  `insert into ledger_account (owner, name, currency) values ('p', 'available', 'USD')`,
	"a line changed":                    `update ledger_line set fen = 2 * fen`,
	"a line deleted":                    `delete from ledger_line`,
	"all lines truncated":               `truncate ledger_line`,
	"an entry changed":                  `update ledger_entry set id = 'ghost'`,
	"an entry deleted":                  `delete from ledger_entry`,
	"all entries truncated":             `truncate ledger_entry cascade`,
	"another kind of account":           `insert into ledger_account_kind values ('pocket', 'grant', false, false)`,
	"a kind that becomes a source":      `update ledger_account_kind set source = true`,
	"an event changed":                  `update journal set at = at - interval '1 year'`,
	"an event deleted":                  `delete from journal`,
}

// usurpations are statements that only an owner or a superuser may run.
var usurpations = map[string]string{
	"a floor lowered":                    `update ledger_account set floor = -1000000000`,
	"triggers switched off":              `alter table ledger_line disable trigger all`,
	"triggers skipped as a replica":      `set session_replication_role = replica`,
	"a trigger dropped":                  `drop trigger ledger_entry_founded on ledger_entry`,
	"a trigger of its own":               `create trigger mine before insert on ledger_line for each row execute function suppress_redundant_updates_trigger()`,
	"a rule of its own":                  `create rule mine as on insert to ledger_line do instead nothing`,
	"a constraint dropped":               `alter table claim drop constraint claim_pkey`,
	"a check replaced":                   `create or replace function public.check_lines() returns trigger language plpgsql as $$ begin return null; end $$`,
	"a function of its own":              `create function public.mine() returns integer language sql as 'select 1'`,
	"a table of its own":                 `create table public.mine (x integer)`,
	"a temporary table that shadows one": `create temporary table ledger_line (like public.ledger_line)`,
	"a schema that shadows public":       `create schema mine`,
	"the owner's role":                   `set role {owner}`,
	"membership in the owner's role":     `grant {owner} to {application}`,
	"ownership":                          `alter table ledger_line owner to {application}`,
	"superuser rights":                   `alter role {application} superuser`,
	"rows copied from a program":         `copy ledger_account (owner, name, balance) from program 'echo p,available,5' with (format csv)`,
	"an account number of its choice":    `insert into ledger_account (account, owner, name) overriding system value values (1, 'p', 'available')`,
	"a row locked against everybody":     `select 1 from ledger_account for update`,
}

// attempt runs statements in one transaction and commits it.
func attempt(t *testing.T, conn *pgx.Conn, sql string) error {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	must(t, err)
	for statement := range strings.SplitSeq(sql, ";") {
		if strings.Contains(sql, "$$") {
			statement = sql
		}
		if _, err = tx.Exec(t.Context(), statement); err != nil {
			must(t, tx.Rollback(t.Context()))
			return err
		}
	}
	return tx.Commit(t.Context())
}

func TestTheLedgerHoldsTogetherByItself(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.inPayment()
	r.leave()
	for name, b := range breaches {
		t.Run(name+" is refused even to the owner", func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			err := attempt(t, copied.connect(), b.sql)
			var fault *pgconn.PgError
			if !errors.As(err, &fault) || fault.ConstraintName != b.by {
				t.Errorf("got %v, want %s", err, b.by)
			}
		})
	}
	for name, sql := range trespasses {
		t.Run(name+" is refused even to the owner", func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			if err := attempt(t, copied.connect(), sql); err == nil {
				t.Error("it was not refused")
			}
			if found := copied.differences(); len(found) != 0 {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestATemporaryTableHidesNothingFromChecks(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.inPayment()
	r.leave()
	tables := []string{"ledger_line", "ledger_entry", "ledger_account", "ledger_account_kind", "journal"}
	for _, name := range []string{"an entry that does not sum to zero", "an account that would go below zero", "an entry without lines", "a line added to a balanced entry"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := r.copyOf(t).connect()
			public := breaches[name].sql
			for _, table := range tables {
				_, err := conn.Exec(t.Context(), "create temporary table "+table+" (like public."+table+")")
				must(t, err)
				public = regexp.MustCompile(`\b`+table+`\b`).ReplaceAllString(public, "public."+table)
			}
			var fault *pgconn.PgError
			if err := attempt(t, conn, public); !errors.As(err, &fault) || fault.ConstraintName != breaches[name].by {
				t.Errorf("got %v", err)
			}
		})
	}
}

// deployed opens a record whose program has the role created by deploy/postgres/roles.sh.
func deployed(t *testing.T) (r *record, owner, application string) {
	t.Helper()
	superuser := &record{t: t, url: pgtest.New(t)}
	owner, application = "owner_"+strings.ToLower(rand.Text()), "application_"+strings.ToLower(rand.Text())
	at, err := url.Parse(superuser.url)
	must(t, err)
	database := strings.TrimPrefix(at.Path, "/")
	superuser.sql("create role "+owner+" login", "create role "+application+" login in role "+postgres.ProgramRole, "alter database "+database+" owner to "+owner,
		"drop schema public cascade", "create schema public authorization pg_database_owner", "grant usage on schema public to public")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), superuser.url)
		must(t, err)
		defer conn.Close(context.Background()) //nolint:errcheck // nothing depends on it
		for _, sql := range []string{"alter database " + database + " owner to current_user", "drop owned by " + application, "drop owned by " + owner + " cascade", "drop role " + owner + ", " + application} {
			_, err := conn.Exec(context.Background(), sql)
			must(t, err)
		}
	})
	script, err := os.ReadFile("../deploy/postgres/roles.sh")
	must(t, err)
	statements := regexp.MustCompile(`(?m)^(revoke all on database terrace|grant connect on database terrace) .*;$`).FindAllString(string(script), -1)
	if len(statements) != 2 {
		t.Fatalf("the script prints %q", statements)
	}
	for _, sql := range statements {
		sql = strings.ReplaceAll(sql, "database terrace", "database "+database)
		sql = strings.ReplaceAll(sql, "terrace_owner", owner)
		superuser.sql(regexp.MustCompile(`\bterrace\b`).ReplaceAllString(sql, application))
	}
	as := func(role string) string {
		u := *at
		u.User = url.User(role)
		return u.String()
	}
	must(t, postgres.Migrate(t.Context(), as(owner)))
	r = inhabit(t, as(application), as(application))
	must(t, r.StartCalendar(t.Context(), callDay, 100*time.Millisecond))
	return r, owner, application
}

func TestTheApplicationsRoleCannotBypassTheLedger(t *testing.T) {
	t.Parallel()
	r, owner, application := deployed(t)
	_, _, paymentRef := r.inPayment()
	r.do(zhuanglang.CountyFinance, "void", paymentRef, &payment.VoidPayment{Reason: "账号有误"})
	must(t, r.Rebuild(t.Context(), quietly))
	conn := r.connect()
	if got := one[string](r, "select session_user"); got != application {
		t.Fatalf("acting as %s", got)
	}
	before := one[string](r, "select string_agg(a::text, ',' order by account) from ledger_account a")
	want := map[string]func(*pgconn.PgError) bool{}
	sql := map[string]string{}
	forbidden := func(f *pgconn.PgError) bool { return f.Code == "42501" || f.Code == "23001" } // no right, or append-only
	for name, b := range breaches {
		sql[name], want[name] = b.sql, func(f *pgconn.PgError) bool { return f.ConstraintName == b.by }
	}
	for name, s := range trespasses {
		sql[name], want[name] = s, forbidden
	}
	for name, s := range usurpations {
		sql[name], want[name] = strings.NewReplacer("{owner}", owner, "{application}", application).Replace(s), forbidden
	}
	for name := range sql {
		err := attempt(t, conn, sql[name])
		var fault *pgconn.PgError
		if !errors.As(err, &fault) || !want[name](fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := one[string](r, "select string_agg(a::text, ',' order by account) from ledger_account a"); after != before {
		t.Errorf("accounts were %s and now are %s", before, after)
	}
	if found := r.differences(); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}

// The names of the tests below say what each safeguard is for.

func TestADoubleReleaseIsFoundEvenWithoutTheUniqueKey(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, project, paymentRef := r.inPayment()
	opened, err := r.Load(t.Context(), paymentRef)
	must(t, err)
	again := opened.(*payment.Payment).OpenPayment
	again.Attempt = 2
	second := flow.Ref{Kind: payment.Kind, ID: project.ID + ".1.2"}
	if found := pgtest.DoublePayments(t, r.url); len(found) != 0 {
		t.Fatalf("before: %q", found)
	}

	r.sql("alter table claim drop constraint claim_pkey")
	_, err = r.Execute(t.Context(), r.command("terrace", "open", second, &again))
	if err == nil || !strings.Contains(err.Error(), "commitment") {
		t.Errorf("the grant covers the tranche twice: %v", err)
	}
	again.Fen = 1
	r.do("terrace", "open", second, &again)
	if found := pgtest.DoublePayments(t, r.url); !slices.Equal(found, []string{project.ID + "/1"}) {
		t.Errorf("the payments show %q", found)
	}
	if found := r.differences(); !slices.ContainsFunc(found, func(d string) bool { return strings.HasPrefix(d, "claim of payment/"+paymentRef.ID) }) {
		t.Errorf("Verify found %q", found)
	}
}

func TestLedgerErrorsAreFoundEvenWithoutTriggers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		dropped, breach, want string
	}{
		"sum":      {"drop trigger ledger_entry_founded on ledger_entry", "an entry that does not sum to zero", `sums to 10 fen in the book "grant"`},
		"books":    {"drop trigger ledger_entry_founded on ledger_entry", "an entry that sums to zero across two books", `sums to -5 fen in the book "grant"`},
		"cover":    {"drop trigger ledger_account_covered on ledger_account", "an account that would go below zero", "account available stands at -5 fen, past its bound of 0"},
		"event":    {"drop trigger ledger_entry_founded on ledger_entry", "an entry without an event", "the entry of event 1 has no such event"},
		"moving":   {"drop trigger ledger_line_moves_balances on ledger_line", "", "account transit stands at "},
		"tampered": {"drop trigger ledger_account_moves_by_lines on ledger_account; update ledger_account set balance = balance + 1 where name = 'transit'", "", "account transit stands at "},
	}
	r := open(t)
	_, _, paymentRef := r.inPayment()
	r.leave()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			conn := copied.connect()
			must(t, attempt(t, conn, test.dropped))
			if test.breach != "" {
				must(t, attempt(t, conn, breaches[test.breach].sql))
			} else {
				copied.do(zhuanglang.CountyFinance, "void", paymentRef, &payment.VoidPayment{Reason: "账号有误"})
			}
			found := copied.differences()
			if !slices.ContainsFunc(found, func(d string) bool { return strings.Contains(d, test.want) }) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}
