package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/money"
	"terrace/reconcile"
)

func day(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

const (
	office  = "620825"
	account = "grant"
	thePay  = "p.1.1.1"
	again   = "p.1.1.2"
)

// march returns an office with a statement of March 2018 and an empty ledger.
func march(lines ...reconcile.Line) reconcile.Office {
	o := reconcile.Office{
		Home:       office,
		Statements: []reconcile.Statement{{SHA256: "s1", Account: account, From: day("2018-03-01"), To: day("2018-03-30"), Opening: 1000}},
		Orders:     []reconcile.Order{{Reference: thePay, Pilot: "p", Tranche: "p.1.1"}, {Reference: again, Pilot: "p", Tranche: "p.1.1"}},
		Lines:      lines,
	}
	o.Statements[0].Closing = 1000
	for i := range o.Lines {
		l := &o.Lines[i]
		l.Statement, l.Account = "s1", account
		if l.Number == "" {
			l.Number = "B" + strconv.Itoa(i)
		}
		if l.On.IsZero() {
			l.On = day("2018-03-12")
		}
		o.Statements[0].Closing += l.Fen
	}
	return o
}

// posted returns a payment of 50 in the ledger.
func posted(reference string) reconcile.Movement {
	return reconcile.Movement{
		Event: "payment/" + reference + "/5", Subject: reference, Pilot: "p", Reference: reference, Number: "V-" + reference, Fen: -50, On: day("2018-03-12"),
	}
}

func entered(voucher string, fen money.Fen) reconcile.Movement {
	return reconcile.Movement{Event: "project/p.1/" + voucher, Subject: "p.1", Pilot: "p", Reference: voucher, Number: voucher, Fen: fen, On: day("2018-03-12")}
}

func line(reference string, fen money.Fen) reconcile.Line {
	return reconcile.Line{Reference: reference, Fen: fen}
}

// elsewhere moves the second line to another account.
func elsewhere(o reconcile.Office) reconcile.Office {
	o.Lines[1].Account = "other"
	return o
}

func told(found []reconcile.Finding) (all []string) {
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s %s %d %d", f.What, f.Subject, f.ExpectedFen, f.FoundFen))
	}
	slices.Sort(all)
	return all
}

