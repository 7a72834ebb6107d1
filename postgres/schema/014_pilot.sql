-- A row of each aggregate, as lists show it and the public reads it. All of it can be refilled from the journal. Rows change with
-- every command: room on their pages lets the indexes alone. There is an index for the pages of every kind of reader.
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
    projects          integer     not null,
    due               date,                            -- the earliest open due day
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    readers           text[]                           -- who sees it besides auditors and the offices above; null: nobody
) with (fillfactor = 80);
create index pilot_row_order on pilot_row (created_at desc, id desc);
create index pilot_row_open on pilot_row (created_at desc, id desc) where not ended;
create index pilot_row_place on pilot_row (place, created_at desc, id desc);
create index pilot_row_launched on pilot_row (place, programme, created_at desc, id desc) where not draft;
create index pilot_row_programme on pilot_row (programme, created_at desc, id desc);
create index pilot_row_evaluator on pilot_row (evaluator, created_at desc, id desc);
create index pilot_row_organizations on pilot_row using gin (organizations) with (fastupdate = off);
create index pilot_row_readers on pilot_row using gin (readers) with (fastupdate = off);

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

-- Where pilots of a programme were launched, and not only drafted: whoever sees all of these sees the whole of its fund.
create table launch (
    programme text not null,
    place     text not null,
    primary key (programme, place)
);
create function note_launch() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into launch (programme, place) values (new.programme, new.place) on conflict do nothing;
    return null;
end $$;
create trigger pilot_row_launched after insert on pilot_row for each row when (not new.draft) execute function note_launch();
create trigger pilot_row_handed_in after update on pilot_row for each row
    when (not new.draft and (old.draft or old.place <> new.place or old.programme <> new.programme)) execute function note_launch();
