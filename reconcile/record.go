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

// Holdings is what the record itself says about money, read in the same snapshot as the ledger accounts.
type Holdings struct {
	Pilots     []*pilot.Pilot
	Projects   []*project.Project
	Payments   []*payment.Payment
	Recoveries []*recovery.Recovery
	Listed     map[string]money.Fen // what each project has been paid, according to the lists
	Returned   map[string]money.Fen // money returned to the treasury according to the ledger, by the project or recovery that returned it
	Accounts   []Account
}

// Differences compares the ledger with states and lists: what each project was paid, has spent and holds of entrusted
// money, the payments in progress, what is owed back, the evaluators' contracts, and a programme's allotments against
// what its pilots hold.
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

// comparison is a comparison in progress.
type comparison struct {
	Holdings
	balances map[ledger.Account]money.Fen
	spent    map[string]map[string]money.Fen // what each project has spent, by category
	paid     map[string]money.Fen            // what each project has been paid, wherever the money has gone since
	transit  map[string]money.Fen            // payments in progress, by payer
	unheard  map[string]money.Fen            // posted payments of which the payer may not have been notified yet, by payer
	found    []Finding
}

// sumAccounts totals what each project was paid, from the accounts that hold the money now and the amounts returned.
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

// underWay lists the stages in which a payment has money reserved.
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

// payers compares the money in transit with the payments in progress.
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

// funds compares a programme's allotments with what its pilots hold, using the same totals as the fund overview.
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

// heard is like equal, but for an amount that the payer learns of shortly after it is posted to the ledger. It also
// accepts a record that lacks what the payer has not been told yet.
func (c *comparison) heard(group, subject, what string, ledger, record money.Fen) {
	if ledger-c.unheard[subject] != record {
		c.equal(group, subject, what, ledger, record)
	}
}

// Unposted returns the finding that an event's ledger lines differ from those that the event should have posted.
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

// projectOf returns the project of a recovery, and any other owner unchanged.
func projectOf(owner string) string {
	project, _, _ := strings.Cut(owner, ".r")
	return project
}

// ownerOf returns the pilot's or programme's id at the start of an id.
func ownerOf(id string) string {
	owner, _, _ := strings.Cut(id, ".")
	return owner
}
