-- name: PutProjectRow :exec
insert into project_row (id, pilot, stage, version, ended, place, village, village_zh, village_en, programme, programme_version, code, title_zh,
    title_en, organization, organization_zh, organization_en, evaluator, grant_fen, paid_fen, due, created_at, updated_at, banned_until)
select @id, @pilot, @stage, @version, @ended, @place, @village, @village_zh, @village_en, @programme, @programme_version, @code, @title_zh,
    @title_en, @organization, @organization_zh, @organization_en, @evaluator, @grant_fen, @paid_fen, @due, @created_at, @updated_at, @banned_until
where follows('project', @id)
on conflict (id) do update set pilot = excluded.pilot, stage = excluded.stage, version = excluded.version, ended = excluded.ended,
    place = excluded.place, village = excluded.village, village_zh = excluded.village_zh, village_en = excluded.village_en,
    programme = excluded.programme, programme_version = excluded.programme_version, code = excluded.code, title_zh = excluded.title_zh,
    title_en = excluded.title_en, organization = excluded.organization, organization_zh = excluded.organization_zh,
    organization_en = excluded.organization_en, evaluator = excluded.evaluator, grant_fen = excluded.grant_fen, paid_fen = excluded.paid_fen,
    due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at, banned_until = excluded.banned_until;

-- name: GetProjectRow :one
select * from project_row where id = $1;

-- A place is that of the office or that of the village.
-- name: ListProjectRows :many
with recursive within as (
    select sqlc.narg('place')::text as code
    union
    select p.code from place p join within w on p.parent = w.code
), reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select r.* from project_row r
where (sqlc.narg('stage')::text is null or r.stage = sqlc.narg('stage'))
    and (sqlc.narg('pilot')::text is null or r.pilot = sqlc.narg('pilot'))
    and (sqlc.narg('programme')::text is null or r.programme = sqlc.narg('programme'))
    and (sqlc.narg('organization')::text is null or r.organization = sqlc.narg('organization'))
    and (sqlc.narg('place')::text is null or r.place in (select w.code from within w) or r.village in (select w.code from within w))
    and (@reader_all::boolean
        or r.place in (select h.code from reach h)
        or nullif(@reader_organization::text, '') in (r.organization, r.evaluator)
        or r.village = nullif(@reader_village::text, ''))
    and (sqlc.narg('before')::timestamptz is null or (r.created_at, r.id) < (sqlc.narg('before')::timestamptz, @before_id::text))
order by r.created_at desc, r.id desc limit sqlc.arg('max')::integer;

-- name: DeleteOrphanProjectRows :exec
delete from project_row r where not exists (select from journal j where j.kind = 'project' and j.id = r.id and j.seq = 1);

-- name: ListOrphanProjectRows :many
select r.id from project_row r where not exists (select from journal j where j.kind = 'project' and j.id = r.id and j.seq = 1) order by r.id;
