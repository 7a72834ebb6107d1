create table actor (
    id           text   primary key,
    name_zh      text   not null,
    name_en      text   not null,
    roles        text[] not null,
    place        text   not null,
    organization text   not null,
    interests    text[] not null default '{}' -- credit codes of organizations in which the person or next of kin holds an office (利害关系)
);

create table token (
    hash  bytea primary key check (length(hash) = 32), -- SHA-256; the token itself is kept nowhere
    actor text  not null references actor
);
