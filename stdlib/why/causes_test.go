package why_test

import (
	"slices"
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/stdlib"
)

// cause is a lab with one fault, and the reason and the advice that are given.
type cause struct {
	name, script string
	// want are the lines, parted by |; where a race decides, either of two is: " OR ".
	want string
	// needs are programs that the script runs.
	needs []string
}

// Each fault is named, whatever statement or program made it.
func TestCauses(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(routingCauses(), segmentCauses(), serviceCauses()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			labtest.NeedPrograms(t, c.needs...)
			out := labs.Output(t, c.script)
			said := func(want string) bool {
				return strings.Contains(out, "\n    "+strings.ReplaceAll(want, "|", "\n    ")+"\n")
			}
			if !slices.ContainsFunc(strings.Split(c.want, " OR "), said) {
				t.Errorf("not said: %s\n%s\n%s", c.want, c.script, out)
			}
		})
	}
}

// Advice is true: with the statements that are proposed, done before the expectation,
// it holds.
func TestAdviceIsTrue(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(routingCauses(), segmentCauses(), serviceCauses()) {
		want, _, _ := strings.Cut(c.want, " OR ")
		_, fix, _ := strings.Cut(want, "|")
		statements := proposed(fix)
		if len(statements) == 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			labtest.NeedPrograms(t, c.needs...)
			at := strings.LastIndex(c.script, "expect ")
			script := c.script[:at] + strings.Join(statements, "\n") + "\n" + c.script[at:]
			labs.Hold(t, script)
		})
	}
}

// proposed are the statements of an advice; none where it is prose, or a statement
// that shows something.
func proposed(fix string) []string {
	_, text, found := strings.Cut(fix, ": ")
	if !found || strings.HasPrefix(text, "show ") || !strings.Contains(text, " ") && text != "internet" {
		return nil
	}
	first, _, _ := strings.Cut(text, " ")
	if stdlib.Table().Verb(first) == nil {
		return nil
	}
	return strings.Split(text, ", then: ")
}

// routed is red, the router r1 and blue.
const routed = `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1:out <-> blue 10.0.2.0/24
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
`

const ask = "expect ping red -> blue within 300ms\n"

func routingCauses() []cause {
	return []cause{
		{"forwarding is off on an interface", routed + "sysctl r1 net.ipv4.conf.veth-r1.forwarding=0\n" + ask,
			"IP forwarding is off on r1:veth-r1: net.ipv4.conf.veth-r1.forwarding is 0|turn it on: sysctl r1 net.ipv4.conf.veth-r1.forwarding=1", nil},
		{"forwarding is off", routed + "forward r1 off\n" + ask,
			"IP forwarding is off on r1: net.ipv4.ip_forward is 0|turn it on: forward r1", nil},
		{"a policy rule leads to a blackhole", routed + "route r1 blackhole default table 66\nrule r1 to 10.0.2.0/24 table 66\n" + ask,
			"r1 drops packets to blue by its route: blackhole default table 66, to which its rule leads: to 10.0.2.0/24 table 66|take the rule away: del rule r1 to 10.0.2.0/24 table 66", nil},
		{"a policy rule by source", routed + "route blue prohibit default table 66\nrule blue from 10.0.2.0/24 table 66\n" + ask,
			"blue refuses the reply by its route: prohibit default table 66, to which its rule leads: from 10.0.2.0/24 table 66|take the rule away: del rule blue from 10.0.2.0/24 table 66", nil},
		{"a policy rule by interface", routed + "route r1 unreachable default table 66\nrule r1 iif veth-r1 table 66\n" + ask,
			"r1 refuses packets to blue by its route: unreachable default table 66, to which its rule leads: iif veth-r1 table 66|take the rule away: del rule r1 iif veth-r1 table 66", nil},
		{"a blackhole", routed + "route r1 blackhole 10.0.2.0/25\n" + ask,
			"r1 drops packets to blue by its route: blackhole 10.0.2.0/25|take the route away: del route r1 blackhole 10.0.2.0/25", nil},
		{"the reverse path filter", routed + "link r1:two <-> blue:two 10.0.3.0/24\nsysctl blue net.ipv4.conf.two.rp_filter=1\nexpect ping red -> 10.0.3.2 within 300ms\n",
			"blue drops packets from 10.0.1.1 that come in by two, for its route back leaves by veth-blue: net.ipv4.conf.two.rp_filter is 1 (reverse path filter)|let them in: sysctl blue net.ipv4.conf.two.rp_filter=2", nil},
		{"no route back for the reverse path filter", strings.ReplaceAll(routed, "route blue default via 10.0.2.1\n", "") + "sysctl blue net.ipv4.conf.all.rp_filter=2\n" + ask,
			"blue drops packets from 10.0.1.1, to which it has no route back: net.ipv4.conf.all.rp_filter is not 0|give it one: route blue 10.0.1.0/24 via 10.0.2.1", nil},
		{"a source that is the router's own", routed + "addr r1:lo 10.0.1.1/32\n" + ask,
			"r1 drops what comes in by veth-r1 from 10.0.1.1, for that is an address of its own|compare the addresses: show addrs", nil},
		{"a routing loop", threeRouters + "route r2 10.0.4.0/24 via 10.0.2.1\nexpect ping red -> 10.0.4.2 within 300ms\n",
			"routing loop: r1 -> r2 -> r1|the route of r2 leads back: del route r2 10.0.4.0/24 via 10.0.2.1 dev veth-r2, then: route r2 10.0.4.0/24 via 10.0.3.2", nil},
		{"a more specific route", threeRouters + "route r2 10.0.4.0/24 via 10.0.3.2\nns r4\nlink r1:c <-> r4 10.0.5.0/24\nforward r4\nroute r1 10.0.4.0/25 via 10.0.5.2\n" +
			"expect ping red -> 10.0.4.2 within 300ms\n",
			"r1 sends packets to 10.0.4.2 by its route: 10.0.4.0/25 via 10.0.5.2 dev c|10.0.4.0/24 via 10.0.2.2 dev b leads there: del route r1 10.0.4.0/25 via 10.0.5.2 dev c", nil},
		{"a gateway that is no router", "ns red printer r1 blue\nbridge r1:lan <red printer> 10.0.1.0/24\naddr r1:lan 10.0.1.254/24\nlink r1 <-> blue 10.0.2.0/24\nforward r1\n" +
			"route red default via 10.0.1.2\nroute blue default via 10.0.2.1\n" + ask,
			"red sends packets to 10.0.2.2 via 10.0.1.2, but printer, which has that address, is no router|another router leads there: del route red default via 10.0.1.2 dev veth-red, then: route red default via 10.0.1.254", nil},
	}
}

