package reconcile

import (
	"cmp"
	"maps"
	"slices"

	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/money"
)

// Tolerance is the maximum number of working days between the date in the ledger and the bank's date. It is Terrace's
// own default.
const Tolerance = 3

// Movement is money that moved at the bank according to the ledger: a posted payment, a returned payment, a refund, a
// repayment or entrusted money. Its Reference is the payment's id or, for anything but a payment, the voucher number.
type Movement struct {
	Event     string // kind/id/seq of the event that recorded the movement
	Subject   string // id of the payment, project or recovery
	Pilot     string
	Reference string
	Number    string // the voucher number, or the bank's transaction number
	Fen       money.Fen
	On        calendar.Date
}

// Order is a payment in any state.
type Order struct {
	Reference string
	Pilot     string
	Tranche   string // the tranche or contract being paid; only one attempt may succeed
	Open      bool   // the payment is in progress, so the bank may have made it before the ledger shows it
}

// Statement is the period that one bank statement of an account covers.
type Statement struct {
	SHA256           string
	Account          string
	From, To         calendar.Date
	Opening, Closing money.Fen
}

// Line is one line of a bank statement. Its Number is unique within the account.
type Line struct {
	Statement string // the SHA-256 of the statement's file
	Account   string
	Number    string
	Reference string
	Fen       money.Fen
	On        calendar.Date
}

// Office holds everything that the record knows about one office's money at the bank.
type Office struct {
	Home       string
	Movements  []Movement
	Orders     []Order
	Statements []Statement
	Lines      []Line
}

// Bank compares an office's ledger with its bank statements, and the statements with one another.
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

// matching is a comparison in progress.
type matching struct {
	Office
	days   *calendar.Calendar
	today  calendar.Date
	orders map[string]Order
	named  map[string][]int // positions of the lines, by reference and by number

	movementDone []bool
	lineDone     []bool
	inLedger     []bool // for each statement line, whether it is also in the ledger
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

// match pairs each movement with the first line that fits it.
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

// matchUnequal pairs movements with lines that have the same reference and direction but a different amount, and
// reports each pair.
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

// cancel pairs lines that cancel each other out, because the bank booked and then reversed a payment (冲正, 退汇) that the
// ledger does not show.
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

// paidTwice reports a second debit with the same reference, and a tranche that was paid a second time under another
// reference.
func (m *matching) paidTwice() {
	debits := map[string]int{}     // by reference
	standing := map[string][]int{} // a debit of each attempt whose money stayed, by what it pays
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

// stands adds a debit to those that took effect, unless the bank returned the money.
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

// bankWithoutLedger reports the lines without a matching movement. For a payment in progress, it allows the ledger a
// few days to catch up.
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

// ledgerWithoutBank reports the movements without a matching line, although the statements of the office's accounts
// cover their dates.
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

// covered reports whether the statements of every account extend from some working days before the date to some after
// it. A gap between two statements counts as covered, so that a movement in the gap is reported as missing at the bank.
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

// place locates a line by its account, number and date.
func place(l Line) string { return l.Account + " " + l.Number + " " + l.On.String() }
