#!/bin/bash
set -o errexit -o nounset
NSS=(client router server)
cleanup() { for n in "${NSS[@]}"; do ip netns pids $n 2>/dev/null | xargs -r kill; ip netns del $n 2>/dev/null || :; done; }
[ "${1:-}" = "clean" ] && { cleanup; exit 0; }
cleanup
for n in "${NSS[@]}"; do ip netns add $n; ip netns exec $n ip link set lo up; done
connect() { # ns1 if1 ip1 ns2 if2 ip2
  local t1=$(mktemp -u tmpXXXX) t2
  ip link add $2 netns $1 type veth peer name $5 netns $4
  ip -n $1 a add $3 dev $2; ip -n $4 a add $6 dev $5
  ip -n $1 l set $2 up; ip -n $4 l set $5 up
}
connect client eth0 10.0.0.2/24 router eth0 10.0.0.1/24
connect server eth0 10.0.1.2/24 router eth1 10.0.1.1/24
ip -n client r add default via 10.0.0.1
ip -n server r add default via 10.0.1.1
ip netns exec router bash -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter'
ip netns exec router iptables -P FORWARD DROP
ip netns exec router iptables -A FORWARD -p icmp -j ACCEPT
ip netns exec router iptables -A FORWARD -p tcp -m multiport --dports 80,8000:8080 -m comment --comment "web" -j ACCEPT
ip netns exec router iptables -A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT
ip netns exec router iptables -A FORWARD -m limit --limit 10/min -j LOG --log-prefix "[fw] "
ip netns exec router iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
