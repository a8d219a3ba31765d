package addrs

import (
	"cmp"
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

// Addr is the verb addr.
func Addr() *verb.Verb {
	return verb.Define[addr](verb.Spec{
		Name:    "addr",
		Also:    []string{"address", "ipaddr", "ip address", "ip addr", "inet"},
		Summary: "give an interface an address",
		Usage: []string{"addr NODE[:IFACE] ADDR/LEN [OPTIONS]…", "addr IFACE ADDR/LEN [OPTIONS]…",
			"addr … ADDR/LEN [peer ADDR] [brd] [label NAME] [scope host|link|site|global] [noprefixroute] [valid_lft TIME] [preferred_lft TIME] [dad] [duplicate]"},
		Doc: `IFACE may be left out when the node has only one besides lo; a name without a
node is an interface of the host. The length of the prefix says how large the
subnet is: ` + "`192.168.15.1/24`" + ` has the 254 neighbours 192.168.15.1 to .254.

An address that a ` + "`link` or `bridge`" + ` chose by itself is replaced by the first one
of the same family that is written here; routes through neighbours in the subnet of
the new address stay. Further addresses are added.

` + "`brd`" + ` sets the broadcast address of an IPv4 subnet, its last address, as ` + "`brd +`" + ` of ` + "`ip addr add`" + ` and
` + "`ifconfig`" + ` do: old programs ask for it. The kernel receives broadcasts without it, too.
` + "`peer`" + ` is the other end of a point-to-point link: the kernel makes a route to it, and to its subnet of
the length LEN, in place of the subnet of ADDR. ` + "`label`" + ` is the name that ` + "`ifconfig`" + ` shows, such as eth0:1.
An address of scope ` + "`link`" + ` is not the source of packets that leave the link, one of scope ` + "`host`" + ` of none.
With ` + "`noprefixroute`" + ` the kernel makes no route to the subnet.

` + "`valid_lft`" + ` is the time, in seconds or as 1h, until the kernel deletes the address, ` + "`preferred_lft`" + ` until it
is deprecated: 0 is at once. A deprecated IPv6 address still receives, and is the source of new connections
only where there is no other (RFC 6724). IPv6 addresses are usable at once (` + "`nodad`" + ` of ` + "`ip addr add`" + `); with ` + "`dad`" + `
the kernel first looks for a duplicate, which takes more than a second, and does not use one that it finds.

The same address twice on one segment is refused: it would be undefined which
of the two answers. ` + "`duplicate`" + ` says that it is on purpose.`,
		Examples: []verb.Example{
			{Note: "Step by step, with no automatic addresses.", Code: "auto off\nns red blue\nlink red <-> blue\naddr red 192.168.15.1/24\naddr blue 192.168.15.2/24\nexpect ping red -> blue\n"},
			{Note: "A written address replaces the automatic one; a second one is added to it.", Code: "ns red blue\nlink red <-> blue\naddr red 10.9.0.1/24 fd00:9::1/64\naddr blue 10.9.0.2/24 fd00:9::2/64\nexpect ping red -> <10.9.0.2 fd00:9::2>\nexpect not addr red 192.168.15.1\n"},
			{Note: "A point-to-point link needs no subnet.", Code: "ns red blue\nlink red <-> blue noaddr\naddr red 10.9.0.1/32 peer 10.9.1.1\naddr blue 10.9.1.1/32 peer 10.9.0.1\nexpect ping red -> 10.9.1.1\nexpect route red -> 10.9.1.1 src 10.9.0.1\n"},
			{Note: "An old address that new connections do not use, one that is gone soon, and one for the link only.", Code: "ns red blue\nlink red fd00:1::1/64 <-> blue fd00:1::2/64\naddr red fd00:1::77/64 preferred_lft 0 10.9.0.1/24 label veth-red:web 10.8.0.1/24 scope link\nexpect route red -> fd00:1::2 src fd00:1::1\naddr red 10.7.0.1/24 valid_lft 1\nexpect not addr red 10.7.0.1 within 5s\n"},
			{Note: "Who answers for an address that two have?", Code: "ns red blue green\nbridge sw <red blue green> 10.0.0.0/24\naddr green 10.0.0.2/24 duplicate\nexpect not arp red -> 10.0.0.2\n"},
			{Note: "The host joins the switch of its nodes.", Code: "auto off\nns red\nbridge v-net-0 <red>\naddr red 192.168.15.1/24\naddr v-net-0 192.168.15.5/24\nexpect ping host -> red\n"},
		},
	})
}

// Check reports options that the address cannot have.
func (a *addr) Check() (list diag.List) {
	for _, n := range a.Addrs {
		list = append(list, n.read().list...)
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
		p.Fail(scopeFits(l, replaced, word))
		given = append(given, n)
		for _, other := range book.At(n.Addr()) {
			if o := word.read(); o.duplicate {
				break
			}
			if other != here && (path.SameSegment(p, here, other) || lab.ShareAddrs(p, l, other)) {
				p.Fail(lab.DuplicateAddr(book, word.Addr, here, other))
				break
			}
		}
	}
}

// scopeFits reports an address of another scope than the first one of its subnet
// (__inet_insert_ifa, net/ipv4/devinet.c).
func scopeFits(l plan.Link, replaced []netip.Prefix, word given) *diag.Diagnostic {
	o, others := word.read(), l.Addrs
	if o.Scope == "" {
		others = nil
		for _, w := range l.Special {
			others = append(others, w.Addr)
		}
	}
	for _, had := range others {
		was := l.AddrOptions(had)
		if had.Addr().Is4() && !slices.Contains(replaced, had) && was.Subnet(had) == o.Subnet(word.Addr.Prefix()) && was.Scope != o.Scope {
			return diag.Errorf(diag.OptionClash, word.Addr.Span, "addresses of one subnet have the same scope; %s has %s", had, cmp.Or(was.Scope, "the usual one"))
		}
	}
	return nil
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
		o := a.Addrs[i].read()
		p.Fail(o.badLabel(l.Name))
		p.Do(a.Addrs[i].Addr.Span, plan.AddAddr{Node: l.Node, Link: l.Name, Addr: n, DAD: o.dad, Duplicate: o.duplicate, AddrOptions: o.AddrOptions})
	}
}
