-- Money claimed back (追回), as lists show it.
create table recovery_row (
    id                text        primary key,
    pilot             text        not null,
    project           text        not null,
    stage             text        not null,
    version           integer     not null,
    ended             boolean     not null,
    place             text        not null,            -- of the office that claims it
    programme         text        not null,
    programme_version integer     not null,
    organization      text        not null,            -- the debtor
    organization_zh   text        not null,
    organization_en   text        not null,
    why               text        not null,
    fen               bigint      not null,
    paid_fen          bigint      not null,
    due               date,
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create index recovery_row_order on recovery_row (created_at desc, id desc);
create index recovery_row_pilot on recovery_row (pilot);

-- What the reconciliation found not to agree (差异).
create table difference_row (
    id                text        primary key,
    pilot             text        not null,            -- empty when it belongs to none
    stage             text        not null,
    version           integer     not null,
    ended             boolean     not null,
    place             text        not null,            -- of the office whose books they are
    programme         text        not null,
    programme_version integer     not null,
    what              text        not null,
    subject           text        not null,
    expected_fen      bigint      not null,
    found_fen         bigint      not null,
    due               date,
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create index difference_row_order on difference_row (created_at desc, id desc);
create index difference_row_pilot on difference_row (pilot);

-- An organization that broke an agreement may not apply elsewhere until this day.
alter table project_row add column banned_until date;

-- Credit codes of organizations in which a person or next of kin holds an office (利害关系).
alter table actor add column interests text[] not null default '{}';
