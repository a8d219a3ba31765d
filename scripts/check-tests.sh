#!/usr/bin/env bash
# usage: check-tests.sh [race | race-all] [FLAG...]
# Runs every test; the flags are those of go test. With "race", the race detector is used
# for the packages that start goroutines and for the command, in which most of them come
# together; with "race-all", for every package: it is slow, and finds nothing where nothing
# is concurrent. Tests that need the program use bin/nsl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/again.sh

race=
case ${1:-} in
race | race-all)
  race=$1
  shift
  ;;
esac
export NSL_BINARY=${NSL_BINARY:-$PWD/bin/nsl}

# concurrent are the packages that start goroutines, their tests left out.
concurrent() {
  echo ./cmd/nsl
  grep -rlE --include='*.go' --exclude='*_test.go' '(^|[^/[:alnum:]_])go (func\b|[[:alpha:]_.]+\()|\.Go\(' cmd lang runtime stdlib |
    sed 's|^|./|; s|/[^/]*$||' | sort -u
}

# The longest first: none of them is left alone at the end.
longest=(nsl/stdlib nsl/stdlib/foreign nsl/runtime/engine nsl/stdlib/why nsl/lang/doc nsl/cmd/nsl nsl/runtime/importing nsl/runtime/kernel)
mapfile -t all < <(printf '%s\n' "${longest[@]}" && go list ./... | grep -vxFf <(printf '%s\n' "${longest[@]}"))
raced=()
case $race in
race) mapfile -t raced < <(printf '%s\n' "${all[@]}" | grep -xFf <(go list $(concurrent))) ;;
race-all) raced=("${all[@]}") ;;
esac
mapfile -t plain < <(printf '%s\n' "${all[@]}" | grep -vxFf <(printf '%s\n' "${raced[@]}"))

# Many tests wait for networks: one package more at a time than there are processors.
set -- -p $(($(nproc) + 1)) "$@"
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# tests FLAG... PACKAGE...
tests() {
  local failed
  go test -ldflags=-w "$@" 2>&1 | tee "$said" && return
  failed=$(sed -nE 's/^FAIL\t(nsl[^\t ]*).*/\1/p' "$said")
  again "$said" go test $flags -p 1 $failed -run
}

code=0
flags=$*
((${#plain[@]} == 0)) || tests "$@" "${plain[@]}" || code=1
flags="-race $flags"
((${#raced[@]} == 0)) || CGO_ENABLED=1 tests -race "$@" "${raced[@]}" || code=1
exit $code
