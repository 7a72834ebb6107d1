-- Always in the same order, so that no two statements wait for each other.
-- name: LockBank :exec
select pg_advisory_xact_lock(k.key) from (select distinct hashtextextended(unnest(@keys::text[]), 7) as key order by key) k;

-- name: GetBankStatement :one
select * from bank_statement where sha256 = $1;

-- name: GetBankHolder :one
select holder from bank_statement where place = $1 and account = $2 limit 1;

-- The account, under another name or of another office, that has a number, written without hyphens and in capitals.
-- name: GetAccountOfNumber :one
select place, account from bank_statement where replace(upper(holder), '-', '') = @number::text and (place, account) <> (@place, @account) limit 1;

-- Lines of earlier statements that have the same number as a given line but differ from it.
-- name: ListContradictions :many
select l.number, l.statement
from bank_line l
    join (
        select unnest(@numbers::text[]) as number, unnest(@days::date[]) as booked_on, unnest(@refs::text[]) as reference, unnest(@fens::bigint[]) as fen
    ) n on n.number = l.number
where l.place = @place and l.account = @account and (l.booked_on, l.reference, l.fen) <> (n.booked_on, n.reference, n.fen)
order by l.number limit 1;

-- name: InsertBankStatement :one
insert into bank_statement (sha256, place, account, holder, first_day, last_day, opening_fen, closing_fen, lines, uploaded_by, uploaded_at)
values (@sha256, @place, @account, @holder, @first_day, @last_day, @opening_fen, @closing_fen, @lines, @uploaded_by, terrace_now())
returning *;

-- name: InsertBankLines :exec
insert into bank_line (place, account, number, statement, booked_on, reference, fen)
select @place, @account, n.number, @statement, n.booked_on, n.reference, n.fen
from (
    select unnest(@numbers::text[]) as number, unnest(@days::date[]) as booked_on, unnest(@refs::text[]) as reference, unnest(@fens::bigint[]) as fen
) n
on conflict (place, account, number) do nothing;

-- name: ListBankStatements :many
with recursive within as (
    select sqlc.narg('place')::text as code
    union
    select p.code from place p join within w on p.parent = w.code
), reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select s.* from bank_statement s
where (sqlc.narg('place')::text is null or s.place in (select w.code from within w))
    and (sqlc.narg('account')::text is null or s.account = sqlc.narg('account'))
    and (@reader_all::boolean or s.place in (select h.code from reach h))
    and (sqlc.narg('before')::timestamptz is null or (s.uploaded_at, s.sha256) < (sqlc.narg('before')::timestamptz, @before_sha256::text))
order by s.uploaded_at desc, s.sha256 desc limit sqlc.arg('max')::integer;

-- name: ListBankReach :many
select place, account, min(first_day)::date as first_day, max(last_day)::date as last_day from bank_statement group by place, account order by place, account;

-- name: ListStatementsOf :many
select * from bank_statement where place = $1 order by account, first_day, sha256;

-- name: ListBankLinesOf :many
select account, number, statement, booked_on, reference, fen from bank_line where place = $1 order by account, number;

-- Events of an office's aggregates by kind and name, with the amount that each moved in the ledger.
-- name: ListMovementsOf :many
select j.kind, j.id, j.pilot, j.seq, j.name, j.version, j.day, j.data,
    coalesce((select sum(l.fen) from ledger_line l where l.position = j.position and l.fen > 0), 0)::bigint as fen
from journal j join aggregate a on a.kind = j.kind and a.id = j.id
where a.place = @place and (j.kind, j.name) in (select unnest(@kinds::text[]), unnest(@names::text[]))
order by j.position;

-- name: ListOrdersOf :many
select id, pilot, stage from payment_row where place = $1 order by id;

-- Ledger entries that do not sum to zero in a book.
-- name: ListUnbalancedEntries :many
select e.kind, e.id, e.seq, k.book, sum(l.fen)::bigint as fen
from ledger_entry e
    join ledger_line l on l.position = e.position
    join ledger_account a on a.account = l.account
    join ledger_account_kind k on k.name = a.name
group by e.position, k.book having sum(l.fen) <> 0 order by e.position, k.book;

-- name: ListAccountSums :many
select a.owner, a.pilot, a.name, a.category, k.book, k.source, a.balance, coalesce(sum(l.fen), 0)::bigint as lines
from ledger_account a
    join ledger_account_kind k on k.name = a.name
    left join ledger_line l on l.account = a.account
group by a.account, k.name order by a.owner, a.name, a.category;

-- name: ListReturnedSums :many
select e.id, sum(l.fen)::bigint as fen
from ledger_line l join ledger_account a on a.account = l.account join ledger_entry e on e.position = l.position
where a.name = 'returned' group by e.id;

-- name: ListStates :many
select id, shape, state from aggregate where kind = @kind and id > @after_id::text order by id limit sqlc.arg('max')::integer;

-- name: ListPaidSums :many
select id, paid_fen from project_row;

-- name: GetPilotRules :one
select place, programme, programme_version from pilot_row
where (sqlc.narg('id')::text is null or id = sqlc.narg('id'))
    and (sqlc.narg('programme')::text is null or programme = sqlc.narg('programme'))
order by (place = @place::text) desc, created_at desc, id desc limit 1;

-- name: GetDifferenceStage :one
select stage from aggregate where kind = 'difference' and id = $1;

-- Statements whose stored lines cannot be all those of the file. A line that an earlier statement has too is stored once, as the earlier one's:
-- the lines of others count where they lie in the period. Where more of them lie there than are needed, nothing can be said.
-- name: ListWrongStatements :many
select s.sha256, s.lines, (own.lines + shared.lines)::integer as stored, s.closing_fen, (s.opening_fen + own.fen + shared.fen)::bigint as sum
from bank_statement s
    cross join lateral (select count(*) as lines, coalesce(sum(l.fen), 0) as fen from bank_line l where l.statement = s.sha256) own
    cross join lateral (
        select count(*) as lines, coalesce(sum(l.fen), 0) as fen from bank_line l
        where own.lines < s.lines and l.place = s.place and l.account = s.account and l.statement <> s.sha256 and l.booked_on between s.first_day and s.last_day
    ) shared
where own.lines > s.lines or own.lines + shared.lines < s.lines
    or own.lines + shared.lines = s.lines and s.opening_fen + own.fen + shared.fen <> s.closing_fen
union all
select l.statement, 0, count(*)::integer, 0, coalesce(sum(l.fen), 0)::bigint from bank_line l
where not exists (select from bank_statement s where s.sha256 = l.statement) group by l.statement;
