-- “terrace rebuild” removes launches of which there is no pilot.
grant delete on launch to terrace_program;
