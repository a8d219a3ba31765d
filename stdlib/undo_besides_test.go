package stdlib_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"nsl/runtime/labtest/labs"
)

// besidesLabs are about what the kernel changes besides what a statement says.
func besidesLabs() map[string]string {
	return map[string]string{
		"IPv6 that is turned off": `auto off
ns red blue
link red:e0 <-> blue:e0
addr red 10.0.0.1/24 fd00::1/64 fd00::2/64 fe80::7/64
addr blue fd00::9/64
route red default via fd00::9
route red 2001:db8::/32 via fe80::9 dev e0
test "x" { sysctl red net.ipv6.conf.all.disable_ipv6=1 }
test "x" { sysctl red net.ipv6.conf.e0.disable_ipv6=1 }
test "x" { sysctl red net.ipv6.conf.default.disable_ipv6=1 }
expect ping red -> fd00::9
`,
		"link-local addresses that were given": `auto off
ns red blue green
link red:e0 <-> blue:e0
addr red fe80::7/64 fe80::200:5eff:fe00:5301/64 fd00::1/64
test "x" { down red }
test "x" { del addr red fe80::7 }
test "x" { delete red:e0 }
test "x" { move red:e0 -> green }
test "x" { sysctl red net.ipv6.conf.e0.disable_ipv6=1 }
`,
		"settings of an interface": `auto off
ns red blue green
link red:e0 <-> blue:e0
addr red 10.0.0.1/24
sysctl red net.ipv4.conf.e0.rp_filter=2 net.ipv4.conf.e0.arp_ignore=1 net.ipv6.conf.e0.hop_limit=9
sysctl red net.ipv4.neigh.e0.ucast_solicit=5 net.ipv6.neigh.e0.mcast_solicit=7
bridge br0
sysctl host net.ipv4.conf.br0.proxy_arp=1
test "x" { delete red:e0 }
test "x" { move red:e0 -> green }
test "x" { rename red:e0 -> wan }
test "x" { delete br0 }
`,
		"forwarding": `ns r1 r2
link r1:e0 <-> r2:e0
sysctl r1 net.ipv4.conf.e0.forwarding=1 net.ipv4.conf.all.accept_redirects=1 net.ipv6.conf.e0.forwarding=1
test "x" { forward r1 }
sysctl r1 net.ipv6.conf.all.forwarding=1
test "x" { forward r2 }
sysctl r2 net.ipv4.conf.e0.forwarding=0 net.ipv4.conf.all.accept_redirects=1 net.ipv6.conf.e0.forwarding=0
test "x" { forward r2 off }
`,
		"the MTU of IPv6": `auto off
ns red blue
link red:e0 <-> blue:e0
addr red 10.0.0.1/24
sysctl red net.ipv6.conf.e0.mtu=1400 net.ipv6.conf.e0.hop_limit=9
test "x" { mtu red:e0 1450 }
test "x" { mtu red:e0 1300 }
test "x" { mtu red:e0 1000 }
`,
		"neighbours that were entered by hand": `auto off
ns red blue green
link red:e0 <-> blue:e0
addr red 10.0.0.1/24 fd00::1/64
neigh red 10.0.0.2 mac 02:00:00:00:00:02
neigh red fd00::2 mac 02:00:00:00:00:02
neigh red:e0 10.0.0.9 proxy
neigh red:e0 fd00::9 proxy
test "x" { down red }
test "x" { mac red:e0 02:00:00:00:00:77 }
test "x" { del addr red 10.0.0.1 }
test "x" { del addr red fd00::1; mtu red:e0 1000 }
test "x" { delete red:e0 }
test "x" { move red:e0 -> green }
test "x" { rename red:e0 -> wan }
test "x" { neigh red 10.0.0.2 mac 02:00:00:00:00:03 }
test "x" { del neigh red:e0 10.0.0.2 }
test "x" { del neigh red:e0 fd00::9 proxy }
expect neigh red -> <10.0.0.2 fd00::2> permanent
expect neigh red -> <10.0.0.9 fd00::9> proxy
`,
		"the order of addresses and routes": `auto off
ns red blue green
link red:e0 <-> blue:e0
link red:e1 <-> blue:e1
addr red:e0 10.0.0.1/24 10.0.0.3/24 fd00::1/64
addr red:e1 10.0.0.2/24 10.0.0.4/24 fd00::2/64
addr blue:e0 10.0.0.9/24 fd00::9/64
expect ping red -> 10.0.0.9
route red 10.7.0.0/16 via 10.0.0.9
route red 10.8.0.0/16 via 10.0.0.9 dev e1
test "x" { down red:e0 }
test "x" { down red:e1 }
test "x" { down red }
test "x" { del addr red:e0 10.0.0.1 }
test "x" { del addr red:e0 10.0.0.1 10.0.0.3 }
test "x" { del addr red:e1 10.0.0.2 }
test "x" { move red:e0 -> green }
test "x" { delete red:e0 }
test "x" { delete red:e1 }
test "x" { down blue:e0 }
`,
	}
}

