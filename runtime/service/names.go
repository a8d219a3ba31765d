package service

import (
	"context"
	"net"
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/service/dns"
)

// startDNS starts a name server.
func startDNS(n Node, s plan.DNS) (Handle, error) {
	zone, err := dns.NewZone(s.Origins, s.Records)
	if err != nil {
		return nil, err
	}
	c := dns.Config{Zone: zone, Domain: s.Domain, Dial: dialer(n)}
	if !s.Bare {
		c.Hosts = func() []plan.HostLine {
			lines, err := n.Hosts()
			if err != nil {
				return nil // the node is about to end
			}
			return lines
		}
	}
	for _, a := range s.Forward {
		c.Forward = append(c.Forward, netip.AddrPortFrom(a, plan.DNSPort))
	}
	udp, err := listenUDP(n, netip.Addr{}, plan.DNSPort)
	if err != nil {
		return nil, err
	}
	tcp, err := listen(n, netip.Addr{}, plan.DNSPort)
	if err != nil {
		_ = udp.Close()
		return nil, err
	}
	server := dns.NewServer(c)
	server.Serve(udp, tcp)
	return run(server.Wait, server), nil
}

// dialer opens connections inside the node.
func dialer(n Node) dns.Dialer {
	return func(ctx context.Context, network string, to netip.AddrPort) (c net.Conn, err error) {
		// An address of one family is dialed by the calling goroutine itself.
		inside := n.Inside(func() error {
			c, err = new(net.Dialer).DialContext(ctx, network, to.String())
			return err
		})
		return c, inside
	}
}
