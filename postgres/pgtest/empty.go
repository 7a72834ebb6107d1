package pgtest

import "testing"

// Empty makes a database with nothing in it for one test and returns its URL. It is dropped when the test ends.
func Empty(t testing.TB) string {
	t.Helper()
	server, err := serverURL()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, server, "template0")
}
