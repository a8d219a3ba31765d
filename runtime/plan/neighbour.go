package plan

import "net/netip"

// DelNeighbour deletes an entry of a node's neighbour table; one that is gone already
// is no error. The node asks again when it needs the address.
type DelNeighbour struct {
	Node, Dev string
	IP        netip.Addr
}

func (DelNeighbour) op() {}

// Effect is nothing that is followed.
func (o DelNeighbour) Effect() Effect {
	return Effect{Object: "neighbour " + o.IP.String() + " of " + Place(o.Node, o.Dev)}
}

// Inverse is empty: what the entry had is learned again.
func (o DelNeighbour) Inverse() []Op { return nil }

// Commands is ip neigh del.
func (o DelNeighbour) Commands() []Command {
	return []Command{ip(o.Node, "neigh", "del", o.IP.String(), "dev", o.Dev)}
}
