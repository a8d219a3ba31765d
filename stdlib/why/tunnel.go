package why

import (
	"fmt"
	"net/netip"
	"strings"

	"nsl/runtime/path"
	"nsl/runtime/plan"
)

// carriers are the packets that a tunnel sends to a remote end.
func carriers(l plan.Link, to netip.Addr) string {
	switch k := plan.KindOf(l.Kind); {
	case l.Kind == plan.WireGuard:
		for _, p := range l.WG.Peers {
			if p.Endpoint.Addr() == to {
				return fmt.Sprintf("packets in UDP packets to %s port %d", to, p.Endpoint.Port())
			}
		}
		return "packets in UDP packets"
	case k.Bare:
		return fmt.Sprintf("packets in IPv4 packets of the protocol %s to %s", k.Proto, to)
	default:
		return fmt.Sprintf("frames in UDP packets to %s port %d", to, l.Port)
	}
}

// sameEnds is what two ends of a tunnel, or of a VLAN, need to meet.
func sameEnds(l plan.Link) string {
	switch kind := l.Kind; {
	case kind == plan.VLAN:
		return "give both the same id and the same protocol"
	case l.Remote.IsMulticast():
		return "give both the same id and port, and the same group"
	case plan.KindOf(kind).Bare:
		return "each end needs the address that the other sends from as its remote, and both the same key"
	case kind == plan.GENEVE:
		return "give both the same id and port, and each the address that the other sends from as its remote"
	}
	return "give both the same id and port"
}

// noEnd reports that the node at the remote end of a tunnel has none.
func (q *inquiry) noEnd(o path.NoEnd) {
	what := o.Tunnel.Kind + " " + o.Node + ":" + o.Tunnel.Name
	if o.Tunnel.Kind == plan.GENEVE {
		what += fmt.Sprintf(" id %d", o.Tunnel.ID)
	}
	words := []string{what, "remote", o.Src.String()}
	if o.Tunnel.Key != 0 {
		words = append(words, "key", fmt.Sprint(o.Tunnel.Key))
	}
	q.stop(fmt.Sprintf("%s has no %s for what %s sends to %s", o.Node, o.Tunnel.Kind, o.Tunnel.Ref(), o.Tunnel.Remote),
		"make its end of the tunnel: "+strings.Join(words, " "))
}
