package why

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"nsl/runtime/path"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
)

func (q *inquiry) down(at plan.Ref) { q.stop(at.String()+" is down", "set it up: up "+at.String()) }

// takenOver finds that the packet ended in a node that only a local route gives its
// destination, and not in the one that has it.
func (q *inquiry) takenOver(f path.Fate) bool {
	at, err := q.snap.Links(f.Node())
	own := func(l plan.Link) bool {
		return slices.ContainsFunc(l.Addrs, func(p netip.Prefix) bool { return p.Addr() == f.Packet.Dst })
	}
	owner := lab.OwnerOf(q.Lab, q.asked.node, f.Packet.Dst)
	if !f.Arrived() || err != nil || owner == "" || owner == f.Node() || f.Packet.Dst.IsLoopback() || slices.ContainsFunc(at, own) {
		return false
	}
	q.stop(fmt.Sprintf("%s takes packets to %s, an address of %s, as its own, by a route of its table local", f.Node(), f.Packet.Dst, owner),
		fmt.Sprintf("delete it: exec %s ip route del local %s", f.Node(), f.Packet.Dst))
	return true
}

// misled finds a hop at which the neighbour table or a second owner of an address
// sends the packet to the wrong node.
func (q *inquiry) misled(f path.Fate) bool {
	for i, h := range f.Hops {
		if h.Entry.MAC != "" && i+1 < len(f.Hops) {
			q.stop(fmt.Sprintf("the neighbour table of %s has the hardware address of %s for %s (%s, %s)",
				h.Node, f.Hops[i+1].Node, h.Next, h.Entry.MAC, h.Entry.State), deleteEntry(h.Node, h.Entry))
			return true
		}
		if len(h.Rivals) > 0 && i+1 < len(f.Hops) {
			first := plan.Ref{Node: f.Hops[i+1].Node, Link: f.Hops[i+1].In}
			q.stop(fmt.Sprintf("%s and %s, on one segment, both answer for %s", first, refs(h.Rivals), h.Next),
				"each interface of a segment needs an address of its own: show addrs")
			return true
		}
	}
	return q.takenOver(f)
}

func refs(list []plan.Ref) string {
	var words []string
	for _, r := range list {
		words = append(words, r.String())
	}
	return strings.Join(words, ", ")
}

// deleteEntry is the statement that takes an entry out of a neighbour table.
func deleteEntry(node string, e plan.Neighbour) string {
	return fmt.Sprintf("delete the entry: del neigh %s %s", plan.Ref{Node: node, Link: e.Dev}, e.IP)
}

// noNeighbour says why no interface answered for an address on a link.
func (q *inquiry) noNeighbour(e path.NoNeighbour) {
	asks := fmt.Sprintf("%s asks for %s on %s", e.At.Node, e.Addr, e.At)
	switch c := e.Cause.(type) {
	case path.Unowned:
		q.unowned(asks, e, c)
	case path.Apart:
		q.notConnected(asks, e, c)
	case path.Lower:
		q.stop(fmt.Sprintf("%s is a macvlan or ipvlan of %s, and exchanges no frames with it", e.At, c.Owner),
			fmt.Sprintf("reach %s by another interface, or give it a macvlan of its own", c.Owner.Node))
	case path.Port:
		q.stop(fmt.Sprintf("%s is a port of %s, so that the bridge gets what is meant for its address", e.At, c.Bridge),
			q.toBridge(e, c.Bridge))
	case path.Blocked:
		q.blocked(e, c.By)
	case path.Mute:
		q.mute(asks, c)
	case path.Unproxied:
		q.stop(fmt.Sprintf("%s, and %s, which is to answer for that address (neigh proxy), does not: %s is 0", asks, c.At, c.Key),
			q.advise("let it answer", fmt.Sprintf("sysctl %s %s=1", c.At.Node, c.Key)))
	case path.Mistaken:
		q.stop(fmt.Sprintf("the neighbour table of %s has %s for %s (%s), and no interface has that hardware address",
			e.At.Node, c.Entry.MAC, e.Addr, c.Entry.State), deleteEntry(e.At.Node, c.Entry))
	}
}

// unowned explains an address that no interface has.
func (q *inquiry) unowned(asks string, e path.NoNeighbour, c path.Unowned) {
	if c.Disabled != "" {
		q.stop(fmt.Sprintf("IPv6 is disabled on %s, so that it has no address: net.ipv6.conf.all.disable_ipv6", c.Disabled),
			q.enable(e, c.Disabled))
		return
	}
	if q.blocked(e, c.By); q.why != "" {
		return
	}
	fix := "compare the addresses: show addrs"
	if near := q.outsiders(e); near != "" {
		fix = "on that segment: " + near
	}
	q.stop(asks+", but no interface of the lab has that address", fix)
}

