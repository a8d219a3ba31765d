package path_test

import "testing"

// A bond sends by its members that are in use: the same on kernels that have none.
func TestBonds(t *testing.T) {
	const under = `ns a sw b
bridge sw:br0 <b> noaddr
link a:eth1 <-> sw:p1 noaddr
link a:eth2 <-> sw:p2 noaddr
attach sw:p1 -> sw:br0
attach sw:p2 -> sw:br0
addr b 10.0.0.2/24
`
	for name, test := range map[string]struct{ script, want string }{
		"one member":      {"bond a:bond0 <eth1> 10.0.0.1/24", ""},
		"two members":     {"bond a:bond0 <eth1 eth2> 10.0.0.1/24", ""},
		"one pulled":      {"bond a:bond0 <eth1 eth2> 10.0.0.1/24\ndown a:eth1", ""},
		"far end pulled":  {"bond a:bond0 <eth1 eth2> 10.0.0.1/24\ndown sw:p1", ""},
		"both pulled":     {"bond a:bond0 <eth1 eth2> 10.0.0.1/24\ndown a:eth1\ndown a:eth2", "path.Down"},
		"no member":       {"bond a:bond0 10.0.0.1/24", "path.Apart"},
		"bond down":       {"bond a:bond0 <eth1 eth2> 10.0.0.1/24\ndown a:bond0", "path.NoRoute"},
		"wrong cable":     {"detach sw:p1\nbond a:bond0 <eth1 eth2> 10.0.0.1/24", "path.Standby"},
		"by all":          {"detach sw:p1\nbond sw:bond0 <p1> mode balance-rr\nattach sw:bond0 -> sw:br0\nbond a:bond0 <eth1> mode balance-rr 10.0.0.1/24", ""},
		"address of port": {"addr a:eth1 10.0.0.1/24\nbond a:bond0 <eth1 eth2>", "path.Port"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stopped(t, under+test.script, "10.0.0.2"); got != test.want {
				t.Errorf("%s: stopped by %q, want %q", test.script, got, test.want)
			}
		})
	}
}
