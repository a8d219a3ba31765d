package links

import (
	"nsl/lang/diag"
	"nsl/lang/source"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// mtu is the statement mtu.
type mtu struct {
	Ifaces []syntax.Endpoint `parser:"'mtu' ( '<' @@* '>' | @@ )"`
	Size   syntax.Int        `parser:"@@"`
}

// MTU is the verb mtu.
func MTU() *verb.Verb {
	return verb.Define[mtu](verb.Spec{
		Name:    "mtu",
		Summary: "set the largest packet that an interface takes, in bytes",
		Usage:   []string{"mtu IFACE BYTES", "mtu NODE:IFACE BYTES", "mtu <NODE:IFACE…> BYTES"},
		Doc: `What ` + "`ip link set IFACE mtu BYTES`" + ` does, at one end: a cable whose ends differ is a
common fault. 1500 is usual, 68 the least for IPv4, 1280 for IPv6: an
interface with an IPv6 address takes no less. A bridge follows the smallest of its
ports until its own is set. Macvlans and vxlans on the interface are lowered with it.`,
		Examples: []verb.Example{
			{Note: "A cable for smaller packets.", Code: "ns red blue\nlink red <-> blue\nmtu <red:veth-red blue:veth-blue> 1400\nexpect link red:veth-red mtu 1400\nexpect ping red -> blue size 1372\n"},
		},
	})
}

// loopbackMTU is the MTU that a loopback starts with (drivers/net/loopback.c), one
// more than any other interface takes.
const loopbackMTU = 65536

// Check finds sizes that no interface takes.
func (m *mtu) Check() diag.List {
	d := syntax.MTU{Int: m.Size}.Problem()
	if m.Size.Dynamic || m.Size.Problem() != nil || d == nil || m.Size.Int() == loopbackMTU {
		return nil
	}
	return diag.List{d}
}

// Plan sets it, on the upper devices first.
func (m *mtu) Plan(p *verb.Plan) {
	size := m.Size.Int()
	for _, l := range lab.Ifaces(p, m.Ifaces) {
		if l.MTU == size {
			continue
		}
		if l.Name != plan.Loopback {
			p.Fail(syntax.MTU{Int: m.Size}.Problem())
		}
		m.set(p, l, size)
	}
}

// set sets an MTU after those of the upper devices, so that undo restores them
// last. The kernel would lower them too, but undo would not raise them again.
func (m *mtu) set(p *verb.Plan, l plan.Link, size int) {
	uppers := verb.Ask(p, p.At, p.Uppers, l.Ref())
	m.fits(p, l, size)
	var after []plan.Op
	for _, u := range uppers {
		most := min(u.MTU, size-u.Header(u.Kind))
		switch {
		case u.Kind == plan.IPVLAN && (most < size || u.MTU != l.MTU):
			// The kernel gives an ipvlan the new MTU, whatever its own was, also when
			// this is undone (ipvlan_adjust_mtu): its own is set on both sides.
			m.set(p, u, most)
			after = append(after, plan.SetMTU{Node: u.Node, Name: u.Name, MTU: most, Was: most})
		case u.MTU > most:
			m.set(p, u, most)
		}
	}
	p.Do(p.At, plan.SetMTU{Node: l.Node, Name: l.Name, MTU: size, Was: l.MTU})
	p.Do(p.At, after...)
}

// fits refuses what is too small for the interface's IPv6 addresses, and what
// is larger than the interface under it takes.
func (m *mtu) fits(p *verb.Plan, l plan.Link, size int) {
	p.Fail(tooLarge(p, l, size, m.Size.Span))
	if size >= plan.MinMTU6 {
		return
	}
	for _, a := range lab.OfFamily(l.Addrs, true) {
		if !lab.MadeFromMAC(l, a) {
			place := l.Ref()
			p.Fail(diag.Errorf(diag.BadNumber, m.Size.Span, "%s has the address %s, and an MTU of %d is too small for IPv6", place, a, size).
				WithHelp("IPv6 needs %d bytes at least; for IPv4 alone: del addr %s %s", plan.MinMTU6, place, a))
			return
		}
	}
}

// tooLarge refuses an MTU that is larger than what is under an interface takes.
func tooLarge(view verb.Lab, l plan.Link, size int, at source.Span) *diag.Diagnostic {
	under, err := view.Link(l.Lower.Node, l.Lower.Link)
	if most := under.MTU - l.Header(l.Kind); err == nil && size > most {
		return diag.Errorf(diag.BadNumber, at, "%s goes over %s, which leaves it %d bytes at most", l.Ref(), l.Lower, most).
			WithHelp("raise that first: mtu %s %d", l.Lower, size+l.Header(l.Kind))
	}
	return nil
}

// fits refuses an MTU that is too small for the IPv6 addresses of the segment;
// 0 is the kernel's own.
func (s *segment) fits(mtu int, at source.Span) {
	if mtu == 0 || mtu >= plan.MinMTU6 {
		return
	}
	for _, e := range s.all() {
		if e.Has(true) || len(lab.OfFamily(e.Auto, true)) > 0 {
			s.p.Fail(diag.Errorf(diag.BadNumber, at, "%s gets an IPv6 address, and an MTU of %d is too small for IPv6", e.Ref, mtu).
				WithHelp("IPv6 needs %d bytes at least; for IPv4 alone: auto ipv4, or noaddr", plan.MinMTU6))
			return
		}
	}
}
