-- name: InsertEvidence :exec
with described as (
    insert into evidence (sha256, media_type, size, name, uploaded_by, uploaded_at)
    values (@sha256, @media_type::text, @size, @name, @uploaded_by, terrace_now()) on conflict (sha256) do nothing
)
insert into evidence_upload (sha256, actor, name, at, media_type, place, organization)
select @sha256, @uploaded_by, @name, terrace_now(), @media_type::text, coalesce(a.place, ''), coalesce(a.organization, '')
from (select) u left join actor a on a.id = @uploaded_by on conflict (sha256, actor) do nothing;

-- name: GetEvidence :one
select * from evidence where sha256 = @sha256;

-- Who has uploaded a file, earliest first, with the office and organization that they worked for then.
-- name: ListUploads :many
select u.actor, u.name, u.at, coalesce(u.media_type, e.media_type)::text as media_type, coalesce(a.roles, '{}')::text[] as roles,
    coalesce(u.place, a.place, '')::text as place, coalesce(u.organization, a.organization, '')::text as organization
from evidence_upload u join evidence e on e.sha256 = u.sha256 left join actor a on a.id = u.actor
where u.sha256 = @sha256 order by u.at, u.actor;

-- The files that somebody has uploaded: what most commands name, asked for without any policy to be planned.
-- name: ListOwnMediaTypes :many
select e.sha256, coalesce(u.media_type, e.media_type)::text as media_type from evidence_upload u join evidence e on e.sha256 = u.sha256
where u.sha256 = any(@sha256::text[]) and u.actor = @actor;

-- The files that somebody may name in a command to an aggregate: their own, those that were uploaded for their office or organization,
-- those that the aggregate names already, and those of anything that an office sees the whole of. Terrace itself may name any.
-- name: ListMediaTypes :many
select e.sha256, e.media_type from evidence e
where e.sha256 = any(@sha256::text[]) and (
    @anything::boolean
    or exists (
        select from evidence_upload u left join actor a on a.id = u.actor left join actor me on me.id = @actor
        where u.sha256 = e.sha256 and (u.actor = @actor or me.place <> '' and coalesce(u.place, a.place) = me.place
            or me.organization <> '' and coalesce(u.organization, a.organization) = me.organization)
    )
    or exists (
        select from evidence_use u
        where u.sha256 = e.sha256 and (u.kind = @kind::text and u.id = @id::text or reader_sees_all() or reader_office() is not null)
    )
);

-- name: ListEvidenceUses :many
select kind, id from evidence_use where sha256 = $1 order by kind, id;
