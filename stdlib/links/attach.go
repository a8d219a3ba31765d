package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// attach is the statement attach.
type attach struct {
	Port   syntax.Endpoint  `parser:"'attach' @@ '->'"`
	Bridge syntax.BridgeRef `parser:"@@"`
	VLANs  *portVLANs       `parser:"@@?"`
}

// Attach is the verb attach.
func Attach() *verb.Verb {
	return verb.Define[attach](verb.Spec{
		Name:    "attach",
		Also:    []string{"plug"},
		Summary: "make an interface a port of a bridge, or a member of a VRF or bond",
		Usage: []string{
			"attach IFACE -> BRIDGE", "attach NODE:IFACE -> NODE:BRIDGE",
			"attach IFACE -> BRIDGE vlan N", "attach IFACE -> BRIDGE trunk N,N… [native N]",
		},
		Doc: `What ` + "`ip link set IFACE master BRIDGE`" + ` does: frames that arrive at the interface are
the bridge's from then on. Both are in the same node. An address of a port has
no effect any more; it belongs on the bridge.

On a bridge with ` + "`vlan-filtering on`" + ` a port is in VLANs, 1 to 4094: frames go only to ports
in the same one. With ` + "`vlan N`" + ` its frames carry no tag and are in that VLAN, as at an access
port of a switch. With ` + "`trunk N,N`" + ` those of each of these VLANs carry its tag (IEEE
802.1Q), and frames without a tag are dropped, unless ` + "`native N`" + ` puts them into a VLAN.
Without these words a new port is in VLAN 1. Of a port that the bridge has already, only the
VLANs change.

What is attached to a ` + "`vrf`" + ` or a ` + "`bond`" + ` becomes a member of it.`,
		Examples: []verb.Example{
			{Note: "One more member for a switch.", Code: "ns red blue green\nbridge sw <red blue> 10.0.0.0/24\nlink green:eth0 <-> host:port3 noaddr\nattach port3 -> sw\naddr green 10.0.0.3/24\nexpect link port3 master sw\nexpect ping green -> <red blue>\n"},
			{Note: "A port that moves to another VLAN.", Needs: "vlan-filtering", Code: `ns red blue
bridge sw <red vlan 10 blue vlan 20> 10.0.0.0/24
expect not ping red -> blue
attach veth-blue-br -> sw vlan 10
expect ping red -> blue
`},
		},
	})
}

// Plan sets the master.
func (a *attach) Plan(p *verb.Plan) {
	port, ok := p.Iface(a.Port)
	bridge, okToo := p.Iface(a.Bridge.Endpoint)
	if !ok || !okToo {
		return
	}
	if bridge.Kind == plan.VRF || bridge.Kind == plan.Bond {
		a.toGroup(p, port, bridge)
		return
	}
	switch {
	case p.Uncertain():
	case port.Node != bridge.Node:
		p.Fail(diag.Errorf(diag.NotABridge, a.Bridge.Span, "%s is in %s, but the bridge %s is in %s", port.Name, port.Node, bridge.Name, bridge.Node).
			WithHelp("a bridge has its ports in its own node; connect the two with a link"))
	case bridge.Kind != "bridge":
		p.Fail(diag.Errorf(diag.NotABridge, a.Bridge.Span, "%s is not a bridge", bridge.Ref()).
			WithHelp("make one first: bridge %s", a.Bridge.Value))
	case port.Kind == "bridge":
		p.Fail(diag.Errorf(diag.NotABridge, a.Port.Span, "%s is a bridge itself, and cannot be a port of another", port.Ref()).
			WithHelp("connect the two with a link, and attach its ends"))
	case port.VRF != "" || port.Bond != "":
		grouped(p, a.Port.Text, port)
	case port.Master == bridge.Name && a.VLANs == nil:
		p.Fail(diag.Errorf(diag.NameTaken, a.Port.Span.To(a.Bridge.Span), "%s is a port of %s already", port.Ref(), bridge.Name))
	}
	if !p.Failed() && !p.Uncertain() {
		a.checkFrames(p, port, bridge)
	}
	mustFilter(p, a.VLANs, bridge)
	if !p.Failed() {
		p.Do(p.At, a.ops(port, bridge)...)
	}
}

// toGroup makes the interface a member of a VRF or bond.
func (a *attach) toGroup(p *verb.Plan, l, group plan.Link) {
	cannot, join, kind := cannotJoin, moveToVRF, "VRF"
	if group.Kind == plan.Bond {
		cannot, join, kind = cannotBond, joinBond, plan.Bond
	}
	if l.Node != group.Node && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.NotABridge, a.Bridge.Span, "%s is in %s, but the %s %s is in %s", l.Name, l.Node, kind, group.Name, group.Node).
			WithHelp("a %s has its members in its own node", kind))
		return
	}
	mustFilter(p, a.VLANs, group)
	if cannot(p, a.Port.Text, l, group); !p.Failed() {
		p.Do(p.At, join(p, l, group)...)
	}
}

// ops make it a port of the bridge, and set its VLANs.
func (a *attach) ops(port, bridge plan.Link) []plan.Op {
	if port.Master == bridge.Name {
		return setVLANs(port, a.VLANs.list())
	}
	ops := append(leavePort(port), plan.SetMaster{Node: port.Node, Name: port.Name, Master: bridge.Name, Was: port.Master})
	return append(ops, a.VLANs.set(port.Node, port.Name, bridge.Name)...)
}

// checkFrames refuses a port whose frames the bridge would not get.
func (a *attach) checkFrames(p *verb.Plan, port, bridge plan.Link) {
	place := port.Ref()
	if port.Name == plan.Loopback || plan.KindOf(port.Kind).Bare {
		p.Fail(diag.Errorf(diag.NotEthernet, a.Port.Span, "%s carries no Ethernet frames, which a bridge passes on", place))
		return
	}
	if port.Kind == plan.IPVLAN {
		p.Fail(diag.Errorf(diag.FramesTaken, a.Port.Span, "%s is an ipvlan: it has the hardware address of %s, and no frames of its own for a bridge", place, port.Lower).
			WithHelp("a macvlan has frames of its own"))
		return
	}
	uppers := verb.Ask(p, a.Port.Span, p.Uppers, port.Ref())
	for _, u := range uppers {
		if u.Kind == plan.MACVLAN || u.Kind == plan.IPVLAN {
			p.Fail(diag.Errorf(diag.FramesTaken, a.Port.Span, "the %s %s already takes the frames of %s; a bridge cannot take them too", u.Kind, u.Ref(), place).
				WithHelp("put the %s on the bridge instead: delete it, and make it again on %s", u.Kind, bridge.Ref()))
			return
		}
	}
	if port.Lower == bridge.Ref() {
		p.Fail(diag.Errorf(diag.FramesTaken, a.Port.Span, "%s is an upper device of %s itself: its frames would loop", place, bridge.Name))
	}
}
