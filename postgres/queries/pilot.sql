-- name: PutPilotRow :exec
insert into pilot_row (id, stage, version, ended, place, programme, programme_version, title_zh, title_en, requested_fen, committed_fen,
    draft, organizations, evaluator, projects, due, created_at, updated_at, readers)
select @id, @stage, @version, @ended, @place, @programme, @programme_version, @title_zh, @title_en, @requested_fen, @committed_fen,
    @draft, @organizations, @evaluator, @projects, @due, @created_at, @updated_at, @readers
where follows('pilot', @id)
on conflict (id) do update set stage = excluded.stage, version = excluded.version, ended = excluded.ended, place = excluded.place,
    programme = excluded.programme, programme_version = excluded.programme_version, title_zh = excluded.title_zh, title_en = excluded.title_en,
    requested_fen = excluded.requested_fen, committed_fen = excluded.committed_fen, draft = excluded.draft,
    organizations = excluded.organizations, evaluator = excluded.evaluator, readers = excluded.readers, projects = excluded.projects, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: DeletePilotRow :exec
delete from pilot_row where id = $1;

-- name: GetPilotRow :one
select * from pilot_row where id = $1;
