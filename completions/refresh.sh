#!/usr/bin/env bash
# Writes the completion scripts and the manual pages anew, as this source tree prints them.
set -eu
cd "$(dirname "$0")"
cargo build --quiet
ckwh=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/ckwh

"$ckwh" completions bash >ckwh.bash
"$ckwh" completions zsh >_ckwh
"$ckwh" completions fish >ckwh.fish
"$ckwh" completions powershell >_ckwh.ps1
"$ckwh" completions elvish >ckwh.elv

rm -rf man
mkdir man
"$ckwh" man >man/ckwh.1
for name in $("$ckwh" help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
  [ "$name" = help ] || "$ckwh" man "$name" >"man/ckwh-$name.1"
done
