package links

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// macvlan is the statement macvlan.
type macvlan struct {
	At     syntax.Endpoint `parser:"'macvlan' @@ 'on'"`
	Parent syntax.Endpoint `parser:"@@"`
	Opts   []macvlanOption `parser:"@@*"`
}

// macvlanOption is one option of macvlan.
type macvlanOption struct {
	Mode *syntax.Free   `parser:"  'mode' @@"`
	Made *newLinkOption `parser:"| @@"`
}

const (
	modeBridge   = "bridge"
	modePassthru = "passthru"
)

func macvlanModes() []string { return []string{modeBridge, "private", "vepa", modePassthru} }

// Macvlan is the verb macvlan.
func Macvlan() *verb.Verb {
	return verb.Define[macvlan](verb.Spec{
		Name:    "macvlan",
		Summary: "make an interface that shares another one's cable, with a hardware address of its own",
		Usage: []string{
			"macvlan IFACE on PARENT [mode bridge|private|vepa|passthru] [ADDR/LEN…] [mtu N] [mac M]",
			"macvlan NODE:IFACE on NODE:PARENT …",
		},
		Doc: `Frames leave by the parent's cable, and come in there for the hardware address of each.
The new interface may be in another node than its parent: so several containers share
one network card. It is up, and has the addresses that are written.

- mode bridge, the default: those on one parent reach each other
- private: they do not
- vepa: they do if the switch at the other end of the cable sends their frames back
- passthru: there is one alone, and it takes the parent's hardware address

None of them reaches the node of the parent over the parent itself: that is how macvlan
works, and often a surprise. A port of a bridge cannot be a parent, but the bridge can.
Deleting the parent deletes all macvlans on it.`,
		Examples: []verb.Example{
			{Note: "Two containers on the host's card reach the LAN and each other.", Code: `ns lan c1 c2
link host:eth0 <-> lan:eth0 noaddr
addr lan 192.168.1.1/24
macvlan c1:eth0 on eth0 192.168.1.11/24
macvlan c2:eth0 on eth0 192.168.1.12/24
expect ping <c1 c2> -> lan
expect ping c1 -> c2
`},
			{Note: "Private: to the LAN, but not to each other.", Code: `ns lan c1 c2
link host:eth0 <-> lan:eth0 noaddr
addr lan 192.168.1.1/24
macvlan c1:eth0 on eth0 mode private 192.168.1.11/24
macvlan c2:eth0 on eth0 mode private 192.168.1.12/24
expect ping <c1 c2> -> lan
expect not ping c1 -> c2
`},
		},
	})
}

// Check finds modes that there are none of, and a hardware address where the
// parent's is taken.
func (m *macvlan) Check() diag.List {
	var list diag.List
	for _, o := range m.Opts {
		list.Add(badMode(o.Mode, plan.MACVLAN, macvlanModes()))
		if o.Made != nil && o.Made.MAC != nil && m.mode() == modePassthru {
			list.Add(diag.Errorf(diag.OptionClash, o.Made.MAC.Span, "passthru takes the parent's hardware address, and this is another").
				WithHelp("set that of the parent: mac %s %s", m.Parent.Value, o.Made.MAC.Value))
		}
	}
	return list
}

func (m *macvlan) mode() string {
	mode := modeBridge
	for _, o := range m.Opts {
		if o.Mode != nil {
			mode = o.Mode.Value
		}
	}
	return mode
}

// Plan makes it.
func (m *macvlan) Plan(p *verb.Plan) {
	n, ok := newLink(p, m.At, plan.MACVLAN)
	parent, okToo := p.Iface(m.Parent)
	if !ok || !okToo {
		return
	}
	if card, err := p.Link(parent.Lower.Node, parent.Lower.Link); parent.Kind == plan.MACVLAN && err == nil {
		parent = card // as the kernel does: macvlans do not stand on each other
	}
	n.op.Lower, n.op.Mode = parent.Ref(), m.mode()
	if !p.Uncertain() {
		if carries(p, parent, m.Parent, n); !p.Failed() {
			m.checkOthers(p, parent)
		}
	}
	for _, o := range m.Opts {
		if o.Made != nil {
			n.apply(*o.Made)
			if o.Made.MAC != nil {
				macTaken(p, o.Made.MAC.Span, n.op.Lower, n.port.Ref, n.op.MAC)
			}
		}
	}
	n.emit()
}

