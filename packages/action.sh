#!/usr/bin/env bash
# What the action does, after ckwh is there: starts the server, waits for it, runs ckwh against it, and ends the server.
# START, TO, RUN and WAIT are the action's inputs.
set -euo pipefail

log=$(mktemp)
server=
finish() {
  # Its children too: `npm start` starts the server itself.
  [ -z "$server" ] || kill -- -"$server" 2>/dev/null || true
}
trap finish EXIT

if [ -n "${START:-}" ]; then
  # In a group of its own, which ends as one.
  set -m
  bash -c "$START" >"$log" 2>&1 </dev/null &
  server=$!
  set +m
fi

wait=()
verb=${RUN%% *}
case $verb in
  send) wait=(--wait "${WAIT:-60s}") ;;
  check)
    # `check` does not wait itself: a port that takes a connection is enough.
    address=${TO#*://}
    address=${address%%/*}
    case $address in
      *:*) host=${address%:*} port=${address##*:} ;;
      *[!0-9]*) host=$address port=80 ;;
      *) host=localhost port=$address ;;
    esac
    seconds=${WAIT:-60}
    end=$((SECONDS + ${seconds%s}))
    until (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null; do
      if [ "$SECONDS" -ge "$end" ]; then
        echo "::error::nothing listens at $host:$port after ${seconds%s} s"
        cat "$log"
        exit 3
      fi
      sleep 0.2
    done
    ;;
  *)
    echo "::error::run begins with check or send, and not with $verb"
    exit 2
    ;;
esac

# RUN is words for a shell, as in a step's own `run`.
eval "set -- $RUN"
status=0
ckwh "$@" --to "$TO" ${wait[@]+"${wait[@]}"} --report github || status=$?
if [ "$status" != 0 ] && [ -n "$server" ]; then
  echo "::group::what the server said"
  tail -n 100 "$log"
  echo "::endgroup::"
fi
exit "$status"
