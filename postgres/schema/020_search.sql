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
create index project_search_words on project_search using gin (keys) with (fastupdate = off);

create table pilot_search (
    id         text        primary key,
    created_at timestamptz not null,
    words      text        not null,                   -- of the proposals too
    keys       text[]      not null
);
create index pilot_search_words on pilot_search using gin (keys) with (fastupdate = off);

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
