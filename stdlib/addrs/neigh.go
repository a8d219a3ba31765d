package addrs

import (
	"net/netip"
	"slices"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

// neigh is the statement neigh.
type neigh struct {
	At    syntax.Endpoint `parser:"'neigh' @@"`
	IP    syntax.Address  `parser:"@@"`
	MAC   *syntax.MAC     `parser:"( 'mac' @@"`
	Proxy *syntax.Keyword `parser:"| (?= 'proxy') @@ )"`
}

// Neigh is the verb neigh.
func Neigh() *verb.Verb {
	return verb.Define[neigh](verb.Spec{
		Name:    "neigh",
		Summary: "enter a neighbour's hardware address by hand, or answer for a neighbour",
		Usage:   []string{"neigh NODE[:IFACE] ADDR mac MAC", "neigh NODE[:IFACE] ADDR proxy"},
		Doc: `With ` + "`mac`" + `, NODE sends what is for ADDR, an IPv4 or IPv6 address, to MAC without asking
(ARP, neighbour discovery). The entry is permanent: it replaces one that was learned, and
no answer changes it. The kernel deletes it when the interface is set down or gets
another hardware address.

With ` + "`proxy`" + `, NODE answers for ADDR on IFACE with its own hardware address, and passes on
what it then gets; it has to be a router (` + "`forward`" + `) with a route to ADDR over another
interface. See ` + "`proxy-arp`" + ` for all IPv4 addresses at once.

IFACE may be left out where NODE has one interface besides lo, or one on the subnet of
ADDR. ` + "`show neigh`" + ` lists the entries.`,
		Examples: []verb.Example{
			{Note: "A wrong entry: blue does not get the packets.", Code: "ns red blue\nlink red <-> blue 10.0.0.0/24 mac 02:00:00:00:00:01 02:00:00:00:00:02\nneigh red 10.0.0.2 mac 02:00:00:00:00:99\nexpect neigh red -> blue mac 02:00:00:00:00:99 permanent\nexpect not ping red -> blue\nneigh red 10.0.0.2 mac 02:00:00:00:00:02\nexpect ping red -> blue\n"},
			{Note: "r1 answers on one link for a node on the other.", Code: "ns red r1 blue\nlink red 10.1.0.1/8 fd00:1::1/16 <-> r1:eth0 10.1.0.254/24 fd00:1::fe/64\nlink r1:eth1 10.2.0.254/24 fd00:2::fe/64 <-> blue 10.2.0.1/24 fd00:2::1/64\nforward r1\nroute blue default via 10.2.0.254\nroute blue default via fd00:2::fe\nexpect not ping red -> <10.2.0.1 fd00:2::1>\nneigh r1:eth0 10.2.0.1 proxy\nneigh r1:eth0 fd00:2::1 proxy\nexpect ping red -> <10.2.0.1 fd00:2::1>\n"},
		},
	})
}

// Check finds addresses that are no neighbour's.
func (n *neigh) Check() diag.List { return noNeighbour(n.IP) }

func noNeighbour(word syntax.Address) diag.List {
	a := word.Addr()
	if word.Dynamic || !a.IsValid() || !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && a != broadcast() {
		return nil
	}
	return diag.List{diag.Errorf(diag.UnusableAddr, word.Span, "%s is not the address of one neighbour", word.Value)}
}

func broadcast() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

// Plan enters it.
func (n *neigh) Plan(p *verb.Plan) {
	l, ok := neighbourLink(p, n.At, n.IP.Addr())
	if !ok {
		return
	}
	n.refuse(p, l)
	if p.Failed() {
		return
	}
	here, there := entryOf(p, n.At, l, n.IP.Addr(), n.state())
	if n.Proxy != nil {
		n.proxy(p, l, there)
	} else if mac := n.MAC.Canonical(); here.MAC != mac {
		p.Do(p.At, plan.SetNeighbour{Node: l.Node, Dev: l.Name, IP: n.IP.Addr(), MAC: mac, Was: here.MAC})
	}
}

func (n *neigh) state() string {
	if n.Proxy != nil {
		return plan.Proxy
	}
	return plan.Permanent
}

// refuse reports what the interface cannot have.
func (n *neigh) refuse(p *verb.Plan, l plan.Link) {
	ip := n.IP.Addr()
	switch {
	case l.Name == plan.Loopback || plan.KindOf(l.Kind).Bare:
		p.Fail(diag.Errorf(diag.NotEthernet, n.At.Span, "%s has no neighbours with hardware addresses", l.Ref()))
	case p.Uncertain():
	case ip.Is6() && l.MTU < plan.MinMTU6:
		p.Fail(diag.Errorf(diag.FamilyMismatch, n.IP.Span, "%s has an MTU of %d, which is too small for IPv6", l.Ref(), l.MTU).
			WithHelp("IPv6 needs %d bytes at least: mtu %s %d", plan.MinMTU6, l.Ref(), plan.MinMTU6))
	case slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return a.Addr() == ip }):
		p.Fail(diag.Errorf(diag.SameEnd, n.IP.Span, "%s is an address of %s itself", ip, l.Ref()))
	}
}

// proxy adds the entry. IPv6 looks at its entries only where proxy_ndp is set
// (ip-sysctl.rst).
func (n *neigh) proxy(p *verb.Plan, l plan.Link, there bool) {
	if n.IP.Addr().Is6() {
		lab.SetSysctl(p, p.At, l.Node, proxyKey(l, true), "1")
	}
	if !there {
		p.Do(p.At, plan.AddProxy{Node: l.Node, Dev: l.Name, IP: n.IP.Addr()})
	}
}

// entryOf is the entry of an interface that was made by hand, and whether there is one.
func entryOf(p *verb.Plan, at syntax.Endpoint, l plan.Link, ip netip.Addr, state string) (plan.Neighbour, bool) {
	list := verb.Ask(p, at.Span, p.Neighbours, l.Node)
	for _, e := range list {
		if e.IP == ip && e.Dev == l.Name && e.State == state {
			return e, true
		}
	}
	return plan.Neighbour{}, false
}

// neighbourLink is the interface that is named or, of those of the node, the one on the
// subnet of a neighbour.
func neighbourLink(p *verb.Plan, at syntax.Endpoint, ip netip.Addr) (plan.Link, bool) {
	node, _ := at.Split()
	has, err := p.HasNode(node)
	if at.HasLink() || err != nil || !has {
		return p.Iface(at)
	}
	var found []plan.Link
	for _, l := range verb.Ask(p, at.Span, p.Links, node) {
		if slices.ContainsFunc(l.Addrs, func(a netip.Prefix) bool { return a.Contains(ip) }) {
			found = append(found, l)
		}
	}
	if len(found) == 1 && !ip.IsLinkLocalUnicast() {
		return found[0], true
	}
	return p.Iface(at)
}
