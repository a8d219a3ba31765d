package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// What the options of ping say of a lab is so, in both families.
func TestOptionsOfPing(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto dual
ns red r1 blue
link red <-> r1
link r1 <-> blue mtu 1400
forward r1
route red default via 192.168.15.2
route red default via fd00:15::2
route blue default via 192.168.16.1
route blue default via fd00:16::1
expect ping red -> blue count 3 interval 1ms rtt > 1us rtt < 10s jitter < 10s
expect not ping red -> blue rtt > 10s
expect not ping red -> blue loss > 0%
block red -> blue icmp on r1
expect ping red -> 192.168.16.2 count 2 loss > 99%
del block red -> blue icmp on r1
expect ping red -> fd00:16::2 size 1352 df
expect not ping red -> fd00:16::2 size 1353 df
expect ping red -> fd00:16::2 size 1353
expect not ping red -> fd00:15::2 size 1453 df
expect not ping red -> 192.168.15.2 size 1473 df
expect not ping red -> fd00:16::2 ttl 1
expect ping red -> fd00:16::2 ttl 2
expect ping red -> blue from fd00:15::1
expect not ping red -> 192.168.16.2 from fd00:15::1
expect not ping red -> blue from 192.168.15.77
`)
}

// The type of service and the source are those that the packets have on the way.
func TestTheTypeOfServiceIsSeenOnTheWay(t *testing.T) {
	t.Parallel()
	out := labs.Hold(t, `auto dual
ns red blue
link red <-> blue
exec blue nft "add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i icmp type echo-request ip dscp ef counter; add rule inet t i icmpv6 type echo-request ip6 dscp ef counter"
expect ping red -> <192.168.15.2 fd00:15::2> tos 0xb8
expect ping red -> <192.168.15.2 fd00:15::2>
exec blue nft list chain inet t i
`)
	if strings.Count(out, "counter packets 1 ") != 2 {
		t.Error(out)
	}
}

// A packet that is too large for the sender's own interface is explained by its MTU.
func TestAPacketThatIsTooLargeIsExplained(t *testing.T) {
	t.Parallel()
	out := labs.Output(t, `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1 <-> blue 10.0.2.0/24 mtu 1400
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
expect ping red -> blue size 1473 df
expect ping red -> blue size 1400 df
`)
	for _, want := range []string{"the packets have 1501 bytes with their headers, and red:veth-red takes 1500 (mtu)", "mtu = 1400"} {
		if !strings.Contains(out, want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
}

// A router that says nothing is a place on the way all the same.
func TestASilentRouterIsAnyRouter(t *testing.T) {
	t.Parallel()
	out := labs.Hold(t, `ns pc1 r1 r2 pc2
link pc1 <-> r1 10.0.1.0/24
link r1 <-> r2 10.0.2.0/24
link r2 <-> pc2 10.0.3.0/24
forward r1 r2
route pc1 default via 10.0.1.2
route pc2 default via 10.0.3.1
route r1 10.0.3.0/24 via 10.0.2.2
route r2 10.0.1.0/24 via 10.0.2.1
exec r1 nft "add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o icmp type time-exceeded drop"
expect path pc1 -> pc2 via <* r2>
expect path pc1 -> pc2 via <* *>
expect not path pc1 -> pc2 via *
expect not path pc1 -> pc2 via <r1 r2>
`)
	if !strings.Contains(out, "pc1 -> * -> r2 -> pc2") {
		t.Error(out)
	}
}

// The path MTU is found where routers say it, and where they do not.
func TestThePathMTU(t *testing.T) {
	t.Parallel()
	out := labs.Hold(t, `ns red r1 blue
link red <-> r1 10.0.1.0/24
link r1 <-> blue 10.0.2.0/24 mtu 1372
forward r1
route red default via 10.0.1.2
route blue default via 10.0.2.1
expect mtu red -> blue is 1372
expect not mtu red -> blue is 1500
expect mtu red -> red is 65535
exec r1 nft "add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o icmp type destination-unreachable drop"
expect mtu red -> blue is 1372
expect not mtu red -> blue is 1500
block red -> blue on r1
expect not mtu red -> blue is 1372
`)
	if strings.Count(out, "packets of 1372 bytes are answered, and larger ones are lost without a message") == 0 {
		t.Error(out)
	}
}

// An address that two have is no answer; one that no node has is free.
func TestWhoAnswersForAnAddress(t *testing.T) {
	t.Parallel()
	out := labs.Hold(t, `auto off
ns a b c
bridge sw <a b c>
mac b 02:00:00:00:00:0b
mac c 02:00:00:00:00:0c
addr a 10.0.0.1/24 fd00::1/64
addr b 10.0.0.2/24 fd00::2/64
expect arp a -> <10.0.0.2 fd00::2> mac 02:00:00:00:00:0b
expect not arp a -> 10.0.0.2 mac 02:00:00:00:00:0c
expect not arp a -> <10.0.0.3 fd00::3>
exec c ip addr add 10.0.0.2/24 dev veth-c
exec c ip addr add fd00::2/64 dev veth-c nodad
expect not arp a -> 10.0.0.2 within 10s
expect not arp a -> fd00::2 within 10s
expect not arp a -> 10.9.0.1
`)
	if strings.Count(out, "2 neighbours answer for") != 2 {
		t.Error(out)
	}
}
