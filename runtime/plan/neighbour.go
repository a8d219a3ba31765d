package plan

import (
	"net/netip"
	"slices"
)

// Permanent and Proxy are states of entries that are not learned: one that was entered
// by hand, and one for whose address the node answers in place of its owner.
const (
	Permanent = "permanent"
	Proxy     = "proxy"
)

// ByHand reports whether an entry was made by a person, and not learned.
func (n Neighbour) ByHand() bool { return n.State == Permanent || n.State == Proxy }

// ByHand are the entries of a node that were made by hand.
func ByHand(v View, node string) ([]Neighbour, error) {
	list, err := v.Neighbours(node)
	return slices.DeleteFunc(slices.Clone(list), func(n Neighbour) bool { return !n.ByHand() }), err
}

// SetNeighbour enters a neighbour for good (NUD_PERMANENT): the node does not ask for
// its hardware address. It replaces an entry that was learned.
type SetNeighbour struct {
	Node, Dev string
	IP        netip.Addr
	MAC       string
	// Was is the hardware address of the permanent entry that it replaces, or "".
	Was string
}

// DelNeighbour deletes an entry of a node's neighbour table; one that is gone already
// is no error. The node asks again when it needs the address.
type DelNeighbour struct {
	Node, Dev string
	IP        netip.Addr
	// MAC is that of a permanent entry, which the inverse enters again; "" for one
	// that was learned.
	MAC string
}

// AddProxy makes a node answer for an address of another one on an interface
// (NTF_PROXY, ip-neighbour(8)).
type AddProxy struct {
	Node, Dev string
	IP        netip.Addr
}

// DelProxy ends that.
type DelProxy struct {
	Node, Dev string
	IP        netip.Addr
}

func (SetNeighbour) op() {}
func (DelNeighbour) op() {}
func (AddProxy) op()     {}
func (DelProxy) op()     {}

func neighbourEffect(node, dev string, ip netip.Addr, text string, lost bool) Effect {
	return Effect{Object: "neighbour " + ip.String() + " of " + Place(node, dev), Of: Ref{node, dev}, Text: Place(node, dev) + " " + text, Lost: lost}
}

// Effect is the entry.
func (o SetNeighbour) Effect() Effect {
	return neighbourEffect(o.Node, o.Dev, o.IP, "neighbour "+o.IP.String()+" mac "+o.MAC, false)
}

// Effect is the loss of an entry that was entered by hand.
func (o DelNeighbour) Effect() Effect {
	if o.MAC == "" {
		return Effect{Object: "neighbour " + o.IP.String() + " of " + Place(o.Node, o.Dev)}
	}
	return neighbourEffect(o.Node, o.Dev, o.IP, "neighbour "+o.IP.String(), true)
}

// Effect is the entry.
func (o AddProxy) Effect() Effect {
	return neighbourEffect(o.Node, o.Dev, o.IP, "answers for "+o.IP.String(), false)
}

// Effect is the loss of the entry.
func (o DelProxy) Effect() Effect {
	return neighbourEffect(o.Node, o.Dev, o.IP, "proxy "+o.IP.String(), true)
}

// Inverse deletes the entry, or enters the former one.
func (o SetNeighbour) Inverse() []Op {
	if o.Was != "" {
		return []Op{SetNeighbour{Node: o.Node, Dev: o.Dev, IP: o.IP, MAC: o.Was, Was: o.MAC}}
	}
	return []Op{DelNeighbour{Node: o.Node, Dev: o.Dev, IP: o.IP, MAC: o.MAC}}
}

// Inverse enters what was entered by hand; what was learned is learned again.
func (o DelNeighbour) Inverse() []Op {
	if o.MAC == "" {
		return nil
	}
	return []Op{SetNeighbour{Node: o.Node, Dev: o.Dev, IP: o.IP, MAC: o.MAC}}
}

// Inverse deletes the entry.
func (o AddProxy) Inverse() []Op { return []Op{DelProxy(o)} }

// Inverse adds the entry.
func (o DelProxy) Inverse() []Op { return []Op{AddProxy(o)} }

// Commands is ip neigh replace.
func (o SetNeighbour) Commands() []Command {
	return []Command{ip(o.Node, "neigh", "replace", o.IP.String(), "lladdr", o.MAC, "dev", o.Dev, "nud", Permanent)}
}

// Commands is ip neigh del.
func (o DelNeighbour) Commands() []Command {
	return []Command{ip(o.Node, "neigh", "del", o.IP.String(), "dev", o.Dev)}
}

// Commands is ip neigh add proxy.
func (o AddProxy) Commands() []Command {
	return []Command{ip(o.Node, "neigh", "add", Proxy, o.IP.String(), "dev", o.Dev)}
}

// Commands is ip neigh del proxy.
func (o DelProxy) Commands() []Command {
	return []Command{ip(o.Node, "neigh", "del", Proxy, o.IP.String(), "dev", o.Dev)}
}
