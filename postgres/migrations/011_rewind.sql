-- When the record was set back to an earlier state (回退): restored from a backup, recovered to a moment, or gone over to a standby
-- that lagged. Workflows that ran on may know of what no longer happened; what they are told afterwards counts as newer, whatever
-- its seq. Times are real.
create table rewind (
    at     timestamptz primary key default clock_timestamp(),
    reason text        not null check (reason <> '')
);

create trigger rewind_append_only before update or delete or truncate on rewind
    for each statement execute function refuse_change();

-- Whatever role this installation's program connects as, it reads these rows and adds to them.
do $$
declare
    grantee text;
begin
    for grantee in
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
        from pg_class c cross join aclexplode(c.relacl) a
        where c.oid = 'rewind'::regclass and a.grantee <> c.relowner and a.privilege_type = 'INSERT'
    loop
        execute format('revoke all on rewind from %s', grantee);
        execute format('grant select, insert on rewind to %s', grantee);
    end loop;
end $$;
