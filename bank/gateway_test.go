package bank_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"terrace/activities"
	"terrace/bank"
	"terrace/bank/banktest"
	"terrace/bank/simulator"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/payment"
	"terrace/domain/plan"
)

var _ activities.Gateway = (*bank.Gateway)(nil)

// calendarOf is a bank's calendar that the test sets.
type calendarOf struct {
	mutex sync.Mutex
	now   time.Time
}

func opened() *calendarOf {
	return &calendarOf{now: calendar.On(2018, time.March, 1).At(9, 0)}
}

func (c *calendarOf) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *calendarOf) pass(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

func order(reference string) activities.Order {
	return activities.Order{
		Reference: reference, Fen: 10_500_000, AccountName: "庄浪县示例苹果产业协会", AccountNumber: "62270000000000017",
		Payee: plan.Organization{CreditCode: "51620825MJDEM0030N", Name: domain.Text{ZH: "庄浪县示例苹果产业协会", EN: "Zhuanglang Example Apple Association"}},
	}
}

// payments counts the payments under each reference.
func payments(b *banktest.Bank) map[string]int {
	count := map[string]int{}
	for _, t := range b.Transfers() {
		if t.Kind == "payment" {
			count[t.Reference]++
		}
	}
	return count
}

var (
	first  = calendar.On(2018, time.March, 1)
	fourth = calendar.On(2018, time.March, 4)
	paid   = payment.BankAnswer{Outcome: payment.BankPaid, Fen: 10500000, Number: "B000000001", On: first}
	back   = payment.BankAnswer{Outcome: payment.SentBack, Fen: 10500000, Number: "B000000001R", On: fourth, Why: "户名不符 (the account name does not match)"}
)

func TestEachFaultOfTheBankIsSeenForWhatItIs(t *testing.T) {
	t.Parallel()
	pending, unheard := payment.BankAnswer{Outcome: payment.Pending, Fen: 10500000}, payment.BankAnswer{Outcome: payment.Unheard}
	refused := payment.BankAnswer{Outcome: payment.BankRefused, Fen: 10500000, Why: "账号不存在 (the account does not exist)"}
	unknown := payment.BankAnswer{}
	for name, c := range map[string]struct {
		faults  simulator.Faults
		told    payment.BankAnswer // about the order; OutcomeUnknown stands for an error
		honest  bool               // the bank behaves from here on
		passes  time.Duration
		asked   payment.BankAnswer
		instead payment.BankAnswer // when the same order is submitted again
		moved   int
	}{
		"an honest bank pays at once":               {told: paid, asked: paid, instead: paid, moved: 1},
		"an order is pending until it is paid":      {faults: simulator.Faults{Clear: time.Hour}, told: pending, passes: time.Hour, asked: paid, instead: paid, moved: 1},
		"what is pending has not moved":             {faults: simulator.Faults{Clear: time.Hour}, told: pending, asked: pending, instead: pending, moved: 0},
		"a lost answer is found by asking":          {faults: simulator.Faults{LoseAnswers: 1}, told: unknown, honest: true, asked: paid, instead: paid, moved: 1},
		"a lost request is unheard, and sent again": {faults: simulator.Faults{LoseRequests: 1}, told: unknown, honest: true, asked: unheard, instead: paid, moved: 1},
		"a bank that is down is asked again":        {faults: simulator.Faults{DownFor: time.Hour}, told: unknown, passes: time.Hour, asked: unheard, instead: paid, moved: 1},
		"a refused order moves nothing, ever":       {faults: simulator.Faults{Refuse: 1}, told: refused, honest: true, asked: refused, instead: refused, moved: 0},
		"an answer that repeats itself is pending":  {faults: simulator.Faults{Repeat: 1}, told: pending, honest: true, asked: paid, instead: paid, moved: 1},
		"money comes back days later":               {faults: simulator.Faults{Return: 1, ReturnAfter: 72 * time.Hour}, told: paid, passes: 72 * time.Hour, asked: back, instead: back, moved: 1},
		"money that came back seems paid to a bank that repeats itself": {
			faults: simulator.Faults{Return: 1, Repeat: 1, ReturnAfter: 72 * time.Hour}, told: pending, passes: 72 * time.Hour, asked: paid, instead: paid, moved: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			days := opened()
			b := banktest.Start(t, simulator.Options{Now: days.Now, Faults: c.faults})
			g := b.Gateway(t)
			told, err := g.Instruct(t.Context(), order("zl.1.1"))
			if told != c.told || (err != nil) != (c.told == unknown) {
				t.Fatalf("instructed: %+v, %v; want %+v", told, err, c.told)
			}
			if c.honest {
				if err := b.SetFaults(simulator.Faults{}); err != nil {
					t.Fatal(err)
				}
			}
			days.pass(c.passes)
			if asked, err := g.Ask(t.Context(), "zl.1.1"); err != nil || asked != c.asked {
				t.Errorf("asked: %+v, %v; want %+v", asked, err, c.asked)
			}
			for range 3 {
				if again, err := g.Instruct(t.Context(), order("zl.1.1")); err != nil || again != c.instead {
					t.Errorf("instructed again: %+v, %v; want %+v", again, err, c.instead)
				}
			}
			if got := payments(b)["zl.1.1"]; got != c.moved {
				t.Errorf("paid %d times, want %d", got, c.moved)
			}
		})
	}
}

