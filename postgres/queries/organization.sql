-- name: PutOrganization :exec
insert into organization (credit_code, name_zh, name_en, facts) values (@credit_code, @name_zh, @name_en, @facts)
on conflict (credit_code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, facts = excluded.facts;

-- name: ListFacts :many
select credit_code, name_zh, name_en, facts from organization where credit_code = any(@codes::text[]);

-- name: ListBans :many
select organization, max(banned_until)::date as until from project_row
where organization = any(@codes::text[]) and banned_until is not null group by organization;
