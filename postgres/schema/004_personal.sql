-- What stands in the journal as a salted hash only, so that it can be erased.
create table personal (
    kind  text    not null,
    id    text    not null,
    seq   integer not null,
    field text    not null,
    salt  text    not null,
    value text    not null,
    primary key (kind, id, seq, field)
);
