-- name: NoteTurns :exec
insert into unturned (kind, id) select @kind::text, @id::text where follows(@kind::text, @id::text) on conflict do nothing;

-- name: PutTurns :exec
select put_turns(@kind::text, @id::text, @gone::jsonb, @kept::jsonb);

-- name: DeleteTurns :exec
delete from turn_row where kind = @kind and id = @id;

-- name: ListTurns :many
select * from turn_row where kind = @kind and id = @id order by wait, subject, seat, role;

-- name: IsUnturned :one
select exists (select from unturned where kind = @kind and id = @id);

-- name: ListUnturned :many
select kind, id from unturned where (kind, id) > (@after_kind::text, @after_id::text) order by kind, id limit @max;

-- The aggregates whose turns have waited for more than a minute to be written.
-- name: ListOwedTurns :many
select u.kind, u.id, a.written_at from unturned u join aggregate a using (kind, id)
where a.written_at < clock_timestamp() - interval '1 minute' order by u.kind, u.id limit @max;

-- name: DeleteUnturned :exec
delete from unturned where kind = @kind and id = @id;

-- name: DeleteUnturnedOfNone :exec
delete from unturned u where u.kind = @kind and u.id = @id and not exists (select from aggregate a where a.kind = u.kind and a.id = u.id);

-- name: DeleteOrphanTurns :exec
delete from turn_row t where not exists (select from journal j where j.kind = t.kind and j.id = t.id)
    and not exists (select from aggregate a where a.kind = t.kind and a.id = t.id)
    and (t.kind, t.id) not in (select unnest(@kinds::text[]), unnest(@ids::text[]));

-- name: ListOrphanTurns :many
select distinct t.kind, t.id from turn_row t where not exists (select from journal j where j.kind = t.kind and j.id = t.id and j.seq = 1) order by 1, 2;

-- For whom open turns wait: each set of seats and roles once.
-- name: ListAwaited :many
select distinct array_agg(seat order by seat, role)::text[] as seats, array_agg(role order by seat, role)::text[] as roles
from turn_row group by kind, id, wait, subject order by 1, 2;
