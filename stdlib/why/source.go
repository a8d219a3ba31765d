package why

import (
	"fmt"
	"net/netip"

	"nsl/runtime/path"
)

// preferredSource says that the asker sends from an address because its route says so, and
// not because it is that of the interface.
func (q *inquiry) preferredSource(src netip.Addr) string {
	h := q.Request.Hops[0]
	_, r := path.Decider(q.snap, h.Node, h.Query)
	l, err := q.snap.Link(h.Node, h.Out)
	if err != nil || r.Src != src || h.Packet.Src.IsValid() {
		return ""
	}
	for _, a := range l.Addrs {
		if a.Addr() == src {
			return ""
		}
	}
	return fmt.Sprintf(", which %s sends from by its route: %s", h.Node, r)
}

// toAnother says that the reply comes to another node than the one that asked, which has the
// address that the request came from, and how it got that.
func (q *inquiry) toAnother(f path.Fate, node string) {
	dst := f.Packet.Dst
	for _, h := range q.Request.Hops {
		for _, n := range h.NAT {
			if n.Source && n.To.Addr() == dst && h.Node != node {
				q.stop(fmt.Sprintf("%s gets the reply, for %s changed the source %s to its address %s (%s)", node, h.Node, n.From.Addr(), dst, q.ruleName(n)),
					"compare: show nat "+h.Node)
				return
			}
		}
	}
	q.stop(fmt.Sprintf("%s gets the reply: it has the address %s too", node, dst), "compare the addresses: show addrs")
}
