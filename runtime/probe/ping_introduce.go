package probe

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"nsl/runtime/rtnl"
)

// port is where an address of a node is reached: its interface and subnet.
type port struct {
	node  string
	index int
	local netip.Addr
	net   netip.Prefix
}

// introduction is who has to know whom in a wave.
//
// What a mesh costs are its address resolutions: each is a broadcast, and a bridge
// of n ports makes n copies of it, n³/2 for all pairs. But a broadcast also tells
// who asks, and every node that has an entry for the asker, in whatever state,
// takes its address from it (RFC 826, "Packet Reception"; net/ipv4/arp.c,
// arp_process). So each node is given an entry for each neighbour that it is to
// talk to, in the state of a resolution that failed; then each asks one neighbour
// for which it was given none, and by that broadcast all the others know it.
//
// Addresses come from the wire alone. Where a broadcast does not get through
// nothing is lost but time: for a failed entry the kernel starts a resolution
// with the next packet (net/core/neighbour.c, __neigh_event_send), as for one that
// is not there.
type introduction struct {
	// says has for each port the one that it asks by broadcast. Two do not ask each
	// other: whoever is asked knows the asker, and need not ask.
	says  map[*port]*port
	knows map[[2]*port]bool
}

// introduce prepares a wave, and puts the flights first by which nodes make
// themselves known. IPv6 is left as it is: a solicitation goes to the group of
// the one that it asks for, and tells others nothing (RFC 4861 section 7.2.3).
func (t *neighbours) introduce(pairs []*pair) {
	t.mu.Lock()
	defer t.mu.Unlock()
	in := introduction{says: map[*port]*port{}, knows: map[[2]*port]bool{}}
	var first, rest []*pair
	for _, p := range pairs {
		if in.speak(p, t) {
			first = append(first, p)
		} else {
			rest = append(rest, p)
		}
	}
	copy(pairs[copy(pairs, first):], rest)
	in.enter(t.conns)
}

// speak finds the flight of a pair by which its node makes itself known, if it
// has not yet, and makes it the lead.
func (in introduction) speak(p *pair, t *neighbours) (found bool) {
	all := append([]*flight{p.lead}, p.follow...)
	for i, f := range all {
		from, to := t.ends(f)
		if from == nil {
			continue
		}
		in.knows[[2]*port{from, to}], in.knows[[2]*port{to, from}] = true, true
		if in.says[from] == nil && in.says[to] != from {
			in.says[from], found = to, true
			all[0], all[i] = f, all[0]
		}
	}
	p.lead, p.follow = all[0], all[1:]
	return found
}

// ends are the ports of a flight between two asking nodes on one subnet of IPv4,
// else nil.
func (t *neighbours) ends(f *flight) (from, to *port) {
	to = t.owners[f.To]
	if to == nil || !f.To.Is4() || to.node == f.Node {
		return nil, nil
	}
	for _, from := range t.ports[f.Node] {
		direct := from.net.Contains(f.To) && to.net.Contains(from.local)
		if direct && (f.ifindex == 0 || f.ifindex == from.index) {
			return from, to
		}
	}
	return nil, nil
}

// enter writes the entries. One that is there already stays.
func (in introduction) enter(conns []*rtnetlink) {
	wanted := map[string][]byte{}
	for k := range in.knows {
		if at, of := k[0], k[1]; in.says[at] != of {
			wanted[at.node] = append(wanted[at.node], failedEntry(at.index, of.local)...)
		}
	}
	for _, c := range conns {
		if orders := wanted[c.node]; orders != nil {
			_ = c.Send(orders)
		}
	}
}

// failedEntry is the message for a neighbour whose resolution has failed.
func failedEntry(index int, addr netip.Addr) []byte {
	body := make([]byte, unix.SizeofNdMsg)
	body[0] = unix.AF_INET
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	binary.NativeEndian.PutUint16(body[8:], unix.NUD_FAILED)
	return rtnl.Order(unix.RTM_NEWNEIGH, unix.NLM_F_CREATE|unix.NLM_F_EXCL,
		rtnl.WithAttribute(body, unix.NDA_DST, addr.AsSlice()))
}
