-- “terrace rebuild” puts the only row of journal_origin back, and “terrace register” that of place_version.
grant insert on journal_origin, place_version to terrace_program;
