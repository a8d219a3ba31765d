#!/bin/bash
# What is there is asked for first, as scripts do that may run twice.
set -e
BR=lan0
cleanup() { for ns in $(ip netns list | awk '{print $1}'); do ip netns del "$ns"; done; }
trap 'echo interrupted' INT
cleanup
command -v ip >/dev/null || exit 1
ip link show $BR >/dev/null 2>&1 || ip link add $BR type bridge
if ! ip netns list | grep -qw h1; then ip netns add h1; fi
[ "$DEBUG" = 1 ] && set -x
[ -d /sys/class/net/v1 ] || ip link add v1 type veth peer name eth0 netns h1
ip link set v1 master $BR up
ip link set $BR up
ip addr add 10.7.0.1/24 dev $BR
ip -n h1 addr add 10.7.0.2/24 dev eth0
ip -n h1 link set eth0 up
ip -n h1 route add default via 10.7.0.1
iptables -C FORWARD -i $BR -j ACCEPT 2>/dev/null || iptables -A FORWARD -i $BR -j ACCEPT
iptables -C FORWARD -i $BR -j ACCEPT 2>/dev/null || iptables -A FORWARD -i $BR -j ACCEPT
ip netns exec h1 iptables-restore <<EOF
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -j ACCEPT
COMMIT
EOF
ip netns exec h1 ping -c1 -W2 10.7.0.1 >/dev/null && echo reached
[ -z "$NOPE" ] && ip link set v1 mtu 1400
[ -n "$NOPE" ] && ip link set v1 mtu 1300
exit 0
