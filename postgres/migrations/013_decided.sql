-- What one command brought, written by one statement if the record still stands as the command was judged by: the aggregate at the
-- head of its chain and, for a guess (a judgement by what a process remembered), the clock, the places, the files and keys that the
-- command names. Otherwise nothing is written, and the answer is false; a receipt that is there already is an error of its key.

-- A guess at real time holds for a second around it, and within the hour: every instant that rules compare with is a whole hour.
create function about_now(instant timestamptz) returns boolean
language sql volatile as $$
    select clock_timestamp() between instant - interval '1 second' and instant + interval '1 second'
        and date_trunc('hour', clock_timestamp(), 'Asia/Shanghai') = date_trunc('hour', instant, 'Asia/Shanghai')
$$;

-- The accounts are opened in the order given, the same in every command, so that two commands never wait for each other. A source
-- without a limit of its own may run as far as an account can. line_accounts are numbers in the list of accounts, line_entries in that
-- of entries, and entries numbers of the command's events, all counted from 1.
create function enter_lines(
    first bigint, kind text, id text, seq integer, at timestamptz,
    owners text[], names text[], categories text[], floors bigint[],
    entries integer[], counts integer[], line_entries integer[], line_numbers integer[], line_accounts integer[], fens bigint[]
) returns void
language plpgsql as $$
declare
    found_one bigint;
    accounts  bigint[] := '{}';
begin
    for n in 1 .. cardinality(owners) loop
        select a.account into found_one from ledger_account a where a.owner = owners[n] and a.name = names[n] and a.category = categories[n];
        if not found then
            insert into ledger_account (owner, name, category, floor)
            select owners[n], names[n], categories[n], case when k.source and floors[n] = 0 then -100000000000000000 else floors[n] end
            from ledger_account_kind k where k.name = names[n]
            on conflict do nothing returning account into found_one;
            if not found then                          -- another command has opened it meanwhile
                select a.account into strict found_one from ledger_account a where a.owner = owners[n] and a.name = names[n] and a.category = categories[n];
            end if;
        end if;
        accounts := accounts || found_one;
    end loop;
    for n in 1 .. cardinality(entries) loop
        insert into ledger_entry (position, kind, id, seq, at, lines)
        values (first + entries[n] - 1, enter_lines.kind, enter_lines.id, enter_lines.seq + entries[n], enter_lines.at, counts[n]);
    end loop;
    insert into ledger_line (position, line, account, fen) -- all at once: the balances of a command move together
    select first + entries[l.entry] - 1, l.line, accounts[l.account], l.fen
    from unnest(line_entries, line_numbers, line_accounts, fens) as l (entry, line, account, fen);
end $$;

-- Every statement is planned once: planning anew what a call leaves out costs more than it saves. The position of an event is computed
-- within the insert, as journal_position(integer) computes it: calling that plans a query for each event. It stays for programs of the
-- schema before this one, which go on working on the record while they are replaced.
-- seq and head (null when there is no aggregate yet) are those before the command; the arrays that begin with names hold its events,
-- and those without a use are null or empty.
create function decided(
    kind text, id text, seq integer, head bytea, now timestamptz,
    guess boolean, virtual boolean, places bigint, keys text[],
    actor text, command text, request bytea, version integer, late boolean,
    names text[], versions integer[], days date[], data json[], hashes bytea[],
    place text, stage text, shape integer, state json, next_at timestamptz, owes boolean, ended boolean, created_at timestamptz,
    released text[], claimed text[], files text[], media_types text[], salt text, fields text[], contents text[],
    owners text[], accounts text[], categories text[], floors bigint[],
    entries integer[], counts integer[], line_entries integer[], line_numbers integer[], line_accounts integer[], fens bigint[],
    news boolean, held interval
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
        insert into aggregate (kind, id, place, stage, version, seq, shape, state, head, next_at, owes, ended, created_at, updated_at)
        values (decided.kind, decided.id, decided.place, decided.stage, decided.version, decided.seq + happened, decided.shape, decided.state, hashes[happened],
            decided.next_at, decided.owes, decided.ended, decided.created_at, now)
        on conflict do nothing;
    else
        update aggregate a set place = decided.place, stage = decided.stage, version = decided.version, seq = decided.seq + happened, shape = decided.shape,
            state = decided.state, head = hashes[happened], next_at = decided.next_at, owes = decided.owes, ended = decided.ended,
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
        insert into journal (position, kind, id, seq, name, version, at, day, actor, late, data, hash)
        values (first + n - 1, decided.kind, decided.id, decided.seq + n, names[n], versions[n], now, days[n], decided.actor, decided.late, data[n], hashes[n]);
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
        insert into personal (kind, id, seq, field, salt, value)
        select decided.kind, decided.id, decided.seq + 1, p.field, decided.salt, p.content from unnest(fields, contents) as p (field, content);
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

-- Lists follow the state: the row of an aggregate is written only in the transaction that has just written the aggregate.
create function follows(kind text, id text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from aggregate a where a.kind = follows.kind and a.id = follows.id and a.xmin = pg_current_xact_id_if_assigned()::xid);
end $$;

alter function move_balances() set plan_cache_mode = force_generic_plan;

-- An entry is of the event at its position, has the lines that it says, and they sum to zero in each book. It is judged once for all
-- of its lines; as none can come after the last, it stays so whenever the judgement is made. Its accounts are looked up one by one:
-- no plan made while the ledger was small then reads all of it.
create or replace function check_entry() returns trigger
language plpgsql set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    wrong record;
begin
    if not exists (
        select from journal j
        where j.position = new.position and j.kind = new.kind and j.id = new.id and j.seq = new.seq and j.at = new.at
    ) then
        raise exception 'ledger entry % is of no event', new.position
            using errcode = 'foreign_key_violation', constraint = 'ledger_entry_has_event';
    end if;
    if (select count(*) from ledger_line l where l.position = new.position) <> new.lines then
        raise exception 'ledger entry % has not the % lines that it says', new.position, new.lines
            using errcode = 'check_violation', constraint = 'ledger_entry_has_lines';
    end if;
    select x.book, sum(x.fen) as fen into wrong
    from (
        select l.fen, (select k.book from ledger_account a, ledger_account_kind k where a.account = l.account and k.name = a.name) as book
        from ledger_line l where l.position = new.position
    ) x
    group by x.book having sum(x.fen) <> 0 limit 1;
    if found then
        raise exception 'ledger entry % sums to % fen in the book %', new.position, wrong.fen, wrong.book
            using errcode = 'check_violation', constraint = 'ledger_entry_sums_to_zero';
    end if;
    return null;
end $$;

-- A line is of those that its entry says, so that none is added to an entry that has all of its own. It is looked at once for all
-- lines that are added together.
drop trigger ledger_entry_sums_to_zero on ledger_line;
drop function check_lines;
create function check_lines() returns trigger
language plpgsql set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    wrong record;
begin
    select b.position, b.line into wrong from booked b
    where b.line > (select e.lines from ledger_entry e where e.position = b.position) limit 1;
    if found then
        raise exception 'ledger entry % has no line %', wrong.position, wrong.line
            using errcode = 'check_violation', constraint = 'ledger_entry_has_lines';
    end if;
    return null;
end $$;
create trigger ledger_line_of_its_entry after insert on ledger_line
    referencing new table as booked for each statement execute function check_lines();

-- The default takes a quarter of the time of storing a state, this much less. A server may be built without it.
do $$
begin
    alter table aggregate alter column state set compression lz4;
exception when feature_not_supported or invalid_parameter_value then
    null;
end $$;
