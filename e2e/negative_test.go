package e2e

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5" //nolint:depguard // checks in the database that nothing was written

	"terrace/demo/zhuanglang"
	"terrace/domain/ledger"
	"terrace/e2e/negative"
)

var (
	negativeSeed   = flag.Uint64("negative-seed", 1, "seed of the bad requests")
	negativeBodies = flag.Int("negative-bodies", 150, "maximum number of bad requests derived from the schema of an operation's body")
)

// leastCases is the minimum number of bad requests that every operation must reject.
const leastCases = 100

// Every operation of the OpenAPI document receives bad requests. Those for commands are sent when the command would be
// legal, by a user who is allowed to send it. Each is rejected with a documented problem and a status from 400 to 499,
// and nothing is written.
func TestBadRequestsAreRefusedWithAProblemAndWriteNothing(t *testing.T) {
	t.Parallel()
	system := start(t)
	a := newAttack(t, system)
	life := system.life(func(s *story) { s.before = func(next *accepted) { a.command(s, next) } })
	a.others(life)
	a.report()
}

// attack sends bad requests to one program.
type attack struct {
	*system
	document *negative.Document
	codes    map[string]bool // published error codes
	started  time.Time

	mutex    sync.Mutex
	cases    map[string]int // number sent, by operation
	refused  map[string]int // number that must be rejected, by operation
	statuses map[int]int
	faults   int
}

func newAttack(t *testing.T, s *system) *attack {
	t.Helper()
	return &attack{
		system: s, document: document(t, s.client), codes: publishedCodes(t), started: time.Now(),
		cases: map[string]int{}, refused: map[string]int{}, statuses: map[int]int{},
	}
}

// publishedCodes reads the error codes from the page that explains them.
func publishedCodes(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, found := range regexp.MustCompile(`<a id="([a-z0-9-]+)">`).FindAllSubmatch(text, -1) {
		codes[string(found[1])] = true
	}
	return codes
}

// command sends bad versions of a command before the command itself, the first time each operation is used.
func (a *attack) command(s *story, next *accepted) {
	a.t.Helper()
	o := a.document.Find(http.MethodPost, next.path)
	if o == nil {
		a.t.Fatalf("%s is not documented", next.path)
	}
	if a.cases[o.ID] > 0 {
		return
	}
	body, err := json.Marshal(next.payload)
	if err != nil {
		a.t.Fatal(err)
	}
	s.rest()
	a.operation(o, negative.Base{
		Target: next.path, Header: [][2]string{{"Idempotency-Key", s.key()}, {"Content-Type", "application/json"}}, Body: body,
		Token: a.token(next.who), Stranger: a.token(reader),
	})
}

// others sends bad requests to every other operation.
func (a *attack) others(s *story) {
	a.t.Helper()
	s.rest()
	for _, o := range a.document.Operations {
		if a.cases[o.ID] == 0 {
			a.operation(o, a.request(o, s))
		}
	}
}

// request returns a request that the operation would accept.
func (a *attack) request(o *negative.Operation, s *story) negative.Base {
	a.t.Helper()
	file := s.file(zhuanglang.CountyFinance, "negative")
	ids := map[string]string{
		"pilots": s.id, "projects": s.project(1).ID, "payments": s.payment(1, 1, 3).ID, "recoveries": s.recovery(2).ID, "programmes": s.data.Programme,
		"problems": "wrong-stage", "evidence": file,
	}
	ids["differences"] = get[struct{ Items []struct{ ID string } }](a.client, reader, "/v1/differences").Items[0].ID
	steps := strings.Split(o.Path, "/")
	for i, step := range steps {
		if strings.HasPrefix(step, "{") {
			steps[i] = ids[steps[i-1]]
		}
	}
	b := negative.Base{Target: strings.Join(steps, "/"), Token: a.token(reader), Stranger: a.token(zhuanglang.PublicPerson)}
	if o.ID == "get-account-statement" {
		b.Target += "?" + url.Values{"owner": {s.project(1).ID}, "account": {ledger.Advance}}.Encode()
	}
	switch o.ID {
	case "list-experts": // requires a user who may appoint panels
		b.Token = a.token(zhuanglang.CountyOfficer)
	case "get-programme": // open to everyone
		b.Stranger = ""
	case "get-payment-batch":
		b.Token = a.token(zhuanglang.CountyFinance)
	case "move-clock":
		b.Token, b.Body = a.token(mover), []byte(`{"until":"2019-12-31T10:00:00+08:00"}`)
	case "enter-bank-statement":
		b.Token, b.Body = a.token(zhuanglang.CountyFinance), []byte(`{"sha256":"`+file+`","format":"csv","account":"专户"}`)
	case "upload-evidence":
		b.Token, b.Body = a.token(zhuanglang.CountyFinance), []byte("another file")
		for name, value := range fileHeader(string(b.Body)) {
			b.Header = append(b.Header, [2]string{name, value})
		}
		slices.SortFunc(b.Header, func(x, y [2]string) int { return cmp.Compare(x[0], y[0]) })
	}
	if o.Body != nil && b.Header == nil {
		b.Header = [][2]string{{"Content-Type", "application/json"}}
	}
	return b
}

