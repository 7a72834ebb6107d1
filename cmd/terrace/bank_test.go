package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/activities"
	"terrace/app"
	"terrace/domain"
	"terrace/domain/payment"
	"terrace/domain/plan"
)

// spoken collects what a command has printed so far.
type spoken struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.Write(p)
}

func (s *spoken) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String()
}

// terrace runs the bank command until the context ends.
func terrace(ctx context.Context, out io.Writer, args ...string) error {
	root := newRoot()
	root.SetArgs(append([]string{"bank"}, args...))
	root.SetOut(out)
	root.SetErr(out)
	return root.ExecuteContext(ctx)
}

// startBank starts a bank. It returns the settings that the bank printed, its admin address, and a function that stops
// it.
func startBank(t *testing.T, keys string, args ...string) (environ []string, admin string, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, ended := &spoken{}, make(chan error, 1)
	go func() {
		ended <- terrace(ctx, out, append([]string{"--keys", keys, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...)...)
	}()
	end = func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the bank ended with %v", err)
		}
	}
	var whole string
	for limit := time.Now().Add(20 * time.Second); ; {
		if whole = out.String(); strings.Contains(whole, "TERRACE_BANK_KEY_FILE") { // printed in a single write
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("the bank ended: %v\n%s", err, whole)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(limit) {
			t.Fatalf("the bank printed\n%s", whole)
		}
	}
	environ = regexp.MustCompile(`(?m)^TERRACE_\w+=.*$`).FindAllString(whole, -1)
	return environ, regexp.MustCompile(`http://\S+/admin/transfers`).FindString(whole), end
}

func TestTwoCommandsMakeABankThatPays(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"with certificates": nil, "plain": {"--plain"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys := filepath.Join(t.TempDir(), "keys")
			if err := terrace(t.Context(), io.Discard, "keys", "--out", keys); err != nil {
				t.Fatal(err)
			}
			order := activities.Order{Reference: "zl.1.1", Fen: 100, AccountName: "示例", Payee: plan.Organization{Name: domain.Text{ZH: "示例"}}}
			for range 2 { // the second bank has the first one's orders
				environ, admin, end := startBank(t, keys, args...)
				s, err := app.ReadSettings(environ)
				if err != nil {
					t.Fatal(err)
				}
				g, err := s.OpenGateway()
				if err != nil {
					t.Fatal(err)
				}
				if answer, err := g.Instruct(t.Context(), order); err != nil || answer.Outcome != payment.BankPaid || answer.Number != "B000000001" {
					t.Errorf("%+v, %v", answer, err)
				}
				if got := movements(t, admin); strings.Count(got, `"zl.1.1"`) != 1 {
					t.Error(got)
				}
				end()
			}
		})
	}
}

func movements(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheBanksFlagsAreChecked(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	if err := terrace(t.Context(), io.Discard, "keys", "--out", keys); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"terrace bank keys --out keys":    {},
		"only this machine can reach":     {"--keys", keys, "--admin", "0.0.0.0:0"},
		"--plain: --listen 0.0.0.0:0":     {"--keys", keys, "--admin", "127.0.0.1:0", "--plain", "--listen", "0.0.0.0:0"},
		"--start":                         {"--keys", keys, "--start", "today"},
		"--day must be":                   {"--keys", keys, "--day", "0s"},
		"lose-answers is a share":         {"--keys", keys, "--lose-answers", "2"},
		"terrace bank keys --out nowhere": {"--keys", "nowhere"},
		"--out is missing":                {"keys"},
	} {
		if err := terrace(t.Context(), io.Discard, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
}

func TestWorstSetsEveryFaultThatIsNotGiven(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	if err := terrace(t.Context(), io.Discard, "keys", "--out", keys); err != nil {
		t.Fatal(err)
	}
	_, admin, end := startBank(t, keys, "--worst", "--refuse", "0", "--delay", "5ms")
	defer end()
	got := movements(t, strings.Replace(admin, "transfers", "faults", 1))
	for _, want := range []string{`"refuse": "0"`, `"delay": "5ms"`, `"lose-answers": "0.15"`, `"down-for": "1h0m0s"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
