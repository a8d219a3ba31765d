#!/usr/bin/env bash
# Builds everything for arm64, and runs the tests of the packages that need neither
# network namespaces nor the program nsl, with qemu-user.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || {
  echo "check-arm64: needs qemu-user-static: apt-get install --no-install-recommends qemu-user-static" >&2
  exit 2
}
# The emulator runs the test binary, which cannot start itself again in namespaces.
export NSL_TEST_NO_SANDBOX="qemu-user has no namespaces"
export CGO_ENABLED=0 GOOS=linux GOARCH=arm64
go vet ./...
# shellcheck disable=SC2046 # one word for each package
go test -timeout 9m -exec "$emulator" $(go list ./lang/... ./runtime/plan ./runtime/model ./runtime/report | grep -v /lang/doc)
