create table organization (
    credit_code text primary key,
    name_zh     text not null,
    name_en     text not null,
    facts       json not null -- as pilot.OrganizationFacts
);
