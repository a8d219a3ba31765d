package path

import (
	"net/netip"

	"nsl/runtime/plan"
)

// Ports of DHCP, and the size of its shortest messages as packets (RFC 2131).
const dhcpServer, dhcpClient, dhcpSize = 67, 68, 328

// Lend follows a request for an address from an interface to one at which a DHCP server
// listens, and the offer: both are for everybody on the segment (RFC 2131, section 4.1). The
// client has a packet socket, which IP's filters do not see, and so has the server for what
// it sends. End is what stops one of the two, nil for nothing; back says that it is the
// offer.
func Lend(v plan.View, client, server plan.Ref) (end End, back bool) {
	j := newJourney(v)
	p := Packet{Src: netip.IPv4Unspecified(), Dst: broadcast4(), Proto: "udp", SrcPort: dhcpClient, DstPort: dhcpServer, TTL: defaultTTL, Size: dhcpSize}
	asks := frame{packet: p, what: "DHCP request", everybody: true}
	if end := j.shout(client, server, asks); end != nil {
		return end, false
	}
	for _, name := range []string{"prerouting", "input"} {
		if end := j.atFrame(server.Node, hook{family: "ip", name: name, in: j.link(server.Node, server.Link)}, asks); end != nil {
			return end, false
		}
	}
	p.SrcPort, p.DstPort = p.DstPort, p.SrcPort
	return j.shout(server, client, frame{packet: p, what: "DHCP offer", everybody: true}), true
}

func broadcast4() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

// shout takes a frame for everybody on a segment from one interface to another.
func (j *journey) shout(from, to plan.Ref, f frame) End {
	way := j.between(from, to)
	if way == nil {
		if by, same := j.obstacle(from, to); same && by != nil {
			return NoNeighbour{At: from, Owners: []plan.Ref{to}, Cause: Blocked{by}}
		}
		return nil
	}
	by := j.unreplicated(way)
	if by == nil {
		by = j.unflooded(way, false)
	}
	if by != nil {
		return NoNeighbour{At: from, Owners: []plan.Ref{to}, Cause: Blocked{by}}
	}
	return j.carry(way, f)
}
