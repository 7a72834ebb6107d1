-- When the record was set back to an earlier state (回退): restored from a backup, recovered to a moment, or gone over to a standby
-- that lagged. Workflows that ran on may know of what no longer happened; what they are told afterwards counts as newer, whatever
-- its seq. Times are real.
create table rewind (
    at     timestamptz primary key default clock_timestamp(),
    reason text        not null check (reason <> '')
);

create trigger rewind_append_only before update or delete or truncate on rewind
    for each statement execute function refuse_change();
