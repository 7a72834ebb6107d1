-- An upload keeps what its uploader said of the file, and for whom they worked then. Null: uploaded before this was kept, so that the file's
-- own type and the uploader's present office or organization count.
alter table evidence_upload add column media_type text, add column place text, add column organization text;
