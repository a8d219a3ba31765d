package links

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

func (o vxlanOption) span() source.Span {
	switch {
	case o.Remote != nil:
		return o.Remote.Span
	case o.Group != nil:
		return o.Group.Span
	}
	return source.Span{}
}

// Plan makes it.
func (v *vxlan) Plan(p *verb.Plan) {
	m, ok := newLink(p, v.At, plan.VXLAN)
	if !ok {
		return
	}
	m.op.Lower.Node, m.op.ID, m.op.Port = m.op.Node, v.ID.Int(), plan.KindOf(plan.VXLAN).Port
	for _, o := range v.Opts {
		v.apply(p, m, o)
	}
	if p.Failed() {
		return
	}
	v.findDev(p, m)
	checkEnds(m, v.At.Span)
	checkTaken(m, v.ID.Span)
	m.emit()
}

func (v *vxlan) apply(p *verb.Plan, m *linkPlan, o vxlanOption) {
	switch {
	case o.Remote != nil:
		m.op.Remote = remoteOf(p, m.op.Node, *o.Remote)
	case o.Group != nil:
		m.op.Remote = o.Group.Addr()
	case o.Local != nil:
		m.op.Local = o.Local.Addr()
		checkLocal(p, m.op.Node, *o.Local)
	case o.Dev != nil:
		v.applyDev(p, m, *o.Dev)
	case o.Port != nil:
		m.op.Port = o.Port.Int()
	default:
		m.apply(*o.Made)
	}
}

// remoteOf is an address, or that of a node under which another one asks for it.
func remoteOf(p *verb.Plan, node string, word syntax.Target) netip.Addr {
	t, d := lab.TargetOf(p, word)
	if d != nil {
		p.Fail(d)
		return netip.Addr{}
	}
	addr, answer := t.TunnelEnd(p, node)
	if answer != nil {
		p.Fail(diag.Errorf(diag.NoAddress, word.Span, "%s has no address that the tunnel could end at", word.Value).
			WithHelp("write the address, or give %s one before this line", word.Value))
	}
	return addr
}

func checkLocal(p *verb.Plan, node string, local syntax.Address) {
	addrs, err := lab.GlobalAddrs(p, node, "")
	p.Err(local.Span, err)
	if !p.Uncertain() && !slices.ContainsFunc(addrs, hasAddr(local.Addr())) {
		p.Fail(diag.New(diag.NoAddress, diag.Warning, local.Span, "%s has no address %s", node, local.Value).
			WithHelp("until it has, the tunnel sends nothing"))
	}
}

// applyDev takes the interface that packets are sent over; a word alone is one
// of the same node.
func (v *vxlan) applyDev(p *verb.Plan, m *linkPlan, e syntax.Endpoint) {
	node, link := e.Split()
	if !e.HasLink() {
		node, link = m.op.Node, e.Value
	}
	l, err := p.Link(node, link)
	switch {
	case node != m.op.Node:
		p.Fail(diag.Errorf(diag.UnknownLink, e.Span, "%s is in %s, and the tunnel starts in %s", link, node, m.op.Node).
			WithHelp("dev is the interface of %s that leads to the other end", m.op.Node))
	case err != nil && !p.Uncertain():
		p.Fail(verb.UnknownLink(p, e.Span, plan.Ref{Node: node, Link: link}))
	case l.Name == plan.Loopback:
		p.Fail(diag.Errorf(diag.NotEthernet, e.Span, "a tunnel cannot go over a loopback"))
	}
	m.op.Lower.Link = link
}

// findDev finds the interface that leads to a group, which the kernel
// requires.
func (v *vxlan) findDev(p *verb.Plan, m *linkPlan) {
	if m.op.Lower.Link != "" || !m.op.Remote.IsMulticast() {
		return
	}
	links := verb.Ask(p, p.At, p.Links, m.op.Node)
	links = slices.DeleteFunc(slices.Clone(links), func(l plan.Link) bool { return l.Name == plan.Loopback || l.Kind == plan.VXLAN })
	if len(links) != 1 {
		p.Fail(diag.Errorf(diag.Ambiguous, p.At, "a group needs the interface that leads to it, and %s has %d", m.op.Node, len(links)).
			WithHelp("say which: dev IFACE"))
		return
	}
	m.op.Lower.Link = links[0].Name
}

// checkEnds refuses a tunnel from one family to the other.
func checkEnds(m *linkPlan, at source.Span) {
	a, b := m.op.Local, m.op.Remote
	if a.IsValid() && b.IsValid() && a.Is6() != b.Is6() {
		m.p.Fail(diag.Errorf(diag.FamilyMismatch, at, "the tunnel's ends are %s and %s: one is IPv4, the other IPv6", a, b).
			WithHelp("both ends need addresses of one family"))
		return
	}
	checkScopes(m, at)
}

// checkScopes refuses ends that the kernel does not combine
// (vxlan_config_validate, drivers/net/vxlan/vxlan_core.c).
func checkScopes(m *linkPlan, at source.Span) {
	a, b, p := m.op.Local, m.op.Remote, m.p
	switch {
	case a.IsMulticast():
		p.Fail(diag.Errorf(diag.TunnelGroup, at, "the local end %s is a multicast group, and no address of a node", a).
			WithHelp("local is an address of %s itself", m.op.Node))
	case a.Is6() && a.IsLinkLocalUnicast() && b.IsValid() && !b.IsLinkLocalUnicast() && !b.IsLinkLocalMulticast(),
		b.Is6() && b.IsLinkLocalUnicast() && !(a.Is6() && a.IsLinkLocalUnicast()):
		p.Fail(diag.Errorf(diag.OptionClash, at, "of the tunnel's ends only one is a link-local address").
			WithHelp("write both ends, local and remote, as link-local addresses, or neither"))
	case a.Is6() && a.IsLinkLocalUnicast() && m.op.Lower.Link == "":
		p.Fail(diag.Errorf(diag.Ambiguous, at, "a tunnel between link-local addresses needs the interface that it goes over").
			WithHelp("say which: dev IFACE"))
	}
}

// checkTaken refuses a second tunnel that the kernel could not tell from another one.
func checkTaken(m *linkPlan, at source.Span) {
	links := verb.Ask(m.p, at, m.p.Links, m.op.Node)
	for _, l := range links {
		switch {
		case l.Kind != m.op.Kind || !m.op.SameTunnel(l.Kind, l.LinkOptions):
		case l.Port != 0:
			m.p.Fail(diag.Errorf(diag.TunnelTaken, at, "%s has the id %d on port %d already", l.Ref(), l.ID, l.Port).
				WithHelp("an incoming packet could belong to either: choose another id, or another dstport"))
		default:
			m.p.Fail(diag.Errorf(diag.TunnelTaken, at, "%s has the same ends already: %s", l.Ref(), strings.Join(l.TunnelWords(), " ")).
				WithHelp("an incoming packet could belong to either: %s", apart(l.Kind)))
		}
	}
}

// apart is what two tunnels of a kind between the same nodes need.
func apart(kind string) string {
	if kind == plan.GRE {
		return "give each a key of its own, as key 1 and key 2"
	}
	return "delete one, or choose another remote or local address"
}
