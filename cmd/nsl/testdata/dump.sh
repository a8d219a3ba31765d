# Writes the state of every namespace of a lab to the file $1, as JSON texts
# under a heading each. For the equivalence test.
set -e
dump() { # NODE PREFIX…
  node=$1
  shift
  echo "== $node link";   "$@" ip -j -d link show
  echo "== $node vlan";   "$@" bridge -j vlan show
  echo "== $node addr";   "$@" ip -j addr show
  echo "== $node route4"; "$@" ip -j -4 route show table all
  echo "== $node route6"; "$@" ip -j -6 route show table all
  echo "== $node rule4";  "$@" ip -j -4 rule show
  echo "== $node rule6";  "$@" ip -j -6 rule show
  echo "== $node neigh"; "$@" ip -j neigh show nud permanent
  echo "== $node proxy";  "$@" ip -j neigh show proxy
  echo "== $node fdb";   "$@" bridge -j fdb show
  echo "== $node wg"; { wg=$("$@" wg show interfaces 2>/dev/null) || wg=; for i in $wg; do echo "$i"; "$@" wg showconf "$i" | sort; done; } | jq -R . | jq -s .
  echo "== $node nft";    "$@" nft -j list ruleset
  echo "== $node qdisc";  "$@" tc -j qdisc show
  echo "== $node sysctl"; "$@" sysctl -e $keys | sed 's/.*/"&"/' | sed '1s/^/[/;$!s/$/,/;$s/$/]/'
}
keys="net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.icmp_ratemask net.ipv4.ip_default_ttl
  net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.promote_secondaries
  net.ipv4.conf.default.promote_secondaries net.ipv4.conf.all.accept_redirects net.ipv4.conf.all.send_redirects net.ipv6.conf.default.accept_dad
  net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables"
{
  dump host env
  for node in $(ls /run/netns 2>/dev/null); do dump "$node" ip netns exec "$node"; done
} > "$1"
