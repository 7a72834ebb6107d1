-- Which of the places that lists name lie in which, themselves among them; after the table of places, never after the digits of a
-- code. An office knows by it where to look, however many places there are.
create table reach (
    above  text    not null,
    place  text    not null,
    office boolean not null,                           -- it has launched something; else it is a village with a project
    primary key (above, office, place)
);
create index reach_place on reach (place, office);

-- The first row that names a place waits for who is changing the places, and holds the next one up: neither sees what the other has
-- not committed yet. A place that is known is left to reach_anew, and costs no lock.
create function reach_out(of text, as_office boolean) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    if of = '' or exists (select from reach r where r.place = of and r.office = as_office) then
        return;
    end if;
    perform from place_version for share;
    insert into reach (above, place, office)
    with recursive chain as (
        select of as code
        union
        select p.parent from place p join chain c on c.code = p.code where p.parent is not null
    )
    select c.code, of, as_office from chain c on conflict do nothing;
end $$;

create function reach_office() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform reach_out(new.place, true);
    return null;
end $$;
create function reach_village() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform reach_out(new.village, false);
    return null;
end $$;
create trigger pilot_row_reaches after insert on pilot_row for each row execute function reach_office();
create trigger pilot_row_moves after update on pilot_row for each row when (old.place <> new.place) execute function reach_office();
create trigger difference_row_reaches after insert on difference_row for each row execute function reach_office();
create trigger project_row_reaches after insert on project_row for each row execute function reach_village();
create trigger project_row_moves after update of village on project_row for each row when (old.village <> new.village) execute function reach_village();

-- Offices that lie above others no more, whose pilots they may still take part in: a list has to look for these too.
create table bereft (
    office text primary key
);

-- Places that are added or given another parent take along what lies in them.
create function reach_anew() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    offices  text[];
    villages text[];
    above    text[];
    below    text[];
begin
    perform from place_version for update;
    with gone as (
        delete from reach r using reach within
        where within.above in (select c.code from changed c) and r.place = within.place and r.office = within.office
        returning r.above, r.place, r.office
    )
    select array_agg(distinct g.place) filter (where g.office), array_agg(distinct g.place) filter (where not g.office),
        array_agg(g.above) filter (where g.office), array_agg(g.place) filter (where g.office) into offices, villages, above, below from gone g;
    perform reach_out(o, true) from unnest(offices) o;
    perform reach_out(v, false) from unnest(villages) v;
    insert into bereft (office)
    select g.above from unnest(above, below) g (above, place) where not exists (select from reach r where r.above = g.above and r.place = g.place and r.office)
    on conflict do nothing;
    return null;
end $$;
create trigger place_comes after insert on place referencing new table as changed for each statement execute function reach_anew();
create trigger place_moves after update on place referencing new table as changed for each statement execute function reach_anew();

-- Reach as the lists and the table of places have it.
create view reach_of_lists as
with recursive named as (
    select r.place, true as office from pilot_row r union select r.place, true from difference_row r union select r.village, false from project_row r
), chain as (
    select n.place as above, n.place, n.office from named n where n.place <> ''
    union
    select p.parent, c.place, c.office from chain c join place p on p.code = c.above where p.parent is not null
)
select c.above, c.place, c.office from chain c;
