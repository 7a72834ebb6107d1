#!/bin/sh
# Updates redoc.standalone.js, which the documentation page runs, and its licences from the npm package redoc. Removes
# the address of an external logo, so that the page contacts only its own server.
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
	echo "redoc.standalone.js still refers to another server" >&2
	exit 1
fi
