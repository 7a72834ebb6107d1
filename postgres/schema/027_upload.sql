-- Who has uploaded a file, under the name and on the day of each. A command names files of its sender's own, of their office's or
-- organization's, or of what its sender reads: to know a file's hash opens it to nobody.
create table evidence_upload (
    sha256 text        not null references evidence,
    actor  text        not null,
    name   text        not null,
    at     timestamptz not null,
    primary key (sha256, actor)
);
insert into evidence_upload (sha256, actor, name, at) select sha256, uploaded_by, name, uploaded_at from evidence;
create trigger evidence_upload_append_only before update or delete or truncate on evidence_upload
    for each statement execute function refuse_change();
grant select, insert on evidence_upload to terrace_program;
