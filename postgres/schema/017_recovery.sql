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
    updated_at        timestamptz not null,
    readers           text[]                           -- who sees it besides auditors and the offices above
);
create index recovery_row_order on recovery_row (created_at desc, id desc);
create index recovery_row_pilot on recovery_row (pilot);
create index recovery_row_place on recovery_row (place, created_at desc, id desc);
create index recovery_row_organization on recovery_row (organization, created_at desc, id desc);
create index recovery_row_project on recovery_row (project);
