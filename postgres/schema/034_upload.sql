-- A program from before uploads were kept records a file alone, and may still run while others are being upgraded: its uploader could
-- then not refer to the file.
create function keep_upload() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into evidence_upload (sha256, actor, name, at) values (new.sha256, new.uploaded_by, new.name, new.uploaded_at) on conflict do nothing;
    return null;
end $$;
create trigger evidence_is_uploaded after insert on evidence for each row execute function keep_upload();

insert into evidence_upload (sha256, actor, name, at)
select e.sha256, e.uploaded_by, e.name, e.uploaded_at from evidence e where not exists (select from evidence_upload u where u.sha256 = e.sha256);
