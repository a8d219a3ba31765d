package links

import (
	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// mac is the statement mac.
type mac struct {
	Iface syntax.Endpoint `parser:"'mac' @@"`
	Addr  syntax.MAC      `parser:"@@"`
}

// MAC is the verb mac.
func MAC() *verb.Verb {
	return verb.Define[mac](verb.Spec{
		Name:    "mac",
		Also:    []string{"hwaddr", "lladdr", "macaddr", "mac-address"},
		Summary: "set the hardware address of an interface",
		Usage:   []string{"mac IFACE MAC", "mac NODE:IFACE MAC"},
		Doc: `What ` + "`ip link set IFACE address MAC`" + ` does. Locally chosen addresses begin with 02.
Neighbours that have talked to the interface go on using its old address until they
ask again, some 30 seconds later.`,
		Examples: []verb.Example{
			{Note: "An address that is easy to recognize.", Code: "ns red blue\nlink red <-> blue\nmac red:veth-red 02:00:00:00:00:01\nexpect ping blue -> red\nexpect neigh blue -> red mac 02:00:00:00:00:01\n"},
		},
	})
}

// ethernetKind is the kind to use instead of one that carries IP packets alone.
func ethernetKind(kind string) string {
	if plan.KindOf(kind).Tunnel {
		return "vxlan and geneve are tunnels for Ethernet frames"
	}
	return "tap is the kind that carries Ethernet frames"
}

// Plan sets it.
func (m *mac) Plan(p *verb.Plan) {
	l, ok := p.Iface(m.Iface)
	switch {
	case !ok:
	case l.Name == plan.Loopback:
		p.Fail(diag.Errorf(diag.FixedLink, m.Iface.Span, "a loopback has no hardware address: its packets never leave the node"))
	case plan.KindOf(l.Kind).Bare:
		p.Fail(diag.Errorf(diag.NotEthernet, m.Iface.Span, "%s is a %s interface: it carries IP packets and has no hardware address", l.Ref(), l.Kind).
			WithHelp("%s", ethernetKind(l.Kind)))
	case l.Kind == plan.IPVLAN:
		p.Fail(diag.Errorf(diag.FixedLink, m.Iface.Span, "%s is an ipvlan, and shares the hardware address of %s", l.Ref(), l.Lower).
			WithHelp("macvlan is the kind that has one of its own"))
	case m.Addr.Canonical() != l.MAC:
		if l.Kind == plan.MACVLAN && l.Mode != modePassthru {
			macTaken(p, m.Addr.Span, l.Lower, l.Ref(), m.Addr.Canonical())
		}
		p.Do(p.At, plan.SetMAC{Node: l.Node, Name: l.Name, MAC: m.Addr.Canonical(), Was: l.MAC})
	}
}