func TestTheLedgerAgainstTheBank(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		office    reconcile.Office
		movements []reconcile.Movement
		want      []string
	}{
		"a payment is matched by its reference": {
			office: march(line(thePay, -50)), movements: []reconcile.Movement{posted(thePay)},
		},
		"a payment without reference is matched by the voucher's number and the amount": {
			office: march(reconcile.Line{Number: "V-" + thePay, Fen: -50}), movements: []reconcile.Movement{posted(thePay)},
		},
		"a refund is matched by the bank's number that finance entered as voucher": {
			office: march(reconcile.Line{Number: "R7", Fen: 30}), movements: []reconcile.Movement{entered("R7", 30)},
		},
		"the same number with another amount is no match": {
			office: march(reconcile.Line{Number: "R7", Fen: 31}), movements: []reconcile.Movement{entered("R7", 30)},
			want: []string{"bank-without-ledger R7 0 31", "ledger-without-bank p.1 30 0"},
		},
		"the same amount alone is no match": {
			office: march(reconcile.Line{Fen: 30}), movements: []reconcile.Movement{entered("R7", 30)},
			want: []string{"bank-without-ledger B0 0 30", "ledger-without-bank p.1 30 0"},
		},
		"a payment that the bank does not show": {
			office: march(), movements: []reconcile.Movement{posted(thePay)}, want: []string{"ledger-without-bank " + thePay + " -50 0"},
		},
		"another amount under the same reference": {
			office: march(line(thePay, -500)), movements: []reconcile.Movement{posted(thePay)}, want: []string{"amount " + thePay + " -50 -500"},
		},
		"a credit that nobody entered": {
			office: march(line("", 7)), want: []string{"bank-without-ledger B0 0 7"},
		},
		"two debits under one reference": {
			office: march(line(thePay, -50), line(thePay, -50)), movements: []reconcile.Movement{posted(thePay)},
			want: []string{"paid-twice " + thePay + " 0 -50"},
		},
		"whatever the second amount is": {
			office: march(line(thePay, -50), line(thePay, -30)), movements: []reconcile.Movement{posted(thePay)},
			want: []string{"paid-twice " + thePay + " 0 -30"},
		},
		"money in under the reference of money out is no match": {
			office: march(line(thePay, 50)), movements: []reconcile.Movement{posted(thePay)},
			want: []string{"bank-without-ledger B0 0 50", "ledger-without-bank " + thePay + " -50 0"},
		},
		"without a statement the bank is not heard": {
			office: reconcile.Office{Home: office}, movements: []reconcile.Movement{posted(thePay)},
		},
		"what another account took back is two differences": {
			office: elsewhere(march(line(thePay, -50), line(thePay, 50))),
			want:   []string{"bank-without-ledger B0 0 -50", "bank-without-ledger B1 0 50"},
		},
		"a second debit that the bank took back is none": {
			office: march(line(thePay, -50), line(thePay, -50), line(thePay, 50)), movements: []reconcile.Movement{posted(thePay)},
		},
		"an unknown credit that went out again is two differences": {
			office: march(line("x", 7), line("x", -7)), want: []string{"bank-without-ledger B0 0 7", "bank-without-ledger B1 0 -7"},
		},
		"a payment that came back before it was posted": {
			office: march(line(thePay, -50), line(thePay, 50)),
		},
		"a payment that came back, and the ledger does not know": {
			office: march(line(thePay, -50), line(thePay, 50)), movements: []reconcile.Movement{posted(thePay)},
			want: []string{"bank-without-ledger B1 0 50"},
		},
		"a payment that came back and was paid under the next attempt": {
			office: march(line(thePay, -50), line(thePay, 50), line(again, -50)),
			movements: []reconcile.Movement{
				posted(thePay), posted(again),
				{Event: "payment/" + thePay + "/6", Subject: thePay, Reference: thePay, Fen: 50, On: day("2018-03-14")},
			},
		},
		"a voided attempt that the bank paid beside the next one": {
			office: march(line(thePay, -50), line(again, -50)), movements: []reconcile.Movement{posted(again)},
			want: []string{"paid-twice " + thePay + " 0 -50"},
		},
		"two attempts of one tranche that the ledger has too": {
			office: march(line(thePay, -50), line(again, -50)), movements: []reconcile.Movement{posted(thePay), posted(again)},
			want: []string{"paid-twice " + again + " 0 -50"},
		},
		"a reference that is no payment's may recur": {
			office: march(line("fee", -1), line("fee", -1)), want: []string{"bank-without-ledger B0 0 -1", "bank-without-ledger B1 0 -1"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.office.Movements = c.movements
			if got := told(reconcile.Bank(c.office, calendar.Published(), day("2018-04-10"))); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheDayDecides(t *testing.T) {
	t.Parallel()
	underWay := march(reconcile.Line{Reference: thePay, Fen: -50, On: day("2018-03-12")}) // a Monday
	underWay.Orders[0].Open = true
	on := func(d string) reconcile.Office {
		o := march()
		v := posted(thePay)
		v.On = day(d)
		o.Movements = []reconcile.Movement{v}
		return o
	}
	second := on("2018-03-12")
	second.Statements = append(second.Statements, reconcile.Statement{SHA256: "s2", Account: "entrusted", From: day("2018-03-13"), To: day("2018-03-30")})
	hole := on("2018-04-04")
	hole.Statements = append(hole.Statements, reconcile.Statement{SHA256: "s2", Account: account, From: day("2018-04-16"), To: day("2018-04-30"), Opening: 1000, Closing: 1000})
	voided := march(reconcile.Line{Reference: thePay, Fen: -50, On: day("2018-03-12")})
	cases := map[string]struct {
		office reconcile.Office
		today  string
		found  int
	}{
		"a payment that is not under way may not":                    {voided, "2018-03-12", 1},
		"a payment under way may be at the bank first":               {underWay, "2018-03-15", 0},
		"but not for more than three working days":                   {underWay, "2018-03-16", 1},
		"three working days before the statement's end it must show": {on("2018-03-27"), "2018-04-10", 1},
		"later it may be in the next one":                            {on("2018-03-28"), "2018-04-10", 0},
		"shortly after its beginning it may be in the one before":    {on("2018-03-05"), "2018-04-10", 0},
		"three working days after its beginning it must show":        {on("2018-03-06"), "2018-04-10", 1},
		"the statement of another account may show it":               {second, "2018-04-10", 0},
		"a hole between two statements is no excuse":                 {hole, "2018-05-10", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := reconcile.Bank(c.office, calendar.Published(), day(c.today)); len(got) != c.found {
				t.Errorf("found %q", told(got))
			}
		})
	}
}

func TestStatementsFollowOneAnother(t *testing.T) {
	t.Parallel()
	statement := func(sha, from, to string, opening, closing money.Fen) reconcile.Statement {
		return reconcile.Statement{SHA256: sha, Account: account, From: day(from), To: day(to), Opening: opening, Closing: closing}
	}
	lines := []reconcile.Line{
		{Account: account, Number: "1", Fen: -10, On: day("2018-03-05")},
		{Account: account, Number: "2", Fen: -20, On: day("2018-03-20")},
		{Account: "other", Number: "1", Fen: -99, On: day("2018-03-06")},
	}
	first := statement("s1", "2018-03-01", "2018-03-31", 100, 70)
	cases := map[string]struct {
		statements []reconcile.Statement
		want       []string
	}{
		"the next begins where the last ended":       {[]reconcile.Statement{statement("s2", "2018-04-01", "2018-04-30", 70, 70), first}, nil},
		"one that begins elsewhere":                  {[]reconcile.Statement{first, statement("s2", "2018-04-01", "2018-04-30", 71, 71)}, []string{"amount grant 70 71"}},
		"an overlap is counted up to its beginning":  {[]reconcile.Statement{first, statement("s2", "2018-03-15", "2018-04-15", 90, 70)}, nil},
		"an overlap that begins elsewhere":           {[]reconcile.Statement{first, statement("s2", "2018-03-15", "2018-04-15", 70, 50)}, []string{"amount grant 90 70"}},
		"two of the same time begin the same":        {[]reconcile.Statement{first, statement("s2", "2018-03-01", "2018-03-31", 101, 71)}, []string{"amount grant 100 101"}},
		"a missing one shows in the next's balance":  {[]reconcile.Statement{first, statement("s3", "2018-05-01", "2018-05-31", 40, 40)}, []string{"amount grant 70 40"}},
		"after one within another the balance holds": {[]reconcile.Statement{first, statement("s2", "2018-03-10", "2018-03-15", 90, 90), statement("s3", "2018-04-01", "2018-04-30", 70, 70)}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := told(reconcile.Continuity(reconcile.Office{Home: office, Statements: c.statements, Lines: lines})); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsFoundAgainHasTheSameID(t *testing.T) {
	t.Parallel()
	o := march(line("", 7), line("x", 7))
	first := reconcile.Bank(o, calendar.Published(), day("2018-04-10"))
	slices.Reverse(o.Lines)
	o.Lines = append(o.Lines, reconcile.Line{Account: account, Number: "later", Statement: "s1", Fen: 1, On: day("2018-03-30")})
	second := map[string]bool{}
	for _, f := range reconcile.Bank(o, calendar.Published(), day("2018-06-10")) {
		second[f.ID()] = true
	}
	if len(first) != 2 || len(second) != 3 || !second[first[0].ID()] || !second[first[1].ID()] {
		t.Errorf("first %v, second %v", first, second)
	}
}

func TestAnotherDiscrepancyIsAnotherDifference(t *testing.T) {
	t.Parallel()
	first := reconcile.Bank(march(line(again, -50)), calendar.Published(), day("2018-04-10"))
	second := reconcile.Bank(march(line(again, -50), line(thePay, -50)), calendar.Published(), day("2018-04-10"))
	third := march(line(again, -50), line(thePay, -50))
	third.Movements = []reconcile.Movement{posted(thePay)}
	twice := reconcile.Bank(third, calendar.Published(), day("2018-04-10"))
	if len(first) != 1 || len(second) != 2 || len(twice) != 1 || twice[0].What != difference.PaidTwice || twice[0].ID() == first[0].ID() {
		t.Errorf("first %q, second %q, then %q", told(first), told(second), told(twice))
	}
}

// story is a ledger and a bank that agreed at first, and the discrepancies introduced since then.
type story struct {
	reconcile.Office
	want map[string]int
}

// TestExactlyWhatIsWrongIsFound generates movements on which the ledger and the bank agree, corrupts some, and expects
// the comparison to find exactly these.
func TestExactlyWhatIsWrongIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := story{reconcile.Office{Home: office}, map[string]int{}}
		first := reconcile.Statement{SHA256: "s1", Account: account, From: day("2018-01-01"), To: day("2018-06-30")}
		second := reconcile.Statement{SHA256: "s2", Account: account, From: day("2018-07-01"), To: day("2018-12-31")}
		s.Statements = []reconcile.Statement{second, first}
		for i := range rapid.IntRange(0, 25).Draw(r, "tranches") {
			s.tranche(r, i)
		}
		for i := range rapid.IntRange(0, 10).Draw(r, "receipts") {
			s.receipt(r, i)
		}
		s.balance(r)
		s.Movements, s.Lines = rapid.Permutation(s.Movements).Draw(r, "movements"), rapid.Permutation(s.Lines).Draw(r, "lines")
		found := reconcile.Bank(s.Office, calendar.Published(), day("2019-02-01"))
		got, ids := map[string]int{}, map[string]bool{}
		for _, f := range found {
			got[string(f.What)+" "+f.Subject]++
			ids[f.ID()] = true
		}
		if !maps.Equal(got, s.want) || len(ids) != len(found) {
			r.Fatalf("found %v with %d ids, want %v", got, len(ids), s.want)
		}
	})
}

func (s *story) book(reference string, fen money.Fen, on calendar.Date) (number string) {
	number = "N" + strconv.Itoa(len(s.Lines))
	l := reconcile.Line{Statement: "s1", Account: account, Number: number, Reference: reference, Fen: fen, On: on}
	if on.After(s.Statements[1].To) {
		l.Statement = "s2"
	}
	s.Lines = append(s.Lines, l)
	return number
}

func (s *story) move(event, subject, reference, number string, fen money.Fen, on calendar.Date) {
	s.Movements = append(s.Movements, reconcile.Movement{Event: event, Subject: subject, Pilot: "p", Reference: reference, Number: number, Fen: fen, On: on})
}

func (s *story) expect(what difference.Discrepancy, subject string) {
	s.want[string(what)+" "+subject]++
}

// tranche adds the payment of a tranche, perhaps after a first attempt whose money the bank returned, with at most one
// discrepancy.
func (s *story) tranche(r *rapid.T, i int) {
	id, fen := fmt.Sprintf("p.%d.1", i), money.Fen(rapid.IntRange(1, 50).Draw(r, "fen"))*money.Yuan
	on := day("2018-02-01").AddDays(rapid.IntRange(0, 300).Draw(r, "day"))
	late := on.AddDays(rapid.IntRange(0, 3).Draw(r, "later"))
	before, last := id+".1", id+".2"
	s.Orders = append(s.Orders, reconcile.Order{Reference: before, Pilot: "p", Tranche: id}, reconcile.Order{Reference: last, Pilot: "p", Tranche: id})
	if rapid.Bool().Draw(r, "came back") {
		s.book(before, -fen, on)
		s.book(before, fen, late)
		if rapid.Bool().Draw(r, "posted before") {
			s.move("payment/"+before+"/5", before, before, "", -fen, on)
			s.move("payment/"+before+"/6", before, before, "", fen, on)
		}
	}
	switch rapid.SampledFrom([]string{"", "", "", "number", "missing", "amount", "doubled", "attempt", "unposted", "unreturned"}).Draw(r, "wrong") {
	case "number":
		s.move("payment/"+last+"/5", last, last, s.book("", -fen, late), -fen, on)
	case "missing":
		s.move("payment/"+last+"/5", last, last, "", -fen, on)
		s.expect(difference.LedgerWithoutBank, last)
	case "amount":
		s.move("payment/"+last+"/5", last, last, "", -fen, on)
		s.book(last, -fen-1, late)
		s.expect(difference.AmountDiffers, last)
	case "doubled":
		s.move("payment/"+last+"/5", last, last, s.book(last, -fen, on), -fen, on)
		s.book(last, -fen, late)
		s.expect(difference.PaidTwice, last)
	case "attempt":
		third := id + ".3"
		s.Orders = append(s.Orders, reconcile.Order{Reference: third, Pilot: "p", Tranche: id})
		s.move("payment/"+last+"/5", last, last, s.book(last, -fen, on), -fen, on)
		s.book(third, -fen, late)
		s.expect(difference.PaidTwice, third)
	case "unposted":
		s.expect(difference.BankWithoutLedger, s.book(last, -fen, on))
	case "unreturned":
		s.move("payment/"+last+"/5", last, last, s.book(last, -fen, on), -fen, on)
		s.expect(difference.BankWithoutLedger, s.book(last, fen, late))
	default:
		s.move("payment/"+last+"/5", last, last, "V"+last, -fen, on)
		s.book(last, -fen, late)
	}
}

// receipt adds a refund, a repayment or entrusted money, or a statement line that is not in the ledger.
func (s *story) receipt(r *rapid.T, i int) {
	fen := money.Fen(rapid.IntRange(1, 50).Draw(r, "fen")) * money.Yuan
	on := day("2018-02-01").AddDays(rapid.IntRange(0, 300).Draw(r, "day"))
	event, subject := fmt.Sprintf("project/p.%d/9", i), fmt.Sprintf("p.%d", i)
	switch rapid.SampledFrom([]string{"", "", "reference", "missing", "unknown"}).Draw(r, "wrong") {
	case "missing":
		s.move(event, subject, "R"+event, "R"+event, fen, on)
		s.expect(difference.LedgerWithoutBank, subject)
	case "unknown":
		s.expect(difference.BankWithoutLedger, s.book("", fen, on))
	case "reference":
		s.move(event, subject, "R"+event, "R"+event, fen, on)
		s.book("R"+event, fen, on)
	default:
		number := s.book("", fen, on)
		s.move(event, subject, number, number, fen, on)
	}
}

// balance gives the statements balances that add up, or leaves a gap between them.
func (s *story) balance(r *rapid.T) {
	balance := money.Fen(1_000_000)
	for _, i := range []int{1, 0} {
		statement := &s.Statements[i]
		statement.Opening = balance
		for _, l := range s.Lines {
			if l.Statement == statement.SHA256 {
				balance += l.Fen
			}
		}
		statement.Closing = balance
		if i == 1 && rapid.Bool().Draw(r, "gap") {
			balance++
			s.expect(difference.AmountDiffers, account)
		}
	}
}
