package services

import (
	"iter"
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// lease asks for an address of one interface, and returns what is expected to be
// lent; before are the leases of this statement so far.
func (d *dhcp) lease(p *verb.Plan, e syntax.Endpoint, before []plan.Leased) plan.Leased {
	l, ok := p.Iface(e)
	if !ok {
		return plan.Leased{}
	}
	if l.Name == plan.Loopback {
		p.Fail(diag.Errorf(diag.NoLease, e.Span, "DHCP does not run on the loopback of %s", l.Node).
			WithHelp("name another interface: dhcp %s:eth0", l.Node))
		return plan.Leased{}
	}
	op := plan.Lease{Node: l.Node, Link: l.Name, Want: d.expected(p, e, l, before)}
	if p.Failed() {
		return op.Want
	}
	var err error
	op.WasResolver, err = lab.OwnResolver(p, l.Node)
	p.Err(e.Span, err)
	lost := replaced(p, e, l)
	isDefault := func(r plan.Route) bool { return r.Dst.Bits() == 0 && r.Dst.Addr().Is4() }
	op.HasDefault = lab.HasDefaultRoute(p, l.Node, false) && !slices.ContainsFunc(lost, isDefault)
	if !l.Up {
		s, err := lab.NewSideEffects(p, l)
		if err != nil {
			p.Err(e.Span, err)
			return op.Want
		}
		p.Do(e.Span, plan.SetUp{Node: l.Node, Name: l.Name, Was: s.LostOnDown()})
	}
	p.Do(e.Span, op)
	return op.Want
}

// replaced removes the automatic IPv4 addresses of an interface, if it has no
// others, and returns the routes that go with them.
func replaced(p *verb.Plan, e syntax.Endpoint, l plan.Link) []plan.Route {
	book, err := p.Book()
	if err != nil {
		p.Err(e.Span, err)
		return nil
	}
	auto, explicit := lab.AutoAddrs(book, l.Ref(), false)
	if explicit {
		return nil
	}
	s, err := lab.NewSideEffects(p, l)
	if err != nil {
		p.Err(e.Span, err)
		return nil
	}
	dels, lost := s.Dels(auto)
	for _, op := range dels {
		p.Do(e.Span, op)
	}
	return lost
}

// expected is what a server of the lab will lend. There must be one on the
// segment, with an address left, unless there may be a server that the lab
// does not know of.
func (d *dhcp) expected(p *verb.Plan, e syntax.Endpoint, l plan.Link, before []plan.Leased) plan.Leased {
	servers, open, err := dhcpServers(p, l.Ref())
	if err != nil {
		p.Err(e.Span, err)
		return plan.Leased{}
	}
	book, err := p.Book()
	p.Err(e.Span, err)
	snap := path.Of(p)
	for _, s := range servers {
		for a := range s.mayLend(l.MAC) {
			lent := slices.ContainsFunc(before, func(b plan.Leased) bool { return b.Addr.Addr() == a })
			if !lent && !inUse(snap, book, a, l.Ref()) {
				return plan.Leased{Addr: netip.PrefixFrom(a, s.server.Server.Bits()), Server: s.at,
					Router: s.server.Router, Resolvers: s.server.Resolvers, Domain: s.server.Domain}
			}
		}
	}
	place := l.Ref().String()
	switch {
	case p.Failed() || p.Uncertain() || open:
	case len(servers) > 0:
		s := servers[0]
		p.Fail(diag.Errorf(diag.PoolExhausted, e.Span, "the DHCP server of %s has no address left for %s: %s are all lent or in use", s.node, place, lentText(s.server)).
			WithHelp("let it lend more: kill %s %s, and dhcp serve %s with a longer range", s.node, s.id, plan.Place(s.node, s.server.Link)))
	default:
		p.Fail(nobodyLends(p, e, place))
	}
	return plan.Leased{}
}

// inUse reports whether another interface on the segment of one has an address.
func inUse(snap *path.Snapshot, book *plan.Book, a netip.Addr, here plan.Ref) bool {
	return slices.ContainsFunc(book.At(a), func(r plan.Ref) bool { return r != here && path.MayShare(snap, here, r) })
}

func nobodyLends(p *verb.Plan, e syntax.Endpoint, place string) *diag.Diagnostic {
	d := diag.Errorf(diag.NoLease, e.Span, "there is no DHCP server on the segment of %s", place)
	nodes, _ := plan.AllNodes(p)
	for _, node := range nodes {
		running, _ := p.Services(node)
		for _, r := range running {
			if s, ok := r.Service.(plan.DHCP); ok {
				return d.WithHelp("%s has one on %s, but no cable or bridge leads there", node, plan.Place(node, s.Link))
			}
		}
	}
	return d.WithHelp("start one in a node that has an address there: dhcp serve NODE:IFACE")
}

// lender is a DHCP server somewhere in the lab, as a client sees it. At is its address.
type lender struct {
	node, id string
	server   plan.DHCP
	at       netip.Addr
}

// mayLend are the addresses that a client may get, in the order in which they are lent.
func (s lender) mayLend(mac string) iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		if a := s.server.Reserved(mac); a.IsValid() && !yield(a) {
			return
		}
		s.server.Pool()(yield)
	}
}

