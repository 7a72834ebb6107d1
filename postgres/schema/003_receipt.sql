-- The answer to every accepted command, by the sender and the sender's id for it.
create table receipt (
    actor   text        not null,
    command text        not null check (length(command) between 1 and 300),
    request bytea       not null,                      -- SHA-256 of what was asked
    kind    text        not null,
    id      text        not null,
    version integer     not null,
    events  text[]      not null,
    late    boolean     not null,
    at      timestamptz not null,
    primary key (actor, command)
);
