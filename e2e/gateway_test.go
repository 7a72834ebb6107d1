package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"terrace/bank/banktest"
	"terrace/bank/simulator"
	"terrace/demo/zhuanglang"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/project"
)

// paying is a story whose payments go through a simulated bank that runs on the story's calendar.
type paying struct {
	*story
	bank *banktest.Bank
}

// startPaying starts a Terrace that pays through a simulated bank, and signs the projects' agreements.
func startPaying(t *testing.T, proposals ...int) *paying {
	t.Helper()
	s := newSystem(t, newDatabase(t, shared.postgresURL(t)), shared.temporalAddress(t))
	p := &paying{}
	p.bank = banktest.Start(t, simulator.Options{Seed: 1, Now: func() time.Time {
		if s.base == "" {
			return time.Time{}
		}
		return get[clock](s.client, mover, "/v1/clock").Now
	}})
	settings := p.bank.Settings()
	s.settings = []string{"TERRACE_GATEWAY=http", "TERRACE_BANK_URL=" + settings.URL}
	for name, text := range map[string]string{"KEY": settings.Key, "CERT": settings.Cert, "CERT_KEY": settings.CertKey, "CA": settings.CA} {
		file := filepath.Join(s.data, "bank-"+name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.settings = append(s.settings, "TERRACE_BANK_"+name+"_FILE="+file)
	}
	s.launch("--people=false", "--day", "2ms")
	p.story = s.draft(proposals...).approved()
	p.each(p.sign)
	return p
}

func (p *paying) behaves(f simulator.Faults) {
	p.t.Helper()
	if err := p.bank.SetFaults(f); err != nil {
		p.t.Fatal(err)
	}
}

// hours advances the calendar by n hours.
func (p *paying) hours(n int) {
	p.t.Helper()
	p.until(get[clock](p.client, mover, "/v1/clock").Now.Add(time.Duration(n) * time.Hour))
}

// transfers counts the bank's outgoing transfers for a payment.
func (p *paying) transfers(payment flow.Ref) (n int) {
	for _, t := range p.bank.Transfers() {
		if t.Reference == payment.ID && t.Fen < 0 {
			n++
		}
	}
	return n
}

func TestNothingIsGuessedWhateverTheBankAnswers(t *testing.T) {
	t.Parallel()
	s := startPaying(t, 1, 2, 3, 4, 5)
	first := func(n, attempt int) flow.Ref { return s.payment(n, 1, attempt) }
	pay := func(payment flow.Ref, stage flow.Stage) {
		t.Helper()
		s.release(payment)
		s.reaches(payment, stage)
	}

	// The bank responds at once.
	s.behaves(simulator.Faults{Refuse: 1})
	pay(first(1, 1), payment.Voided)
	s.behaves(simulator.Faults{Return: 1})
	pay(first(1, 2), payment.Returned)
	s.behaves(simulator.Faults{})
	pay(first(1, 3), payment.Posted)
	s.behaves(simulator.Faults{Return: 1, ReturnAfter: 72 * time.Hour})
	pay(first(2, 1), payment.Posted) // returned three days later

	// The bank responds later.
	s.behaves(simulator.Faults{Clear: 4 * time.Hour})
	pay(first(3, 1), payment.Clearing)
	s.behaves(simulator.Faults{LoseAnswers: 1, Refuse: 1})
	pay(first(4, 1), payment.Clearing)
	s.behaves(simulator.Faults{LoseAnswers: 1, Return: 1, ReturnAfter: time.Hour})
	pay(first(5, 1), payment.Clearing)
	s.hours(5)
	s.behaves(simulator.Faults{})
	s.reaches(first(3, 1), payment.Posted)
	s.reaches(first(4, 1), payment.Voided)
	s.reaches(first(5, 1), payment.Returned)

	// The bank never responds, which becomes a task for finance.
	s.behaves(simulator.Faults{LoseRequests: 1})
	pay(first(4, 2), payment.Clearing)
	pay(first(5, 2), payment.Clearing)
	s.late(first(4, 2), payment.AwaitClearing)
	s.confirm(first(4, 2))
	s.returned(first(5, 2))
	s.behaves(simulator.Faults{})
	pay(first(5, 3), payment.Posted)

	// A posted payment is final once the bank confirms that it was not returned.
	s.reaches(first(2, 1), payment.Returned)
	pay(first(2, 2), payment.Posted)
	s.reaches(first(1, 3), payment.Final)
	s.reaches(first(3, 1), payment.Final)
	s.behaves(simulator.Faults{LoseRequests: 1})
	s.late(first(2, 2), payment.AwaitPaymentEnd)
	s.late(first(2, 2), payment.AwaitFinalAnswer)
	s.confirm(first(2, 2))
	s.reaches(first(2, 2), payment.Final)
	s.returned(first(5, 3))
	s.behaves(simulator.Faults{})
	pay(first(5, 4), payment.Posted)
	for payment, want := range map[flow.Ref]int{
		first(1, 1): 0, first(1, 2): 1, first(1, 3): 1, first(2, 1): 1, first(2, 2): 1, first(3, 1): 1, first(4, 1): 0, first(4, 2): 0,
		first(5, 1): 1, first(5, 2): 0, first(5, 3): 1, first(5, 4): 1,
	} {
		if got := s.transfers(payment); got != want {
			t.Errorf("the bank executed %s %d times, want %d", payment.ID, got, want)
		}
	}
}

// A reconciliation difference becomes a task for finance; nothing corrects it automatically.
func TestADifferenceIsExplainedByFinance(t *testing.T) {
	t.Parallel()
	s := start(t).draft(1).approved()
	s.sign(1)
	payment := s.payment(1, 1, 1)
	s.pay(payment)
	s.reaches(s.project(1), project.Rollout)
	s.enterStatement(payment, s.read(payment).Fen+1)
	for _, found := range []string{"1 to explain, 1 of them found for the first time", "1 to explain, 0 of them found for the first time"} {
		if status, text := run(t, s.environment(), "reconcile"); status != 1 || !strings.Contains(text, found) {
			t.Fatalf("terrace reconcile exits with %d: %s; want %s", status, text, found)
		}
	}
	tasks := get[struct {
		Items []struct {
			ID   string
			What difference.Discrepancy
		}
	}](s.client, zhuanglang.CountyFinance, "/v1/differences?pilot="+s.id)
	if len(tasks.Items) != 1 || tasks.Items[0].What != difference.AmountDiffers {
		t.Fatalf("the tasks are %+v", tasks.Items)
	}
	task := flow.Ref{Kind: difference.Kind, ID: tasks.Items[0].ID}
	s.late(task, difference.AwaitExplanation)
	s.do(zhuanglang.CountyFinance, task, "explain", difference.ExplainDifference{Explanation: "银行多付一分,已退回"})
	if status, text := run(t, s.environment(), "reconcile"); status != 0 || !strings.Contains(text, "1 explained before") {
		t.Errorf("terrace reconcile exits with %d: %s", status, text)
	}
}

// enterStatement enters a bank statement dated today with one debit.
func (s *story) enterStatement(payment flow.Ref, fen money.Fen) {
	s.t.Helper()
	const opening money.Fen = 100000000
	text := fmt.Sprintf("account,6200000000000001\nfrom,%[1]s\nto,%[1]s\nopening,%[2]s\nclosing,%[3]s\n"+
		"booked_on,reference,amount,direction,counterparty,number,text\n%[1]s,%[4]s,%[5]s,debit,某协会,B000000001,拨付\n",
		s.today(), plain(opening), plain(opening-fen), payment.ID, plain(fen))
	body := map[string]string{"sha256": s.upload(zhuanglang.CountyFinance, text), "format": "csv", "account": "专户"}
	s.pressStatement(body)
}

// plain formats an amount in yuan without thousands separators.
func plain(fen money.Fen) string { return strings.ReplaceAll(fen.String(), ",", "") }
