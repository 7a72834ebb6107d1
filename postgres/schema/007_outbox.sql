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