func TestALateAnswerIsUnknownAndThenFound(t *testing.T) {
	t.Parallel()
	b := banktest.Start(t, simulator.Options{Now: opened().Now, Faults: simulator.Faults{Late: 1, Delay: time.Minute}})
	s := b.Settings()
	s.Timeout = 500 * time.Millisecond
	g, err := bank.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	for len(b.Transfers()) == 0 {
		if _, err := g.Instruct(t.Context(), order("zl.1.1")); err == nil || err.Error() != "bank: no answer in time" {
			t.Fatalf("said %v", err)
		}
	}
	if err := b.SetFaults(simulator.Faults{Late: 1, Delay: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if asked, err := b.Gateway(t).Ask(t.Context(), "zl.1.1"); err != nil || asked != paid {
		t.Errorf("asked %+v, %v", asked, err)
	}
}

func TestAnOrderIsPaidOncePerReferenceHoweverOftenItIsAsked(t *testing.T) {
	t.Parallel()
	worst := simulator.Worst()
	worst.Delay, worst.Refuse, worst.DownFor = time.Millisecond, 0, 0
	days := opened()
	b := banktest.Start(t, simulator.Options{Seed: 7, Now: days.Now, Faults: worst})
	g := b.Gateway(t)
	const references, callers = 40, 4
	var all sync.WaitGroup
	for i := range references * callers {
		all.Go(func() {
			reference := fmt.Sprintf("zl.%d.1", i%references)
			for {
				if answer, err := g.Instruct(t.Context(), order(reference)); err == nil && answer.Outcome != payment.Unheard {
					return
				}
				if t.Context().Err() != nil {
					return
				}
			}
		})
	}
	all.Wait()
	days.pass(worst.Clear + worst.ReturnAfter)
	moved := payments(b)
	if len(moved) != references {
		t.Errorf("%d references were paid, want %d", len(moved), references)
	}
	for reference, times := range moved {
		if times != 1 {
			t.Errorf("%s was paid %d times", reference, times)
		}
	}
}

func TestABankPaysTwiceWhenAskedUnderTwoReferences(t *testing.T) {
	t.Parallel()
	b := banktest.Start(t, simulator.Options{})
	g := b.Gateway(t)
	for _, reference := range []string{"zl.1.1", "zl.1.2"} {
		if _, err := g.Instruct(t.Context(), order(reference)); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Transfers(); len(got) != 2 || got[0].Fen+got[1].Fen != -21_000_000 {
		t.Errorf("moved %+v", got)
	}
}

func TestAnotherOrderUnderTheSameReferenceIsAConflict(t *testing.T) {
	t.Parallel()
	b := banktest.Start(t, simulator.Options{Now: opened().Now})
	g := b.Gateway(t)
	if _, err := g.Instruct(t.Context(), order("zl.1.1")); err != nil {
		t.Fatal(err)
	}
	dearer := order("zl.1.1")
	dearer.Fen++
	if _, err := g.Instruct(t.Context(), dearer); err == nil || !strings.Contains(err.Error(), "another order under this reference") {
		t.Errorf("said %v", err)
	}
	if asked, err := g.Ask(t.Context(), "zl.1.1"); err != nil || asked != paid || payments(b)["zl.1.1"] != 1 {
		t.Errorf("asked %+v, %v", asked, err)
	}
}

func TestOnlyTheHoldersOfTheKeysAreHeard(t *testing.T) {
	t.Parallel()
	b := banktest.Start(t, simulator.Options{})
	strangers, err := simulator.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*bank.Settings)
		want   string
	}{
		"another signing key":                  {func(s *bank.Settings) { s.Key = string(strangers.Key) }, "HTTP 401"},
		"a client certificate of a stranger":   {func(s *bank.Settings) { s.Cert, s.CertKey = string(strangers.Cert), string(strangers.CertKey) }, "tls: "},
		"a server that another authority made": {func(s *bank.Settings) { s.CA = string(strangers.CA) }, "not vouched for"},
		"a server that does not speak TLS":     {func(s *bank.Settings) { s.URL = plainServer(t, "") }, "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := b.Settings()
			c.change(&s)
			g, err := bank.Open(s)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := g.Instruct(t.Context(), order("zl.1.1")); err == nil || answer != (payment.BankAnswer{}) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %+v, %v; want %q", answer, err, c.want)
			}
			if len(b.Transfers()) > 0 {
				t.Error("money moved")
			}
		})
	}
}

