-- name: GetActorByToken :one
select a.* from token t join actor a on a.id = t.actor where t.hash = $1;

-- name: PutActor :exec
insert into actor (id, name_zh, name_en, roles, place, organization, interests)
values (@id, @name_zh, @name_en, @roles, @place, @organization, @interests)
on conflict (id) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, roles = excluded.roles,
    place = excluded.place, organization = excluded.organization, interests = excluded.interests;

-- name: PutToken :exec
insert into token (hash, actor) values (@hash, @actor) on conflict (hash) do nothing;

-- One registration at a time, so that what one reads is what it then changes.
-- name: LockRegistry :exec
select pg_advisory_xact_lock(hashtextextended('registry', 7));

-- name: HasToken :one
select exists (select from token where actor = $1);

-- name: ListPeople :many
select * from actor where id = any(@ids::text[]);

-- name: ListExperts :many
select * from actor where roles @> array[@role::text] and id > @after order by id limit sqlc.arg('max')::integer;

-- name: ListTokens :many
select * from token where hash = any(@hashes::bytea[]);

-- name: ListActors :many
select * from actor;

-- name: GetRegistered :one
select exists (select from place) as places, exists (select from organization) as organizations, exists (select from actor) as people;
