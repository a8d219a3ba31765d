package path_test

import "testing"

// A VRF is a router of its own in its node: the same on kernels that have none.
func TestVRFs(t *testing.T) {
	const under = `ns a r b c
link a:eth0 10.0.1.2/24 <-> r:a 10.0.1.1/24
link r:b 10.0.2.1/24 <-> b:eth0 10.0.2.2/24
link r:c <-> c:eth0 10.0.1.2/24
forward r
route <a c> default via 10.0.1.1
route b default via 10.0.2.1
`
	for name, test := range map[string]struct{ script, to, want string }{
		"none":           {"", "10.0.2.2", ""},
		"both in one":    {"vrf r:red <a b> table 10", "10.0.2.2", ""},
		"one outside":    {"vrf r:red <a> table 10", "10.0.2.2", ""}, // the usual table has the way,
		"in two":         {"vrf r:red <a> table 10\nvrf r:blue <b> table 20\nroute r default unreachable table 10", "10.0.2.2", "path.Refused"},
		"its own":        {"vrf r:red <a b> table 10", "10.0.2.1", ""},
		"of another":     {"vrf r:red <a> table 10\nvrf r:blue <b> table 20", "10.0.2.1", "path.NoRoute"},
		"twice":          {"vrf r:red <a b> table 10\nvrf r:blue <c> table 20\naddr r:c 10.0.1.1/24", "10.0.2.2", ""},
		"gateway of two": {"vrf r:red <a b> table 10\nvrf r:blue <c> table 20\naddr r:c 10.0.1.1/24", "10.0.1.1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stopped(t, under+test.script, test.to); got != test.want {
				t.Errorf("%s: stopped by %q, want %q", test.script, got, test.want)
			}
		})
	}
}
