package filter_test

import (
	"strings"
	"testing"

	"nsl/runtime/labtest/labs"
)

// The kernel takes no route over an interface that is down: nat leaves such a
// member out, says so and how to fix it, and does the rest.
func TestNATLeavesOutWhoIsDown(t *testing.T) {
	t.Parallel()
	for subnet, lab := range map[string]struct{ script, fix string }{
		"IPv4": {
			script: `ns red blue lan
bridge v-net-0 <red blue> 192.168.15.0/24
link host <-> lan 192.168.1.0/24
down blue
nat 192.168.15.0/24
expect ping red -> lan
expect not route blue -> default
`, fix: `up blue
route blue default via 192.168.15.254
expect ping blue -> lan
`},
		// An IPv6 address goes when its interface goes down: it comes later.
		"IPv6": {
			script: `auto ipv6
ns red blue lan
bridge v-net-0 <red blue> fd15::/64
link host <-> lan fd01::/64
down blue
addr blue fd15::2/64
nat fd15::/64
expect ping red -> lan
expect not route blue -> ::/0
`, fix: `up blue
route blue default via fd15::ffff
expect ping blue -> lan
`},
	} {
		t.Run(subnet, func(t *testing.T) {
			out, held, failed, err := labs.Run(t, lab.script+lab.fix)
			if err != nil || held != 3 || failed != 0 {
				t.Errorf("%d held, %d failed: %v\n%s", held, failed, err, out)
			}
			_, rest, _ := strings.Cut(lab.fix, "\n")
			route, _, _ := strings.Cut(rest, "\n")
			for _, want := range []string{"blue gets no default route: its interface veth-blue is down", "up blue, then: " + route} {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not said:\n%s", want, out)
				}
			}
		})
	}
}

// NAT one hop further: the node that masquerades has no address in the subnet, and
// its members keep their own router as their way out.
func TestNATFurtherOnTheWay(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `ns pc home edge web
link pc 10.0.1.2/24 <-> home 10.0.1.1/24
link home 10.0.2.1/24 <-> edge 10.0.2.2/24
link edge 203.0.113.1/24 <-> web 203.0.113.2/24
forward home
route pc default via 10.0.1.1
route home default via 10.0.2.2
route edge 10.0.1.0/24 via 10.0.2.1
expect not ping pc -> web
nat 10.0.1.0/24 on edge
expect ping pc -> web
expect route pc -> default via 10.0.1.1
`)
}
