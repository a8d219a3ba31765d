#!/usr/bin/env bash
# usage: check-vm.sh [PACKAGE...] [-test.FLAG...]
#        check-vm.sh -c COMMANDS
#        check-vm.sh -n
# Runs tests that use the kernel in a virtual machine with Debian's kernel, which has the
# modules that this machine may lack: dummy, VLAN, ipvlan, netem, ... The tests run as root
# and again as an ordinary user, and fail instead of skipping if a module is missing.
# Without packages, the tests of kinds of interface, ops and undo run; tests that depend on
# speed or timing do not, because the machine may be emulated. -c runs shell commands in
# the machine as root, with nsl on the PATH; -n only prints what would be used.
#
# The machine can read the files of this one, and writes to its own memory. It has no
# network. Nothing is installed: kernel and busybox are downloaded to
# ${XDG_CACHE_HOME:-~/.cache}/nsl-vm. Environment variables:
#   NSL_VM_KERNEL    kernel package or .deb file (default: the one of linux-image-amd64)
#   NSL_VM_ACCEL     kvm or tcg (default: kvm if it works)
#   NSL_VM_DEADLINE  seconds after which the machine is stopped (default: 3600)
#   NSL_VM_USERS     "root user" (the default), or one of them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sources=$PWD
PATH=$PATH:/usr/sbin:/sbin:/usr/local/go/bin

# Packages, each followed by a pattern of its tests for -test.run.
default_tests='./runtime/kernel
./runtime/engine TestFault|TestNothingIsLeft
./runtime/model
./stdlib TestExamples|TestErrors|TestWrongStatements|TestInterfaces|TestKinds|TestUndo|TestStatementsCan|TestLabsHold
./cmd/nsl TestExplainIsEquivalent/^(everything|links|tap|dummy|8021q|vlan-filtering|router-on-a-stick|ipvlan|netem|tunnels|wireguard|vrf|bond)|TestScripts/(doctor|explain|four-lines)
./scripts/labs TestLabsHold'

fail() {
  echo "check-vm: $*" >&2
  exit 2
}

