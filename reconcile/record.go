package reconcile

import (
	"maps"
	"slices"
	"strings"

	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Holdings are what the record holds of money outside the ledger, at the same moment as the ledger's accounts.
type Holdings struct {
	Pilots     []*pilot.Pilot
	Projects   []*project.Project
	Payments   []*payment.Payment
	Recoveries []*recovery.Recovery
	Listed     map[string]money.Fen // paid, by project, as the lists show it
	Returned   map[string]money.Fen // to the treasury, in the ledger, by the project or recovery that it came from
	Accounts   []Account
}

// Differences holds the ledger against states and lists: what a project was paid, has spent, and keeps of entrusted money; payments
// under way; what is owed back; the evaluator's contract; and a programme's allotments against what its pilots hold.
func (r Holdings) Differences() []Finding {
	c := comparison{
		Holdings: r, balances: map[ledger.Account]money.Fen{}, spent: map[string]map[string]money.Fen{}, transit: map[string]money.Fen{},
		unheard: map[string]money.Fen{}, paid: map[string]money.Fen{},
	}
	c.sumAccounts()
	c.sumPayments()
	for _, p := range r.Pilots {
		c.contract(p)
	}
	for _, p := range r.Projects {
		c.project(p)
	}
	for _, d := range r.Recoveries {
		c.equal(d.Pilot, d.ID, ledger.Receivable, c.balances[ledger.Account{Owner: d.ID, Name: ledger.Receivable}], d.LeftFen())
	}
	c.payers()
	c.funds()
	return c.found
}

// comparison is the comparison while it is made.
type comparison struct {
	Holdings
	balances map[ledger.Account]money.Fen
	spent    map[string]map[string]money.Fen // by project and category
	paid     map[string]money.Fen            // by project: what was paid and where it went from there
	transit  map[string]money.Fen            // by payer: payments under way
	unheard  map[string]money.Fen            // by payer: posted, and the payer may not have heard of it yet
	found    []Finding
}

// sumAccounts adds up what has become of the money that each project was paid.
func (c *comparison) sumAccounts() {
	for _, a := range c.Accounts {
		c.balances[ledger.Account{Owner: a.Owner, Name: a.Name, Category: a.Category}] = a.Lines
		switch a.Name {
		case ledger.Spent:
			if c.spent[a.Owner] == nil {
				c.spent[a.Owner] = map[string]money.Fen{}
			}
			c.spent[a.Owner][a.Category] += a.Lines
			c.paid[a.Owner] += a.Lines
		case ledger.Advance, ledger.Disallowed, ledger.Receivable:
			c.paid[projectOf(a.Owner)] += a.Lines
		}
	}
	for id, fen := range c.Returned {
		c.paid[projectOf(id)] += fen
	}
}

// underWay are the stages of a payment whose money is reserved for it.
var underWay = []flow.Stage{payment.Release, payment.Window, payment.Instruction, payment.Clearing, payment.Confirmation}

func (c *comparison) sumPayments() {
	for _, p := range c.Payments {
		if slices.Contains(underWay, p.Stage) {
			c.transit[p.Account] += p.Fen
		}
		if slices.ContainsFunc(p.Duties, func(d flow.Duty) bool { return d.Key == payment.ReportPayment && d.Subject == string(payment.Posted) }) {
			c.unheard[p.Account] += p.Fen
		}
	}
}

func (c *comparison) project(p *project.Project) {
	c.heard(p.Pilot, p.ID, "paid", c.paid[p.ID], p.PaidFen)
	c.equal(p.Pilot, p.ID, "list", p.PaidFen, c.Listed[p.ID])
	kinds := maps.Clone(p.Booked)
	if kinds == nil {
		kinds = map[string]money.Fen{}
	}
	for kind := range c.spent[p.ID] {
		kinds[kind] += 0
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		c.equal(p.Pilot, p.ID, ledger.Spent+"/"+kind, c.spent[p.ID][kind], p.Booked[kind])
	}
	c.equal(p.Pilot, p.ID, ledger.EntrustedHeld, c.balances[ledger.Account{Owner: p.ID, Name: ledger.EntrustedHeld}], p.EntrustedFen)
	c.equal(p.Pilot, p.ID, ledger.Matching, -c.balances[ledger.Account{Owner: p.ID, Name: ledger.Matching}], p.MatchingFen)
}

func (c *comparison) contract(p *pilot.Pilot) {
	owner := p.ID + ".e"
	c.heard(p.ID, owner, "paid", c.paid[owner], p.Contract.PaidFen)
}

// payers holds what is in transit against the payments under way.
func (c *comparison) payers() {
	owners := maps.Clone(c.transit)
	for account := range c.balances {
		if account.Name == ledger.Transit {
			owners[account.Owner] += 0
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		c.equal(ownerOf(owner), owner, ledger.Transit, c.balances[ledger.Account{Owner: owner, Name: ledger.Transit}], c.transit[owner])
	}
}

// funds holds what a programme allotted against what its pilots hold of it, as the overview of the fund sums it.
func (c *comparison) funds() {
	programmes, held := map[string]string{}, map[string]money.Fen{}
	for _, p := range c.Pilots {
		programmes[p.ID] = p.Programme.ID
		held[p.Programme.ID] += 0
	}
	for _, a := range c.Accounts {
		if programme, ok := programmes[a.Group]; ok && a.Book == string(ledger.GrantBook) && !a.Source {
			held[programme] += a.Lines
		}
	}
	for _, programme := range slices.Sorted(maps.Keys(held)) {
		before := len(c.found)
		c.equal("", programme, ledger.Allotted, c.balances[ledger.Account{Owner: programme, Name: ledger.Allotted}], held[programme])
		for i := range c.found[before:] {
			c.found[before+i].Fund = programme
		}
	}
}

func (c *comparison) equal(group, subject, what string, ledger, record money.Fen) {
	if ledger != record {
		c.found = append(c.found, Finding{
			What: difference.RecordDiffers, Pilot: group, Subject: subject, Detail: what, ExpectedFen: ledger, FoundFen: record,
			key: keyOf(subject, what, fen(record-ledger)),
		})
	}
}

// heard is equal for what a payer is told a moment after the ledger: both before and after it heard are right.
func (c *comparison) heard(group, subject, what string, ledger, record money.Fen) {
	if ledger-c.unheard[subject] != record {
		c.equal(group, subject, what, ledger, record)
	}
}

// Unposted finds an event whose lines in the ledger are not those that follow from it.
func Unposted(aggregate flow.Ref, what string) Finding {
	return Finding{
		What: difference.RecordDiffers, Pilot: ownerOf(aggregate.ID), Subject: aggregate.String(), Detail: shorten(what), key: keyOf(aggregate.String(), what),
	}
}

const detailLength = 500

func shorten(text string) string {
	if runes := []rune(text); len(runes) > detailLength {
		return string(runes[:detailLength]) + "…"
	}
	return text
}

// projectOf is the project that a recovery belongs to; everything else stands for itself.
func projectOf(owner string) string {
	project, _, _ := strings.Cut(owner, ".r")
	return project
}

// ownerOf is the pilot, or the programme, that an id begins with.
func ownerOf(id string) string {
	owner, _, _ := strings.Cut(id, ".")
	return owner
}
