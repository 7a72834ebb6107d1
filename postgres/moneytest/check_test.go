package moneytest_test

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// books follows the ledger of one pilot line by line and compares it with the model. It reads nothing but the tables.
type books struct {
	conn     *pgx.Conn
	owners   []string // the pilot and its programme
	position int64    // journal position of the last entry read
	held     map[account]int64
	moved    map[string]bool // names of the accounts that money has moved through
}

func newBooks(conn *pgx.Conn, programme, pilot string) *books {
	return &books{conn: conn, owners: []string{programme, pilot}, held: map[account]int64{}, moved: map[string]bool{}}
}

// The two queries that run after every operation. sources are the accounts whose balance is negative.
const (
	newLines = `select l.position, a.owner, a.name, a.category, k.book, l.fen, a.balance, a.floor
		from ledger_account a join ledger_account_kind k on k.name = a.name join ledger_line l on l.account = a.account
		where a.pilot = any($1) and l.position > $2 order by l.position, l.line`
	wrongPayments = `select 'tranche ' || payer || '/' || tranche || ' has ' || count(*) || ' live payments' from payment_row
			where pilot = $1 and stage not in ('voided', 'returned') group by payer, tranche having count(*) > 1
		union all
		select 'project ' || id || ' was paid ' || paid_fen || ' of ' || grant_fen from project_row where pilot = $1 and paid_fen > grant_fen`
)

var sources = map[string]bool{"fund": true, "appropriation": true, "matching": true, "entrusted": true}

// line is a ledger line, with its account's current balance.
type line struct {
	position int64
	account  account
	book     string
	fen      int64
	balance  int64
	floor    int64
}

