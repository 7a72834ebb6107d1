-- name: ListPersonal :many
select field, salt, value from personal where kind = $1 and id = $2 and seq = $3;

-- name: GetNewestPersonal :one
select value from personal where kind = $1 and id = $2 and field = $3 order by seq desc limit 1;
