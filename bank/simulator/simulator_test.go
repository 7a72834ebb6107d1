package simulator_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"terrace/bank/protocol"
	"terrace/bank/simulator"
	"terrace/domain/calendar"
)

var public, private, _ = ed25519.GenerateKey(nil)

var start = calendar.On(2018, time.March, 1).At(9, 0)

func open(t *testing.T, o simulator.Options) *simulator.Bank {
	t.Helper()
	o.Key = public
	if o.Now == nil && o.Store == "" {
		o.Now = func() time.Time { return start }
	}
	b, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// sent builds a signed request about an order, with the text as its body.
func sent(method, reference, text string) *http.Request {
	r := httptest.NewRequest(method, "https://bank.example/orders/"+reference, strings.NewReader(text))
	protocol.Sign(r, []byte(text), private, time.Now())
	return r
}

func instruction(reference string) string {
	return `{"reference":"` + reference + `","fen":100,"currency":"CNY","payee":"示例","credit_code":"51620825MJDEM0030N","account_name":"示例"}`
}

// answer sends a request to the bank and returns its response. The code is 0 if the bank cuts the connection.
func answer(b http.Handler, r *http.Request) (code int, text string) {
	w := httptest.NewRecorder()
	defer func() {
		if caught := recover(); caught != nil && caught != http.ErrAbortHandler { //nolint:errorlint // a panic's own value
			panic(caught)
		}
	}()
	b.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestTheBankTakesWhatIsSignedAndWhole(t *testing.T) {
	t.Parallel()
	replayed := func(change func(*http.Request)) func(*simulator.Bank) *http.Request {
		return func(b *simulator.Bank) *http.Request {
			r := sent(http.MethodPut, "b.1.1", instruction("b.1.1"))
			again := r.Clone(t.Context())
			again.Body = io.NopCloser(strings.NewReader(instruction("b.1.1")))
			if code, text := answer(b, r); code != 200 {
				t.Errorf("the first was answered %d %s", code, text)
			}
			change(again)
			return again
		}
	}
	changed := func(change func(*http.Request)) func(*simulator.Bank) *http.Request {
		return func(*simulator.Bank) *http.Request {
			r := sent(http.MethodPut, "a.1.1", instruction("a.1.1"))
			change(r)
			return r
		}
	}
	body := func(text string) func(*simulator.Bank) *http.Request {
		return func(*simulator.Bank) *http.Request { return sent(http.MethodPut, "a.1.1", text) }
	}
	for name, c := range map[string]struct {
		make func(*simulator.Bank) *http.Request
		code int
	}{
		"whole": {changed(func(*http.Request) {}), 200},
		"a body that was tampered with": {changed(func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(instruction("a.1.1"), "100", "900", 1)))
		}), 401},
		"another reference in the path": {changed(func(r *http.Request) { r.URL.Path = "/orders/a.1.2" }), 401},
		"signed two minutes ago": {changed(func(r *http.Request) {
			protocol.Sign(r, []byte(instruction("a.1.1")), private, time.Now().Add(-2*time.Minute))
		}), 401},
		"signed by somebody else": {changed(func(r *http.Request) {
			_, other, _ := ed25519.GenerateKey(nil)
			protocol.Sign(r, []byte(instruction("a.1.1")), other, time.Now())
		}), 401},
		"not signed":                         {changed(func(r *http.Request) { r.Header.Del("Signature") }), 401},
		"sent a second time as it was":       {replayed(func(*http.Request) {}), 401},
		"a reference that is not the path's": {body(instruction("a.1.2")), 400},
		"a part of a fen":                    {body(strings.Replace(instruction("a.1.1"), "100", "100.5", 1)), 400},
		"no money":                           {body(strings.Replace(instruction("a.1.1"), "100", "0", 1)), 400},
		"negative money":                     {body(strings.Replace(instruction("a.1.1"), "100", "-100", 1)), 400},
		"a word nobody knows":                {body(strings.Replace(instruction("a.1.1"), "payee", "payer", 1)), 400},
		"two orders in one":                  {body(instruction("a.1.1") + instruction("a.1.1")), 400},
		"more than an order":                 {body(strings.Repeat(" ", protocol.MaxBody+1)), 413},
		"another currency":                   {body(strings.Replace(instruction("a.1.1"), "CNY", "USD", 1)), 422},
		"no account name":                    {body(strings.Replace(instruction("a.1.1"), `"account_name":"示例"`, `"account_name":""`, 1)), 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, simulator.Options{})
			if code, text := answer(b, c.make(b)); code != c.code {
				t.Errorf("answered %d %s, want %d", code, text, c.code)
			}
			for _, moved := range b.Transfers() {
				if moved.Reference == "a.1.1" && c.code != 200 || moved.Fen != -100 {
					t.Errorf("moved %+v", moved)
				}
			}
		})
	}
}

func TestAKilledBankComesBackAsItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	faults := simulator.Faults{Return: 0.3, Refuse: 0.3, Clear: time.Hour, ReturnAfter: time.Hour}
	killed := open(t, simulator.Options{Store: path, Start: start, Faults: faults})
	for i := range 30 {
		answer(killed, sent(http.MethodPut, fmt.Sprintf("a.%d.1", i), instruction(fmt.Sprintf("a.%d.1", i))))
	}
	if err := killed.MoveTo(start.AddDate(0, 0, 7)); err != nil {
		t.Fatal(err)
	}
	before := killed.Transfers()

	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = torn.WriteString(`{"order":{"reference":"torn.1.1","fe`)
	_ = torn.Close()

	for range 2 { // the second time, whatever follows the torn line must be intact too
		again := open(t, simulator.Options{Store: path})
		if after := again.Transfers(); len(before) < 20 || !sameMovements(before, after) {
			t.Errorf("before %d movements, after %d", len(before), len(after))
		}
		if now := again.Now(); now.Before(start.AddDate(0, 0, 7)) {
			t.Errorf("its calendar went back to %s", now)
		}
		code, text := answer(again, sent(http.MethodPut, "a.0.1", strings.Replace(instruction("a.0.1"), "100", "200", 1)))
		if code != http.StatusConflict {
			t.Errorf("another order was answered %d %s", code, text)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

func sameMovements(a, b []simulator.Transfer) bool {
	text := func(t []simulator.Transfer) string {
		bytes, _ := json.Marshal(t)
		return string(bytes)
	}
	return text(a) == text(b)
}

func TestADamagedStoreIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	if err := os.WriteFile(path, []byte("{}\n{\"order\":\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.New(simulator.Options{Key: public, Store: path}); err == nil || !strings.Contains(err.Error(), "line 2 is damaged") {
		t.Errorf("said %v", err)
	}
}

func TestAnOrderThatCannotBeKeptIsNotAnswered(t *testing.T) {
	t.Parallel()
	b := open(t, simulator.Options{Store: filepath.Join(t.TempDir(), "orders.jsonl")})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if code, text := answer(b, sent(http.MethodPut, "a.1.1", instruction("a.1.1"))); code != 500 || len(b.Transfers()) > 0 {
		t.Errorf("answered %d %s", code, text)
	}
}

func TestTheSameSeedHasTheSameFaults(t *testing.T) {
	t.Parallel()
	worst := simulator.Worst()
	worst.Delay, worst.DownFor = 0, 0
	play := func(seed uint64, backwards bool) map[string][]int {
		b := open(t, simulator.Options{Seed: seed, Faults: worst})
		seen := map[string][]int{}
		for i := range 200 {
			if backwards {
				i = 199 - i
			}
			reference := fmt.Sprintf("a.%d.1", i%20)
			code, _ := answer(b, sent(http.MethodPut, reference, instruction(reference)))
			seen[reference] = append(seen[reference], code)
		}
		return seen
	}
	one, other := play(1, false), play(2, false)
	if !reflect.DeepEqual(one, play(1, true)) {
		t.Error("the order in which references come changed their faults")
	}
	if reflect.DeepEqual(one, other) {
		t.Error("another seed has the same faults")
	}
	cut := 0
	for _, codes := range one {
		for _, code := range codes {
			if code == 0 {
				cut++
			}
		}
	}
	if cut < 20 || cut > 80 { // 200 × (1 − 0.9 × 0.85) = 47
		t.Errorf("%d of 200 requests were cut", cut)
	}
}

func TestTheBankIsDownWhenItIsToldToBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults simulator.Faults
		codes  map[time.Duration]int // by time since the faults were set at 14:00
	}{
		"for an hour at once": {
			simulator.Faults{DownFor: time.Hour},
			map[time.Duration]int{0: 503, 59 * time.Minute: 503, time.Hour: 404, 24 * time.Hour: 404},
		},
		"for the hour before midnight": {
			simulator.Faults{DownFor: time.Hour, DownEvery: 24 * time.Hour},
			map[time.Duration]int{0: 404, 9*time.Hour - 1: 404, 9 * time.Hour: 503, 10*time.Hour - 1: 503, 10 * time.Hour: 404, 33 * time.Hour: 503},
		},
		"for ever": {
			simulator.Faults{DownFor: 2 * time.Hour, DownEvery: time.Hour},
			map[time.Duration]int{0: 503, 90 * time.Minute: 503},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := start.Add(5 * time.Hour)
			b := open(t, simulator.Options{Now: func() time.Time { return now }, Faults: c.faults})
			set := now
			for passed, code := range c.codes {
				now = set.Add(passed)
				if got, _ := answer(b, sent(http.MethodGet, "a.1.1", "")); got != code {
					t.Errorf("after %s answered %d, want %d", passed, got, code)
				}
			}
		})
	}
}

func TestADayOfTheBankTakesAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	b := open(t, simulator.Options{Store: filepath.Join(t.TempDir(), "orders.jsonl"), Start: start, Day: 10 * time.Millisecond})
	limit := time.Now().Add(10 * time.Second)
	for b.Now().Before(start.AddDate(0, 0, 3)) {
		if time.Now().After(limit) {
			t.Fatalf("it is still %s", b.Now())
		}
	}
}

func post(b *simulator.Bank, path string, form url.Values) (int, string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.Admin().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func get(b *simulator.Bank, path string) string {
	w := httptest.NewRecorder()
	b.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Body.String()
}

func TestFaultsAreSetWhileTheBankRuns(t *testing.T) {
	t.Parallel()
	b := open(t, simulator.Options{Store: filepath.Join(t.TempDir(), "orders.jsonl"), Faults: simulator.Faults{Refuse: 1}})
	if code, text := post(b, "/admin/faults", url.Values{"lose-answers": {"0.5"}, "clear": {"2h"}}); code != 200 {
		t.Fatal(code, text)
	}
	want := simulator.Faults{Refuse: 1, LoseAnswers: 0.5, Clear: 2 * time.Hour}
	if got := b.Faults(); got != want {
		t.Errorf("%+v", got)
	}
	for _, bad := range []url.Values{{"lose-answers": {"1.5"}}, {"lose-answers": {"NaN"}}, {"clear": {"-1h"}}, {"clear": {"soon"}}, {"lose-everything": {"1"}}} {
		if code, _ := post(b, "/admin/faults", bad); code != http.StatusBadRequest {
			t.Errorf("%v: got %d", bad, code)
		}
	}
	if got := b.Faults(); got != want {
		t.Errorf("a bad form changed them: %+v", got)
	}
	if text := get(b, "/admin/faults"); !strings.Contains(text, `"clear": "2h0m0s"`) {
		t.Error(text)
	}
}

func TestTheBankCountsHowItMisbehaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults simulator.Faults
		want   simulator.Counts
	}{
		"an honest bank has nothing to count but requests": {simulator.Faults{}, simulator.Counts{Requests: 1}},
		"a request that was cut":                           {simulator.Faults{LoseRequests: 1}, simulator.Counts{Requests: 1, LostRequests: 1}},
		"an answer that was cut":                           {simulator.Faults{LoseAnswers: 1}, simulator.Counts{Requests: 1, LostAnswers: 1}},
		"an answer that came late":                         {simulator.Faults{Late: 1, Delay: time.Millisecond}, simulator.Counts{Requests: 1, Late: 1}},
		"a request while it was down":                      {simulator.Faults{DownFor: time.Hour}, simulator.Counts{Requests: 1, Closed: 1}},
		"pending, said of what is paid":                    {simulator.Faults{Repeat: 1}, simulator.Counts{Requests: 1, Outdated: 1}},
		"pending, said of what is pending":                 {simulator.Faults{Repeat: 1, Clear: time.Hour}, simulator.Counts{Requests: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, simulator.Options{Faults: c.faults})
			answer(b, sent(http.MethodPut, "a.1.1", instruction("a.1.1")))
			told := simulator.Counts{}
			if err := json.Unmarshal([]byte(get(b, "/admin/counts")), &told); err != nil || told != c.want {
				t.Errorf("counted %+v, %v", told, err)
			}
		})
	}
}

