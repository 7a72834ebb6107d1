-- name: ListEvents :many
select kind, id, seq, name, version, at, day, actor, late, data, hash, pilot from journal where kind = $1 and id = $2 order by seq;

-- name: ListFirstEvents :many
select kind, id from journal
where seq = 1 and (kind, id) > (@after_kind::text, @after_id::text)
order by kind, id limit sqlc.arg('max')::integer;

-- name: ListSampleEvents :many
select kind, id from journal where seq = 1 order by random() limit sqlc.arg('max')::integer;

-- name: CountAggregates :one
select count(*) from journal where seq = 1;

-- name: ListTimeline :many
select j.position, j.kind, j.id, j.seq, j.name, j.version, j.at, j.day, j.actor, j.late, j.data,
    a.name_zh as actor_zh, a.name_en as actor_en
from journal j left join actor a on a.id = j.actor
where j.pilot = @pilot and j.position > @after
order by j.position limit sqlc.arg('max')::integer;

-- name: ListTail :many
select j.position, j.kind, j.id, j.seq, j.name, j.version, j.at, j.day, j.actor, j.late, j.data,
    a.name_zh as actor_zh, a.name_en as actor_en
from journal j left join actor a on a.id = j.actor
where j.position > @after and j.position < journal_horizon()
order by j.position limit sqlc.arg('max')::integer;

-- name: GetLastPosition :one
select coalesce(max(position), 0)::bigint from journal where position < journal_horizon();

-- name: RaiseJournalOrigin :execrows
update journal_origin
set shift = last.position / 1000 + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
from (select coalesce(max(position), 0) as position from journal) last
where last.position / 1000 >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + shift;

-- Puts the only row back, with the least shift that lifts new positions above those that are there.
-- name: RestoreJournalOrigin :exec
insert into journal_origin (shift)
select greatest(last.position / 1000 + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0)
from (select coalesce(max(position), 0) as position from journal) last
where not exists (select from journal_origin) on conflict do nothing;

-- Whether a new event would not get a higher position than every other one.
-- name: IsJournalOriginLow :one
select exists (
    select from journal_origin o cross join (select coalesce(max(position), 0) as position from journal) last
    where last.position / 1000 >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + o.shift
);

-- name: HasJournalOrigin :one
select exists (select from journal_origin);

-- Events whose position is not above that of the event before them.
-- name: ListWrongPositions :many
select kind, id, seq, position, before::bigint as before
from (select j.kind, j.id, j.seq, j.position, lag(j.position) over (partition by j.kind, j.id order by j.seq) as before from journal j) e
where position <= before order by kind, id, seq;

-- name: ListHeads :many
select distinct on (j.kind, j.id) j.kind, j.id, j.hash from journal j
where j.pilot = $1 and j.position < coalesce(
    (select s.position from journal s where s.kind = 'pilot' and s.id = $1 and s.name = @sealed), 9223372036854775807)
order by j.kind, j.id, j.seq desc;
