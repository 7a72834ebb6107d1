-- name: MoveBalance :exec
insert into ledger_account as a (owner, name, balance) values (@owner, @name, @fen)
on conflict (owner, name) do update set balance = a.balance + excluded.balance;

-- name: InsertEntry :exec
insert into ledger_entry (position, kind, id, seq)
select j.position, j.kind, j.id, j.seq from journal j where j.kind = @kind and j.id = @id and j.seq = @seq;

-- name: InsertLine :exec
insert into ledger_line (position, line, account, fen)
select e.position, @line, a.account, @fen
from ledger_entry e, ledger_account a
where e.kind = @kind and e.id = @id and e.seq = @seq and a.owner = @owner and a.name = @name;

-- name: ListLines :many
select l.position, a.owner, a.name, l.fen from ledger_line l join ledger_account a on a.account = l.account
where l.position = any(@positions::bigint[]) order by l.position, l.line;

-- name: ListLinesOf :many
select e.seq, a.owner, a.name, l.fen
from ledger_entry e join ledger_line l on l.position = e.position join ledger_account a on a.account = l.account
where e.kind = $1 and e.id = $2 order by e.seq, l.line;

-- name: ListBalances :many
select owner, name, balance from ledger_account where pilot = $1 order by owner, name;

-- name: CountEntries :one
select count(distinct l.position) from ledger_account a join ledger_line l on l.account = a.account where a.pilot = $1;

-- name: ListWrongEntries :many
select e.kind, e.id, e.seq, coalesce(sum(l.fen), 0)::bigint as sum
from ledger_entry e left join ledger_line l on l.position = e.position
group by e.position having coalesce(sum(l.fen), 0) <> 0 or count(l.line) < 2 order by e.position;

-- name: ListWrongBalances :many
select a.owner, a.name, a.balance, coalesce(sum(l.fen), 0)::bigint as sum
from ledger_account a left join ledger_line l on l.account = a.account
group by a.account having a.balance <> coalesce(sum(l.fen), 0) order by a.owner, a.name;

-- name: ListOrphanEntries :many
select e.kind, e.id, e.seq from ledger_entry e
where not exists (select from journal j where j.position = e.position and j.kind = e.kind and j.id = e.id and j.seq = e.seq) order by e.position;
