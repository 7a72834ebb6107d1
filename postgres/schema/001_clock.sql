-- The virtual calendar of demonstrations and tests. Without a row the real clock counts, as always in production.
create table clock (
    one     boolean     primary key default true check (one),
    instant timestamptz not null,
    until   timestamptz,                               -- how far whoever drives the demonstration lets it run
    epoch   integer     not null default 1,            -- raised when timers that were armed before no longer fit
    day_ms  bigint      not null check (day_ms > 0)    -- real milliseconds of a virtual day
);

create function begin_calendar() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from journal) and not exists (select from clock) then
        raise exception 'this record began on real time and cannot change to a virtual calendar' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger clock_begins before insert on clock for each row execute function begin_calendar();

create function terrace_now() returns timestamptz
language sql stable as $$
    select coalesce((select instant from clock), clock_timestamp())
$$;

-- A guess at real time holds for a second around it, and within the hour: every instant that rules compare with is a whole hour.
create function about_now(instant timestamptz) returns boolean
language sql volatile as $$
    select clock_timestamp() between instant - interval '1 second' and instant + interval '1 second'
        and date_trunc('hour', clock_timestamp(), 'Asia/Shanghai') = date_trunc('hour', instant, 'Asia/Shanghai')
$$;
