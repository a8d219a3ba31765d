#!/bin/bash
# Broadcast addresses, ifconfig, who made a route, and tests that are false.
set -eu
for i in 1 2; do
  ip netns list | grep -qw "h$i" || ip netns add "h$i"
done
ip link add e0 netns h1 type veth peer name e0 netns h2
ip netns exec h1 ip addr add 10.1.0.1/24 brd + dev e0
ip -n h1 addr add 10.2.0.1/24 broadcast 10.2.0.255 dev e0 valid_lft forever preferred_lft forever
ip -n h1 link set e0 up
ip netns exec h2 ifconfig lo 127.0.0.1 up
ip netns exec h2 ifconfig e0 10.9.0.2 netmask 255.255.255.0
ip netns exec h2 ifconfig e0 10.1.0.2/24 up
ip -n h2 route add 10.7.0.0/16 via 10.1.0.1 proto static metric 50
ip -n h2 route add blackhole 10.8.0.0/16 proto static
ip -n h1 addr del 10.2.0.1/24 dev e0
set +e
[ -n "${MTU:-}" ] && ip -n h1 link set e0 mtu "$MTU"
[ -f /nonexistent ] && exit 3
