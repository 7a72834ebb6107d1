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
