-- name: ListPlaces :many
select code, vintage, coalesce(parent, '') as parent, level, zh, en from place;

-- name: GetPlaceVersion :one
select version from place_version;

-- name: PutPlace :exec
insert into place (code, vintage, parent, level, zh, en) values (@code, @vintage, nullif(@parent::text, ''), @level, @zh, @en)
on conflict (code) do update set vintage = excluded.vintage, parent = excluded.parent, level = excluded.level, zh = excluded.zh, en = excluded.en;

-- name: RaisePlaceVersion :exec
update place_version set version = version + 1;

-- name: LockPlaces :exec
select version from place_version for update;

-- The places within a place that appear in lists: offices that have launched pilots, or villages with projects. Also
-- whether any office has been moved out of the place.
-- name: GetReach :one
select array(select r.place from reach r where r.above = @above and r.office = @office order by r.place limit sqlc.arg('max')::integer)::text[] as places,
    exists (select from bereft b where b.office = @above) as bereft;
