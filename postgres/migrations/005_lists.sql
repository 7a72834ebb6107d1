-- What lists and the public read. All of it can be refilled from the journal.
create table pilot_row (
    id                text        primary key,
    stage             text        not null,
    version           integer     not null,
    ended             boolean     not null,
    place             text        not null,
    programme         text        not null,
    programme_version integer     not null,
    title_zh          text        not null,
    title_en          text        not null,
    requested_fen     bigint      not null,
    committed_fen     bigint      not null,
    draft             boolean     not null,            -- never handed in: its own office's alone
    organizations     text[]      not null,            -- credit codes of the proposals
    evaluator         text        not null,
    panel             text[]      not null,            -- actor ids of the experts
    villages          text[]      not null,            -- of the approved proposals
    projects          integer     not null,
    due               date,                            -- the earliest open due day
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create index pilot_row_order on pilot_row (created_at desc, id desc);
create index pilot_row_organizations on pilot_row using gin (organizations);

create table project_row (
    id                text        primary key,
    pilot             text        not null,
    stage             text        not null,
    version           integer     not null,
    ended             boolean     not null,
    place             text        not null,            -- of the launching office
    village           text        not null,
    village_zh        text        not null,
    village_en        text        not null,
    programme         text        not null,
    programme_version integer     not null,
    code              text        not null,
    title_zh          text        not null,
    title_en          text        not null,
    organization      text        not null,
    organization_zh   text        not null,
    organization_en   text        not null,
    evaluator         text        not null,
    grant_fen         bigint      not null,
    paid_fen          bigint      not null,
    due               date,
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create index project_row_order on project_row (created_at desc, id desc);
create index project_row_pilot on project_row (pilot);
create index project_row_organization on project_row (organization);

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
    updated_at        timestamptz not null
);
create index payment_row_order on payment_row (created_at desc, id desc);
create index payment_row_pilot on payment_row (pilot);

-- Proposals on public notice. A row goes when its notice ends.
create table notice_row (
    pilot           text    not null,
    proposal        text    not null,
    round           integer not null,
    title_zh        text    not null,
    title_en        text    not null,
    village         text    not null,
    village_zh      text    not null,
    village_en      text    not null,
    organization    text    not null,
    organization_zh text    not null,
    organization_en text    not null,
    grant_fen       bigint  not null,
    until           date,                              -- the last day; none while an objection is inquired into
    primary key (pilot, proposal)
);
