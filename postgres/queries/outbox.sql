-- name: LeaseOutbox :many
update outbox o set leased_until = clock_timestamp() + @lease::interval
from (
    select kind, id from outbox
    where (leased_until is null or leased_until < clock_timestamp())
        and (changed_at < clock_timestamp() - @quiet::interval or since < clock_timestamp() - @patience::interval)
    order by since limit sqlc.arg('max')::integer for update skip locked
) ready
where o.kind = ready.kind and o.id = ready.id
returning o.kind, o.id, o.version, o.since;

-- name: GetOutboxVersion :one
select version from outbox where kind = @kind and id = @id;

-- name: DeleteDelivered :exec
delete from outbox where kind = @kind and id = @id and version = @version;

-- An aggregate that has changed in the meantime is delivered again at once.
-- name: ReleaseChanged :exec
update outbox set leased_until = null where kind = @kind and id = @id and version > @version;

-- name: ResurfaceDue :execrows
insert into outbox (kind, id)
select kind, id from aggregate
where carried and not ended and (owes or next_at <= terrace_now()) and written_at < clock_timestamp() - @grace::interval
on conflict do nothing;

-- name: ResurfaceOpen :exec
insert into outbox (kind, id) select kind, id from aggregate where carried and not ended and next_at is not null
on conflict (kind, id) do update set version = excluded.version, changed_at = excluded.changed_at;

-- name: FindUndelivered :many
select kind, id from outbox order by since limit 1;

-- Rows of aggregates that do not exist, which can never be delivered.
-- name: ListOrphanDeliveries :many
select o.kind, o.id from outbox o where not exists (select from aggregate a where a.kind = o.kind and a.id = o.id)
    and not exists (select from journal j where j.kind = o.kind and j.id = o.id) order by o.since;

-- name: DeleteOrphanDeliveries :exec
delete from outbox o where not exists (select from aggregate a where a.kind = o.kind and a.id = o.id)
    and not exists (select from journal j where j.kind = o.kind and j.id = o.id);
