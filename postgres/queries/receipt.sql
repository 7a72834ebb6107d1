-- name: GetReceipt :one
select request, kind, id, version, events, late, at from receipt where actor = $1 and command = $2;
