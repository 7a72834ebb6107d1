package reconcile

import (
	"cmp"
	"slices"

	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/money"
)

// Continuity finds statements whose opening balance differs from the closing balance of the previous statement
// (期初余额与上期期末余额不符). Either a statement is missing, or one of the two does not come from the bank. For overlapping
// statements, Continuity compares the opening balance with the balance on the day the later one begins.
func Continuity(o Office) (found []Finding) {
	for _, statements := range accounts(o.Statements) {
		for i, s := range statements[1:] {
			before := statements[i]
			expected := before.Opening + moved(o.Lines, s.Account, before.From, s.From)
			if s.Opening == expected {
				continue
			}
			found = append(found, Finding{
				What: difference.AmountDiffers, Home: o.Home, Subject: s.Account, ExpectedFen: expected, FoundFen: s.Opening, Statement: s.SHA256,
				Detail: before.To.String() + " / " + s.From.String(), key: keyOf(o.Home, s.Account, before.SHA256, s.SHA256),
			})
		}
	}
	return found
}

// moved adds up an account's lines from one date up to but not including another.
func moved(lines []Line, account string, from, until calendar.Date) (sum money.Fen) {
	for _, l := range lines {
		if l.Account == account && !l.On.Before(from) && l.On.Before(until) {
			sum += l.Fen
		}
	}
	return sum
}

// accounts groups the statements by account, sorted by first day within each account.
func accounts(all []Statement) [][]Statement {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Statement) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.SHA256, b.SHA256))
	})
	var parts [][]Statement
	for i, s := range sorted {
		if i == 0 || sorted[i-1].Account != s.Account {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], s)
	}
	return parts
}
