#!/usr/bin/env bash
# Fails if running the generators changes a file. Compares with the files as they are,
# not with the commit, so that it works with uncommitted changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sums() {
  find . \( -name .git -o -path ./bin -o -path ./dist \) -prune -o -type f -print0 |
    sort -z | xargs -0 sha256sum
}

before=$(sums)
go generate ./...
if ! stale=$(diff <(echo "$before") <(sums)); then
  printf 'these were stale and have been written again (make generate); commit them:\n' >&2
  sed -n 's/^> [0-9a-f]*  /  /p' <<<"$stale" >&2
  exit 1
fi
echo "generated files are up to date"
