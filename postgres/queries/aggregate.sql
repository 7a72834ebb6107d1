-- name: LockAggregate :one
select shape, seq, state, head, created_at, updated_at from aggregate where kind = $1 and id = $2 for update;

-- name: LockFreeAggregate :one
select shape, state from aggregate where kind = $1 and id = $2 for update skip locked;

-- name: GetAggregate :one
select * from aggregate where kind = $1 and id = $2;

-- name: InsertAggregate :exec
insert into aggregate (place, stage, version, seq, shape, state, head, next_at, owes, ended, carried, created_at, updated_at, kind, id)
values (@place, @stage, @version, @seq, @shape, @state, @head, @next_at, @owes, @ended, @carried, @created_at, @updated_at, @kind, @id);

-- name: UpdateAggregate :exec
update aggregate set place = @place, stage = @stage, version = @version, seq = @seq, shape = @shape, state = @state, head = @head,
    next_at = @next_at, owes = @owes, ended = @ended, carried = @carried, created_at = @created_at, updated_at = @updated_at, written_at = clock_timestamp()
where kind = @kind and id = @id;

-- name: ListOpenAggregates :many
select kind, id, shape, state from aggregate
where carried and not ended and (kind, id) > (@after_kind::text, @after_id::text)
order by kind, id limit sqlc.arg('max')::integer;

-- name: ListOrphanAggregates :many
select a.kind, a.id, a.seq from aggregate a
where not exists (select from journal j where j.kind = a.kind and j.id = a.id and j.seq = 1) order by a.kind, a.id;

-- Aggregates of which something besides the journal and the state tells a later version, or a later event, than the
-- journal has. seq is the last event before the first that is missing, and version leaves the quiet events out.
-- name: ListAhead :many
select t.kind, t.id, coalesce(j.seq, 0)::integer as seq, string_agg(distinct t.teller, ', ')::text as tellers
from (
    select kind, id, 'receipts' as teller, version, 0 as seq from receipt
    union all select 'pilot', id, 'the list of pilots', version, 0 from pilot_row
    union all select 'project', id, 'the list of projects', version, 0 from project_row
    union all select 'payment', id, 'the list of payments', version, 0 from payment_row
    union all select 'recovery', id, 'the list of recoveries', version, 0 from recovery_row
    union all select 'difference', id, 'the list of differences', version, 0 from difference_row
    union all select kind, id, 'claims', 0, 1 from claim
    union all select kind, id, 'personal data', 0, seq from personal
    union all select kind, id, 'the ledger', 0, seq from ledger_entry
) t left join (
    select kind, id, case min(seq) when 1 then max(seq) else 0 end as seq,
        count(*) filter (where (kind, name) not in (select unnest(@quiet_kinds::text[]), unnest(@quiet_names::text[]))) as version
    from journal group by kind, id
) j on j.kind = t.kind and j.id = t.id
where t.version > coalesce(j.version, 0) or t.seq > coalesce(j.seq, 0)
group by t.kind, t.id, j.seq order by t.kind, t.id;

-- Swept aggregates that are due, earliest first, starting after the given one.
-- name: ListSwept :many
select kind, id, next_at::timestamptz as next_at from aggregate
where not carried and not ended and next_at <= @until and (next_at, kind, id) > (@after_at::timestamptz, @after_kind::text, @after_id::text)
order by next_at, kind, id limit sqlc.arg('max')::integer;

-- The aggregates under a root that have workflows.
-- name: ListCarriedUnder :many
select a.kind, a.id, a.ended from journal j join aggregate a on a.kind = j.kind and a.id = j.id
where j.pilot = @root and j.seq = 1 and a.carried order by j.position;
