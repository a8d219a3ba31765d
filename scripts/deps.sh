#!/usr/bin/env bash
# usage: deps.sh [race] [nightly]
# Installs what the tests use besides Go (nsl itself uses none of it). Without root it
# prints what to install; tests that need something that is missing skip and say so.
set -euo pipefail

missing=()
need() { # PACKAGE COMMAND...: the Debian package that brings the commands
  local package=$1 command
  shift
  for command in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || { missing+=("$package"); return; }
  done
}

need iproute2 ip bridge tc
need nftables nft
need iputils-ping ping
need procps sysctl
need util-linux unshare setpriv
need jq jq
# For reading the reports of nsl test.
need perl prove
need libxml2-utils xmllint
need junitparser junitparser
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing+=(python3-jsonschema)
need curl curl
need nginx-light nginx
need bind9-dnsutils dig
need udhcpc udhcpc
need dnsmasq-base dnsmasq
need tcpdump tcpdump
need iptables iptables
need iperf3 iperf3
need socat socat
need netcat-openbsd nc
need python3 python3
need neovim nvim
need ethtool ethtool
need wireguard-tools wg
if [[ " $* " == *" nightly "* ]]; then
  need mininet mn
  need runc runc
  need openssh-server sshd
  # The machine of check-vm.sh, and the emulator of check-arm64.sh.
  need qemu-system-x86 qemu-system-x86_64
  need kmod modprobe
  need cpio cpio
  need xz-utils xz
  need qemu-user-static qemu-aarch64-static
  # The editors whose files are tried, and those of check-vscode.sh besides Node.js 20 and npm.
  need vim vim
  need emacs-nox emacs
  need nano nano
  command -v bat batcat >/dev/null || missing+=(bat)
  need chromium chromium
  need ripgrep rg
  need g++ g++
fi
if [[ " $* " == *" race "* ]]; then
  # The headers too: gcc may be there without them.
  echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1 || missing+=(gcc libc6-dev)
fi
((${#missing[@]})) || exit 0

as_root=()
if ((EUID)); then
  as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  echo "installing for the tests: ${missing[*]}"
  install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y) # RUNLEVEL: no server is started
  if "${install[@]}" update </dev/null &&
    "${install[@]}" install --no-install-recommends "${missing[@]}" </dev/null; then
    exit 0
  fi
  echo "apt-get could not install them."
fi
cat <<END
The tests would also use these packages (Debian and Ubuntu names): ${missing[*]}
    sudo apt-get install ${missing[*]}
Without them the tests that need them are skipped, each with its reason.
END
