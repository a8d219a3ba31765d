package foreign_test

import (
	"strings"
	"testing"

	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/stdlib"
	"nsl/stdlib/foreign"
)

// What tutorials type, its slips included, and what nsl makes of it.
func TestForeign(t *testing.T) {
	for theirs, ours := range map[string]string{
		"ip netns add red":          "ns red",
		"sudo ip netns add red":     "ns red",
		"ip netns":                  "show",
		"ip netns exec red ip link": "show links red",
		"ip -n red link":            "show links red",
		"ip link add veth-red type veth peer name veth-blue":              "veth veth-red <-> veth-blue",
		"ip link add veth-red type beth peer name veth-blue":              "veth veth-red <-> veth-blue",
		"ip link set veth-red netns red":                                  "move veth-red -> red",
		"ip -n red addr add 192.168.15.1/24 dev veth-red":                 "addr red:veth-red 192.168.15.1/24",
		"ip -n red link set veth-red up":                                  "up red:veth-red",
		"ip netns exec red ping -c 1 192.168.15.2":                        "expect ping red -> 192.168.15.2",
		"ip nets exec red ping 192.168.15.2":                              "expect ping red -> 192.168.15.2",
		"ip netns exec red arp":                                           "show neigh red",
		"ip netns exec red route":                                         "show routes red",
		"ip netns exec red nginx -g daemon":                               "exec red nginx -g daemon",
		"ip -n red link del veth-red":                                     "delete red:veth-red",
		"ip link add v-net-0 type bridge":                                 "bridge v-net-0",
		"ip link set dev v-net-0 up":                                      "up v-net-0",
		"ip link set deb v-net-0 up":                                      "up v-net-0",
		"set deb v-net-0 up":                                              "up v-net-0",
		"ip linek":                                                        "show links",
		"ip link set veth-red-br master v-net-0":                          "attach veth-red-br -> v-net-0",
		"ip link set enp0s1 nomaster":                                     "detach enp0s1",
		"ip link set veth-red mtu 1400":                                   "mtu veth-red 1400",
		"ip addr add 192.168.15.5/24 dev v-net-0":                         "addr v-net-0 192.168.15.5/24",
		"ip netns exec blue ip route add 192.168.1.0/24 via 10.0.0.1":     "route blue 192.168.1.0/24 via 10.0.0.1",
		"ip route add default via 192.168.15.5":                           "route host default via 192.168.15.5",
		"iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE": "nat 192.168.15.0/24",
		"iptable -t nat -A PRESOUTING -p tcp --dport 80 -j DNAT --to-destination 192.168.15.2:80": "publish 80 -> 192.168.15.2:80",
		"iptables -nvL -t nat":                "show rules",
		"ip link add dummy0 type dummy":       "dummy dummy0",
		"netstat -plnt":                       "show listen",
		"192.168.15.1/24":                     "addr NODE:IFACE 192.168.15.1/24",
		"brctl addif v-net-0 veth-red-br":     "attach veth-red-br -> v-net-0",
		"ip link add x type ipvlan link eth0": "exec host ip link add x type ipvlan link eth0",
		"lnik red <-> blue":                   "",
		"ip":                                  "",
	} {
		if got := foreign.Statement(strings.Fields(theirs)); got != ours {
			t.Errorf("%s\n got %q\nwant %q", theirs, got, ours)
		}
	}
}

// What is proposed can be said: every phrase gives a statement that parses.
func TestForeignPhrasesAreStatements(t *testing.T) {
	table := stdlib.Table()
	for theirs, ours := range foreign.Samples() {
		text := strings.ReplaceAll(ours, "NODE:IFACE", "red:eth0")
		set := &source.Set{}
		tree := syntax.Split(set.Add("x", text+"\n"))
		if _, list := table.Parse(tree.Statements[0]); len(list) > 0 || len(tree.Diags) > 0 {
			t.Errorf("%s: %s: %s %s", theirs, text, list, tree.Diags)
		}
	}
}
