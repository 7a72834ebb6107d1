package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"terrace/domain/money"
	"terrace/domain/pilot"
)

// audit is everything that is known when the ordeal is over: at the bank, in the journal, in the ledger, and as people see it.
// It judges by these alone and by what was granted.
type audit struct {
	*ordeal
	bank      map[string][]transfer // by reference
	attempts  map[string]paymentItem
	journal   map[string][]event               // of a payment, in their order
	moved     map[string]map[account]money.Fen // of a pilot, by the journal's lines
	unnoticed map[string]transfer              // money that came back, and the bank said when it was asked that it stays
	outcomes  map[pilot.Stage]int              // of the attempts
	unknown   map[pilot.Stage]int              // of the attempts of which nobody could say anything for a time
	byPerson  int                              // of these, ended by finance
}

// account names an account of the ledger.
type account struct{ Owner, Account, Category string }

// audited reads everything anew and compares it.
func (o *ordeal) audited() *audit {
	o.t.Helper()
	a := &audit{
		ordeal: o, attempts: map[string]paymentItem{}, journal: map[string][]event{}, moved: map[string]map[account]money.Fen{},
		unnoticed: map[string]transfer{}, outcomes: map[pilot.Stage]int{}, unknown: map[pilot.Stage]int{},
	}
	var err error
	if a.bank, err = o.booked(); err != nil {
		o.t.Fatal(err)
	}
	for _, p := range o.payments(reader, "") {
		a.attempts[p.ID] = p
	}
	for _, d := range o.dossier {
		a.readJournal(d)
	}
	a.atTheBank()
	for _, id := range slices.Sorted(maps.Keys(a.attempts)) {
		a.attempt(a.attempts[id])
	}
	for _, d := range o.dossier {
		a.tranches(d)
		a.ledger(d)
	}
	return a
}

// readJournal takes the events of a pilot's payments, and what every event moved: nothing, book by book.
func (a *audit) readJournal(d *dossier) {
	a.t.Helper()
	moved := map[account]money.Fen{}
	for _, e := range a.events(d) {
		if e.Aggregate.Kind == pilot.PaymentKind {
			a.journal[e.Aggregate.ID] = append(a.journal[e.Aggregate.ID], e.event)
		}
		books := map[pilot.MoneyBook]money.Fen{}
		for _, l := range e.Lines {
			kind, known := pilot.KindOfAccount(l.Account)
			if !known {
				a.t.Errorf("%s of %s moves money of the unknown account %s", e.Name, e.Aggregate, l.Account)
			}
			books[kind.Book] += l.Fen
			moved[l.account] += l.Fen
		}
		for book, sum := range books {
			if sum != 0 {
				a.t.Errorf("%s of %s adds %s to the book %s", e.Name, e.Aggregate, sum, book)
			}
		}
	}
	a.moved[d.id] = moved
}

// movingEvent is an event with what it moved in the ledger.
type movingEvent struct {
	event
	Lines []struct {
		account
		Fen money.Fen
	}
}

// events are all of a pilot.
func (a *audit) events(d *dossier) (all []movingEvent) {
	for after := int64(0); ; {
		part, answered := see[struct {
			Items []movingEvent
			Next  int64
		}](a.ordeal, reader, fmt.Sprintf("/v1/pilots/%s/timeline?limit=500&after=%d", d.id, after))
		all = append(all, part.Items...)
		if after = part.Next; after == 0 || !answered {
			return all
		}
	}
}

// atTheBank: nothing moved but for an attempt of ours, once, by its amount, to its payee; and came back at most once.
func (a *audit) atTheBank() {
	a.t.Helper()
	numbers := map[string]bool{}
	for reference, movements := range a.bank {
		p, known := a.attempts[reference]
		if !known {
			a.t.Errorf("the bank paid %s, which nobody ordered: %v", reference, movements)
			continue
		}
		for i, m := range movements {
			kind, fen := "payment", -p.Fen
			if i == 1 {
				kind, fen = "return", p.Fen
			}
			if i > 1 || m.Kind != kind || m.Fen != fen || numbers[m.Number] || m.Payee != p.Payee.Name.ZH {
				a.t.Errorf("the bank moved for %s (%s to %s): %v", reference, p.Fen, p.Payee.Name.ZH, movements)
			}
			numbers[m.Number] = true
		}
	}
}

// attempt: each ended, and as the bank has it.
func (a *audit) attempt(p paymentItem) {
	a.t.Helper()
	movements := a.bank[p.ID]
	a.outcomes[p.Stage]++
	switch p.Stage {
	case pilot.Final:
		switch {
		case len(movements) == 0 || p.Voucher != movements[0].Number:
			a.t.Errorf("%s is paid by voucher %q, the bank has %v", p.ID, p.Voucher, movements)
		case len(movements) == 2:
			a.unnoticed[p.ID] = movements[1]
		}
	case pilot.Voided:
		if len(movements) != 0 {
			a.t.Errorf("%s is voided, the bank has %v", p.ID, movements)
		}
	case pilot.Returned:
		if len(movements) != 2 {
			a.t.Errorf("%s came back, the bank has %v", p.ID, movements)
		}
	default:
		a.t.Errorf("%s has not ended: it is in %s", p.ID, p.Stage)
	}
	a.story(p)
}

