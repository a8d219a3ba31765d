#!/usr/bin/env bash
# Runs every stage, also after one that failed, and tells the time each took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
table=

stage() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  "$@" </dev/null || { verdict=FAILED failed=1; }
  table+=$(printf '%-10s %5ds  %s' "$name" $((SECONDS - start)) "$verdict")$'\n'
}

make=(make --no-print-directory)
stage build "${make[@]}" build
stage check "${make[@]}" check
stage lint "${make[@]}" lint
stage test "${make[@]}" test RACE=1 NSL_REQUIRE=netns TESTFLAGS="-timeout 8m -count 1"
if ((EUID == 0)); then
  stage test-user "${make[@]}" test-user NSL_REQUIRE=netns
fi
stage fuzz "${make[@]}" fuzz FUZZTIME=20s

printf '\n%s%-10s %5ds\n' "$table" total $SECONDS
exit $failed
