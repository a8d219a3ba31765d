#!/usr/bin/env bash
# usage: check-fuzz.sh [DURATION]
# Runs each fuzz target there is for that long (20s).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

duration=${1:-20s}
found=0
while IFS=: read -r file declared; do
  package=./$(dirname "$file")
  target=${declared#func }
  target=${target%%(*}
  found=$((found + 1))
  echo "-- $package $target"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$duration" -fuzzminimizetime 5s "$package" </dev/null
done < <(grep -rE --include='*_test.go' '^func Fuzz[A-Z]' cmd lang runtime scripts stdlib | sort)
((found)) || { echo "no fuzz target was found" >&2; exit 1; }
echo "$found fuzz targets, $duration each"
