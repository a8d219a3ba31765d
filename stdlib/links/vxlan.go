package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// vxlan is the statement vxlan.
type vxlan struct {
	At   syntax.Endpoint `parser:"'vxlan' @@ 'id'"`
	ID   syntax.Int      `parser:"@@"`
	Opts []vxlanOption   `parser:"@@*"`
}

// vxlanOption is one option of vxlan.
type vxlanOption struct {
	Remote *syntax.Target   `parser:"  'remote' @@"`
	Group  *syntax.Address  `parser:"| 'group' @@"`
	Local  *syntax.Address  `parser:"| 'local' @@"`
	Dev    *syntax.Endpoint `parser:"| 'dev' @@"`
	Port   *syntax.Int      `parser:"| 'dstport' @@"`
	Made   *newLinkOption   `parser:"| @@"`
}

// vnis is the number of identifiers of vxlan and geneve.
const vnis = 1 << 24

// badVNI refuses an identifier of a kind that is too large.
func badVNI(kind string, id syntax.Int) *diag.Diagnostic {
	if id.Dynamic || id.Int() < vnis {
		return nil
	}
	return diag.Errorf(diag.BadNumber, id.Span, "a %s's id is 0 to %d, not %s", kind, vnis-1, id.Value).
		WithHelp("it has 24 bits (RFC 7348, RFC 8926)")
}

// badPort refuses what is no UDP port.
func badPort(port *syntax.Int) *diag.Diagnostic {
	if port == nil || port.Dynamic || port.Int() >= 1 && port.Int() <= 65535 {
		return nil
	}
	return diag.Errorf(diag.BadNumber, port.Span, "a port is 1 to 65535, not %s", port.Value)
}

// VXLAN is the verb vxlan.
func VXLAN() *verb.Verb {
	return verb.Define[vxlan](verb.Spec{
		Name:    "vxlan",
		Summary: "make the end of an overlay: Ethernet frames in UDP packets",
		Usage: []string{
			"vxlan IFACE id N remote B [local ADDR] [dev IFACE] [dstport N] [ADDR/LEN…] [mtu N] [mac M]",
			"vxlan NODE:IFACE id N group ADDR [dev IFACE] …",
		},
		Doc: `Frames that leave by it travel through the network between the nodes in UDP packets
(RFC 7348), and come out of the vxlan with the same identifier at the other end. ` + "`remote`" + `
is that other end: an address, or a node. ` + "`group`" + ` is a multicast group instead, in which
all ends find each other; the interface that leads there is ` + "`dev`" + `, which may be left out
if the node has only one. With neither, the entries of the forwarding table say where
frames go.

The UDP port is 4789 unless ` + "`dstport`" + ` says otherwise (ip-link's own default is the older 8472).
With ` + "`dev`" + ` the MTU is 50 bytes less than that interface's, 70 with IPv6: what the headers
take. Without ` + "`dev`" + ` it is 1500: lower it, or large packets are fragmented. The interface is up and
has the addresses that are written.`,
		Examples: []verb.Example{
			{Note: "A LAN over a routed network.", Code: `ns red blue
link red <-> blue 10.0.0.0/24
vxlan red:vx0 id 42 remote blue dev red:veth-red 192.168.50.1/24
vxlan blue:vx0 id 42 remote red dev blue:veth-blue 192.168.50.2/24
expect link red:vx0 mtu 1450
expect ping red -> 192.168.50.2
`},
			{Note: "Three ends that find each other by multicast.", Code: `ns a b c
bridge sw <a b c> 10.0.0.0/24
vxlan a:vx0 id 7 group 239.1.1.1 192.168.50.1/24
vxlan b:vx0 id 7 group 239.1.1.1 192.168.50.2/24
vxlan c:vx0 id 7 group 239.1.1.1 192.168.50.3/24
expect ping a -> <192.168.50.2 192.168.50.3>
`},
			{Note: "Different identifiers are different networks.", Code: `ns red blue
link red <-> blue 10.0.0.0/24
vxlan red:vx0 id 42 remote 10.0.0.2 192.168.50.1/24
test "another id is another network" {
  vxlan blue:vx0 id 43 remote 10.0.0.1 192.168.50.2/24
  expect not ping red -> 192.168.50.2
}
vxlan blue:vx0 id 42 remote 10.0.0.1 192.168.50.2/24
expect ping red -> 192.168.50.2
`},
		},
	})
}

// Check finds numbers out of range, and a tunnel with two other ends.
func (v *vxlan) Check() diag.List {
	var list diag.List
	list.Add(badVNI(plan.VXLAN, v.ID))
	remote, group := false, false
	for _, o := range v.Opts {
		remote, group = remote || o.Remote != nil, group || o.Group != nil
		list.Add(o.problem())
		if remote && group && (o.Remote != nil || o.Group != nil) {
			list.Add(diag.Errorf(diag.OptionClash, v.At.Span.To(o.span()), "remote and group are both the other end of the tunnel").
				WithHelp("remote for one other node, group for as many as join it"))
		}
	}
	return list
}

// problem is what is wrong with one option alone.
func (o vxlanOption) problem() *diag.Diagnostic {
	switch {
	case o.Port != nil:
		return badPort(o.Port)
	case o.Group != nil && o.Group.Addr().IsValid() && !o.Group.Addr().IsMulticast():
		return diag.Errorf(diag.TunnelGroup, o.Group.Span, "%s is no multicast group", o.Group.Value).
			WithHelp("for one other end write remote %s; a group is in 224.0.0.0/4 or ff00::/8, as 239.1.1.1", o.Group.Value)
	case o.Remote != nil:
		if a, _, ok := o.Remote.Addr(); ok && a.IsMulticast() {
			return diag.Errorf(diag.TunnelGroup, o.Remote.Span, "%s is a multicast group, and no one node's address", o.Remote.Value).
				WithHelp("write group %s", o.Remote.Value)
		}
	}
	return nil
}
