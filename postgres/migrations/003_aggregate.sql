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
    primary key (kind, id)
);
create index aggregate_pilot on aggregate (pilot);
create index aggregate_open on aggregate (kind, id) where not ended;
create index aggregate_next on aggregate (next_at) where not ended;
create index aggregate_owes on aggregate (kind, id) where owes;

-- Keys that one aggregate holds alone: an organization's application, a document number, a tranche's live payment.
create table claim (
    key  text primary key,
    kind text not null,
    id   text not null
);
create index claim_holder on claim (kind, id);

-- Whose news the workflows have not had yet: one row per aggregate however many commands it took. Times are real.
create sequence outbox_version;
create table outbox (
    kind         text        not null,
    id           text        not null,
    version      bigint      not null default nextval('outbox_version'),
    since        timestamptz not null default clock_timestamp(),
    changed_at   timestamptz not null default clock_timestamp(),
    leased_until timestamptz,
    primary key (kind, id)
);
