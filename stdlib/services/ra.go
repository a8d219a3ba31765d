package services

import (
	"net/netip"
	"slices"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// ra is the statement ra.
type ra struct {
	At       syntax.Endpoint `parser:"'ra' @@"`
	Prefixes []syntax.Subnet `parser:"((?! 'lifetime' | 'valid' | 'preferred' | 'rdnss') ( '<' @@+ '>' | @@ ))?"`
	Opts     []raOption      `parser:"@@*"`
}

// raOption is one of the words after the prefixes.
type raOption struct {
	Lifetime  *syntax.Lifetime `parser:"  'lifetime' @@"`
	Valid     *syntax.Lifetime `parser:"| 'valid' @@"`
	Preferred *syntax.Lifetime `parser:"| 'preferred' @@"`
	RDNSS     []syntax.Address `parser:"| 'rdnss' ( '<' @@+ '>' | @@ )"`
}

// RA is the verb ra.
func RA() *verb.Verb {
	return verb.Define[ra](verb.Spec{
		Name:    "ra",
		Summary: "advertise a router and its IPv6 prefix, of which hosts make addresses (SLAAC)",
		Usage:   []string{"ra NODE[:IFACE] [PREFIX|<PREFIX…>] [lifetime TIME] [valid TIME] [preferred TIME] [rdnss ADDR|<ADDR…>]"},
		Doc: `NODE sends router advertisements (RFC 4861) at once, every 10 seconds, and whenever a host asks:
hosts on the segment make an address of PREFIX (RFC 4862), and have NODE as their default router.
Without PREFIX it is the subnet of the interface's own IPv6 address; it has 64 bits. NODE has to
forward packets, too.

` + "`lifetime`" + ` is how long NODE is a default router, 30 minutes if nothing else is said; with 0 it is
none. ` + "`valid` and `preferred`" + ` are the lifetimes of the addresses, 30 days and 7. ` + "`rdnss`" + ` are name servers
(RFC 8106), for programs that use them: Linux itself does not. TIME is 3600, 1h or, but for lifetime, forever.

Hosts take advertisements unless they forward packets: ` + "`sysctl NODE net.ipv6.conf.all.accept_ra=2`" + ` lets a router take them, too,
and 0 a host take none. With ` + "`sysctl NODE net.ipv6.conf.IFACE.use_tempaddr=2`" + ` a host makes a random address, too,
and uses it for its own connections (RFC 8981). ` + "`kill r1 ra`" + ` ends the advertisements: hosts keep their
addresses as long as they are valid, but not the router.`,
		Examples: []verb.Example{
			{Note: "A host that makes its address itself, and the world beyond its router.", Code: "ns pc r1 web\nlink pc:eth0 <-> r1:lan noaddr mac 02:00:00:00:00:01 02:00:00:00:00:02\nlink r1 2001:db8:2::1/64 <-> web 2001:db8:2::80/64\naddr r1:lan 2001:db8:1::1/64\nroute web default via 2001:db8:2::1\nforward r1\nra r1:lan\nexpect addr pc 2001:db8:1::ff:fe00:1/64 within 5s\nexpect ping pc -> web within 5s\nexpect path pc -> web via r1\n"},
			{Note: "A host that forwards takes no advertisements, unless it is set to.", Code: "ns pc1 pc2 r1\nbridge sw <pc1 pc2 r1> noaddr\nmac pc1 02:00:00:00:00:01\nmac pc2 02:00:00:00:00:02\naddr r1 fd00:1::1/64\nforward <pc1 pc2 r1>\nsysctl pc2 net.ipv6.conf.veth-pc2.accept_ra=2\nra r1 fd00:1::/64 lifetime 1h preferred 10m rdnss fd00:1::53\nexpect addr pc2 fd00:1::ff:fe00:2 dynamic within 5s\nexpect not addr pc1 fd00:1::ff:fe00:1\n"},
		},
	})
}

// Check finds prefixes and name servers that cannot be advertised.
func (r *ra) Check() (list diag.List) {
	for _, w := range r.Prefixes {
		p := w.Prefix()
		if w.Dynamic || w.Problem() != nil {
			continue
		}
		if p.Addr().Is4() || p.Bits() != 64 {
			list.Add(diag.Errorf(diag.OptionClash, w.Span, "hosts make addresses of IPv6 prefixes of 64 bits, not of %s", w.Value).
				WithHelp("as in: 2001:db8:1::/64 (RFC 4862, section 5.5.3)"))
		}
	}
	list.Add(lab.GivenTwice("ra", r.Opts)...)
	for _, o := range r.Opts {
		for _, a := range o.RDNSS {
			if a.Problem() == nil && !a.Dynamic && a.Addr().Is4() {
				list.Add(diag.Errorf(diag.OptionClash, a.Span, "router advertisements name IPv6 addresses of name servers; %s is IPv4", a.Value))
			}
		}
		if n, ends := o.seconds(); o.Lifetime != nil && o.Lifetime.Problem() == nil && !o.Lifetime.Dynamic && (!ends || n > mostLifetime) {
			list.Add(diag.Errorf(diag.BadDuration, o.Lifetime.Span, "a default router is one for %d seconds at most", mostLifetime).
				WithHelp("until the next advertisement, mostly: 30m (RFC 4861)"))
		}
	}
	return list
}

// mostLifetime is the longest lifetime of a router that the message can hold, in seconds.
const mostLifetime = 65535

// Word is the option's name.
func (o raOption) Word() (string, syntax.Text) {
	switch {
	case o.Lifetime != nil:
		return "lifetime", o.Lifetime.Text
	case o.Valid != nil:
		return "valid", o.Valid.Text
	case o.Preferred != nil:
		return "preferred", o.Preferred.Text
	}
	return "rdnss", o.RDNSS[0].Text
}

func (o raOption) seconds() (uint32, bool) {
	for _, l := range []*syntax.Lifetime{o.Lifetime, o.Valid, o.Preferred} {
		if l != nil {
			return l.Seconds()
		}
	}
	return 0, false
}

// Plan starts the advertisements.
func (r *ra) Plan(p *verb.Plan) {
	l, ok := p.Iface(r.At)
	if !ok {
		return
	}
	s := plan.RA{Link: l.Name, Lifetime: plan.RALifetime, Valid: plan.RAValid, Preferred: plan.RAPreferred}
	s.Prefixes = r.prefixes(p, l)
	for _, o := range r.Opts {
		n, ends := o.seconds()
		d := time.Duration(n) * time.Second
		if !ends {
			d = foreverSeconds * time.Second
		}
		switch {
		case o.Lifetime != nil:
			s.Lifetime = d
		case o.Valid != nil:
			s.Valid = d
		case o.Preferred != nil:
			s.Preferred = d
		default:
			for _, a := range o.RDNSS {
				s.RDNSS = append(s.RDNSS, a.Addr())
			}
		}
	}
	s.Preferred = min(s.Preferred, s.Valid)
	r.alone(p, l)
	p.Fail(lab.NoIPv6(p, r.At.Span, l.Node, l.Name))
	if !p.Failed() {
		lab.StartService(p, r.At.Text, l.Node, s)
	}
}

// foreverSeconds is the lifetime of what does not end (RFC 4861, section 4.6.2).
const foreverSeconds = 0xffffffff

// prefixes are those that are written, in which the interface has an address, or those of
// its addresses.
func (r *ra) prefixes(p *verb.Plan, l plan.Link) (list []netip.Prefix) {
	for _, w := range r.Prefixes {
		net := w.Prefix()
		list = append(list, net)
		if !p.Uncertain() && !slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return net.Contains(a.Addr()) }) {
			p.Fail(diag.Errorf(diag.NoAddress, w.Span, "%s has no address in %s, so it would not reach the hosts", l.Ref(), net).
				WithHelp("give it one first: addr %s %s", l.Ref(), netip.PrefixFrom(net.Addr().Next(), net.Bits())))
		}
	}
	if len(r.Prefixes) > 0 {
		return list
	}
	for _, a := range l.Addrs {
		if a.Addr().Is6() && !a.Addr().IsLinkLocalUnicast() && a.Bits() == 64 && !slices.Contains(list, a.Masked()) {
			list = append(list, a.Masked())
		}
	}
	if len(list) == 0 && !p.Uncertain() {
		p.Fail(diag.Errorf(diag.NoAddress, r.At.Span, "%s has no IPv6 address of a prefix of 64 bits, so there is none to advertise", l.Ref()).
			WithHelp("give it one first: addr %s fd00:1::1/64", l.Ref()))
	}
	return list
}

// alone reports advertisements on the interface that run already.
func (r *ra) alone(p *verb.Plan, l plan.Link) {
	running, err := lab.ServicesNow(p, l.Node)
	p.Err(r.At.Span, err)
	for _, s := range running {
		if d, ok := s.Service.(plan.RA); ok && s.Ended == "" && d.Link == l.Name {
			p.Fail(diag.Errorf(diag.ServesAlready, r.At.Span, "%s sends router advertisements already", l.Ref()).
				WithHelp("end these first: kill %s %s", l.Node, s.ID))
		}
	}
}
