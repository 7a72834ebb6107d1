-- name: ListLines :many
select l.position, a.owner, a.name, a.category, l.fen from ledger_line l join ledger_account a on a.account = l.account
where l.position = any(@positions::bigint[]) order by l.position, l.line;

-- name: ListLinesOf :many
select e.seq, a.owner, a.name, a.category, l.fen
from ledger_entry e join ledger_line l on l.position = e.position join ledger_account a on a.account = l.account
where e.kind = $1 and e.id = $2 order by e.seq, l.line;

-- name: ListBalances :many
select owner, name, category, balance from ledger_account where pilot = $1 order by owner, name, category;

-- name: CountEntries :one
select count(distinct l.position) from ledger_account a join ledger_line l on l.account = a.account where a.pilot = $1;

-- The balance of each account at an instant, with its debits and credits up to then. A pilot includes everything below
-- it; a programme includes its fund.
-- name: ListBalancesAt :many
select a.owner, a.name, a.category, k.book, k.source,
    coalesce(sum(l.fen) filter (where l.fen > 0), 0)::bigint as debit, coalesce(-sum(l.fen) filter (where l.fen < 0), 0)::bigint as credit
from ledger_account a
    join ledger_account_kind k on k.name = a.name
    join ledger_line l on l.account = a.account
    join ledger_entry e on e.position = l.position
where a.pilot = any(@pilots::text[]) and (@project::text = '' or a.owner = @project::text or starts_with(a.owner, @project::text || '.'))
    and e.at <= @at
group by a.account, k.name
order by k.book, a.owner, a.name, a.category;

-- name: ListPilotsOf :many
with recursive reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select r.id
from pilot_row r
where r.programme = @programme and not r.draft and (@reader_all::boolean or r.place in (select h.code from reach h))
order by r.created_at, r.id;

-- Whether every submitted pilot of the programme was launched at or below the place. If more offices have launched
-- pilots than lie there, at least one lies elsewhere, so no more of them need to be examined.
-- name: SeesWholeFund :one
select not exists (
    select from (
        select l.place from launch l where l.programme = @programme
        limit (select count(*) + 1 from reach r where r.above = @reader_place::text and r.office)
    ) l
    where not exists (select from reach r where r.above = @reader_place::text and r.place = l.place and r.office)
);

-- The programme's grant now, by account, as far as the reader may see it: the sums carried forward, plus the lines
-- after them.
-- name: ListFundSums :many
select m.name, sum(m.fen)::bigint as fen
from (
    select s.name, s.fen from fund_sum s where @whole::boolean and s.programme = @programme and s.place = ''
    union all
    select s.name, s.fen
    from reach r cross join lateral (select * from fund_sum s where s.programme = @programme and s.place = r.place offset 0) s
    where not @whole::boolean and r.above = @reader_place::text and r.office
    union all
    select a.name, l.fen
    from fund_behind() l join fund_account a on a.account = l.account
    where a.programme = @programme
        and (@whole::boolean or exists (select from reach r where r.above = @reader_place::text and r.place = a.place and r.office))
) m
group by m.name order by m.name;

-- The same at an instant in the past, summed over all lines up to then.
-- name: ListFundSumsAt :many
select a.name, sum(l.fen)::bigint as fen
from pilot_row p
    join ledger_account a on a.pilot = p.id
    join ledger_account_kind k on k.name = a.name and k.book = 'grant' and not k.source
    join ledger_line l on l.account = a.account
    join ledger_entry e on e.position = l.position
where p.programme = @programme and e.at <= @at
    and (@whole::boolean or p.place = @reader_place::text or p.place in (select r.place from reach r where r.above = @reader_place::text and r.office))
group by a.name order by a.name;

-- name: CarryFunds :one
select carry_funds(sqlc.arg('most')::integer);

-- name: CarryAllFunds :exec
select carry_funds();

-- Keeps others from carrying the sums forward until the transaction ends.
-- name: ResetFundCarry :exec
update fund_carry set position = 0;

-- name: DeleteFundSums :exec
delete from fund_sum;

-- Sums that differ from the total of the lines carried forward into them.
-- name: ListWrongFundSums :many
select coalesce(s.programme, w.programme)::text as programme, coalesce(s.place, w.place)::text as place, coalesce(s.name, w.name)::text as name,
    coalesce(s.fen, 0)::bigint as fen, coalesce(w.fen, 0)::bigint as sum
from fund_sum s full join (
    select l.programme, coalesce(l.place, '') as place, l.name, sum(l.fen)::bigint as fen
    from fund_line l where l.position <= (select c.position from fund_carry c)
    group by grouping sets ((l.programme, l.place, l.name), (l.programme, l.name))
) w on w.programme = s.programme and w.place = s.place and w.name = s.name
where coalesce(s.fen, 0) <> coalesce(w.fen, 0) order by 1, 2, 3;

