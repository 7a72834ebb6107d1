#!/bin/sh
# Lints an OpenAPI document with Redocly's recommended-strict rules and Spectral's oas rules: lint.sh openapi.json
# Any finding, even a hint, makes it exit with a nonzero status.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 openapi.json" >&2; exit 2; }
document=$(realpath "$1")
cd "$(dirname "$0")"
[ -x node_modules/.bin/redocly ] && [ -x node_modules/.bin/spectral ] || npm ci --silent
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
node_modules/.bin/redocly lint --extends=recommended-strict "$document"
node_modules/.bin/spectral lint --ruleset .spectral.yaml --fail-severity=hint "$document"
