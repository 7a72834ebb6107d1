#!/bin/sh
# Runs once, when the cluster is made: a role for Terrace and one for Temporal, each
# the owner of its own databases and of nothing else. psql reads the passwords itself,
# so that no command line shows them.
set -eu
psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set terrace `cat /run/secrets/terrace_db_password`
\set temporal `cat /run/secrets/temporal_db_password`
create role terrace login password :'terrace';
create role temporal login password :'temporal';
create database terrace owner terrace;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect on database terrace, temporal, temporal_visibility from public;
SQL
