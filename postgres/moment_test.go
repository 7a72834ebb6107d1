package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestAGuessReachesOverNoFullHour asks the function that a guess at real time is held against, at a moment of the test's choice.
func TestAGuessReachesOverNoFullHour(t *testing.T) {
	t.Parallel()
	r := open(t)
	conn := r.connect()
	set := func(sql string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql)
		must(t, err)
	}
	set(`create schema stopped`)
	set(`create function stopped.clock_timestamp() returns timestamptz language sql as $$ select timestamptz '2018-03-01 23:59:59.9+08' $$`)
	set(`set search_path = stopped, pg_catalog, public`)
	for _, zone := range []string{"UTC", "Asia/Shanghai", "Asia/Kolkata"} { // there an hour ends half an hour later
		set("set timezone = '" + zone + "'")
		holdsBeforeMidnight(t, conn)
	}
}

func holdsBeforeMidnight(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for instant, want := range map[string]bool{
		"2018-03-01 23:59:59.9+08": true,
		"2018-03-01 23:59:59.0+08": true,  // a little ago
		"2018-03-01 23:59:58.0+08": false, // too long ago
		"2018-03-02 00:00:00.1+08": false, // tomorrow, when a deadline has passed
		"2018-03-02 00:00:02.0+08": false,
	} {
		var got bool
		must(t, conn.QueryRow(t.Context(), "select about_now($1::text::timestamptz)", instant).Scan(&got))
		if got != want {
			t.Errorf("a moment before midnight, %s is now: %v, want %v", instant, got, want)
		}
	}
}

// Whatever zone the server or the address says, a statement that names none takes the rules' days and hours.
func TestTheRecordKeepsTheTimeOfShanghaiAndCompilesNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	p := r.drafted()
	r.sql(
		"create table noted (zone text, jit text)", "grant insert on noted to terrace_program",
		"create function note() returns trigger language plpgsql as $$ begin insert into noted values (current_setting('timezone'), current_setting('jit')); return null; end $$",
		"create trigger aggregate_notes after update on aggregate for each row execute function note()",
	)
	elsewhere := r.reach(r.as + "&timezone=Asia/Kolkata&jit=on")
	_, err := elsewhere.Execute(t.Context(), r.saveDraft(p, "时区"))
	must(t, err)
	must(t, elsewhere.Rebuild(t.Context(), quietly))
	if zones := one[string](r, "select string_agg(distinct zone, ' ') from noted"); zones != "Asia/Shanghai" {
		t.Errorf("it was %s", zones)
	}
	if compiled := one[string](r, "select string_agg(distinct jit, ' ') from noted"); compiled != "off" {
		t.Errorf("jit was %s", compiled)
	}
}
