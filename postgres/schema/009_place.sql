create table place (
    code    text    primary key,
    vintage integer not null,
    parent  text    references place deferrable initially deferred,
    level   text    not null,
    zh      text    not null,
    en      text    not null
);
create index place_parent on place (parent);

-- Raised with every change, so that each process knows when its copy of the places is old.
create table place_version (
    one     boolean primary key default true check (one),
    version bigint  not null
);
insert into place_version (version) values (1);
