#!/usr/bin/env bash
# Makes the files of a release (make dist) and checks them: the checksums are right, the
# same sources in another directory give the same bytes, and the packages contain a
# program that runs, man pages, completions and labs. The program for arm64 is run with
# qemu-user.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:/usr/sbin:/sbin

fail() {
  echo "check-dist: $*" >&2
  exit 1
}

version=$(scripts/version.sh)
commit=$(git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
epoch=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

release() { # DIRECTORY
  make --no-print-directory -C "$1" dist SOURCE_DATE_EPOCH="$epoch" COMMIT="$commit" >/dev/null
}

release .
(cd dist && sha256sum --quiet --check SHA256SUMS)

mkdir "$scratch/elsewhere"
tar -c --exclude=./.git --exclude=./bin --exclude=./dist . | tar -x -C "$scratch/elsewhere"
release "$scratch/elsewhere"
diff dist/SHA256SUMS "$scratch/elsewhere/dist/SHA256SUMS" || fail "the same sources gave different files"

emulator() { # ARCH
  if [[ $1 == arm64 ]] && ! "$2" version >/dev/null 2>&1; then
    command -v qemu-aarch64-static || command -v qemu-aarch64 || echo skip
  fi
}

# runs checks that a program prints the version; one for another machine is emulated.
runs() { # ARCH PROGRAM
  local with
  with=$(emulator "$1" "$2")
  if [[ $with == skip ]]; then
    echo "check-dist: no qemu-aarch64, so nsl for arm64 is not run: apt-get install qemu-user-static"
    return
  fi
  $with "$2" version | grep -qF "nsl $version (commit $commit)" || fail "$2 does not report $version (commit $commit)"
}

for arch in amd64 arm64; do
  root=$scratch/root-$arch
  mkdir -p "$root"
  dpkg-deb -x dist/nsl_*_$arch.deb "$root"
  [[ $(dpkg-deb -f dist/nsl_*_$arch.deb Architecture) == "$arch" ]] || fail "the package of $arch has another architecture"
  for file in bin/nsl share/man/man1/nsl-run.1.gz share/man/man7/nsl-statements.7.gz \
    share/bash-completion/completions/nsl share/zsh/vendor-completions/_nsl \
    share/fish/vendor_completions.d/nsl.fish share/doc/nsl/copyright share/doc/nsl/examples/ring.nsl; do
    [[ -s $root/usr/$file ]] || fail "the package of $arch has no /usr/$file"
  done
  runs $arch "$root/usr/bin/nsl"
  tar -xzf "dist/nsl-$version-linux-$arch.tar.gz" -C "$root"
  cmp "$root/nsl-$version-linux-$arch/nsl" "$root/usr/bin/nsl"
  jq -e --arg version "$version" '.metadata.component.version == $version and (.components | length) > 10' \
    "dist/nsl-$version-linux-$arch.cdx.json" >/dev/null || fail "the SBOM of $arch is not one of $version"
done
echo "check-dist: the files of nsl $version are complete and reproducible"
