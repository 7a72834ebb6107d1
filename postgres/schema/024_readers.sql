-- Who reads what, once more (row-level security): whatever a query of the program asks for, rows of lists, uses of evidence and personal
-- data come only to whom they concern. The program says in every transaction for whom it reads (postgres/reading.go); connections that
-- carry on the record itself say so once (terrace.reader is 'record'); whoever says nothing reads nothing, and only the record writes.
create function reader_is_record() returns boolean
language sql stable parallel safe as $$
    select coalesce(current_setting('terrace.reader', true), '') = 'record'
$$;
create function reader_sees_all() returns boolean
language sql stable parallel safe as $$
    select coalesce(current_setting('terrace.reader', true), '') in ('record', 'all')
$$;
-- The place of the reader's office; null when they are of none.
create function reader_office() returns text
language sql stable parallel safe as $$
    select nullif(current_setting('terrace.office', true), '')
$$;
-- The same, if they are of its finance.
create function reader_finance() returns text
language sql stable parallel safe as $$
    select nullif(current_setting('terrace.finance', true), '')
$$;
-- The keys by which a row's readers may name the reader.
create function reader_keys() returns text[]
language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('terrace.keys', true), ''), '{}')::text[]
$$;

-- The rows of a list: those of the reader's own office; those that are no drafts and name the reader, or were launched below the
-- reader's office. The owner of the tables, as whom the program does not start, is bound by none of this: a backup is whole or fails, and
-- the views on lists and the functions of personal data see what they need.
do $$
declare
    list text;
begin
    foreach list in array array['pilot', 'project', 'payment', 'recovery', 'difference'] loop
        execute format('alter table %I_row enable row level security', list);
        execute format('create policy record on %I_row using ((select reader_is_record())) with check ((select reader_is_record()))', list);
        execute format($policy$create policy readers on %1$I_row for select using (
            (select reader_sees_all()) or place = (select reader_office()) or readers && (select reader_keys())
            or readers is not null and exists (select from reach h where h.above = (select reader_office()) and h.office and h.place = %1$I_row.place))$policy$, list);
        execute format($policy$create policy %1$s_readers on evidence_use for select using (
            kind = %1$L and exists (select from %1$I_row r where r.id = evidence_use.id))$policy$, list);
    end loop;
end $$;

-- Who may see a row that names a file may see that it does.
alter table evidence_use enable row level security;
create policy record on evidence_use using ((select reader_is_record())) with check ((select reader_is_record()));
create policy everything on evidence_use for select using ((select reader_sees_all()));

-- Of personal data, the finance of the office that pays reads the account's number, and nobody else anything.
alter table personal enable row level security;
create policy record on personal using ((select reader_is_record())) with check ((select reader_is_record()));
create policy finance on personal for select using (
    kind = 'project' and field = 'account_number' and exists (select from project_row r where r.id = personal.id and r.place = (select reader_finance())));

-- A bank statement is its office's and that of the offices above.
create function lies_in(of text, above text) returns boolean
language sql stable parallel safe set search_path = public, pg_temp as $$
    with recursive chain as (
        select of as code
        union
        select p.parent from place p join chain c on c.code = p.code where p.parent is not null
    )
    select exists (select from chain c where c.code = above)
$$;
alter table bank_statement enable row level security;
create policy record on bank_statement using ((select reader_is_record())) with check ((select reader_is_record()));
create policy readers on bank_statement for select using ((select reader_sees_all()) or lies_in(place, (select reader_office())));

-- Where the rows of a list lie, without what is in them. A list looks here first, where every index serves, and takes the rows of its
-- page through the policies then: else an index by a condition that might leak is not used, and none is read alone.
create view pilot_index as
    select id, created_at, stage, ended, place, programme, draft, organizations, evaluator, readers from pilot_row;
create view project_index as
    select id, created_at, stage, ended, place, programme, pilot, village, organization, evaluator, readers from project_row;
create view payment_index as
    select id, created_at, stage, ended, place, programme, pilot, organization, readers from payment_row;
create view recovery_index as
    select id, created_at, stage, ended, place, programme, pilot, project, organization, readers from recovery_row;
create view difference_index as
    select id, created_at, stage, ended, place, programme, pilot, readers from difference_row;
