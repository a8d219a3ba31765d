#!/usr/bin/env bash
# usage: deps.sh
# Installs what the benchmark compares nsl with (Debian and Ubuntu names). Without root or
# apt-get nothing is installed, and the benchmark leaves out what is missing and says so.
set -euo pipefail

command -v mn >/dev/null && command -v brctl >/dev/null && command -v cc >/dev/null && exit 0
((EUID == 0)) && command -v apt-get >/dev/null || exit 0
echo "installing for the benchmark: mininet bridge-utils gcc libc6-dev"
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y update </dev/null >/dev/null || true
apt-get -q -y install --no-install-recommends mininet bridge-utils gcc libc6-dev </dev/null >/dev/null ||
  echo "apt-get could not install them."
