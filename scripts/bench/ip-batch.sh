#!/usr/bin/env bash
# usage: ip-batch.sh N [COMMAND ARG…]
# Builds a star of N namespaces with as few ip processes as possible: one batch for the
# lab's root, and one in each namespace, which a batch cannot enter. Runs COMMAND inside,
# and removes the star.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

for ((i = 1; i <= n; i++)); do
  echo "netns add h$i"
done | ip -batch -

{
  echo "link set lo up"
  echo "link add sw type bridge"
  echo "addr add 10.0.255.254/16 brd + dev sw"
  for ((i = 1; i <= n; i++)); do
    echo "link add veth-h$i-br master sw type veth peer name veth-h$i netns h$i"
  done
} | ip -batch -

for ((i = 1; i <= n; i++)); do
  ip -n "h$i" -batch - <<END
link set lo up
addr add 10.0.$((i >> 8)).$((i & 255))/16 brd + dev veth-h$i
link set veth-h$i up
END
done

{
  for ((i = 1; i <= n; i++)); do
    echo "link set veth-h$i-br up"
  done
  echo "link set sw up"
} | ip -batch -

(($# == 0)) || "$@"
