package probe

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"nsl/runtime/rtnl"
)

// giveUp ends the address resolutions that flights without a reply have waited
// for. The kernel repeats one only once a second (net.ipv4.neigh.*.retrans_time_ms),
// and what is sent meanwhile waits for that: whoever asks again, after a cable
// was fixed, would wait up to a second for a neighbour that is there. A failed
// entry is asked for at once (net/core/neighbour.c, __neigh_event_send), and it
// still shows that a request got no answer.
//
// It does what it can: an entry that stays costs time, no answer.
func (t *neighbours) giveUp(flights []*flight) {
	hopeless := map[string][]*flight{}
	for _, f := range flights {
		if f.result().Received == 0 {
			hopeless[f.Node] = append(hopeless[f.Node], f)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(hopeless) == 0 || t.open() != nil {
		return
	}
	for _, c := range t.conns {
		c.giveUp(hopeless[c.node])
	}
}

func (c *rtnetlink) giveUp(flights []*flight) {
	if len(flights) == 0 {
		return
	}
	unresolved := c.unresolved()
	if len(unresolved) == 0 {
		return
	}
	for _, f := range flights {
		hop := c.nextHop(f)
		for _, entry := range unresolved[hop] {
			_, _, _ = c.Exchange(unix.RTM_NEWNEIGH, unix.NLM_F_REPLACE|unix.NLM_F_ACK, 0, entry)
		}
		delete(unresolved, hop)
	}
}

// unresolved are the bodies of the messages that let the node's entries fail
// whose resolution is under way, by their address.
func (c *rtnetlink) unresolved() map[netip.Addr][][]byte {
	entries := map[netip.Addr][][]byte{}
	// What a broken dump has shown is as good.
	bodies, _ := c.dump(unix.RTM_GETNEIGH, unix.RTM_NEWNEIGH, unix.SizeofNdMsg)
	for _, m := range bodies {
		const stateAt = 8
		dst := rtnl.Attribute(m, unix.SizeofNdMsg, unix.NDA_DST)
		addr, ok := netip.AddrFromSlice(dst)
		if !ok || binary.NativeEndian.Uint16(m[stateAt:])&unix.NUD_INCOMPLETE == 0 {
			continue
		}
		body := rtnl.WithAttribute(m[:unix.SizeofNdMsg], unix.NDA_DST, dst)
		binary.NativeEndian.PutUint16(body[stateAt:], unix.NUD_FAILED)
		entries[addr] = append(entries[addr], body)
	}
	return entries
}

// nextHop is the neighbour a flight's packets go to (rtnetlink(7), RTM_GETROUTE):
// a gateway, or the address itself.
func (c *rtnetlink) nextHop(f *flight) netip.Addr {
	family := byte(unix.AF_INET)
	if f.To.Is6() {
		family = unix.AF_INET6
	}
	header := make([]byte, unix.SizeofRtMsg)
	header[0], header[1] = family, byte(f.To.BitLen())
	body := rtnl.WithAttribute(header, unix.RTA_DST, f.To.AsSlice())
	if f.ifindex != 0 {
		body = rtnl.WithAttribute(body, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, uint32(f.ifindex)))
	}
	answers, _, _ := c.Exchange(unix.RTM_GETROUTE, 0, unix.RTM_NEWROUTE, body)
	for _, m := range answers {
		if gateway, ok := netip.AddrFromSlice(rtnl.Attribute(m, unix.SizeofRtMsg, unix.RTA_GATEWAY)); ok {
			return gateway
		}
	}
	return f.To
}
