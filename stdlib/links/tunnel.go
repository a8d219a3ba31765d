package links

import (
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
)

// tunnelEnds are what a tunnel connects: its interface and the addresses that this is to
// have, and perhaps that at the other end.
type tunnelEnds struct {
	A tunnelEnd  `parser:"@@"`
	B *tunnelEnd `parser:"( '<->' @@ )?"`
}

// tunnelEnd is one of them.
type tunnelEnd struct {
	At    syntax.Endpoint `parser:"@@"`
	Addrs []syntax.IfAddr `parser:"@@*"`
}

// tunnelOption is an option that tunnels have in common.
type tunnelOption struct {
	Remote *syntax.Target  `parser:"  'remote' @@"`
	Local  *syntax.Address `parser:"| 'local' @@"`
	TTL    *syntax.Int     `parser:"| 'ttl' @@"`
	Made   *newLinkOption  `parser:"| @@"`
}

// tunnelPlan is one tunnel, or its two ends.
type tunnelPlan struct {
	kind plan.Kind
	ends tunnelEnds
	opts []tunnelOption
	// set gives each end what its kind has besides.
	set func(*plan.LinkOptions)
}

// problems are what is wrong with the options alone.
func (t tunnelPlan) problems() diag.List {
	var list diag.List
	for _, o := range t.opts {
		list.Add(t.problem(o))
	}
	for _, e := range t.allEnds() {
		for _, a := range e.Addrs {
			list.Add(t.wrongFamily(a))
		}
	}
	return list
}

func (t tunnelPlan) allEnds() []tunnelEnd {
	if t.ends.B == nil {
		return []tunnelEnd{t.ends.A}
	}
	return []tunnelEnd{t.ends.A, *t.ends.B}
}

func (t tunnelPlan) problem(o tunnelOption) *diag.Diagnostic {
	switch both := t.ends.B != nil; {
	case o.Remote != nil && both:
		return diag.Errorf(diag.OptionClash, o.Remote.Span, "both ends are there already, and remote is another one").
			WithHelp("with <-> the remote of each is the address of the other")
	case o.Local != nil && both:
		return diag.Errorf(diag.OptionClash, o.Local.Span, "local is the address of one end, and there are two").
			WithHelp("with <-> each sends from the address that the other has as its remote; for others write each end as a statement of its own, with local and remote")
	case o.TTL != nil && !o.TTL.Dynamic && (o.TTL.Int() < 1 || o.TTL.Int() > maxTTL):
		return diag.Errorf(diag.BadNumber, o.TTL.Span, "a time to live is 1 to %d, not %s", maxTTL, o.TTL.Value)
	case o.Remote != nil:
		return t.badRemote(*o.Remote)
	case o.Local != nil:
		return t.badEnd(syntax.Target{Text: o.Local.Text})
	case o.Made != nil && o.Made.MAC != nil && t.kind.Bare:
		return diag.Errorf(diag.NotEthernet, o.Made.MAC.Span, "%s carries IP packets and has no hardware address", t.kind.Name).
			WithHelp("%s", ethernetKind(t.kind.Name))
	case o.Made != nil && o.Made.Addr != nil:
		return t.wrongFamily(*o.Made.Addr)
	}
	return nil
}

// maxTTL is the largest time to live (RFC 791).
const maxTTL = 255

// badRemote refuses a group, and what the kind cannot be sent to.
func (t tunnelPlan) badRemote(r syntax.Target) *diag.Diagnostic {
	if a, _, ok := r.Addr(); ok && a.IsMulticast() {
		return diag.Errorf(diag.TunnelGroup, r.Span, "%s is a multicast group, and no one node's address", r.Value).
			WithHelp("a vxlan can have one: vxlan NODE:IFACE id N group %s", r.Value)
	}
	return t.badEnd(r)
}

// badEnd refuses an IPv6 address where the tunnel goes over IPv4.
func (t tunnelPlan) badEnd(r syntax.Target) *diag.Diagnostic {
	if a, _, ok := r.Addr(); ok && a.Is6() && t.kind.Bare {
		return diag.Errorf(diag.FamilyMismatch, r.Span, "%s sends IPv4 packets, and %s is an IPv6 address", t.kind.Name, r.Value).
			WithHelp("vxlan and geneve go over IPv6, too")
	}
	return nil
}

