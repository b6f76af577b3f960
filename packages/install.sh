#!/bin/sh
# Installs ckwh @VERSION@ for this user: curl -fsSL @REPOSITORY@/releases/latest/download/install.sh | sh
#   CKWH_BIN        the folder for the program [~/.local/bin]
#   CKWH_DOWNLOAD   where the archives and SHA256SUMS are
# Everything is in a function, so that a script that breaks off does nothing.
set -eu

main() {
  version='@VERSION@'
  from=${CKWH_DOWNLOAD:-@REPOSITORY@/releases/download/v$version}
  bin=${CKWH_BIN:-$HOME/.local/bin}

  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
    Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-gnu ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) fail "there is no program for $(uname -s) on $(uname -m); with Rust: cargo install ckwh" ;;
  esac
  # Without glibc, such as on Alpine, the static program.
  if [ "$target" = x86_64-unknown-linux-gnu ] && ls /lib/ld-musl-* >/dev/null 2>&1; then
    target=$target-static
  fi
  name=ckwh-$version-$target

  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  fetch "$from/$name.tar.gz" "$folder/$name.tar.gz"
  fetch "$from/SHA256SUMS" "$folder/SHA256SUMS"
  expected=$(awk -v name="$name.tar.gz" '$2 == name { print $1 }' "$folder/SHA256SUMS")
  [ -n "$expected" ] || fail "SHA256SUMS does not have $name.tar.gz"
  found=$(digest "$folder/$name.tar.gz")
  [ "$found" = "$expected" ] || fail "$name.tar.gz is not what SHA256SUMS says: $found, and not $expected"

  tar -xzf "$folder/$name.tar.gz" -C "$folder"
  mkdir -p "$bin"
  # Beside its place first, so that a running one is replaced in one step.
  cp "$folder/$name/ckwh" "$bin/.ckwh.new"
  chmod 755 "$bin/.ckwh.new"
  mv "$bin/.ckwh.new" "$bin/ckwh"
  echo "ckwh $version is in $bin"
  case ":$PATH:" in
    *":$bin:"*) echo "try it: ckwh send cost.alert" ;;
    *) echo "add it to your path: export PATH=\"$bin:\$PATH\"" ;;
  esac
}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL -o "$2" "$1" || fail "$1 can't be had"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1" || fail "$1 can't be had"
  else
    fail "curl or wget is needed"
  fi
}

digest() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 "$1" | cut -d ' ' -f 1
  fi
}

main
