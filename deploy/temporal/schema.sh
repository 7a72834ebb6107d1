#!/bin/sh
# Migrates the schemas of Temporal's two databases to this version. Safe to repeat.
set -eu
SQL_PASSWORD=$(cat "${SQL_PASSWORD_FILE:-/run/secrets/temporal_db_password}")
export SQL_PASSWORD
versioned=${TEMPORAL_SCHEMA:-/etc/temporal/schema}/postgresql/v12

apply() { # database, folder
	echo "schema of $1"
	temporal-sql-tool --database "$1" setup-schema --version 0.0 # keeps what is there
	temporal-sql-tool --database "$1" update-schema --schema-dir "$versioned/$2/versioned"
}
apply temporal temporal
apply temporal_visibility visibility
