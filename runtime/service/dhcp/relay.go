package dhcp

import (
	"net"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"nsl/runtime/plan"
)

// maxHops is how many relays a message may pass (RFC 1542, section 4.1.1).
const maxHops = 16

// Relay passes messages between clients and servers on (RFC 1542, section 4.1).
type Relay struct {
	// From is its own address on the clients' interface.
	From    netip.Addr
	Servers []netip.Addr
	// UDP sends to servers, and Broadcast to clients, as that of [Sockets] does.
	UDP, Broadcast net.PacketConn
}

// Serve passes on what it hears until the connection is closed, and returns the error of its
// last read.
func (r Relay) Serve(hears net.PacketConn) error {
	buf := make([]byte, largest)
	for {
		n, _, err := hears.ReadFrom(buf)
		if err != nil {
			return err
		}
		m, err := dhcpv4.FromBytes(buf[:n])
		switch {
		case err != nil:
		case m.OpCode == dhcpv4.OpcodeBootRequest:
			r.forth(m)
		default:
			r.back(m)
		}
	}
}

// forth passes a message of a client on; one that a relay before has marked keeps its mark.
func (r Relay) forth(m *dhcpv4.DHCPv4) {
	if m.HopCount++; m.HopCount > maxHops {
		return
	}
	if m.GatewayIPAddr.IsUnspecified() {
		m.GatewayIPAddr = r.From.AsSlice()
	}
	for _, s := range r.Servers {
		_, _ = r.UDP.WriteTo(m.ToBytes(), &net.UDPAddr{IP: s.AsSlice(), Port: plan.DHCPPort}) // one that is lost is sent again
	}
}

// back passes an answer on to the client that it is for.
func (r Relay) back(m *dhcpv4.DHCPv4) {
	if addr(m.GatewayIPAddr) != r.From {
		return
	}
	_, _ = r.Broadcast.WriteTo(m.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: dhcpv4.ClientPort})
}
