#!/usr/bin/env bash
# usage: dist.sh VERSION
# Makes the files of a release in dist/: for amd64 and arm64 a tar.gz, a Debian
# package (with man pages, completions and labs) and an SBOM in CycloneDX's format;
# and their checksums. LDFLAGS are those of the Go linker.
#
# The same sources give the same bytes: all times are SOURCE_DATE_EPOCH, which is
# the time of the commit if it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?usage: dist.sh VERSION}
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH CGO_ENABLED=0
umask 022
dist=$PWD/dist
stage=$dist/stage
rm -rf "$dist"
mkdir -p "$stage"

# timeless gives all files below a directory the time of the sources.
timeless() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

# quietly prints what a command says only if it fails.
quietly() { "$@" >"$stage/said" 2>&1 || { cat "$stage/said" >&2; return 1; }; }

# archive packs the program and what is to be read into a tar.gz.
archive() { # ARCH
  local name=nsl-$version-linux-$1
  local root=$stage/$name
  mkdir -p "$root/scripts"
  cp "$stage/nsl-$1" "$root/nsl"
  cp -r LICENSE README.md CHANGELOG.md SECURITY.md docs "$root"
  cp -r scripts/labs "$root/scripts/labs"
  rm -rf "$root"/scripts/labs/{*.go,testdata}
  tar -C "$stage" -c --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode='u=rwX,go=rX' --format=gnu "$name" | gzip -9n >"$dist/$name.tar.gz"
}

# package makes a .deb of a tree as it will be installed.
package() { # ARCH
  local root=$stage/deb-$1/root page
  local doc=$root/usr/share/doc/nsl
  install -D -m 755 "$stage/nsl-$1" "$root/usr/bin/nsl"
  for page in docs/man/*; do
    mkdir -p "$root/usr/share/man/man${page##*.}"
    gzip -9nc "$page" >"$root/usr/share/man/man${page##*.}/${page##*/}.gz"
  done
  install -D -m 644 docs/completion/nsl "$root/usr/share/bash-completion/completions/nsl"
  install -D -m 644 docs/completion/_nsl "$root/usr/share/zsh/vendor-completions/_nsl"
  install -D -m 644 docs/completion/nsl.fish "$root/usr/share/fish/vendor_completions.d/nsl.fish"
  install -D -m 644 -t "$doc" scripts/dist/copyright README.md SECURITY.md docs/*.md
  install -D -m 755 -t "$doc/examples" scripts/labs/*.nsl
  gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
  timeless "$root"
  (cd "$stage/deb-$1" && ARCH=$1 VERSION=$version quietly go run "$nfpm" package \
    -f "$OLDPWD/scripts/dist/nfpm.yaml" -p deb -t "$dist")
}

for arch in amd64 arm64; do
  GOOS=linux GOARCH=$arch go build -trimpath -ldflags "${LDFLAGS:-}" -o "$stage/nsl-$arch" ./cmd/nsl
  archive $arch
  package $arch
  quietly go run "$cyclonedx" bin -json -std -licenses -noserial -notimestamp -version "$version" \
    -output "$dist/nsl-$version-linux-$arch.cdx.json" "$stage/nsl-$arch"
done
rm -rf "$stage"
cd "$dist"
sha256sum -- * >SHA256SUMS
cat SHA256SUMS
