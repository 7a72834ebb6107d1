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

-- Everyone who has uploaded a file, earliest first, with the office and organization that they worked for at that time.
-- name: ListUploads :many
select u.actor, u.name, u.at, coalesce(u.media_type, e.media_type)::text as media_type, coalesce(a.roles, '{}')::text[] as roles,
    coalesce(u.place, a.place, '')::text as place, coalesce(u.organization, a.organization, '')::text as organization
from evidence_upload u join evidence e on e.sha256 = u.sha256 left join actor a on a.id = u.actor
where u.sha256 = @sha256 order by u.at, u.actor;

-- Files that the sender has uploaded. Most commands name only these, so they have a query that involves no policies.
-- name: ListOwnMediaTypes :many
select e.sha256, coalesce(u.media_type, e.media_type)::text as media_type from evidence_upload u join evidence e on e.sha256 = u.sha256
where u.sha256 = any(@sha256::text[]) and u.actor = @actor;

-- Files that the sender may name in a command to an aggregate: their own, those uploaded for their office or
-- organization, those that the aggregate already names, and those of any aggregate that an office sees in full. Terrace
-- itself may name any file.
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

-- name: InsertUses :exec
insert into evidence_use (sha256, kind, id) select f, @kind, @id from unnest(@files::text[]) f on conflict do nothing;

-- Those of the given files that are not listed for the aggregate or have no stored description.
-- name: ListMissingFiles :many
select f.sha256::text as sha256, (u.sha256 is not null)::boolean as listed, (e.sha256 is not null)::boolean as described
from (select distinct unnest(@files::text[]) as sha256) f
left join evidence_use u on u.sha256 = f.sha256 and u.kind = @kind and u.id = @id
left join evidence e on e.sha256 = f.sha256
where u.sha256 is null or e.sha256 is null order by f.sha256;

-- name: ListOrphanUses :many
select u.sha256, u.kind, u.id from evidence_use u
where not exists (select from journal j where j.kind = u.kind and j.id = u.id and strpos(j.data::text, u.sha256) > 0) order by u.kind, u.id, u.sha256;

-- name: ListFilesWithoutUpload :many
select e.sha256 from evidence e where not exists (select from evidence_upload u where u.sha256 = e.sha256) order by e.sha256;