// outsiders are the addresses on a segment that are in none of the subnets that
// the asking interface has there.
func (q *inquiry) outsiders(e path.NoNeighbour) string {
	at, err := q.snap.Link(e.At.Node, e.At.Link)
	if err != nil {
		return ""
	}
	var words []string
	for r := range path.Segment(q.snap, e.At) {
		l, err := q.snap.Link(r.Node, r.Link)
		if err != nil || r == e.At {
			continue
		}
		own := lab.OfFamily(slices.DeleteFunc(slices.Clone(l.Addrs), func(a netip.Prefix) bool { return !plan.InBook(a.Addr()) }), e.Addr.Is6())
		if len(own) == 0 && l.Kind != "bridge" && l.Taker() == "" {
			words = append(words, fmt.Sprintf("%s has no %s address", r, lab.Family(e.Addr.Is6())))
		}
		for _, a := range own {
			if !inAny(at, a) {
				words = append(words, fmt.Sprintf("%s has %s", r, a))
			}
		}
	}
	return strings.Join(words, ", ")
}

// tooWide finds that the node that asks takes more addresses to be on its link than the
// owner of the one that it asks for does.
func (q *inquiry) tooWide(e path.NoNeighbour, owner plan.Ref) bool {
	at, err := q.snap.Link(e.At.Node, e.At.Link)
	there, err2 := q.snap.Link(owner.Node, owner.Link)
	if err != nil || err2 != nil {
		return false
	}
	for _, ours := range at.Addrs {
		for _, theirs := range there.Addrs {
			if ours.Contains(e.Addr) && theirs.Addr() == e.Addr && !theirs.IsSingleIP() && ours.Bits() < theirs.Bits() {
				q.stop(fmt.Sprintf("%s takes %s to be on its link, by its address %s, but %s, which has it, is on another (%s)", e.At, e.Addr, ours, owner, theirs),
					"compare the prefix lengths: show addrs")
				return true
			}
		}
	}
	return false
}

// notConnected explains an owner that is on another segment.
func (q *inquiry) notConnected(asks string, e path.NoNeighbour, c path.Apart) {
	owner := e.Owners[0]
	switch {
	case c.Detached.Link != "" && c.Other.Link == "":
		q.stop(fmt.Sprintf("%s, where the cable of %s ends, is no port of %s", c.Detached, c.Of.Node, c.Bridge),
			q.advise("attach it", fmt.Sprintf("attach %s -> %s", c.Detached, c.Bridge)))
	case c.Elsewhere.Link != "":
		q.misplaced(asks, e, c)
	case c.Of.Link != "":
		q.stop(fmt.Sprintf("%s, where the cable of %s ends, is a port of %s, and not of %s", c.Detached, c.Of.Node, c.Other, c.Bridge),
			q.advise("attach it there", fmt.Sprintf("attach %s -> %s", c.Detached, c.Bridge)))
	case q.tooWide(e, owner) || q.onLink(asks, e, owner):
	default:
		q.stop(fmt.Sprintf("%s, but %s, which has it, is not connected there", asks, owner.Node),
			"the two share a subnet, but no cable or bridge joins them: show topology")
	}
}

// misplaced explains an owner that another interface of the node leads to: the address by
// which the node asks may be that one's.
func (q *inquiry) misplaced(asks string, e path.NoNeighbour, c path.Apart) {
	fix := "compare: show routes " + e.At.Node
	if at, err := q.snap.Link(e.At.Node, e.At.Link); err == nil {
		for _, a := range at.Addrs {
			if a.Contains(e.Addr) {
				asks += fmt.Sprintf(", by its address %s", a)
				fix = cmp.Or(q.advise("give the address to that interface", fmt.Sprintf("del addr %s %s", e.At, a), fmt.Sprintf("addr %s %s", c.Elsewhere, a)), fix)
				break
			}
		}
	}
	q.stop(fmt.Sprintf("%s, but %s, which has it, is connected to %s", asks, e.Owners[0].Node, c.Elsewhere), fix)
}

