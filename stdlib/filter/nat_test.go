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