// othersLend reports a program in a node that listens where DHCP servers do.
func othersLend(view verb.Lab, node string, running []plan.Running) bool {
	sockets, err := view.Sockets(node)
	own := slices.ContainsFunc(running, func(r plan.Running) bool { return r.Service.Kind() == (plan.DHCP{}).Kind() })
	return err == nil && !own && slices.ContainsFunc(sockets, func(s plan.Socket) bool {
		return s.Proto == "udp" && s.Local.Port() == plan.DHCPPort
	})
}

// dhcpServers are the servers on the segment of an interface. open says that
// there may be others: a program, or an interface that leads out of the lab.
func dhcpServers(view verb.Lab, from plan.Ref) (servers []lender, open bool, err error) {
	for r := range path.Segment(view, from) {
		l, err := view.Link(r.Node, r.Link)
		if err != nil {
			continue
		}
		running, err := view.Services(r.Node)
		if err != nil {
			return nil, false, err
		}
		open = open || l.Kind != "veth" && l.Kind != "bridge" || othersLend(view, r.Node, running)
		if r != from {
			list, unknown := lendersAt(view, r, running)
			servers, open = append(servers, list...), open || unknown
		}
	}
	return servers, open, nil
}

// lendersAt are the servers that clients reach at an interface: one there, and those of a
// relay there.
func lendersAt(view verb.Lab, at plan.Ref, running []plan.Running) (list []lender, open bool) {
	for _, s := range running {
		if s.Ended != "" {
			continue
		}
		if d, ok := s.Service.(plan.DHCP); ok && d.Link == at.Link && (d.First.IsValid() || len(d.Hosts) > 0) {
			d.Relayed = nil
			list = append(list, lender{at.Node, s.ID, d, d.Server.Addr()})
		}
		if d, ok := s.Service.(plan.DHCPRelay); ok && d.Link == at.Link {
			far, unknown := relayedTo(view, d)
			list, open = append(list, far...), open || unknown
		}
	}
	return list, open
}

// relayedTo are the servers that a relay asks; unknown says that it may ask others, too.
func relayedTo(view verb.Lab, r plan.DHCPRelay) (servers []lender, unknown bool) {
	book, err := view.Book()
	if err != nil {
		return nil, true
	}
	for _, a := range r.Servers {
		owners := book.At(a)
		unknown = unknown || len(owners) == 0
		for _, owner := range owners {
			running, err := view.Services(owner.Node)
			unknown = unknown || err != nil || othersLend(view, owner.Node, running)
			for _, s := range running {
				d, ok := s.Service.(plan.DHCP)
				if seen, served := d.For(r.From); ok && served && s.Ended == "" {
					servers = append(servers, lender{owner.Node, s.ID, seen, d.Server.Addr()})
				}
			}
		}
	}
	return servers, unknown
}
