package why

import (
	"fmt"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

func (q *inquiry) down(at plan.Ref) { q.stop(at.String()+" is down", "set it up: up "+at.String()) }

// noNeighbour says why no answer came for an address on a link.
func (q *inquiry) noNeighbour(e path.NoNeighbour) {
	asks := fmt.Sprintf("%s asks for %s on %s", e.At.Node, e.Addr, e.At)
	switch c := e.Cause.(type) {
	case path.Unowned:
		if q.blocked(e, c.By); q.why == "" {
			q.stop(asks+", but no interface of the lab has that address", "compare the addresses: show addrs")
		}
	case path.Apart:
		owner := e.Owners[0]
		q.stop(fmt.Sprintf("%s, but %s, which has it, is not connected there", asks, owner.Node),
			fmt.Sprintf("the two share a subnet but no cable or bridge: link %s <-> %s", e.At.Node, owner.Node))
	case path.Port:
		q.stop(fmt.Sprintf("%s is a port of %s, which gets the answers", e.At, c.Bridge), "give the address to the bridge: addr "+c.Bridge.String()+" …")
	case path.Blocked:
		q.blocked(e, c.By)
	case path.Mute:
		q.stop(fmt.Sprintf("%s, but %s, which has it, does not answer", asks, c.Owner), "")
	}
}

// blocked names what stops frames on a segment.
func (q *inquiry) blocked(e path.NoNeighbour, by path.Obstacle) {
	switch o := by.(type) {
	case path.Down:
		if peer, err := q.snap.Peer(e.At.Node, e.At.Link); err == nil && peer == o.At {
			q.stop(fmt.Sprintf("%s is down, at the other end of the cable of %s", o.At, e.At), "set it up: up "+o.At.String())
			return
		}
		q.down(o.At)
	case path.NoCarrier:
		q.stop(fmt.Sprintf("%s has no carrier", o.At), "")
	}
}
