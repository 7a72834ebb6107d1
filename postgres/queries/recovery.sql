-- name: PutRecoveryRow :exec
insert into recovery_row (
    id, pilot, project, stage, version, ended, place, programme, programme_version, organization, organization_zh, organization_en, why, fen,
    paid_fen, due, created_at, updated_at
)
select @id, @pilot, @project, @stage, @version, @ended, @place, @programme, @programme_version, @organization, @organization_zh, @organization_en, @why,
    @fen, @paid_fen, @due, @created_at, @updated_at
where follows('recovery', @id)
on conflict (id) do update set
    pilot = excluded.pilot, project = excluded.project, stage = excluded.stage, version = excluded.version, ended = excluded.ended, place =
    excluded.place, programme = excluded.programme, programme_version = excluded.programme_version, organization = excluded.organization,
    organization_zh = excluded.organization_zh, organization_en = excluded.organization_en, why = excluded.why, fen = excluded.fen, paid_fen =
    excluded.paid_fen, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetRecoveryRow :one
select * from recovery_row where id = $1;

-- name: ListRecoveryRows :many
with recursive within as (
    select sqlc.narg('place')::text as code
    union
    select p.code from place p join within w on p.parent = w.code
), reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select r.* from recovery_row r
where (sqlc.narg('stage')::text is null or r.stage = sqlc.narg('stage'))
    and (sqlc.narg('pilot')::text is null or r.pilot = sqlc.narg('pilot'))
    and (sqlc.narg('programme')::text is null or r.programme = sqlc.narg('programme'))
    and (sqlc.narg('project')::text is null or r.project = sqlc.narg('project'))
    and (sqlc.narg('organization')::text is null or r.organization = sqlc.narg('organization'))
    and (sqlc.narg('place')::text is null or r.place in (select w.code from within w))
    and (@reader_all::boolean
        or r.place in (select h.code from reach h)
        or r.organization = nullif(@reader_organization::text, ''))
    and (sqlc.narg('before')::timestamptz is null or (r.created_at, r.id) < (sqlc.narg('before')::timestamptz, @before_id::text))
order by r.created_at desc, r.id desc limit sqlc.arg('max')::integer;

-- name: DeleteOrphanRecoveryRows :exec
delete from recovery_row r where not exists (select from journal j where j.kind = 'recovery' and j.id = r.id and j.seq = 1);

-- name: ListOrphanRecoveryRows :many
select r.id from recovery_row r where not exists (select from journal j where j.kind = 'recovery' and j.id = r.id and j.seq = 1) order by r.id;
