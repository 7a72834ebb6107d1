create table payment_row (
    id                text        primary key,
    pilot             text        not null,
    payer_kind        text        not null,
    payer             text        not null,
    stage             text        not null,
    version           integer     not null,
    ended             boolean     not null,
    place             text        not null,
    programme         text        not null,
    programme_version integer     not null,
    tranche           integer     not null,            -- 0: the evaluator's contract
    attempt           integer     not null,
    organization      text        not null,
    organization_zh   text        not null,
    organization_en   text        not null,
    fen               bigint      not null,
    voucher           text        not null,
    due               date,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    readers           text[]                           -- who sees it besides auditors and the offices above
) with (fillfactor = 80);
create index payment_row_order on payment_row (created_at desc, id desc);
create index payment_row_pilot on payment_row (pilot);
create index payment_row_open on payment_row (created_at desc, id desc) where not ended;
create index payment_row_place on payment_row (place, created_at desc, id desc);
create index payment_row_organization on payment_row (organization, created_at desc, id desc);
