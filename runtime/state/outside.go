package state

import (
	"net/netip"
	"slices"
	"strconv"

	"nsl/runtime/plan"
)

// StandIns gives what leads out of a lab another end, so that the lab can be made elsewhere: an
// interface of the machine's hardware, or a cable into a namespace without a name, becomes a
// cable to a node that plays what is there and has the gateways of the interface. What
// is of no use without the hardware is left out.
func (l *Lab) StandIns() {
	for i := range l.Nodes[:len(l.Nodes):len(l.Nodes)] {
		name := l.Nodes[i].Name
		for j := range l.Nodes[i].Links {
			if link := &l.Nodes[i].Links[j]; link.leadsOut() && link.used() {
				l.standIn(l.Node(name), link)
			}
		}
	}
	for i := range l.Nodes {
		n := &l.Nodes[i]
		n.Links = slices.DeleteFunc(n.Links, func(k Link) bool { return k.leadsOut() })
	}
}

// leadsOut reports whether the other end is outside of the lab.
func (k *Link) leadsOut() bool {
	if k.Kind == "" {
		return k.Name != plan.Loopback
	}
	return k.Kind == veth && k.Peer == (plan.Ref{}) || !Makes(k.Kind)
}

func (k *Link) used() bool { return k.Up || k.Master != "" || len(k.Addrs) > 0 }

// standIn makes an interface a cable to a new node.
func (l *Lab) standIn(n *Node, k *Link) {
	far := plan.Ref{Node: l.free("outside"), Link: k.Name}
	end := Link{Link: plan.Link{Node: far.Node, Name: far.Link, Kind: veth, Up: k.Up, MTU: k.MTU, IfOptions: plan.DefaultOptions(veth, false)}, Peer: k.Ref()}
	end.Addrs = n.gateways(k)
	k.Kind, k.MAC, k.Peer, k.LinkOptions = veth, "", far, plan.LinkOptions{}
	port := k.PortOptions
	k.IfOptions = end.IfOptions
	k.PortOptions = port
	lo := Link{Link: plan.Link{Node: far.Node, Name: plan.Loopback, Up: true, MTU: 65536, IfOptions: plan.DefaultOptions("", false)}}
	l.Nodes = append(l.Nodes, Node{Name: far.Node, Links: []Link{lo, end}, Routes: connected(&end)})
}

// connected are the routes that the kernel makes for the addresses of an interface that is up.
func connected(k *Link) (list []plan.Route) {
	for _, p := range k.Addrs {
		r := plan.Route{Dst: p.Masked(), Hops: []plan.NextHop{{Dev: k.Name}}, Proto: plan.ProtoKernel}
		switch {
		case !k.Up || p.Addr().IsLinkLocalUnicast():
			continue
		case p.Addr().Is6():
			r.Metric = 256 // IP6_RT_PRIO_ADDRCONF (include/net/ip6_route.h)
		default:
			r.Src = p.Addr()
		}
		list = append(list, r)
	}
	return list
}

// free is a name that no node has: outside, outside2, …
func (l *Lab) free(name string) string {
	text := name
	for n := 2; l.Node(text) != nil; n++ {
		text = name + strconv.Itoa(n)
	}
	return text
}

// gateways are those that routes have on an interface, as addresses of its other end.
func (n *Node) gateways(k *Link) (list []netip.Prefix) {
	for _, r := range n.Routes {
		for _, hop := range r.Hops {
			bits := k.subnet(hop.Via)
			if p := netip.PrefixFrom(hop.Via, bits); bits > 0 && (hop.Dev == "" || hop.Dev == k.Name) && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// subnet is the length of the prefix in which an interface has an address, 0 for none.
func (k *Link) subnet(a netip.Addr) int {
	if a.IsLinkLocalUnicast() && a.Is6() {
		return 64
	}
	for _, p := range k.Addrs {
		if p.Contains(a) {
			return p.Bits()
		}
	}
	return 0
}
