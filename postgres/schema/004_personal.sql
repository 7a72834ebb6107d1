-- Personal data (个人信息): what stands in the journal as a salted hash only, so that it can be replaced and erased. The rows change by
-- the functions below and in no other way; the program's role may read them.
create table personal (
    kind  text    not null,
    id    text    not null,
    seq   integer not null,
    field text    not null,
    salt  text    not null,
    value text    not null,
    primary key (kind, id, seq, field)
);

-- What was done to the data of an event afterwards, without the data. digest is the salted hash of what is kept since, over the values
-- in the order of their fields' names; empty when nothing is. Times are real.
create table personal_change (
    number bigint      generated always as identity primary key,
    kind   text        not null,
    id     text        not null,
    seq    integer     not null,
    change text        not null check (change in ('replaced', 'rotated', 'erased')),
    digest text        not null check ((digest = '') = (change = 'erased')),
    who    text        not null check (who <> ''),
    why    text        not null check (why <> ''),     -- nothing personal
    at     timestamptz not null default clock_timestamp()
);
create index personal_change_event on personal_change (kind, id, seq, number);

create trigger personal_change_append_only before update or delete or truncate on personal_change
    for each statement execute function refuse_change();

-- The first values, in the transaction that records their event and in no other.
create function keep_personal(kind text, id text, seq integer, salt text, fields text[], contents text[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not exists (
        select from journal j where j.kind = keep_personal.kind and j.id = keep_personal.id and j.seq = keep_personal.seq
            and j.xmin = pg_current_xact_id_if_assigned()::xid
    ) then
        raise exception 'personal data come with their event' using errcode = 'restrict_violation';
    end if;
    insert into personal (kind, id, seq, field, salt, value)
    select keep_personal.kind, keep_personal.id, keep_personal.seq, p.field, keep_personal.salt, p.content from unnest(fields, contents) as p (field, content);
end $$;

-- Locks the data of an event until the commit, and tells which fields there are.
create function personal_fields(kind text, id text, seq integer) returns text[]
language plpgsql set search_path = public, pg_temp as $$
declare
    fields text[];
begin
    perform from personal p where p.kind = personal_fields.kind and p.id = personal_fields.id and p.seq = personal_fields.seq for update;
    select array_agg(p.field order by p.field collate "C") into fields
    from personal p where p.kind = personal_fields.kind and p.id = personal_fields.id and p.seq = personal_fields.seq;
    if fields is null then
        raise exception 'no personal data are kept of event % of % %', seq, kind, id using errcode = 'no_data_found';
    end if;
    return fields;
end $$;

-- The data of an event under a new salt, which nobody knows who knew the last.
create function salt_personal(kind text, id text, seq integer, change text, who text, why text) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    fresh text := replace(gen_random_uuid()::text, '-', '');
begin
    update personal p set salt = fresh where p.kind = salt_personal.kind and p.id = salt_personal.id and p.seq = salt_personal.seq;
    insert into personal_change (kind, id, seq, change, digest, who, why)
    select salt_personal.kind, salt_personal.id, salt_personal.seq, salt_personal.change,
        encode(sha256(convert_to(fresh, 'UTF8') || string_agg(convert_to(p.value, 'UTF8'), '\x00'::bytea order by p.field collate "C")), 'hex'),
        salt_personal.who, salt_personal.why
    from personal p where p.kind = salt_personal.kind and p.id = salt_personal.id and p.seq = salt_personal.seq;
end $$;

-- Puts right what was wrong: other values for all of the event's fields, under a new salt.
create function replace_personal(kind text, id text, seq integer, fields text[], contents text[], who text, why text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if personal_fields(kind, id, seq) is distinct from (select array_agg(f order by f collate "C") from unnest(fields) f) then
        raise exception 'the personal data of event % of % % have other fields', seq, kind, id using errcode = 'invalid_parameter_value';
    end if;
    update personal p set value = n.content from unnest(fields, contents) as n (field, content)
    where p.kind = replace_personal.kind and p.id = replace_personal.id and p.seq = replace_personal.seq and p.field = n.field;
    perform salt_personal(kind, id, seq, 'replaced', who, why);
end $$;

-- Gives the data another salt: whoever has learnt the old one cannot try guesses against what is kept from now on.
create function rotate_personal(kind text, id text, seq integer, who text, why text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform personal_fields(kind, id, seq);
    perform salt_personal(kind, id, seq, 'rotated', who, why);
end $$;

-- Forgets the data and their salt. The hash in the journal tells nothing without it.
create function erase_personal(kind text, id text, seq integer, who text, why text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform personal_fields(kind, id, seq);
    delete from personal p where p.kind = erase_personal.kind and p.id = erase_personal.id and p.seq = erase_personal.seq;
    insert into personal_change (kind, id, seq, change, digest, who, why)
    values (erase_personal.kind, erase_personal.id, erase_personal.seq, 'erased', '', erase_personal.who, erase_personal.why);
end $$;
