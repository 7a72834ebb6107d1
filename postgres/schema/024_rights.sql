-- Whatever role this installation's program connects as, it reads the journal, the ledger, the bank's statements and the rewinds, and
-- adds to them. Only their owner has further rights, and the triggers hold for the owner too.
do $$
declare
    grantee text;
begin
    for grantee in
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
        from pg_class c cross join aclexplode(c.relacl) a
        where c.oid = 'ledger_line'::regclass and a.grantee <> c.relowner and a.privilege_type = 'INSERT'
    loop
        execute format('revoke all on journal, ledger_account_kind, ledger_account, ledger_entry, ledger_line, bank_statement, bank_line, rewind from %s', grantee);
        execute format('grant select on journal, ledger_account_kind, ledger_account, ledger_entry, ledger_line, bank_statement, bank_line, rewind to %s', grantee);
        execute format('grant insert on journal, ledger_entry, ledger_line, bank_statement, bank_line, rewind to %s', grantee);
        execute format('grant insert (owner, name, category, floor) on ledger_account to %s', grantee);
    end loop;
end $$;
