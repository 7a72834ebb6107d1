-- The functions that keep the ledger name their own search path: otherwise a temporary table of the same name would be read in
-- place of the real one.

-- A kind of account, as pilot.Chart declares it: the book it stands in, whether it is where money comes from (its balance runs
-- negative), and whether it may be divided by the categories of the budget.
create table ledger_account_kind (
    name        text    primary key,
    book        text    not null check (book in ('grant', 'matching', 'entrusted')),
    source      boolean not null,
    by_category boolean not null
);
insert into ledger_account_kind (name, book, source, by_category) values
    ('fund',               'grant',     true,  false),
    ('allotted',           'grant',     false, false),
    ('appropriation',      'grant',     true,  false),
    ('available',          'grant',     false, false),
    ('returned',           'grant',     false, false),
    ('commitment',         'grant',     false, false),
    ('transit',            'grant',     false, false),
    ('advance',            'grant',     false, false),
    ('spent',              'grant',     false, true),
    ('disallowed',         'grant',     false, false),
    ('receivable',         'grant',     false, false),
    ('matching',           'matching',  true,  false),
    ('matching-paid',      'matching',  false, true),
    ('matching-in-kind',   'matching',  false, true),
    ('entrusted',          'entrusted', true,  false),
    ('entrusted-held',     'entrusted', false, false),
    ('entrusted-spent',    'entrusted', false, true),
    ('entrusted-returned', 'entrusted', false, false);

-- Double entry, in whole fen (分) of one currency. A balance is debits less credits, and moves with the lines alone.
create table ledger_account (
    account  bigint generated always as identity primary key,
    owner    text   not null,
    name     text   not null references ledger_account_kind,
    category text   not null default '',                -- of the budget; empty where the account is not divided
    pilot    text   not null generated always as (split_part(owner, '.', 1)) stored, -- or the programme whose fund it is
    currency text   not null default 'CNY' check (currency = 'CNY'),
    floor    bigint not null default 0 check (floor between -100000000000000000 and 0), -- the least balance; below zero for sources alone
    balance  bigint not null default 0 check (balance between -100000000000000000 and 100000000000000000),
    unique (owner, name, category)
);
create index ledger_account_pilot on ledger_account (pilot);

create function open_account() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    kind ledger_account_kind;
begin
    select k.* into kind from ledger_account_kind k where k.name = new.name;
    if new.balance <> 0 then
        raise exception 'account % of % begins with % fen', new.name, new.owner, new.balance
            using errcode = 'check_violation', constraint = 'ledger_account_begins_empty';
    end if;
    if new.category <> '' and not kind.by_category then
        raise exception 'account % of % is not divided by categories', new.name, new.owner
            using errcode = 'check_violation', constraint = 'ledger_account_category';
    end if;
    if (new.floor < 0) <> kind.source then
        raise exception 'account % of % has % fen as its least balance', new.name, new.owner, new.floor
            using errcode = 'check_violation', constraint = 'ledger_account_floor';
    end if;
    return new;
end $$;
create trigger ledger_account_opens before insert on ledger_account for each row execute function open_account();

-- One entry for each event that moves money; the event's key is the business key.
create table ledger_entry (
    position bigint      primary key,                   -- of the event in the journal
    kind     text        not null,
    id       text        not null,
    seq      integer     not null,
    at       timestamptz not null,                      -- of the event, so that balances of the past need no journal
    lines    integer     not null check (lines >= 2),   -- how many it has, so that none comes later
    unique (kind, id, seq)
);

-- Lines come in pairs: an odd line is where the money comes from, the even one behind it where it goes.
create table ledger_line (
    position bigint  not null references ledger_entry,
    line     integer not null check (line > 0),
    account  bigint  not null references ledger_account,
    fen      bigint  not null check (fen <> 0 and fen between -100000000000000 and 100000000000000), -- a debit above zero, a credit below
    primary key (position, line)
);
create index ledger_line_account on ledger_line (account, position) include (fen);

-- Balances move here and nowhere else, with the owner's rights and in the order of the accounts, so that two commands never
-- wait for each other. Whoever books needs no right to change a balance.
create function move_balances() returns trigger
language plpgsql security definer set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    moved record;
begin
    for moved in select l.account, sum(l.fen) as fen from booked l group by l.account order by l.account loop
        update ledger_account a set balance = a.balance + moved.fen where a.account = moved.account;
    end loop;
    return null;
end $$;
create trigger ledger_line_moves_balances after insert on ledger_line
    referencing new table as booked for each statement execute function move_balances();

create trigger ledger_account_moves_by_lines
    before update of account, owner, name, category, currency, balance on ledger_account
    for each statement when (pg_trigger_depth() = 0) execute function refuse_change();
create trigger ledger_account_stays before delete or truncate on ledger_account
    for each statement execute function refuse_change();
create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
    for each statement execute function refuse_change();
create trigger ledger_line_append_only before update or delete or truncate on ledger_line
    for each statement execute function refuse_change();
create trigger ledger_account_kind_stays before insert or update or delete or truncate on ledger_account_kind
    for each statement execute function refuse_change();

-- An entry is of the event at its position, has the lines that it says, and they sum to zero in each book. It is judged once for all
-- of its lines; as none can come after the last, it stays so whenever the judgement is made. Its accounts are looked up one by one:
-- no plan made while the ledger was small then reads all of it.
create function check_entry() returns trigger
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

create constraint trigger ledger_entry_founded after insert on ledger_entry
    deferrable initially deferred for each row execute function check_entry();

-- A line is of those that its entry says, so that none is added to an entry that has all of its own. It is looked at once for all
-- lines that are added together.
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

-- No account is overdrawn: a source (the only kind with a floor below zero) goes no further than its floor and never above
-- zero, every other account never below it. What is wrong on the way may be put right before the commit.
create function check_balance() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    present ledger_account;
begin
    select a.* into present from ledger_account a where a.account = new.account;
    if present.balance < present.floor or present.floor < 0 and present.balance > 0 then
        raise exception 'account % of % would stand at % fen', present.name, present.owner, present.balance
            using errcode = 'check_violation', constraint = 'ledger_account_covered', column = present.name;
    end if;
    return null;
end $$;
create constraint trigger ledger_account_covered after insert or update on ledger_account
    deferrable initially deferred for each row when (new.balance < new.floor or new.floor < 0 and new.balance > 0)
    execute function check_balance();

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
