-- name: InsertClaims :exec
insert into claim (key, kind, id) select key, @kind, @id from unnest(@keys::text[]) as key order by key;

-- Releases the given keys from whichever aggregate holds them, and all keys that the given aggregate holds.
-- name: ClearClaims :exec
delete from claim where key = any(@keys::text[]) or (kind = @kind and id = @id);

-- name: ListClaimsOf :many
select key from claim where kind = $1 and id = $2 order by key;

-- name: ListClaimsOfOthers :many
select key, kind, id from claim where key = any(@keys::text[]) and (kind, id) <> (@kind::text, @id::text) order by key;

-- An orphan has neither events nor a state: a state without events shows that events were lost.
-- name: DeleteOrphanClaims :exec
delete from claim c where not exists (select from journal j where j.kind = c.kind and j.id = c.id)
    and not exists (select from aggregate a where a.kind = c.kind and a.id = c.id);

-- name: ListOrphanClaims :many
select c.kind, c.id, c.key from claim c
where not exists (select from journal j where j.kind = c.kind and j.id = c.id and j.seq = 1) order by c.key;
