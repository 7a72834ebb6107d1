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

// Entry is the sum of a ledger entry's lines in one book.
type Entry struct {
	Aggregate flow.Ref
	Seq       int
	Book      string
	Fen       money.Fen
}

// Account is an account of the ledger, with the balance that is stored and the sum of its lines.
type Account struct {
	Owner    string
	Group    string // the id of the pilot, or of the programme if it belongs to a fund
	Fund     bool   // whether the account belongs to a fund
	Name     string
	Category string
	Book     string
	Source   bool
	Balance  money.Fen
	Lines    money.Fen
}

// Books finds entries and accounts whose sums do not add up (试算平衡). Each entry must sum to zero in every book that it
// touches. The balance of each account must be the sum of its lines. Each book of a pilot or of a fund must sum to
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

// books returns a finding about the accounts. It is the same finding as long as the difference amounts to the same.
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
