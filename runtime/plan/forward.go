package plan

import "net/netip"

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
