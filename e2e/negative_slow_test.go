package e2e

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/e2e/negative"
)

// Every operation that reads JSON gives up on a stalled body after five seconds, and the stall delays no other request.
// Uploads are left out: they may take five minutes, for slow rural lines.
func TestABodyThatDoesNotArriveInTimeIsRefused(t *testing.T) {
	t.Parallel()
	system := start(t)
	s := system.draft(1)
	s.rest()
	a := newAttack(t, system)
	before := a.written()
	var all sync.WaitGroup
	operations := 0
	for _, o := range a.document.Operations {
		if o.Body == nil || !slices.Contains(o.Body.Types, "application/json") {
			continue
		}
		operations++
		who := map[string]string{"move-clock": mover, "enter-bank-statement": zhuanglang.CountyFinance}[o.ID]
		if who == "" {
			who = reader
		}
		request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: terrace\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: slow\r\nContent-Length: 100\r\n\r\n{",
			o.Method, strings.ReplaceAll(o.Path, "{id}", s.id), a.token(who))
		all.Go(func() {
			c := negative.Case{Name: "a body that does not arrive", Method: o.Method, Request: []byte(request)}
			got, took := a.silent(c)
			a.judge(o, c, got)
			if got.Status != http.StatusRequestTimeout || took < 3*time.Second {
				t.Errorf("%s: %d after %v", o, got.Status, took)
			}
		})
	}
	for began := time.Now(); time.Since(began) < time.Second; time.Sleep(10 * look) {
		get[struct{}](system.client, reader, "/v1/pilots/"+s.id) // other requests are answered meanwhile
	}
	all.Wait()
	if after := a.written(); !maps.Equal(before, after) {
		t.Errorf("something was written: %v became %v", before, after)
	}
	if operations < 50 {
		t.Errorf("only %d operations read a body", operations)
	}
}

// silent sends a case, keeps the connection open, and waits for the response.
func (a *attack) silent(c negative.Case) (got negative.Answer, took time.Duration) {
	began := time.Now()
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(a.base, "http://"), patience)
	if err != nil {
		return got, time.Since(began)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(began.Add(patience)) // a closed connection is detected below
	_, _ = conn.Write(c.Request)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: c.Method})
	if err != nil {
		return got, time.Since(began)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body) // a missing body is a fault that the judge reports
	return negative.Answer{Status: response.StatusCode, Header: response.Header, Body: body}, time.Since(began)
}
