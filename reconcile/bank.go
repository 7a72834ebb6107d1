package reconcile

import (
	"cmp"
	"maps"
	"slices"

	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/money"
)

// Tolerance is how many working days may lie between the day in the ledger and the bank's. A default of ours.
const Tolerance = 3

// Movement is what the ledger says has moved at the bank: a payment that was posted, its return, a refund, a repayment, or
// entrusted money. Of a payment the Reference is its id, of everything else the voucher.
type Movement struct {
	Event     string // kind/id/seq of what moved it
	Subject   string // the payment, project or recovery
	Pilot     string
	Reference string
	Number    string // of the voucher, or the bank's own
	Fen       money.Fen
	On        calendar.Date
}

// Order is a payment, whatever became of it.
type Order struct {
	Reference string
	Pilot     string
	Tranche   string // what it pays for: of its attempts one may be paid
	Open      bool   // under way: the bank may have paid before the ledger knows
}

// Statement is the time of one account that a bank statement covers.
type Statement struct {
	SHA256           string
	Account          string
	From, To         calendar.Date
	Opening, Closing money.Fen
}

// Line is a line of a bank statement. Number is unique in its account.
type Line struct {
	Statement string // SHA-256
	Account   string
	Number    string
	Reference string
	Fen       money.Fen
	On        calendar.Date
}

// Office is everything about one office's money at its bank.
type Office struct {
	Home       string
	Movements  []Movement
	Orders     []Order
	Statements []Statement
	Lines      []Line
}

// Bank holds an office's ledger against its bank statements, and the statements against each other.
func Bank(o Office, days *calendar.Calendar, today calendar.Date) []Finding {
	m := newMatching(o, days, today)
	m.match(func(v Movement, l Line) bool {
		return v.Reference != "" && v.Reference == l.Reference && v.Fen == l.Fen
	})
	m.match(func(v Movement, l Line) bool { return v.Number != "" && v.Number == l.Number && v.Fen == l.Fen })
	m.matchUnequal()
	m.cancel()
	m.paidTwice()
	m.bankWithoutLedger()
	m.ledgerWithoutBank()
	return append(m.found, Continuity(o)...)
}

// matching is the comparison while it is made.
type matching struct {
	Office
	days   *calendar.Calendar
	today  calendar.Date
	orders map[string]Order
	named  map[string][]int // lines by reference and by number

	movementDone []bool
	lineDone     []bool
	inLedger     []bool // the line stands in the ledger too
	found        []Finding
}

func newMatching(o Office, days *calendar.Calendar, today calendar.Date) *matching {
	o.Movements = slices.SortedFunc(slices.Values(o.Movements), func(a, b Movement) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Event, b.Event))
	})
	o.Lines = slices.SortedFunc(slices.Values(o.Lines), func(a, b Line) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Number, b.Number))
	})
	m := &matching{
		Office: o, days: days, today: today, orders: map[string]Order{}, named: map[string][]int{},
		movementDone: make([]bool, len(o.Movements)), lineDone: make([]bool, len(o.Lines)), inLedger: make([]bool, len(o.Lines)),
	}
	for _, order := range o.Orders {
		m.orders[order.Reference] = order
	}
	for i, l := range o.Lines {
		m.named[l.Number] = append(m.named[l.Number], i)
		if l.Reference != "" && l.Reference != l.Number {
			m.named[l.Reference] = append(m.named[l.Reference], i)
		}
	}
	return m
}

// match settles every movement with the first line that fits it, and calls what differs.
func (m *matching) match(fits func(Movement, Line) bool) {
	m.pair(fits, func(Movement, Line) {})
}

func (m *matching) pair(fits func(Movement, Line) bool, paired func(Movement, Line)) {
	for i, v := range m.Movements {
		for _, j := range append(slices.Clone(m.named[v.Reference]), m.named[v.Number]...) {
			if !m.movementDone[i] && !m.lineDone[j] && fits(v, m.Lines[j]) {
				m.movementDone[i], m.lineDone[j], m.inLedger[j] = true, true, true
				paired(v, m.Lines[j])
			}
		}
	}
}

// matchUnequal settles what goes by one reference and in one direction, but differs in its amount.
func (m *matching) matchUnequal() {
	m.pair(func(v Movement, l Line) bool {
		return v.Reference != "" && v.Reference == l.Reference && (v.Fen < 0) == (l.Fen < 0)
	}, func(v Movement, l Line) {
		m.found = append(m.found, Finding{
			What: difference.AmountDiffers, Home: m.Home, Pilot: v.Pilot, Subject: v.Subject, ExpectedFen: v.Fen, FoundFen: l.Fen,
			Statement: l.Statement, Detail: place(l), key: keyOf(m.Home, v.Event, l.Account, l.Number),
		})
	})
}

