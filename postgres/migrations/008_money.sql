-- The ledger on its chart of accounts. A ledger that holds entries of the former chart cannot be carried over: what of its money
-- belongs to which account of this one does not follow from them. Such a record stays with the program that made it.
do $$
begin
    if exists (select from ledger_entry) then
        raise exception 'the ledger holds entries of the former chart of accounts, and these cannot be carried over'
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Keep this record with the program that made it, and begin a new database for this one.';
    end if;
end $$;
drop table ledger_line, ledger_entry, ledger_account;
drop function check_entry, check_balance;

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

-- Balances move here and nowhere else, with the owner's rights and in the order of the accounts, so that two commands never
-- wait for each other. Whoever books needs no right to change a balance.
create function move_balances() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
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

-- An entry is of the event at its position, and has the lines that it says.
create function check_entry() returns trigger
language plpgsql set search_path = public, pg_temp as $$
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
    return null;
end $$;
create constraint trigger ledger_entry_founded after insert on ledger_entry
    deferrable initially deferred for each row execute function check_entry();

-- The lines of an entry sum to zero in each book, and none is added to an entry that has all of its own.
create function check_lines() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    wrong record;
begin
    select k.book, sum(l.fen) as fen into wrong
    from ledger_line l join ledger_account a on a.account = l.account join ledger_account_kind k on k.name = a.name
    where l.position = new.position group by k.book having sum(l.fen) <> 0 limit 1;
    if found then
        raise exception 'ledger entry % sums to % fen in the book %', new.position, wrong.fen, wrong.book
            using errcode = 'check_violation', constraint = 'ledger_entry_sums_to_zero';
    end if;
    if new.line > (select e.lines from ledger_entry e where e.position = new.position) then
        raise exception 'ledger entry % has no line %', new.position, new.line
            using errcode = 'check_violation', constraint = 'ledger_entry_has_lines';
    end if;
    return null;
end $$;
create constraint trigger ledger_entry_sums_to_zero after insert on ledger_line
    deferrable initially deferred for each row execute function check_lines();

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

-- Whatever role this installation's program connects as, it reads the journal and the ledger and adds to them. Only their owner
-- has further rights, and the triggers hold for the owner too.
do $$
declare
    grantee text;
begin
    for grantee in
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
        from pg_class c cross join aclexplode(c.relacl) a
        where c.oid = 'ledger_line'::regclass and a.grantee <> c.relowner and a.privilege_type = 'INSERT'
    loop
        execute format('revoke all on journal, ledger_account_kind, ledger_account, ledger_entry, ledger_line from %s', grantee);
        execute format('grant select on journal, ledger_account_kind, ledger_account, ledger_entry, ledger_line to %s', grantee);
        execute format('grant insert on journal, ledger_entry, ledger_line to %s', grantee);
        execute format('grant insert (owner, name, category, floor) on ledger_account to %s', grantee);
    end loop;
end $$;
