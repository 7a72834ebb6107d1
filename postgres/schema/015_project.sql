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
    updated_at        timestamptz not null,
    banned_until      date,                            -- the organization broke its agreement and may not apply elsewhere before
    readers           text[]                           -- who sees it besides auditors and the offices above
) with (fillfactor = 80);
create index project_row_order on project_row (created_at desc, id desc);
create index project_row_pilot on project_row (pilot);
create index project_row_open on project_row (created_at desc, id desc) where not ended;
create index project_row_organization on project_row (organization, created_at desc, id desc);
create index project_row_place on project_row (place, created_at desc, id desc);
create index project_row_village on project_row (village, created_at desc, id desc);
create index project_row_evaluator on project_row (evaluator, created_at desc, id desc);
