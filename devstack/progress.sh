#!/usr/bin/env bash
# Runs a long build and shows that it is making progress: progress.sh COMMAND …
set -eu
start=$SECONDS
"$@" &
build=$!
trap 'kill "$build" 2>/dev/null || true' INT TERM
while kill -0 "$build" 2>/dev/null; do
	if [ -t 2 ]; then
		printf '\r  building … %d s' $((SECONDS - start)) >&2
	elif [ $(((SECONDS - start) % 30)) = 29 ]; then
		printf '  building … %d s\n' $((SECONDS - start)) >&2
	fi
	sleep 1
done
wait "$build" && status=0 || status=$?
[ -t 2 ] && printf '\r  built in %d s      \n' $((SECONDS - start)) >&2
exit "$status"