-- Current balances of the accounts of pilots.
-- name: ListBalancesOf :many
select owner, name, balance from ledger_account where pilot = any(@pilots::text[]) order by owner, name, category;

-- The names of the owners of accounts, as far as the reader may see them; for a recovery, the name of its debtor.
-- name: ListOwnerNames :many
select r.id, r.title_zh as zh, r.title_en as en from pilot_row r where r.id = any(@owners::text[])
union all select r.id, r.title_zh, r.title_en from project_row r where r.id = any(@owners::text[])
union all select r.id, r.organization_zh, r.organization_en from recovery_row r where r.id = any(@owners::text[]);

-- name: ListProjectsOf :many
select r.id, r.pilot, r.title_zh, r.title_en, r.organization, r.organization_zh, r.organization_en
from project_row r where r.pilot = any(@pilots::text[]) order by r.id;

-- name: ListContractsOf :many
select p.id as pilot, p.evaluator as organization, coalesce(o.name_zh, '') as organization_zh, coalesce(o.name_en, '') as organization_en
from pilot_row p left join organization o on o.credit_code = p.evaluator where p.id = any(@pilots::text[]) and p.evaluator <> '' order by p.id;

-- name: GetAccount :one
select a.account, k.book, k.source from ledger_account a join ledger_account_kind k on k.name = a.name
where a.owner = $1 and a.name = $2 and a.category = $3;

-- The balance of an account before the period, at its end, and at the line after which a page of its statement starts.
-- name: SumStatement :one
select coalesce(sum(l.fen) filter (where e.at < @since), 0)::bigint as opening, coalesce(sum(l.fen), 0)::bigint as closing,
    coalesce(sum(l.fen) filter (where (e.at, l.position, l.line) <= (@after_at::timestamptz, @after_position::bigint, @after_line::integer)), 0)::bigint as brought
from ledger_line l join ledger_entry e on e.position = l.position
where l.account = @account and e.at < @until;

-- name: ListStatementLines :many
select l.position, l.line, l.fen, e.at, e.kind, e.id, e.seq, j.day, j.name as event,
    coalesce(c.owner, '') as counter_owner, coalesce(c.name, '') as counter_name, coalesce(c.category, '') as counter_category
from ledger_line l
    join ledger_entry e on e.position = l.position
    join journal j on j.position = l.position
    left join ledger_line o on o.position = l.position and o.line = l.line + case l.line % 2 when 1 then 1 else -1 end
    left join ledger_account c on c.account = o.account
where l.account = @account and e.at >= @since and e.at < @until
    and (e.at, l.position, l.line) > (@after_at::timestamptz, @after_position::bigint, @after_line::integer)
order by e.at, l.position, l.line limit sqlc.arg('max')::integer;

-- name: ListWrongEntries :many
select e.kind, e.id, e.seq, coalesce(k.book, '') as book, coalesce(sum(l.fen), 0)::bigint as sum
from ledger_entry e left join ledger_line l on l.position = e.position
    left join ledger_account a on a.account = l.account left join ledger_account_kind k on k.name = a.name
group by e.position, k.book having coalesce(sum(l.fen), 0) <> 0 or count(l.line) < 2 order by e.position, k.book;

-- name: ListWrongBalances :many
select a.owner, a.name, a.category, a.balance, coalesce(sum(l.fen), 0)::bigint as sum
from ledger_account a left join ledger_line l on l.account = a.account
group by a.account having a.balance <> coalesce(sum(l.fen), 0) order by a.owner, a.name, a.category;

-- name: ListOverdrawn :many
select a.owner, a.name, a.category, a.balance, a.floor from ledger_account a
where a.balance < a.floor or a.floor < 0 and a.balance > 0 order by a.owner, a.name, a.category;

-- The accounts of funds, and others whose least balance is not the one with which their kind is opened.
-- name: ListFloors :many
select a.owner, a.name, a.category, a.floor from ledger_account a join ledger_account_kind k on k.name = a.name
where a.name = @fund or a.floor <> case when k.source then -100000000000000000 else 0 end order by a.owner, a.name, a.category;

-- The versions of programmes that pilots follow.
-- name: ListVersions :many
select distinct programme, programme_version from pilot_row order by 1, 2;

-- name: ListOrphanEntries :many
select e.kind, e.id, e.seq from ledger_entry e
where not exists (select from journal j where j.position = e.position and j.kind = e.kind and j.id = e.id and j.seq = e.seq and j.at = e.at) order by e.position;

-- Keys held by two aggregates, which the primary key forbids.
-- name: ListSharedClaims :many
select c.kind, c.id, c.key from claim c where c.key in (select d.key from claim d group by d.key having count(*) > 1) order by c.key, c.kind, c.id;

-- name: ListAccountKinds :many
select * from ledger_account_kind order by name;

-- Whether the single rows are there that Terrace put into the record when it made the tables.
-- name: GetSingles :one
select exists (select from fund_carry) as carry, exists (select from journal_origin) as origin, exists (select from place_version) as places;
