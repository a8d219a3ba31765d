package services_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
)

// A stock client and a stock server take nsl's own for one of theirs.
func TestDHCPWithOthers(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "udhcpc", "dnsmasq")
	labs.Hold(t, `ns red blue r1
bridge r1:br0 <red blue> noaddr
addr r1:br0 10.0.0.254/24
dns r1
dhcp serve r1:br0 10.0.0.100..110
up red
expect exec red udhcpc -f -n -q -t 3 -T 1 -s /bin/true -i veth-red prints "lease of 10.0.0.100 obtained from 10.0.0.254"
expect exec red udhcpc -f -n -q -t 3 -T 1 -s /bin/true -i veth-red -r 10.0.0.105 prints "lease of 10.0.0.100 obtained"
dhcp blue
expect addr blue 10.0.0.101/24
`)
	labs.Hold(t, `ns red r1
link red:eth0 <-> r1:eth0 noaddr
addr r1:eth0 10.0.0.1/24
spawn r1 dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --leasefile-ro --pid-file= --interface=eth0 --bind-interfaces --dhcp-authoritative '--dhcp-range=10.0.0.50,10.0.0.60,1h' --domain=office.example --address=/printer.office.example/10.0.0.9 until listen udp :67
dhcp red
expect exec red ip -4 addr show eth0 matches "10.0.0.(5[0-9]|60)/24"
expect route red -> 192.0.2.1 via 10.0.0.1
expect dns red -> printer is 10.0.0.9
`)
}

// What a lease brought is gone when the test ends that asked for it, and the
// server lends the address again.
func TestLeaseIsGivenBack(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns red blue r1
bridge r1:br0 <red blue> 10.0.0.0/24
dns r1
dhcp serve r1:br0 10.0.0.100..10.0.0.100
resolver red -> 10.0.0.2
test "red has it" {
  dhcp red
  expect addr red 10.0.0.100/24
  expect not addr red 10.0.0.1
  expect dns red -> blue.lab
  expect route red -> 192.0.2.1 via 10.0.0.254
}
expect addr red 10.0.0.1/24
expect not addr red 10.0.0.100
expect not route red -> 192.0.2.1
expect exec red cat /etc/resolv.conf prints "nameserver 10.0.0.2"
dhcp blue
expect addr blue 10.0.0.100/24
`)
}

// A client whose server cannot hear it, or has none any more, says so in time,
// and nothing of the statement is left.
func TestNoLease(t *testing.T) {
	t.Parallel()
	out := labs.Output(t, `ns red blue r1
bridge r1:br0 <red blue> noaddr
addr r1:br0 10.0.0.254/24
dhcp serve r1:br0
down r1:veth-red-br
dhcp red
`)
	for _, want := range []string{
		"DHCP client of red:veth-red: no DHCP server lent it an address [NSL134]",
		"r1:veth-red-br is down, at the other end of the cable of red:veth-red",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nwant %s", out, want)
		}
	}
}

// A relay that cannot reach its server, or whose answer does not find back, says so.
func TestARelayThatReachesNoServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ fault, want string }{
		"no way back": {"", "srv has no route back to 10.0.1.254"},
		"no server":   {"route srv default via 10.0.9.254\nkill srv dhcp\ndhcp serve srv:eth0 subnet 10.0.2.0/24", "srv, to which r1 passes the request on, has no DHCP server for the subnet of 10.0.1.254"},
		"a filter":    {"route srv default via 10.0.9.254\nblock r1 -> srv udp 67", "block r1 -> srv udp 67"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := labs.Output(t, `ns pc r1 srv
link pc:eth0 <-> r1:lan noaddr
addr r1:lan 10.0.1.254/24
link r1:up 10.0.9.254/24 <-> srv:eth0 10.0.9.1/24
dhcp serve srv:eth0 subnet 10.0.1.0/24
dhcp relay r1:lan -> srv
`+test.fault+`
exec r1 true
dhcp pc
`)
			if !strings.Contains(out, test.want) {
				t.Errorf("%s\nwant %s", out, test.want)
			}
		})
	}
}

// A relay works with other programs, and a client that was lent an address through it gives
// it back to the server itself.
func TestRelayWithOthers(t *testing.T) {
	t.Parallel()
	labtest.NeedPrograms(t, "udhcpc")
	labs.Hold(t, `ns pc r1 srv
link pc:eth0 <-> r1:lan noaddr
addr r1:lan 10.0.1.254/24
link r1:up 10.0.9.254/24 <-> srv:eth0 10.0.9.1/24
forward r1
route srv default via 10.0.9.254
dhcp serve srv:eth0 subnet 10.0.1.0/24 10.0.1.100..10.0.1.101
dhcp relay r1:lan -> srv
up pc
expect exec pc udhcpc -f -n -q -t 3 -T 1 -s /bin/true -i eth0 prints "lease of 10.0.1.100 obtained from 10.0.9.1"
test "it is given back" {
  dhcp pc
  expect addr pc 10.0.1.101/24
}
dhcp pc
expect addr pc 10.0.1.101/24
kill r1 dhcp-relay
expect not process r1 dhcp-relay
`)
}
