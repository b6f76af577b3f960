#!/usr/bin/env bash
# Installs and builds what the receivers need. Quick and silent when that is done already.
set -eu
cd "$(dirname "$0")"
export NEXT_TELEMETRY_DISABLED=1

# Tests may call this at the same time: one works, the others wait. Not every system has flock.
exec 9<setup.sh
if command -v flock >/dev/null; then flock 9; fi

need() {
  command -v "$1" >/dev/null || { echo "receivers: $1 is missing: install $2" >&2; exit 1; }
}

# Runs a step with one line of notice; its output is shown only if it fails.
step() {
  echo "receivers: $1" >&2
  shift
  local log
  if ! log=$("$@" 2>&1); then
    printf '%s\n' "$log" "receivers: failed: $*" >&2
    return 1
  fi
}

build_next() {
  rm -f .next/BUILD_ID
  node ../node_modules/next/dist/bin/next build || { rm -f .next/BUILD_ID; return 1; }
}

install_node() {
  cmp -s package-lock.json node_modules/.installed-lock.json && return
  need npm "Node.js with npm"
  step "npm ci in $PWD" npm ci
  cp package-lock.json node_modules/.installed-lock.json
}

install_python() {
  [ -x .venv/bin/python ] && cmp -s requirements.txt .venv/requirements.txt && return
  need python3 "Python 3.9 or later"
  step "python3 -m venv in $PWD" python3 -m venv --clear .venv
  step "pip install in $PWD" .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/requirements.txt
}

need node "Node.js 20.9 or later"
for folder in . libraries agents; do
  (cd "$folder" && install_node && install_python)
done

cd costkatana-next
if ! [ -f .next/BUILD_ID ] || [ -n "$(find app next.config.js ../package-lock.json -newer .next/BUILD_ID)" ]; then
  step "next build" build_next
fi
