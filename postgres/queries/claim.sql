-- name: InsertClaims :exec
insert into claim (key, kind, id) select key, @kind, @id from unnest(@keys::text[]) as key order by key;

-- Releases the given keys from whichever aggregate holds them, and all keys that the given aggregate holds.
-- name: ClearClaims :exec
delete from claim where key = any(@keys::text[]) or (kind = @kind and id = @id);

-- name: ListClaimsOf :many
select key from claim where kind = $1 and id = $2 order by key;

-- name: ListClaimsOfOthers :many
select key, kind, id from claim where key = any(@keys::text[]) and (kind, id) <> (@kind::text, @id::text) order by key;
