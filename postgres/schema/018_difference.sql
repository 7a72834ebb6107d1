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
    updated_at        timestamptz not null,
    readers           text[]                           -- who sees it besides auditors and the offices above
);
create index difference_row_order on difference_row (created_at desc, id desc);
create index difference_row_pilot on difference_row (pilot);
create index difference_row_place on difference_row (place, created_at desc, id desc);
