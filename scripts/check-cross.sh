#!/usr/bin/env bash
# Fails when nsl does not build for a system that runs no labs but checks, formats and
# explains scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for target in darwin/arm64 darwin/amd64 windows/amd64; do
  GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/nsl ||
    { echo "nsl does not build for $target: what takes Linux belongs in files for Linux alone (cmd/nsl/linux.go)" >&2; exit 1; }
done