func TestWhatTheKernelChangesBesidesIsUndone(t *testing.T) {
	t.Parallel()
	for name, script := range besidesLabs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := labs.In(t, undoPart, labs.Job{Script: script})
			if r.Err != "" || r.Failed > 0 || r.Held < strings.Count(script, "\n")/2 {
				t.Errorf("%s\n%d held\n%s\n%s", script, r.Held, r.Err, r.Out)
			}
		})
	}
}

// What a test gave a hardware address, or a second owner, is not remembered by others.
func TestNeighboursForgetWhatATestChanged(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns red blue green
bridge sw <red blue green> 10.0.0.0/24
test "another card" {
  mac red:veth-red 02:00:00:00:00:99
  expect ping blue -> red
  expect neigh blue -> red mac 02:00:00:00:00:99
}
expect ping blue -> red
exec blue ip neigh flush all
test "another owner" {
  del addr red 10.0.0.1
  addr green 10.0.0.1/24
  expect ping blue -> 10.0.0.1
}
expect ping blue -> red
`)
}

// A DHCP server lends addresses again once its interface is back, and no address twice.
func TestADHCPServerGoesOnWhenItsInterfaceIsBack(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns r1 red blue
link r1:lan <-> host:p1
link red:e0 <-> host:p2
link blue:e0 <-> host:p3
bridge sw
attach p1 -> sw
attach p2 -> sw
attach p3 -> sw
addr r1:lan 10.0.0.1/24
dhcp serve r1:lan 10.0.0.50..10.0.0.60
dhcp red:e0
test "the server's interface is deleted" { delete r1:lan }
test "and moved" { move r1:lan -> blue }
test "and renamed" { rename r1:lan -> wan }
dhcp blue:e0
expect ping red -> 10.0.0.1
expect ping blue -> red
`)
}

// A capture goes on in its file when its interface is back.
func TestACaptureGoesOnWhenItsInterfaceIsBack(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	r := labs.Do(t, labs.Job{Files: true, Script: `ns red blue green
link red:e0 <-> blue:e0 10.0.0.0/24
capture red:e0 x.pcapng
expect ping red -> blue
test "deleted" { delete red:e0 }
expect ping red -> blue
test "moved" { move red:e0 -> green }
expect ping red -> blue
`})
	if r.Err != "" || r.Failed > 0 {
		t.Fatal(r.Out)
	}
	if n := echoRequests(t, "x.pcapng"); n != 3 {
		t.Errorf("%d echo requests were recorded, of 3", n)
	}
}

// echoRequests counts the echo requests of a file.
func echoRequests(t *testing.T, name string) int {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	const typeAt = 14 + 20 // after the headers of Ethernet and IPv4
	n := 0
	for {
		data, _, err := r.ReadPacketData()
		if err != nil {
			return n
		}
		if len(data) > typeAt && data[12] == 0x08 && data[13] == 0 && data[23] == 1 && data[typeAt] == 8 {
			n++
		}
	}
}
