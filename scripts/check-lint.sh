#!/usr/bin/env bash
# usage: check-lint.sh vX.Y.Z
# Runs golangci-lint of exactly this version, and builds it with go install if it is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?usage: check-lint.sh vX.Y.Z}
tools=${XDG_CACHE_HOME:-$HOME/.cache}/nsl/golangci-lint-$version

is_pinned() { [[ $("$1" version --short 2>/dev/null) == "${version#v}" ]]; }

for lint in "$tools/golangci-lint" "$(go env GOPATH)/bin/golangci-lint" golangci-lint; do
  is_pinned "$lint" && break
  lint=
done
if [[ -z $lint ]]; then
  echo "building golangci-lint $version (once, some minutes)"
  GOBIN=$tools go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
  lint=$tools/golangci-lint
fi
"$lint" run --allow-parallel-runners ./...
