package stdlib_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// undoLabs are scripts in which undoing a statement means more than to do
// the opposite: the kernel removes routes and addresses of its own accord.
func undoLabs() map[string]string {
	return map[string]string{
		"primary and secondary addresses": `auto off
ns red blue
link red <-> blue
addr red 10.0.0.1/24 10.0.0.2/24 10.0.1.1/24 10.0.0.3/24
addr blue 10.0.0.9/24
route red default via 10.0.0.9
route red 10.7.0.0/16 via 10.0.0.9 src 10.0.0.3
del addr red 10.0.0.1
expect route red -> default via 10.0.0.9
del addr red 10.0.0.3/24 10.0.0.2 10.0.1.1
expect route red -> 8.8.8.8 unreachable
addr red 10.0.0.2/24 fd00::2/64
`,
		"routes in tables and through routes": `auto off
ns red blue
link red <-> blue
addr red 10.0.0.1/24
route red 10.9.0.1 dev veth-red
route red default via 10.9.0.1
route red default via 10.0.0.9 table 100 metric 7
route red blackhole 10.10.0.0/16
down red
expect not route red -> 10.9.0.1
expect route red -> 10.10.0.1 unreachable
up red
del addr red 10.0.0.1
`,
		"addresses with options": `auto off
ns red blue
link red:eth0 <-> blue:eth0
addr red 10.0.0.1/24 label eth0:a 10.0.0.2/24 label eth0:b 10.1.0.1/32 peer 10.1.0.2 10.2.0.1/24 scope link noprefixroute
addr red fd00::1/64 fd00::2/64 preferred_lft 0 fd01::1/128 peer fd01::2 fd02::1/64 valid_lft 1h preferred_lft 10m
addr blue 10.1.0.2/32 peer 10.1.0.1 fd01::2/128 peer fd01::1
route red default via 10.1.0.2
expect ping red -> <10.1.0.2 fd01::2>
del addr red 10.0.0.1 10.1.0.1 fd00::2 fd01::1 fd02::1
expect not ping red -> 10.1.0.2
rename red:eth0 -> eth1
move red:eth1 -> blue
`,
		"ways over two interfaces": `ns red r1 r2
link red <-> r1 10.0.1.0/24
link red <-> r2 10.0.2.0/24
route red 10.9.0.0/16 via 10.0.1.2 via 10.0.2.2
route red default via 10.0.1.2
down red:veth-red-2
expect route red -> 10.9.0.0/16 via 10.0.1.2
up red:veth-red-2
down red
expect not route red -> 10.9.0.0/16
up red
del addr red:veth-red 10.0.1.1
`,
		"ways over one that is down already": `ns red r1 r2
link red <-> r1 10.0.1.0/24
link red <-> r2 10.0.2.0/24
route red default via 10.0.1.2
down red:veth-red-2 r1
up r1
`,
		"IPv6": `auto dual
ns red blue
link red <-> blue
addr red fe80::1/64
addr blue fd00:15::3/64
route red default via fd00:15::3
route red 2001:db8::/32 via fe80::2 dev veth-red
addr red fd00:15::7/64 fd00:79::1/64 fd00:80::1/64
expect route red -> default via fd00:15::3
del addr red fd00:15::7 fe80::1
down red
expect not addr red fd00:15::1
addr red fd00:77::1/64 fd00:76::1/64
up red
down blue
up red:lo
`,
		"explicit for automatic": `auto dual
ns red blue
bridge v-net-0 <red blue>
nat 192.168.15.0/24
addr red 192.168.15.77/24
expect route red -> default via 192.168.15.254
addr red 10.1.1.1/24
route blue ::/0 via fd00:15::1
addr blue 10.9.0.1/24 fd00:9::1/64
expect not route blue -> default
expect not route blue -> ::/0
addr v-net-0 192.168.15.1/24
expect not addr v-net-0 192.168.15.254
`,
		"rules and settings": `ns red
rule red from 10.0.0.0/8 table 100
rule red fwmark 0x10 iif lo table 1000 priority 7
rule red from fd00::/8 to 2001:db8::1 table 100
rule red from 10.0.0.0/8 table 101 priority 3
del rule red from 10.0.0.0/8
del rule red fwmark 16
forward red
forward red off
forward red on
sysctl red net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.lo.rp_filter=1
expect sysctl red net.ipv4.conf.all.rp_filter=2
`,
		"routes": `ns red r1
link red <-> r1 10.0.1.0/24
auto ipv6
link red <-> r1
route red 10.9.0.0/16 via 10.0.1.2 dev veth-red metric 10
route red 10.9.0.0/16 via 10.0.1.2
route red prohibit default
route red ::/0 via fd00:15::2 metric 5
route red ::/0 unreachable
route red 10.8.0.0/16 dev lo
del route red 10.9.0.0/16 metric 10
del route red default
del route red default
del route red default metric 1024
del route red 10.0.1.0/24
del route red fd00:15::/64
`,
	}
}

func TestStatementsCanBeUndone(t *testing.T) {
	t.Parallel()
	for name, script := range undoLabs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := labs.In(t, undoPart, labs.Job{Script: script})
			if r.Err != "" || r.Failed > 0 || r.Held < strings.Count(script, "\n")/2 {
				t.Errorf("%s\n%d held\n%s\n%s\n%s", script, r.Held, r.Err, r.Out, r.State)
			}
		})
	}
}