need() { # COMMAND PACKAGE...
  local missing=()
  while (($#)); do
    command -v "$1" >/dev/null || missing+=("$2")
    shift 2
  done
  ((${#missing[@]} == 0)) || fail "needs more packages: apt-get install --no-install-recommends ${missing[*]}"
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/nsl-vm

# unpacked NAME prints the directory with the contents of a package, which is downloaded
# if necessary; NAME may be a file.
unpacked() {
  local deb=$1 dir
  if [[ $1 != *.deb ]]; then
    local version
    version=$(apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p')
    [[ $version ]] || fail "apt-get has no package $1: run apt-get update, or name another one with NSL_VM_KERNEL"
    dir=$cache/$1_$version
  else
    dir=$cache/$(basename "$1" .deb)
  fi
  if [[ ! -e $dir/unpacked ]]; then
    mkdir -p "$dir"
    if [[ $1 != *.deb ]]; then
      (cd "$dir" && apt-get -q download "$1" >&2 2>&1) || fail "apt-get cannot download $1: run apt-get update, or name another one with NSL_VM_KERNEL"
      deb=$(echo "$dir"/*.deb)
    fi
    dpkg-deb -x "$deb" "$dir"
    [[ $1 == *.deb ]] || rm "$deb"
    touch "$dir/unpacked"
  fi
  echo "$dir"
}

# current_kernel prints the package that linux-image-amd64 depends on.
current_kernel() {
  apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

# pack_initramfs packs busybox and the modules that the file system needs, in the order
# of their dependencies.
pack_initramfs() {
  local root=$stage/initramfs number=100 module
  mkdir -p "$root"/{bin,modules,proc,sys,dev,lower,over,new}
  cp "$busybox" "$root/bin/busybox"
  cp "$sources/scripts/vm/init.sh" "$root/init"
  [[ -e $kernel/lib/modules/$release/modules.dep.bin ]] || depmod -b "$kernel" "$release"
  while read -r module; do
    cp "$module" "$root/modules/$number-${module##*/}"
    number=$((number + 1))
  done < <(for module in virtio_pci 9pnet_virtio 9p overlay; do
    modprobe -d "$kernel" -S "$release" -D "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++')
  xz -dq "$root"/modules/*.xz 2>/dev/null || true
  (cd "$root" && find . | cpio --quiet -o -H newc) >"$stage/initramfs.cpio"
}

# build compiles nsl and the tests in a copy of the sources, because a test finds its
# testdata where it was compiled, and lists what to run.
build() {
  mkdir "$stage/src"
  tar -c --exclude=./.git --exclude=./bin . | tar -x -C "$stage/src"
  cd "$stage/src"
  export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false"
  go build -o "$stage/src/nsl-under-test" ./cmd/nsl
  local package run
  while read -r package run; do
    go test -c -o "$package/nsl-vm.test" "$package"
    [[ ! -e $package/nsl-vm.test ]] || printf '%s\t%s\n' "$package" "$(printf '%q ' ${run:+"-test.run=$run"} "${flags[@]}")" >>"$stage/tests"
  done <<<"$1"
  [[ -e $stage/tests ]] || fail "no tests in ${packages[*]}"
}

# follow prints the output of the machine, and returns the exit code that it reports.
follow() {
  local line code=99
  while IFS= read -r line; do
    line=${line%$'\r'}
    case $line in
    'nsl-vm-exit: '*) code=${line#* } ;;
    *'sysrq: Resetting') ;; # the end of it
    *) printf '%s\n' "$line" ;;
    esac
  done
  return "$code"
}

# machine boots the kernel with the given command line. The kernel does not test its timer
# (no_timer_check): where this machine is busy, an emulated one may be late, and it panics.
machine() { # SECONDS KVM|TCG WORD...
  local cpu=max,-cx16 # under emulation Debian's 6.12 panics with it
  # Some hypervisors under this one do not allow these capabilities to be set.
  [[ $2 != kvm ]] || cpu=max,-arch-capabilities
  timeout "$1" qemu-system-x86_64 -accel "$2" -cpu "$cpu" -smp 2 -m 3072 \
    -display none -vga none -nic none -monitor none -serial stdio -no-reboot \
    -kernel "$kernel/boot/vmlinuz-$release" -initrd "$stage/initramfs.cpio" \
    -append "console=ttyS0 panic=-1 oops=panic no_timer_check ${*:3}" \
    -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=root,mount_tag=root </dev/null
}

# accelerator prints kvm if a machine boots with it, which /dev/kvm does not guarantee:
# without a first program the kernel panics, and the machine ends.
accelerator() {
  if [[ -r /dev/kvm && -w /dev/kvm ]] && machine 10 kvm rdinit=/none >/dev/null 2>&1; then
    echo kvm
  else
    echo tcg
  fi
}

# boot runs the machine, and returns the exit code of what ran in it.
boot() {
  machine "$deadline" "$accel" quiet loglevel=1 "STAGE=$stage" \
    "MODULES=$kernel/lib/modules/$release" "NSL_VM_USERS=${NSL_VM_USERS// /,}" | follow
}

deadline=${NSL_VM_DEADLINE:-3600}
: "${NSL_VM_USERS:=root user}"
packages=() flags=() commands=
case ${1:-} in
-c) commands=${2:?usage: check-vm.sh -c COMMANDS} ;;
-n) ;;
*) for word; do
  case $word in
  -*) flags+=("$word") ;;
  *) packages+=("$word") ;;
  esac
done ;;
esac

need go golang qemu-system-x86_64 qemu-system-x86 modprobe kmod cpio cpio xz xz-utils apt-get apt dpkg-deb dpkg
name=${NSL_VM_KERNEL:-$(current_kernel)}
[[ $name ]] || fail "apt-get has no linux-image-amd64: run apt-get update, or name a kernel with NSL_VM_KERNEL"
kernel=$(unpacked "$name")
busybox=$(unpacked busybox-static)/bin/busybox
# Newer packages have their modules in /usr/lib.
[[ -e $kernel/lib/modules ]] || ln -s usr/lib "$kernel/lib"
release=$(basename "$kernel"/lib/modules/*)
echo "check-vm: Linux $release of ${kernel##*/}, $(qemu-system-x86_64 --version | head -n 1)"
[[ ${1:-} != -n ]] || exit 0

# Not in /tmp, because the machine has a /tmp of its own.
stage=$(mktemp -d /var/tmp/nsl-vm.XXXXXX)
chmod 755 "$stage"
trap 'rm -rf "$stage"' EXIT
cp scripts/vm/inside.sh "$stage"
if [[ $commands ]]; then
  mkdir "$stage/src"
  CGO_ENABLED=0 go build -buildvcs=false -o "$stage/src/nsl-under-test" ./cmd/nsl
  echo "$commands" >"$stage/commands"
elif ((${#packages[@]})); then
  (build "$(printf '%s\n' "${packages[@]}")")
else
  (build "$default_tests")
fi
pack_initramfs
accel=${NSL_VM_ACCEL:-$(accelerator)}
echo "check-vm: booting with $accel"
start=$SECONDS code=0
boot || code=$?
if ((code == 99)); then
  echo "check-vm: the machine stopped before the tests were done: a kernel panic, or longer than $deadline s (NSL_VM_DEADLINE)" >&2
fi
echo "check-vm: $((SECONDS - start)) s in the machine, exit code $code"
exit $code
