package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestAGuessIsNeverAcceptedAcrossAFullHour calls the database function that checks the time of a guess, with its
// real-time clock stopped at chosen instants.
func TestAGuessIsNeverAcceptedAcrossAFullHour(t *testing.T) {
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
	for _, zone := range []string{"UTC", "Asia/Shanghai", "Asia/Kolkata"} { // in Kolkata the hour is offset by 30 minutes
		set("set timezone = '" + zone + "'")
		holdsBeforeMidnight(t, conn)
	}
}

func holdsBeforeMidnight(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for instant, want := range map[string]bool{
		"2018-03-01 23:59:59.9+08": true,
		"2018-03-01 23:59:59.0+08": true,  // a second ago
		"2018-03-01 23:59:58.0+08": false, // too long ago
		"2018-03-02 00:00:00.1+08": false, // tomorrow, when a deadline will have passed
		"2018-03-02 00:00:02.0+08": false,
	} {
		var got bool
		must(t, conn.QueryRow(t.Context(), "select about_now($1::text::timestamptz)", instant).Scan(&got))
		if got != want {
			t.Errorf("just before midnight, %s counts as now: %v, want %v", instant, got, want)
		}
	}
}

// Statements without a time zone of their own use Shanghai time, as the rules do, whatever the time zone of the server
// or the URL.
func TestConnectionsUseShanghaiTimeAndNoJIT(t *testing.T) {
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
		t.Errorf("the time zone was %s", zones)
	}
	if compiled := one[string](r, "select string_agg(distinct jit, ' ') from noted"); compiled != "off" {
		t.Errorf("jit was %s", compiled)
	}
}
