-- name: PutProjectRow :exec
insert into project_row (id, pilot, stage, version, ended, place, village, village_zh, village_en, programme, programme_version, code, title_zh,
    title_en, organization, organization_zh, organization_en, evaluator, grant_fen, paid_fen, due, created_at, updated_at, banned_until, readers)
select @id, @pilot, @stage, @version, @ended, @place, @village, @village_zh, @village_en, @programme, @programme_version, @code, @title_zh,
    @title_en, @organization, @organization_zh, @organization_en, @evaluator, @grant_fen, @paid_fen, @due, @created_at, @updated_at, @banned_until, @readers
where follows('project', @id)
on conflict (id) do update set pilot = excluded.pilot, stage = excluded.stage, version = excluded.version, ended = excluded.ended,
    place = excluded.place, village = excluded.village, village_zh = excluded.village_zh, village_en = excluded.village_en,
    programme = excluded.programme, programme_version = excluded.programme_version, code = excluded.code, title_zh = excluded.title_zh,
    title_en = excluded.title_en, organization = excluded.organization, organization_zh = excluded.organization_zh,
    organization_en = excluded.organization_en, evaluator = excluded.evaluator, grant_fen = excluded.grant_fen, paid_fen = excluded.paid_fen,
    readers = excluded.readers, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at, banned_until = excluded.banned_until;

-- name: DeleteProjectRow :exec
delete from project_row where id = $1;

-- Updates the columns that most decisions change. No row is found by them, so no trigger needs to examine the row. It
-- does not update columns that would change with new rules: after such a change, run terrace rebuild.
-- name: MoveProjectRow :exec
update project_row set stage = @stage, version = @version, ended = @ended, grant_fen = @grant_fen, paid_fen = @paid_fen, due = @due,
    updated_at = @updated_at, banned_until = @banned_until
where id = @id and follows('project', @id);

-- name: GetProjectRow :one
select * from project_row where id = $1;

-- Every project of a pilot that the reader may see, with its current state, in the order of the proposals.
-- name: ListBoard :many
select a.id, a.shape, a.state from project_row r join aggregate a on a.kind = 'project' and a.id = r.id
where r.pilot = @pilot order by split_part(r.id, '.', 2)::integer;
