-- What keeps reading as fast with a million projects as with ten thousand: lists in the order of their pages for every kind of
-- reader, a search, and sums of the funds.

-- Rows change with every command: room on their pages lets the indexes alone.
alter table pilot_row set (fillfactor = 80);
alter table project_row set (fillfactor = 80);
alter table payment_row set (fillfactor = 80);

create index pilot_row_place on pilot_row (place, created_at desc, id desc);
create index pilot_row_launched on pilot_row (place, programme, created_at desc, id desc) where not draft;
create index pilot_row_programme on pilot_row (programme, created_at desc, id desc);
create index pilot_row_evaluator on pilot_row (evaluator, created_at desc, id desc);
create index pilot_row_panel on pilot_row using gin (panel) with (fastupdate = off);
create index pilot_row_villages on pilot_row using gin (villages) with (fastupdate = off);
create index pilot_row_open on pilot_row (created_at desc, id desc) where not ended;
alter index pilot_row_organizations set (fastupdate = off);

drop index project_row_organization;
create index project_row_organization on project_row (organization, created_at desc, id desc);
create index project_row_place on project_row (place, created_at desc, id desc);
create index project_row_village on project_row (village, created_at desc, id desc);
create index project_row_evaluator on project_row (evaluator, created_at desc, id desc);
create index project_row_open on project_row (created_at desc, id desc) where not ended;

create index payment_row_place on payment_row (place, created_at desc, id desc);
create index payment_row_organization on payment_row (organization, created_at desc, id desc);
create index payment_row_open on payment_row (created_at desc, id desc) where not ended;

create index recovery_row_place on recovery_row (place, created_at desc, id desc);
create index recovery_row_organization on recovery_row (organization, created_at desc, id desc);
create index recovery_row_project on recovery_row (project);
create index difference_row_place on difference_row (place, created_at desc, id desc);

-- Which of the places that lists name lie in which, themselves among them; after the table of places, never after the digits of a
-- code. An office knows by it where to look, however many places there are.
create table reach (
    above  text    not null,
    place  text    not null,
    office boolean not null,                           -- it has launched something; else it is a village with a project
    primary key (above, office, place)
);
create index reach_place on reach (place, office);

-- The first row that names a place waits for who is changing the places, and holds the next one up: neither sees what the other has
-- not committed yet. A place that is known is left to reach_anew, and costs no lock.
create function reach_out(of text, as_office boolean) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    if of = '' or exists (select from reach r where r.place = of and r.office = as_office) then
        return;
    end if;
    perform from place_version for share;
    insert into reach (above, place, office)
    with recursive chain as (
        select of as code
        union
        select p.parent from place p join chain c on c.code = p.code where p.parent is not null
    )
    select c.code, of, as_office from chain c on conflict do nothing;
end $$;

create function reach_office() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform reach_out(new.place, true);
    return null;
end $$;
create function reach_village() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform reach_out(new.village, false);
    return null;
end $$;
create trigger pilot_row_reaches after insert on pilot_row for each row execute function reach_office();
create trigger pilot_row_moves after update on pilot_row for each row when (old.place <> new.place) execute function reach_office();
create trigger difference_row_reaches after insert on difference_row for each row execute function reach_office();
create trigger project_row_reaches after insert on project_row for each row execute function reach_village();
create trigger project_row_moves after update of village on project_row for each row when (old.village <> new.village) execute function reach_village();

-- Places that are added or given another parent take along what lies in them.
create function reach_anew() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    offices  text[];
    villages text[];
begin
    perform from place_version for update;
    with gone as (
        delete from reach r using reach within
        where within.above in (select c.code from changed c) and r.place = within.place and r.office = within.office
        returning r.place, r.office
    )
    select array_agg(distinct g.place) filter (where g.office), array_agg(distinct g.place) filter (where not g.office) into offices, villages from gone g;
    perform reach_out(o, true) from unnest(offices) o;
    perform reach_out(v, false) from unnest(villages) v;
    return null;
end $$;
create trigger place_comes after insert on place referencing new table as changed for each statement execute function reach_anew();
create trigger place_moves after update on place referencing new table as changed for each statement execute function reach_anew();

-- Reach as the lists and the table of places have it.
create view reach_of_lists as
with recursive named as (
    select r.place, true as office from pilot_row r union select r.place, true from difference_row r union select r.village, false from project_row r
), chain as (
    select n.place as above, n.place, n.office from named n where n.place <> ''
    union
    select p.parent, c.place, c.office from chain c join place p on p.code = c.above where p.parent is not null
)
select c.above, c.place, c.office from chain c;

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

