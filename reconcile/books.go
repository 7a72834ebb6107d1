package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
)

// Entry is the total of a ledger entry's lines in one book.
type Entry struct {
	Aggregate flow.Ref
	Seq       int
	Book      string
	Fen       money.Fen
}

// Account is a ledger account, with its stored balance and the total of its lines.
type Account struct {
	Owner    string
	Group    string // id of the pilot, or of the programme if the account belongs to a fund
	Fund     bool   // whether the account belongs to a fund
	Name     string
	Category string
	Book     string
	Source   bool
	Balance  money.Fen
	Lines    money.Fen
}

// Books finds entries and accounts that do not balance (试算平衡). Every entry must total zero in each book that it
// touches, every account's balance must equal the total of its lines, and each book of a pilot or a fund must total
// zero.
func Books(entries []Entry, all []Account) (found []Finding) {
	for _, e := range entries {
		if e.Fen != 0 {
			subject := e.Aggregate.String() + " " + strconv.Itoa(e.Seq)
			found = append(found, books(ownerOf(e.Aggregate.ID), false, subject, e.Book, 0, e.Fen))
		}
	}
	type book struct {
		group, name string
		fund        bool
	}
	sums := map[book]money.Fen{}
	for _, a := range all {
		sums[book{a.Group, a.Book, a.Fund}] += a.Lines
		if a.Balance != a.Lines {
			found = append(found, books(a.Group, a.Fund, a.Owner+" "+a.Name, a.Category, a.Lines, a.Balance))
		}
	}
	byGroup := func(a, b book) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.name, b.name)) }
	for _, b := range slices.SortedFunc(maps.Keys(sums), byGroup) {
		if sums[b] != 0 {
			found = append(found, books(b.group, b.fund, b.group, b.name, 0, sums[b]))
		}
	}
	return found
}

// books returns a finding about the accounts. Its ID remains the same as long as the difference between the amounts
// does.
func books(group string, fund bool, subject, detail string, expected, got money.Fen) Finding {
	f := Finding{
		What: difference.BooksDiffer, Pilot: group, Subject: subject, Detail: detail, ExpectedFen: expected, FoundFen: got,
		key: keyOf(subject, detail, fen(got-expected)),
	}
	if fund {
		f.Pilot, f.Fund = "", group
	}
	return f
}
