package dhcp

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"nsl/runtime/plan"
)

// lends is an acknowledgement of a server that may be anyone's.
func lends(t testing.TB, address, domain string, resolvers ...net.IP) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.New(dhcpv4.WithMessageType(dhcpv4.MessageTypeAck), dhcpv4.WithYourIP(net.ParseIP(address)),
		dhcpv4.WithNetmask(net.CIDRMask(24, 32)), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 1))),
		dhcpv4.WithOption(dhcpv4.OptDomainName(domain)), dhcpv4.WithOption(dhcpv4.OptDNS(resolvers...)),
		dhcpv4.WithOption(dhcpv4.OptRouter(net.IPv4(224, 0, 0, 1), net.IPv4(10, 0, 0, 1))))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAddressesThatNoHostHasAreNotTaken(t *testing.T) {
	for _, a := range []string{"224.0.0.1", "239.1.2.3", "255.255.255.255", "240.0.0.1", "127.0.0.1", "0.1.2.3", "0.0.0.0"} {
		if l, err := leased(lends(t, a, "lab")); err == nil {
			t.Errorf("%s: %+v", a, l)
		}
	}
	l, err := leased(lends(t, "10.0.0.9", "lab", net.IPv4(224, 0, 0, 2), net.IPv4(10, 0, 0, 2), net.IPv4(8, 8, 8, 8), net.IPv4(9, 9, 9, 9), net.IPv4(1, 1, 1, 1)))
	if err != nil || l.Router.String() != "10.0.0.1" || len(l.Resolvers) != 3 || l.Resolvers[0].String() != "10.0.0.2" {
		t.Errorf("%+v %v", l, err)
	}
}

// A domain becomes a line of resolv.conf.
func TestADomainAddsNoLines(t *testing.T) {
	for domain, want := range map[string]string{
		"lab": "lab", "corp.example.com.": "corp.example.com.", "a_b-c.D9": "a_b-c.D9",
		"lab\nnameserver 6.6.6.6": "", "lab x": "", "lab\x00": "", "\x1b[2J": "", strings.Repeat("x", 255): "",
	} {
		l, err := leased(lends(t, "10.0.0.9", domain))
		if err != nil || l.Domain != want {
			t.Errorf("%q: %q %v, want %q", domain, l.Domain, err, want)
		}
	}
}

// FuzzServer: whatever arrives at port 67, the answer is one that a client can read.
func FuzzServer(f *testing.F) {
	f.Add(message(f, 1, dhcpv4.MessageTypeDiscover, "wish=10.0.0.100").ToBytes())
	f.Add(message(f, 1, dhcpv4.MessageTypeRequest, "wish=10.0.0.100", "server=10.0.0.1").ToBytes())
	f.Add(message(f, 1, dhcpv4.MessageTypeDecline, "wish=10.0.0.100", "id=").ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		s := NewServer(pool("10.0.0.100", "10.0.0.103"), func() time.Time { return time.Unix(0, 0) })
		for range 3 {
			m, err := dhcpv4.FromBytes(packet)
			if err != nil {
				return
			}
			if r := s.Answer(m); r != nil {
				if _, err := dhcpv4.FromBytes(r.ToBytes()); err != nil {
					t.Fatalf("%v", err)
				}
			}
		}
	})
}

// FuzzLeased: whatever a server sends, what is taken of it makes three kinds of lines.
func FuzzLeased(f *testing.F) {
	f.Add(lends(f, "10.0.0.9", "lab", net.IPv4(8, 8, 8, 8)).ToBytes())
	f.Add(lends(f, "224.0.0.9", "lab\nnameserver 6.6.6.6").ToBytes())
	f.Fuzz(func(t *testing.T, packet []byte) {
		m, err := dhcpv4.FromBytes(packet)
		if err != nil {
			return
		}
		l, err := leased(m)
		if err != nil {
			return
		}
		if !l.Addr.IsValid() || l.Addr.Addr().IsMulticast() {
			t.Fatalf("%+v", l)
		}
		r := plan.Resolver{Servers: l.Resolvers}
		if l.Domain != "" {
			r.Search = []string{l.Domain}
		}
		if n := strings.Count(r.File(), "\n"); n > maxResolvers+1 {
			t.Fatalf("%d lines: %q", n, r.File())
		}
	})
}
