#!/usr/bin/env bash
# usage: check-fuzz.sh [DURATION]
# Runs each fuzz target there is for that long (20s).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

duration=${1:-20s}
found=0
for package in $(go list ./...); do
  listed=$(go test -list '^Fuzz' "$package")
  for target in $(grep '^Fuzz' <<<"$listed" || true); do
    found=$((found + 1))
    echo "-- $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$duration" -fuzzminimizetime 5s "$package"
  done
done
echo "$found fuzz targets, $duration each"
