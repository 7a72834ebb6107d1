#!/bin/sh
# Runs once, when the cluster is created. Terrace has two login roles: terrace_owner owns its database and runs “terrace
# migrate”; the program connects as terrace. That role owns nothing. Its rights come from terrace_program, to which the
# schema grants them, so it cannot bypass what protects the record. Temporal has a role that owns its own databases.
# psql reads the passwords itself, so that no command line shows them.
set -eu
for name in terrace_owner_db_password terrace_db_password temporal_db_password; do
	[ -s "/run/secrets/$name" ] || { echo "roles.sh: /run/secrets/$name is missing or empty: put the role's password there; nothing was made" >&2; exit 1; }
done
psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set owner `cat /run/secrets/terrace_owner_db_password`
\set terrace `cat /run/secrets/terrace_db_password`
\set temporal `cat /run/secrets/temporal_db_password`
create role terrace_program nologin;
create role terrace_owner login password :'owner';
create role terrace login password :'terrace' in role terrace_program;
create role temporal login password :'temporal';
create database terrace owner terrace_owner;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke all on database terrace from public;
revoke connect on database temporal, temporal_visibility from public;
grant connect on database terrace to terrace;
SQL
