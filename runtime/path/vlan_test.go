package path_test

import (
	"fmt"
	"net/netip"
	"testing"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// What a switch with VLANs passes on, and what stops the rest; the same on kernels that lack them.
func TestVLANsOfPorts(t *testing.T) {
	const router = `bridge sw <a 10.0.10.2/24 fd00:10::2/64 vlan 10 b 10.0.20.2/24 fd00:20::2/64 vlan 20 r1:eth0 trunk 10,20>
vlan r1:eth0.10 on r1:eth0 id 10 10.0.10.1/24 fd00:10::1/64
vlan r1:eth0.20 on r1:eth0 id 20 10.0.20.1/24 fd00:20::1/64
forward r1
route a default via 10.0.10.1
route b default via 10.0.20.1
route a default via fd00:10::1
route b default via fd00:20::1
`
	const same = "bridge sw <a 10.0.10.2/24 vlan 10 b 10.0.10.3/24 vlan 10>\n"
	for name, test := range map[string]struct{ script, to, want string }{
		"one VLAN":             {same, "10.0.10.3", ""},
		"two VLANs":            {same + "attach veth-b-br -> sw vlan 20", "10.0.10.3", "path.NoMember"},
		"no native VLAN":       {same + "attach veth-a-br -> sw trunk 10", "10.0.10.3", "path.NoNative"},
		"native VLAN":          {same + "attach veth-b-br -> sw trunk 20 native 10", "10.0.10.3", ""},
		"tagged":               {same + "attach veth-b-br -> sw trunk 10", "10.0.10.3", "path.Tagged"},
		"router":               {router, "10.0.20.2", ""},
		"router, IPv6":         {router, "fd00:20::2", ""},
		"router, lacks a VLAN": {router + "attach veth-r1-br -> sw trunk 10", "10.0.20.2", "path.NoMember"},
		"router, untagged":     {router + "attach veth-r1-br -> sw vlan 10", "fd00:10::1", "path.Untagged"},
		"it has the address":   {router + "attach veth-r1-br -> sw vlan 10", "10.0.10.1", ""},
		"the bridge itself":    {same + "addr sw 10.0.10.9/24", "10.0.10.9", "path.NoMember"},
		"isolated ports":       {same + "option veth-a-br isolated on\noption veth-b-br isolated on", "10.0.10.3", "path.Isolated"},
		"a VLAN of the bridge": {same + "vlan sw.10 on sw id 10 10.0.10.9/24", "10.0.10.9", ""},
		"another of it":        {same + "vlan sw.11 on sw id 11 10.0.10.9/24", "10.0.10.9", "path.NoMember"},
		"two switches": {`bridge s1 <a 10.0.10.2/24 vlan 10>
bridge r1:s2 <b 10.0.10.3/24 vlan 10>
link host:up <-> r1:up noaddr
attach up -> s1 trunk 10,20
attach r1:up -> r1:s2 trunk 10`, "10.0.10.3", ""},
		"two switches, native VLANs differ": {`bridge s1 <a 10.0.10.2/24 vlan 10>
bridge r1:s2 <b 10.0.10.3/24 vlan 20>
link host:up <-> r1:up noaddr
attach up -> s1 vlan 10
attach r1:up -> r1:s2 vlan 20`, "10.0.10.3", ""},
		"a VLAN in a VLAN": {`link a:x <-> b:x noaddr
vlan a:s on a:x id 5
vlan a:c on a:s id 6 10.0.10.2/24
vlan b:s on b:x id 5
vlan b:c on b:s id 6 10.0.10.3/24`, "10.0.10.3", ""},
		"a provider's tag around another": {`link a:x <-> b:x noaddr
vlan a:s on a:x id 5 protocol 802.1ad
vlan a:c on a:s id 5 10.0.10.2/24
vlan b:s on b:x id 5 protocol 802.1ad
vlan b:c on b:s id 5 10.0.10.3/24`, "10.0.10.3", ""},
		"a provider's tag is another": {`link a:x <-> b:x noaddr
vlan a:c on a:x id 6 protocol 802.1ad 10.0.10.2/24
vlan b:c on b:x id 6 10.0.10.3/24`, "10.0.10.3", "path.Unlike"},
		"a provider's tag is none for a bridge that filters": {`bridge sw <a:x vlan 10 b:x vlan 10> noaddr
vlan a:s on a:x id 6 protocol 802.1ad 10.0.10.2/24
vlan b:s on b:x id 6 protocol 802.1ad 10.0.10.3/24`, "10.0.10.3", ""},
		"a provider's tag between two VLANs": {`bridge sw <a:x vlan 10 b:x vlan 20> noaddr
vlan a:s on a:x id 6 protocol 802.1ad 10.0.10.2/24
vlan b:s on b:x id 6 protocol 802.1ad 10.0.10.3/24`, "10.0.10.3", "path.NoMember"},
		"the tags in another order": {`link a:x <-> b:x noaddr
vlan a:s on a:x id 5
vlan a:c on a:s id 6 10.0.10.2/24
vlan b:s on b:x id 6
vlan b:c on b:s id 5 10.0.10.3/24`, "10.0.10.3", "path.Unlike"},
		"a plain switch carries tags": {`bridge sw <a:x b:x> noaddr
vlan a:c on a:x id 6 10.0.10.2/24
vlan b:c on b:x id 6 10.0.10.3/24`, "10.0.10.3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			lab, _ := build(t, "ns a b r1\n"+test.script+"\n")
			f := path.Ask(lab, "a", path.Echo(plan.Ping{To: netip.MustParseAddr(test.to)}), "").Request
			got := ""
			if e, ok := f.End.(path.NoNeighbour); ok {
				got = fmt.Sprintf("%T", e.Cause)
				if b, ok := e.Cause.(path.Blocked); ok {
					got = fmt.Sprintf("%T", b.By)
				}
			} else if !f.Arrived() {
				got = fmt.Sprintf("%T", f.End)
			}
			if got != test.want {
				t.Errorf("%s: stopped by %q (%+v), want %q", test.script, got, f.End, test.want)
			}
		})
	}
}

// Interfaces in different VLANs are on different segments, whether they share a switch or a cable.
func TestVLANsAreSegments(t *testing.T) {
	lab, _ := build(t, `ns a b c
bridge sw <a:x vlan 10 b:x vlan 20 c:x trunk 10,20 native 30> noaddr
vlan c:ten on c:x id 10
`)
	ref := func(node, link string) plan.Ref { return plan.Ref{Node: node, Link: link} }
	for _, test := range []struct {
		a, b plan.Ref
		want bool
	}{
		{ref("a", "x"), ref("b", "x"), false},
		{ref("a", "x"), ref("c", "x"), false},
		{ref("a", "x"), ref("c", "ten"), true},
		{ref("c", "ten"), ref("a", "x"), true},
		{ref("c", "ten"), ref("b", "x"), false},
	} {
		if got := path.MayShare(lab, test.a, test.b); got != test.want {
			t.Errorf("MayShare %s %s: %v", test.a, test.b, got)
		}
		if got := path.SameSegment(lab, test.a, test.b); got != test.want {
			t.Errorf("SameSegment %s %s: %v", test.a, test.b, got)
		}
	}
}
