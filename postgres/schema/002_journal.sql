-- What is written once and never changed calls this from a trigger: nobody passes over it, the owner of the table included.
create function refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- Positions grow with the transaction's number, so that below the oldest open transaction the journal is complete: whoever
-- follows it up to the horizon misses nothing, whatever order the commits came in. A cluster into which the record was
-- restored counts its transactions anew; shift lifts them above the positions that are there.
create table journal_origin (
    one   boolean primary key default true check (one),
    shift bigint  not null
);
insert into journal_origin (shift) values (0);

create function journal_horizon() returns bigint
language sql stable as $$
    select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + shift) * 1000 from journal_origin
$$;

-- What happened, once and for all. Each aggregate's events form a chain: hash covers the hash before it and the row as it
-- is stored, data byte for byte.
create table journal (
    position bigint      primary key,
    kind     text        not null,
    id       text        not null,
    pilot    text        not null,                     -- what the event is part of, in whose timeline and dossier it stands
    seq      integer     not null check (seq > 0),
    name     text        not null,
    version  integer     not null,                     -- of the event's form
    at       timestamptz not null,
    day      date        not null,                     -- the day it counts from, Asia/Shanghai
    actor    text        not null,
    late     boolean     not null,
    data     json        not null,
    hash     bytea       not null check (length(hash) = 32),
    unique (kind, id, seq)
);
create index journal_pilot on journal (pilot, position);

create trigger journal_append_only before update or delete or truncate on journal
    for each statement execute function refuse_change();
revoke update, delete, truncate on journal from public, current_user;
