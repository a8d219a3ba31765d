package service

import (
	"errors"
	"net"
	"net/netip"

	"nsl/runtime/plan"
	"nsl/runtime/service/dhcp"
)

// startRelay starts a relay on an interface that has its address already.
func startRelay(n Node, s plan.DHCPRelay) (Handle, error) {
	var clients, servers, everybody net.PacketConn
	err := n.Inside(func() (err error) {
		if clients, err = dhcpSocket(s.Link, netip.IPv4Unspecified(), true); err != nil {
			return err
		}
		if servers, err = dhcpSocket("", s.From, true); err != nil {
			return errors.Join(err, clients.Close())
		}
		if everybody, err = dhcpBroadcast(s.Link, s.From); err != nil {
			return errors.Join(err, clients.Close(), servers.Close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	relay := dhcp.Relay{From: s.From, Servers: s.Servers, UDP: servers, Broadcast: everybody}
	return run(func() error {
		other := make(chan error)
		go func() { other <- relay.Serve(servers) }()
		err := relay.Serve(clients)
		_ = servers.Close() // so that the other one ends, too
		return errors.Join(err, <-other)
	}, clients, servers, everybody), nil
}
