#!/usr/bin/env bash
# usage: bash-ip.sh N [COMMAND ARG…]
# Builds a star of N namespaces as a shell script does, with one ip command for each
# step, runs COMMAND inside, and removes the star.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/sandbox.sh"

ip link set lo up
ip link add sw type bridge
ip addr add 10.0.255.254/16 brd + dev sw
for ((i = 1; i <= n; i++)); do
  ip netns add "h$i"
  ip link add "veth-h$i-br" type veth peer name "veth-h$i" netns "h$i"
  ip link set "veth-h$i-br" master sw
  ip -n "h$i" addr add "10.0.$((i >> 8)).$((i & 255))/16" brd + dev "veth-h$i"
done
for ((i = 1; i <= n; i++)); do
  ip -n "h$i" link set lo up
  ip -n "h$i" link set "veth-h$i" up
  ip link set "veth-h$i-br" up
done
ip link set sw up

(($# == 0)) || "$@"
