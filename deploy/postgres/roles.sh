#!/bin/sh
# Runs once, when the cluster is made. Terrace has two roles: terrace_owner owns its
# database and runs “terrace migrate”, terrace is what the program connects as. That
# one reads, adds and changes rows, owns nothing, and cannot pass over what keeps the
# journal and the ledger. Temporal has a role that owns its own databases. psql reads
# the passwords itself, so that no command line shows them.
set -eu
psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set owner `cat /run/secrets/terrace_owner_db_password`
\set terrace `cat /run/secrets/terrace_db_password`
\set temporal `cat /run/secrets/temporal_db_password`
create role terrace_owner login password :'owner';
create role terrace login password :'terrace';
create role temporal login password :'temporal';
create database terrace owner terrace_owner;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke all on database terrace from public;
revoke connect on database temporal, temporal_visibility from public;
grant connect on database terrace to terrace;
\connect terrace
-- What terrace_owner makes, terrace uses; the migrations take back what the journal and the ledger do not allow.
alter default privileges for role terrace_owner in schema public grant select, insert, update, delete on tables to terrace;
alter default privileges for role terrace_owner in schema public grant usage on sequences to terrace;
SQL
