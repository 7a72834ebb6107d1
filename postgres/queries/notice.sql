-- name: PutNoticeRow :exec
insert into notice_row (pilot, proposal, round, title_zh, title_en, village, village_zh, village_en, organization, organization_zh, organization_en,
    grant_fen, until)
select @pilot, @proposal, @round, @title_zh, @title_en, @village, @village_zh, @village_en, @organization, @organization_zh, @organization_en,
    @grant_fen, @until
where follows('pilot', @pilot)
on conflict (pilot, proposal) do update set round = excluded.round, title_zh = excluded.title_zh, title_en = excluded.title_en,
    village = excluded.village, village_zh = excluded.village_zh, village_en = excluded.village_en, organization = excluded.organization,
    organization_zh = excluded.organization_zh, organization_en = excluded.organization_en, grant_fen = excluded.grant_fen, until = excluded.until;

-- name: DeleteNoticeRowsBut :exec
delete from notice_row where pilot = @pilot and not proposal = any(@kept::text[]) and follows('pilot', @pilot);

-- name: ListNoticeRowsOf :many
select * from notice_row where pilot = $1 order by proposal;

-- A notice is no longer public after its last day, even if its end has not been recorded yet.
-- name: ListNoticeRows :many
select * from notice_row
where (until is null or until >= (terrace_now() at time zone 'Asia/Shanghai')::date) and (pilot, proposal) > (@after_pilot::text, @after_proposal::text)
order by pilot, proposal limit sqlc.arg('max')::integer;

-- name: DeleteOrphanNoticeRows :exec
delete from notice_row r where not exists (select from journal j where j.kind = 'pilot' and j.id = r.pilot)
    and not exists (select from aggregate a where a.kind = 'pilot' and a.id = r.pilot) and r.pilot <> all(@pilots::text[]);

-- name: ListOrphanNoticeRows :many
select distinct r.pilot from notice_row r where not exists (select from journal j where j.kind = 'pilot' and j.id = r.pilot and j.seq = 1) order by r.pilot;