// story: two officers released the attempt, it was posted at most once, and what was unknown did not stay so.
func (a *audit) story(p paymentItem) {
	a.t.Helper()
	var officers []string
	told := map[string]int{}
	unknown, last := false, event{}
	for _, e := range a.journal[p.ID] {
		told[e.Name]++
		content := struct {
			By      string
			Unknown bool
		}{}
		if err := json.Unmarshal(e.Data, &content); err != nil {
			a.t.Errorf("%s of %s: %v", e.Name, p.ID, err)
		}
		if e.Name == "released" {
			officers = append(officers, content.By)
		}
		unknown = unknown || content.Unknown
		if !pilot.EventNamed(pilot.PaymentKind, e.Name).Quiet && e.Name != "discharged" && (last.Name == "" || last.Name == "opened" || last.Name == "released" || last.Name == "instructed" || last.Name == "window-opened") {
			last = e
		}
	}
	if len(officers) != 2 || officers[0] == officers[1] {
		a.t.Errorf("%s was released by %v", p.ID, officers)
	}
	if told["opened"] != 1 || told["posted"] > 1 || told["returned"] > 1 || told["voided"] > 1 || told["settled"] > 1 {
		a.t.Errorf("%s: %v", p.ID, told)
	}
	if unknown {
		a.unknown[p.Stage]++
		if last.By.ID != "terrace" {
			a.byPerson++
		}
	}
}

// tranches: whatever was promised for the signatures, or to the evaluator, was paid by exactly one attempt, and each attempt
// followed the end of the one before, at the bank too.
func (a *audit) tranches(d *dossier) {
	a.t.Helper()
	expected := map[string]money.Fen{d.id + ".e": d.application.Evaluator.Fen}
	if !d.declined {
		delete(expected, d.id+".e")
		for i, q := range d.application.Proposals {
			project := fmt.Sprintf("%s.%d", d.id, i+1)
			expected[project+".1"] = money.Share(q.BudgetFen(), 600)
			expected[project+".2"] = money.Share(q.BudgetFen(), 300)
		}
	}
	expectedAttempts := map[string]bool{}
	for tranche, fen := range expected {
		for attempt := 1; ; attempt++ {
			p, there := a.attempts[fmt.Sprintf("%s.%d", tranche, attempt)]
			if !there {
				a.t.Errorf("%s is not paid after %d attempts", tranche, attempt-1)
				break
			}
			expectedAttempts[p.ID] = true
			a.follows(p, fmt.Sprintf("%s.%d", tranche, attempt-1))
			if p.Fen != fen {
				a.t.Errorf("%s pays %s instead of %s", p.ID, p.Fen, fen)
			}
			if p.Stage == pilot.Final {
				break
			}
		}
	}
	for id, p := range a.attempts {
		if p.pilot() == d.id && !expectedAttempts[id] {
			a.t.Errorf("%s is an attempt too many", id)
		}
	}
}

// follows demands that no money was on its way under the attempt before.
func (a *audit) follows(p paymentItem, before string) {
	a.t.Helper()
	now, earlier := a.bank[p.ID], a.bank[before]
	if len(now) > 0 && len(earlier) > 0 && now[0].At.Before(earlier[len(earlier)-1].At) {
		a.t.Errorf("the bank paid %s before the money of %s was back: %v, %v", p.ID, before, earlier, now)
	}
}

// ledger: it holds what the journal moved, sums to zero book by book, and has every project's money where the payments say.
func (a *audit) ledger(d *dossier) {
	a.t.Helper()
	told, _ := see[struct {
		Balances []struct {
			account
			Fen money.Fen
		}
		SumFen money.Fen `json:"sum_fen"`
	}](a.ordeal, reader, "/v1/pilots/"+d.id+"/ledger")
	held, books := map[account]money.Fen{}, map[pilot.MoneyBook]money.Fen{}
	for _, b := range told.Balances {
		kind, _ := pilot.KindOfAccount(b.Account)
		books[kind.Book] += b.Fen
		held[b.account] = b.Fen
	}
	for book, sum := range books {
		if sum != 0 || told.SumFen != 0 {
			a.t.Errorf("the book %s of %s sums to %s", book, d.id, sum)
		}
	}
	for at := range allAccounts(held, a.moved[d.id]) {
		if kind, _ := pilot.KindOfAccount(at.Account); kind.Owner != pilot.OfFund && held[at] != a.moved[d.id][at] {
			a.t.Errorf("%v holds %s, the journal moved %s", at, held[at], a.moved[d.id][at])
		}
	}
	a.wanted(d, held)
}

func allAccounts(one, other map[account]money.Fen) map[account]bool {
	all := map[account]bool{}
	for _, m := range []map[account]money.Fen{one, other} {
		for at := range m {
			all[at] = true
		}
	}
	return all
}

// wanted: nine tenths of each grant with its organization and the rest promised, or the evaluator paid and nothing else.
func (a *audit) wanted(d *dossier, held map[account]money.Fen) {
	a.t.Helper()
	want := map[account]money.Fen{{d.id, pilot.Appropriation, ""}: -d.application.RequestedFen}
	if d.declined {
		want[account{d.id + ".e", pilot.Spent, ""}] = d.application.Evaluator.Fen
		want[account{d.id, pilot.Available, ""}] = d.application.RequestedFen - d.application.Evaluator.Fen
	} else {
		want[account{d.id + ".e", pilot.Commitment, ""}] = d.application.Evaluator.Fen
		for i, q := range d.application.Proposals {
			project := fmt.Sprintf("%s.%d", d.id, i+1)
			paid := money.Share(q.BudgetFen(), 600) + money.Share(q.BudgetFen(), 300)
			want[account{project, pilot.Advance, ""}], want[account{project, pilot.Commitment, ""}] = paid, q.BudgetFen()-paid
		}
	}
	for at := range allAccounts(held, want) {
		if held[at] != want[at] {
			a.t.Errorf("%v holds %s instead of %s", at, held[at], want[at])
		}
	}
}

// total is the sum of a table's column.
func total[K cmp.Ordered](column map[K]int) (sum int) {
	for _, n := range column {
		sum += n
	}
	return sum
}
