package links

import (
	"net/netip"

	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// newName resolves and reserves the name of an interface that is to be made:
// node:iface, or iface on the host.
func newName(p *verb.Plan, e syntax.Endpoint) (plan.Ref, bool) {
	node, link := e.Split()
	t := e.Text
	if e.HasLink() {
		t.Value = node
		if _, ok := p.Node(syntax.NodeRef{Text: t}); !ok {
			return plan.Ref{}, false
		}
	} else {
		node, link = plan.Host, node
		if d := (syntax.IfName{Text: t}).Problem(); d != nil {
			p.Fail(d)
			return plan.Ref{}, false
		}
	}
	r := plan.Ref{Node: node, Link: link}
	return r, reserve(p, e.Span, r)
}

// notNode refuses the name of a node where an interface is to be made; example
// is a name for one in it.
func notNode(p *verb.Plan, e syntax.Endpoint, what, example string) bool {
	if has, err := p.HasNode(e.Value); e.HasLink() || err != nil || !has {
		return true
	}
	p.Fail(diag.Errorf(diag.WantsLink, e.Span, "%s is a node; expected the name of the new %s", e.Value, what).
		WithHelp("write the interface with its node: %s:%s", e.Value, example))
	return false
}

// newLinkOption is an option that the kinds of interface have in common.
type newLinkOption struct {
	MTU  *syntax.MTU    `parser:"  'mtu' @@"`
	MAC  *syntax.MAC    `parser:"| 'mac' @@"`
	Addr *syntax.IfAddr `parser:"| @@"`
}

// linkPlan is an interface of a kind that a statement makes.
type linkPlan struct {
	p    *verb.Plan
	port *lab.Port
	op   plan.AddLink
	// configure are ops that it needs before it gets its addresses.
	configure []plan.Op
	// mtuAt is the place of the option mtu, or the whole statement.
	mtuAt source.Span
}

// newLink starts with the name.
func newLink(p *verb.Plan, e syntax.Endpoint, kind string) (*linkPlan, bool) {
	example := kind + "0"
	if plan.FallbackName(example) {
		example = kind + "1"
	}
	if !notNode(p, e, kind, example) {
		return nil, false
	}
	r, ok := newName(p, e)
	return &linkPlan{p: p, port: &lab.Port{Ref: r, At: e.Span}, mtuAt: p.At,
		op: plan.AddLink{Node: r.Node, Name: r.Link, Kind: kind}}, ok
}

// apply takes options.
func (m *linkPlan) apply(opts ...newLinkOption) {
	for _, o := range opts {
		m.applyOne(o)
	}
}

func (m *linkPlan) applyOne(o newLinkOption) {
	switch {
	case o.MTU != nil:
		m.op.MTU, m.mtuAt = o.MTU.Int.Int(), o.MTU.Span
	case o.MAC != nil:
		m.op.MAC = o.MAC.Canonical()
	case o.Addr != nil:
		m.p.Fail(o.Addr.Odd())
		m.port.Addrs = append(m.port.Addrs, o.Addr.Prefix())
	}
}

// emit makes it, gives it its addresses and sets it up.
func (m *linkPlan) emit() {
	seg := &segment{p: m.p, at: m.p.At, members: []*lab.Port{m.port}}
	seg.refuseDuplicates()
	seg.ipv6On()
	seg.fits(m.op.MTU, m.mtuAt)
	m.p.Fail(tooLarge(m.p, plan.Link{Node: m.op.Node, Name: m.op.Name, Kind: m.op.Kind, LinkOptions: m.op.LinkOptions}, m.op.MTU, m.mtuAt))
	if m.p.Failed() {
		return
	}
	m.p.Do(m.p.At, makeOps(m.p, m.op)...)
	m.p.Do(m.p.At, m.configure...)
	m.p.Do(m.p.At, m.port.Ops()...)
	m.p.Do(m.p.At, m.port.Up())
}

// hasAddr reports whether a prefix has an address.
func hasAddr(a netip.Addr) func(netip.Prefix) bool {
	return func(p netip.Prefix) bool { return p.Addr() == a }
}
