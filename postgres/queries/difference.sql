-- name: PutDifferenceRow :exec
insert into difference_row (
    id, pilot, stage, version, ended, place, programme, programme_version, what, subject, expected_fen, found_fen, due, created_at, updated_at
)
select @id, @pilot, @stage, @version, @ended, @place, @programme, @programme_version, @what, @subject, @expected_fen, @found_fen, @due, @created_at,
    @updated_at
where follows('difference', @id)
on conflict (id) do update set
    pilot = excluded.pilot, stage = excluded.stage, version = excluded.version, ended = excluded.ended, place = excluded.place, programme =
    excluded.programme, programme_version = excluded.programme_version, what = excluded.what, subject = excluded.subject, expected_fen =
    excluded.expected_fen, found_fen = excluded.found_fen, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetDifferenceRow :one
select * from difference_row where id = $1;

-- name: ListDifferenceRows :many
with recursive within as (
    select sqlc.narg('place')::text as code
    union
    select p.code from place p join within w on p.parent = w.code
), reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select r.* from difference_row r
where (sqlc.narg('stage')::text is null or r.stage = sqlc.narg('stage'))
    and (sqlc.narg('pilot')::text is null or r.pilot = sqlc.narg('pilot'))
    and (sqlc.narg('programme')::text is null or r.programme = sqlc.narg('programme'))
    and (sqlc.narg('place')::text is null or r.place in (select w.code from within w))
    and (@reader_all::boolean or r.place in (select h.code from reach h))
    and (sqlc.narg('before')::timestamptz is null or (r.created_at, r.id) < (sqlc.narg('before')::timestamptz, @before_id::text))
order by r.created_at desc, r.id desc limit sqlc.arg('max')::integer;

-- name: DeleteOrphanDifferenceRows :exec
delete from difference_row r where not exists (select from journal j where j.kind = 'difference' and j.id = r.id and j.seq = 1);

-- name: ListOrphanDifferenceRows :many
select r.id from difference_row r where not exists (select from journal j where j.kind = 'difference' and j.id = r.id and j.seq = 1) order by r.id;
