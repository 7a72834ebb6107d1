package pgtest

import "testing"

// Empty creates an empty database for one test and returns its URL. The database is dropped when the test ends.
func Empty(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, server, "template0")
}
