#!/usr/bin/env bash
set -euo pipefail
readonly NS_PREFIX="ns"
readonly BR=br-lab
SUBNET=10.200.0
COUNT=${1:-3}
log() { printf '[%s] %s\n' "$(date +%T)" "$*" >&2; }
die() { log "ERROR: $*"; exit 1; }
require() { command -v "$1" >/dev/null 2>&1 || die "missing $1"; }
cleanup() {
  for i in $(seq 1 "$COUNT"); do
    ip netns list | grep -qw "${NS_PREFIX}${i}" && ip netns del "${NS_PREFIX}${i}" || true
  done
  ip link show "$BR" &>/dev/null && ip link del "$BR"
  iptables -t nat -D POSTROUTING -s ${SUBNET}.0/24 -j MASQUERADE 2>/dev/null || true
  iptables -D FORWARD -i $BR -j ACCEPT 2>/dev/null || true
}
[[ $EUID -eq 0 ]] || die "must be root"
require ip; require iptables
cleanup
ip link add name "$BR" type bridge
ip addr add ${SUBNET}.1/24 dev "$BR"
ip link set "$BR" up
for ((i=1; i<=COUNT; i++)); do
  ns="${NS_PREFIX}${i}"
  ip netns add "$ns"
  ip link add "veth${i}" type veth peer name "vpeer${i}"
  ip link set "vpeer${i}" netns "$ns"
  ip link set "veth${i}" master "$BR" up
  ip -n "$ns" link set lo up
  ip -n "$ns" link set "vpeer${i}" name eth0
  ip -n "$ns" addr add "${SUBNET}.$((i+1))/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route add default via ${SUBNET}.1
done
sysctl -qw net.ipv4.ip_forward=1
iptables -t nat -A POSTROUTING -s ${SUBNET}.0/24 ! -o $BR -j MASQUERADE
iptables -C FORWARD -i $BR -j ACCEPT 2>/dev/null || iptables -A FORWARD -i $BR -j ACCEPT
iptables -C FORWARD -o $BR -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT 2>/dev/null || iptables -I FORWARD 1 -o $BR -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
for i in $(seq 1 $COUNT); do ip netns exec ns$i ping -c1 -W1 ${SUBNET}.1 >/dev/null && log "ns$i ok"; done
