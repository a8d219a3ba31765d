package why

import (
	"fmt"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// wireguard names what keeps packets from the other end of a wireguard.
func (q *inquiry) wireguard(by path.Obstacle) {
	switch o := by.(type) {
	case path.NoPeer:
		q.stop(fmt.Sprintf("no peer of %s has %s among its allowed IPs", o.Tunnel.Ref(), o.Dst),
			fmt.Sprintf("let one have it: wireguard %s peer B:IFACE allowed-ips <… %s/%d>", o.Tunnel.Ref(), o.Dst, o.Dst.BitLen()))
	case path.NoWGEnd:
		q.stop(fmt.Sprintf("no wireguard of the lab has the key of a peer of %s, %s", o.Tunnel.Ref(), o.Peer.Key), "")
	case path.NotAllowed:
		q.stop(fmt.Sprintf("%s drops the packet: %s is not among the allowed IPs of its peer %s", o.Tunnel.Ref(), o.Src, o.From.Ref()),
			fmt.Sprintf("let that send from it: wireguard %s peer %s allowed-ips <… %s/%d>", o.Tunnel.Ref(), o.From.Ref(), o.Src, o.Src.BitLen()))
	case path.NoEndpoint:
		q.stop(fmt.Sprintf("%s does not know where %s is, and waits for packets from it", o.Tunnel.Ref(), o.Peer.Ref()),
			fmt.Sprintf("let that send first: wireguard %s peer %s keepalive 25, or give its endpoint: wireguard %[2]s peer %[1]s endpoint ADDR", o.Peer.Ref(), o.Tunnel.Ref()))
	case path.OtherEnd:
		q.stop(fmt.Sprintf("%s sends to %s, which is port %d of %s, and its peer %s is at port %d of %s", o.Tunnel.Ref(), o.Endpoint, o.Port, o.Node, o.Peer.Ref(), o.Peer.WG.Port, o.Peer.Lower.Node),
			fmt.Sprintf("correct the endpoint: wireguard %s peer %s endpoint %s:%d, or publish the port", o.Tunnel.Ref(), o.Peer.Ref(), o.Peer.Lower.Node, o.Peer.WG.Port))
	}
}

// unknownPeer reports that one end of a wireguard does not know the other.
func (q *inquiry) unknownPeer(a, b plan.Link) {
	q.stop(fmt.Sprintf("%s is no peer of %s, which drops what comes from it", a.Ref(), b.Ref()),
		fmt.Sprintf("let it know that: wireguard %s peer %s", b.Ref(), a.Ref()))
}
