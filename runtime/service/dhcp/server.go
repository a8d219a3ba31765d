package dhcp

import (
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"nsl/runtime/plan"
)

// Server lends the addresses of a pool. One goroutine may use it.
type Server struct {
	pool   plan.DHCP
	leases *leases
}

// NewServer makes a server whose leases are all free. The clock is time.Now
// when now is nil.
func NewServer(pool plan.DHCP, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	return &Server{pool, newLeases(now)}
}

// Sockets are what a server speaks through.
type Sockets struct {
	// UDP hears port 67 of the interface, and answers those who have an address.
	UDP net.PacketConn
	// Broadcast reaches those who have none yet, as frames to everybody. Its
	// packets have whole checksums: those of UDP would be left to the hardware,
	// which a veth cable has none of, and clients that read raw packets would
	// find them wrong.
	Broadcast net.PacketConn
	// Relays sends to relays, by the routes of the node.
	Relays net.PacketConn
}

// largest is the largest packet of DHCP that is read (RFC 2131: 576 by
// default; a client may ask for more).
const largest = 4096

// Serve answers until UDP is closed, and returns the error of its last read.
func (s *Server) Serve(c Sockets) error {
	buf := make([]byte, largest)
	for {
		n, _, err := c.UDP.ReadFrom(buf)
		if err != nil {
			return err
		}
		m, err := dhcpv4.FromBytes(buf[:n])
		if err != nil {
			continue
		}
		if r := s.Answer(m); r != nil {
			send(c, m, r) // one that is lost is asked for again
		}
	}
}

// send follows RFC 2131, section 4.1: a relay and a client that has its address
// are spoken to directly, all others by broadcast.
func send(c Sockets, m, r *dhcpv4.DHCPv4) {
	conn, to := c.Broadcast, &net.UDPAddr{IP: net.IPv4bcast, Port: dhcpv4.ClientPort}
	switch {
	case !m.GatewayIPAddr.IsUnspecified():
		conn, to = c.Relays, &net.UDPAddr{IP: m.GatewayIPAddr, Port: dhcpv4.ServerPort}
	case r.MessageType() == dhcpv4.MessageTypeNak:
	case !m.ClientIPAddr.IsUnspecified():
		conn, to = c.UDP, &net.UDPAddr{IP: m.ClientIPAddr, Port: dhcpv4.ClientPort}
	}
	_, _ = conn.WriteTo(r.ToBytes(), to)
}

// Answer is the answer to one message, or nil when it gets none.
func (s *Server) Answer(m *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	if m.OpCode != dhcpv4.OpcodeBootRequest {
		return nil
	}
	client := identity(m)
	pool, ok := s.pool.For(s.via(m))
	if !ok {
		return nil // a relay of a subnet that is not served
	}
	switch m.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		if a := s.leases.offer(pool, clientOf(m), addr(m.RequestedIPAddress())); a.IsValid() {
			return s.reply(pool, m, dhcpv4.MessageTypeOffer, a)
		}
	case dhcpv4.MessageTypeRequest:
		return s.request(pool, m)
	case dhcpv4.MessageTypeInform:
		return s.reply(pool, m, dhcpv4.MessageTypeAck, netip.Addr{})
	case dhcpv4.MessageTypeRelease:
		if s.leases.holds(client, addr(m.ClientIPAddr)) {
			s.leases.release(client)
		}
	case dhcpv4.MessageTypeDecline:
		if s.leases.holds(client, addr(m.RequestedIPAddress())) {
			s.leases.decline(client, addr(m.RequestedIPAddress()))
		}
	}
	return nil
}

// via is the relay that a message came by, or the zero Addr. A client that goes on with its
// address speaks with the server directly (RFC 2131, section 4.3.6).
func (s *Server) via(m *dhcpv4.DHCPv4) netip.Addr {
	own, ok := s.leases.of[identity(m)]
	if relay := addr(m.GatewayIPAddr); relay.IsValid() || !ok || !addr(m.ClientIPAddr).IsValid() {
		return relay
	}
	return own.by
}

// request answers a client that takes an offer, comes back, or wants to go on
// (RFC 2131, section 4.3.2).
func (s *Server) request(pool plan.DHCP, m *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	wanted := addr(m.RequestedIPAddress())
	if server := addr(m.ServerIdentifier()); server.IsValid() && server != s.pool.Server.Addr() {
		s.leases.release(identity(m)) // it took another's offer
		return nil
	}
	if !wanted.IsValid() {
		wanted = addr(m.ClientIPAddr)
	}
	if s.leases.take(pool, clientOf(m), wanted) {
		return s.reply(pool, m, dhcpv4.MessageTypeAck, wanted)
	}
	r, err := dhcpv4.NewReplyFromRequest(m, dhcpv4.WithMessageType(dhcpv4.MessageTypeNak),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(s.pool.Server.Addr().AsSlice())),
		dhcpv4.WithOption(dhcpv4.OptMessage(wanted.String()+" cannot be lent")))
	if err != nil {
		return nil
	}
	return r
}

// reply is an answer with all that a client gets.
func (s *Server) reply(p plan.DHCP, m *dhcpv4.DHCPv4, typ dhcpv4.MessageType, a netip.Addr) *dhcpv4.DHCPv4 {
	options := []dhcpv4.Modifier{
		dhcpv4.WithMessageType(typ),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(s.pool.Server.Addr().AsSlice())),
		dhcpv4.WithOption(dhcpv4.OptSubnetMask(net.CIDRMask(p.Server.Bits(), 32))),
		// A server returns the client's identifier (RFC 6842).
		dhcpv4.WithOptionCopied(m, dhcpv4.OptionClientIdentifier),
	}
	if a.IsValid() {
		options = append(options, dhcpv4.WithYourIP(a.AsSlice()),
			dhcpv4.WithOption(dhcpv4.OptIPAddressLeaseTime(plan.LeaseTime)))
	}
	if p.Router.IsValid() {
		options = append(options, dhcpv4.WithOption(dhcpv4.OptRouter(p.Router.AsSlice())))
	}
	if len(p.Resolvers) > 0 {
		var list []net.IP
		for _, r := range p.Resolvers {
			list = append(list, r.AsSlice())
		}
		options = append(options, dhcpv4.WithOption(dhcpv4.OptDNS(list...)))
	}
	if p.Domain != "" {
		options = append(options, dhcpv4.WithOption(dhcpv4.OptDomainName(p.Domain)))
	}
	r, err := dhcpv4.NewReplyFromRequest(m, options...)
	if err != nil {
		return nil
	}
	return r
}

// identity is what a client is known by: the identifier that it sends, else its
// MAC address (RFC 2131, section 4.2).
func identity(m *dhcpv4.DHCPv4) string {
	if id := m.Options.Get(dhcpv4.OptionClientIdentifier); len(id) > 0 {
		return "id " + string(id)
	}
	return "mac " + m.ClientHWAddr.String()
}

// client is who asks: what it is known by, and its hardware address.
type client struct{ id, mac string }

func clientOf(m *dhcpv4.DHCPv4) client { return client{identity(m), m.ClientHWAddr.String()} }

// addr is an IPv4 address; the zero Addr for none and for 0.0.0.0.
func addr(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip.To4())
	if !a.IsValid() || a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}
