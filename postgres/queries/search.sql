-- Rows that no search finds, and search words without a row.
-- name: ListWrongWords :many
select 'project'::text as kind, coalesce(r.id, s.id)::text as id from project_row r full join project_search s on s.id = r.id where r.id is null or s.id is null
union all
select 'pilot', coalesce(r.id, s.id)::text from pilot_row r full join pilot_search s on s.id = r.id where r.id is null or s.id is null
order by 1, 2;

-- name: DeleteOrphanPilotWords :exec
delete from pilot_search s where not exists (select from pilot_row r where r.id = s.id);

-- name: DeleteOrphanProjectWords :exec
delete from project_search s where not exists (select from project_row r where r.id = s.id);

-- name: HasOwnWords :one
select not exists (
    select from (
        select r.created_at, r.place, project_words(r) as own, s.words, s.keys, s.created_at as noted_at
        from project_row r join project_search s on s.id = r.id where @kind::text = 'project' and r.id = @id::text
        union all
        select r.created_at, r.place, pilot_words(r), s.words, s.keys, s.created_at
        from pilot_row r join pilot_search s on s.id = r.id where @kind::text = 'pilot' and r.id = @id::text
    ) w cross join lateral search_keys(w.words, w.created_at, w.place) k
    where not (w.words = w.own and w.noted_at = w.created_at and w.keys @> k and w.keys <@ k)
);

-- Places named in lists whose recorded location differs from the place table.
-- name: ListWrongReach :many
with lists as materialized (select * from reach_of_lists)
select coalesce(r.place, c.place)::text as place, coalesce(r.office, c.office)::boolean as office, coalesce(r.above, c.above)::text as above
from reach r full join lists c on c.place = r.place and c.office = r.office and c.above = r.above
where c.place is null and (r.place, r.office) in (select k.place, k.office from lists k) or r.place is null order by 1, 3, 2;

-- name: DeleteReach :exec
delete from reach r using (select unnest(@places::text[]) as place, unnest(@offices::boolean[]) as office) w
where r.place = w.place and r.office = w.office;

-- name: ReachOut :exec
select reach_out(w.place, w.office) from (select unnest(@places::text[]) as place, unnest(@offices::boolean[]) as office) w;

-- Launches that are missing, and those of which there is no pilot.
-- name: ListWrongLaunches :many
select coalesce(r.programme, l.programme)::text as programme, coalesce(r.place, l.place)::text as place, (l.place is null)::boolean as missing
from (select distinct programme, place from pilot_row where not draft) r full join launch l on l.programme = r.programme and l.place = r.place
where r.place is null or l.place is null order by 1, 2;

-- Keeps pilots from being handed in until the transaction ends: they would find a launch that is about to be deleted.
-- name: LockLaunches :exec
lock table launch in share row exclusive mode;

-- name: DeleteWrongLaunches :exec
delete from launch l where not exists (select from pilot_row r where not r.draft and r.programme = l.programme and r.place = l.place);
