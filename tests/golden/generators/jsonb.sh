#!/usr/bin/env bash
# What PostgreSQL's jsonb makes of every body, in a server of its own: style <TAB> body <TAB> base64 of the bytes.
set -eu
cd "$(dirname "$0")/../bodies"
programs=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
home=$(mktemp -d)
chown nobody "$home"
as() { setpriv --reuid nobody --clear-groups "$@"; }
trap 'as "$programs/pg_ctl" -s -D "$home/data" stop >&2; rm -rf "$home"' EXIT
as "$programs/initdb" -E UTF8 --locale C.UTF-8 -D "$home/data" >/dev/null
as "$programs/pg_ctl" -s -w -D "$home/data" -o "-k $home -h ''" start >&2
for file in *.json; do
  # It holds no NUL in a text.
  grep -q 'u0000' "$file" && continue
  written=$(as psql -h "$home" -d postgres -U nobody -Atq -v body="$(cat "$file")" <<<"select encode(convert_to(:'body'::jsonb::text, 'UTF8'), 'base64')" | tr -d '\n')
  printf 'jsonb\t%s\t%s\n' "$file" "$written"
done
