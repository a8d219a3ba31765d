#!/usr/bin/env bash
# usage: check-fuzz.sh [DURATION]
# Runs each fuzz target for DURATION (20s), as many at a time as there are processors,
# each with one worker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export duration=${1:-20s}

fuzz() { # PACKAGE TARGET
  local said code=0
  said=$(go test -run '^$' -fuzz "^$2\$" -parallel 1 -fuzztime "$duration" -fuzzminimizetime 5s "$1" 2>&1) || code=$?
  printf -- '-- %s %s\n%s\n' "$1" "$2" "$said"
  return $code
}
export -f fuzz

targets=$(grep -rE --include='*_test.go' '^func Fuzz[A-Z]' cmd lang runtime scripts stdlib | sort |
  sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*|./\1 \2|')
[[ -n $targets ]] || { echo "no fuzz targets found" >&2; exit 1; }
xargs -P "$(nproc)" -L 1 bash -c 'fuzz "$@"' fuzz <<<"$targets"
echo "$(wc -l <<<"$targets") fuzz targets, $duration each"
