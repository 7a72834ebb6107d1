-- What is known of the files; the files lie elsewhere.
create table evidence (
    sha256      text        primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    media_type  text        not null,
    size        bigint      not null,
    name        text        not null,
    uploaded_by text        not null,
    uploaded_at timestamptz not null
);

-- Which records name a file: whoever may read one of them may read the file.
create table evidence_use (
    sha256 text not null,
    kind   text not null,
    id     text not null,
    primary key (sha256, kind, id)
);
