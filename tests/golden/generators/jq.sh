#!/usr/bin/env bash
# jq over every body: style <TAB> body <TAB> base64 of the bytes, without the line break that jq ends with.
set -eu
cd "$(dirname "$0")/../bodies"
show() {
  local name=$1
  shift
  for file in *.json; do
    printf '%s\t%s\t%s\n' "$name" "$file" "$(printf '%s' "$(jq "$@" . "$file")" | base64 -w0)"
  done
}
show jq -c
show jq-indent-2 --indent 2
show jq-sorted -cS
show jq-ascii -ca
