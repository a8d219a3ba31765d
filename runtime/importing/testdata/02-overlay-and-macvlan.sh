#!/bin/bash
# shows: link kinds on another interface: vxlan over a cable, macvlan in several modes
# expect: native

ip netns add site1
ip netns add site2
ip link add wan netns site1 type veth peer name wan netns site2
for n in 1 2; do
	ip -n site$n addr add 203.0.113.$n/30 dev wan
	ip -n site$n link set wan up
	ip -n site$n link set lo up
done

# an overlay between the two, its end in site1 on a bridge
ip -n site1 link add vx0 type vxlan id 100 remote 203.0.113.2 dstport 4789 dev wan
ip -n site2 link add vx0 type vxlan id 100 local 203.0.113.2 remote 203.0.113.1 dstport 4789
ip -n site1 link add br0 type bridge
ip -n site1 link set vx0 master br0
ip -n site1 addr add 10.100.0.1/24 dev br0
ip -n site2 addr add 10.100.0.2/24 dev vx0
ip -n site1 link set vx0 up
ip -n site1 link set br0 up
ip -n site2 link set vx0 up

# two guests on the cable of site1, with addresses of their own
ip netns add guest
ip -n site1 link add mv0 link wan type macvlan mode bridge
ip -n site1 link set mv0 netns guest name eth0
ip -n site1 link add link wan name mv1 address 02:00:00:00:0a:01 type macvlan mode private
ip -n guest addr add 198.51.100.5/24 dev eth0
ip -n guest link set eth0 up
ip -n site1 link set mv1 up

ip -n site1 -d link show vx0
