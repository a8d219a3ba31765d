package foreign

import (
	"iter"
	"strings"
)

// Samples are all phrases, and the statements that they give on the host and in
// red, with something in the place of A and B.
func Samples() iter.Seq2[string, string] {
	return func(yield func(theirs, ours string) bool) {
		for _, p := range phrases() {
			for _, node := range []string{"host", "red"} {
				if !yield(p.theirs, p.say(node, sample(p))) {
					return
				}
			}
		}
	}
}

// sample is what may be in the place of A and B.
func sample(p phrase) map[string]string {
	for _, s := range []struct{ in, a, b string }{
		{"--dport", "80", "10.0.0.1:80"},
		{"masquerade", "10.0.0.0/24", ""},
		{"ip addr", "10.0.0.1/24", "eth0"},
		{" via ", "10.0.0.0/24", "10.0.0.1"},
		{"route", "10.0.0.0/24", "eth0"},
		{"mtu", "eth0", "1400"},
		{"address", "eth0", "02:00:00:00:00:01"},
		{"sysctl", "net.ipv4.ip_forward=1", ""},
		{"curl", "http://blue/", ""},
	} {
		if strings.Contains(p.theirs, s.in) {
			return map[string]string{"A": s.a, "B": s.b}
		}
	}
	return map[string]string{"A": "eth0", "B": "eth1"}
}