-- Text as it is searched: full and half width, and capital and small letters, are the same.
create function search_fold(words text) returns text
language sql immutable strict parallel safe as $$
    select regexp_replace(lower(normalize(words, nfkc)), '\s+', ' ', 'g')
$$;

-- What a text is found by: of Chinese every two characters that follow each other, else whole words and numbers.
create function search_words(folded text) returns text[]
language plpgsql immutable strict parallel safe as $$
begin
    return array(
        select a || b from unnest(string_to_array(folded, null), (string_to_array(folded, null))[2:]) as pair (a, b)
        where ascii(a) >= 11904 and ascii(b) >= 11904 and ascii(a) not between 12288 and 12351 and ascii(b) not between 12288 and 12351
        union
        select word[1] from regexp_matches(folded, '[0-9a-zß-῿]+', 'g') as word
    );
end $$;

-- Months and offices are found as words are, so that of a word that is everywhere the newest matches, and those of one office, are
-- found without the rest.
create function search_month(at timestamptz) returns integer
language sql immutable strict parallel safe as $$
    select (extract(year from at at time zone 'Asia/Shanghai') * 12 + extract(month from at at time zone 'Asia/Shanghai'))::integer
$$;
create function search_months(since timestamptz, until timestamptz) returns text[]
language sql immutable strict parallel safe as $$
    select array(select '~' || month from generate_series(public.search_month(since), public.search_month(until)) as month)
$$;
-- Called from a trigger, a function in SQL is planned by every call, one in plpgsql once in a session.
create function search_keys(folded text, at timestamptz, office text) returns text[]
language plpgsql immutable strict parallel safe as $$
begin
    return public.search_words(folded) || ('~' || public.search_month(at)) || ('@' || office);
end $$;

-- What must stand in a text: each of the words that were asked for.
create function search_patterns(words text) returns text[]
language sql immutable strict parallel safe as $$
    select array(select '%' || regexp_replace(term, '([%_\\])', '\\\1', 'g') || '%' from regexp_split_to_table(trim(public.search_fold(words)), ' ') as term)
$$;

-- Beside the rows, because those change with every command and these almost never.
create table project_search (
    id         text        primary key,
    created_at timestamptz not null,
    words      text        not null,
    keys       text[]      not null
);
create table pilot_search (
    id         text        primary key,
    created_at timestamptz not null,
    words      text        not null,                   -- of the proposals too
    keys       text[]      not null
);

create function project_words(r project_row) returns text
language plpgsql immutable as $$
begin
    return public.search_fold(concat_ws(' | ', r.title_zh, r.title_en, r.village_zh, r.village_en, r.village, r.organization_zh, r.organization_en, r.organization, r.code));
end $$;

-- The names of proposals stand in the state, which is written before the row.
create function pilot_words(r pilot_row) returns text
language sql stable as $$
    select public.search_fold(concat_ws(' | ', r.title_zh, r.title_en, (
        select string_agg(concat_ws(' | ', q -> 'title' ->> 'zh', q -> 'title' ->> 'en', q -> 'village' -> 'name' ->> 'zh', q -> 'village' -> 'name' ->> 'en',
            q -> 'village' ->> 'code', q -> 'organization' -> 'name' ->> 'zh', q -> 'organization' -> 'name' ->> 'en', q -> 'organization' ->> 'credit_code', q ->> 'code'), ' | ')
        from public.aggregate a cross join json_array_elements(a.state -> 'proposals') q where a.kind = 'pilot' and a.id = r.id and json_typeof(a.state -> 'proposals') = 'array'
    )))
$$;

-- A trigger's condition is read from its text by every statement, a function's once in a session: a row that keeps its names is let
-- go by the function.
create function note_project_words() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'UPDATE' then
        if (old.title_zh, old.title_en, old.village, old.village_zh, old.village_en, old.organization, old.organization_zh, old.organization_en, old.code, old.place, old.created_at)
            is not distinct from (new.title_zh, new.title_en, new.village, new.village_zh, new.village_en, new.organization, new.organization_zh, new.organization_en, new.code, new.place, new.created_at) then
            return null;
        end if;
    end if;
    insert into project_search (id, created_at, words, keys) select new.id, new.created_at, w, search_keys(w, new.created_at, new.place) from project_words(new) w
    on conflict (id) do update set created_at = excluded.created_at, words = excluded.words, keys = excluded.keys;
    return null;
