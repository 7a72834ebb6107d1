#!/bin/sh
# Renews redoc.standalone.js, which the documentation page runs, from the npm package redoc, with its licences.
# The address of a logo elsewhere is taken out: the page asks nobody but its own server.
set -eu
version=2.5.4
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "redoc@$version" >/dev/null && tar xzf redoc-*.tgz)
sed 's#https://cdn\.redoc\.ly/redoc/logo-mini\.svg#data:,#' "$work/package/bundles/redoc.standalone.js" > redoc.standalone.js
{
	echo "redoc $version (redoc.standalone.js), and below it what is bundled in it"
	echo
	cat "$work/package/LICENSE"
	echo
	cat "$work/package/bundles/redoc.standalone.js.LICENSE.txt"
} > redoc.LICENSE.txt
if grep -q 'cdn\.redoc' redoc.standalone.js; then
	echo "redoc.standalone.js still names another server" >&2
	exit 1
fi
