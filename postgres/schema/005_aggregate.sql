-- Every aggregate as its events left it. All of it but written_at can be made anew from the journal.
create table aggregate (
    kind       text        not null,
    id         text        not null,
    pilot      text        not null generated always as (split_part(id, '.', 1)) stored,
    place      text        not null,
    stage      text        not null,
    version    integer     not null,
    seq        integer     not null,
    shape      integer     not null,                   -- the state's form; another one is made anew from the journal
    state      json        not null,
    head       bytea       not null,                   -- hash of the last event
    next_at    timestamptz,                            -- when time brings something next
    owes       boolean     not null,                   -- the workflows have a duty
    ended      boolean     not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    written_at timestamptz not null default clock_timestamp(), -- real time, whatever calendar the record keeps
    carried    boolean     not null default true,      -- by a workflow; the others hear of nothing and are not resumed
    primary key (kind, id)
);
create index aggregate_pilot on aggregate (pilot);
create index aggregate_open on aggregate (kind, id) where not ended;
create index aggregate_next on aggregate (next_at) where not ended;
create index aggregate_owes on aggregate (kind, id) where owes;
-- What is swept has a next moment and nobody who waits for it: the sweep of the night brings it.
create index aggregate_swept on aggregate (next_at, kind, id) where not carried and not ended and next_at is not null;

-- The default takes a quarter of the time of storing a state, this much less. A server may be built without it.
do $$
begin
    alter table aggregate alter column state set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
    null;
end $$;

-- Lists follow the state: the row of an aggregate is written only in the transaction that has just written the aggregate.
create function follows(kind text, id text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from aggregate a where a.kind = follows.kind and a.id = follows.id and a.xmin = pg_current_xact_id_if_assigned()::xid);
end $$;
