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
}

// Attach is the verb attach.
func Attach() *verb.Verb {
	return verb.Define[attach](verb.Spec{
		Name:    "attach",
		Summary: "make an interface a port of a bridge",
		Usage:   []string{"attach IFACE -> BRIDGE", "attach NODE:IFACE -> NODE:BRIDGE"},
		Doc: `What ` + "`ip link set IFACE master BRIDGE`" + ` does: frames that arrive at the interface are
the bridge's from then on. Both are in the same node. An address of a port has
no effect any more; it belongs on the bridge.`,
		Examples: []verb.Example{
			{Note: "One more member for a switch.", Code: "ns red blue green\nbridge sw <red blue> 10.0.0.0/24\nlink green:eth0 <-> host:port3 noaddr\nattach port3 -> sw\naddr green 10.0.0.3/24\nexpect link port3 master sw\nexpect ping green -> <red blue>\n"},
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
	case port.Master == bridge.Name:
		p.Fail(diag.Errorf(diag.NameTaken, a.Port.Span, "%s is a port of %s already", port.Ref(), bridge.Name))
	}
	if !p.Failed() && !p.Uncertain() {
		a.checkFrames(p, port, bridge)
	}
	if !p.Failed() {
		p.Do(p.At, leavePort(port)...)
		p.Do(p.At, plan.SetMaster{Node: port.Node, Name: port.Name, Master: bridge.Name, Was: port.Master})
	}
}

// checkFrames refuses a port whose frames the bridge would not get.
func (a *attach) checkFrames(p *verb.Plan, port, bridge plan.Link) {
	place := port.Ref()
	if port.Name == plan.Loopback || port.Kind == plan.Tun {
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
