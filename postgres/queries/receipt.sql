-- name: GetReceipt :one
select request, kind, id, version, events, late, at from receipt where actor = $1 and command = $2;

-- name: InsertReceipt :exec
insert into receipt (actor, command, request, kind, id, version, events, late, at)
values (@actor, @command, @request, @kind, @id, @version, @events, @late, @at);
