#!/bin/sh
# Creates the passwords for docker-compose.yml, each in its own file, and keeps existing ones. Only the owner can enter
# the folder; the files in it are readable for whichever user a container runs as.
set -eu
umask 077
cd "$(dirname "$0")/secrets"
chmod 700 .

keep() { # name, content
	[ -e "$1" ] && return
	printf %s "$2" >"$1"
	chmod 444 "$1"
	echo "created deploy/secrets/$1"
}
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for name in postgres_password terrace_owner_db_password terrace_db_password temporal_db_password; do
	keep "$name" "$(random)"
done
# sslmode: the network between the two containers is private to this host. Elsewhere use verify-full.
keep terrace_database_url "postgres://terrace:$(cat terrace_db_password)@postgres:5432/terrace?sslmode=disable"
keep terrace_owner_database_url "postgres://terrace_owner:$(cat terrace_owner_db_password)@postgres:5432/terrace?sslmode=disable"