// operation sends every case of an operation, several concurrently, and requires that nothing was written.
func (a *attack) operation(o *negative.Operation, base negative.Base) {
	a.t.Helper()
	before := a.written()
	cases := o.Cases(base, *negativeSeed, *negativeBodies)
	work := make(chan negative.Case)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			line := wire{address: strings.TrimPrefix(a.base, "http://")}
			defer line.close()
			for c := range work {
				a.judge(o, c, line.send(c))
			}
		})
	}
	for _, c := range cases {
		work <- c
	}
	close(work)
	all.Wait()
	if after := a.written(); !maps.Equal(before, after) {
		for name, content := range after {
			if before[name] != content {
				a.t.Errorf("%s: something was written: %s was %q and is %q", o, name, before[name], content)
			}
		}
	}
}

func (a *attack) judge(o *negative.Operation, c negative.Case, got negative.Answer) {
	faults := o.Judge(c, got, a.codes)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.cases[o.ID]++
	a.statuses[got.Status]++
	if !c.Legal {
		a.refused[o.ID]++
	}
	for _, fault := range faults {
		if a.faults++; a.faults <= 200 {
			a.t.Errorf("%s, %s: %s", o, c.Name, fault)
		}
	}
}

// report prints how many requests were sent, and requires enough cases for every operation.
func (a *attack) report() {
	sent, refused := 0, 0
	for _, o := range a.document.Operations {
		sent, refused = sent+a.cases[o.ID], refused+a.refused[o.ID]
		if a.refused[o.ID] < leastCases {
			a.t.Errorf("%s: only %d bad requests", o, a.refused[o.ID])
		}
	}
	var statuses strings.Builder
	for _, status := range slices.Sorted(maps.Keys(a.statuses)) {
		_, _ = fmt.Fprintf(&statuses, ", %d × %d", a.statuses[status], status)
	}
	_, _ = fmt.Fprintf(os.Stdout, "\nBad input, seed %d: %d operations, %d requests, of which %d must be refused; statuses%s; %v\n",
		*negativeSeed, len(a.document.Operations), sent, refused, statuses.String()[1:], time.Since(a.started).Round(time.Second))
}

// ownPace lists the tables that change without a request: the calendar, and the fund totals carried forward every
// minute.
var ownPace = []string{"clock", "fund_carry", "fund_sum"}

// written returns hashes of the contents of all other tables, and the names of all files. It first waits until the
// worker has written all outstanding turns.
func (a *attack) written() map[string]string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, a.database)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	eventually(a.t, "every turn is written", func() (none bool) {
		if err := conn.QueryRow(ctx, "select not exists (select from unturned)").Scan(&none); err != nil {
			a.t.Fatal(err)
		}
		return none
	})
	rows, err := conn.Query(ctx, "select tablename from pg_tables where schemaname = 'public' and tablename <> all($1) order by 1", ownPace)
	if err != nil {
		a.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		a.t.Fatal(err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var content string
		name := pgx.Identifier{table}.Sanitize()
		if err := conn.QueryRow(ctx, "select count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from "+name+" t").Scan(&content); err != nil {
			a.t.Fatal(err)
		}
		found[table] = content
	}
	_ = filepath.WalkDir(filepath.Join(a.data, "evidence"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found[path] = "is there"
		}
		return err
	})
	return found
}

// wire is a connection that carries raw requests.
type wire struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

// send sends a case and reads the response; status 0 means that there was none.
func (w *wire) send(c negative.Case) negative.Answer {
	fresh := w.conn == nil
	a, err := w.try(c)
	if err != nil && !fresh && !c.Wire { // the connection was closed while idle
		a, err = w.try(c)
	}
	if err != nil || c.Half || c.Wire {
		w.close()
	}
	return a
}

func (w *wire) try(c negative.Case) (negative.Answer, error) {
	if w.conn == nil {
		conn, err := net.DialTimeout("tcp", w.address, patience)
		if err != nil {
			return negative.Answer{}, err
		}
		w.conn, w.reader = conn, bufio.NewReader(conn)
	}
	_ = w.conn.SetDeadline(time.Now().Add(patience)) // a closed connection is detected below
	_, _ = w.conn.Write(c.Request)                   // the response may arrive before everything has been sent
	if tcp, ok := w.conn.(*net.TCPConn); ok && (c.Half || c.Wire) {
		_ = tcp.CloseWrite() // likewise
	}
	response, err := http.ReadResponse(w.reader, &http.Request{Method: c.Method})
	if err != nil {
		w.close()
		return negative.Answer{}, err
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") { // does not end
		w.close()
		return negative.Answer{Status: response.StatusCode, Header: response.Header}, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if response.Close || err != nil {
		w.close()
	}
	return negative.Answer{Status: response.StatusCode, Header: response.Header, Body: body}, err
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close() // nothing more is sent
		w.conn = nil
	}
}
