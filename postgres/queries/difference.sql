-- name: PutDifferenceRow :exec
insert into difference_row (
    id, pilot, stage, version, ended, place, programme, programme_version, what, subject, expected_fen, found_fen, due, created_at, updated_at, readers
)
select @id, @pilot, @stage, @version, @ended, @place, @programme, @programme_version, @what, @subject, @expected_fen, @found_fen, @due, @created_at,
    @updated_at, @readers
where follows('difference', @id)
on conflict (id) do update set
    pilot = excluded.pilot, stage = excluded.stage, version = excluded.version, ended = excluded.ended, place = excluded.place, programme =
    excluded.programme, programme_version = excluded.programme_version, what = excluded.what, subject = excluded.subject, expected_fen =
    excluded.expected_fen, found_fen = excluded.found_fen, readers = excluded.readers, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetDifferenceRow :one
select * from difference_row where id = $1;
