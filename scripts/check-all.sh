#!/usr/bin/env bash
# Checks what every change has to pass, in some minutes; check-nightly.sh has the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/stages.sh

# A test that fails runs once more: the machine may be busy with something else. What passed
# only then is printed at the end.
export NSL_AGAIN
NSL_AGAIN=$(mktemp)
trap 'rm -f "$NSL_AGAIN"' EXIT

stage build "${make[@]}" build
stage check "${make[@]}" check
stage lint "${make[@]}" lint
stage test "${make[@]}" test RACE=1 NSL_REQUIRE=netns TESTFLAGS="-timeout 8m -count 1"
if ((EUID == 0)); then
  stage test-user "${make[@]}" test-user NSL_REQUIRE=netns
fi
cat "$NSL_AGAIN"
report
