#!/bin/sh
# Creates Terrace's namespace and the search attributes that operators filter by. Safe to repeat.
set -eu
tries=0
until temporal operator cluster health >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || { echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2; exit 1; }
	sleep 2
done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
	temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 720h

# A new namespace takes some seconds to be known everywhere.
tries=0
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
	--name TerraceStage --type Keyword --name TerracePlace --type Keyword --name TerraceDue --type Datetime; do
	tries=$((tries + 1))
	[ "$tries" -lt 30 ] || exit 1
	sleep 2
done
