package plan

import "net/netip"

// IPsecPolicy is what a node does with packets by their addresses (ip-xfrm(8)).
type IPsecPolicy struct {
	// Dir is "in", "out" or "fwd".
	Dir string
	// Src and Dst are the packets that it is about, and Proto the number of their
	// protocol, 0 for any. Ports: it is also about ports, which are not kept.
	Src, Dst netip.Prefix
	Proto    uint8
	Ports    bool
	// Priority orders the policies of a direction, lowest first.
	Priority uint32
	// Blocks: it drops them. Protects: they have to be protected, and Keyed, that the
	// node has a state with the keys for it.
	Blocks, Protects, Keyed bool
}

// Matches reports whether it is about a packet, whose protocol has that number.
func (p IPsecPolicy) Matches(src, dst netip.Addr, proto uint8) bool {
	return p.Src.Contains(src) && p.Dst.Contains(dst) && (p.Proto == 0 || p.Proto == proto)
}
