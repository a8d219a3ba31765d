package plan

import (
	"net/netip"
	"slices"
)

// NoMAC is the hardware address under which a vxlan has what it does with frames to
// addresses that it does not know, and with broadcasts.
const NoMAC = "00:00:00:00:00:00"

// ForwardEntry is an entry of the forwarding database of a bridge or vxlan (bridge(8)).
type ForwardEntry struct {
	// Dev is the port of the bridge, the bridge itself or the vxlan; MAC is the hardware
	// address to which frames are sent there.
	Dev, MAC string
	// Dst is the node at the other end of a vxlan, the zero Addr for none.
	Dst netip.Addr
	// Static: it stays when its hardware address is seen elsewhere (sticky). Local: what is for the address is the bridge's own.
	Static, Local bool
}

// ForwardByHand are the entries of a node's vxlans that were made by a person: not learned,
// and not the one that each has for the remote end that it was made with.
func ForwardByHand(v View, node string) ([]ForwardEntry, error) {
	links, err := v.Links(node)
	if err != nil || !slices.ContainsFunc(links, func(l Link) bool { return l.Kind == VXLAN }) {
		return nil, err
	}
	list, err := v.Forwarding(node)
	return slices.DeleteFunc(slices.Clone(list), func(e ForwardEntry) bool {
		own := func(l Link) bool { return l.Name == e.Dev && l.Remote == e.Dst && e.MAC == NoMAC }
		return !e.Static || !e.Dst.IsValid() || slices.ContainsFunc(links, own)
	}), err
}

// AddForward enters the node at which a hardware address is, or all that are not known, into
// the forwarding database of a vxlan, for good (bridge(8)).
type AddForward struct {
	Node, Dev, MAC string
	Dst            netip.Addr
}

// DelForward deletes that.
type DelForward struct {
	Node, Dev, MAC string
	Dst            netip.Addr
}

func (AddForward) op() {}
func (DelForward) op() {}

// Effect is the entry.
func (o AddForward) Effect() Effect {
	return about(o.Node, o.Dev, "sends "+o.MAC+" to "+o.Dst.String())
}

// Effect is the loss of the entry.
func (o DelForward) Effect() Effect {
	e := about(o.Node, o.Dev, "sends "+o.MAC+" to "+o.Dst.String())
	e.Lost = true
	return e
}

// Inverse deletes the entry.
func (o AddForward) Inverse() []Op { return []Op{DelForward(o)} }

// Inverse enters it again.
func (o DelForward) Inverse() []Op { return []Op{AddForward(o)} }

// Commands is bridge fdb append, or replace for an address that has one node only.
func (o AddForward) Commands() []Command {
	if o.MAC == NoMAC {
		return forwardCommand("append", o)
	}
	return forwardCommand("replace", o)
}

// Commands is bridge fdb del.
func (o DelForward) Commands() []Command { return forwardCommand("del", AddForward(o)) }

func forwardCommand(verb string, o AddForward) []Command {
	c := Command{"bridge"}
	if o.Node != Host {
		c = append(c, "-n", o.Node)
	}
	return []Command{append(c, "fdb", verb, o.MAC, "dev", o.Dev, "dst", o.Dst.String())}
}
