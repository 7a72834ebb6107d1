-- Whose turn it is (待办): a row for each open wait and each role in a seat that it waits for, in the order of due days. A wait that the
-- machine or the calendar ends has one row without a seat. All of it can be written again from the aggregates' states.
create table turn_row (
    kind        text    not null,
    id          text    not null,
    wait        text    not null,
    subject     text    not null,                      -- empty where the wait has none
    seat        text    not null,                      -- office/…, organization/…, village/…, person/…; empty: nobody's
    role        text    not null,
    pilot       text    not null,                      -- what the aggregate is part of; empty where it stands by itself
    place       text    not null,                      -- of the office that keeps the aggregate
    programme   text    not null,
    draft       boolean not null,                      -- nobody but that office sees the aggregate
    label_zh    text    not null,
    label_en    text    not null,
    due         date    not null,                      -- 9999-12-31: no due day
    hard        boolean not null,
    provisional boolean not null,
    escalated   boolean not null,
    urged       integer not null,
    primary key (kind, id, wait, subject, seat, role)
) with (fillfactor = 80);
create index turn_row_seat on turn_row (seat, role, due, kind, id, wait, subject);
create index turn_row_place on turn_row (place, due, kind, id, wait, subject);
create index turn_row_due on turn_row (due, kind, id, wait, subject);

-- Aggregates whose turns are still to be written: at first all that are open, and later those that a program of the schema before has
-- moved on. A worker writes them, under each aggregate's lock (see postgres/turn.go).
create table unturned (
    kind text not null,
    id   text not null,
    primary key (kind, id)
);
insert into unturned (kind, id) select kind, id from aggregate where not ended;

create function note_unturned() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into unturned (kind, id) values (new.kind, new.id) on conflict do nothing;
    return null;
end $$;
-- This program says on every connection that it writes turns itself (postgres/pool.go).
create trigger aggregate_turns after insert or update on aggregate for each row
    when (current_setting('terrace.turns', true) is distinct from 'on') execute function note_unturned();

-- The changed turns of an aggregate that the same transaction has just written: some go, some come or change.
create function keep_turns(of_kind text, of_id text, gone jsonb, kept jsonb) returns void
language plpgsql as $$
begin
    if not follows(of_kind, of_id) or exists (select from unturned u where u.kind = of_kind and u.id = of_id) then
        return;
    end if;
    perform put_turns(of_kind, of_id, gone, kept);
end $$;

create function put_turns(of_kind text, of_id text, gone jsonb, kept jsonb) returns void
language plpgsql as $$
begin
    if gone <> '[]' then
        delete from turn_row t using jsonb_to_recordset(gone) g (wait text, subject text, seat text, role text)
        where t.kind = of_kind and t.id = of_id and t.wait = g.wait and t.subject = g.subject and t.seat = g.seat and t.role = g.role;
    end if;
    if kept <> '[]' then
        insert into turn_row (kind, id, wait, subject, seat, role, pilot, place, programme, draft, label_zh, label_en, due, hard, provisional, escalated, urged)
        select of_kind, of_id, k.wait, k.subject, k.seat, k.role, k.pilot, k.place, k.programme, k.draft, k.label_zh, k.label_en, k.due, k.hard,
            k.provisional, k.escalated, k.urged
        from jsonb_to_recordset(kept) k (wait text, subject text, seat text, role text, pilot text, place text, programme text, draft boolean,
            label_zh text, label_en text, due date, hard boolean, provisional boolean, escalated boolean, urged integer)
        on conflict (kind, id, wait, subject, seat, role) do update set
            pilot = excluded.pilot, place = excluded.place, programme = excluded.programme, draft = excluded.draft, label_zh = excluded.label_zh,
            label_en = excluded.label_en, due = excluded.due, hard = excluded.hard, provisional = excluded.provisional,
            escalated = excluded.escalated, urged = excluded.urged;
    end if;
end $$;

-- Turns are read by whoever may see the row of their aggregate, as everything that hangs on it.
alter table turn_row enable row level security;
create policy record on turn_row using (current_setting('terrace.reader', true) = 'record') with check (current_setting('terrace.reader', true) = 'record');
create policy everything on turn_row for select using (current_setting('terrace.reader', true) = 'all');
do $$
declare
    list text;
begin
    foreach list in array array['pilot', 'project', 'payment', 'recovery', 'difference'] loop
        execute format($policy$create policy %1$s_readers on turn_row for select using (
            kind = %1$L and exists (select from %1$I_row r where r.id = turn_row.id))$policy$, list);
    end loop;
end $$;

-- Where turns lie, without what is in them (see 024_readers.sql).
create view turn_index as select kind, id, wait, subject, seat, role, place, draft, due, hard from turn_row;

grant select, insert, update, delete on turn_row, unturned to terrace_program;
grant select on turn_index to terrace_program;