// cancel settles what the bank booked and took back under one payment's reference (冲正, 退汇), of which the ledger knows nothing.
func (m *matching) cancel() {
	for i, l := range m.Lines {
		if _, known := m.orders[l.Reference]; !known || m.lineDone[i] {
			continue
		}
		for _, j := range m.named[l.Reference] {
			other := m.Lines[j]
			if j > i && !m.lineDone[i] && !m.lineDone[j] && other.Account == l.Account && other.Reference == l.Reference && other.Fen == -l.Fen {
				m.lineDone[i], m.lineDone[j] = true, true
			}
		}
	}
}

// paidTwice finds a second debit under one reference, and a second attempt of one tranche that the bank paid.
func (m *matching) paidTwice() {
	debits := map[string]int{}     // of each reference
	standing := map[string][]int{} // a debit of each attempt that kept its money, by what it pays
	var loose []int
	for i, l := range m.Lines {
		_, known := m.orders[l.Reference]
		switch {
		case !known || l.Fen > 0 || m.lineDone[i] && !m.inLedger[i]:
		case m.inLedger[i]:
			debits[l.Reference]++
			m.stands(standing, i)
		default:
			loose = append(loose, i)
		}
	}
	for _, i := range loose {
		if ref := m.Lines[i].Reference; debits[ref] > 0 {
			m.twice(i)
		} else {
			debits[ref]++
			m.stands(standing, i)
		}
	}
	for _, tranche := range slices.Sorted(maps.Keys(standing)) {
		attempts := standing[tranche]
		for n, i := range attempts {
			if slices.ContainsFunc(attempts[:n], func(before int) bool { return m.Lines[before].Fen == m.Lines[i].Fen }) {
				m.twice(i)
			}
		}
	}
}

// stands notes the debit unless the money came back.
func (m *matching) stands(standing map[string][]int, i int) {
	var net money.Fen
	for _, j := range m.named[m.Lines[i].Reference] {
		if m.Lines[j].Reference == m.Lines[i].Reference {
			net += m.Lines[j].Fen
		}
	}
	if net < 0 {
		tranche := m.orders[m.Lines[i].Reference].Tranche
		standing[tranche] = append(standing[tranche], i)
	}
}

func (m *matching) twice(i int) {
	l := m.Lines[i]
	m.lineDone[i] = true
	m.found = append(m.found, Finding{
		What: difference.PaidTwice, Home: m.Home, Pilot: m.orders[l.Reference].Pilot, Subject: l.Reference, FoundFen: l.Fen,
		Statement: l.Statement, Detail: place(l), key: keyOf(m.Home, l.Account, l.Number),
	})
}

// bankWithoutLedger finds the lines that are left. A payment under way has some days until the ledger must know.
func (m *matching) bankWithoutLedger() {
	for i, l := range m.Lines {
		order := m.orders[l.Reference]
		if m.lineDone[i] || order.Open && l.Fen < 0 && !m.today.After(m.workdays(l.On, Tolerance)) {
			continue
		}
		m.found = append(m.found, Finding{
			What: difference.BankWithoutLedger, Home: m.Home, Pilot: order.Pilot, Subject: l.Number, FoundFen: l.Fen,
			Statement: l.Statement, Detail: place(l), key: keyOf(m.Home, l.Account, l.Number),
		})
	}
}

// ledgerWithoutBank finds the movements that are left, where the statements of every account of the office would show them.
func (m *matching) ledgerWithoutBank() {
	for i, v := range m.Movements {
		if m.movementDone[i] || !m.covered(v.On) {
			continue
		}
		m.found = append(m.found, Finding{
			What: difference.LedgerWithoutBank, Home: m.Home, Pilot: v.Pilot, Subject: v.Subject, ExpectedFen: v.Fen,
			Detail: v.On.String() + " " + v.Number, key: keyOf(m.Home, v.Event),
		})
	}
}

// covered tells that the statements reach from some working days before the day to some after it. A hole between two
// statements does not excuse: what moved in it is missing at the bank.
func (m *matching) covered(on calendar.Date) bool {
	first, last := m.workdays(on, -Tolerance), m.workdays(on, Tolerance)
	for _, account := range accounts(m.Statements) {
		from, to := account[0].From, account[0].To
		for _, s := range account {
			if s.To.After(to) {
				to = s.To
			}
		}
		if first.Before(from) || last.After(to) {
			return false
		}
	}
	return len(m.Statements) > 0
}

func (m *matching) workdays(from calendar.Date, n int) calendar.Date {
	day, _ := m.days.AddWorkdays(from, n)
	return day
}

// place tells where the bank has it.
func place(l Line) string { return l.Account + " " + l.Number + " " + l.On.String() }