func (q *inquiry) mute(asks string, c path.Mute) {
	if c.From.IsValid() {
		other := "has no route back to " + c.From.String()
		if c.Back != "" {
			other = fmt.Sprintf("reaches %s by %s", c.From, c.Back)
		}
		q.stop(fmt.Sprintf("%s, but %s does not answer at %s, for it %s: %s is 1", asks, c.Owner.Node, c.Owner, other, c.Key),
			q.advise("let it answer", fmt.Sprintf("sysctl %s %s=0", c.Owner.Node, c.Key)))
		return
	}
	if c.Key == "" {
		q.stop(fmt.Sprintf("%s, but ARP is off on %s", asks, c.Owner),
			q.advise("turn it on", fmt.Sprintf("option %s arp on", c.Owner)))
		return
	}
	q.stop(fmt.Sprintf("%s, but %s ignores questions for addresses that are not on %s: %s", asks, c.Owner.Node, c.Owner.Link, c.Key),
		q.advise("let it answer", fmt.Sprintf("sysctl %s %s=0", c.Owner.Node, c.Key)))
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
	case path.Blocking:
		why := fmt.Sprintf("%s, a port of %s, does not forward: its state is %s", o.Port, o.Bridge, o.State)
		if o.STP {
			why += " (STP is on; a port forwards after twice the forward delay)"
		}
		q.stop(why, "")
	case path.Standby:
		q.standby(o)
	case path.Isolated:
		q.stop(fmt.Sprintf("%s and %s are isolated ports of %s, which passes no frames between such ports", o.A, o.B, o.Bridge),
			q.advise("let one take part", fmt.Sprintf("option %s isolated off", o.A)))
	case path.Unflooded:
		q.unflooded(e, o)
	case path.Private:
		if o.Mode == "source" {
			q.stop(fmt.Sprintf("%s is a macvlan in mode source, which takes frames only from hardware addresses of its list", o.A),
				fmt.Sprintf("give it another mode: exec %s ip link set dev %s type macvlan mode bridge", o.A.Node, o.A.Link))
			return
		}
		q.stop(fmt.Sprintf("%s and %s share a lower device in mode %s, in which they exchange no frames with each other", o.A, o.B, o.Mode),
			"give both mode bridge")
	case path.Buried:
		q.buried(o)
	case path.Unreplicated:
		q.stop(fmt.Sprintf("%s has no entry in its forwarding database (fdb) for broadcasts and unknown hardware addresses, so that they go to no remote end", o.Tunnel),
			fmt.Sprintf("add one: fdb %s all dst ADDRESS", o.Tunnel))
	case path.NoNative, path.NoMember, path.Tagged, path.Untagged:
		q.otherVLAN(o)
	case path.Unlike:
		if o.A.Kind == plan.WireGuard {
			q.unknownPeer(o.A, o.B)
			return
		}
		q.stop(fmt.Sprintf("%s and %s do not meet: %s, %s", o.A.Ref(), o.B.Ref(), o.A.Details(o.A.Node), o.B.Details(o.B.Node)), sameEnds(o.A))
	case path.NoEnd:
		q.noEnd(o)
	default:
		q.wireguard(by)
	}
}

// unflooded says that a question for an address does not leave by a port.
func (q *inquiry) unflooded(e path.NoNeighbour, o path.Unflooded) {
	if o.Multicast {
		q.stop(fmt.Sprintf("%s, a port of %s, gets no multicasts from it, so that no neighbor solicitation passes (mcast-flood off)", o.Port, o.Bridge),
			q.advise("let them pass", fmt.Sprintf("option %s mcast-flood on", o.Port)))
		return
	}
	q.stop(fmt.Sprintf("%s, a port of %s, gets no broadcasts from it, so that no %s request passes (bcast-flood off)", o.Port, o.Bridge, asksBy(e)),
		q.advise("let them pass", fmt.Sprintf("option %s bcast-flood on", o.Port)))
}

// asksBy is the protocol of a question that is not answered: without an address that is
// asked for, it is DHCP.
func asksBy(e path.NoNeighbour) string {
	if e.Addr.IsValid() {
		return "ARP"
	}
	return "DHCP"
}

// buried says why the packets of a tunnel do not arrive.
func (q *inquiry) buried(o path.Buried) {
	sub := *q
	sub.why, sub.fix, sub.table = "", "", nil
	sub.say(o.Fate, false)
	q.stop(fmt.Sprintf("%s sends its %s, which do not arrive: %s", o.Tunnel.Ref(), carriers(o.Tunnel, o.Remote), sub.why), "")
}

// inAny reports whether an address is in one of an interface's subnets.
func inAny(l plan.Link, a netip.Prefix) bool {
	return slices.ContainsFunc(l.Addrs, func(own netip.Prefix) bool { return own.Contains(a.Addr()) })
}
