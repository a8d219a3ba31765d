package stdlib_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/source"
	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// shapes are statements with places for values; {x} is one of the values for x.
func shapes() []string {
	return []string{
		"addr {if} {addr}", "addr {if} {addr} {option}", "addr {if} {addr} peer {ip}", "del addr {if} {ip}", "route {node} {net} via {ip}", "route {node} {net} via <{ip} {ip}>",
		"route {node} {net} dev {dev}", "route {node} {kind} {net}", "del route {node} {net}", "rule {node} from {net} table 100",
		"neigh {if} {ip} mac {mac}", "neigh {if} {ip} proxy", "del neigh {if} {ip}", "proxy-arp {if}", "announce {if}",
		"mtu {if} {mtu}", "mac {if} {mac}", "up {if}", "down {if}", "rename {if} -> {dev}", "move {if} -> {node}", "delete {if}",
		"vxlan {node}:{dev} id 7 remote {ip} dev e0", "vxlan {node}:{dev} id 8 remote {ip} local {ip}", "vxlan {node}:{dev} id 9 group {ip} dev e0",
		"macvlan {node}:{dev} on {if} mac {mac}", "macvlan {node}:{dev} on {if} mode {mode}", "ipvlan {node}:{dev} on {if} {addr}",
		"bridge {dev} <{node}> {addr}", "attach {if} -> sw", "detach {if}", "link {node}:{dev} <-> {node}:{dev}", "veth {dev} <-> {dev}",
		"serve udp {node}:{port}", "serve http {node}:{port} addr {ip}", "serve tcp {node}:{port}", "dhcp serve {if}", "dns {node}",
		"forward {node}", "sysctl {node} net.ipv4.{key}={value}", "sysctl {node} net.ipv6.conf.e0.{key6}={value}", "sysctl {node} net.ipv4.conf.e0.{key4}={value}",
		"block {net} -> {node}", "allow {net} -> {node}", "nat {net} on {node}", "publish {node}:{port} -> {node}:{port}", "redirect {port} -> {port} on {node}", "name {node} {name}",
		"resolver {node} {ip}", "auto {auto}", "shape {if} delay 1ms", "test \"t\" {\n  down {if}\n}", "expect ping {node} -> {ip}", "expect route {node} -> {ip} unreachable",
	}
}

func valuesFor(place string) []string {
	return map[string][]string{
		"if":   {"red:e0", "red:e1", "blue:e0", "blue", "green:e0", "sw", "red:x1", "red:lo"},
		"node": {"red", "blue", "green", "host"}, "dev": {"e0", "x1", "x2", "x3", "sw2", "lo"},
		"option": {"label e0:1", "scope link", "scope host", "noprefixroute", "brd", "valid_lft 1h", "preferred_lft 0", "dad", "duplicate"},
		"addr":   {"10.0.0.7/24", "10.0.0.0/24", "192.168.1.255/24", "169.254.1.1/16", "fe80::9/64", "fd00::9/64", "10.9.9.9/32", "127.0.0.9/8", "fd00::/64"},
		"ip":     {"10.0.0.1", "10.0.0.2", "fd00::2", "fe80::6", "224.0.0.1", "ff02::1", "127.0.0.1", "10.0.0.255", "8.8.8.8", "::1", "fd00::1"},
		"net":    {"10.0.0.0/24", "10.7.0.0/16", "0.0.0.0/0", "fd00::/64", "2001:db8::/32", "10.9.9.9/32", "224.0.0.0/4", "127.0.0.0/8", "default"},
		"kind":   {"blackhole", "unreachable", "prohibit"}, "mode": {"bridge", "private", "passthru", "vepa"},
		"mtu": {"68", "1000", "1280", "1500", "9000", "65535"}, "port": {"53", "67", "80", "4789", "8080"},
		"mac":   {"02:00:00:00:00:01", "02:00:00:00:00:02", "00:00:00:00:00:01"},
		"key":   {"ip_default_ttl", "tcp_syncookies", "icmp_echo_ignore_all", "ip_local_port_range", "ping_group_range", "icmp_ratemask"},
		"key6":  {"hop_limit", "mtu", "disable_ipv6", "stable_secret", "addr_gen_mode", "accept_ra", "use_tempaddr"},
		"key4":  {"rp_filter", "forwarding", "mc_forwarding", "arp_ignore", "promote_secondaries"},
		"value": {"0", "1", "2", "64", "300", "1300", "-1"}, "name": {"www", "www.lab"}, "auto": {"off", "dual", "ipv6"},
	}[place]
}

// theSame is the beginning of each random lab.
func theSame() []string {
	return []string{"ns red blue green", "bridge sw", "link red:e0 <-> blue:e0 10.0.0.0/24", "link red:e1 <-> green:e0 noaddr"}
}

// randomLab is a lab with some statements of random values, of which many are wrong.
func randomLab(r *rand.Rand) []string {
	lab := theSame()
	for range 6 {
		lab = append(lab, randomOf(r, shapes()))
	}
	return lab
}

// randomOf is one of some shapes, with random values at its places.
func randomOf(r *rand.Rand, shapes []string) string {
	shape := shapes[r.IntN(len(shapes))]
	for {
		before, rest, found := strings.Cut(shape, "{")
		if !found {
			return strings.ReplaceAll(shape, "\x00", "{")
		}
		place, after, closed := strings.Cut(rest, "}")
		values := valuesFor(place)
		if !closed || values == nil { // a block's brace
			shape = before + "\x00" + rest
			continue
		}
		shape = before + values[r.IntN(len(values))] + after
	}
}

// right leaves out the statements that a check refuses.
func right(lab []string) string {
	table := stdlib.Table()
	var kept []string
	for _, st := range lab {
		text := strings.Join(append(kept, st), "\n") + "\n"
		set := &source.Set{}
		if !check.Tree(set, table, table.Split(set.Add("lab.nsl", text)), model.New()).HasErrors() {
			kept = append(kept, st)
		}
	}
	return strings.Join(kept, "\n") + "\n"
}

// TestWhatCheckAcceptsRuns compares check with run: what the first accepts of random
// labs, the second builds. Whether expectations hold does not matter.
func TestWhatCheckAcceptsRuns(t *testing.T) {
	t.Parallel()
	first, n := uint64(0), uint64(24)
	if labtest.IsNightly() {
		first, n = rand.Uint64()>>1, 400
	}
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			script := right(randomLab(rand.New(rand.NewPCG(seed, 0))))
			r := labs.Do(t, labs.Job{Script: script})
			if lacks := strings.Contains(r.Out, ": cannot: "); r.Err != "" && !lacks {
				t.Errorf("%s\nbuilt what check accepts, until:\n%s", script, r.Out)
			}
		})
	}
}
