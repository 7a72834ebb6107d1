package postgres_test

import "testing"

// TestAGuessReachesOverNoFullHour asks the function that a guess at real time is held against, at a moment of the test's choice.
func TestAGuessReachesOverNoFullHour(t *testing.T) {
	t.Parallel()
	r := open(t)
	conn := r.connect()
	for _, sql := range []string{
		`create schema stopped`,
		`create function stopped.clock_timestamp() returns timestamptz language sql as $$ select timestamptz '2018-03-01 23:59:59.9+08' $$`,
		`set search_path = stopped, pg_catalog, public`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		must(t, err)
	}
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
