-- name: InsertRewind :exec
insert into rewind (reason) values (@reason);

-- Queues news for every open aggregate, due at once, and revokes all leases, because news already claimed describes the
-- record before the restore.
-- name: TellAll :execrows
insert into outbox (kind, id) select kind, id from aggregate where carried and not ended
on conflict (kind, id) do update set version = excluded.version, changed_at = excluded.changed_at, leased_until = null;

-- name: ListKnown :many
select id from journal where kind = @kind and id = any(@ids::text[]) and seq = 1;