// step reads what has been written since the last step and returns what is wrong with it, in itself and compared with
// the model.
func (b *books) step(m *model) (wrong []string, err error) {
	var batch pgx.Batch
	var lines []line
	batch.Queue(newLines, b.owners, b.position).Query(func(rows pgx.Rows) error {
		lines, err = pgx.CollectRows(rows, scanLine)
		return err
	})
	batch.Queue(wrongPayments, b.owners[1]).Query(func(rows pgx.Rows) error {
		wrong, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := b.conn.SendBatch(context.Background(), &batch).Close(); err != nil {
		return nil, err
	}
	wrong = append(wrong, b.follow(lines)...)
	if err := m.impossible(); err != nil {
		wrong = append(wrong, err.Error())
	}
	return append(wrong, disagreements(b.held, m.balances())...), nil
}

func scanLine(row pgx.CollectableRow) (l line, err error) {
	return l, row.Scan(&l.position, &l.account.owner, &l.account.name, &l.account.category, &l.book, &l.fen, &l.balance, &l.floor)
}

// follow checks that each entry sums to zero in each book, and that each account matches its lines and stays within its
// bounds.
func (b *books) follow(lines []line) (wrong []string) {
	type part struct {
		position int64
		book     string
	}
	sums, stands := map[part]int64{}, map[account]line{}
	for _, l := range lines {
		b.position = max(b.position, l.position)
		b.held[l.account] += l.fen
		b.moved[l.account.name] = true
		sums[part{l.position, l.book}] += l.fen
		stands[l.account] = l
	}
	for p, fen := range sums {
		if fen != 0 {
			wrong = append(wrong, fmt.Sprintf("entry %d sums to %d in the book %s", p.position, fen, p.book))
		}
	}
	for a, l := range stands {
		if l.balance != b.held[a] {
			wrong = append(wrong, fmt.Sprintf("%s says %d, its lines %d", a, l.balance, b.held[a]))
		}
		if (sources[a.name] && l.balance > 0) || (!sources[a.name] && l.balance < 0) || l.balance < l.floor {
			wrong = append(wrong, fmt.Sprintf("%s is overdrawn: %d, least %d", a, l.balance, l.floor))
		}
	}
	return wrong
}

// whole reads all lines of the pilot again and checks every law that the record as a whole must obey.
func (b *books) whole(m *model) ([]string, error) {
	wrong, err := violations(b.conn, b.owners[1])
	if err != nil {
		return nil, err
	}
	again := newBooks(b.conn, b.owners[0], b.owners[1])
	more, err := again.step(m)
	return append(wrong, more...), err
}

// laws are what must hold in every record. Each is a query that describes the violations; $1 is a pilot, or empty for
// all pilots.
var laws = map[string]string{
	"every entry sums to zero in each book": `
		select 'entry ' || l.position || ' sums to ' || sum(l.fen) || ' in the book ' || k.book
		from ledger_line l join ledger_account a on a.account = l.account join ledger_account_kind k on k.name = a.name
			join ledger_entry e on e.position = l.position
		where $1 in ('', split_part(e.id, '.', 1)) group by l.position, k.book having sum(l.fen) <> 0`,
	"every book sums to zero": `
		select 'the book ' || k.book || ' sums to ' || sum(l.fen)
		from ledger_line l join ledger_account a on a.account = l.account join ledger_account_kind k on k.name = a.name
		where $1 = '' group by k.book having sum(l.fen) <> 0`,
	"a balance is the sum of its lines": `
		select 'account ' || a.owner || ' ' || a.name || ' says ' || a.balance || ', its lines ' || coalesce(sum(l.fen), 0)
		from ledger_account a left join ledger_line l on l.account = a.account
		where $1 in ('', a.pilot) group by a.account having a.balance <> coalesce(sum(l.fen), 0)`,
	"no account is overdrawn": `
		select 'account ' || a.owner || ' ' || a.name || ' stands at ' || a.balance from ledger_account a
		where $1 in ('', a.pilot) and case when a.name in ('fund', 'appropriation', 'matching', 'entrusted')
			then a.balance > 0 or a.balance < a.floor else a.balance < 0 end`,
	"a tranche is paid once": `
		with payment as (
			select o.id, o.data -> 'payer' ->> 'id' || '/' || coalesce(o.data ->> 'tranche', '0') as tranche from journal o
			where o.kind = 'payment' and o.name = 'opened' and $1 in ('', o.pilot)
				and not exists (select from journal n where n.kind = 'payment' and n.id = o.id and n.name in ('voided', 'returned'))
		)
		select 'tranche ' || tranche || ' is paid by ' || string_agg(id, ', ' order by id) from payment group by tranche having count(*) > 1`,
	"no project gets more than its grant": `
		select 'project ' || g.id || ' got ' || sum((o.data ->> 'fen')::bigint) || ' of ' || (g.data ->> 'grant_fen')
		from journal g join journal o on o.kind = 'payment' and o.name = 'opened' and o.data -> 'payer' ->> 'id' = g.id and o.pilot = g.pilot
		where g.kind = 'project' and g.name = 'opened' and $1 in ('', g.pilot)
			and exists (select from journal n where n.kind = 'payment' and n.id = o.id and n.name = 'posted')
			and not exists (select from journal n where n.kind = 'payment' and n.id = o.id and n.name = 'returned')
		group by g.id, g.data ->> 'grant_fen' having sum((o.data ->> 'fen')::bigint) > (g.data ->> 'grant_fen')::bigint`,
	"two different officers release what the bank gets": `
		select 'payment ' || i.id || ' was released by ' || coalesce(string_agg(distinct r.actor, ', '), 'nobody')
		from journal i left join journal r on r.kind = 'payment' and r.id = i.id and r.name = 'released' and r.seq < i.seq and r.actor = r.data ->> 'by'
		where i.kind = 'payment' and i.name in ('instructed', 'posted') and $1 in ('', i.pilot)
		group by i.id, i.seq having count(distinct r.actor) < 2`,
	"nobody releases money they have an interest in": `
		select 'payment ' || r.id || ' was released by ' || r.actor
		from journal r join journal o on o.kind = 'payment' and o.id = r.id and o.name = 'opened' join actor a on a.id = r.actor
		where r.kind = 'payment' and r.name = 'released' and $1 in ('', r.pilot)
			and (o.data -> 'payee' ->> 'credit_code' = any(a.organization || a.interests) or o.data ->> 'evaluator' = any(a.organization || a.interests))`,
}

// violations returns every violation of a law in a pilot's record, or in the whole record if pilot is empty.
func violations(conn *pgx.Conn, pilot string) (found []string, err error) {
	for law, query := range laws {
		rows, err := conn.Query(context.Background(), query, pilot)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", law, err)
		}
		breaches, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", law, err)
		}
		for _, b := range breaches {
			found = append(found, law+": "+b)
		}
	}
	return found, nil
}
