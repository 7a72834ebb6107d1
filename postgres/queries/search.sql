-- Rows that no search finds, and words without a row.
-- name: ListWrongWords :many
select 'project'::text as kind, coalesce(r.id, s.id)::text as id from project_row r full join project_search s on s.id = r.id where r.id is null or s.id is null
union all
select 'pilot', coalesce(r.id, s.id)::text from pilot_row r full join pilot_search s on s.id = r.id where r.id is null or s.id is null
order by 1, 2;

-- name: HasOwnProjectWords :one
select not exists (
    select from project_row r join project_search s on s.id = r.id cross join lateral search_keys(s.words, r.created_at, r.place) k
    where r.id = $1 and not (s.words = project_words(r) and s.created_at = r.created_at and s.keys @> k and s.keys <@ k)
);

-- name: HasOwnPilotWords :one
select not exists (
    select from pilot_row r join pilot_search s on s.id = r.id cross join lateral search_keys(s.words, r.created_at, r.place) k
    where r.id = $1 and not (s.words = pilot_words(r) and s.created_at = r.created_at and s.keys @> k and s.keys <@ k)
);

-- Places that lists name and that do not lie in what the table of places says, or lie elsewhere.
-- name: ListWrongReach :many
with recursive named as (
    select r.place, true as office from pilot_row r union select r.place, true from difference_row r union select r.village, false from project_row r
), chain as (
    select n.place, n.office, n.place as above from named n where n.place <> ''
    union
    select c.place, c.office, p.parent from chain c join place p on p.code = c.above where p.parent is not null
)
select coalesce(r.place, c.place)::text as place, coalesce(r.above, c.above)::text as above
from reach r full join chain c on c.place = r.place and c.office = r.office and c.above = r.above
where c.place is null and exists (select from chain k where k.place = r.place and k.office = r.office) or r.place is null order by 1, 2;

-- name: ListWrongLaunches :many
select distinct r.programme, r.place from pilot_row r
where not r.draft and not exists (select from launch l where l.programme = r.programme and l.place = r.place) order by 1, 2;
