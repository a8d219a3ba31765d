#!/usr/bin/env bash
# usage: check-user.sh [all]      (as root; NSL_TEST_USER=name to choose the user)
# Runs tests as an ordinary user, who is created and removed again unless one is named:
# those for which the user matters (sandbox, kernel, keeper, running labs), or with "all"
# every test that uses the kernel. The tests run in a copy of the sources, because the user
# may not be allowed to enter the original directory. The copy is not in /tmp, which is
# hidden in a sandbox.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/again.sh

if ((EUID)); then
  echo "check-user: needs root to become another user; as an ordinary user run make test" >&2
  exit 2
fi

packages=(./runtime/sandbox ./runtime/kernel ./runtime/keeper ./runtime/lab ./runtime/terminal ./cmd/nsl)
# Of the command's tests, those of files about running labs, and about what is left of one.
export command_tests
command_tests=^\($(grep -lE 'abHome\(t\)|killOne\(' cmd/nsl/*_test.go |
  xargs sed -nE 's/^func (Test\w+)\(.*/\1/p' | paste -sd '|')\)$
case ${1:-} in
all) packages=(./runtime/... ./stdlib/... ./cmd/... ./scripts/labs ./lang/doc) command_tests= ;;
'') ;;
*) echo "usage: check-user.sh [all]" >&2 && exit 2 ;;
esac
user=${NSL_TEST_USER:-}
copy=$(mktemp -d /var/tmp/nsl-user.XXXXXX)
made=

cleanup() {
  rm -rf "$copy"
  [[ -z $made ]] || userdel "$made"
}
trap cleanup EXIT

if [[ -z $user ]]; then
  user=nsl-test-$$
  useradd --no-create-home --home-dir "$copy" --shell /bin/bash "$user"
  made=$user
fi

tar -c --exclude=./.git --exclude=./bin . | tar -x -C "$copy"
export CGO_ENABLED=0

cp "${NSL_BINARY:-bin/nsl}" "$copy/nsl-under-test"
# Compiled where they will run, so that a test finds its testdata.
built=()
tested=$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' "${packages[@]}")
for dir in $tested; do
  binary=$copy/${dir#"$PWD"/}/nsl-user.test
  go test -c -o "$binary" "$dir"
  [[ ! -e $binary ]] || built+=("$binary")
done
chown -R "$user": "$copy"

as_user() { # BINARY
  local said code=0 only=
  [[ $(dirname "$1") != "$copy/cmd/nsl" ]] || only=$command_tests
  said=$(mktemp)
  run_as_user "$1" "$only" >"$said" 2>&1 || again "$said" run_as_user "$1" >>"$said" 2>&1 || code=1
  printf -- '-- %s as %s\n%s\n' "$(dirname "${1#"$copy"/}")" "$user" "$(cat "$said")"
  rm -f "$said"
  return $code
}

run_as_user() { # BINARY PATTERN
  cd "$(dirname "$1")"
  setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all \
    env -i HOME="$copy" USER="$user" LANG=C.UTF-8 CI="${CI:-}" NSL_REQUIRE="${NSL_REQUIRE:-}" \
    NSL_BINARY="$copy/nsl-under-test" \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
    "$1" -test.timeout 8m -test.run "$2" </dev/null
}
export -f as_user run_as_user again failed_tests
export user copy

failed=0
printf '%s\0' "${built[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'as_user "$1"' as_user || failed=1
echo "${#built[@]} packages ran as $(id -un "$user")"
exit $failed
