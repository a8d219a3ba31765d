package addrs

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// addr is the statement addr.
type addr struct {
	At    syntax.Endpoint `parser:"'addr' @@"`
	Addrs []given         `parser:"@@+"`
}

// given is an address, which may have the broadcast address of its subnet.
type given struct {
	Addr      syntax.IfAddr   `parser:"@@"`
	Broadcast *syntax.Keyword `parser:"((?= 'brd') @@)?"`
}

// Addr is the verb addr.
func Addr() *verb.Verb {
	return verb.Define[addr](verb.Spec{
		Name:    "addr",
		Summary: "give an interface an address",
		Usage:   []string{"addr NODE[:IFACE] ADDR/LEN [brd]…", "addr IFACE ADDR/LEN [brd]…"},
		Doc: `IFACE may be left out when the node has only one besides lo; a name without a
node is an interface of the host. The length of the prefix says how large the
subnet is: ` + "`192.168.15.1/24`" + ` has the 254 neighbours 192.168.15.1 to .254.

An address that a ` + "`link` or `bridge`" + ` chose by itself is replaced by the first one
of the same family that is written here; routes through neighbours in the subnet of
the new address stay. Further addresses are added.

` + "`brd`" + ` sets the broadcast address of an IPv4 subnet, its last address, as ` + "`brd +`" + ` of ` + "`ip addr add`" + ` and
` + "`ifconfig`" + ` do: old programs ask for it. The kernel receives broadcasts without it, too.

The same address twice on one segment is refused: it would be undefined which
of the two answers.`,
		Examples: []verb.Example{
			{Note: "Step by step, with no automatic addresses.", Code: "auto off\nns red blue\nlink red <-> blue\naddr red 192.168.15.1/24\naddr blue 192.168.15.2/24\nexpect ping red -> blue\n"},
			{Note: "A written address replaces the automatic one; a second one is added to it.", Code: "ns red blue\nlink red <-> blue\naddr red 10.9.0.1/24 fd00:9::1/64\naddr blue 10.9.0.2/24 fd00:9::2/64\nexpect ping red -> <10.9.0.2 fd00:9::2>\nexpect not addr red 192.168.15.1\n"},
			{Note: "The host joins the switch of its nodes.", Code: "auto off\nns red\nbridge v-net-0 <red>\naddr red 192.168.15.1/24\naddr v-net-0 192.168.15.5/24\nexpect ping host -> red\n"},
		},
	})
}

// Check reports a broadcast address where there is none.
func (a *addr) Check() (list diag.List) {
	for _, n := range a.Addrs {
		if _, ok := plan.BroadcastOf(n.Addr.Prefix()); n.Broadcast != nil && !n.Addr.Dynamic && n.Addr.Problem() == nil && !ok {
			list.Add(diag.Errorf(diag.OptionClash, n.Broadcast.Span, "the subnet of %s has no broadcast address", n.Addr.Value).
				WithHelp("IPv4 subnets of four addresses and more have one; leave brd out"))
		}
	}
	return list
}

// Plan replaces automatic addresses and adds the ones that are written.
func (a *addr) Plan(p *verb.Plan) {
	l, ok := p.Iface(a.At)
	if !ok {
		return
	}
	book, err := p.Book()
	if err != nil {
		p.Err(a.At.Span, err)
		return
	}
	replaced := a.replaced(book, l)
	a.refuse(p, book, l, replaced)
	if p.Failed() {
		return
	}
	a.replace(p, l, replaced)
}

// replaced are the automatic addresses that explicit ones replace: those of a
// family of which the interface has no other. A link-local address replaces
// nothing: every IPv6 interface has one anyway.
func (a *addr) replaced(book *plan.Book, l plan.Link) []netip.Prefix {
	var out []netip.Prefix
	for _, v6 := range []bool{false, true} {
		auto, explicit := lab.AutoAddrs(book, l.Ref(), v6)
		given := slices.ContainsFunc(a.Addrs, func(n given) bool {
			return n.Addr.Prefix().Addr().Is6() == v6 && plan.InBook(n.Addr.Prefix().Addr())
		})
		if given && !explicit {
			out = append(out, auto...)
		}
	}
	return out
}

// refuse reports addresses that the interface, or another one of its segment,
// has already.
func (a *addr) refuse(p *verb.Plan, book *plan.Book, l plan.Link, replaced []netip.Prefix) {
	here := l.Ref()
	var given []netip.Prefix
	for _, word := range a.Addrs {
		n := word.Addr.Prefix()
		if n.Addr().Is6() && !p.Uncertain() {
			p.Fail(lab.NoIPv6(p, word.Addr.Span, l.Node, l.Name))
		}
		if had, ok := hasAlready(l, replaced, given, n.Addr()); ok {
			p.Fail(diag.Errorf(diag.NameTaken, word.Addr.Span, "%s has the address %s already", here, had).
				WithHelp("once is enough; to change its prefix length, remove it first: del addr %s %s", here, had))
			continue
		}
		given = append(given, n)
		for _, other := range book.At(n.Addr()) {
			if other != here && (path.SameSegment(p, here, other) || lab.ShareAddrs(p, l, other)) {
				p.Fail(lab.DuplicateAddr(book, word.Addr, here, other))
				break
			}
		}
	}
}

// hasAlready is the same address that the interface keeps, or is given by an earlier word.
func hasAlready(l plan.Link, replaced, given []netip.Prefix, a netip.Addr) (netip.Prefix, bool) {
	for _, had := range l.Addrs {
		if had.Addr() == a && !slices.Contains(replaced, had) {
			return had, true
		}
	}
	for _, had := range given {
		if had.Addr() == a {
			return had, true
		}
	}
	return netip.Prefix{}, false
}

// replace deletes the addresses that are replaced and adds the new ones, and then
// the routes that went with the old ones and still lead to neighbours.
func (a *addr) replace(p *verb.Plan, l plan.Link, replaced []netip.Prefix) {
	var nets []netip.Prefix
	for _, word := range a.Addrs {
		nets = append(nets, word.Addr.Prefix())
	}
	if len(replaced) == 0 {
		a.add(p, l, nets)
		return
	}
	s, err := lab.NewSideEffects(p, l)
	if err != nil {
		p.Err(a.At.Span, err)
		return
	}
	for _, r := range s.Stranded(replaced, nets) {
		p.Do(a.At.Span, plan.DelRoute{Node: l.Node, Route: r.Exact()})
	}
	dels, lost := s.Dels(replaced)
	for _, op := range dels {
		p.Do(a.At.Span, op)
	}
	a.add(p, l, nets)
	p.Do(a.At.Span, s.AddRoutes(slices.DeleteFunc(lost, func(r plan.Route) bool { return r.Src.IsValid() || !lab.Through(r, nets) }))...)
}

func (a *addr) add(p *verb.Plan, l plan.Link, nets []netip.Prefix) {
	for i, n := range nets {
		p.Fail(a.Addrs[i].Addr.Odd())
		p.Do(a.Addrs[i].Addr.Span, plan.AddAddr{Node: l.Node, Link: l.Name, Addr: n, Broadcast: a.Addrs[i].Broadcast != nil})
	}
}
