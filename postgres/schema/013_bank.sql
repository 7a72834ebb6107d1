-- Bank statements that finance entered (银行对账单), each once, by the SHA-256 of its file, which is kept as evidence.
create table bank_statement (
    sha256      text        primary key references evidence,
    place       text        not null,                  -- of the office whose account it is
    account     text        not null,                  -- what the office calls it
    holder      text        not null,                  -- the account's number in the file
    first_day   date        not null,
    last_day    date        not null check (last_day >= first_day),
    opening_fen bigint      not null,
    closing_fen bigint      not null,
    lines       integer     not null check (lines >= 0), -- of the file, those of earlier statements among them
    uploaded_by text        not null,
    uploaded_at timestamptz not null
);
create index bank_statement_order on bank_statement (uploaded_at desc, sha256 desc);
create index bank_statement_account on bank_statement (place, account, first_day);

-- Their lines. One that stands in two statements is the first one's alone. Names and purposes, which may be personal, stay in the
-- file: these rows cannot be erased.
create table bank_line (
    place     text   not null,
    account   text   not null,
    number    text   not null,                          -- the bank's own (流水号)
    statement text   not null references bank_statement,
    booked_on date   not null,
    reference text   not null,                          -- the payer's own; empty where the bank names none
    fen       bigint not null check (fen <> 0 and fen between -100000000000000 and 100000000000000), -- in above zero, out below
    primary key (place, account, number)
);
create index bank_line_statement on bank_line (statement);

create trigger bank_statement_append_only before update or delete or truncate on bank_statement
    for each statement execute function refuse_change();
create trigger bank_line_append_only before update or delete or truncate on bank_line
    for each statement execute function refuse_change();
