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

create table organization (
    credit_code text primary key,
    name_zh     text not null,
    name_en     text not null,
    facts       json not null -- as pilot.OrganizationFacts
);

create table actor (
    id           text   primary key,
    name_zh      text   not null,
    name_en      text   not null,
    roles        text[] not null,
    place        text   not null,
    organization text   not null
);

create table token (
    hash  bytea primary key check (length(hash) = 32), -- SHA-256; the token itself is kept nowhere
    actor text  not null references actor
);
