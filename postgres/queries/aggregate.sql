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

-- Swept aggregates that are due, earliest first, starting after the given one.
-- name: ListSwept :many
select kind, id, next_at::timestamptz as next_at from aggregate
where not carried and not ended and next_at <= @until and (next_at, kind, id) > (@after_at::timestamptz, @after_kind::text, @after_id::text)
order by next_at, kind, id limit sqlc.arg('max')::integer;

-- The aggregates under a root that have workflows.
-- name: ListCarriedUnder :many
select a.kind, a.id, a.ended from journal j join aggregate a on a.kind = j.kind and a.id = j.id
where j.pilot = @root and j.seq = 1 and a.carried order by j.position;
