package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// payment is one attempt to pay one tranche, as recorded in the journal.
type payment struct {
	ID    string
	Payer struct{ Kind, ID string }
	Fen   int64
	payee string // name of the account holder

	opened, instructed, posted, settled, voided, returned int
	officers                                              []string // the officers who released it
	voucher                                               string
}

type stage string

const (
	final    stage = "final"
	posted   stage = "posted"
	voided   stage = "voided"
	returned stage = "returned"
	underWay stage = "under way"
)

func (p *payment) stage() stage {
	switch {
	case p.returned > 0:
		return returned
	case p.voided > 0:
		return voided
	case p.settled > 0:
		return final
	case p.posted > 0:
		return posted
	default:
		return underWay
	}
}

// tranche returns the attempt's tranche: its id without the number of the attempt.
func (p *payment) tranche() string { return p.ID[:strings.LastIndexByte(p.ID, '.')] }

func (c *checker) readPayments(context.Context) error {
	c.payments = map[string]*payment{}
	for _, r := range c.order {
		if r.Kind != "payment" {
			continue
		}
		p := &payment{ID: r.ID}
		c.payments[r.ID] = p
		for _, e := range c.events[r] {
			if err := p.happened(e); err != nil {
				return fmt.Errorf("%s of %s: %w", e.Name, r, err)
			}
		}
		c.Counts["attempts "+string(p.stage())]++
		if p.opened != 1 || p.posted > 1 || p.settled > 1 || p.voided > 1 || p.returned > 1 || p.voided > 0 && p.posted+p.returned+p.settled > 0 {
			c.find(PaidAsMeant, r, "opened %d, posted %d, settled %d, voided %d, returned %d times", p.opened, p.posted, p.settled, p.voided, p.returned)
		}
		if p.instructed+p.posted > 0 && (len(p.officers) != 2 || p.officers[0] == p.officers[1]) {
			c.find(TwoOfficers, r, "was released by %v", p.officers)
		}
	}
	return nil
}

func (p *payment) happened(e event) error {
	content := struct {
		Payer   struct{ Kind, ID string }
		Fen     int64
		Voucher string
		Ask     bool
		By      string
		Account string `json:"account_name"`
	}{}
	switch e.Name {
	case "opened":
		p.opened++
	case "instructed":
		p.instructed++
	case "posted":
		p.posted++
	case "settled":
		p.settled++
	case "voided":
		p.voided++
	case "returned":
		p.returned++
	}
	if err := json.Unmarshal([]byte(e.Data), &content); err != nil {
		return err
	}
	if e.Name == "finality-due" && !content.Ask { // a slip proves that the money arrived, so the bank is not asked
		p.settled++
	}
	if e.Name == "opened" {
		p.Payer, p.Fen, p.payee = content.Payer, content.Fen, content.Account
	}
	if e.Name == "released" {
		p.officers = append(p.officers, content.By)
	}
	if e.Name == "posted" {
		p.voucher = content.Voucher
	}
	return nil
}

// bank checks that money moved only for recorded attempts, once each and in the right amount, and was returned at most
// once, and that bank and record agree.
func (c *checker) bank(context.Context) error {
	book, numbers := map[string][]Transfer{}, map[string]bool{}
	for _, t := range c.Bank {
		book[t.Reference] = append(book[t.Reference], t)
		if numbers[t.Number] {
			c.find(BankDouble, t.Reference, "the bank booked its number %s twice", t.Number)
		}
		numbers[t.Number] = true
		c.Counts["bank "+t.Kind+"s"]++
	}
	for reference, movements := range book {
		p := c.payments[reference]
		if p == nil {
			c.find(BankMissing, reference, "the bank paid what nobody ordered")
			continue
		}
		c.movements(p, movements)
	}
	tries := map[string][][]Transfer{}
	for id, p := range c.payments {
		c.agrees(p, book[id])
		if len(book[id]) > 0 {
			tries[p.tranche()] = append(tries[p.tranche()], book[id])
		}
	}
	for tranche, all := range tries {
		c.follows(tranche, all)
	}
	return nil
}

// follows checks that a tranche was paid again only after the money of the previous attempt had been returned.
func (c *checker) follows(tranche string, tries [][]Transfer) {
	slices.SortFunc(tries, func(a, b []Transfer) int { return a[0].At.Compare(b[0].At) })
	for i := 1; i < len(tries); i++ {
		if before := tries[i-1]; len(before) == 1 || tries[i][0].At.Before(before[len(before)-1].At) {
			c.find(BankDouble, tranche, "the bank paid %s before the money of %s was back", tries[i][0].Reference, before[0].Reference)
		}
	}
}

// movements checks the transfers of one order: the payment and possibly its return.
func (c *checker) movements(p *payment, movements []Transfer) {
	paid, back := 0, 0
	for _, m := range movements {
		want := -p.Fen
		if m.Kind == "return" {
			back++
			want = p.Fen
		} else {
			paid++
		}
		if m.Fen != want || m.Payee != p.payee {
			c.find(BankAmount, p.ID, "the bank moved %d fen for %q, and the order is of %d for %q", m.Fen, m.Payee, p.Fen, p.payee)
		}
	}
	if paid != 1 || back > 1 {
		c.find(BankDouble, p.ID, "the bank paid it %d times, and it came back %d times", paid, back)
	}
}

// agrees compares an attempt's outcome with the bank's books.
func (c *checker) agrees(p *payment, movements []Transfer) {
	switch n := len(movements); p.stage() {
	case final, posted:
		switch {
		case n == 0:
			c.find(BankMissing, p.ID, "is paid, and the bank has nothing")
		case p.voucher != movements[0].Number && !slices.ContainsFunc(movements, func(t Transfer) bool { return t.Number == p.voucher }):
			c.find(BankMissing, p.ID, "is paid by %q, the bank has %v", p.voucher, movements[0].Number)
		case n == 2:
			c.Unnoticed[p.ID] = movements[1]
		}
	case voided:
		if n > 0 {
			c.find(BankMissing, p.ID, "is voided, and the bank paid it")
		}
	case returned:
		if n != 2 {
			c.find(BankMissing, p.ID, "came back, and the bank has %d movements", n)
		}
	case underWay:
	}
}
