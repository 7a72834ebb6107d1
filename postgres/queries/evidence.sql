-- name: InsertEvidence :exec
insert into evidence (sha256, media_type, size, name, uploaded_by, uploaded_at)
values (@sha256, @media_type, @size, @name, @uploaded_by, terrace_now()) on conflict (sha256) do nothing;

-- name: GetEvidence :one
select * from evidence where sha256 = $1;

-- name: ListMediaTypes :many
select sha256, media_type from evidence where sha256 = any(@sha256::text[]);

-- name: ListEvidenceUses :many
select kind, id from evidence_use where sha256 = $1 order by kind, id;
