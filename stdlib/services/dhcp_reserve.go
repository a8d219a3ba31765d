package services

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// subnets are those of relays that are named.
func (s *dhcpServer) subnets() (list []*dhcpSubnet) {
	for _, o := range s.Opts {
		if o.Subnet != nil {
			list = append(list, o.Subnet)
		}
	}
	return list
}

// problems finds a subnet, or addresses of it, of IPv6.
func (n *dhcpSubnet) problems() diag.List {
	var list diag.List
	if n.Net.Problem() == nil && !n.Net.Dynamic && n.Net.Prefix().Addr().Is6() {
		list.Add(noDHCPv6(n.Net.Text))
	}
	if n.Pool != nil && !n.Pool.Dynamic {
		if first, _ := n.Pool.Ends(); first.Is6() {
			list.Add(noDHCPv6(n.Pool.Text))
		}
	}
	return list
}

// reserve sets what is lent on the subnets of relays, and the addresses of certain clients.
func (s *dhcpServer) reserve(p *verb.Plan, server *plan.DHCP) {
	for _, n := range s.subnets() {
		n.add(p, server)
	}
	for _, o := range s.Opts {
		if o.Host != nil && !p.Failed() {
			o.Host.add(p, server)
		}
	}
}

// add is one subnet more. Which segment it is on is not known before a relay speaks, so that
// no address is lent that any interface of the lab has.
func (n *dhcpSubnet) add(p *verb.Plan, server *plan.DHCP) {
	lent := plan.LentSubnet{Net: n.Net.Prefix()}
	lent.First, lent.Last = usualPool(lent.Net)
	at := n.Net.Text
	if n.Pool != nil {
		lent.First, lent.Last = n.Pool.Ends()
		at = n.Pool.Text
	}
	as := plan.DHCP{Link: "the relay", Server: lent.Net, First: lent.First, Last: lent.Last}
	other := slices.ContainsFunc(server.Relayed, func(o plan.LentSubnet) bool { return o.Net.Overlaps(lent.Net) })
	if other || server.Server.Overlaps(lent.Net) {
		p.Fail(diag.Errorf(diag.BadPool, n.Net.Span, "%s is served already", lent.Net).WithHelp("name each subnet once, and not the server's own: its addresses follow the interface"))
		return
	}
	if !fitsPool(p, at, as) {
		return
	}
	book, err := p.Book()
	p.Err(at.Span, err)
	if err != nil {
		return
	}
	for _, u := range book.All() {
		if a := u.Addr.Addr(); as.Lends(a) && !slices.Contains(lent.Except, a) {
			lent.Except = append(lent.Except, a)
		}
	}
	server.Relayed = append(server.Relayed, lent)
}

// add reserves the address.
func (h *dhcpHost) add(p *verb.Plan, server *plan.DHCP) {
	r := plan.Reservation{Addr: h.Addr.Addr()}
	if h.MAC != nil {
		r.MAC = h.MAC.Canonical()
	} else {
		l, ok := p.Iface(*h.Node)
		if !ok {
			return
		}
		r.MAC = l.MAC
	}
	within := server.Server.Contains(r.Addr) || slices.ContainsFunc(server.Relayed, func(n plan.LentSubnet) bool { return n.Net.Contains(r.Addr) })
	switch {
	case !within:
		p.Fail(diag.Errorf(diag.BadPool, h.Addr.Span, "%s is in no subnet that is served", r.Addr).
			WithHelp("%s", lab.Listed("these are:", lab.Texts(servedSubnets(*server)), "")))
	case r.Addr == server.Server.Addr():
		p.Fail(diag.Errorf(diag.BadPool, h.Addr.Span, "%s is the server's own address", r.Addr))
	default:
		for _, o := range server.Hosts {
			if o.Addr == r.Addr || o.MAC == r.MAC && sameSubnet(*server, o.Addr, r.Addr) {
				p.Fail(diag.Errorf(diag.OptionClash, h.Addr.Span, "%s is reserved already", o.Addr).
					WithHelp("a client has one address in each subnet, and an address one client"))
				return
			}
		}
		server.Hosts = append(server.Hosts, r)
	}
}

// servedSubnets are the server's own, and those of relays.
func servedSubnets(s plan.DHCP) []netip.Prefix {
	list := []netip.Prefix{s.Server.Masked()}
	for _, n := range s.Relayed {
		list = append(list, n.Net)
	}
	return list
}

func sameSubnet(s plan.DHCP, a, b netip.Addr) bool {
	return slices.ContainsFunc(servedSubnets(s), func(n netip.Prefix) bool { return n.Contains(a) && n.Contains(b) })
}

// dhcpRelay is dhcp relay.
type dhcpRelay struct {
	At syntax.Endpoint `parser:"@@ '->'"`
	To []syntax.Target `parser:"( '<' @@+ '>' | @@ )"`
}

// plan starts a relay on the interface.
func (r *dhcpRelay) plan(p *verb.Plan) {
	l, ok := p.Iface(r.At)
	if !ok {
		return
	}
	four := lab.OfFamily(slices.DeleteFunc(slices.Clone(l.Addrs), func(a netip.Prefix) bool { return !plan.InBook(a.Addr()) }), false)
	if len(four) == 0 {
		if !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NoAddress, r.At.Span, "%s has no IPv4 address, by which a server would know the subnet", l.Ref()).
				WithHelp("give it one first: addr %s 10.0.0.1/24", l.Ref()))
		}
		return
	}
	relay := plan.DHCPRelay{Link: l.Name, From: four[0].Addr()}
	for _, to := range r.To {
		if a, ok := r.server(p, l.Node, to); ok {
			relay.Servers = append(relay.Servers, a)
		}
	}
	if p.Failed() || len(relay.Servers) == 0 {
		return
	}
	lab.StartService(p, r.At.Text, l.Node, relay)
}

// server is the address of a server.
func (r *dhcpRelay) server(p *verb.Plan, node string, to syntax.Target) (netip.Addr, bool) {
	t, d := lab.TargetOf(p, to)
	p.Fail(d)
	if d != nil {
		return netip.Addr{}, false
	}
	a, none := t.AddressFor(p, node)
	switch {
	case none != nil && p.Uncertain():
		return netip.Addr{}, false
	case none != nil:
		p.Fail(diag.Errorf(diag.NoAddress, to.Span, "%s", none.Seen).WithHelp("%s", none.Fix))
		return netip.Addr{}, false
	case a.Is6():
		p.Fail(noDHCPv6(to.Text))
		return netip.Addr{}, false
	}
	return a, true
}
