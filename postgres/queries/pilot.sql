-- name: PutPilotRow :exec
insert into pilot_row (id, stage, version, ended, place, programme, programme_version, title_zh, title_en, requested_fen, committed_fen,
    draft, organizations, evaluator, panel, villages, projects, due, created_at, updated_at)
select @id, @stage, @version, @ended, @place, @programme, @programme_version, @title_zh, @title_en, @requested_fen, @committed_fen,
    @draft, @organizations, @evaluator, @panel, @villages, @projects, @due, @created_at, @updated_at
where follows('pilot', @id)
on conflict (id) do update set stage = excluded.stage, version = excluded.version, ended = excluded.ended, place = excluded.place,
    programme = excluded.programme, programme_version = excluded.programme_version, title_zh = excluded.title_zh, title_en = excluded.title_en,
    requested_fen = excluded.requested_fen, committed_fen = excluded.committed_fen, draft = excluded.draft,
    organizations = excluded.organizations, evaluator = excluded.evaluator, panel = excluded.panel, villages = excluded.villages, projects = excluded.projects, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetPilotRow :one
select * from pilot_row where id = $1;

-- name: ListPilotRows :many
with recursive within as (
    select sqlc.narg('place')::text as code
    union
    select p.code from place p join within w on p.parent = w.code
), reach as (
    select @reader_place::text as code
    union
    select p.code from place p join reach w on p.parent = w.code where p.level <> 'village'
)
select r.* from pilot_row r
where (sqlc.narg('stage')::text is null or r.stage = sqlc.narg('stage'))
    and (sqlc.narg('programme')::text is null or r.programme = sqlc.narg('programme'))
    and (sqlc.narg('organization')::text is null or r.organizations @> array[sqlc.narg('organization')::text])
    and (sqlc.narg('place')::text is null or r.place in (select w.code from within w))
    and (@reader_all::boolean
        or (r.place in (select h.code from reach h) and (not r.draft or r.place = @reader_place::text))
        or (not r.draft and (r.organizations @> array[nullif(@reader_organization::text, '')] or r.evaluator = nullif(@reader_organization::text, '')))
        or r.panel @> array[nullif(@reader_person::text, '')]
        or r.villages @> array[nullif(@reader_village::text, '')])
    and (sqlc.narg('before')::timestamptz is null or (r.created_at, r.id) < (sqlc.narg('before')::timestamptz, @before_id::text))
order by r.created_at desc, r.id desc limit sqlc.arg('max')::integer;

-- name: DeleteOrphanPilotRows :exec
delete from pilot_row r where not exists (select from journal j where j.kind = 'pilot' and j.id = r.id and j.seq = 1);

-- name: ListOrphanPilotRows :many
select r.id from pilot_row r where not exists (select from journal j where j.kind = 'pilot' and j.id = r.id and j.seq = 1) order by r.id;
