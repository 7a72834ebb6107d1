-- What one command brought, written by one statement if the record still stands as the command was judged by: the aggregate at the
-- head of its chain and, for a guess (a judgement by what a process remembered), the clock, the places, the files and keys that the
-- command names. Otherwise nothing is written, and the answer is false; a receipt that is there already is an error of its key.
--
-- Every statement is planned once: planning anew what a call leaves out costs more than it saves. seq and head (null when there is no
-- aggregate yet) are those before the command; the arrays that begin with names hold its events, and those without a use are null or
-- empty.
create function decided(
    kind text, id text, seq integer, head bytea, now timestamptz,
    guess boolean, virtual boolean, places bigint, keys text[],
    actor text, command text, request bytea, version integer, late boolean,
    names text[], versions integer[], days date[], data json[], hashes bytea[],
    place text, stage text, shape integer, state json, next_at timestamptz, owes boolean, ended boolean, created_at timestamptz,
    released text[], claimed text[], files text[], media_types text[], salt text, fields text[], contents text[],
    owners text[], accounts text[], categories text[], floors bigint[],
    entries integer[], counts integer[], line_entries integer[], line_numbers integer[], line_accounts integer[], fens bigint[],
    news boolean, held interval, root text, carried boolean
) returns boolean
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    happened integer := coalesce(cardinality(names), 0);
    stands   boolean;                                  -- the clock and the places, as the command was judged with
    shift    bigint;
    first    bigint;                                   -- position of the first event
begin
    -- A virtual calendar stays where it is until a guess is recorded. That no receipt of a guess is there yet is seen when its own is written.
    select v.version = decided.places and (virtual or c.instant is null), o.shift into stands, shift
    from journal_origin o cross join place_version v left join clock c on true;
    if guess and virtual then
        perform from clock c where c.instant = now for share;
        stands := stands and found;
    end if;
    if guess and not (stands and (virtual or about_now(now))) then
        return false;
    end if;
    if guess and cardinality(files) > 0 then
        if (select count(*) from unnest(files, media_types) f (sha256, media_type) join evidence e on e.sha256 = f.sha256 and e.media_type = f.media_type)
            < cardinality(files) then
            return false;
        end if;
    end if;
    if guess and cardinality(keys) > 0 then
        if exists (select from claim c where c.key = any(keys) and (c.kind, c.id) <> (decided.kind, decided.id)) then
            return false;
        end if;
    end if;

    -- the aggregate, whose lock every other command waits for
    if happened = 0 then
        perform from aggregate a where a.kind = decided.kind and a.id = decided.id and a.head = decided.head for update;
    elsif decided.head is null then
        insert into aggregate (kind, id, place, stage, version, seq, shape, state, head, next_at, owes, ended, created_at, updated_at, carried)
        values (decided.kind, decided.id, decided.place, decided.stage, decided.version, decided.seq + happened, decided.shape, decided.state, hashes[happened],
            decided.next_at, decided.owes, decided.ended, decided.created_at, now, decided.carried)
        on conflict do nothing;
    else
        update aggregate a set place = decided.place, stage = decided.stage, version = decided.version, seq = decided.seq + happened, shape = decided.shape,
            state = decided.state, head = hashes[happened], next_at = decided.next_at, owes = decided.owes, ended = decided.ended, carried = decided.carried,
            created_at = decided.created_at, updated_at = now, written_at = clock_timestamp()
        where a.kind = decided.kind and a.id = decided.id and a.head = decided.head;
    end if;
    if not found then
        return false;
    end if;
    if guess and not virtual and not about_now(now) then
        raise exception 'time went on while % % was locked', decided.kind, decided.id using errcode = 'serialization_failure';
    end if;

    insert into receipt (actor, command, request, kind, id, version, events, late, at)
    values (decided.actor, decided.command, decided.request, decided.kind, decided.id, decided.version, coalesce(names, '{}'), decided.late, now);
    first := (pg_current_xact_id()::text::bigint + shift) * 1000;
    -- A transaction that waited among several may have got its number before the one that it waited for.
    if not guess and exists (select from journal j where j.kind = decided.kind and j.id = decided.id and j.seq = decided.seq and j.position > first) then
        raise exception '% % went on while it was waited for', decided.kind, decided.id using errcode = 'serialization_failure';
    end if;
    for n in 1 .. happened loop
        insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
        values (first + n - 1, decided.kind, decided.id, decided.root, decided.seq + n, names[n], versions[n], now, days[n], decided.actor, decided.late, data[n], hashes[n]);
    end loop;
    if cardinality(entries) > 0 then
        perform enter_lines(first, decided.kind, decided.id, decided.seq, now, owners, accounts, categories, floors,
            entries, counts, line_entries, line_numbers, line_accounts, fens);
    end if;
    if cardinality(released) > 0 then
        delete from claim c where c.key = any(released) and c.kind = decided.kind and c.id = decided.id;
    end if;
    if cardinality(claimed) > 0 then
        insert into claim (key, kind, id) select k, decided.kind, decided.id from unnest(claimed) k order by k;
    end if;
    if cardinality(fields) > 0 then
        perform keep_personal(decided.kind, decided.id, decided.seq + 1, decided.salt, fields, contents);
    end if;
    if cardinality(files) > 0 then
        insert into evidence_use (sha256, kind, id) select f, decided.kind, decided.id from unnest(files) f on conflict do nothing;
    end if;
    -- a row that changes while its delivery is under way keeps its lease; a new one is held back while somebody else brings the news
    if news then
        insert into outbox (kind, id, leased_until) values (decided.kind, decided.id, clock_timestamp() + held)
        on conflict on constraint outbox_pkey do update set version = excluded.version, changed_at = excluded.changed_at;
    end if;
    return true;
end $$;
