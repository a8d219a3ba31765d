package plan

import (
	"net"
	"net/netip"
	"strings"
)

// DNS is a name server on port 53, UDP and TCP (RFC 1035).
type DNS struct {
	// Domain is the domain under which it knows the nodes of the lab: blue.lab;
	// "" for none.
	Domain string
	// Origins are the domains that it alone knows: what has no record there does
	// not exist. "." is everything.
	Origins []string
	// Records are in the form of a master file: "www.lab. 60 IN A 10.0.0.2".
	Records []string
	// Forward are the servers that are asked for the rest; with none, the rest is
	// refused.
	Forward []netip.Addr
	// Bare says that the names of the node's own hosts file are not given out.
	Bare bool
}

// DNSPort is where name servers listen (RFC 1035, section 4.2).
const DNSPort = 53

func (DNS) service()  {}
func (DHCP) service() {}

// Kind is dns.
func (s DNS) Kind() string { return "dns" }

// Kind is dhcp.
func (s DHCP) Kind() string { return "dhcp" }

// String says what it knows.
func (s DNS) String() string {
	text := "DNS server"
	if s.Domain != "" {
		text += " for " + s.Domain
	}
	if len(s.Forward) > 0 {
		text += ", asks " + join(s.Forward, ", ")
	}
	return text
}

// String says what it lends.
func (s DHCP) String() string {
	text := "DHCP server on " + s.Link
	if s.First.IsValid() {
		text += ", lends " + s.First.String() + " to " + s.Last.String()
	}
	for _, n := range s.Relayed {
		text += ", lends " + n.First.String() + " to " + n.Last.String() + " by relays"
	}
	return text
}

// Listens is port 53.
func (s DNS) Listens() []Listen {
	return []Listen{{Proto: "udp", Port: DNSPort}, {Proto: "tcp", Port: DNSPort}}
}

// DHCPPort is where DHCP servers listen (RFC 2131, section 4.1).
const DHCPPort = 67

// Listens is empty: the socket is one of a single interface, and another
// interface of the node may have its own.
func (s DHCP) Listens() []Listen { return nil }

func (s DNS) begin(o Start) []Command {
	words := []string{"dnsmasq", "--keep-in-foreground", "--no-resolv"}
	if s.Domain != "" {
		words = append(words, "--expand-hosts", "--domain="+s.Domain)
	}
	for _, f := range s.Forward {
		words = append(words, "--server="+f.String())
	}
	return note("nsl's own name server; much the same: %s &", Inside(o.Node, words...))
}

func (s DNS) end(o Stop) []Command { return note("the name server of %s ends", o.Node) }

func (s DHCP) begin(o Start) []Command {
	words := []string{"dnsmasq", "--keep-in-foreground", "--port=0", "--interface=" + s.Link}
	if s.First.IsValid() {
		words = append(words, "--dhcp-range="+s.First.String()+","+s.Last.String())
	}
	for _, n := range s.Relayed {
		words = append(words, "--dhcp-range="+n.First.String()+","+n.Last.String()+","+net.IP(net.CIDRMask(n.Net.Bits(), 32)).String())
	}
	for _, h := range s.Hosts {
		words = append(words, "--dhcp-host="+h.MAC+","+h.Addr.String())
	}
	if s.Router.IsValid() {
		words = append(words, "--dhcp-option=option:router,"+s.Router.String())
	}
	if len(s.Resolvers) > 0 {
		words = append(words, "--dhcp-option=option:dns-server,"+join(s.Resolvers, ","))
	}
	return note("nsl's own DHCP server; much the same: %s &", Inside(o.Node, words...))
}

func (s DHCP) end(o Stop) []Command { return note("the DHCP server of %s ends", o.Node) }

func join(addrs []netip.Addr, sep string) string {
	words := make([]string, len(addrs))
	for i, a := range addrs {
		words[i] = a.String()
	}
	return strings.Join(words, sep)
}
