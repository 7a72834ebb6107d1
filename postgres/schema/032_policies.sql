-- What an office may see by its place is looked up once for all rows of a query; only rows that it does not reach ask further. The same people
-- read the same rows as before.
do $$
declare
    list text;
begin
    foreach list in array array['pilot', 'project', 'payment', 'recovery', 'difference'] loop
        execute format($policy$alter policy readers on %1$I_row using (
            current_setting('terrace.reader', true) in ('record', 'all') or readers is not null and exists (
                select from reach h where h.above = current_setting('terrace.office', true) and h.office and h.place = %1$I_row.place)
            or reader_sees(place, readers))$policy$, list);
    end loop;
end $$;
