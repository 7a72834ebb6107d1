package postgres_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"terrace/domain/flow"
)

// cutter is a proxy in front of the database that can cut a connection at a chosen point.
type cutter struct {
	target string
	// cut inspects each response of the server; if it returns true, the connection is cut and the response is not
	// passed on.
	cut atomic.Pointer[func(answer []byte) bool]
}

// through starts the proxy and returns the URL of the database through it.
func (c *cutter) through(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	c.target = u.Host
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { c.pass(t, client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		wg.Wait()
	})
	u.Host = listener.Addr().String()
	query := u.Query()
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String()
}

func (c *cutter) pass(t *testing.T, client net.Conn) {
	defer client.Close() //nolint:errcheck // it may already be closed, which is the point
	var dialer net.Dialer
	server, err := dialer.DialContext(t.Context(), "tcp", c.target)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // likewise
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		if cut := c.cut.Load(); cut != nil && (*cut)(buffer[:n]) {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestALostConnectionIsResolvedByTheReceipt(t *testing.T) {
	t.Parallel()
	moments := map[string]struct {
		answer   string
		repeated bool
	}{
		"after the commit, before its answer": {answer: "COMMIT\x00", repeated: true},
		"before the commit":                   {answer: "BEGIN\x00", repeated: false},
	}
	commands := map[string]func(*record) flow.Command{
		"a change":   func(r *record) flow.Command { return r.saveDraft(r.drafted(), "一次") },
		"a creation": func(r *record) flow.Command { return r.draft(newPilot()) },
	}
	for when, moment := range moments {
		for what, make := range commands {
			t.Run(what+", lost "+when, func(t *testing.T) {
				t.Parallel()
				r := open(t)
				command := make(r)
				before := one[int](r, "select count(*) from journal")
				c := &cutter{}
				store := r.reach(c.through(t, r.as))
				var cuts atomic.Int32
				cut := func(answer []byte) bool {
					return bytes.Contains(answer, []byte(moment.answer)) && cuts.Add(1) == 1
				}
				c.cut.Store(&cut)

				got, err := store.Execute(t.Context(), command)
				must(t, err)
				if cuts.Load() == 0 {
					t.Fatal("the connection was never cut")
				}
				if got.Repeated != moment.repeated || got.Receipt.Aggregate != command.Aggregate {
					t.Errorf("outcome is %+v", got)
				}
				if events := one[int](r, "select count(*) from journal") - before; events != 1 {
					t.Errorf("%d events were recorded", events)
				}
				if receipts := one[int](r, "select count(*) from receipt where command = $1", command.ID); receipts != 1 {
					t.Errorf("%d receipts", receipts)
				}
			})
		}
	}
}

func TestACommandSurvivesConnectionsThatTheServerEnded(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	_, err := r.connect().Exec(t.Context(),
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
	must(t, err)
	if got := r.execute(r.saveDraft(ref, "重连")).Receipt.Version; got != 2 {
		t.Errorf("version is %d", got)
	}
}
