package stdlib_test

import (
	"strings"
	"testing"

	"nsl/lang/check"
	"nsl/lang/eval"
	"nsl/lang/explain"
	"nsl/lang/source"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/model"
	"nsl/stdlib"
)

// The kernel takes an IPv4 route through an IPv6 gateway, and through the node itself.
func TestRoutesThatTheKernelTakes(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto off
ns ns1 r1 ns2
link ns1:e0 <-> r1:e0
link r1:e1 <-> ns2:e0
addr ns1:e0 2001:db8:1::1/64 10.1.1.1/32
addr r1:e0 2001:db8:1::2/64 10.1.1.2/32
addr r1:e1 172.16.1.1/24
addr ns2 172.16.1.2/24
route ns1 172.16.1.0/24 via 2001:db8:1::2
route r1 10.1.1.1/32 via 2001:db8:1::1
route ns2 default via 172.16.1.1
forward r1
expect ping ns1 -> ns2
expect route ns1 -> 172.16.1.2 via 2001:db8:1::2
route ns1 10.77.0.0/16 via 10.1.1.1
`)
}

// An interface takes the first and the last address of a subnet.
func TestAddressesThatTheKernelTakes(t *testing.T) {
	t.Parallel()
	labs.Hold(t, `auto off
ns red blue
link red:e0 <-> blue:e0
addr red 192.168.1.0/24 fd00::/64
addr blue 192.168.1.7/24
route blue fd00::/64 dev e0
expect ping blue -> 192.168.1.0
expect addr red 192.168.1.0
`)
}

// ip netns del ends a namespace some time later, so what explain prints takes its cables
// away first; and a rule with an IPv6 prefix needs -6.
func TestExplainedCommandsOfNodesAndRules(t *testing.T) {
	set := &source.Set{}
	tree := stdlib.Table().Split(set.Add("lab.nsl", "ns n3\nlink n3:e0 <-> host:p0\nrule n3 from fd00::/64 table 100\ndelete n3\n"))
	var out strings.Builder
	if list := explain.Script(&out, set, stdlib.Table(), tree, model.New(), check.Options{Limits: eval.DefaultLimits()}); list.HasErrors() {
		t.Fatal(list)
	}
	at := 0
	for _, want := range []string{"ip -n n3 -6 rule add", "link del dev", "ip netns del n3"} {
		i := strings.Index(out.String()[at:], want)
		if i < 0 {
			t.Fatalf("no %q in its place:\n%s", want, out.String())
		}
		at += i
	}
}
