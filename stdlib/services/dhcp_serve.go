package services

import (
	"net/netip"
	"slices"
	"strings"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// plan starts a server on the interface.
func (s *dhcpServer) plan(p *verb.Plan) {
	l, ok := p.Iface(s.At)
	if !ok {
		return
	}
	own, ok := s.address(p, l)
	if !ok {
		return
	}
	server := plan.DHCP{Link: l.Name, Server: own, Router: own.Addr()}
	s.pool(p, l.Ref(), &server)
	s.options(p, l.Node, &server)
	s.reserve(p, &server)
	s.alone(p, l)
	if !p.Failed() {
		lab.StartService(p, s.At.Text, l.Node, server)
	}
}

// address is the interface's IPv4 address: that whose subnet holds the pool,
// else its first.
func (s *dhcpServer) address(p *verb.Plan, l plan.Link) (netip.Prefix, bool) {
	four := lab.OfFamily(slices.DeleteFunc(slices.Clone(l.Addrs), func(a netip.Prefix) bool { return !plan.InBook(a.Addr()) }), false)
	place := l.Ref()
	if len(four) == 0 {
		if !p.Uncertain() {
			p.Fail(diag.Errorf(diag.NoAddress, s.At.Span, "%s has no IPv4 address, so it has no subnet to lend addresses of", place).
				WithHelp("give it one first: addr %s 10.0.0.1/24", place))
		}
		return netip.Prefix{}, false
	}
	if s.Pool != nil {
		first, _ := s.Pool.Ends()
		if i := slices.IndexFunc(four, func(a netip.Prefix) bool { return a.Contains(first) }); i >= 0 {
			return four[i], true
		}
	}
	return four[0], true
}

// Where the pool of a subnet lies that has room for it, when none is written.
const (
	poolFirst, poolLast = 100, 199
	roomyBits           = 24
)

// pool sets what the server lends: no address that is in use on the segment of here.
func (s *dhcpServer) pool(p *verb.Plan, here plan.Ref, server *plan.DHCP) {
	net, at := server.Server.Masked(), s.At.Text
	server.First, server.Last = usualPool(net)
	if s.Pool != nil {
		server.First, server.Last = s.Pool.Ends()
		at = s.Pool.Text
	} else if len(s.subnets()) > 0 {
		server.First, server.Last = netip.Addr{}, netip.Addr{}
		return
	}
	if !fitsPool(p, at, *server) {
		return
	}
	book, err := p.Book()
	if err != nil {
		p.Err(at.Span, err)
		return
	}
	own, snap := plan.AddrUse{Ref: here, Addr: server.Server}, path.Of(p)
	for _, u := range book.All() {
		if server.Lends(u.Addr.Addr()) && !slices.Contains(server.Except, u.Addr.Addr()) && lab.Reaches(snap, own, u) {
			server.Except = append(server.Except, u.Addr.Addr())
		}
	}
	for range server.Pool() {
		return
	}
	p.Fail(diag.Errorf(diag.BadPool, at.Span, "there is no address to lend: all from %s to %s are in use", server.First, server.Last).
		WithHelp("choose other addresses of %s", net))
}

// usualPool are the first and the last address that are lent of a subnet when none are written.
func usualPool(net netip.Prefix) (first, last netip.Addr) {
	if net.Bits() > roomyBits {
		return net.Addr().Next(), lab.LastOf(net).Addr()
	}
	b := net.Addr().As4()
	b[3] = poolFirst
	first = netip.AddrFrom4(b)
	b[3] = poolLast
	return first, netip.AddrFrom4(b)
}

// fitsPool reports addresses that no client could have in the server's subnet.
func fitsPool(p *verb.Plan, at syntax.Text, server plan.DHCP) bool {
	net, last := server.Server.Masked(), lab.LastOf(server.Server.Masked()).Addr()
	switch {
	case !net.Contains(server.First) || !net.Contains(server.Last):
		p.Fail(diag.Errorf(diag.BadPool, at.Span, "%s to %s is not within %s, the subnet of %s", server.First, server.Last, net, server.Link).
			WithHelp("clients need addresses of the subnet they are in, as %s..%s", net.Addr().Next(), last))
	case net.Bits() < 31 && (server.First == net.Addr() || last.Less(server.Last)):
		p.Fail(diag.Errorf(diag.BadPool, at.Span, "the first and the last address of %s are the network and broadcast addresses", net).
			WithHelp("lend at most %s..%s", net.Addr().Next(), last))
	default:
		return true
	}
	return false
}

// options sets what clients get besides their address.
func (s *dhcpServer) options(p *verb.Plan, node string, server *plan.DHCP) {
	server.Resolvers, server.Domain = s.usual(p, node, server.Server.Addr())
	for _, o := range s.Opts {
		switch {
		case o.Router != nil && o.Router.Value == "none":
			server.Router = netip.Addr{}
		case o.Router != nil:
			server.Router = syntax.Address{Text: o.Router.Text}.Addr()
			if !server.Server.Contains(server.Router) {
				p.Fail(diag.Errorf(diag.BadGateway, o.Router.Span, "the router %s is not in %s, the subnet of the clients", server.Router, server.Server.Masked()).
					WithHelp("clients reach a router only within their own subnet"))
			}
		case o.Domain != nil:
			server.Domain = o.Domain.Name()
		case len(o.DNS) > 0:
			server.Resolvers = nil
			for _, w := range o.DNS {
				if !isNone(o.DNS) {
					server.Resolvers = append(server.Resolvers, syntax.Address{Text: w.Text}.Addr())
				}
			}
		}
	}
}

// usual are the name servers that clients get when none are written: the
// node itself where it is one, else those that it asks.
func (s *dhcpServer) usual(p *verb.Plan, node string, own netip.Addr) ([]netip.Addr, string) {
	running, err := lab.ServicesNow(p, node)
	p.Err(s.At.Span, err)
	for _, r := range running {
		if dns, ok := r.Service.(plan.DNS); ok && r.Ended == "" {
			return []netip.Addr{own}, dns.Domain
		}
	}
	asks := verb.Ask(p, s.At.Span, p.Resolver, node)
	var list []netip.Addr
	for _, a := range asks.Servers {
		if a.Is4() && !a.IsLoopback() {
			list = append(list, a)
		}
	}
	return list, ""
}

// alone reports a server that the interface has already.
func (s *dhcpServer) alone(p *verb.Plan, l plan.Link) {
	running, err := lab.ServicesNow(p, l.Node)
	p.Err(s.At.Span, err)
	for _, r := range running {
		if d, ok := r.Service.(plan.DHCP); ok && r.Ended == "" && d.Link == l.Name {
			p.Fail(diag.Errorf(diag.ServesAlready, s.At.Span, "%s has a DHCP server already; it lends %s", l.Ref(), lentText(d)).
				WithHelp("end that one first: kill %s %s", l.Node, r.ID))
		}
	}
}

// lentText are the addresses that a server lends, as words.
func lentText(s plan.DHCP) string {
	var list []string
	if s.First.IsValid() {
		list = append(list, s.First.String()+" to "+s.Last.String())
	}
	for _, n := range s.Relayed {
		list = append(list, n.First.String()+" to "+n.Last.String())
	}
	return strings.Join(list, ", ")
}
