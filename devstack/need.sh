#!/usr/bin/env bash
# Ensures that a system package is installed: need.sh postgres|gcc|node. Installs Debian's package if it may; otherwise
# says exactly what to install.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

there() {
	case $1 in
	postgres) [ -n "${TERRACE_POSTGRES_BIN:-}" ] || { have initdb && have postgres; } || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
	gcc) have gcc ;;
	node) have node && have npm ;;
	esac
}

packages() {
	case $1 in
	postgres) echo "postgresql" ;;
	gcc) echo "gcc libc6-dev" ;;
	node) echo "nodejs npm" ;;
	*) echo "need.sh: unknown: $1" >&2 && exit 2 ;;
	esac
}

list=$(packages "$1")
there "$1" && exit 0
root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if have apt-get && { [ -z "$root" ] || $root true 2>/dev/null; }; then
	echo "Installing $list …" >&2
	# Do not start a system Postgres: the private one only needs its programs.
	export DEBIAN_FRONTEND=noninteractive
	$root apt-get update -qq >&2 || true
	if [ "$1" = postgres ]; then
		$root mkdir -p /etc/postgresql-common
		[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" | $root tee /etc/postgresql-common/createcluster.conf >/dev/null
	fi
	# shellcheck disable=SC2086
	$root apt-get install -y -qq --no-install-recommends $list >&2
	there "$1" && exit 0
fi
echo "Please install: $list   (Debian: sudo apt-get install $list)" >&2
exit 1
