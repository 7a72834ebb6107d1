-- What the program may do, all in one place. Whoever it connects as is a member of terrace_program, owns nothing and makes nothing:
-- it can do what is listed here and nothing else, and the triggers hold for everybody. It reads everything, as “terrace verify” must.
grant select on all tables in schema public to terrace_program;

-- What happened is added to, never changed.
grant insert on journal, receipt, ledger_entry, ledger_line, evidence, evidence_use, bank_statement, bank_line, rewind to terrace_program;
grant insert (owner, name, category, floor) on ledger_account to terrace_program;

-- Personal data change by their functions alone.
revoke execute on function keep_personal, replace_personal, rotate_personal, erase_personal, personal_fields, salt_personal from public;
grant execute on function keep_personal, replace_personal, rotate_personal, erase_personal to terrace_program;

-- What follows from it, and is made again by “terrace rebuild”.
grant insert, update, delete on aggregate, claim, outbox, pilot_row, project_row, payment_row, recovery_row, difference_row, notice_row,
    reach, pilot_search, project_search, fund_sum to terrace_program;
grant insert on launch, bereft to terrace_program;
grant usage on sequence outbox_version to terrace_program;
grant update on fund_carry, journal_origin to terrace_program;

-- Who works where.
grant insert, update on place, organization, actor, token to terrace_program;
grant update on place_version to terrace_program;

-- A virtual calendar, which begins in an empty record alone (see the clock).
grant insert, update on clock to terrace_program;
