-- Double entry, in fen. A balance is debits less credits.
create table ledger_account (
    account bigint generated always as identity primary key,
    owner   text   not null,
    name    text   not null,
    pilot   text   not null generated always as (split_part(owner, '.', 1)) stored,
    balance bigint not null,
    unique (owner, name)
);
create index ledger_account_pilot on ledger_account (pilot);

-- One entry for each event that moves money; the event's key is the business key.
create table ledger_entry (
    position bigint  primary key, -- of the event in the journal
    kind     text    not null,
    id       text    not null,
    seq      integer not null,
    unique (kind, id, seq)
);

create table ledger_line (
    position bigint  not null references ledger_entry,
    line     integer not null,
    account  bigint  not null references ledger_account,
    fen      bigint  not null check (fen <> 0), -- a debit above zero, a credit below
    primary key (position, line)
);
create index ledger_line_account on ledger_line (account);

create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
    for each statement execute function refuse_change();
create trigger ledger_line_append_only before update or delete or truncate on ledger_line
    for each statement execute function refuse_change();
revoke update, delete, truncate on ledger_entry, ledger_line from public;

create function check_entry() returns trigger
language plpgsql as $$
declare
    total bigint;
    lines integer;
begin
    select coalesce(sum(l.fen), 0), count(*) into total, lines from ledger_line l where l.position = new.position;
    if total <> 0 or lines < 2 then
        raise exception 'the % lines of ledger entry % sum to % fen', lines, new.position, total
            using errcode = 'check_violation', constraint = 'ledger_entry_sums_to_zero';
    end if;
    return null;
end $$;
create constraint trigger ledger_entry_sums_to_zero after insert on ledger_entry
    deferrable initially deferred for each row execute function check_entry();
create constraint trigger ledger_line_sums_to_zero after insert on ledger_line
    deferrable initially deferred for each row execute function check_entry();

create function check_balance() returns trigger
language plpgsql as $$
declare
    present bigint;
begin
    select a.balance into present from ledger_account a where a.account = new.account;
    if present < 0 and new.name <> 'appropriation' then
        raise exception 'account % of % would stand at % fen', new.name, new.owner, present
            using errcode = 'check_violation', constraint = 'ledger_account_covered';
    end if;
    return null;
end $$;
create constraint trigger ledger_account_covered after insert or update on ledger_account
    deferrable initially deferred for each row execute function check_balance();
