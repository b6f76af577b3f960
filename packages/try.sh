#!/usr/bin/env bash
# Installs each package of a folder that build.py filled, from its file, in an empty home without a network, and has it
# do its work: packages/try.sh target/packages. What can't be tried here is named, and is no failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd)
folder=$(mktemp -d)
servers=()
finish() {
  for server in ${servers[@]+"${servers[@]}"}; do kill "$server" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT

# Runs a command with nothing of this environment, in a folder and a home of its own.
clean() {
  local name=$1
  shift
  mkdir -p "$folder/$name/home"
  (cd "$folder/$name" && env -i HOME="$folder/$name/home" PATH="$PATH" "$@")
}

# The main job of the program: a signed event, delivered, caught and verified.
works() {
  local name=$1 said
  shift
  said=$(clean "$name" "$@" send cost.alert 2>&1) || { echo "$name: $said" >&2; exit 1; }
  grep -q '✓ valid: the signature matches' <<<"$said" || { echo "$name: $said" >&2; exit 1; }
  echo "$name: works"
}

# A signed delivery to a handler of the user's own: the command that starts it, then the program.
delivers() {
  local name=$1 handler=$2 port said
  shift 2
  export WEBHOOK_SECRET=whatever-your-handler-has
  : >"$folder/$name.port"
  $handler >"$folder/$name.port" 2>/dev/null &
  servers+=($!)
  until port=$(grep -x '[0-9]*' "$folder/$name.port"); do sleep 0.1; done
  said=$(clean "$name" env WEBHOOK_SECRET="$WEBHOOK_SECRET" "$@" send cost.alert --to "localhost:$port" 2>&1) ||
    { echo "$name: $said" >&2; exit 1; }
  echo "$name: a handler of the user's own accepts a delivery after $((SECONDS - begun)) s"
}

has() {
  command -v "$1" >/dev/null && return
  echo "$2: not tried, $1 is missing"
  return 1
}

one() { compgen -G "$out/$1" | head -n 1; }

(cd "$out" && sha256sum --check --quiet SHA256SUMS)
echo "checksums: right"

if has npm npm; then
  begun=$SECONDS
  main=$(ls "$out"/ckwh-[0-9]*.tgz)
  # A project that npm does not look for above.
  quiet=(--offline --no-audit --no-fund --no-update-notifier --loglevel=error --no-save)
  clean npm sh -c 'echo "{\"private\":true}" >package.json'
  clean npm npm install "${quiet[@]}" "$main" "$(one 'ckwh-linux-x64-*.tgz')" >/dev/null
  works npm "$folder/npm/node_modules/.bin/ckwh"
  delivers npm "node $here/handler.mjs" "$folder/npm/node_modules/.bin/ckwh"
  clean omitted sh -c 'echo "{\"private\":true}" >package.json'
  clean omitted npm install "${quiet[@]}" --omit=optional "$main" >/dev/null
  if said=$(clean omitted "$folder/omitted/node_modules/.bin/ckwh" --version 2>&1); then
    echo "npm: a program was found where none is: $said" >&2
    exit 1
  fi
  grep -q 'npm install @ckwh/linux-x64@' <<<"$said" || { echo "npm: $said" >&2; exit 1; }
  echo "npm --omit=optional: says what is missing"
fi

if has python3 PyPI; then
  begun=$SECONDS
  clean pypi python3 -m venv venv
  clean pypi venv/bin/pip install --quiet --disable-pip-version-check --no-index "$(one 'ckwh-*.whl')"
  works pypi "$folder/pypi/venv/bin/ckwh"
  delivers pypi "python3 $here/handler.py" "$folder/pypi/venv/bin/ckwh"
fi

if deb=$(one '*.deb') && has dpkg-deb Debian; then
  dpkg-deb --extract "$deb" "$folder/deb"
  test -s "$folder/deb/usr/share/man/man1/ckwh-send.1.gz"
  test -s "$folder/deb/usr/share/bash-completion/completions/ckwh"
  works deb "$folder/deb/usr/bin/ckwh"
fi

# It takes the archive for glibc, which a folder of the static program does not have.
if one '*-linux-gnu.tar.gz' >/dev/null && has python3 install.sh && has curl install.sh; then
  python3 -u -m http.server --bind 127.0.0.1 --directory "$out" 0 >"$folder/served" 2>&1 &
  servers+=($!)
  until address=$(grep -o 'http://127[^/)]*' "$folder/served"); do sleep 0.1; done
  clean installed env CKWH_DOWNLOAD="$address" sh "$out/install.sh"
  works installed "$folder/installed/home/.local/bin/ckwh"
  # Another archive than the one that was summed up is not installed.
  cp -r "$out" "$folder/changed"
  for archive in "$folder"/changed/*.tar.gz; do echo changed >>"$archive"; done
  if clean refused env CKWH_DOWNLOAD="file://$folder/changed" sh "$out/install.sh" 2>/dev/null; then
    echo "install.sh: took an archive that is not what SHA256SUMS says" >&2
    exit 1
  fi
  test ! -e "$folder/refused/home/.local/bin/ckwh"
  echo "install.sh: refuses a changed archive"
fi

if static=$(one '*-static.tar.gz'); then
  if [ "$(id -u)" = 0 ]; then
    mkdir "$folder/root"
    tar -xzf "$static" -C "$folder/root" --strip-components 1
    chroot "$folder/root" /ckwh send cost.alert >"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 1; }
    grep -q '✓ valid: the signature matches' "$folder/said"
    echo "static: works in an empty root"
  else
    echo "static: not tried, an empty root wants the superuser"
  fi
fi