end $$;
create function note_pilot_words() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into pilot_search (id, created_at, words, keys) select new.id, new.created_at, w, search_keys(w, new.created_at, new.place) from pilot_words(new) w
    on conflict (id) do update set created_at = excluded.created_at, words = excluded.words, keys = excluded.keys;
    return null;
end $$;
create function forget_words() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    execute format('delete from %I where id = $1', tg_argv[0]) using old.id;
    return null;
end $$;

create trigger project_row_named after insert on project_row for each row execute function note_project_words();
create trigger project_row_renamed
    after update of title_zh, title_en, village, village_zh, village_en, organization, organization_zh, organization_en, code, place, created_at
    on project_row for each row execute function note_project_words();
create trigger project_row_forgotten after delete on project_row for each row execute function forget_words('project_search');

-- A pilot's proposals change only while it is drafted and corrected.
create trigger pilot_row_named after insert on pilot_row for each row execute function note_pilot_words();
create trigger pilot_row_renamed after update on pilot_row for each row
    when (old.stage in ('application', 'correction')
        or (old.title_zh, old.title_en, old.organizations, old.place, old.created_at) is distinct from (new.title_zh, new.title_en, new.organizations, new.place, new.created_at))
    execute function note_pilot_words();
create trigger pilot_row_forgotten after delete on pilot_row for each row execute function forget_words('pilot_search');

-- Sums of the grant's accounts by programme, office and account, of all lines up to a position; an empty place is the whole programme.
-- What comes behind is added when it is read, and carried over now and then, so that no command waits for a sum.
create table fund_sum (
    programme text   not null,
    place     text   not null,
    name      text   not null,
    fen       bigint not null,
    primary key (programme, place, name)
);
create table fund_carry (
    one      boolean primary key default true check (one),
    position bigint  not null
);
insert into fund_carry (position) values (0);

create view fund_account as
select a.account, p.programme, p.place, a.name
from ledger_account a
    join ledger_account_kind k on k.name = a.name and k.book = 'grant' and not k.source
    join pilot_row p on p.id = a.pilot;

create view fund_line as
select l.position, a.programme, a.place, a.name, l.fen from ledger_line l join fund_account a on a.account = l.account;

-- By account, what stands in the lines behind: few, which the planner is told here, because from the condition it would expect a
-- third of the ledger.
create function fund_behind() returns table (account bigint, fen bigint)
language plpgsql stable rows 100 set search_path = public, pg_temp as $$
declare
    carried bigint := (select c.position from fund_carry c);
begin
    return query select l.account, sum(l.fen)::bigint from ledger_line l where l.position > carried group by l.account;
end $$;

-- Carries over about so many lines, or all; tells over how many. It goes no further than the last line there is: a record that is
-- restored elsewhere goes on from there.
create function carry_funds(most integer default null) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    from_position bigint;
    to_position   bigint;
    carried       bigint;
begin
    select c.position into from_position from fund_carry c for update skip locked;
    if not found then
        return 0;                                      -- somebody is at it
    end if;
    select max(x.position), count(*) into to_position, carried from (
        select l.position from ledger_line l
        where l.position > from_position and l.position < journal_horizon() -- everything before it is committed or gone
        order by l.position limit most
    ) x;
    if carried = 0 then
        return 0;
    end if;
    insert into fund_sum (programme, place, name, fen)
    select l.programme, coalesce(l.place, ''), l.name, sum(l.fen)
    from fund_line l where l.position > from_position and l.position <= to_position
    group by grouping sets ((l.programme, l.place, l.name), (l.programme, l.name))
    on conflict (programme, place, name) do update set fen = fund_sum.fen + excluded.fen;
    update fund_carry set position = to_position;
    return carried;
end $$;

-- What is there already.
insert into pilot_search (id, created_at, words, keys) select r.id, r.created_at, w, search_keys(w, r.created_at, r.place) from pilot_row r cross join pilot_words(r) w;
insert into project_search (id, created_at, words, keys) select r.id, r.created_at, w, search_keys(w, r.created_at, r.place) from project_row r cross join project_words(r) w;
insert into launch (programme, place) select distinct r.programme, r.place from pilot_row r where not r.draft;
insert into reach (above, place, office) select l.above, l.place, l.office from reach_of_lists l;
select carry_funds();
create index pilot_search_words on pilot_search using gin (keys) with (fastupdate = off);
create index project_search_words on project_search using gin (keys) with (fastupdate = off);
