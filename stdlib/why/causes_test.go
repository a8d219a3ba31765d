package why_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// cause is a lab with one fault, and the reason and the advice that are given.
type cause struct {
	name, script string
	want         string
	// needs are programs that the script runs.
	needs []string
}

// Each fault is named, whatever statement or program made it.
func TestCauses(t *testing.T) {
	t.Parallel()
	for _, c := range routingCauses() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			labtest.NeedPrograms(t, c.needs...)
			out := labs.Output(t, c.script)
			if want := "\n    " + strings.ReplaceAll(c.want, "|", "\n    ") + "\n"; !strings.Contains(out, want) {
				t.Errorf("not said: %s\n%s\n%s", want, c.script, out)
			}
		})
	}
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
			"blue drops packets from 10.0.1.1, to which it has no route back: net.ipv4.conf.all.rp_filter is not 0|let them in: sysctl blue net.ipv4.conf.all.rp_filter=0", nil},
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
