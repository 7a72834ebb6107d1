-- name: ListPlaces :many
select code, vintage, coalesce(parent, '') as parent, level, zh, en from place;

-- name: GetPlaceVersion :one
select version from place_version;

-- name: PutPlace :exec
insert into place (code, vintage, parent, level, zh, en) values (@code, @vintage, nullif(@parent::text, ''), @level, @zh, @en)
on conflict (code) do update set vintage = excluded.vintage, parent = excluded.parent, level = excluded.level, zh = excluded.zh, en = excluded.en;

-- name: RaisePlaceVersion :exec
update place_version set version = version + 1;

-- Puts the only row back, with a version above every one that a process may know.
-- name: RestorePlaceVersion :exec
insert into place_version (version) select extract(epoch from clock_timestamp())::bigint where not exists (select from place_version) on conflict do nothing;

-- name: LockPlaces :exec
select version from place_version for update;

-- The places within a place that appear in lists: offices that have launched pilots, or villages with projects. Also
-- whether any office has been moved out of the place.
-- name: GetReach :one
select array(select r.place from reach r where r.above = @above and r.office = @office order by r.place limit sqlc.arg('max')::integer)::text[] as places,
    exists (select from bereft b where b.office = @above) as bereft;

-- Places of aggregates and of people that are not in the table of places.
-- name: ListLostPlaces :many
select n.place from (select a.place from aggregate a union select a.place from actor a) n
where n.place <> '' and not exists (select from place p where p.code = n.place) order by 1;

-- Offices that read a pilot which does not lie in them, and that lists do not know to look for it.
-- name: ListMissingBereft :many
select distinct substr(o, 8)::text as office from pilot_row r, unnest(r.readers) o
where o like 'office/%' and not exists (select from reach h where h.above = substr(o, 8) and h.place = r.place and h.office)
    and not exists (select from bereft b where b.office = substr(o, 8)) order by 1;

-- name: InsertBereft :exec
insert into bereft (office) select unnest(@offices::text[]) on conflict do nothing;
