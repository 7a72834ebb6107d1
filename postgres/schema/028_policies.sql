-- Policies that cost a read next to nothing to plan. Those of 024_readers.sql asked sub-queries, which were planned with every page of a
-- list and took longer than the page itself. They let the same people read the same rows.

-- Whether a row of a list is of its reader's own office, or names them.
create function reader_sees(of text, readers text[]) returns boolean
language plpgsql stable parallel safe as $$
begin
    return of = current_setting('terrace.office', true) or readers && nullif(current_setting('terrace.keys', true), '')::text[];
end $$;

do $$
declare
    list text;
begin
    foreach list in array array['pilot', 'project', 'payment', 'recovery', 'difference'] loop
        execute format('drop policy record on %I_row', list);
        execute format('drop policy readers on %I_row', list);
        execute format($policy$create policy readers on %1$I_row for select using (
            current_setting('terrace.reader', true) in ('record', 'all') or reader_sees(place, readers) or readers is not null and exists (
                select from reach h where h.above = current_setting('terrace.office', true) and h.office and h.place = %1$I_row.place))$policy$, list);
        execute format($policy$create policy record on %I_row using (current_setting('terrace.reader', true) = 'record')
            with check (current_setting('terrace.reader', true) = 'record')$policy$, list);
    end loop;
end $$;
