-- name: KeepTurns :exec
select keep_turns(@kind::text, @id::text, @gone::jsonb, @kept::jsonb);

-- name: PutTurns :exec
select put_turns(@kind::text, @id::text, '[]', @kept::jsonb);

-- name: DeleteTurns :exec
delete from turn_row where kind = @kind and id = @id;

-- name: ListTurns :many
select * from turn_row where kind = @kind and id = @id order by wait, subject, seat, role;

-- name: IsUnturned :one
select exists (select from unturned where kind = @kind and id = @id);

-- name: ListUnturned :many
select kind, id from unturned order by kind, id limit @max;

-- name: DeleteUnturned :exec
delete from unturned where kind = @kind and id = @id;

-- name: DeleteOrphanTurns :exec
delete from turn_row t where not exists (select from journal j where j.kind = t.kind and j.id = t.id and j.seq = 1);

-- name: ListOrphanTurns :many
select distinct t.kind, t.id from turn_row t where not exists (select from journal j where j.kind = t.kind and j.id = t.id and j.seq = 1) order by 1, 2;
