#!/bin/bash
set -e
trap 'echo failed at $LINENO' ERR
ip netns add fw
ip netns add lan
ip netns add wan
ip link add lan0 netns lan type veth peer name eth0 netns fw
ip link add wan0 netns wan type veth peer name eth1 netns fw
ip -n lan addr add 192.168.1.2/24 dev lan0
ip -n fw addr add 192.168.1.1/24 dev eth0
ip -n fw addr add 203.0.113.1/24 dev eth1
ip -n wan addr add 203.0.113.2/24 dev wan0
for p in lan:lan0 fw:eth0 fw:eth1 wan:wan0; do ip -n ${p%%:*} link set ${p##*:} up; ip -n ${p%%:*} link set lo up; done
ip -n lan route add default via 192.168.1.1
ip netns exec fw sysctl -w net.ipv4.ip_forward=1 > /dev/null
ip netns exec fw iptables-restore <<EOF
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:LOGDROP - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -j LOGDROP
-A FORWARD -i eth0 -o eth1 -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LOGDROP -m limit --limit 5/min -j LOG --log-prefix "dropped: " --log-level 4
-A LOGDROP -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth1 -j MASQUERADE
-A PREROUTING -i eth1 -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.168.1.2:8080
COMMIT
EOF
ip netns exec lan ping -c 1 203.0.113.2
