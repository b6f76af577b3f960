#!/usr/bin/env bash
# Installs what drives the browser. Quick and silent when that is done already.
set -eu
cd "$(dirname "$0")"
exec 9<setup.sh
if command -v flock >/dev/null; then flock 9; fi
cmp -s package-lock.json node_modules/.installed-lock.json && exit
npm ci --silent >&2
cp package-lock.json node_modules/.installed-lock.json
