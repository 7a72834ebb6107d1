-- name: InsertEvidence :exec
with described as (
    insert into evidence (sha256, media_type, size, name, uploaded_by, uploaded_at)
    values (@sha256, @media_type, @size, @name, @uploaded_by, terrace_now()) on conflict (sha256) do nothing
)
insert into evidence_upload (sha256, actor, name, at) values (@sha256, @uploaded_by, @name, terrace_now()) on conflict (sha256, actor) do nothing;

-- name: GetEvidence :one
select e.*, u.name as own_name, u.at as own_at
from evidence e left join evidence_upload u on u.sha256 = e.sha256 and u.actor = @reader
where e.sha256 = @sha256;

-- The files that somebody has uploaded: what most commands name, asked for without any policy to be planned.
-- name: ListOwnMediaTypes :many
select e.sha256, e.media_type from evidence_upload u join evidence e on e.sha256 = u.sha256
where u.sha256 = any(@sha256::text[]) and u.actor = @actor;

-- The files that somebody may name in a command to an aggregate: their own, those of their office or organization, those that the
-- aggregate names already, and those of anything that an office sees the whole of. Terrace itself may name any.
-- name: ListMediaTypes :many
select e.sha256, e.media_type from evidence e
where e.sha256 = any(@sha256::text[]) and (
    @anything::boolean or e.uploaded_by = @actor
    or exists (
        select from evidence_upload u left join actor a on a.id = u.actor left join actor me on me.id = @actor
        where u.sha256 = e.sha256 and (u.actor = @actor or a.place <> '' and a.place = me.place or a.organization <> '' and a.organization = me.organization)
    )
    or exists (
        select from evidence_use u
        where u.sha256 = e.sha256 and (u.kind = @kind::text and u.id = @id::text or reader_sees_all() or reader_office() is not null)
    )
);

-- name: ListEvidenceUses :many
select kind, id from evidence_use where sha256 = $1 order by kind, id;
