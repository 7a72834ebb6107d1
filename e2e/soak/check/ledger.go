package check

import (
	"context"
	"strings"
)

// entries checks that each entry totals zero in every book, has lines, and belongs to an event in the journal.
func (c *checker) entries(ctx context.Context) error {
	type wrong struct {
		Position int64
		Book     string
		Sum      int64
	}
	err := each(ctx, c.record, func(w wrong) { c.find(LedgerSum, w.Position, "sums to %d fen in the book %s", w.Sum, w.Book) }, `
		select l.position, k.book, sum(l.fen)::bigint from ledger_line l join ledger_account a using (account)
		join ledger_account_kind k on k.name = a.name group by 1, 2 having sum(l.fen) <> 0`)
	if err != nil {
		return err
	}
	type orphan struct {
		Position     int64
		Said, Lines  int64
		HasItsEvents bool
	}
	err = each(ctx, c.record, func(o orphan) {
		c.Counts["entries"]++
		if o.Said != o.Lines || !o.HasItsEvents {
			c.find(LedgerSum, o.Position, "says %d lines and has %d; of an event: %t", o.Said, o.Lines, o.HasItsEvents)
		}
	}, `
		select e.position, e.lines::bigint, (select count(*) from ledger_line l where l.position = e.position),
			exists (select from journal j where j.position = e.position and j.kind = e.kind and j.id = e.id and j.seq = e.seq and j.at = e.at)
		from ledger_entry e`)
	return err
}

// balances checks that each balance is the total of its lines.
func (c *checker) balances(ctx context.Context) error {
	type account struct {
		Owner, Name  string
		Balance, Sum int64
	}
	return each(ctx, c.record, func(a account) {
		c.find(LedgerBalance, a.Owner+" "+a.Name, "stands at %d fen, its lines sum to %d", a.Balance, a.Sum)
	}, `
		select a.owner, a.name, a.balance, coalesce(s.fen, 0)::bigint from ledger_account a
		left join (select account, sum(fen) as fen from ledger_line group by 1) s using (account)
		where a.balance <> coalesce(s.fen, 0)`)
}

// funds checks that a fund's allotments are what its pilots received, and that each pilot still accounts for all of it.
func (c *checker) funds(ctx context.Context) error {
	type fund struct {
		Programme               string
		Given, Allotted, Gotten int64
	}
	err := each(ctx, c.record, func(f fund) {
		c.Counts["funds"]++
		if f.Given != f.Allotted || f.Given != f.Gotten {
			c.find(FundConserved, f.Programme, "gave %d fen, allotted %d, its pilots got %d", f.Given, f.Allotted, f.Gotten)
		}
	}, `
		select f.owner, -sum(f.balance) filter (where f.name = 'fund')::bigint, coalesce(sum(f.balance) filter (where f.name = 'allotted'), 0)::bigint,
			coalesce((select -sum(a.balance) from ledger_account a join pilot_row p on p.id = a.owner
				where a.name = 'appropriation' and p.programme = f.owner), 0)::bigint
		from ledger_account f where f.name in ('fund', 'allotted') group by f.owner`)
	if err != nil {
		return err
	}
	type pilot struct {
		ID  string
		Sum int64
	}
	return each(ctx, c.record, func(p pilot) { c.find(FundConserved, p.ID, "holds %d fen more than it got", p.Sum) }, `
		select a.pilot, sum(a.balance)::bigint from ledger_account a join ledger_account_kind k using (name)
		where k.book = 'grant' and a.name not in ('fund', 'allotted') group by 1 having sum(a.balance) <> 0`)
}

// ledgerMoney checks that the accounts of each payer and debtor hold what their payments moved, and that money is in
// transit only for payments in progress.
func (c *checker) ledgerMoney(ctx context.Context) error {
	type held struct {
		Owner            string
		Moved, InTransit int64
	}
	moved, transit := map[string]int64{}, map[string]int64{}
	err := each(ctx, c.record, func(h held) {
		payer := c.payerOf(h.Owner)
		moved[payer] += h.Moved
		transit[payer] += h.InTransit
	}, `
		select owner, coalesce(sum(balance) filter (where name in ('advance', 'spent', 'disallowed', 'receivable')), 0)::bigint,
			coalesce(sum(balance) filter (where name = 'transit'), 0)::bigint
		from ledger_account group by 1`)
	for _, p := range c.payments {
		switch p.stage() {
		case final, posted:
			moved[p.Payer.ID] -= p.Fen
		case underWay:
			transit[p.Payer.ID] -= p.Fen
		case voided, returned:
		}
	}
	for payer, fen := range moved {
		if fen != 0 {
			c.find(LedgerMoney, payer, "holds %d fen more than was paid", fen)
		}
	}
	for payer, fen := range transit {
		if fen != 0 {
			c.find(LedgerMoney, payer, "has %d fen more in transit than is under way", fen)
		}
	}
	return err
}

// payerOf returns the payer that owns a ledger account: the project, or the pilot for the evaluator's contract. A
// recovery's account counts towards its project.
func (c *checker) payerOf(owner string) string {
	parts := strings.Split(owner, ".")
	if len(parts) >= 2 && parts[1] == "e" {
		return parts[0]
	}
	return strings.Join(parts[:min(2, len(parts))], ".")
}