// carries refuses a parent that cannot carry a macvlan or ipvlan, and one that
// already carries the other kind.
func carries(p *verb.Plan, parent plan.Link, at syntax.Endpoint, m *linkPlan) {
	place, kind := parent.Ref(), m.op.Kind
	switch {
	case parent.Name == plan.Loopback:
		p.Fail(diag.Errorf(diag.NotEthernet, at.Span, "a loopback carries no %s: its packets never leave the node", kind).
			WithHelp("name an interface with a cable"))
	case plan.KindOf(parent.Kind).Bare:
		p.Fail(diag.Errorf(diag.NotEthernet, at.Span, "%s is a %s interface: it carries no Ethernet frames, and so no %s", place, parent.Kind, kind))
	case parent.Kind == plan.IPVLAN && kind == plan.MACVLAN:
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is an ipvlan: it has the hardware address of %s, and no frames of its own for a macvlan", place, parent.Lower).
			WithHelp("put another ipvlan beside it: ipvlan %s on %s", m.port.Ref, parent.Lower))
	case parent.Bond != "":
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is a member of %s: its frames go to the bond", place, parent.Bond).
			WithHelp("put it on the bond: %s %s on %s", kind, m.port.Ref, plan.Place(parent.Node, parent.Bond)))
	case parent.Master != "":
		bridge := plan.Place(parent.Node, parent.Master)
		p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s is a port of %s: its frames go to the bridge", place, bridge).
			WithHelp("put it on the bridge: %s %s on %s\nor take the port off first: detach %s", kind, m.port.Ref, bridge, place))
	}
	uppers := verb.Ask(p, at.Span, p.Uppers, m.op.Lower)
	for _, u := range uppers {
		if (u.Kind == plan.MACVLAN || u.Kind == plan.IPVLAN) && u.Kind != kind {
			p.Fail(diag.Errorf(diag.FramesTaken, at.Span, "%s already carries the %s %s; an interface cannot carry both kinds", place, u.Kind, u.Ref()).
				WithHelp("delete that first, or use the same kind"))
			return
		}
	}
}

// checkOthers refuses others beside passthru.
func (m *macvlan) checkOthers(p *verb.Plan, parent plan.Link) {
	r := parent.Ref()
	uppers := verb.Ask(p, m.Parent.Span, p.Uppers, r)
	for _, u := range uppers {
		if u.Kind == plan.MACVLAN && (u.Mode == modePassthru || m.mode() == modePassthru) {
			p.Fail(diag.Errorf(diag.FramesTaken, m.Parent.Span, "%s already carries %s, and passthru allows only one", r, u.Ref()).
				WithHelp("delete that first, or use mode bridge for both"))
			return
		}
	}
}

// macTaken refuses the hardware address of the interface that a macvlan is on, or of
// another macvlan on it: frames are theirs by it (macvlan_addr_busy,
// drivers/net/macvlan.c).
func macTaken(p *verb.Plan, at source.Span, lower, self plan.Ref, mac string) {
	uppers := verb.Ask(p, at, p.Uppers, lower)
	if l, err := p.Link(lower.Node, lower.Link); err == nil {
		uppers = append([]plan.Link{l}, uppers...)
	}
	for _, l := range uppers {
		if r := l.Ref(); l.MAC == mac && r != self && (r == lower || l.Kind == plan.MACVLAN) && !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NameTaken, at, "%s has the hardware address %s already", r, mac).
				WithHelp("macvlans are distinguished by their hardware addresses, so each needs one of its own"))
			return
		}
	}
}
