package probes_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// homes are two private networks with the same numbers, each with its router.
const homes = `auto off
ns pc1 r1 pc2 r2 tv2
link r1:lan 192.168.1.1/24 <-> pc1:eth0 192.168.1.2/24
bridge r2:br0 <pc2 192.168.1.2/24 tv2 192.168.1.3/24> noaddr
addr r2:br0 192.168.1.1/24
link r1:wan 203.0.113.1/24 <-> r2:wan 203.0.113.2/24
`

// Who is a neighbour is decided by cables and bridges: the other home has the same
// numbers and gets neither routes nor resolvers.
func TestTwoHomesWithTheSameNumbers(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]string{
		"nat": `nat 192.168.1.0/24 on r1
expect ping pc1 -> <r1 r2 203.0.113.2>
expect not route <pc2 tv2> -> 203.0.113.1
nat 192.168.1.0/24 on r2
expect route <pc2 tv2> -> 203.0.113.1 via 192.168.1.1
expect ping <pc2 tv2> -> r1
expect path pc2 -> r1 via <r2>
expect not path pc2 -> r1 via <r1>
expect path pc1 -> r2 via <r1>
`,
		"dns": `dns r1
expect exec pc1 cat /etc/resolv.conf prints "nameserver 192.168.1.1"
expect not exec pc2 cat /etc/resolv.conf prints "nameserver 192.168.1.1"
expect not exec tv2 cat /etc/resolv.conf prints "nameserver 192.168.1.1"
`,
		"hosts": `expect exec pc1 getent hosts r2 prints "203.0.113.2 "
expect exec pc2 getent hosts r2 prints "192.168.1.1 "
expect exec tv2 getent hosts r1 prints "203.0.113.1 "
expect exec pc1 getent hosts r1 prints "192.168.1.1 "
expect not exec pc1 getent hosts pc2
expect exec pc1 getent hosts tv2 prints "192.168.1.3 "
expect dns tv2 -> r1 is 203.0.113.1
addr tv2 2001:db8::3/64
expect exec pc1 getent hosts tv2 prints "2001:db8::3 "
`,
		"publish": `serve http pc1:80
serve http pc2:80
publish 80 -> 192.168.1.2:80 on r1
expect route pc1 -> 203.0.113.2 via 192.168.1.1
expect not route <pc2 tv2> -> 203.0.113.1
expect http r2 -> http://203.0.113.1/
`,
		"not itself": `forward r1 r2
nat 192.168.1.0/24 on r1
nat 192.168.1.0/24 on r2
expect not ping pc1 -> pc2
expect not tcp pc1 -> pc2:80
expect not ping tv2 -> pc1
expect ping tv2 -> pc2
expect ping pc1 -> pc1
`,
		"dhcp": `ns new1 new2
bridge r1:br1 <new1> noaddr
addr r1:br1 192.168.7.1/24
bridge r2:br2 <new2> noaddr
addr r2:br2 192.168.7.1/24
dhcp serve r1:br1
dhcp serve r2:br2
dhcp new1
dhcp new2
expect addr new1 192.168.7.100
expect addr new2 192.168.7.100
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			labs.Hold(t, homes+rest)
		})
	}
}

// An address on the loopback of the node that asks is its own, so it does not reach
// the other node that has it.
func TestAnAddressOfOnesOwnReachesNoOtherNode(t *testing.T) {
	t.Parallel()
	out, held, failed, err := labs.Run(t, `ns red blue
link red <-> blue 10.0.0.0/24
addr red:lo 10.0.0.2/32
expect not ping red -> blue
expect not tcp red -> blue:80
expect ping red -> 10.0.0.2
expect ping red -> blue
`)
	if err != nil || held != 3 || failed != 1 {
		t.Errorf("%v, held %d, failed %d\n%s", err, held, failed, out)
	}
	for _, want := range []string{"red has the address 10.0.0.2 of blue itself", "give blue an address that no other node has"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
}
