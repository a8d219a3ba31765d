package dhcp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"

	"nsl/runtime/plan"
)

// firstWait is how long the first answer may take before the question is sent
// again; each time takes twice as long (RFC 2131, section 4.1, has 4 s, for
// networks that are larger than one machine).
const firstWait = 200 * time.Millisecond

// Client says who asks.
type Client struct {
	// Conn sends to all of a segment and hears what comes to port 68, as
	// nclient4.NewRawUDPConn has it. It is closed in the end.
	Conn net.PacketConn
	MAC  net.HardwareAddr
	// Name is the host's own, which it tells the server.
	Name string
}

// Acquire asks for an address until ctx ends; wish is the one that it would
// like, or the zero Addr. The error is plan.ErrNoLease when no server has answered
// by then, or a [*plan.LeaseRefused].
func (c Client) Acquire(ctx context.Context, wish netip.Addr) (plan.Leased, error) {
	client, err := nclient4.NewWithConn(c.Conn, c.MAC, nclient4.WithTimeout(firstWait), nclient4.WithRetry(math.MaxInt))
	if err != nil {
		return plan.Leased{}, errors.Join(err, c.Conn.Close())
	}
	defer func() { _ = client.Close() }()
	got, err := request(ctx, client, c.Name, wish)
	var nak *nclient4.ErrNak
	switch {
	case errors.As(err, &nak):
		return plan.Leased{}, &plan.LeaseRefused{By: addr(nak.Nak.ServerIdentifier()), Why: nak.Nak.Message()}
	case errors.Is(err, context.DeadlineExceeded):
		return plan.Leased{}, plan.ErrNoLease
	case err != nil:
		return plan.Leased{}, err
	}
	return leased(got.ACK)
}

// request is the exchange of four messages (RFC 2131, section 3.1). A wish
// is in the first only: in the third it would hide what was offered.
func request(ctx context.Context, client *nclient4.Client, name string, wish netip.Addr) (*nclient4.Lease, error) {
	always := []dhcpv4.Modifier{dhcpv4.WithOption(dhcpv4.OptHostName(name)), dhcpv4.WithBroadcast(true)}
	first := always
	if wish.IsValid() {
		first = append(slices.Clone(always), dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(wish.AsSlice())))
	}
	offer, err := client.DiscoverOffer(ctx, first...)
	if err != nil {
		return nil, err
	}
	return client.RequestFromOffer(ctx, offer, always...)
}

// Release is the message that gives an address back to the server that lent it.
func Release(mac net.HardwareAddr, l plan.Leased) ([]byte, error) {
	m, err := dhcpv4.New(dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease), dhcpv4.WithHwAddr(mac),
		dhcpv4.WithClientIP(l.Addr.Addr().AsSlice()), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(l.Server.AsSlice())))
	if err != nil {
		return nil, err
	}
	return m.ToBytes(), nil
}

// leased is what an acknowledgement lends.
func leased(m *dhcpv4.DHCPv4) (plan.Leased, error) {
	mask := m.SubnetMask()
	bits, size := mask.Size()
	a := addr(m.YourIPAddr)
	if !usable(a) || size != 32 {
		return plan.Leased{}, fmt.Errorf("the server %s lends %s/%s, which is no address", m.ServerIdentifier(), m.YourIPAddr, mask)
	}
	l := plan.Leased{Addr: netip.PrefixFrom(a, bits), Server: addr(m.ServerIdentifier()), Domain: domain(m.DomainName())}
	for _, ip := range m.Router() {
		if r := addr(ip); usable(r) && !l.Router.IsValid() {
			l.Router = r
		}
	}
	for _, ip := range m.DNS() {
		if r := addr(ip); usable(r) && len(l.Resolvers) < maxResolvers {
			l.Resolvers = append(l.Resolvers, r)
		}
	}
	return l, nil
}

// maxResolvers is how many name servers are used: resolv.conf(5) has room for three.
const maxResolvers = 3

// usable reports whether a host may have an address: not one of a group, of the host itself,
// or of those that no host has (RFC 1122, section 3.2.1.3).
func usable(a netip.Addr) bool {
	return a.IsValid() && a.As4()[0] != 0 && a.As4()[0] < 224 && !a.IsLoopback()
}

// domain is a domain that a server sent, or "" when it is none: it becomes a line of
// resolv.conf(5), and a server may send what would be several.
func domain(name string) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	if len(name) > 253 || strings.ContainsFunc(name, odd) {
		return ""
	}
	return name
}
