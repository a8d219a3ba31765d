#!/usr/bin/env bash
# usage: check-flaky.sh [RUNS]
# Runs all labs RUNS times (30) on the machine as it is, and RUNS times with every
# processor busy. Fails if any expectation fails in any of these runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-30}
nsl=${NSL_BINARY:-bin/nsl}
report=$(mktemp)
burners=()
cleanup() {
  ((${#burners[@]} == 0)) || kill "${burners[@]}" 2>/dev/null || true
  rm -f "$report"
}
trap cleanup EXIT

failed=0
rounds() { # NAME
  local bad=0 start=$SECONDS
  for ((i = 1; i <= runs; i++)); do
    "$nsl" test scripts/labs --format json -o "$report" && continue
    bad=$((bad + 1)) failed=1
    jq -r 'select(.status == "failed" or .status == "error") | "  \(.file):\(.line // 0): \(.status) \(.text // "") \(.found // .reason // "")"' "$report"
  done
  echo "$1: $bad of $runs runs failed, in $((SECONDS - start)) s"
}

rounds idle
for ((i = 0; i < $(nproc); i++)); do
  while :; do :; done &
  burners+=($!)
done
rounds busy
exit $failed
