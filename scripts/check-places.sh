#!/usr/bin/env bash
# usage: check-places.sh [PLACE...]       (as root)
# Runs make test in clones of the last commit in different places, some of them as an
# ordinary user created for this: in /tmp, which is hidden in a sandbox; in /root, which
# others cannot enter; in a home directory; elsewhere; and on a machine without apt-get
# and without most of the programs that deps.sh installs. A place is one of
#   tmp root home opt bare
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/stages.sh

if ((EUID)); then
  echo "check-places: needs root, to clone into the directories of other users" >&2
  exit 2
fi

sources=$PWD
gocmd=$(dirname "$(command -v go)")
user=nsl-place-$$
dirs=("/tmp/$user" "/root/$user" "/home/$user" "/opt/$user" "/var/tmp/$user")
cleanup() {
  userdel "$user" 2>/dev/null || true
  rm -rf "${dirs[@]}" 2>/dev/null || { chmod -R u+w "${dirs[@]}" && rm -rf "${dirs[@]}"; }
}
trap cleanup EXIT
useradd --create-home --home-dir "/home/$user" --shell /bin/bash "$user"

# The user's modules come from root's, without the network.
modules=/home/$user/go/pkg/mod
GOPROXY=file://$(go env GOMODCACHE)/cache/download GOMODCACHE=$modules GOFLAGS=-modcacherw go mod download

# clone DIR OWNER
clone() {
  git clone -q "$sources" "$1"
  chown -R "$2": "$1"
}

# tests DIR USER PATH
tests() {
  chown -R "$user": "/home/$user"
  (
    cd "$1"
    setpriv --reuid "$2" --regid "$2" --init-groups env -i HOME="$(getent passwd "$2" | cut -d: -f6)" USER="$2" \
      LANG=C.UTF-8 PATH="$3" make --no-print-directory test TESTFLAGS='-timeout 15m -count 1'
  )
}

# bare runs tests where apt and the programs that deps.sh looks for, by the names in its
# lines "need PACKAGE COMMAND…", cannot be executed: each is covered in a mount namespace.
# Those of iproute2, procps, util-linux and perl stay, as every Linux has them.
bare() {
  local dir program
  for program in apt apt-get sudo $(sed -n 's/^need [^ ]* //p' scripts/deps.sh); do
    case $program in ip | bridge | tc | sysctl | unshare | setpriv | perl) continue ;; esac
    for dir in /usr/local/bin /usr/bin /bin /usr/local/sbin /usr/sbin /sbin; do
      [[ ! -e $dir/$program ]] || mount --bind /dev/null "$dir/$program" 2>/dev/null || true
    done
  done
  tests "$@"
}
export -f tests bare
export user

path=/usr/local/bin:/usr/bin:/bin:$gocmd
place() { # NAME DIR USER [PATH]
  [[ $only == "  " || $only == *" $1 "* ]] || return 0
  clone "$2" "$3"
  local how=(tests)
  [[ $1 != bare ]] || how=(unshare --mount bash -ec 'bare "$@"' bare)
  stage "$1" "${how[@]}" "$2" "$3" "${4:-$path:/usr/sbin:/sbin}"
  rm -rf "$2"
}

only=" $* "
place tmp "/tmp/$user/nsl" root
place root "/root/$user/nsl" root
place home "/home/$user/nsl" "$user" "$path" # no sbin, as Debian's users have it
place opt "/opt/$user/nsl" root
place bare "/var/tmp/$user/nsl" "$user"
report
