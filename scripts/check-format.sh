#!/usr/bin/env bash
# Fails if a Go file is not formatted or go.mod is not tidy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bad=$(gofmt -l cmd lang runtime stdlib scripts)
if [[ -n $bad ]]; then
  printf 'not formatted (make fmt fixes it):\n%s\n' "$bad" >&2
  exit 1
fi
go mod tidy -diff || { echo "go.mod is not tidy (go mod tidy fixes it)" >&2; exit 1; }
go mod verify
