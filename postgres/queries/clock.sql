-- The shared lock keeps a virtual calendar where it is until the decision in progress has been recorded.
-- name: ReadMoment :one
select coalesce((select c.instant from clock c for share), clock_timestamp())::timestamptz as now,
    exists (select from clock)::boolean as virtual, (select p.version from place_version p)::bigint as places;

-- rewound is the instant of the last rewind in microseconds; 0 if there was none.
-- name: ReadClock :one
select clock_timestamp()::timestamptz as real, c.instant, c.until, coalesce(c.epoch, 0)::integer as epoch, coalesce(c.day_ms, 0)::bigint as day_ms,
    coalesce((select extract(epoch from max(r.at)) * 1000000 from rewind r), 0)::bigint as rewound
from (select) present left join clock c on true;

-- name: LockClock :one
select instant, until, epoch, day_ms from clock for update;

-- name: StartClock :exec
insert into clock (instant, day_ms) values (@instant, @day_ms);

-- name: SetClockPace :exec
update clock set day_ms = @day_ms, epoch = epoch + 1;

-- name: MoveClock :exec
update clock set instant = @instant, until = @until;

-- Signals the workflows whose next due time lay beyond the calendar's limit and no longer does.
-- name: ResurfaceReachable :exec
insert into outbox (kind, id) select kind, id from aggregate
where carried and not ended and next_at > @was::timestamptz and next_at <= coalesce(sqlc.narg('until')::timestamptz, 'infinity')
on conflict (kind, id) do update set version = excluded.version, changed_at = excluded.changed_at;

-- name: FindOwing :many
select kind, id from aggregate where carried and owes order by kind, id limit 1;

-- name: FindNext :many
select kind, id, next_at from aggregate where carried and not ended and next_at is not null order by next_at limit 1;