// wrongFamily refuses an address of a family that the tunnel does not carry.
func (t tunnelPlan) wrongFamily(a syntax.IfAddr) *diag.Diagnostic {
	p := a.Prefix()
	if a.Dynamic || !p.IsValid() || t.kind.Inner.Has(p.Addr()) {
		return nil
	}
	carries, other := "IPv4", plan.SIT
	if p.Addr().Is4() {
		carries, other = "IPv6", plan.IPIP
	}
	return diag.Errorf(diag.FamilyMismatch, a.Span, "%s carries %s packets only", t.kind.Name, carries).
		WithHelp("%s carries the other family, and gre both", other)
}

// plan makes the tunnel, or both ends of it.
func (t tunnelPlan) plan(p *verb.Plan) {
	if t.ends.B == nil && !slices.ContainsFunc(t.opts, func(o tunnelOption) bool { return o.Remote != nil }) {
		p.Fail(diag.Errorf(diag.TooShort, p.At, "%s: the other end is missing", t.kind.Name).
			WithHelp("write remote NODE, or both ends at once: %s A:IFACE ADDR/LEN <-> B:IFACE ADDR/LEN", t.kind.Name))
		return
	}
	a, ok := t.begin(p, t.ends.A)
	if !ok {
		return
	}
	if t.ends.B == nil {
		a.emit()
		return
	}
	b, ok := t.begin(p, *t.ends.B)
	if !ok {
		return
	}
	a.op.Remote = remoteOf(p, a.op.Node, nodeOf(t.ends.B.At))
	b.op.Remote = remoteOf(p, b.op.Node, nodeOf(t.ends.A.At))
	if t.kind.Bare {
		a.op.Local, b.op.Local = b.op.Remote, a.op.Remote
	}
	t.check(a, t.ends.A)
	t.check(b, *t.ends.B)
	warnApart(p, t.ends.B.At.Span, a.port.Addrs, b.port.Addrs)
	a.emit()
	b.emit()
}

// nodeOf is the node that an end is in, as a target.
func nodeOf(e syntax.Endpoint) syntax.Target {
	node, _ := e.Split()
	t := e.Text
	if t.Value = node; !e.HasLink() {
		t.Value = plan.Host
	}
	return syntax.Target{Text: t}
}

// begin is an end with all its options.
func (t tunnelPlan) begin(p *verb.Plan, e tunnelEnd) (*linkPlan, bool) {
	m, ok := newLink(p, e.At, t.kind.Name)
	if !ok {
		return nil, false
	}
	if plan.Fallback(t.kind.Name, m.op.Name) {
		p.Fail(diag.Errorf(diag.NameTaken, e.At.Span, "%s is the name of an interface that the kernel's module makes in every node", m.op.Name).
			WithHelp("choose another name, as %s1", t.kind.Name))
	}
	m.op.Lower.Node = m.op.Node
	t.set(&m.op.LinkOptions)
	for i := range e.Addrs {
		m.apply(newLinkOption{Addr: &e.Addrs[i]})
	}
	for _, o := range t.opts {
		m.applyTunnel(o)
	}
	if t.ends.B == nil {
		t.check(m, e)
	}
	return m, !p.Failed()
}

func (m *linkPlan) applyTunnel(o tunnelOption) {
	switch {
	case o.Remote != nil:
		m.op.Remote = remoteOf(m.p, m.op.Node, *o.Remote)
	case o.Local != nil:
		m.op.Local = o.Local.Addr()
		checkLocal(m.p, m.op.Node, *o.Local)
	case o.TTL != nil:
		m.op.TTL = o.TTL.Int()
	default:
		m.apply(*o.Made)
	}
}

// check refuses ends that do not fit each other or the kind.
func (t tunnelPlan) check(m *linkPlan, e tunnelEnd) {
	if m.p.Failed() {
		return
	}
	if t.kind.Bare && m.op.Remote.Is6() {
		m.p.Fail(diag.Errorf(diag.FamilyMismatch, e.At.Span, "%s sends IPv4 packets, and the other end has only %s", t.kind.Name, m.op.Remote).
			WithHelp("vxlan and geneve go over IPv6, too"))
		return
	}
	checkEnds(m, e.At.Span)
	checkTaken(m, e.At.Span)
}