// plainServer answers every HTTP request with the text, at an address that starts with https.
func plainServer(t *testing.T, text string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http", "https", 1)
}

func TestWhatIsNoAnswerIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	const refusal = `{"reference":"zl.1.1","status":"refused","fen":10500000,"why":"no-cover"}`
	const unheard = `{"reference":"zl.1.1","status":"unheard"}`
	const done = `{"reference":"zl.1.1","status":"paid","fen":10500000,"number":"7","on":"2018-03-01"}`
	for name, c := range map[string]struct {
		ask     bool
		code    int
		text    string
		outcome payment.BankOutcome // empty: an error
	}{
		"paid":                                {code: 200, text: done, outcome: payment.BankPaid},
		"refused":                             {code: 422, text: refusal, outcome: payment.BankRefused},
		"refused when asked":                  {ask: true, code: 200, text: refusal, outcome: payment.BankRefused},
		"unheard":                             {ask: true, code: 404, text: unheard, outcome: payment.Unheard},
		"paid for another amount":             {code: 200, text: strings.Replace(done, "10500000", "10500001", 1)},
		"paid for another reference":          {code: 200, text: strings.Replace(done, "zl.1.1", "zl.1.2", 1)},
		"a page that is not there on the way": {ask: true, code: 404, text: "404 page not found"},
		"unheard of another reference":        {ask: true, code: 404, text: strings.Replace(unheard, "zl.1.1", "zl.1.2", 1)},
		"unheard to an order":                 {code: 404, text: unheard},
		"unheard to an order that went well":  {code: 200, text: unheard},
		"unheard, but found":                  {ask: true, code: 200, text: unheard},
		"paid, but not found":                 {ask: true, code: 404, text: done},
		"refused without a word":              {code: 422, text: `{}`},
		"paid and refused":                    {code: 422, text: done},
		"a bad request":                       {code: 400, text: refusal},
		"forbidden":                           {code: 403, text: refusal},
		"a fault of the bank":                 {code: 500, text: done},
		"a bank that is closed":               {code: 503, text: refusal},
		"elsewhere":                           {code: 307, text: done},
		"accepted, but not an answer":         {code: 202, text: done},
		"an answer beyond all bounds":         {code: 200, text: done + strings.Repeat(" ", 1<<17)},
		"an answer that is not JSON":          {code: 200, text: "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.code)
				_, _ = w.Write([]byte(c.text))
			}))
			t.Cleanup(server.Close)
			g, err := bank.Open(bank.Settings{URL: server.URL, Key: newKey(t)})
			if err != nil {
				t.Fatal(err)
			}
			var answer payment.BankAnswer
			if c.ask {
				answer, err = g.Ask(t.Context(), "zl.1.1")
			} else {
				answer, err = g.Instruct(t.Context(), order("zl.1.1"))
			}
			if answer.Outcome != c.outcome || (err == nil) != (c.outcome != "") {
				t.Errorf("said %+v, %v", answer, err)
			}
			personal(t, err)
		})
	}
}

func newKey(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// personal fails the test if an error reveals the account holder or the query of an address.
func personal(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, word := range []string{"苹果", "6227", "2018-03", "?"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("%q reveals %q", err, word)
		}
	}
}

