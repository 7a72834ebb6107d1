-- name: PutRecoveryRow :exec
insert into recovery_row (
    id, pilot, project, stage, version, ended, place, programme, programme_version, organization, organization_zh, organization_en, why, fen,
    paid_fen, due, created_at, updated_at, readers
)
select @id, @pilot, @project, @stage, @version, @ended, @place, @programme, @programme_version, @organization, @organization_zh, @organization_en, @why,
    @fen, @paid_fen, @due, @created_at, @updated_at, @readers
where follows('recovery', @id)
on conflict (id) do update set
    pilot = excluded.pilot, project = excluded.project, stage = excluded.stage, version = excluded.version, ended = excluded.ended, place =
    excluded.place, programme = excluded.programme, programme_version = excluded.programme_version, organization = excluded.organization,
    organization_zh = excluded.organization_zh, organization_en = excluded.organization_en, why = excluded.why, fen = excluded.fen, paid_fen =
    excluded.paid_fen, readers = excluded.readers, due = excluded.due, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: GetRecoveryRow :one
select * from recovery_row where id = $1;