// threeRouters is red - r1 - r2 - r3 - blue with routes but that of r2 to blue.
const threeRouters = `ns red r1 r2 r3 blue
link red <-> r1 10.0.1.0/24
link r1:b <-> r2 10.0.2.0/24
link r2:b <-> r3 10.0.3.0/24
link r3:b <-> blue 10.0.4.0/24
forward r1
forward r2
forward r3
route red default via 10.0.1.2
route blue default via 10.0.4.1
route r1 10.0.4.0/24 via 10.0.2.2
route r2 10.0.1.0/24 via 10.0.2.1
route r3 10.0.1.0/24 via 10.0.3.1
`

// switched is red, blue and green on the bridge sw of the host.
const switched = "ns red blue green\nbridge sw <red blue green> 10.0.0.0/24\n"

func segmentCauses() []cause {
	return []cause{
		{"a bridge is down", switched + "exec host ip link set sw down\n" + ask, "sw is down|set it up: up sw", []string{"ip"}},
		{"a port is down", switched + "down veth-blue-br\n" + ask, "veth-blue-br is down|set it up: up veth-blue-br", nil},
		{"a port is detached", switched + "detach veth-blue-br\n" + ask,
			"veth-blue-br, where the cable of blue ends, is no port of sw|attach it: attach veth-blue-br -> sw", nil},
		{"a port does not forward", switched + "exec host ip link set sw down\nexec host ip link set sw type bridge forward_delay 1500 stp_state 1\nexec host ip link set sw up\n" + ask,
			"veth-red-br, a port of sw, does not forward: its state is listening (STP is on; a port forwards after twice the forward delay)", []string{"ip"}},
		{"ARP is off", "ns red blue\nlink red <-> blue 10.0.0.0/24\nexec blue ip link set dev veth-blue arp off\n" + ask,
			"red asks for 10.0.0.2 on red:veth-red, but ARP is off on blue:veth-blue|turn it on: option blue:veth-blue arp on", []string{"ip"}},
		{"arp_ignore", "ns red blue\nlink red <-> blue 10.0.0.0/24\naddr blue:lo 10.0.0.100/32\nsysctl blue net.ipv4.conf.all.arp_ignore=1\nexpect ping red -> 10.0.0.100 within 300ms\n",
			"red asks for 10.0.0.100 on red:veth-red, but blue ignores questions for addresses that are not on veth-blue: net.ipv4.conf.all.arp_ignore|let it answer: sysctl blue net.ipv4.conf.all.arp_ignore=0", nil},
		{"a permanent neighbour entry", "ns red blue\nlink red <-> blue 10.0.0.0/24\nexec red ip neigh replace 10.0.0.2 lladdr 02:de:ad:00:00:01 dev veth-red nud permanent\n" + ask,
			"the neighbour table of red has 02:de:ad:00:00:01 for 10.0.0.2 (permanent), and no interface has that hardware address|delete the entry: del neigh red:veth-red 10.0.0.2", []string{"ip"}},
		{"two owners", switched + "exec green ip addr add 10.0.0.2/24 dev veth-green\nexpect tcp red -> 10.0.0.2:80 within 300ms\n",
			"blue:veth-blue and green:veth-green, on one segment, both answer for 10.0.0.2|each interface of a segment needs an address of its own: show addrs OR " +
				"green:veth-green and blue:veth-blue, on one segment, both answer for 10.0.0.2|each interface of a segment needs an address of its own: show addrs", []string{"ip"}},
		{"an address on a port", "ns red blue\nlink red 10.0.0.2/24 <-> host:p1 10.0.0.1/24\nbridge sw noaddr\nattach p1 -> sw\nexpect ping red -> 10.0.0.1 within 300ms\n",
			"p1 is a port of sw, so that the bridge gets what is meant for its address|give the address to the bridge: del addr p1 10.0.0.1/24, then: addr sw 10.0.0.1/24", nil},
		{"a route by another interface", "ns red blue green\nlink red 10.0.0.1/24 <-> blue 10.0.0.2/24\nlink red:two <-> green:two noaddr\naddr green:two 10.0.1.2/24\n" +
			"route green 10.0.0.0/24 dev two\nroute red 10.0.1.0/24 dev veth-red\nexpect ping red -> 10.0.1.2 within 300ms\n",
			"red asks for 10.0.1.2 on red:veth-red, but green, which has it, is connected to red:two|compare: show routes red", nil},
		{"a macvlan and its lower device", "ns red blue\nlink host:eth0 10.0.0.5/24 <-> blue 10.0.0.1/24\nmacvlan red:mv0 on eth0 10.0.0.11/24\nexpect ping red -> 10.0.0.5 within 300ms\n",
			"red:mv0 is a macvlan or ipvlan of eth0, and exchanges no frames with it|reach host by another interface, or give it a macvlan of its own", nil},
		{"vxlan ids", "ns red blue\nlink red 10.0.0.1/24 <-> blue 10.0.0.2/24\nvxlan red:vx id 42 remote 10.0.0.2 10.0.9.1/24\nvxlan blue:vx id 24 remote 10.0.0.1 10.0.9.2/24\nexpect ping red -> 10.0.9.2 within 300ms\n",
			"red:vx and blue:vx do not meet: id 42 remote 10.0.0.2 dstport 4789, id 24 remote 10.0.0.1 dstport 4789|give both the same id and port", nil},
		{"IPv6 is disabled", "ns red blue\nlink red fd00:1::1/64 <-> blue fd00:1::2/64\nsysctl blue net.ipv6.conf.all.disable_ipv6=1\nexpect ping red -> fd00:1::2 within 300ms\n",
			"IPv6 is disabled on blue, so that it has no address: net.ipv6.conf.all.disable_ipv6|turn it on, and give it its address again: sysctl blue net.ipv6.conf.all.disable_ipv6=0, then: addr blue:veth-blue fd00:1::2/64", nil},
		{"echo requests are ignored", routed + "sysctl blue net.ipv4.icmp_echo_ignore_all=1\n" + ask,
			"blue ignores echo requests: net.ipv4.icmp_echo_ignore_all is 1|let it answer: sysctl blue net.ipv4.icmp_echo_ignore_all=0", nil},
		{"an MTU that differs", "ns red blue\nlink red <-> blue 10.0.0.0/24\nmtu blue 1400\nexpect ping red -> 10.0.0.2 size 1450 within 300ms\n",
			"blue:veth-blue takes packets of at most 1400 bytes, and this one has 1478|all interfaces of a segment need one MTU: mtu blue:veth-blue 1500", nil},
		{"an address with a typo", "ns red blue\nlink red 10.0.0.1/24 <-> blue noaddr\naddr blue 10.0.10.2/24\nexpect ping red -> 10.0.0.2 within 300ms\n",
			"red asks for 10.0.0.2 on red:veth-red, but no interface of the lab has that address|on that segment: blue:veth-blue has 10.0.10.2/24", nil},
	}
}

func serviceCauses() []cause {
	return []cause{
		{"a server that is stopped", "ns red blue\nlink red <-> blue 10.0.0.0/24\nspawn blue python3 -m http.server 80 until listen :80\n" +
			"exec blue pkill -STOP -f http.server\nexpect http red -> http://blue/ within 300ms\n",
			"python3, which listens on blue:80, is stopped (SIGSTOP)", []string{"python3", "pkill"}},
	}
}