func TestAnErrorOfTheConnectionTellsNothingPersonal(t *testing.T) {
	t.Parallel()
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte("苹果 62270000000000017\r\n\r\n"))
			_ = conn.Close()
		}
	}))
	t.Cleanup(garbage.Close)
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	for _, url := range []string{garbage.URL, away.URL} {
		g, err := bank.Open(bank.Settings{URL: url, Key: newKey(t)})
		if err != nil {
			t.Fatal(err)
		}
		_, told := g.Instruct(t.Context(), order("zl.1.1"))
		_, read := g.Statement(t.Context(), first, fourth)
		for _, err := range []error{told, read} {
			if err == nil {
				t.Error(url + " answered")
			}
			personal(t, err)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := g.Ask(ended, "zl.1.1"); !errors.Is(err, context.Canceled) {
			t.Errorf("said %v", err)
		}
		if _, err := g.Ask(t.Context(), "../statement"); err == nil {
			t.Error("accepted a path as a reference")
		}
	}
}

func TestTheStatementTellsEveryMovement(t *testing.T) {
	t.Parallel()
	days := opened()
	b := banktest.Start(t, simulator.Options{Now: days.Now, Faults: simulator.Faults{Return: 1, ReturnAfter: 72 * time.Hour}})
	g := b.Gateway(t)
	if _, err := g.Instruct(t.Context(), order("zl.1.1")); err != nil {
		t.Fatal(err)
	}
	days.pass(72 * time.Hour)
	s, err := g.Statement(t.Context(), first, fourth)
	if err != nil || len(s.Lines) != 2 || s.Opening != simulator.Opening || s.Closing != simulator.Opening {
		t.Fatalf("said %+v, %v", s, err)
	}
	for i, want := range []struct {
		fen    int64
		number string
		on     calendar.Date
	}{{-10_500_000, "B000000001", first}, {10_500_000, "B000000001R", fourth}} {
		if l := s.Lines[i]; int64(l.Fen) != want.fen || l.Number != want.number || l.BookedOn != want.on || l.Reference != "zl.1.1" {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	later, err := g.Statement(t.Context(), first.AddDays(1), fourth)
	if err != nil || later.Opening != simulator.Opening-10_500_000 || later.Closing != simulator.Opening || len(later.Lines) != 1 {
		t.Errorf("later: %+v, %v", later, err)
	}
	if _, err := g.Statement(t.Context(), fourth, first); err == nil {
		t.Error("a statement from a later day to an earlier one was accepted")
	}
}

func TestSettingsSayTheNextStep(t *testing.T) {
	t.Parallel()
	keys, err := simulator.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	whole := bank.Settings{URL: "https://bank.example/v1", Key: string(keys.Key), Cert: string(keys.Cert), CertKey: string(keys.CertKey), CA: string(keys.CA)}
	for name, c := range map[string]struct {
		change func(*bank.Settings)
		want   string
	}{
		"whole":                        {func(*bank.Settings) {}, ""},
		"plain on this machine":        {func(s *bank.Settings) { *s = bank.Settings{URL: "http://127.0.0.1:9080", Key: s.Key} }, ""},
		"no address":                   {func(s *bank.Settings) { s.URL = "" }, "terrace bank --help"},
		"plain elsewhere":              {func(s *bank.Settings) { s.URL = "http://bank.example" }, "https://"},
		"a path alone":                 {func(s *bank.Settings) { s.URL = "/v1" }, "an address like"},
		"a password in the address":    {func(s *bank.Settings) { s.URL = "https://a:b@bank.example" }, "an address like"},
		"no key":                       {func(s *bank.Settings) { s.Key = "" }, "TERRACE_BANK_KEY_FILE"},
		"a key that is none":           {func(s *bank.Settings) { s.Key = "secret" }, "openssl genpkey"},
		"a key of another kind":        {func(s *bank.Settings) { s.Key = s.CertKey }, "not an Ed25519"},
		"no certificate":               {func(s *bank.Settings) { s.Cert = "" }, "TERRACE_BANK_CERT_FILE"},
		"no key of the certificate":    {func(s *bank.Settings) { s.CertKey = "" }, "TERRACE_BANK_CERT_KEY_FILE"},
		"no authority":                 {func(s *bank.Settings) { s.CA = "" }, "TERRACE_BANK_CA_FILE"},
		"a certificate of another key": {func(s *bank.Settings) { s.Cert = s.CA }, "not belong together"},
		"an authority that is none":    {func(s *bank.Settings) { s.CA = "bank" }, "not hold a certificate in PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := whole
			c.change(&s)
			_, err := bank.Open(s)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
}
