package plan

import "net/netip"

// DHCPRelay passes the messages of the DHCP clients on one interface on to servers
// elsewhere, and their answers back (RFC 2131, RFC 1542).
type DHCPRelay struct {
	Link string
	// From is its own address on the interface, by which servers know the subnet (giaddr).
	From    netip.Addr
	Servers []netip.Addr
}

func (DHCPRelay) service() {}

// Kind is dhcp-relay.
func (s DHCPRelay) Kind() string { return "dhcp-relay" }

// String says to whom it passes on.
func (s DHCPRelay) String() string {
	return "DHCP relay on " + s.Link + ", to " + join(s.Servers, ", ")
}

// Listens is empty, as that of [DHCP] is.
func (s DHCPRelay) Listens() []Listen { return nil }

func (s DHCPRelay) begin(o Start) []Command {
	words := []string{"dnsmasq", "--keep-in-foreground", "--port=0"}
	for _, a := range s.Servers {
		words = append(words, "--dhcp-relay="+s.From.String()+","+a.String())
	}
	return note("nsl's own DHCP relay; much the same: %s &", Inside(o.Node, words...))
}

func (s DHCPRelay) end(o Stop) []Command { return note("the DHCP relay of %s ends", o.Node) }

// dhcpLink is the interface of a DHCP server or relay.
func dhcpLink(s Service) (link string, ok bool) {
	switch s := s.(type) {
	case DHCP:
		return s.Link, true
	case DHCPRelay:
		return s.Link, true
	default:
		return "", false
	}
}