func TestAnOrderThatWasTakenKeepsItsFate(t *testing.T) {
	t.Parallel()
	now := start
	b := open(t, simulator.Options{Now: func() time.Time { return now }, Faults: simulator.Faults{Clear: time.Hour}})
	answer(b, sent(http.MethodPut, "a.1.1", instruction("a.1.1")))
	if err := b.SetFaults(simulator.Faults{Refuse: 1}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if code, text := answer(b, sent(http.MethodGet, "a.1.1", "")); code != 200 || !strings.Contains(text, `"status":"paid"`) {
		t.Errorf("answered %d %s", code, text)
	}
}

func TestTheCalendarIsMovedOnAndNeverBack(t *testing.T) {
	t.Parallel()
	b := open(t, simulator.Options{Store: filepath.Join(t.TempDir(), "orders.jsonl"), Start: start})
	if code, text := post(b, "/admin/clock", url.Values{"now": {"2018-04-01T09:00:00+08:00"}}); code != 200 || !strings.Contains(text, "2018-04-01T") {
		t.Errorf("%d %s", code, text)
	}
	for _, bad := range []string{"2018-03-31T09:00:00+08:00", "tomorrow", ""} {
		if code, _ := post(b, "/admin/clock", url.Values{"now": {bad}}); code != http.StatusBadRequest {
			t.Errorf("%q was answered %d", bad, code)
		}
	}
	answer(b, sent(http.MethodPut, "a.1.1", instruction("a.1.1")))
	if text := get(b, "/admin/transfers"); !strings.Contains(text, `"on": "2018-04-01"`) || !strings.Contains(text, `"kind": "payment"`) {
		t.Error(text)
	}
	if text := get(b, "/admin/clock"); !strings.Contains(text, "2018-04-01T") {
		t.Error(text)
	}
}

func TestKeysAreWrittenOnceAndReadAgain(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "keys")
	keys, err := simulator.NewKeys("bank.example", "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Write(folder); err != nil {
		t.Fatal(err)
	}
	if err := keys.Write(folder); err == nil {
		t.Error("overwrote the keys")
	}
	again, err := simulator.ReadKeys(folder)
	if err != nil || !bytes.Equal(again.Key, keys.Key) || !bytes.Equal(again.CA, keys.CA) {
		t.Errorf("read %v", err)
	}
	if _, err := again.TLS(); err != nil {
		t.Error(err)
	}
	if _, err := again.Payer(); err != nil {
		t.Error(err)
	}
	if _, err := simulator.ReadKeys(t.TempDir()); err == nil {
		t.Error("read keys from an empty folder")
	}
}
